//! Which values are serialised origins, by the grammar alone: a second opinion on the engine's parser.

/// A valid origin, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    pub text: String,
    pub scheme: String,
    pub host: String,
    pub port: Option<u32>,
}

/// `scheme "://" host [":" port]` in the form that a browser's serialiser gives it, or nothing.
pub fn parse(value: &[u8]) -> Option<Parsed> {
    let text = std::str::from_utf8(value).ok()?;
    if text.len() > 326 || !text.is_ascii() {
        return None;
    }
    let (scheme, rest) = text.split_once("://")?;
    let (host, port) = match rest.find(']') {
        Some(end) => rest.split_at(end + 1),
        None => rest.split_at(rest.find(':').unwrap_or(rest.len())),
    };
    let port = match port {
        "" => None,
        port => Some(port_number(port.strip_prefix(':')?)?),
    };
    let web = scheme == "http" || scheme == "https";
    let default_port = matches!((scheme, port), ("http", Some(80)) | ("https", Some(443)));
    let valid = is_scheme(scheme) && !default_port && if web { is_web_host(host) } else { is_opaque_host(host) };
    valid.then(|| Parsed { text: text.into(), scheme: scheme.into(), host: host.into(), port })
}

fn is_scheme(scheme: &str) -> bool {
    let letters = "abcdefghijklmnopqrstuvwxyz";
    scheme.len() <= 64
        && scheme.chars().next().is_some_and(|first| letters.contains(first))
        && scheme.chars().all(|c| letters.contains(c) || "0123456789+.-".contains(c))
}

/// 1 to 65535, written as a number is written.
fn port_number(port: &str) -> Option<u32> {
    let number: u32 = port.parse().ok()?;
    (number.to_string() == port && (1..=65535).contains(&number)).then_some(number)
}

fn is_web_host(host: &str) -> bool {
    if host.starts_with('[') {
        return is_bracketed(host);
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let labels: Vec<&str> = name.split('.').collect();
    let is_label = |label: &&str| (1..=63).contains(&label.len()) && label.chars().all(is_label_char);
    if name.len() > 253 || !labels.iter().all(is_label) {
        return false;
    }
    let last = labels[labels.len() - 1];
    let decimal = last.chars().all(|c| c.is_ascii_digit());
    let hexadecimal = last.starts_with("0x") && last[2..].chars().all(|c| c.is_ascii_hexdigit());
    if decimal || hexadecimal { is_ipv4(host) } else { true }
}

fn is_label_char(c: char) -> bool {
    "abcdefghijklmnopqrstuvwxyz0123456789-_".contains(c)
}

fn is_opaque_host(host: &str) -> bool {
    if host.starts_with('[') {
        return is_bracketed(host);
    }
    (1..=253).contains(&host.len()) && host.chars().all(|c| is_label_char(c) || c == '.')
}

fn is_ipv4(host: &str) -> bool {
    let parts: Vec<&str> = host.split('.').collect();
    let is_part = |part: &&str| part.parse::<u8>().is_ok_and(|number| number.to_string() == **part);
    parts.len() == 4 && parts.iter().all(is_part)
}

fn is_bracketed(host: &str) -> bool {
    let inner = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.is_some_and(|inner| ipv6_groups(inner).is_some_and(|groups| ipv6_text(&groups) == inner))
}

/// The eight groups of an address in hexadecimal, with at most one `::`.
fn ipv6_groups(text: &str) -> Option<Vec<u16>> {
    let groups = |part: &str| -> Option<Vec<u16>> {
        if part.is_empty() {
            return Some(vec![]);
        }
        let is_group = |group: &str| (1..=4).contains(&group.len()) && group.chars().all(|c| c.is_ascii_hexdigit());
        part.split(':').map(|group| u16::from_str_radix(group, 16).ok().filter(|_| is_group(group))).collect()
    };
    match text.split_once("::") {
        None => groups(text).filter(|groups| groups.len() == 8),
        Some((before, after)) => {
            let (mut before, after) = (groups(before)?, groups(after)?);
            let missing = 8_usize.checked_sub(before.len() + after.len()).filter(|missing| *missing > 0)?;
            before.extend(std::iter::repeat_n(0, missing));
            before.extend(after);
            Some(before)
        }
    }
}

/// The serialiser of the URL standard: lower case, the first longest run of two or more zeros as `::`.
fn ipv6_text(groups: &[u16]) -> String {
    let hex = |groups: &[u16]| groups.iter().map(|group| format!("{group:x}")).collect::<Vec<_>>().join(":");
    for length in (2..=8).rev() {
        for start in 0..=8 - length {
            if groups[start..start + length].iter().all(|group| *group == 0) {
                return format!("{}::{}", hex(&groups[..start]), hex(&groups[start + length..]));
            }
        }
    }
    hex(groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_origins_are_taken_apart() {
        for (text, scheme, host, port) in [
            ("https://a.example", "https", "a.example", None),
            ("https://a.example.:8443", "https", "a.example.", Some(8443)),
            ("http://127.0.0.1:8080", "http", "127.0.0.1", Some(8080)),
            ("http://[::1]", "http", "[::1]", None),
            ("http://[1::2:0:0:3:4]:1", "http", "[1::2:0:0:3:4]", Some(1)),
            ("https://0x1g", "https", "0x1g", None),
            ("app+x-1.y://Z", "", "", None),
            ("app+x-1.y://z..", "app+x-1.y", "z..", None),
            ("chrome://443:443", "chrome", "443", Some(443)),
        ] {
            let expected = Parsed { text: text.into(), scheme: scheme.into(), host: host.into(), port };
            assert_eq!(parse(text.as_bytes()), (!scheme.is_empty()).then_some(expected), "{text}");
        }
    }

    #[test]
    fn everything_else_is_malformed() {
        for text in [
            "",
            "null",
            "https://",
            "//a",
            "a",
            "https://a/",
            "https://a:",
            "https://a:0",
            "https://a:01",
            "https://a:+1",
            "https://a:65536",
            "https://a:443",
            "http://a:80",
            "https://a..b",
            "https://.a",
            "https://.",
            "https://A",
            "https://1.2.3",
            "https://1.2.3.4.",
            "https://01.2.3.4",
            "https://a.1",
            "https://a.0x",
            "https://0x7f",
            "https://[::1",
            "https://::1",
            "https://[0:0::1]",
            "https://[::ffff:1.2.3.4]",
            "https://[::A]",
            "https://[]",
            "https://[::1]x",
            "https://[1:2:3:4:5:6:7::8]",
            "https://a b",
            "https://\u{e4}",
            "1a://b",
            "a_b://c",
            "://a",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
