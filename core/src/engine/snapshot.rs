//! The current policies for a handle that many threads share.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use arc_swap::Guard;

use super::counters::Counters;
use crate::decision::Decision;
use crate::policy::{Policies, Target};
use crate::request::Request;

/// The policies that were current when [`Engine::snapshot`](crate::Engine::snapshot) or
/// [`Reader::snapshot`](crate::Reader::snapshot) was called. Intended for a few decisions on one
/// thread; a thread that holds many snapshots of an engine at once falls back to a slower path.
pub struct Snapshot<'e> {
    policies: Held<'e>,
    counters: &'e Counters,
    /// Counters belong to one thread, so a snapshot does, too.
    of_this_thread: PhantomData<*const ()>,
}

/// What keeps the set in memory.
enum Held<'e> {
    Guard(Guard<Arc<Policies>>),
    Reader(&'e Arc<Policies>),
}

impl<'e> Snapshot<'e> {
    pub(super) fn of_engine(policies: Guard<Arc<Policies>>, counters: &'e Counters) -> Self {
        Self { policies: Held::Guard(policies), counters, of_this_thread: PhantomData }
    }

    #[inline]
    pub(super) fn of_reader(policies: &'e Arc<Policies>, counters: &'e Counters) -> Self {
        Self { policies: Held::Reader(policies), counters, of_this_thread: PhantomData }
    }

    /// Decides one request by these policies; routes are resolved on the same set.
    #[inline]
    pub fn decide<'a>(&'a self, target: Target<'_>, request: &Request<'a>) -> Decision<'a> {
        let decision = self.policies().decide(target, request);
        self.counters.count(&decision);
        decision
    }

    /// The policies themselves.
    #[must_use]
    #[inline]
    pub fn policies(&self) -> &Arc<Policies> {
        match &self.policies {
            Held::Guard(policies) => policies,
            Held::Reader(policies) => policies,
        }
    }
}

impl fmt::Debug for Snapshot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("generation", &self.policies().generation()).finish_non_exhaustive()
    }
}
