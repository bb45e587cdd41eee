//! A document as it was read, before its policies and routes are checked.

use super::expectation::Expectation;
use crate::config::builder::PolicyBuilder;
use crate::config::routes::ConfiguredRoute;
use crate::route::Unrouted;

/// A document, read but not yet judged.
pub(super) struct Draft<'d> {
    pub(super) policies: Vec<PolicyDraft<'d>>,
    pub(super) routes: Vec<ConfiguredRoute<'d>>,
    pub(super) unrouted: Unrouted,
}

/// A policy, and what the document expects of it.
pub(super) struct PolicyDraft<'d> {
    pub(super) builder: PolicyBuilder<'d>,
    pub(super) expectations: Vec<Expectation<'d>>,
}
