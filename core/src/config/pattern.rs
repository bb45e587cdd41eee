//! Patterns: the rows of an allow-list as people write them.
//!
//! A pattern is accepted only in the form in which a browser would send the matching origins. Any
//! other spelling is rejected with the correct form as help, and never repaired: a document does
//! exactly what it says.

mod canonical;
mod expression;
mod fault;
mod parse;
mod plain;
mod proof;
mod shape;

pub(crate) use expression::Expression;
pub use fault::PatternError;
pub(crate) use proof::End;
pub(crate) use shape::Shape;

use crate::matcher::PortRule;
use crate::origin::Scheme;

/// One row of an allow-list.
///
/// ```
/// use corsac::Pattern;
///
/// assert!(Pattern::parse("https://*.example.com").is_ok());
/// let error = Pattern::parse("https://Example.com/").unwrap_err();
/// assert_eq!(error.code().as_str(), "origin/trailing-slash");
/// assert_eq!(error.help(), "write `https://example.com`");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern<'t> {
    text: &'t str,
    kind: Kind,
    scheme: Scheme,
    port: PortRule,
    // INVARIANT: where the host begins in `text` and ends; a pattern is far shorter than 64 KiB.
    host: (u16, u16),
}

/// A pattern's [`Shape`] without its parts, which are found again by where the host is: lists have
/// millions of rows, and those of 1,000,000 are read in 330 ms in place of 365.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Any,
    Null,
    Host,
    Below,
    Glob,
}

const _: () = assert!(size_of::<Pattern<'_>>() == 32);

impl<'t> Pattern<'t> {
    /// Parses one row. Rules that depend on the rest of a policy, such as those for credentials,
    /// are checked when the policy is built.
    ///
    /// # Errors
    /// The most specific mistake, with the canonical form as help where there is one.
    pub fn parse(text: &'t str) -> Result<Self, PatternError> {
        match parse::shape(text) {
            Ok(shape) => Ok(Self::of(text, shape)),
            Err(fault) => Err(fault.explain(text, canonical::canonical)),
        }
    }

    fn of(text: &'t str, shape: Shape<'t>) -> Self {
        let (kind, scheme, port, host_len) = match shape {
            Shape::Any => (Kind::Any, Scheme::Other, PortRule::Any, 0),
            Shape::Null => (Kind::Null, Scheme::Other, PortRule::Any, 0),
            Shape::Host { scheme, host, port, .. } => (Kind::Host, scheme, port, host.len()),
            Shape::Below { scheme, base, port } => (Kind::Below, scheme, port, "*.".len() + base.len()),
            Shape::Glob { scheme, prefix, suffix, parent, port } => {
                (Kind::Glob, scheme, port, prefix.len() + "*".len() + suffix.len() + ".".len() + parent.len())
            }
        };
        let start = match scheme {
            Scheme::Http => "http://".len(),
            Scheme::Https => "https://".len(),
            Scheme::Other => text.find("://").map_or(0, |end| end + "://".len()),
        };
        Self { text, kind, scheme, port, host: (start as u16, (start + host_len) as u16) }
    }

    /// The row as it was written.
    #[must_use]
    pub fn as_str(&self) -> &'t str {
        self.text
    }

    pub(crate) fn shape(&self) -> Shape<'t> {
        let Self { text, kind, scheme, port, host: (start, end) } = *self;
        let (start, end) = (usize::from(start), usize::from(end));
        let host = text.get(start..end).unwrap_or_default();
        match kind {
            Kind::Any => Shape::Any,
            Kind::Null => Shape::Null,
            Kind::Host => Shape::Host { scheme, key: text.get(..end).unwrap_or_default(), host, port },
            Kind::Below => Shape::Below { scheme, base: host.strip_prefix("*.").unwrap_or(host), port },
            Kind::Glob => {
                let (label, parent) = host.split_once('.').unwrap_or((host, ""));
                let (prefix, suffix) = label.split_once('*').unwrap_or((label, ""));
                Shape::Glob { scheme, prefix, suffix, parent, port }
            }
        }
    }

    /// Whether this is exactly one origin.
    pub(crate) fn is_exact(&self) -> bool {
        self.kind == Kind::Host && matches!(self.port, PortRule::Only(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_is_what_was_parsed() {
        for text in [
            "*",
            "null",
            "https://a.example",
            "http://a.example.:8080",
            "http://localhost:*",
            "https://[2001:db8::1]:8443",
            "https://127.0.0.1",
            "capacitor://localhost",
            "app+shell://a_b:1",
            "https://*.example.com",
            "http://*.example.com.:*",
            "https://pr-*-web.example.com:8443",
            "https://*-web.example.com",
            "https://pr-*.example.com",
        ] {
            let pattern = Pattern::parse(text).unwrap();
            assert_eq!(pattern.shape(), parse::shape(text).unwrap(), "{text}");
            assert_eq!(pattern.as_str(), text);
        }
    }
}
