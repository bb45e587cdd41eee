//! Decisions: the engine's result for a request.

mod key;
mod owned;
mod set;

use core::num::NonZero;

pub use key::DecisionKey;
pub use owned::OwnedDecision;
use set::Set;

use crate::outcome::{Failed, PolicyId, Reason, Upstream, Vary, Verdict};
use crate::plan::{DecisionFields, HeaderField, Plan, Requested};

/// The decision for one request. It borrows from the request and from the policies that decided it.
///
/// An adapter applies it and adds nothing else: it removes the upstream's managed headers as
/// [`upstream`](Self::upstream) says, sets the headers in [`set`](Self::set), merges
/// [`vary`](Self::vary), and responds with [`status`](Self::status) or forwards the request.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// Those of the plan, but for what this request changed of them.
    pub(crate) fields: DecisionFields,
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
    pub(crate) requested: Option<Requested<'a>>,
}

impl<'a> Decision<'a> {
    pub(crate) const NO_GRANT: u32 = u32::MAX;

    pub(crate) fn header_fields(&self) -> &'a [HeaderField] {
        self.plan.map_or(&[], Plan::headers)
    }

    /// The verdict.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.fields.verdict
    }

    /// Why: the first check that failed, or what kind of request it was.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.fields.reason
    }

    /// All checks that failed. If the origin was refused, the other checks use grant 0.
    #[must_use]
    pub fn failed(&self) -> Failed {
        self.fields.failed
    }

    /// The status to respond with immediately; `None` means forward the request.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.fields.status.map(NonZero::get)
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

    /// The headers to set on the response, in order: names in lower case, values of visible ASCII
    /// and spaces.
    ///
    /// At most 10 pairs. A name occurs more than once only if the request's lines are echoed one by
    /// one (`access-control-allow-headers`, at most 4).
    #[inline]
    pub fn set(&self) -> impl Iterator<Item = (&'static str, &'a [u8])> + Clone + use<'a> {
        let origin = self.origin.unwrap_or(self.rule.unwrap_or_default().as_bytes());
        Set::new(self.header_fields(), self.fields.leave_out, origin, self.requested)
    }

    /// The names to merge into the response's `Vary`.
    #[must_use]
    pub fn vary(&self) -> Vary {
        self.fields.vary
    }

    /// How to treat the upstream's own managed headers.
    #[must_use]
    pub fn upstream(&self) -> Upstream {
        self.fields.upstream
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
    #[doc(hidden)]
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
