//! One row of an allow-list, read from its text: scheme, host or `*.` base, port or `:*`.

use super::origin::Parsed;

/// A row, as the document writes it and as it is understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub text: String,
    scheme: String,
    host: HostPart,
    port: PortPart,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum HostPart {
    Exact(String),
    /// One or more labels below the base, at most so many.
    Below {
        base: String,
        depth: Option<usize>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PortPart {
    Exact(Option<u32>),
    Any,
}

impl Row {
    /// Takes a pattern apart. It is one that the engine accepts, so nothing is checked here.
    pub fn parse(text: &str, depth: Option<usize>) -> Self {
        let (scheme, rest) = text.split_once("://").expect("a row has a scheme");
        let after_address = rest.rfind(']').unwrap_or(0);
        let (host, port) = match rest[after_address..].find(':') {
            None => (rest, PortPart::Exact(None)),
            Some(at) => {
                let (host, port) = rest.split_at(after_address + at);
                (host, if port == ":*" { PortPart::Any } else { PortPart::Exact(Some(port[1..].parse().unwrap())) })
            }
        };
        let host = match host.strip_prefix("*.") {
            Some(base) => HostPart::Below { base: base.into(), depth },
            None => HostPart::Exact(host.into()),
        };
        Self { text: text.into(), scheme: scheme.into(), host, port }
    }

    /// Scheme, host and port, each as the row wants it.
    pub fn matches(&self, origin: &Parsed) -> bool {
        let port = match self.port {
            PortPart::Any => true,
            PortPart::Exact(port) => port == origin.port,
        };
        let host = match &self.host {
            HostPart::Exact(host) => *host == origin.host,
            HostPart::Below { base, depth } => match origin.host.strip_suffix(base).and_then(|h| h.strip_suffix('.')) {
                Some(covered) => !covered.is_empty() && depth.is_none_or(|depth| covered.split('.').count() <= depth),
                None => false,
            },
        };
        self.scheme == origin.scheme && host && port
    }

    /// How rows that match the same origin are preferred within a grant: smaller first. Exact port,
    /// exact host with any port, deepest wildcard, exact port before any port at the same depth.
    pub fn preference(&self) -> (bool, std::cmp::Reverse<usize>, bool) {
        let any_port = self.port == PortPart::Any;
        match &self.host {
            HostPart::Exact(_) => (false, std::cmp::Reverse(0), any_port),
            HostPart::Below { base, .. } => (true, std::cmp::Reverse(base.split('.').count()), any_port),
        }
    }

    /// Whether every origin that `other` matches is matched by this row too.
    pub fn contains(&self, other: &Self) -> bool {
        let port = self.port == PortPart::Any || self.port == other.port;
        let host = match (&self.host, &other.host) {
            (HostPart::Exact(a), HostPart::Exact(b)) => a == b,
            (HostPart::Exact(_), HostPart::Below { .. }) => false,
            (HostPart::Below { base, depth }, HostPart::Exact(host)) => {
                labels_below(base, host).is_some_and(|n| n > 0 && depth.is_none_or(|depth| n <= depth))
            }
            (HostPart::Below { base, depth }, HostPart::Below { base: other, depth: other_depth }) => {
                let reach = labels_below(base, other);
                reach.is_some_and(|n| depth.is_none_or(|depth| other_depth.is_some_and(|other| n + other <= depth)))
            }
        };
        self.scheme == other.scheme && port && host
    }
}

/// How many labels stand before `base` in `host`: 0 where they are equal.
fn labels_below(base: &str, host: &str) -> Option<usize> {
    if host == base {
        return Some(0);
    }
    let covered = host.strip_suffix(base)?.strip_suffix('.')?;
    Some(covered.split('.').count())
}

#[cfg(test)]
mod tests {
    use super::super::origin::parse;
    use super::*;

    #[test]
    fn rows_match_what_the_specification_says() {
        for (row, depth, origin, expected) in [
            ("https://a.com", None, "https://a.com", true),
            ("https://a.com", None, "https://a.com:1", false),
            ("https://a.com", None, "https://a.com.", false),
            ("https://a.com:*", None, "https://a.com", true),
            ("https://a.com:*", None, "https://a.com:1", true),
            ("https://*.a.com", None, "https://a.com", false),
            ("https://*.a.com", None, "https://ba.com", false),
            ("https://*.a.com", None, "https://c.b.a.com", true),
            ("https://*.a.com", Some(1), "https://c.b.a.com", false),
            ("https://*.a.com", Some(2), "https://c.b.a.com", true),
            ("https://*.a.com", None, "https://b.a.com.", false),
            ("https://*.a.com.", None, "https://b.a.com.", true),
            ("http://[::1]:*", None, "http://[::1]:5", true),
            ("http://[::1]:5", None, "http://[::1]", false),
        ] {
            let origin = parse(origin.as_bytes()).unwrap();
            assert_eq!(Row::parse(row, depth).matches(&origin), expected, "{row} {}", origin.text);
        }
    }

    #[test]
    fn containment_is_that_of_the_sets_of_origins() {
        for (outer, outer_depth, inner, inner_depth, expected) in [
            ("https://a.com:*", None, "https://a.com:1", None, true),
            ("https://a.com", None, "https://a.com:*", None, false),
            ("https://*.com", None, "https://*.a.com", None, true),
            ("https://*.com", Some(2), "https://*.a.com", None, false),
            ("https://*.com", Some(2), "https://*.a.com", Some(1), true),
            ("https://*.com", Some(2), "https://*.a.com", Some(2), false),
            ("https://*.com", Some(1), "https://a.com", None, true),
            ("https://*.com", Some(1), "https://b.a.com", None, false),
            ("https://*.a.com", None, "https://a.com", None, false),
            ("https://*.a.com", Some(3), "https://*.a.com", Some(3), true),
            ("https://*.a.com", None, "http://b.a.com", None, false),
        ] {
            let (outer, inner) = (Row::parse(outer, outer_depth), Row::parse(inner, inner_depth));
            assert_eq!(outer.contains(&inner), expected, "{outer:?} {inner:?}");
        }
    }
}
