//! Request methods (Fetch, "methods"; RFC 9110, 9.1).

use crate::header::is_token;
use crate::request::Field;

/// The longest method that is looked at; longer ones are malformed by their length.
pub(crate) const MAX_METHOD: usize = 64;

/// What `allow_methods` is unless it is set (Fetch, "CORS-safelisted method").
pub(crate) const SAFELISTED: [&str; 3] = ["GET", "HEAD", "POST"];

/// The safelisted methods that only read: every policy allows them, listed or not.
pub(crate) const READING: [&str; 2] = ["GET", "HEAD"];

/// Those, as an answer lists them in place of a list that it must not show.
pub(crate) const READING_LIST: &str = "GET, HEAD";

/// Fetch, "forbidden method": no page can send them. Compared ignoring ASCII case, as there.
const FORBIDDEN: [&[u8]; 3] = [b"CONNECT", b"TRACE", b"TRACK"];

pub(crate) fn is_forbidden(method: &[u8]) -> bool {
    FORBIDDEN.iter().any(|forbidden| method.eq_ignore_ascii_case(forbidden))
}

/// Which methods a grant allows, and how they are answered.
#[derive(Debug)]
pub(crate) struct Methods {
    listed: Box<[Box<str>]>,
    /// `*`: every method but the forbidden ones and one called `*`.
    any: bool,
    /// The answer names the method that was asked for.
    requested: bool,
}

/// Why a preflight's method was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    Malformed,
    /// `hidden`: the answer must not show the list, because some browser could find the refused
    /// method in it.
    NotAllowed {
        hidden: bool,
    },
    /// `POST`: browsers look for it in no list, so the answer must allow nothing at all.
    PostNotAllowed,
}

impl Methods {
    pub(crate) fn new<'n>(listed: impl IntoIterator<Item = &'n str>, any: bool, requested: bool) -> Self {
        Self { listed: listed.into_iter().map(Into::into).collect(), any, requested }
    }

    /// Checks the lines of `Access-Control-Request-Method`, of which there must be one, a token.
    ///
    /// Compared byte for byte (Fetch, "CORS-preflight fetch", step 7.5). Before sending, browsers
    /// upper-case the six methods of Fetch, "normalize a method", and no others. That step accepts a
    /// safelisted method whatever the answer lists.
    pub(crate) fn check(&self, asked: Field<'_>) -> Result<(), Failure> {
        let Field::One(method) = asked else { return Err(Failure::Malformed) };
        if READING.iter().any(|reading| reading.as_bytes() == method) {
            return Ok(());
        }
        if self.listed.iter().any(|listed| listed.as_bytes() == method) {
            return Ok(());
        }
        if method.len() > MAX_METHOD || !is_token(method) {
            return Err(Failure::Malformed);
        }
        if self.any && method != b"*" && !is_forbidden(method) {
            return Ok(());
        }
        if method == b"POST" {
            return Err(Failure::PostNotAllowed);
        }
        Err(Failure::NotAllowed { hidden: self.any || self.requested || self.lists_ignoring_case(method) })
    }

    /// Older Chromium versions upper-cased every method before comparing it, so a refused `patch`
    /// would pass if `PATCH` were listed.
    fn lists_ignoring_case(&self, method: &[u8]) -> bool {
        self.listed.iter().any(|listed| listed.as_bytes().eq_ignore_ascii_case(method))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_compared_byte_for_byte() {
        let methods = Methods::new(["PUT", "PATCH"], false, false);
        assert_eq!(methods.check(Field::One(b"PUT")), Ok(()));
        assert_eq!(methods.check(Field::One(b"GET")), Ok(()));
        assert_eq!(methods.check(Field::One(b"POST")), Err(Failure::PostNotAllowed));
        assert_eq!(methods.check(Field::One(b"post")), Err(Failure::NotAllowed { hidden: false }));
        assert_eq!(methods.check(Field::One(b"patch")), Err(Failure::NotAllowed { hidden: true }));
        assert_eq!(methods.check(Field::One(b"DELETE")), Err(Failure::NotAllowed { hidden: false }));
    }

    #[test]
    fn any_method_is_any_but_the_forbidden_ones() {
        let methods = Methods::new([], true, false);
        assert_eq!(methods.check(Field::One(b"CHICKEN")), Ok(()));
        assert_eq!(methods.check(Field::One(b"POST")), Ok(()));
        for method in [&b"*"[..], b"Trace", b"CONNECT"] {
            assert_eq!(methods.check(Field::One(method)), Err(Failure::NotAllowed { hidden: true }));
        }
        for method in [&b""[..], b"A B", b"A,B", &[b'A'; 65]] {
            assert_eq!(methods.check(Field::One(method)), Err(Failure::Malformed));
        }
        assert_eq!(methods.check(Field::Repeated), Err(Failure::Malformed));
    }
}
