//! Lines of an access log of nginx or Apache, parsed by the format in which they were written.
//!
//! ```text
//! $remote_addr [$time_local] "$request" $status "$http_origin" $host
//! ```
//!
//! A field ends where the text after it begins. No message quotes the content of a line.

use std::borrow::Cow;

use memchr::memchr2;

use crate::log::bad_line::BadLine;
use crate::log::line::{ByteString, Header, LogLine, Route};
use crate::show::escape::Text;

/// Names of common formats.
const PRESETS: [(&str, &str); 3] = [
    ("combined", COMBINED),
    ("combined-origin", "\"$http_origin\""),
    (
        "combined-cors",
        "\"$http_origin\" \"$http_access_control_request_method\" \"$http_access_control_request_headers\" $host",
    ),
];

/// The format that nginx and Apache call `combined`; the other presets append fields to it.
const COMBINED: &str = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" \"$http_user_agent\"";

/// A field that a decision depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Request,
    Method,
    RequestUri,
    Uri,
    Host,
    HttpHost,
    Origin,
    RequestMethod,
    RequestHeaders,
    PrivateNetwork,
    /// None of these.
    Other,
}

impl Field {
    const NAMED: [(&str, Self); 10] = [
        ("request", Self::Request),
        ("request_method", Self::Method),
        ("request_uri", Self::RequestUri),
        ("uri", Self::Uri),
        ("host", Self::Host),
        ("http_host", Self::HttpHost),
        ("http_origin", Self::Origin),
        ("http_access_control_request_method", Self::RequestMethod),
        ("http_access_control_request_headers", Self::RequestHeaders),
        ("http_access_control_request_private_network", Self::PrivateNetwork),
    ];

    fn of(name: &str) -> Self {
        Self::NAMED.into_iter().find(|(known, _)| *known == name).map_or(Self::Other, |(_, field)| field)
    }

    /// The header whose value the field has.
    fn header(self) -> Option<&'static str> {
        match self {
            Self::Origin => Some("origin"),
            Self::RequestMethod => Some("access-control-request-method"),
            Self::RequestHeaders => Some("access-control-request-headers"),
            Self::PrivateNetwork => Some("access-control-request-private-network"),
            _ => None,
        }
    }
}

/// The format of the lines of a log.
#[derive(Debug)]
pub(crate) struct Fields {
    /// The text before the first field.
    before: String,
    // INVARIANT: not empty; no two fields are adjacent.
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    field: Field,
    name: String,
    /// The text after the field; empty only at the end of the line.
    after: String,
}

impl Fields {
    /// Parses a format, or the name of one. The error is a message.
    pub(crate) fn new(format: &str) -> Result<Self, String> {
        match PRESETS.into_iter().find(|(name, _)| *name == format) {
            Some((_, COMBINED)) => Self::of_format(COMBINED),
            Some((_, more)) => Self::of_format(&format!("{COMBINED} {more}")),
            None => Self::of_format(format),
        }
    }

    fn of_format(format: &str) -> Result<Self, String> {
        let mut texts = format.split('$');
        let before = texts.next().unwrap_or_default().to_owned();
        let mut parts: Vec<Part> = Vec::new();
        for text in texts {
            let (name, after) = variable(text)?;
            let field = Field::of(name);
            if let Some(last) = parts.last().filter(|last| last.after.is_empty()) {
                return Err(format!("`--fields` has no separator between `${}` and `${name}`", last.name));
            }
            if field != Field::Other && parts.iter().any(|part| part.field == field) {
                return Err(format!("`${name}` appears twice in `--fields`"));
            }
            parts.push(Part { field, name: name.to_owned(), after: after.to_owned() });
        }
        let fields = Self { before, parts };
        if fields.has(Field::Request) || fields.has(Field::Method) {
            return Ok(fields);
        }
        let names = PRESETS.map(|(name, _)| format!("`{name}`")).join(", ");
        Err(format!(
            "`--fields` has neither `$request` nor `$request_method`; give the log's format, or one of {names}"
        ))
    }

    fn has(&self, field: Field) -> bool {
        self.parts.iter().any(|part| part.field == field)
    }

    pub(crate) fn has_host(&self) -> bool {
        self.has(Field::Host) || self.has(Field::HttpHost)
    }

    pub(crate) fn has_origin(&self) -> bool {
        self.has(Field::Origin)
    }

    /// Parses a line in this format.
    pub(crate) fn parse<'a>(&self, line: &'a [u8]) -> Result<LogLine<'a>, BadLine> {
        let mut found = Values::default();
        let mut rest = line.strip_prefix(self.before.as_bytes()).ok_or_else(|| {
            BadLine::new(format!("the line does not begin with `{}`, which `--fields` requires", Text(&self.before)))
        })?;
        for part in &self.parts {
            let (value, remaining) = part.split(rest).ok_or_else(|| {
                let (name, end, column) = (&part.name, Text(&part.after), line.len() - rest.len() + 1);
                BadLine::new(format!("`${name}` is not followed by `{end}`, which `--fields` requires")).at(column)
            })?;
            found.put(part.field, value);
            rest = remaining;
        }
        if !rest.is_empty() {
            let column = line.len() - rest.len() + 1;
            return Err(BadLine::new("the line continues after the last field of `--fields`").at(column));
        }
        found.into_line(self.has_host())
    }
}

/// Splits the text after a `$`, `name...` or `{name}...`, after the name.
fn variable(text: &str) -> Result<(&str, &str), String> {
    let split = match text.strip_prefix('{') {
        Some(text) => text.split_once('}'),
        None => {
            let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
            Some(text.split_at(text.find(|character| !is_name(character)).unwrap_or(text.len())))
        }
    };
    split.filter(|(name, _)| !name.is_empty()).ok_or_else(|| "a `$` in `--fields` is not followed by a name".to_owned())
}

impl Part {
    /// The field's value, and the rest of the line after the text that ends the field. In a value, a
    /// backslash escapes the next byte.
    fn split<'a>(&self, rest: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let after = self.after.as_bytes();
        let Some(&first) = after.first() else { return Some((rest, b"")) };
        let mut at = 0;
        loop {
            let ahead = rest.get(at..)?;
            let (_, found) = ahead.split_at_checked(memchr2(first, b'\\', ahead)?)?;
            if let Some(remaining) = found.strip_prefix(after) {
                return Some((rest.get(..rest.len() - found.len())?, remaining));
            }
            at = rest.len() - found.len() + if found.first() == Some(&b'\\') { 2 } else { 1 };
        }
    }
}

/// The values of a line's fields.
#[derive(Debug, Default)]
struct Values<'a> {
    request: Option<Cow<'a, [u8]>>,
    method: Option<Cow<'a, [u8]>>,
    request_uri: Option<Cow<'a, [u8]>>,
    uri: Option<Cow<'a, [u8]>>,
    host: Option<Cow<'a, [u8]>>,
    http_host: Option<Cow<'a, [u8]>>,
    headers: Vec<Header<'a>>,
}

impl<'a> Values<'a> {
    fn put(&mut self, field: Field, value: &'a [u8]) {
        // `-` means that the value is absent.
        if field == Field::Other || value == b"-" {
            return;
        }
        let value = unescaped(value);
        if let Some(name) = field.header() {
            self.headers.push(Header { name: ByteString::new(name.as_bytes()), value: ByteString::new(value) });
            return;
        }
        let slot = match field {
            Field::Request => &mut self.request,
            Field::Method => &mut self.method,
            Field::RequestUri => &mut self.request_uri,
            Field::Uri => &mut self.uri,
            Field::Host => &mut self.host,
            _ => &mut self.http_host,
        };
        *slot = Some(value);
    }

    /// `has_host`: the log has a host in its format; an absent one is empty.
    fn into_line(self, has_host: bool) -> Result<LogLine<'a>, BadLine> {
        let request_line = self.request.as_ref().and_then(|request| parse_request_line(request));
        let method = match (self.method, &request_line) {
            (Some(method), _) => method,
            (None, Some((method, _))) => Cow::Owned(method.to_vec()),
            (None, None) if self.request.is_some() => return Err(BadLine::new("`$request` is not a request line")),
            (None, None) => return Err(BadLine::new("the line has no method")),
        };
        let path =
            self.request_uri.or(self.uri).or_else(|| request_line.map(|(_, target)| Cow::Owned(target.to_vec())));
        let path = path.as_deref().map(path_of).unwrap_or_default().to_vec();
        let host = self.host.or(self.http_host).unwrap_or_default();
        let route = has_host.then(|| Route { host: ByteString::new(host), path: ByteString::new(path) });
        Ok(LogLine { id: None, policy: None, route, method: ByteString::new(method), headers: self.headers })
    }
}

/// Method and target of `GET /path HTTP/1.1`.
fn parse_request_line(request: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut words = request.splitn(2, |&byte| byte == b' ');
    let (method, target) = (words.next()?, words.next()?);
    let end = memchr::memmem::rfind(target, b" HTTP/").unwrap_or(target.len());
    Some((method, target.get(..end)?)).filter(|(method, target)| !method.is_empty() && !target.is_empty())
}

/// The path of a target; proxies receive targets such as `http://host/path`.
fn path_of(target: &[u8]) -> &[u8] {
    let authority = target.strip_prefix(b"http://").or_else(|| target.strip_prefix(b"https://"));
    let Some(authority) = authority else { return target };
    memchr::memchr(b'/', authority).and_then(|at| authority.get(at..)).unwrap_or(b"/")
}

/// Decodes `\xHH`, `\"` and `\\`, and the escapes of line breaks and tabs.
fn unescaped(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((&byte, after)) = rest.split_first() {
        let (byte, after) = match rest {
            [b'\\', b'x', high, low, after @ ..] => match (hexadecimal(*high), hexadecimal(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, after),
                _ => (byte, rest.get(1..).unwrap_or_default()),
            },
            [b'\\', b'n', after @ ..] => (b'\n', after),
            [b'\\', b'r', after @ ..] => (b'\r', after),
            [b'\\', b't', after @ ..] => (b'\t', after),
            [b'\\', byte @ (b'"' | b'\\'), after @ ..] => (*byte, after),
            _ => (byte, after),
        };
        bytes.push(byte);
        rest = after;
    }
    Cow::Owned(bytes)
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::{COMBINED, Fields, unescaped};
    use crate::log::line::LogLine;

    /// Method, host, path, and the header lines.
    fn read(line: &LogLine<'_>) -> String {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut parts = vec![text(line.method.as_bytes())];
        if let Some(route) = &line.route {
            parts.extend([text(route.host.as_bytes()), text(route.path.as_bytes())]);
        }
        for header in &line.headers {
            parts.push(format!("{}: {}", text(header.name.as_bytes()), text(header.value.as_bytes())));
        }
        parts.join("|")
    }

    #[test]
    fn fields_end_where_the_text_after_them_begins() {
        for (format, line, expected) in [
            (
                "$request_method $host $request_uri $http_origin",
                "GET h /p?q https://a.example",
                "GET|h|/p?q|origin: https://a.example",
            ),
            ("<${host}x>${request}", "<hx>PUT /a b HTTP/1.1", "PUT|h|/a b"),
            ("$host \"$request\"", r#"- "OPTIONS * HTTP/1.1""#, "OPTIONS||*"),
            ("$request_method|$http_host|$uri", "GET|h:8080|/", "GET|h:8080|/"),
            ("$host \"$request\"", r#"h "GET http://other.example/p HTTP/1.1""#, "GET|h|/p"),
            ("$host \"$request\"", r#"h "GET https://other.example HTTP/1.1""#, "GET|h|/"),
            (
                "\"$request\" \"$http_origin\"",
                r#""GET /\x22 HTTP/1.1" "https://\xC3\xBC\\.example\"""#,
                "GET|origin: https://ü\\.example\"",
            ),
            ("$request_method \"$http_origin\"", r#"GET """#, "GET|origin: "),
            (
                "$request_method $http_access_control_request_method $http_access_control_request_headers \
                 $http_access_control_request_private_network $http_origin",
                "OPTIONS PUT a,b true -",
                "OPTIONS|access-control-request-method: PUT|access-control-request-headers: a,b|\
                 access-control-request-private-network: true",
            ),
        ] {
            let fields = Fields::new(format).unwrap();
            assert_eq!(read(&fields.parse(line.as_bytes()).unwrap()), expected, "{format}");
        }
    }

    #[test]
    fn presets_are_combined_and_more() {
        let combined = r#"192.0.2.1 - u [01/Nov/2025:00:00:00 +0000] "GET /p HTTP/1.1" 200 5 "-" "agent \x22x\x22""#;
        for (preset, more, expected) in [
            ("combined", "", "GET"),
            (COMBINED, "", "GET"),
            ("combined-origin", r#" "https://a.example""#, "GET|origin: https://a.example"),
            ("combined-cors", r#" "-" "-" "-" h"#, "GET|h|/p"),
        ] {
            let line = format!("{combined}{more}");
            assert_eq!(read(&Fields::new(preset).unwrap().parse(line.as_bytes()).unwrap()), expected);
        }
    }

    #[test]
    fn errors_of_a_format_are_described() {
        for (format, expected) in [
            ("combined_origin", "has neither `$request` nor `$request_method`"),
            ("$host", "has neither `$request` nor `$request_method`"),
            ("$request$host", "no separator between `$request` and `$host`"),
            ("$request $ $host", "is not followed by a name"),
            ("$request ${host", "is not followed by a name"),
            ("$request ${}", "is not followed by a name"),
            ("$request $host $host", "`$host` appears twice"),
        ] {
            let error = Fields::new(format).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        Fields::new("$status $request $status").unwrap();
    }

    #[test]
    fn errors_of_a_line_are_described_without_its_values() {
        let fields = Fields::new("[$host] \"$request\"").unwrap();
        for (line, column, expected) in [
            ("s3cret", None, "the line does not begin with `[`, which `--fields` requires"),
            ("[s3cret", Some(2), "`$host` is not followed by `] \"`, which `--fields` requires"),
            (r#"[h] "GET / HTTP/1.1" s3cret"#, Some(21), "the line continues after the last field of `--fields`"),
            (r#"[h] "GET / s3cret\""#, Some(6), "`$request` is not followed by `\"`, which `--fields` requires"),
            (r#"[h] "\x16\x03s3cret""#, None, "`$request` is not a request line"),
            (r#"[h] "-""#, None, "the line has no method"),
        ] {
            let bad = fields.parse(line.as_bytes()).unwrap_err();
            assert_eq!((bad.column(), bad.to_string().as_str()), (column, expected));
        }
    }

    #[test]
    fn escapes_are_decoded() {
        for (value, bytes) in [
            (r"plain", &b"plain"[..]),
            (r"\x41\x7e\xFF", b"A~\xff"),
            (r#"\"\\\n\r\t"#, b"\"\\\n\r\t"),
            (r"\x4", b"\\x4"),
            (r"\xg0\q\", b"\\xg0\\q\\"),
        ] {
            assert_eq!(&*unescaped(value.as_bytes()), bytes);
        }
    }
}
