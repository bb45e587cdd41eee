//! The parts of a decision: verdict, reason, failed checks, what to do with the upstream's headers,
//! `Vary`, and the policy that decided. Their names and numbers are permanent. Imports no module.

use core::fmt;

/// The verdict. Exhaustive: an adapter must treat each of them, and there will be no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// No `Origin`: not a CORS request (Fetch, "HTTP requests").
    NotCors,
    /// From one of the service's own origins, which needs no permission.
    SameOrigin,
    /// The page may read the response: a browser's "CORS check" (Fetch) succeeds.
    Allowed,
    /// The page may not read the response.
    Denied,
    /// The page may send the requested method and headers: a browser's "CORS-preflight fetch"
    /// (Fetch) succeeds.
    PreflightAllowed,
    /// The page may not send the requested method and headers.
    PreflightDenied,
    /// No policy covers the request.
    NoPolicy,
}

/// The reason for the verdict: the first check that failed, or the kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Every check passed.
    Ok,
    /// The request carries no `Origin`.
    NoOrigin,
    /// The origin is the service's own, and in no grant.
    OwnOrigin,
    /// Not a serialised origin: nothing a browser sends.
    OriginMalformed,
    /// More than one `Origin` line, or a comma in it.
    OriginRepeated,
    /// `null`: a sandboxed frame, a local file (HTML, "serialization of an origin", step 1), or a
    /// redirect across origins (Fetch, "serializing a request origin").
    OriginNull,
    /// A valid origin that no row matches.
    OriginNotAllowed,
    /// Not exactly one method token of at most 64 bytes.
    MethodMalformed,
    /// A method that the deciding grant does not allow.
    MethodNotAllowed,
    /// The requested header names are not a list of tokens (RFC 9110, 5.6.1 and 5.6.2).
    HeadersMalformed,
    /// More lines, elements, white space or bytes than the grant's list can need.
    HeadersOverBudget,
    /// A header name that the deciding grant does not allow.
    HeaderNotAllowed,
    /// A request for private network access, which the policy does not give.
    PrivateNetworkNotAllowed,
    /// The policy id is unknown, or no route covers the request.
    NoPolicy,
    /// The path can be read in two ways that could lead to different policies, or to one and none.
    PathAmbiguous,
    /// A defect in the engine was caught; the request is denied.
    Internal,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 7] = [
        Self::NotCors,
        Self::SameOrigin,
        Self::Allowed,
        Self::Denied,
        Self::PreflightAllowed,
        Self::PreflightDenied,
        Self::NoPolicy,
    ];

    /// The verdict's name in documents, logs and all bindings. Permanent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotCors => "not-cors",
            Self::SameOrigin => "same-origin",
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::PreflightAllowed => "preflight-allowed",
            Self::PreflightDenied => "preflight-denied",
            Self::NoPolicy => "no-policy",
        }
    }

    /// Whether the request was refused.
    #[must_use]
    pub const fn is_refusal(self) -> bool {
        matches!(self, Self::Denied | Self::PreflightDenied | Self::NoPolicy)
    }
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 16] = [
        Self::Ok,
        Self::NoOrigin,
        Self::OwnOrigin,
        Self::OriginMalformed,
        Self::OriginRepeated,
        Self::OriginNull,
        Self::OriginNotAllowed,
        Self::MethodMalformed,
        Self::MethodNotAllowed,
        Self::HeadersMalformed,
        Self::HeadersOverBudget,
        Self::HeaderNotAllowed,
        Self::PrivateNetworkNotAllowed,
        Self::NoPolicy,
        Self::PathAmbiguous,
        Self::Internal,
    ];

    /// The reason's name in documents, logs and all bindings. Permanent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NoOrigin => "no-origin",
            Self::OwnOrigin => "own-origin",
            Self::OriginMalformed => "origin-malformed",
            Self::OriginRepeated => "origin-repeated",
            Self::OriginNull => "origin-null",
            Self::OriginNotAllowed => "origin-not-allowed",
            Self::MethodMalformed => "method-malformed",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::HeadersMalformed => "headers-malformed",
            Self::HeadersOverBudget => "headers-over-budget",
            Self::HeaderNotAllowed => "header-not-allowed",
            Self::PrivateNetworkNotAllowed => "private-network-not-allowed",
            Self::NoPolicy => "no-policy",
            Self::PathAmbiguous => "path-ambiguous",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The checks that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failed(u8);

impl Failed {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ORIGIN: Self = Self(1);
    pub(crate) const METHOD: Self = Self(2);
    pub(crate) const HEADERS: Self = Self(4);
    pub(crate) const PRIVATE_NETWORK: Self = Self(8);

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The checks as bits: 1 origin, 2 method, 4 headers, 8 private network. Permanent.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether no check failed.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// `origin`, `method`, `headers`, `private-network`: those that failed, in this order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        named(self.0, ["origin", "method", "headers", "private-network"])
    }
}

fn named(bits: u8, names: [&'static str; 4]) -> impl Iterator<Item = &'static str> {
    names.into_iter().enumerate().filter(move |(bit, _)| bits & (1 << bit) != 0).map(|(_, name)| name)
}

/// How to treat managed headers (`access-control-*`, and `timing-allow-origin` if the policy sets
/// it) in the upstream's response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upstream {
    /// All are removed, then ours are set, whatever the verdict.
    Replace,
    /// If there is any `access-control-*` header, none of ours is added and only `Vary` is merged;
    /// otherwise ours are set. Advisory: a denied origin may still get the upstream's grant.
    Keep,
}

impl Upstream {
    /// Every value; the first is the default.
    pub const ALL: [Self; 2] = [Self::Replace, Self::Keep];

    /// The name in documents and answers. Permanent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Keep => "keep",
        }
    }
}

/// The request headers that the response depends on, to be merged into its `Vary` (RFC 9110, 12.5.5).
/// Fetch, "CORS protocol and HTTP caches", requires `Origin` in it wherever allow-origin depends on
/// the request; caches select stored responses by it (RFC 9111, 4.1).
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
    #[doc(hidden)]
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

/// Names a policy of one [`Policies`](crate::Policies) as it is loaded, and of all sets of the
/// [`Engine`](crate::Engine) that is made of it, where a name keeps its id. Asked of any other set or
/// engine of the process, it decides `no-policy`.
// INVARIANT: the number of an owner, which no other owner of the process ever has, in the upper 32
// bits, and the place of the name among those of the owner in the lower 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyId(pub(crate) u64);

impl PolicyId {
    /// Names no policy of any set: asked, it decides `no-policy`. Its number is 0.
    pub const NONE: Self = Self(0);

    /// The id of the name at this place; none without an owner, and for places beyond 32 bits.
    pub(crate) fn new(owner: u32, place: usize) -> Self {
        match u32::try_from(place) {
            Ok(place) if owner != 0 => Self(u64::from(owner) << 32 | u64::from(place)),
            _ => Self::NONE,
        }
    }

    #[inline]
    pub(crate) fn owner(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[inline]
    pub(crate) fn place(self) -> usize {
        self.0 as u32 as usize
    }
}

impl From<PolicyId> for u64 {
    fn from(id: PolicyId) -> Self {
        id.0
    }
}

impl From<u64> for PolicyId {
    /// For ids that came from [`u64::from`]; under any other number there is no policy, or another.
    fn from(number: u64) -> Self {
        Self(number)
    }
}

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
