//! Lower bounds (floors) of a decision, which answer yes or no.

use foldhash::fast::RandomState;
use hashbrown::HashSet;

use crate::answer::Answer;
use crate::prepared::{Ask, Preparation};
use crate::scenario::{Kind, Scenario};

type Set = HashSet<Box<[u8]>, RandomState>;

const NO_PREFLIGHT: &str = "it uses only origins";
const NO_LIST: &str = "a policy for any origin has no list";

/// A set of whole origins.
struct HashProbe {
    rows: Set,
    origins: Vec<Box<[u8]>>,
}

/// The same, and a set of suffixes that is probed at each dot of the host.
struct LabelWalk {
    exact: Set,
    below: Set,
    origins: Vec<Box<[u8]>>,
}

pub(crate) fn hash_probe(scenario: &Scenario) -> Result<Preparation, String> {
    if let Some(reason) = unsupported(scenario) {
        return Ok(Preparation::Cannot(reason));
    }
    if !scenario.policy.below().is_empty() {
        return Ok(Preparation::Cannot("a set has no wildcards"));
    }
    let rows = scenario.policy.exact().map(|row| row.as_bytes().into()).collect();
    Ok(Preparation::ready(HashProbe { rows, origins: scenario.origins() }))
}

pub(crate) fn label_walk(scenario: &Scenario) -> Result<Preparation, String> {
    if let Some(reason) = unsupported(scenario) {
        return Ok(Preparation::Cannot(reason));
    }
    let below = scenario.policy.below();
    if below.is_empty() {
        return Ok(Preparation::Cannot("the policy has no wildcards"));
    }
    if below.iter().any(|row| row.scheme != LabelWalk::SCHEME) {
        return Ok(Preparation::Cannot("it supports only https"));
    }
    let exact = scenario.policy.exact().map(|row| row.as_bytes().into()).collect();
    let below = below.iter().map(|row| row.suffix.as_bytes().into()).collect();
    Ok(Preparation::ready(LabelWalk { exact, below, origins: scenario.origins() }))
}

fn unsupported(scenario: &Scenario) -> Option<&'static str> {
    match scenario.kind {
        Kind::Preflight => Some(NO_PREFLIGHT),
        Kind::Actual => scenario.policy.is_for_any().then_some(NO_LIST),
    }
}

impl LabelWalk {
    const SCHEME: &str = "https://";

    #[inline]
    fn has(&self, origin: &[u8]) -> bool {
        if !self.exact.is_empty() && self.exact.contains(origin) {
            return true;
        }
        let Some(host) = origin.strip_prefix(Self::SCHEME.as_bytes()) else { return false };
        // A suffix with a port matches no row. The label before a dot is not empty.
        let dots = host.iter().enumerate().skip(1).filter(|(_, byte)| **byte == b'.');
        dots.filter_map(|(at, _)| host.get(at..)).any(|suffix| self.below.contains(suffix))
    }
}

impl Ask for HashProbe {
    fn len(&self) -> usize {
        self.origins.len()
    }

    fn ask(&mut self, index: usize) -> usize {
        self.origins.get(index).is_some_and(|origin| self.rows.contains(origin)).into()
    }

    fn answer(&mut self, index: usize) -> Result<Answer, String> {
        Ok(Answer::Word { allowed: self.ask(index) != 0 })
    }
}

impl Ask for LabelWalk {
    fn len(&self) -> usize {
        self.origins.len()
    }

    fn ask(&mut self, index: usize) -> usize {
        self.origins.get(index).is_some_and(|origin| self.has(origin)).into()
    }

    fn answer(&mut self, index: usize) -> Result<Answer, String> {
        Ok(Answer::Word { allowed: self.ask(index) != 0 })
    }
}
