//! A naive router: paths are judged and compared as text, segment by segment, and every route is
//! looked at. Beside it, what servers of several kinds make of a path.

use std::fmt::Write as _;

/// A route as the document writes it; an empty path is every path.
#[derive(Clone, Debug)]
pub struct Route {
    pub host: Option<String>,
    pub path: String,
    pub policy: String,
}

/// What a host and path are to a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    Policy(String),
    Ambiguous,
    Unrouted,
}

/// RFC 3986, 2.3.
const UNRESERVED: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

/// A document with these routes, and policies for any origin named `p`, `q` and `r`.
pub fn to_toml(routes: &[Route], pass: bool) -> String {
    let mut text = format!("version = 1\nunrouted = \"{}\"\n", if pass { "pass" } else { "deny" });
    for name in ["p", "q", "r"] {
        writeln!(text, "[policy.{name}]\nallow_origins = [\"*\"]").unwrap();
    }
    for Route { host, path, policy } in routes {
        writeln!(text, "[[route]]\npolicy = {policy:?}").unwrap();
        if let Some(host) = host {
            writeln!(text, "host = {host:?}").unwrap();
        }
        if !path.is_empty() {
            writeln!(text, "path = {path:?}").unwrap();
        }
    }
    text
}

/// Judges a request. `path` is its path in Latin-1, with a query perhaps.
pub fn judge(routes: &[Route], host: &str, path: &str) -> Judgement {
    let path = without_query(path);
    let candidates = candidates(routes, host);
    if candidates.is_empty() {
        return Judgement::Unrouted;
    }
    let several = candidates.iter().any(|route| route.policy != candidates[0].policy);
    let any_covers_all = candidates.iter().any(|route| route.path.is_empty());
    let compared = candidates.iter().map(|route| route.path.matches('/').count()).max().unwrap();
    // What a route writes with other than letters, digits and `-._~` can be written in a second way.
    let spelled = candidates.iter().any(|route| route.path.chars().any(|c| c != '/' && !UNRESERVED.contains(c)));
    if (several || !any_covers_all) && (is_ambiguous(path, compared) || spelled && is_respelled(path, compared)) {
        return Judgement::Ambiguous;
    }
    find(&candidates, path)
}

/// The routes for this host: its own and those for every host.
pub fn candidates<'r>(routes: &'r [Route], host: &str) -> Vec<&'r Route> {
    let host = without_port(host).to_ascii_lowercase();
    let host = host.strip_suffix('.').unwrap_or(&host);
    routes.iter().filter(|route| route.host.as_deref().is_none_or(|own| own == host)).collect()
}

/// The most specific of these routes that covers the path, which is read as it is.
pub fn find(candidates: &[&Route], path: &str) -> Judgement {
    let covers =
        |route: &&&Route| route.path.is_empty() || path == route.path || path.starts_with(&format!("{}/", route.path));
    let best = candidates.iter().filter(covers).max_by_key(|route| (route.host.is_some(), route.path.len()));
    best.map_or(Judgement::Unrouted, |route| Judgement::Policy(route.policy.clone()))
}

/// The same for what a server reads: bytes that routes have encoded are decoded in both.
pub fn find_read(candidates: &[&Route], reading: &str) -> Judgement {
    let routes: Vec<Route> =
        candidates.iter().map(|route| Route { path: decode(&route.path), ..(*route).clone() }).collect();
    find(&routes.iter().collect::<Vec<_>>(), &decode(reading))
}

fn without_query(path: &str) -> &str {
    match path.split('?').next().unwrap() {
        "" => "/",
        path => path,
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_ambiguous(path: &str, compared: usize) -> bool {
    let path = path.to_ascii_lowercase();
    let segments: Vec<&str> = path.split('/').collect();
    let encoded = |segment: &str, what: &str| what.chars().any(|c| segment.contains(&escape(c)));
    for (index, segment) in segments.iter().enumerate().take(compared + 1) {
        if segment.contains('\\') || encoded(segment, "/\\%") || is_dots(&segment.replace("%2e", ".")) {
            return true;
        }
        let is_inner = segment.is_empty() && index + 1 < segments.len();
        if index > 0 && (is_inner || segment.contains(';') || encoded(segment, UNRESERVED)) {
            return true;
        }
    }
    let mut rest = segments.into_iter().skip(compared + 1).collect::<Vec<_>>().join("/");
    while rest.contains("%25") {
        rest = rest.replace("%25", "%");
    }
    // An encoded digit of an encoded byte: what decodes once more finds another byte there.
    for digit in "0123456789abcdefABCDEF".chars() {
        let digit = escape(digit);
        let after_one = "0123456789abcdef".chars().any(|one| rest.contains(&format!("%{one}{digit}")));
        if after_one || rest.contains(&format!("%{digit}")) {
            return true;
        }
    }
    let rest = rest.replace("%2e", ".").replace("%2f", "/").replace("%5c", "/").replace('\\', "/");
    rest.split('/').any(is_dots)
}

/// Whether a compared segment has a byte beyond ASCII, an encoded printable one, or lower-case digits.
fn is_respelled(path: &str, compared: usize) -> bool {
    let digits = "0123456789abcdefABCDEF";
    path.split('/').skip(1).take(compared).any(|segment| {
        let encoded = segment.match_indices('%').filter_map(|(at, _)| segment.get(at + 1..at + 3));
        let mut encoded = encoded.filter(|encoded| encoded.chars().all(|digit| digits.contains(digit)));
        let is_printable = |encoded: &str| (0x21..=0x7e).contains(&u8::from_str_radix(encoded, 16).unwrap());
        !segment.is_ascii() || encoded.any(|encoded| is_printable(encoded) || encoded != encoded.to_uppercase())
    })
}

fn escape(c: char) -> String {
    format!("%{:02x}", c as u32)
}

fn is_dots(segment: &str) -> bool {
    matches!(segment.split(';').next(), Some("." | ".."))
}

/// What servers read where a client sends this path: those that decode it not at all, once or several
/// times, that take `\` for `/` or not, drop parameters or not, merge slashes or not. All remove dot
/// segments last (RFC 3986, 5.2.4).
pub fn readings(path: &str) -> Vec<String> {
    let mut readings = vec![];
    for times in 0..=3 {
        for kind in 0..8 {
            let (backslash, parameters, merge) = (kind & 1 != 0, kind & 2 != 0, kind & 4 != 0);
            let mut path = without_query(path).to_string();
            if parameters {
                path = path.split('/').map(|segment| segment.split(';').next().unwrap()).collect::<Vec<_>>().join("/");
            }
            for _ in 0..times {
                path = decode(&path);
            }
            if backslash {
                path = path.replace('\\', "/");
            }
            readings.push(without_dots(&path, merge));
        }
    }
    readings.sort_unstable();
    readings.dedup();
    readings
}

/// Every encoded byte, once, from left to right.
fn decode(path: &str) -> String {
    let chars: Vec<char> = path.chars().collect();
    let (mut decoded, mut at) = (String::new(), 0);
    while at < chars.len() {
        let digits = chars.get(at + 1..at + 3).map(|digits| digits.iter().collect::<String>());
        let byte = digits.filter(|_| chars[at] == '%').and_then(|digits| {
            digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u8::from_str_radix(&digits, 16).unwrap())
        });
        decoded.push(byte.map_or(chars[at], char::from));
        at += if byte.is_some() { 3 } else { 1 };
    }
    decoded
}

fn without_dots(path: &str, merge: bool) -> String {
    let mut kept: Vec<&str> = vec![];
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    for (index, segment) in segments.iter().enumerate() {
        let is_last = index + 1 == segments.len();
        match *segment {
            "." | ".." => {
                if *segment == ".." {
                    kept.pop();
                }
                if is_last {
                    kept.push("");
                }
            }
            "" if merge && !is_last => {}
            segment => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(path: &str, policy: &str) -> Route {
        Route { host: Some("api.test".into()), path: path.into(), policy: policy.into() }
    }

    #[test]
    fn requests_are_judged() {
        let one = [route("/public", "p")];
        let two = [route("/a/b", "p"), route("", "q")];
        let all = [route("/a/b", "p"), route("", "p")];
        let policy = |name: &str| Judgement::Policy(name.into());
        for (routes, host, path, expected) in [
            (&one[..], "API.test.:80", "/public/x?/..", policy("p")),
            (&one, "api.test", "/public/../secret", Judgement::Ambiguous),
            (&one, "api.test", "/public/..%252Fsecret", Judgement::Ambiguous),
            (&one, "api.test", "/public/g%2Fp", policy("p")),
            (&one, "api.test", "/publi%63", Judgement::Ambiguous),
            (&one, "api.test", "/publicly", Judgement::Unrouted),
            (&one, "web.test", "/public/../secret", Judgement::Unrouted),
            (&two, "api.test", "/a/c", policy("q")),
            (&two, "api.test", "/a/b/c%5c%2e%2E", Judgement::Ambiguous),
            (&all, "api.test", "/a/../b", policy("p")),
        ] {
            assert_eq!(judge(routes, host, path), expected, "{host}{path}");
        }
    }

    #[test]
    fn servers_read_the_secret_in_many_paths() {
        for path in [
            "/x/../secret",
            "/x/..%2fsecret",
            "/%73ecret",
            "//secret",
            "/secret;a",
            "/x/..%252fsecret",
            "/x/..\\secret",
        ] {
            assert!(readings(path).iter().any(|reading| reading == "/secret"), "{path}");
        }
        assert_eq!(readings("/a/b"), ["/a/b"]);
    }
}
