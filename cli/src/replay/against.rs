//! The second document of `corsac replay --against`: it decides every request, too.

use corsac::{PolicyId, Request, Target};

use crate::log::line::LogLine;
use crate::log::targets::{NoTarget, Targets};
use crate::replay::comparison::Comparison;
use crate::replay::sample::Compared;

/// The new document of a comparison.
#[derive(Debug)]
pub(crate) struct Against<'p> {
    pub(crate) targets: Targets<'p>,
    /// How many sample requests to keep for each kind of difference.
    pub(crate) samples: usize,
}

impl Against<'_> {
    /// The policies that decide a line, in the old document and in the new one. A policy that only
    /// one of them has decides `no-policy` in the other. The error is that of the old document, for a
    /// line that has no target in either.
    pub(crate) fn targets<'l>(
        &self,
        old: &Targets<'_>,
        line: &'l LogLine<'_>,
    ) -> Result<(Target<'l>, Target<'l>), NoTarget<'l>> {
        let new = &self.targets;
        let no_policy = Target::Policy(PolicyId::NONE);
        match (old.of(line), new.of(line)) {
            (Ok(old), Ok(new)) => Ok((old, new)),
            (Ok(target), Err(NoTarget::Unknown(_))) => Ok((target, no_policy)),
            (Err(NoTarget::Unknown(_)), Ok(target)) => Ok((no_policy, target)),
            (Ok(target), Err(NoTarget::Several)) => Ok((target, new.namesake_of_only(old))),
            (Err(NoTarget::Several), Ok(target)) => Ok((old.namesake_of_only(new), target)),
            (Err(error), _) | (_, Err(error)) => Err(error),
        }
    }

    /// Decides a request by both documents, and adds what differs.
    pub(crate) fn compare(
        &self,
        old: &Targets<'_>,
        (old_target, new_target): (Target<'_>, Target<'_>),
        (number, line): (u64, &LogLine<'_>),
        headers: &[(&[u8], &[u8])],
        comparison: &mut Comparison,
    ) {
        let request = Request::from_headers(line.method.as_bytes(), headers);
        let old_decision = old.policies.decide(old_target, &request);
        let new_decision = self.targets.policies.decide(new_target, &request);
        let compared = Compared {
            number,
            id: line.id.map(|id| id.get()),
            method: line.method.as_bytes(),
            headers,
            old: (old.policies, &old_decision),
            new: (self.targets.policies, &new_decision),
        };
        comparison.add(&compared, self.samples);
    }
}
