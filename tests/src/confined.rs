//! An accepted expression and what it may let in: origins of the schemes and registrable domains that
//! are literally in it, as the oracle reads them.

use corsac::origin::Origin;
use corsac::{Policy, Request, Verdict};

use crate::automaton::Graph;
use crate::generate::{Dice, near_misses};
use crate::oracle::named::{Named, registrable};

/// Walks over the expression, near misses of each walk, and walks outside of its domains.
const WALKS: usize = 25;
const NEAR_MISSES_EACH: usize = 4;
const WALKS_OUTSIDE: usize = 25;

/// A policy of nothing but an expression.
#[derive(Debug)]
pub struct Confined<'t> {
    text: &'t str,
    policy: Policy,
    named: Named,
}

/// What an attack tried, and how it ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attack {
    /// Valid origins, by where they come from.
    pub walked: u64,
    pub missed: u64,
    pub allowed: u64,
    /// Whether the expression matches nothing, and whether a part of it was left out.
    pub is_empty: bool,
    pub is_cut: bool,
}

impl<'t> Confined<'t> {
    pub fn new(text: &'t str, policy: Policy) -> Self {
        Self { text, policy, named: Named::in_expression(text) }
    }

    /// Asks for one origin; says whether it was allowed, or nothing if it is no origin.
    ///
    /// # Panics
    /// If it is allowed and outside of the expression's domains or schemes.
    fn ask(&self, origin: &str) -> Option<bool> {
        let parsed = Origin::parse(origin.as_bytes()).ok()?;
        let allowed = self.policy.decide(&Request::new("GET").origin(origin)).verdict() == Verdict::Allowed;
        if allowed {
            let domain = registrable(parsed.host());
            let is_inside = domain.as_ref().is_some_and(|domain| self.named.domains.contains(domain))
                || self.named.machines.contains(parsed.host());
            assert!(is_inside, "`{}` matches {origin}, which is outside of {:?}", self.text, self.named);
            let is_named = self.named.schemes.contains(parsed.scheme());
            assert!(is_named, "`{}` matches {origin}, whose scheme is not one of {:?}", self.text, self.named);
        }
        Some(allowed)
    }

    /// Asks for origins that the expression matches, for near misses of them, and for origins that it
    /// matches outside of its domains, if there are any.
    ///
    /// # Panics
    /// If one of them is decided wrongly.
    pub fn attack(&self, dice: &mut Dice) -> Attack {
        let (graph, outside) =
            (Graph::of_matches(self.text), Graph::of_matches_outside(self.text, &self.named.domains));
        let is_cut = graph.is_cut() || outside.is_cut();
        let mut attack = Attack { is_empty: graph.is_empty(), is_cut, ..Attack::default() };
        for _ in 0..WALKS {
            let Some(origin) = graph.walk(dice) else { break };
            let asked = self.ask(&origin);
            // The engine may refuse what is no origin, and nothing else that the expression matches.
            assert_ne!(asked, Some(false), "`{}` does not match {origin}", self.text);
            attack.walked += u64::from(asked.is_some());
            attack.allowed += u64::from(asked.is_some());
            for _ in 0..NEAR_MISSES_EACH {
                let asked = self.ask(&near_misses::near_miss(dice, &origin));
                attack.missed += u64::from(asked.is_some());
                attack.allowed += u64::from(asked == Some(true));
            }
        }
        for _ in 0..WALKS_OUTSIDE {
            let Some(origin) = outside.walk(dice) else { break };
            attack.walked += u64::from(self.ask(&origin).is_some());
        }
        attack
    }
}
