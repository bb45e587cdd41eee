//! What has the form of an origin and never is one: schemes, ports and labels that no page's origin has.

use super::fault::Fault;
use crate::config::diagnostic::{Code, quote};
use crate::origin::Scheme;

/// Why no page has a scheme, and what to write in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// The scheme of a WebSocket, whose handshake sends the origin of its page; the page's scheme.
    WebSocket(&'static str),
    /// A page with such a URL has the origin of the page that made it.
    Inside,
    /// A page with such a URL has an opaque origin, which is sent as `null`.
    Null,
    /// Browsers load no pages by it.
    NoPages,
    /// A slip of the fingers; the scheme that is meant.
    Slip(&'static str),
}

/// Schemes that no page has as its origin (URL, "origin"; HTML, "origin", where a document's is defined).
const SCHEMES: [(&str, Why); 45] = [
    ("ws", Why::WebSocket("http")),
    ("wss", Why::WebSocket("https")),
    ("blob", Why::Inside),
    ("filesystem", Why::Inside),
    ("view-source", Why::Inside),
    ("about", Why::Null),
    ("data", Why::Null),
    ("javascript", Why::Null),
    ("cid", Why::NoPages),
    ("dict", Why::NoPages),
    ("dns", Why::NoPages),
    ("ftp", Why::NoPages),
    ("ftps", Why::NoPages),
    ("geo", Why::NoPages),
    ("git", Why::NoPages),
    ("gopher", Why::NoPages),
    ("imap", Why::NoPages),
    ("irc", Why::NoPages),
    ("ircs", Why::NoPages),
    ("jar", Why::NoPages),
    ("ldap", Why::NoPages),
    ("ldaps", Why::NoPages),
    ("magnet", Why::NoPages),
    ("mailto", Why::NoPages),
    ("mid", Why::NoPages),
    ("news", Why::NoPages),
    ("nntp", Why::NoPages),
    ("rtmp", Why::NoPages),
    ("rtsp", Why::NoPages),
    ("sftp", Why::NoPages),
    ("sip", Why::NoPages),
    ("sips", Why::NoPages),
    ("sms", Why::NoPages),
    ("ssh", Why::NoPages),
    ("tel", Why::NoPages),
    ("telnet", Why::NoPages),
    ("urn", Why::NoPages),
    ("xmpp", Why::NoPages),
    ("hhttps", Why::Slip("https")),
    ("htpps", Why::Slip("https")),
    ("htps", Why::Slip("https")),
    ("htttp", Why::Slip("http")),
    ("htttps", Why::Slip("https")),
    ("httpss", Why::Slip("https")),
    ("shttp", Why::Slip("https")),
];

/// What is wrong with a row whose scheme no page has, if it is one.
pub(super) fn scheme(text: &str) -> Option<Fault> {
    let (scheme, _) = split(text)?;
    if scheme == "file" {
        let fault = Fault::new(Code::OriginFileScheme, "can never match: pages from files send `null`");
        return Some(fault.help("serve the page over `http://localhost` and allow `http://localhost:*`"));
    }
    let shown = quote(scheme);
    let what = match why(scheme)? {
        Why::WebSocket(_) | Why::Slip(_) => format!("no page has the scheme {shown}"),
        Why::Inside => format!("no origin has the scheme {shown}"),
        Why::Null => format!("pages with {shown} URLs send `null`, or the origin of the page that opened them"),
        Why::NoPages => format!("browsers load no pages over {shown}"),
    };
    Some(Fault::new(Code::OriginSchemeUnsent, format!("can never match: {what}")))
}

/// What to write in place of such a row. `canonical` finds the row that is meant.
pub(super) fn repair(text: &str, canonical: fn(&str) -> Option<String>) -> Option<String> {
    let (scheme, rest) = split(text)?;
    Some(match why(scheme)? {
        Why::WebSocket(page) => in_place(page, rest, ": a WebSocket handshake sends the page's origin", canonical),
        Why::Inside => of_page(rest, canonical),
        Why::Null => "write the origin of the page that opens it, such as `https://app.example.com`".into(),
        Why::NoPages => in_place("https", rest, ", and serve the page there", canonical),
        Why::Slip(meant) => in_place(meant, rest, "", canonical),
    })
}

/// The scheme and what is behind its colon.
fn split(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    // A host and its port, where the scheme is missing.
    (!rest.starts_with(|first: char| first.is_ascii_digit() || first == '*')).then_some((scheme, rest))
}

fn why(scheme: &str) -> Option<Why> {
    SCHEMES.iter().find(|(name, _)| *name == scheme).map(|(_, why)| *why)
}

/// The same host under another scheme, where that is a row.
fn in_place(scheme: &str, rest: &str, why: &str, canonical: fn(&str) -> Option<String>) -> String {
    let host = rest.trim_start_matches('/');
    match canonical(&format!("{scheme}://{host}")) {
        Some(row) => format!("write {}{why}", quote(&row)),
        None => format!("write the page's own origin, such as `{scheme}://app.example.com`{why}"),
    }
}

/// The origin inside of a `blob:` URL and the like.
fn of_page(rest: &str, canonical: fn(&str) -> Option<String>) -> String {
    let is_page = rest.starts_with("https://") || rest.starts_with("http://");
    match is_page.then(|| canonical(rest)).flatten() {
        Some(row) => format!("write {}: that is the origin of such a page", quote(&row)),
        None => "write the origin of the page that made it, such as `https://app.example.com`".into(),
    }
}

/// Fetch, "port blocking": the table of bad ports, but for 0, which is no port of an origin.
const BAD_PORTS: [u16; 82] = [
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
    111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
    540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
    6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

/// Whether browsers load nothing from the port (Fetch, "block bad port"): so no page has it in its
/// origin. Other schemes than these two are not concerned.
pub(super) fn is_blocked(port: u16, scheme: Scheme) -> bool {
    scheme != Scheme::Other && BAD_PORTS.binary_search(&port).is_ok()
}

/// Whether the URL parser refuses a host of labels (URL, "domain to ASCII", with labels that begin with
/// `xn--`), or gives it another form. The request path lets such hosts pass: no browser sends them.
pub(crate) fn is_no_domain(host: &str) -> bool {
    host.contains("xn--") && idna::domain_to_ascii(host).ok().as_deref() != Some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_in_order() {
        assert!(BAD_PORTS.is_sorted());
        for (index, (name, _)) in SCHEMES.iter().enumerate() {
            assert!(SCHEMES.iter().skip(index + 1).all(|(other, _)| other != name), "{name} is there twice");
        }
    }

    #[test]
    fn names_in_their_ascii_form_are_domains() {
        for host in ["xn--bcher-kva.example", "a.xn--exmple-cua.com", "xn--p1ai", "xn--bcher-kva.example."] {
            assert!(!is_no_domain(host), "{host}");
        }
        for host in ["xn--a.example.com", "xn--.com", "a.xn--foo-.com", "xn--zzzzzz.example", "xn--a", "xn--abc.xn--a"]
        {
            assert!(is_no_domain(host), "{host}");
        }
    }
}
