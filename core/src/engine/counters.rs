//! Decision counters by verdict and reason.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::decision::Decision;
use crate::outcome::{Reason, Verdict};

const VERDICTS: usize = Verdict::ALL.len();
const REASONS: usize = Reason::ALL.len();

/// The decisions of one reader or thread, by verdict and reason. Its cache lines are its own, so
/// that readers do not slow each other down.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Counters([[AtomicU64; REASONS]; VERDICTS]);

impl Default for Counters {
    fn default() -> Self {
        Self([const { [const { AtomicU64::new(0) }; REASONS] }; VERDICTS])
    }
}

impl Counters {
    /// Must be called only by the owner of these counters. Uses a load and a store, because an
    /// atomic addition would lock the cache line.
    #[inline]
    pub(super) fn count(&self, decision: &Decision<'_>) {
        let of_verdict = self.0.get(decision.fields.verdict as usize);
        if let Some(counter) = of_verdict.and_then(|reasons| reasons.get(decision.fields.reason as usize)) {
            // Relaxed: a count orders nothing.
            counter.store(counter.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
        }
    }
}

/// The counters of all readers that ever were.
#[derive(Debug, Default)]
pub(super) struct ReaderCounters(Mutex<Vec<Arc<Counters>>>);

impl ReaderCounters {
    /// Counters for a new reader: those of a dropped reader, which keep their values, or new ones.
    /// So there are never more than the largest number of simultaneous readers.
    pub(super) fn register(&self) -> Arc<Counters> {
        let mut all = self.lock();
        // `get_mut` synchronises with the other reader's end, so its last counts are seen.
        if let Some(idle) = all.iter_mut().find_map(|counters| Arc::get_mut(counters).is_some().then_some(counters)) {
            return Arc::clone(idle);
        }
        let counters = Arc::<Counters>::default();
        all.push(Arc::clone(&counters));
        counters
    }

    /// How many readers there are, and what all that ever were have decided.
    pub(super) fn sum(&self) -> (usize, Stats) {
        let all = self.lock();
        let mut stats = Stats::default();
        all.iter().for_each(|counters| stats.add(counters));
        (all.iter().filter(|counters| Arc::strong_count(counters) > 1).count(), stats)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Counters>>> {
        // A list that is only ever added to is whole after a panic, too.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an [`Engine`](crate::Engine) did, and what it holds.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    pub(super) generation: u64,
    pub(super) readers: usize,
    pub(super) retired: usize,
    pub(super) counts: [[u64; REASONS]; VERDICTS],
}

impl Stats {
    pub(super) fn add(&mut self, counters: &Counters) {
        for (sum, counter) in self.counts.as_flattened_mut().iter_mut().zip(counters.0.as_flattened()) {
            *sum = sum.wrapping_add(counter.load(Ordering::Relaxed));
        }
    }

    /// The generation of the current policies.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// How many readers there are.
    #[must_use]
    pub fn readers(&self) -> usize {
        self.readers
    }

    /// The number of replaced sets that are not yet freed: held by idle readers, or waiting for the
    /// next reload or sweep.
    #[must_use]
    pub fn retired(&self) -> usize {
        self.retired
    }

    /// How many decisions had this verdict and reason.
    #[must_use]
    pub fn count(&self, verdict: Verdict, reason: Reason) -> u64 {
        let of_verdict = self.counts.get(verdict as usize);
        of_verdict.and_then(|reasons| reasons.get(reason as usize)).copied().unwrap_or(0)
    }

    /// How many decisions were made.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.as_flattened().iter().sum()
    }

    /// The verdicts and reasons that occurred, and how often.
    pub fn iter(&self) -> impl Iterator<Item = (Verdict, Reason, u64)> {
        let all = Verdict::ALL.into_iter().flat_map(|verdict| Reason::ALL.map(|reason| (verdict, reason)));
        all.map(|(verdict, reason)| (verdict, reason, self.count(verdict, reason))).filter(|(.., count)| *count > 0)
    }
}
