//! The response's `Vary` (RFC 9110, 12.5.5), and how ours is merged into it. Fetch, "CORS protocol
//! and HTTP caches", requires `Origin` in it wherever allow-origin depends on the request; caches
//! select stored responses by it (RFC 9111, 4.1).

use super::named;

/// The request headers that the answer depends on, to be merged into the response's `Vary`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vary(u8);

impl Vary {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ORIGIN: Self = Self(1);
    pub(crate) const OPTIONS: Self = Self(7);
    pub(crate) const OPTIONS_PRIVATE_NETWORK: Self = Self(15);

    /// The names as bits: 1 `Origin`, 2 `Access-Control-Request-Method`, 4
    /// `Access-Control-Request-Headers`, 8 `Access-Control-Request-Private-Network`. Permanent.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The names of these bits; other bits are ignored.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & Self::OPTIONS_PRIVATE_NETWORK.0)
    }

    /// Whether there is nothing to merge.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The field names, in the order in which they are written.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        named(self.0, NAMES)
    }

    /// The names as the value of one header line, joined with `, `; empty where there is nothing to
    /// merge.
    #[must_use]
    pub fn value(self) -> &'static str {
        VALUES.get(usize::from(self.0)).copied().unwrap_or_default()
    }

    /// The names that are missing from a response's `Vary` lines, ignoring ASCII case. Nothing is
    /// missing if a line contains `*` (RFC 9110, 12.5.5).
    ///
    /// An adapter adds the rest to a line, or adds a line ([`value`](Self::value)); merging twice
    /// has no further effect. Linear in the length of the lines; allocates nothing.
    ///
    /// ```
    /// use corsac::{PolicyBuilder, Request};
    ///
    /// let policy = PolicyBuilder::new("api").allow_origins(["https://app.example.com"]).build()?;
    /// let vary = policy.decide(&Request::new("GET")).vary();
    /// assert_eq!(vary.missing(["accept-encoding"]).value(), "Origin");
    /// assert_eq!(vary.missing(["accept-encoding", "x, ORIGIN"]).value(), "");
    /// # Ok::<(), corsac::ConfigError>(())
    /// ```
    #[must_use]
    pub fn missing<L: AsRef<[u8]>>(self, lines: impl IntoIterator<Item = L>) -> Self {
        let mut missing = self.0;
        for line in lines {
            for member in line.as_ref().split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
                if member == b"*" {
                    return Self::NONE;
                }
                let known = (0..).zip(NAMES).find(|(_, name)| name.as_bytes().eq_ignore_ascii_case(member));
                if let Some((bit, _)) = known {
                    missing &= !(1 << bit);
                }
            }
        }
        Self(missing)
    }
}

const NAMES: [&str; 4] = [
    "Origin",
    "Access-Control-Request-Method",
    "Access-Control-Request-Headers",
    "Access-Control-Request-Private-Network",
];

/// By the bits of a set: its names, joined; so that no merge has to.
const VALUES: [&str; 16] = [
    "",
    "Origin",
    "Access-Control-Request-Method",
    "Origin, Access-Control-Request-Method",
    "Access-Control-Request-Headers",
    "Origin, Access-Control-Request-Headers",
    "Access-Control-Request-Method, Access-Control-Request-Headers",
    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
    "Access-Control-Request-Private-Network",
    "Origin, Access-Control-Request-Private-Network",
    "Access-Control-Request-Method, Access-Control-Request-Private-Network",
    "Origin, Access-Control-Request-Method, Access-Control-Request-Private-Network",
    "Access-Control-Request-Headers, Access-Control-Request-Private-Network",
    "Origin, Access-Control-Request-Headers, Access-Control-Request-Private-Network",
    "Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network",
    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_the_names_of_its_set() {
        for bits in 0..16 {
            assert_eq!(Vary(bits).value(), Vary(bits).names().collect::<Vec<_>>().join(", "));
        }
    }

    #[test]
    fn only_what_no_line_has_is_missing() {
        let missing = |lines: &[&str]| Vary::OPTIONS.missing(lines).value();
        assert_eq!(missing(&[]), Vary::OPTIONS.value());
        assert_eq!(missing(&["", ",, ,", "Origins, xOrigin"]), Vary::OPTIONS.value());
        assert_eq!(missing(&["origin\t,\taccess-control-request-METHOD"]), "Access-Control-Request-Headers");
        assert_eq!(missing(&["Access-Control-Request-Headers", "a,Access-Control-Request-Method ,Origin"]), "");
        assert_eq!(missing(&["accept", "x, *"]), "");
        assert_eq!(Vary::NONE.missing(["accept"]).value(), "");
    }
}
