//! Serialised origins as a browser sends them (Fetch, "`Origin` header"; URL, "host serializing").
//!
//! [`Origin::parse`] is the only constructor. Every value that reaches a wildcard or a later tier
//! has passed it, so a pattern never sees a byte that no browser could have sent or that the policy
//! language cannot express.

mod address;
mod host;
mod labels;

use core::fmt;

pub(crate) use address::{is_canonical_ipv6, write_ipv6};
pub(crate) use host::{Host, MAX_HOST, classify, ends_in_a_number, is_opaque};
pub(crate) use labels::MAX_LABEL;
pub(crate) use labels::{Dots, are_name_bytes, first_dot};

/// The longest `Origin` value that can be valid: scheme 64 + `://` + host 253 + `:65535`.
///
/// Longer values are refused by their length alone, before any byte is looked at.
pub const MAX_ORIGIN: usize = MAX_SCHEME + 3 + MAX_HOST + 6;

pub(crate) const MAX_SCHEME: usize = 64;

/// The schemes that the engine distinguishes. Hosts of [`Scheme::Other`] are opaque (URL,
/// "opaque-host parser").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Scheme {
    Http,
    Https,
    Other,
}

impl Scheme {
    /// The port that a serialiser omits (URL, "special scheme": its default port; "port state",
    /// which sets a default port to null).
    pub(crate) const fn default_port(self) -> Option<u16> {
        match self {
            Self::Http => Some(80),
            Self::Https => Some(443),
            Self::Other => None,
        }
    }
}

/// A value that is exactly one serialised origin (Fetch, "`Origin` header", `serialized-origin`):
/// `scheme "://" host [":" port]`, all in the form that a browser's serialiser gives it (HTML,
/// "serialization of an origin").
///
/// `null` is not an [`Origin`], because it identifies no one: it is the serialisation of every
/// opaque origin (HTML, "serialization of an origin", step 1).
///
/// ```
/// use corsac::origin::Origin;
///
/// let origin = Origin::parse(b"https://app.example.com:8443").unwrap();
/// assert_eq!(origin.scheme(), "https");
/// assert_eq!(origin.host(), "app.example.com");
/// assert_eq!(origin.port(), Some(8443));
/// assert!(Origin::parse(b"https://app.example.com:443").is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Origin<'a> {
    // INVARIANT: `text` is ASCII and has the grammar above; `host` is the part of it between the
    // scheme's `://` and the port. Established by `parse`, the only constructor.
    text: &'a [u8],
    host: &'a [u8],
    scheme: Scheme,
    port: Option<u16>,
    /// Whether the host is a name of labels.
    has_labels: bool,
}

/// The value is not a serialised origin. It carries no reason: the request path does not explain
/// failures and keeps nothing of a refused value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a serialised origin")
    }
}

impl core::error::Error for Malformed {}

impl<'a> Origin<'a> {
    /// Parses one `Origin` value.
    ///
    /// Nothing is trimmed, folded, decoded or repaired, because the browser compares bytes (Fetch,
    /// "CORS check", step 4). Time is linear in the length, which is at most
    /// [`MAX_ORIGIN`]; nothing is allocated.
    ///
    /// # Errors
    /// [`Malformed`] for everything that no browser sends: an empty value, a list, a path, a
    /// default or zero port, upper case, non-ASCII, an address in another than its canonical form.
    pub fn parse(text: &'a [u8]) -> Result<Self, Malformed> {
        Self::read(text).ok_or(Malformed)
    }

    /// Inlined into the lookup, which usually needs to know only whether the value is valid.
    #[inline(always)]
    pub(crate) fn read(text: &'a [u8]) -> Option<Self> {
        if text.len() > MAX_ORIGIN {
            return None;
        }
        let (scheme, rest) = split_scheme(text)?;
        let (host, port) = split_port(rest);
        let has_labels = match scheme {
            Scheme::Http | Scheme::Https => host::judge(host)? == Host::Domain,
            Scheme::Other if is_opaque(host) => false,
            Scheme::Other => return None,
        };
        let port = match port {
            None => None,
            Some(digits) => Some(parse_port(digits, scheme)?),
        };
        Some(Self { text, host, scheme, port, has_labels })
    }

    /// The whole origin, byte for byte as it came.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        ascii(self.text)
    }

    /// The same as bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &'a [u8] {
        self.text
    }

    /// The scheme, without `://`.
    #[must_use]
    pub fn scheme(&self) -> &'a str {
        let rest = self.host.len() + 3 + self.port_len();
        ascii(self.text.get(..self.text.len().saturating_sub(rest)).unwrap_or_default())
    }

    /// The host: a domain, an IPv4 address, an IPv6 address in brackets, or an opaque host.
    #[must_use]
    pub fn host(&self) -> &'a str {
        ascii(self.host)
    }

    /// The port, where one is written. A default port never is.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    pub(crate) fn scheme_kind(&self) -> Scheme {
        self.scheme
    }

    /// Where the dots of an `http` or `https` name are, the last one first. No other host has
    /// labels.
    #[inline]
    pub(crate) fn dots_right_to_left(&self) -> Dots<'a> {
        let start = match self.scheme {
            Scheme::Http => "http://".len(),
            Scheme::Https | Scheme::Other => "https://".len(),
        };
        // The dot behind a whole name separates nothing.
        let name = self.host.strip_suffix(b".").unwrap_or(self.host);
        let end = if self.has_labels { start + name.len() } else { 0 };
        Dots::right_to_left(self.text.get(..end).unwrap_or_default(), start)
    }

    pub(crate) fn host_bytes(&self) -> &'a [u8] {
        self.host
    }

    /// `scheme://host`: the whole origin where no port is written.
    pub(crate) fn without_port(&self) -> &'a [u8] {
        self.text.get(..self.text.len().saturating_sub(self.port_len())).unwrap_or_default()
    }

    fn port_len(&self) -> usize {
        match self.port {
            None => 0,
            Some(port) => 2 + port.checked_ilog10().unwrap_or(0) as usize,
        }
    }
}

impl fmt::Debug for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({})", self.as_str())
    }
}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The bytes of a parsed origin as text. They are ASCII by `Origin`'s invariant, so the empty
/// string is never what comes back for lack of UTF-8.
fn ascii(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or_default()
}

/// `scheme "://"`, with the two schemes that matter recognised without a scan.
#[inline]
fn split_scheme(text: &[u8]) -> Option<(Scheme, &[u8])> {
    if let Some(rest) = text.strip_prefix(b"https://") {
        return Some((Scheme::Https, rest));
    }
    if let Some(rest) = text.strip_prefix(b"http://") {
        return Some((Scheme::Http, rest));
    }
    split_other_scheme(text)
}

#[inline(never)]
fn split_other_scheme(text: &[u8]) -> Option<(Scheme, &[u8])> {
    let end = text.iter().take(MAX_SCHEME + 1).position(|&b| b == b':')?;
    let (scheme, rest) = text.split_at_checked(end)?;
    is_scheme(scheme).then_some(())?;
    Some((Scheme::Other, rest.strip_prefix(b"://")?))
}

/// RFC 3986, 3.1, in the lower case that browsers serialise.
pub(crate) fn is_scheme(scheme: &[u8]) -> bool {
    let Some((first, rest)) = scheme.split_first() else { return false };
    scheme.len() <= MAX_SCHEME
        && first.is_ascii_lowercase()
        && rest.iter().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.'))
}

/// Cuts `":" port` off, if there is a colon outside brackets and a digit at the end. What is between
/// them is not judged.
#[inline]
fn split_port(rest: &[u8]) -> (&[u8], Option<&[u8]>) {
    // Most origins have no port, and are done here. A colon that no digit follows stays in the
    // host, where it is refused.
    if rest.last().is_some_and(u8::is_ascii_digit) { split_digits(rest) } else { (rest, None) }
}

fn split_digits(rest: &[u8]) -> (&[u8], Option<&[u8]>) {
    // A port is at most five digits, so a colon further to the left belongs to an address or to
    // nothing valid; looking no further keeps the search short on long hosts.
    for (back, &byte) in rest.iter().rev().take(6).enumerate() {
        match byte {
            b':' => {
                let at = rest.len() - back - 1;
                let (host, port) = rest.split_at_checked(at).unwrap_or((rest, b""));
                return (host, port.get(1..));
            }
            b'0'..=b'9' => {}
            _ => break,
        }
    }
    (rest, None)
}

/// A port as browsers serialise it (HTML, "serialization of an origin"; URL, "port state"): 1 to
/// 65535, no leading zero, not the scheme's default. Port 0 is refused: nothing can listen on it.
pub(crate) fn parse_port(digits: &[u8], scheme: Scheme) -> Option<u16> {
    if digits.first() == Some(&b'0') || digits.is_empty() || digits.len() > 5 {
        return None;
    }
    let mut port: u32 = 0;
    for digit in digits {
        port = port * 10 + u32::from(digit.checked_sub(b'0').filter(|d| *d < 10)?);
    }
    let port = u16::try_from(port).ok()?;
    (scheme.default_port() != Some(port)).then_some(port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_put_together_are_the_whole() {
        for text in ["https://a.example", "http://[::1]:8080", "app://obsidian.md", "http://1.2.3.4:1"] {
            let origin = Origin::parse(text.as_bytes()).unwrap();
            let port = origin.port().map_or(String::new(), |p| format!(":{p}"));
            assert_eq!(format!("{}://{}{port}", origin.scheme(), origin.host()), text);
            assert_eq!(origin.without_port(), text.strip_suffix(&port).unwrap().as_bytes());
        }
    }

    #[test]
    fn what_no_browser_sends_is_malformed() {
        for text in [
            "",
            "null",
            "https://",
            "https://a.example/",
            "https://a.example:",
            "https://a.example:443",
            "http://a.example:80",
            "https://a.example:0",
            "https://a.example:08",
            "https://a.example:65536",
            "https://a..example",
            "https://.example",
            "https://-",
            "https://A.example",
            "https://[::1",
            "https://::1",
            "https://1.2.3",
            "https://1.2.3.4.",
            "https://a.0x1f",
            "https://[::ffff:1.2.3.4]",
            "https://[0:0::1]",
            "HTTPS://a.example",
            "1http://a",
            "https://a.example,https://b.example",
        ] {
            let parsed = Origin::parse(text.as_bytes());
            assert_eq!(parsed.is_err(), text != "https://-", "{text}");
        }
    }

    #[test]
    fn length_is_a_limit_of_its_own() {
        let label = "a".repeat(63);
        let host = format!("{label}.{label}.{label}.{}", "a".repeat(61));
        assert_eq!(host.len(), MAX_HOST);
        assert!(Origin::parse(format!("https://{host}:65535").as_bytes()).is_ok());
        assert!(Origin::parse(format!("https://{host}.").as_bytes()).is_ok());
        assert!(Origin::parse(format!("https://{host}a").as_bytes()).is_err());
        assert!(Origin::parse(&vec![b'a'; 1 << 20]).is_err());
    }
}
