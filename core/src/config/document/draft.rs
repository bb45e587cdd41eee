//! A document as it was read, before its policies and routes are checked.

use super::expectation::Expectation;
use crate::config::builder::PolicyBuilder;
use crate::config::diagnostic::Place;
use crate::config::text::Text;
use crate::route::Unrouted;

/// A document, read but not yet judged.
pub(super) struct Draft<'d> {
    pub(super) policies: Vec<PolicyDraft<'d>>,
    pub(super) routes: Vec<RouteDraft<'d>>,
    pub(super) unrouted: Unrouted,
}

/// A policy, and what the document expects of it.
pub(super) struct PolicyDraft<'d> {
    pub(super) builder: PolicyBuilder<'d>,
    pub(super) expectations: Vec<Expectation<'d>>,
}

/// A route as it is written.
pub(super) struct RouteDraft<'d> {
    pub(super) host: Option<Text<'d>>,
    pub(super) path: Option<Text<'d>>,
    pub(super) policy: Text<'d>,
    pub(super) place: Place,
}
