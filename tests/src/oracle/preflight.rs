//! A naive browser: whether the answer to a preflight lets the request through (Fetch,
//! "CORS-preflight fetch", step 7), and laxer browsers than the standard's.

/// What a page asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    pub origin: String,
    /// As "normalize a method" leaves it.
    pub method: String,
    /// The unsafe header names, in lower case, each once.
    pub names: Vec<String>,
    pub credentials: bool,
    /// There is a preflight whatever the request is: it has an upload listener, or a stream as body.
    pub forced: bool,
}

/// How a browser departs from the standard.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lax {
    /// Methods are upper-cased before they are compared, as in older Chromium versions.
    pub upper_case: bool,
    /// `*` is a wildcard with credentials too.
    pub star_with_credentials: bool,
    /// `*` covers `authorization`.
    pub star_with_authorization: bool,
}

impl Lax {
    pub const NOT: Self = Self { upper_case: false, star_with_credentials: false, star_with_authorization: false };

    /// Every combination; the first is the standard.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..8).map(|bits| Self {
            upper_case: bits & 1 != 0,
            star_with_credentials: bits & 2 != 0,
            star_with_authorization: bits & 4 != 0,
        })
    }
}

/// The answer to a preflight.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
}

impl Answer {
    /// The elements of all lines of this name; `None` if there is none.
    fn list(&self, name: &str) -> Option<Vec<String>> {
        let lines: Vec<&String> =
            self.headers.iter().filter(|header| header.0 == name).map(|header| &header.1).collect();
        let elements = lines.iter().flat_map(|line| line.split(',')).map(|element| element.trim().to_string());
        (!lines.is_empty()).then(|| elements.filter(|element| !element.is_empty()).collect())
    }

    /// Fetch, "CORS check".
    fn shares_with(&self, asked: &Asked) -> bool {
        let value = |name: &str| match self.headers.iter().filter(|header| header.0 == name).collect::<Vec<_>>()[..] {
            [header] => Some(header.1.as_str()),
            _ => None,
        };
        match value("access-control-allow-origin") {
            Some("*") if !asked.credentials => true,
            Some(origin) if origin == asked.origin => {
                !asked.credentials || value("access-control-allow-credentials") == Some("true")
            }
            _ => false,
        }
    }

    /// Whether the request is sent.
    pub fn admits(&self, asked: &Asked, lax: Lax) -> bool {
        if !self.shares_with(asked) || !(200..300).contains(&self.status) {
            return false;
        }
        let mut methods = self.list("access-control-allow-methods");
        if methods.is_none() && asked.forced {
            methods = Some(vec![asked.method.clone()]);
        }
        let methods = methods.unwrap_or_default();
        let names = self.list("access-control-allow-headers").unwrap_or_default();
        let stars = !asked.credentials || lax.star_with_credentials;
        let has_star = |list: &[String]| stars && list.iter().any(|element| element == "*");
        let method = if lax.upper_case { asked.method.to_ascii_uppercase() } else { asked.method.clone() };
        if !methods.contains(&method) && !["GET", "HEAD", "POST"].contains(&&*method) && !has_star(&methods) {
            return false;
        }
        asked.names.iter().all(|name| {
            let by_star = has_star(&names) && (name != "authorization" || lax.star_with_authorization);
            by_star || names.iter().any(|listed| listed.eq_ignore_ascii_case(name))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_judged() {
        let origin = ("access-control-allow-origin", "https://a.example");
        let methods = |value| ("access-control-allow-methods", value);
        let headers = |value| ("access-control-allow-headers", value);
        let credentials = ("access-control-allow-credentials", "true");
        for (answer, method, names, with_credentials, forced, admitted) in [
            (&[origin, methods("PUT")][..], "PUT", &[][..], false, false, true),
            (&[origin, methods("PUT")], "put", &[], false, false, false),
            (&[origin, methods("PUT")], "POST", &[], false, true, true),
            (&[origin], "DELETE", &[], false, false, false),
            (&[origin], "DELETE", &[], false, true, true),
            (&[origin, methods("GET, HEAD")], "DELETE", &[], false, true, false),
            (&[origin, methods("*")], "DELETE", &[], false, false, true),
            (&[origin, methods("*"), credentials], "DELETE", &[], true, false, false),
            (&[origin, methods("PUT")], "PUT", &[], true, false, false),
            (&[origin, headers("*")], "GET", &["x-a"], false, false, true),
            (&[origin, headers("*")], "GET", &["authorization"], false, false, false),
            (&[origin, headers("X-A,x-b")], "GET", &["x-a", "x-b"], false, false, true),
            (&[methods("PUT")], "PUT", &[], false, false, false),
        ] {
            let headers = answer.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            let asked = Asked {
                origin: "https://a.example".into(),
                method: method.into(),
                names: names.iter().map(|name| (*name).into()).collect(),
                credentials: with_credentials,
                forced,
            };
            let answer = Answer { status: 204, headers };
            assert_eq!(answer.admits(&asked, Lax::NOT), admitted, "{answer:?} {asked:?}");
            assert!(!Answer { status: 403, ..answer }.admits(&asked, Lax::NOT));
        }
    }
}
