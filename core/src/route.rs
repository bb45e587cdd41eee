//! Which policy covers a request, by host and path: the `route` tables of a document.
//!
//! Nothing is decoded. A path that two servers could interpret differently, and that could
//! therefore have two policies, or one and none, is ambiguous and has none.

use crate::outcome::PolicyId;

/// The longest host that is compared; a longer one is no host of a route.
const MAX_HOST: usize = 255;

/// How to treat requests that no route covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unrouted {
    /// They have no policy: preflights are refused, and nothing of the upstream's grants is left.
    #[default]
    Deny,
    /// They are left untouched.
    Pass,
}

impl Unrouted {
    /// Every value; the first is the default.
    pub const ALL: [Self; 2] = [Self::Deny, Self::Pass];

    /// The name in documents. Permanent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Pass => "pass",
        }
    }
}

/// One route of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route<'p> {
    /// The host, in lower case and without a port; `None` is every host.
    pub host: Option<&'p str>,
    /// Whole segments, without a slash at the end; empty is every path.
    pub path: &'p str,
    /// Which policy covers them.
    pub policy: PolicyId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Routed {
    /// The policy at this place of the document.
    Policy(u32),
    Ambiguous,
    None,
}

/// The routes of a document.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    // INVARIANT: sorted by host, each once.
    hosts: Box<[HostRoutes]>,
    /// Routes without a host, which are candidates for every host.
    anywhere: PathRoutes,
    /// What must be known of the candidates where the host has no routes of its own.
    anywhere_span: Span,
}

#[derive(Debug)]
struct HostRoutes {
    host: Box<str>,
    paths: PathRoutes,
    span: Span,
}

/// All candidate routes of a host, those without a host included.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    /// They name more than one policy, or none of them covers every path: which policy decides, or
    /// whether one does, depends on the path.
    by_path: bool,
    /// The most segments that any of their paths has.
    segments: usize,
    /// Some path has bytes that can be written in two ways: encoded, or in place of what is.
    spelled: bool,
}

#[derive(Debug, Default)]
struct PathRoutes {
    // INVARIANT: sorted by path, each once; `/` is written as the empty path.
    routes: Box<[PathRoute]>,
}

/// `path` is empty for a route that covers every path.
#[derive(Clone, Debug)]
pub(crate) struct PathRoute {
    pub(crate) path: Box<str>,
    /// Its place in the document.
    pub(crate) policy: u32,
}

impl PathRoute {
    fn segments(&self) -> usize {
        self.path.bytes().filter(|&byte| byte == b'/').count()
    }
}

impl Routes {
    /// `routes` are checked: hosts as [`normalise_host`] gives them, paths unambiguous, no two alike.
    pub(crate) fn new(routes: impl IntoIterator<Item = (Option<Box<str>>, PathRoute)>) -> Self {
        let mut routes: Vec<_> = routes.into_iter().collect();
        routes.sort_by(|(a, x), (b, y)| (a, &x.path).cmp(&(b, &y.path)));
        let anywhere: Vec<PathRoute> =
            routes.iter().filter(|(host, _)| host.is_none()).map(|(_, route)| route.clone()).collect();
        let hosts = routes
            .chunk_by(|(a, _), (b, _)| a == b)
            .filter_map(|group| {
                let host = group.first()?.0.clone()?;
                let own: Vec<PathRoute> = group.iter().map(|(_, route)| route.clone()).collect();
                let span = Span::of(own.iter().chain(&anywhere));
                Some(HostRoutes { host, paths: PathRoutes { routes: own.into_boxed_slice() }, span })
            })
            .collect();
        let anywhere_span = Span::of(&anywhere);
        Self { hosts, anywhere: PathRoutes { routes: anywhere.into_boxed_slice() }, anywhere_span }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.hosts.is_empty() && self.anywhere.routes.is_empty()
    }

    /// All routes, as host, path and place of the policy.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Option<&str>, &str, u32)> {
        let with_host = self
            .hosts
            .iter()
            .flat_map(|host| host.paths.routes.iter().map(|route| (Some(&*host.host), &*route.path, route.policy)));
        with_host.chain(self.anywhere.routes.iter().map(|route| (None, &*route.path, route.policy)))
    }

    /// The most specific route: an exact host before none, a longer path before a shorter one.
    ///
    /// Linear in the lengths of host and path, times the logarithm of the number of routes for each
    /// segment that some route has.
    pub(crate) fn find(&self, host: &[u8], path: &[u8]) -> Routed {
        let path = path.split(|&byte| byte == b'?').next().unwrap_or(path);
        let path = if path.is_empty() { b"/" } else { path };
        let mut buffer = [0; MAX_HOST];
        let host = normalise_host(host, &mut buffer).and_then(|host| {
            let index = self.hosts.binary_search_by(|routes| routes.host.as_bytes().cmp(host)).ok()?;
            self.hosts.get(index)
        });
        let span = host.map_or(self.anywhere_span, |host| host.span);
        if span.by_path && is_ambiguous(path, span.segments, span.spelled) {
            return Routed::Ambiguous;
        }
        let compared = first_segments(path, span.segments);
        host.and_then(|host| host.paths.find(compared))
            .or_else(|| self.anywhere.find(compared))
            .map_or(Routed::None, Routed::Policy)
    }
}

impl Span {
    /// Without any route nothing depends on the path: every request is unrouted.
    fn of<'r>(routes: impl IntoIterator<Item = &'r PathRoute>) -> Self {
        let (mut span, mut first, mut several, mut covers_all) = (Self::default(), None, false, false);
        for route in routes {
            several |= *first.get_or_insert(route.policy) != route.policy;
            covers_all |= route.path.is_empty();
            span.segments = span.segments.max(route.segments());
            span.spelled |= route.path.bytes().any(|byte| byte != b'/' && !is_unreserved(byte));
        }
        Self { by_path: first.is_some() && (several || !covers_all), ..span }
    }
}

impl PathRoutes {
    /// The longest route that is `path` or a whole-segment prefix of it.
    fn find(&self, mut path: &[u8]) -> Option<u32> {
        if path.first() != Some(&b'/') {
            path = b"";
        }
        loop {
            if let Ok(index) = self.routes.binary_search_by(|route| route.path.as_bytes().cmp(path)) {
                return self.routes.get(index).map(|route| route.policy);
            }
            let end = path.iter().rposition(|&byte| byte == b'/')?;
            path = path.get(..end)?;
        }
    }
}

/// A request's host as routes write it: without port (RFC 9110, 7.2) and without one trailing dot,
/// in lower case (RFC 3986, 3.2.2).
pub(crate) fn normalise_host<'b>(host: &[u8], buffer: &'b mut [u8; MAX_HOST]) -> Option<&'b [u8]> {
    let name = match host.iter().rposition(|&byte| byte == b':') {
        Some(colon) if host.iter().skip(colon + 1).all(u8::is_ascii_digit) => host.get(..colon)?,
        _ => host,
    };
    let name = name.strip_suffix(b".").unwrap_or(name);
    let buffer = buffer.get_mut(..name.len())?;
    buffer.copy_from_slice(name);
    buffer.make_ascii_lowercase();
    Some(buffer)
}

/// The path up to the end of its `count`-th segment.
fn first_segments(path: &[u8], count: usize) -> &[u8] {
    let end = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').nth(count).map(|(at, _)| at);
    end.and_then(|end| path.get(..end)).unwrap_or(path)
}

/// Whether the upstream server could read a path that another route covers.
///
/// In the first `compared` segments: a dot segment in any spelling (RFC 3986, 5.2.4; URL,
/// "double-dot URL path segment"), a backslash, an encoded separator or percent sign, an empty
/// segment, a parameter (RFC 3986, 3.3), or an encoded byte that need not be encoded (RFC 3986,
/// 6.2.2.2); where the routes are `spelled` with other than unreserved characters, also a second
/// spelling of those. Behind them no route looks, and only what leads back to them counts.
///
/// Linear in the length of the path.
pub(crate) fn is_ambiguous(path: &[u8], compared: usize, spelled: bool) -> bool {
    let pieces = compared.saturating_add(2);
    let mut segments = path.splitn(pieces, |&byte| byte == b'/').enumerate().peekable();
    while let Some((index, segment)) = segments.next() {
        if index > compared {
            return leads_back(segment);
        }
        let is_last = segments.peek().is_none();
        if segment.contains(&b'\\') || is_dot_segment(segment) || has_encoded(segment, is_separator) {
            return true;
        }
        let empty = segment.is_empty() && !is_last;
        if index > 0 && (empty || segment.contains(&b';') || has_encoded(segment, is_unreserved)) {
            return true;
        }
        if index > 0 && spelled && has_second_spelling(segment) {
            return true;
        }
    }
    false
}

/// Whether some server finds a dot segment in this end of a path: one that also splits it at `\` and
/// at encoded separators, and that decodes as often as there is something to decode.
fn leads_back(path: &[u8]) -> bool {
    if !path.contains(&b'.') && !path.contains(&b'%') {
        return false;
    }
    let (mut rest, mut segment) = (path, Segment::Dots(0));
    while let Some((sign, after)) = first_sign(rest) {
        rest = after;
        segment = match (sign, segment) {
            (Sign::Disguised, _) => return true,
            (Sign::Separator, segment) if segment.is_dots() => return true,
            (Sign::Separator, _) => Segment::Dots(0),
            (Sign::Dot, Segment::Dots(dots @ 0..=1)) => Segment::Dots(dots + 1),
            (Sign::Semicolon, segment) if segment.is_dots() => Segment::DotsWithParameter,
            (_, Segment::DotsWithParameter) => Segment::DotsWithParameter,
            _ => Segment::Other,
        };
    }
    segment.is_dots()
}

/// What is known of a segment that is being read.
#[derive(Clone, Copy)]
enum Segment {
    /// So many dots and nothing else.
    Dots(u8),
    /// One dot or two, and a parameter.
    DotsWithParameter,
    Other,
}

impl Segment {
    fn is_dots(self) -> bool {
        matches!(self, Self::Dots(1..) | Self::DotsWithParameter)
    }
}

/// What a path has next, as the most eager decoder reads it.
#[derive(Clone, Copy)]
enum Sign {
    Dot,
    Separator,
    Semicolon,
    /// A percent sign before an encoded hexadecimal digit, which needs no encoding: decoded once it
    /// would be the beginning of another encoded byte, of any kind.
    Disguised,
    Other,
}

/// The next sign, and what comes after it. Of an encoded percent sign, encoded again as often as one
/// likes, only the percent sign is read.
fn first_sign(path: &[u8]) -> Option<(Sign, &[u8])> {
    let (first, mut after) = path.split_first()?;
    let sign = match first {
        b'.' => Sign::Dot,
        b'/' | b'\\' => Sign::Separator,
        b';' => Sign::Semicolon,
        b'%' => {
            while let [b'2', b'5', rest @ ..] = after {
                after = rest;
            }
            match after {
                [b'2', b'e' | b'E', rest @ ..] => {
                    after = rest;
                    Sign::Dot
                }
                [b'2', b'f' | b'F', rest @ ..] | [b'5', b'c' | b'C', rest @ ..] => {
                    after = rest;
                    Sign::Separator
                }
                [b'%', high, low, ..] if is_hex_digit(*high, *low) => Sign::Disguised,
                [digit, b'%', high, low, ..] if digit.is_ascii_hexdigit() && is_hex_digit(*high, *low) => {
                    Sign::Disguised
                }
                _ => Sign::Other,
            }
        }
        _ => Sign::Other,
    };
    Some((sign, after))
}

/// Whether these two digits encode a hexadecimal digit.
fn is_hex_digit(high: u8, low: u8) -> bool {
    decoded(high, low).is_some_and(|byte| byte.is_ascii_hexdigit())
}

/// `.` or `..`, each dot plain or encoded, with or without parameters after it (URL, "single-dot URL
/// path segment" and "double-dot URL path segment").
fn is_dot_segment(segment: &[u8]) -> bool {
    let mut rest = segment.split(|&byte| byte == b';').next().unwrap_or(segment);
    let mut dots = 0;
    while let Some((first, after)) = rest.split_first() {
        rest = match (first, after) {
            (b'.', after) => after,
            (b'%', [b'2', b'e' | b'E', after @ ..]) => after,
            _ => return false,
        };
        dots += 1;
    }
    dots == 1 || dots == 2
}

fn has_encoded(segment: &[u8], what: fn(u8) -> bool) -> bool {
    segment.windows(3).any(|window| match window {
        [b'%', high, low] => decoded(*high, *low).is_some_and(what),
        _ => false,
    })
}

/// Whether something is not written as routes are: a printable character as it is, every other byte
/// encoded, in upper case (RFC 3986, 6.2.2.1).
fn has_second_spelling(segment: &[u8]) -> bool {
    let is_lower = |window: &[u8]| match window {
        [b'%', high, low] => decoded(*high, *low).is_some() && (high.is_ascii_lowercase() || low.is_ascii_lowercase()),
        _ => false,
    };
    !segment.is_ascii() || has_encoded(segment, |byte| byte.is_ascii_graphic()) || segment.windows(3).any(is_lower)
}

/// The byte that two hexadecimal digits encode.
fn decoded(high: u8, low: u8) -> Option<u8> {
    Some(hex(high)? << 4 | hex(low)?)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'/' | b'\\' | b'%')
}

/// RFC 3986, 2.3: unreserved characters.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_that_two_readers_read_differently_are_ambiguous() {
        for path in [
            "/a/../b",
            "/a/./b",
            "/a/..",
            "/a/%2e%2E/b",
            "/a/.%2e/b",
            "/a/..;x/b",
            "/a\\b",
            "/%2f",
            "/x/%5C",
            "/x/%25",
            "//a",
            "/a//b",
            "/a;p/b",
            "/%61/b",
        ] {
            assert!(is_ambiguous(path.as_bytes(), 2, false), "{path}");
        }
        for path in ["/", "/a", "/a/", "/a/b/c//d", "/a/b/c;p", "/a/b/%61", "/a/b...", "/a/%C3%A4/b", "/a/%20"] {
            assert!(!is_ambiguous(path.as_bytes(), 2, false), "{path}");
        }
    }

    #[test]
    fn behind_the_compared_segments_only_what_leads_back_is_ambiguous() {
        for end in [
            "..",
            ".",
            "x/..",
            "../x",
            "..%2fx",
            "x%2F..",
            "..\\x",
            "..%5cx",
            "%2e%2e",
            ".%2E",
            "..;",
            "..;a=.b/x",
            ".;",
            "..%252fx",
            "%25252e.",
            "%252525252e%2525252fx",
            "%25%32%65",
            "%2%65",
            "%%32e",
            "x//..",
            "x;y/..",
            "x%5C.",
        ] {
            assert!(is_ambiguous(format!("/a/{end}").as_bytes(), 1, false), "{end}");
        }
        for end in [
            "",
            "x",
            "...",
            ".x",
            "x.",
            "x..",
            "x;..",
            "..x;",
            "...;",
            "g%2Fp",
            "a\\b",
            "a%5cb",
            "%25",
            "%",
            "%2",
            "%252",
            "a%20b",
            "100%25",
            "x//y",
            "%61",
            "%25zz",
            "..%3b",
            "%e2%80%a6",
            "a.b.c",
            ".well-known",
            "%2ex",
            "%25%zz",
            "%z%61",
        ] {
            assert!(!is_ambiguous(format!("/a/{end}").as_bytes(), 1, false), "{end}");
        }
    }

    #[test]
    fn hosts_lose_port_dot_and_case() {
        for (host, expected) in [
            ("API.example.com:8443", "api.example.com"),
            ("api.example.com.", "api.example.com"),
            ("api.example.com.:80", "api.example.com"),
            ("[::1]:8080", "[::1]"),
            ("[::1]", "[::1]"),
            ("api:", "api"),
        ] {
            let mut buffer = [0; MAX_HOST];
            assert_eq!(normalise_host(host.as_bytes(), &mut buffer), Some(expected.as_bytes()), "{host}");
        }
        assert_eq!(normalise_host(&[b'a'; 256], &mut [0; MAX_HOST]), None);
    }
}
