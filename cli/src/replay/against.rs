//! The second set of policies of `corsac replay --against`: every request is decided by both.

use corsac::{Policies, PolicyId, Request, Target};

use crate::log::addresses::{Addressee, Addresses};
use crate::log::line::LogLine;
use crate::replay::comparison::Comparison;
use crate::replay::sample::Compared;

/// What a log's requests are also decided by.
#[derive(Debug)]
pub(crate) struct Against<'p> {
    pub(crate) addresses: Addresses<'p>,
    /// How many requests are shown of those that differ alike.
    samples: usize,
}

impl<'p> Against<'p> {
    pub(crate) fn new(policies: &'p Policies, samples: usize) -> Self {
        Self { addresses: Addresses::new(policies), samples }
    }

    /// Whom a line asks in both sets. A policy that only one of them has decides `no-policy` in the
    /// other; the error is what the line is to the first set, where it means nothing to either.
    pub(crate) fn targets<'l>(
        &self,
        old: &Addresses<'_>,
        line: &'l LogLine<'_>,
    ) -> Result<(Target<'l>, Target<'l>), Addressee<'l>> {
        let new = &self.addresses;
        let nobody = Target::Policy(PolicyId::NONE);
        match (old.of(line), new.of(line)) {
            (Addressee::Target(old), Addressee::Target(new)) => Ok((old, new)),
            (Addressee::Target(target), Addressee::Unknown(_)) => Ok((target, nobody)),
            (Addressee::Unknown(_), Addressee::Target(target)) => Ok((nobody, target)),
            (Addressee::Target(target), Addressee::Several) => Ok((target, new.namesake_of_only(old))),
            (Addressee::Several, Addressee::Target(target)) => Ok((old.namesake_of_only(new), target)),
            (neither, _) => Err(neither),
        }
    }

    /// Decides a request by both sets, and adds what differs.
    pub(crate) fn compare(
        &self,
        old: &Addresses<'_>,
        (old_target, new_target): (Target<'_>, Target<'_>),
        (number, line): (u64, &LogLine<'_>),
        headers: &[(&[u8], &[u8])],
        comparison: &mut Comparison,
    ) {
        let request = Request::from_headers(line.method.as_bytes(), headers);
        let old_decision = old.policies.decide(old_target, &request);
        let new_decision = self.addresses.policies.decide(new_target, &request);
        let compared = Compared {
            number,
            id: line.id.map(|id| id.get()),
            method: line.method.as_bytes(),
            headers,
            old: (old.policies, &old_decision),
            new: (self.addresses.policies, &new_decision),
        };
        comparison.add(&compared, self.samples);
    }
}
