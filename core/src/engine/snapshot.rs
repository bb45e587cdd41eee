//! The current policies for a handle that many threads share.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use arc_swap::Guard;

use super::counters::Counters;
use crate::decision::Decision;
use crate::policy::{Policies, Target};
use crate::request::Request;

/// The policies that were current when [`Engine::snapshot`](crate::Engine::snapshot) was called.
/// Meant for a few decisions of one thread: a thread that holds many at a time takes a slower way.
pub struct Snapshot<'e> {
    policies: Guard<Arc<Policies>>,
    counters: &'e Counters,
    /// Counters belong to one thread, so a snapshot does, too.
    of_this_thread: PhantomData<*const ()>,
}

impl<'e> Snapshot<'e> {
    pub(super) fn new(policies: Guard<Arc<Policies>>, counters: &'e Counters) -> Self {
        Self { policies, counters, of_this_thread: PhantomData }
    }

    /// Decides one request by these policies; routes are resolved on the same set.
    #[inline]
    pub fn decide<'a>(&'a self, target: Target<'_>, request: &Request<'a>) -> Decision<'a> {
        let decision = self.policies.decide(target, request);
        self.counters.count(&decision);
        decision
    }

    /// The policies themselves.
    #[must_use]
    pub fn policies(&self) -> &Arc<Policies> {
        &self.policies
    }
}

impl fmt::Debug for Snapshot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("generation", &self.policies.generation()).finish_non_exhaustive()
    }
}
