//! A thread's cached access to the current policies.

use std::fmt;
use std::sync::Arc;

use arc_swap::Cache;

use super::counters::Counters;
use super::snapshot::Snapshot;
use super::{Current, Engine};
use crate::decision::Decision;
use crate::outcome::PolicyId;
use crate::policy::{Policies, Target};
use crate::request::Request;

/// Decides on the current policies of an [`Engine`]: one per worker thread or event loop.
///
/// It caches the set of its last decision. If nothing was reloaded, a decision costs one additional
/// atomic load and writes nothing that another thread reads. It never waits, and never frees a set.
/// The set stays in memory until the reader decides again or is [released](Self::release).
pub struct Reader {
    engine: Engine,
    snapshot: Option<Cache<Current, Arc<Policies>>>,
    counters: Arc<Counters>,
}

impl Engine {
    /// A reader for one thread or event loop. Linear in the number of readers: take one per worker,
    /// not per request.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::new(self.clone(), self.shared.readers.register())
    }
}

impl Reader {
    pub(super) fn new(engine: Engine, counters: Arc<Counters>) -> Self {
        let mut reader = Self { engine, snapshot: None, counters };
        // The first load of a thread makes the record by which `arc_swap` protects it; where it is
        // made here, none of the reader's decisions allocates.
        reader.policies();
        reader
    }

    /// Decides one request by the current policies; routes are resolved on the same set.
    ///
    /// The decision borrows from the reader, so it lives until the next call;
    /// [`Decision::to_owned_decision`] keeps it for longer.
    #[inline]
    pub fn decide<'a>(&'a mut self, target: Target<'_>, request: &Request<'a>) -> Decision<'a> {
        let Self { engine, snapshot, counters } = self;
        let decision = current(engine, snapshot).decide(target, request);
        counters.count(&decision);
        decision
    }

    /// [`Policy::origin_allowed`](crate::Policy::origin_allowed) of one policy, for handshakes;
    /// false if there is no such policy, whatever the request says. `None`: the request has no
    /// `Origin`. Not counted.
    pub fn origin_allowed(&mut self, policy: PolicyId, request: &Request<'_>) -> Option<bool> {
        match self.policies().get(policy) {
            Some(policy) => policy.origin_allowed(request),
            None => Some(false),
        }
    }

    /// The current policies, which the next decisions are made by unless there is a reload between.
    pub fn policies(&mut self) -> &Arc<Policies> {
        current(&self.engine, &mut self.snapshot)
    }

    /// The current policies, for several queries on one set, such as looking up a policy and
    /// deciding with it.
    #[inline]
    pub fn snapshot(&mut self) -> Snapshot<'_> {
        let Self { engine, snapshot, counters } = self;
        Snapshot::of_reader(current(engine, snapshot), counters)
    }

    /// Lets go of the set that was seen last, for readers that will be idle. The next call loads
    /// the current one.
    pub fn release(&mut self) {
        self.snapshot = None;
    }

    /// The engine that it reads.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }
}

#[inline]
fn current<'r>(engine: &Engine, snapshot: &'r mut Option<Cache<Current, Arc<Policies>>>) -> &'r Arc<Policies> {
    match snapshot {
        Some(cache) => cache.load(),
        released => acquired(engine, released),
    }
}

/// Kept out of line: saves 17 instructions per decision.
#[cold]
#[inline(never)]
fn acquired<'r>(engine: &Engine, released: &'r mut Option<Cache<Current, Arc<Policies>>>) -> &'r Arc<Policies> {
    released.insert(Cache::new(engine.shared.current.clone())).load()
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("released", &self.snapshot.is_none()).finish_non_exhaustive()
    }
}
