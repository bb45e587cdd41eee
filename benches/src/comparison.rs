//! Which contestants are fairly compared with which, and where the engine loses.

use crate::raw::{Contestant, Outcome, Raw};

/// What is compared with one face of the engine: those who do the same work.
#[derive(Debug)]
pub struct Group<'r> {
    /// The engine's.
    pub reference: &'r Contestant,
    /// In the order of the drivers.
    pub others: Vec<&'r Contestant>,
}

/// One contestant beside the engine in one scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Ratio {
    /// How many times as long it takes; nothing if one of the two has no time.
    pub times: Option<f64>,
    /// Whether a peer with the right answer is ahead of the engine, or the engine has none.
    pub is_lost: bool,
}

/// Whether it is a peer: no part of the engine, and more than a measure for the work around it.
#[must_use]
pub fn is_peer(contestant: &Contestant) -> bool {
    !contestant.is_corsac && !contestant.name.starts_with("floor: ") && !contestant.name.contains("bare")
}

/// Whether what it answers can be right or wrong: a measure for the work around a decision answers all
/// requests alike.
#[must_use]
pub fn decides(contestant: &Contestant) -> bool {
    let name = contestant.name.as_str();
    !name.contains("bare") && !matches!(name, "floor: read input" | "floor: empty native call")
}

/// Puts every contestant beside the engine's face that does the same work: a decision beside floors,
/// a middleware beside a middleware, in the same framework if the engine has one there.
#[must_use]
pub fn groups(raw: &Raw) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for contestant in &raw.contestants {
        let Some(reference) = reference(raw, contestant) else { continue };
        if reference.name == contestant.name {
            continue;
        }
        match groups.iter_mut().find(|group| group.reference.name == reference.name) {
            Some(group) => group.others.push(contestant),
            None => groups.push(Group { reference, others: vec![contestant] }),
        }
    }
    groups
}

fn reference<'r>(raw: &'r Raw, contestant: &Contestant) -> Option<&'r Contestant> {
    let lower = contestant.name.to_lowercase();
    let runtime = contestant.runtime.to_lowercase();
    let named = |name: &str| raw.contestants.iter().find(|other| other.is_corsac && other.name == name);
    let framework =
        [("starlette", "asgi"), ("asgi", "asgi"), ("django", "django"), ("flask", "flask"), ("wsgi", "flask")]
            .into_iter()
            .find(|(name, _)| lower.contains(name))
            .and_then(|(_, face)| {
                raw.contestants.iter().find(|other| other.is_corsac && other.name.to_lowercase().contains(face))
            });
    let is_python = runtime.contains("python");
    let python_decide = raw.contestants.iter().find(|other| {
        other.is_corsac && other.name.contains("decide") && other.runtime.to_lowercase().contains("python")
    });
    let middleware = || named("tower: corsac").or_else(|| named("decide"));
    if lower.starts_with("floor: ") || lower.contains("decide") {
        return if is_python { python_decide } else { named("decide") };
    }
    framework.or_else(middleware)
}

/// What a contestant takes, beside the engine.
#[must_use]
pub fn ratio(contestant: &Contestant, reference: Option<&Outcome>, other: &Outcome) -> Ratio {
    let own = reference.and_then(Outcome::timing).map(|timing| timing.median());
    let its = other.timing().map(|timing| timing.median());
    let times = own.zip(its).map(|(own, its)| its / own);
    let is_ahead = match (reference.and_then(Outcome::right), other.right()) {
        (Some(own), Some(its)) => its < own,
        (None, Some(_)) => true,
        (_, None) => false,
    };
    Ratio { times, is_lost: is_peer(contestant) && is_ahead }
}
