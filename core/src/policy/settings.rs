//! Settings that apply to all grants of a policy.

use crate::outcome::Upstream;

/// The keys of a policy that are no lists, with the defaults filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// `denied_requests`: what a denied actual request meets.
    pub denied_requests: DeniedRequests,
    /// `preflight`: who answers preflights.
    pub preflight: Preflight,
    /// `preflight_answer`: what an accepted preflight's answer names.
    pub preflight_answer: PreflightAnswer,
    /// `preflight_status`: 204 or 200.
    pub preflight_status: u16,
    /// `refused_preflight_status`: 403, 200, 204 or 400.
    pub refused_preflight_status: u16,
    /// `upstream`: what becomes of the upstream's own headers.
    pub upstream: Upstream,
    /// `allow_private_network`.
    pub allow_private_network: bool,
}

/// How a denied actual request is handled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeniedRequests {
    /// It is forwarded; the page cannot read the answer.
    #[default]
    Forward,
    /// It is answered with 403 before the handler.
    Reject,
}

impl DeniedRequests {
    pub(crate) const ALL: [Self; 2] = [Self::Forward, Self::Reject];

    /// The word in documents. Permanent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Reject => "reject",
        }
    }
}

/// Who answers preflights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Preflight {
    /// They are answered here.
    #[default]
    Answer,
    /// The application answers; our headers are added.
    Forward,
}

impl Preflight {
    pub(crate) const ALL: [Self; 2] = [Self::Answer, Self::Forward];

    /// The word in documents. Permanent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Forward => "forward",
        }
    }
}

/// What an accepted preflight's answer names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PreflightAnswer {
    /// The whole lists, which browsers keep for later requests.
    #[default]
    List,
    /// Only what was asked for.
    Requested,
}

impl PreflightAnswer {
    pub(crate) const ALL: [Self; 2] = [Self::List, Self::Requested];

    /// The word in documents. Permanent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Requested => "requested",
        }
    }
}
