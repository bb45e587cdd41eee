//! What a service cannot do without: the policies that its configuration names, and routes.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fmt;

use crate::policy::Policies;

/// What is required, and how often.
#[derive(Debug, Default)]
pub(super) struct Requirements {
    pub(super) policies: HashMap<Box<str>, usize>,
    pub(super) routes: usize,
    /// That one policy is alone, or routes choose.
    pub(super) only: usize,
}

/// What is required of an engine and not in a set of policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    // INVARIANT: not empty, or `routes` is true.
    policies: Box<[Box<str>]>,
    routes: bool,
}

impl Requirements {
    /// Whether these policies have all that is required.
    pub(super) fn check(&self, policies: &Policies) -> Result<(), Missing> {
        let mut missing: HashSet<&str> = self.policies.keys().map(|name| &**name).collect();
        policies.iter().for_each(|(_, policy)| {
            missing.remove(policy.name());
        });
        let routes = (self.routes > 0 && !policies.has_routes()) || (self.only > 0 && !policies.choose_without_name());
        if missing.is_empty() && !routes {
            return Ok(());
        }
        let mut names: Vec<Box<str>> = missing.into_iter().map(Box::from).collect();
        names.sort_unstable();
        Err(Missing { policies: names.into(), routes })
    }
}

impl Missing {
    pub(super) fn policy(name: &str) -> Self {
        Self { policies: [name.into()].into(), routes: false }
    }

    pub(super) fn no_route() -> Self {
        Self { policies: [].into(), routes: true }
    }

    /// The names that no policy has, sorted.
    pub fn policies(&self) -> impl Iterator<Item = &str> {
        self.policies.iter().map(|name| &**name)
    }

    /// Whether there is no route.
    #[must_use]
    pub fn routes(&self) -> bool {
        self.routes
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let policies = self.policies.iter().map(|name| format!("no policy `{}`", name.escape_debug()));
        let missing: Vec<String> = policies.chain(self.routes.then(|| "no route".into())).collect();
        write!(f, "there is {}", missing.join(" and "))
    }
}

impl Error for Missing {}
