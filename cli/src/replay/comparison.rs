//! The requests of a log that two documents decide differently, grouped by the kind of difference.

use std::collections::BTreeMap;

use corsac::{Decision, Reason, Verdict};

use crate::replay::sample::{Compared, Sample};

/// A verdict and its reason.
pub(crate) type Outcome = (Verdict, Reason);

/// Counts by kind of difference, with the first requests of each kind.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    groups: BTreeMap<Difference, Group>,
    requests: u64,
}

/// Requests with the same kind of difference.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) count: u64,
    /// The first ones in the log.
    pub(crate) samples: Vec<Sample>,
}

/// How two decisions differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Difference {
    pub(crate) old: Outcome,
    pub(crate) new: Outcome,
    /// If the outcome is the same: the parts of the response that differ.
    parts: ResponseParts,
}

/// ResponseParts of a response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct ResponseParts {
    status: bool,
    set: bool,
    vary: bool,
    upstream: bool,
}

impl Difference {
    /// `None` if both decisions are the same.
    fn between(old: &Decision<'_>, new: &Decision<'_>) -> Option<Self> {
        let outcomes = [old, new].map(|decision| (decision.verdict(), decision.reason()));
        let [old_outcome, new_outcome] = outcomes;
        let parts = match old_outcome == new_outcome {
            false => ResponseParts::default(),
            true => ResponseParts {
                status: old.status() != new.status(),
                set: !old.set().eq(new.set()),
                vary: old.vary() != new.vary(),
                upstream: old.upstream() != new.upstream(),
            },
        };
        let difference = Self { old: old_outcome, new: new_outcome, parts };
        (difference.is_flip() || parts != ResponseParts::default()).then_some(difference)
    }

    /// Whether the verdict or the reason differs.
    pub(crate) fn is_flip(&self) -> bool {
        self.old != self.new
    }

    /// If the outcome is the same: the names of the parts that differ.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &'static str> {
        let ResponseParts { status, set, vary, upstream } = self.parts;
        let named = [("status", status), ("set", set), ("vary", vary), ("upstream", upstream)];
        named.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name)
    }
}

impl Comparison {
    /// Counts a request, and keeps it if it is among the first `samples` of its kind.
    pub(crate) fn add(&mut self, compared: &Compared<'_>, samples: usize) {
        self.requests += 1;
        let Some(difference) = Difference::between(compared.old.1, compared.new.1) else { return };
        let group = self.groups.entry(difference).or_default();
        group.count += 1;
        if group.samples.len() < samples {
            group.samples.push(Sample::of(compared));
        }
    }

    /// Adds the results of a later part of the log.
    pub(crate) fn merge(&mut self, later: Self, samples: usize) {
        self.requests += later.requests;
        for (difference, group) in later.groups {
            let known = self.groups.entry(difference).or_default();
            known.count += group.count;
            let room = samples.saturating_sub(known.samples.len());
            known.samples.extend(group.samples.into_iter().take(room));
        }
    }

    pub(crate) fn requests(&self) -> u64 {
        self.requests
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// The kinds of difference, the most frequent first: those with another outcome (flips), or those
    /// with the same outcome.
    pub(crate) fn groups(&self, flips: bool) -> Vec<(&Difference, &Group)> {
        let mut groups: Vec<_> = self.groups.iter().filter(|(difference, _)| difference.is_flip() == flips).collect();
        groups.sort_by_key(|(difference, group)| (std::cmp::Reverse(group.count), **difference));
        groups
    }

    /// How many requests have another outcome, or only another response.
    pub(crate) fn count(&self, flips: bool) -> u64 {
        self.groups(flips).iter().map(|(_, group)| group.count).sum()
    }
}
