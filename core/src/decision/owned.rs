//! A decision that outlives the request and the policies.

use super::{Decision, is_managed_header};
use crate::outcome::{Failed, PolicyId, Reason, Upstream, Vary, Verdict};

/// A [`Decision`] with copies of all that it points at. Made by [`Decision::to_owned_decision`],
/// for code that sends headers after the reader has decided another request, or that passes a
/// decision to another thread.
#[derive(Clone, Debug)]
pub struct OwnedDecision {
    /// Everything except the borrowed parts.
    decision: Decision<'static>,
    rule: Option<Box<str>>,
    set: Box<[OwnedField]>,
    manages_timing: bool,
}

type OwnedField = (&'static str, Box<[u8]>);

impl Decision<'_> {
    /// Copies what the decision points at: one allocation for each header, and two more.
    #[must_use]
    pub fn to_owned_decision(&self) -> OwnedDecision {
        OwnedDecision {
            decision: Decision { plan: None, rule: None, origin: None, requested: None, ..*self },
            rule: self.rule.map(Into::into),
            set: self.set().map(|(name, value)| (name, value.into())).collect(),
            manages_timing: self.manages_timing(),
        }
    }
}

impl OwnedDecision {
    /// See [`Decision::verdict`].
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.decision.verdict()
    }

    /// See [`Decision::reason`].
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.decision.reason()
    }

    /// See [`Decision::failed`].
    #[must_use]
    pub fn failed(&self) -> Failed {
        self.decision.failed()
    }

    /// See [`Decision::status`].
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.decision.status()
    }

    /// See [`Decision::policy`].
    #[must_use]
    pub fn policy(&self) -> Option<PolicyId> {
        self.decision.policy()
    }

    /// See [`Decision::rule`].
    #[must_use]
    pub fn rule(&self) -> Option<&str> {
        self.rule.as_deref()
    }

    /// See [`Decision::grant`].
    #[must_use]
    pub fn grant(&self) -> Option<u32> {
        self.decision.grant()
    }

    /// See [`Decision::set`].
    pub fn set(&self) -> impl ExactSizeIterator<Item = (&'static str, &[u8])> {
        self.set.iter().map(|(name, value)| (*name, &**value))
    }

    /// See [`Decision::vary`].
    #[must_use]
    pub fn vary(&self) -> Vary {
        self.decision.vary()
    }

    /// See [`Decision::upstream`].
    #[must_use]
    pub fn upstream(&self) -> Upstream {
        self.decision.upstream()
    }

    /// See [`Decision::manages`].
    #[must_use]
    pub fn manages(&self, name: &[u8]) -> bool {
        is_managed_header(name, self.manages_timing)
    }

    /// See [`Decision::generation`].
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.decision.generation()
    }
}
