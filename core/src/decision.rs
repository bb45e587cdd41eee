//! Decisions: the engine's result for a request.

mod key;
mod owned;
mod vary;

use core::fmt;
use core::num::NonZero;

pub use key::DecisionKey;
pub use owned::OwnedDecision;
pub use vary::Vary;

use crate::plan::{Asked, Field, Plan, Set, Words};
use crate::policy::PolicyId;

/// The decision for one request. It borrows from the request and from the policies that decided it.
///
/// An adapter applies it and adds nothing else: it removes the upstream's managed headers as
/// [`upstream`](Self::upstream) says, sets the headers in [`set`](Self::set), merges
/// [`vary`](Self::vary), and responds with [`status`](Self::status) or forwards the request.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// Those of the plan, but for what this request changed of them.
    pub(crate) words: Words,
    /// [`PolicyId::NONE`] where there is none.
    pub(crate) policy: PolicyId,
    /// [`NO_GRANT`](Self::NO_GRANT) where there is none.
    pub(crate) grant: u32,
    pub(crate) generation: u64,
    /// `None` sets nothing.
    pub(crate) plan: Option<&'a Plan>,
    pub(crate) rule: Option<&'a str>,
    /// The request's own origin to answer with; `None` where that is the rule itself, or is none.
    pub(crate) origin: Option<&'a [u8]>,
    /// Of preflights that are answered with a grant.
    pub(crate) asked: Option<Asked<'a>>,
}

/// The verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// No `Origin`: not a request of the CORS protocol.
    NotCors,
    /// From one of the service's own origins, which needs no permission.
    SameOrigin,
    /// The page may read the response.
    Allowed,
    /// The page may not read the response.
    Denied,
    /// The page may send the request that it asked for.
    PreflightAllowed,
    /// The page may not send the request that it asked for.
    PreflightDenied,
    /// No policy covers the request.
    NoPolicy,
}

/// The reason for the verdict: the first check that failed, or the kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// `null`: a sandboxed frame, a local file, or a redirect across origins.
    OriginNull,
    /// A valid origin that no row matches.
    OriginNotAllowed,
    /// Not exactly one method token of at most 64 bytes.
    MethodMalformed,
    /// A method that the deciding grant does not allow.
    MethodNotAllowed,
    /// The requested header names are no list of tokens.
    HeadersMalformed,
    /// More lines, elements, white space or bytes than the grant's list can need.
    HeadersOverBudget,
    /// A header name that the deciding grant does not allow.
    HeaderNotAllowed,
    /// A request for private network access, which the policy does not give.
    PrivateNetworkNotAllowed,
    /// The policy id is unknown, or no route covers the request.
    NoPolicy,
    /// The path can be read in two ways that could lead to different policies.
    PathAmbiguous,
    /// A defect of the engine, caught: denied.
    Internal,
}

impl Verdict {
    /// Every verdict, in the order of the table in the design.
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
    /// Every reason, in the order of the table in the design.
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
    pub(crate) const ALL: [Self; 2] = [Self::Replace, Self::Keep];

    /// The name in documents and answers. Permanent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Keep => "keep",
        }
    }
}

impl<'a> Decision<'a> {
    pub(crate) const NO_GRANT: u32 = u32::MAX;

    pub(crate) fn fields(&self) -> &'a [Field] {
        self.plan.map_or(&[], Plan::fields)
    }

    /// The verdict.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.words.verdict
    }

    /// Why: the first check that failed, or what kind of request it was.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.words.reason
    }

    /// All checks that failed. If the origin was refused, the other checks use grant 0.
    #[must_use]
    pub fn failed(&self) -> Failed {
        self.words.failed
    }

    /// The status to respond with immediately; `None` means forward the request.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.words.status.map(NonZero::get)
    }

    /// The policy that decided: the requested one, or the one that the routes chose. `None` if
    /// there is none, or if a [`Policy`](crate::Policy) was used directly.
    #[must_use]
    pub fn policy(&self) -> Option<PolicyId> {
        (self.policy != PolicyId::NONE).then_some(self.policy)
    }

    /// The row that matched, as the document writes it; for the service's own origins that origin.
    #[must_use]
    pub fn rule(&self) -> Option<&'a str> {
        self.rule
    }

    /// The grant that the row is in; 0 is the policy's own `allow_origins`.
    #[must_use]
    pub fn grant(&self) -> Option<u32> {
        (self.grant != Self::NO_GRANT).then_some(self.grant)
    }

    /// The headers to set on the response.
    #[must_use]
    #[inline]
    pub fn set(&self) -> Set<'a> {
        let origin = self.origin.unwrap_or(self.rule.unwrap_or_default().as_bytes());
        Set::new(self.fields(), self.words.leave_out, origin, self.asked.unwrap_or(Asked::NOTHING))
    }

    /// The names to merge into the response's `Vary`.
    #[must_use]
    pub fn vary(&self) -> Vary {
        self.words.vary
    }

    /// What becomes of the upstream's own managed headers.
    #[must_use]
    pub fn upstream(&self) -> Upstream {
        self.words.upstream
    }

    /// Whether a response header is managed by corsac here: every `access-control-*` is, and
    /// `timing-allow-origin` if the policy sets it. Names are compared ignoring ASCII case
    /// (RFC 9110, 5.1).
    ///
    /// ```
    /// use corsac::{PolicyBuilder, Request};
    ///
    /// let mut builder = PolicyBuilder::new("api");
    /// builder.allow_origins(["https://app.example.com"]);
    /// let silent = builder.build()?;
    /// let timing = builder.timing_allow_origin(["*"]).build()?;
    /// for (policy, name, manages) in [
    ///     (&silent, "Access-Control-Allow-Origin", true),
    ///     (&silent, "access-control", false),
    ///     (&silent, "Timing-Allow-Origin", false),
    ///     (&timing, "Timing-Allow-Origin", true),
    ///     (&timing, "vary", false),
    /// ] {
    ///     assert_eq!(policy.decide(&Request::new("GET")).manages(name.as_bytes()), manages, "{name}");
    /// }
    /// # Ok::<(), corsac::ConfigError>(())
    /// ```
    #[must_use]
    pub fn manages(&self, name: &[u8]) -> bool {
        is_managed_header(name, self.manages_timing())
    }

    /// Whether `timing-allow-origin` is managed in addition to `access-control-*`, for bindings
    /// that store decisions in their own form; see [`is_managed_header`].
    #[must_use]
    #[inline]
    pub fn manages_timing(&self) -> bool {
        self.plan.is_some_and(|plan| plan.manages_timing)
    }

    /// The generation of the policies that decided.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }
}

/// [`Decision::manages`] for a decision of which only [`Decision::manages_timing`] is stored. With
/// `false`, only `access-control-*` headers count, which is the test that [`Upstream::Keep`] needs.
#[must_use]
#[inline]
pub fn is_managed_header(name: &[u8], manages_timing: bool) -> bool {
    const PREFIX: &[u8] = b"access-control-";
    name.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
        || (manages_timing && name.eq_ignore_ascii_case(b"timing-allow-origin"))
}
