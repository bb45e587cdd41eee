//! One row of an allow-list, read from its text: scheme, host, `*.` base or glob, port or `:*`.

use super::origin::{Parsed, parse};

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
    /// One label that begins with `before`, ends with `after` and has more in between.
    Glob {
        before: String,
        after: String,
        parent: String,
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
        let host = match (host.strip_prefix("*."), host.split_once('*')) {
            (Some(base), _) => HostPart::Below { base: base.into(), depth },
            (None, Some((before, rest))) => {
                let (after, parent) = rest.split_once('.').expect("a glob has a parent");
                HostPart::Glob { before: before.into(), after: after.into(), parent: parent.into() }
            }
            (None, None) => HostPart::Exact(host.into()),
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
            HostPart::Glob { before, after, parent } => fits(&origin.host, before, after, parent),
        };
        self.scheme == origin.scheme && host && port
    }

    /// The only origin that the row matches, if it is one.
    pub fn only_origin(&self) -> Option<Parsed> {
        let is_exact = matches!((&self.host, self.port), (HostPart::Exact(_), PortPart::Exact(_)));
        parse(self.text.as_bytes()).filter(|_| is_exact)
    }

    /// How rows that match the same origin are preferred within a grant: smaller first. Exact port,
    /// exact host with any port, deepest wildcard, exact port before any port at the same depth,
    /// globs, exact port before any port.
    pub fn preference(&self) -> (u8, std::cmp::Reverse<usize>, bool) {
        let any_port = self.port == PortPart::Any;
        match &self.host {
            HostPart::Exact(_) => (0, std::cmp::Reverse(0), any_port),
            HostPart::Below { base, .. } => (1, std::cmp::Reverse(base.split('.').count()), any_port),
            HostPart::Glob { .. } => (2, std::cmp::Reverse(0), any_port),
        }
    }

    /// Whether every origin that `other` matches is matched by this row too.
    pub fn contains(&self, other: &Self) -> bool {
        let port = self.port == PortPart::Any || self.port == other.port;
        let host = match (&self.host, &other.host) {
            (HostPart::Exact(a), HostPart::Exact(b)) => a == b,
            (HostPart::Exact(_), HostPart::Below { .. } | HostPart::Glob { .. }) => false,
            (HostPart::Below { base, depth }, HostPart::Exact(host)) => {
                labels_below(base, host).is_some_and(|n| n > 0 && depth.is_none_or(|depth| n <= depth))
            }
            (HostPart::Below { base, depth }, HostPart::Below { base: other, depth: other_depth }) => {
                let reach = labels_below(base, other);
                reach.is_some_and(|n| depth.is_none_or(|depth| other_depth.is_some_and(|other| n + other <= depth)))
            }
            (HostPart::Below { base, depth }, HostPart::Glob { parent, .. }) => {
                labels_below(base, parent).is_some_and(|n| depth.is_none_or(|depth| n < depth))
            }
            (HostPart::Glob { before, after, parent }, HostPart::Exact(host)) => fits(host, before, after, parent),
            (HostPart::Glob { .. }, HostPart::Below { .. }) => false,
            (HostPart::Glob { before, after, parent }, HostPart::Glob { before: b, after: a, parent: p }) => {
                parent == p && b.starts_with(before) && a.ends_with(after)
            }
        };
        self.scheme == other.scheme && port && host
    }
}

/// Whether a host is one label before `parent`, and the label fits the glob's literals.
fn fits(host: &str, before: &str, after: &str, parent: &str) -> bool {
    let Some((label, rest)) = host.split_once('.') else { return false };
    rest == parent && label.len() > before.len() + after.len() && label.starts_with(before) && label.ends_with(after)
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
            ("https://a-*.a.com", None, "https://a-b.a.com", true),
            ("https://a-*.a.com", None, "https://a-.a.com", false),
            ("https://a-*.a.com", None, "https://a-b.c.a.com", false),
            ("https://a-*.a.com", None, "https://a-b.ba.com", false),
            ("https://a-*.a.com", None, "https://a-b.a.com:1", false),
            ("https://a-*.a.com:*", None, "https://a-b.a.com:1", true),
            ("https://aba*ba.a.com", None, "https://aba.a.com", false),
            ("https://aba*ba.a.com", None, "https://ababa.a.com", false),
            ("https://aba*ba.a.com", None, "https://abacba.a.com", true),
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
            ("https://*.a.com", Some(1), "https://b*.a.com", None, true),
            ("https://*.com", Some(1), "https://b*.a.com", None, false),
            ("https://b*.a.com", None, "https://*.a.com", Some(1), false),
            ("https://b*.a.com", None, "https://b*c.a.com", None, true),
            ("https://b*c.a.com", None, "https://b*.a.com", None, false),
            ("https://b*.a.com", None, "https://b*.a.com:*", None, false),
            ("https://b*.a.com", None, "https://bc.a.com", None, true),
            ("https://b*.a.com", None, "https://b.a.com", None, false),
        ] {
            let (outer, inner) = (Row::parse(outer, outer_depth), Row::parse(inner, inner_depth));
            assert_eq!(outer.contains(&inner), expected, "{outer:?} {inner:?}");
        }
    }
}
