//! Differences between two sets of policies, described by their effect: which origins gain or lose
//! access, and which rights change.
//!
//! Policies are compared by name, rows by what is written. What changes no answer to any request is
//! no change: the order of a document, the names of its list files, which of two grants with equal
//! rights a row is in, an exact row that a wildcard with the same rights stands in for.

mod change;
mod order;
mod region;
mod rights;
mod routes;
mod rows;
mod settings;
mod standing;

pub use change::{Change, ChangedRow, Effect, What};
pub use rights::{Rights, RightsChange};

use std::collections::{HashMap, HashSet};

use crate::policy::{Policies, Policy};

/// The differences between two sets of policies.
///
/// Empty only if both decide every request in the same way: the same verdict, reason, status and
/// headers. So if a logged request is decided differently, one of these changes is the cause.
///
/// ```
/// use corsac::{Diff, Effect, Policies, PolicyBuilder};
///
/// let policies = |origins: &[&'static str]| {
///     let mut builder = PolicyBuilder::new("api");
///     builder.allow_origins(origins.iter().copied()).allow_credentials(true);
///     builder.build().map(Policies::from)
/// };
/// let old = policies(&["https://app.example.com"])?;
/// let new = policies(&["https://app.example.com", "https://new.example.com"])?;
/// let diff = Diff::between(&old, &new);
/// assert_eq!(diff.changes().len(), 1);
/// assert_eq!(diff.changes()[0].effect(), Effect::Widens);
/// assert_eq!(
///     diff.changes()[0].to_string(),
///     "policy `api`: newly allowed, with credentials: `https://new.example.com`"
/// );
/// assert!(Diff::between(&old, &old).is_empty());
/// # Ok::<(), corsac::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    changes: Vec<Change>,
}

impl Diff {
    /// Compares two sets. Linear in the number of rows; where grants changed places, also in the
    /// number of pairs of their wildcards and expressions that could match the same origin.
    #[must_use]
    pub fn between(old: &Policies, new: &Policies) -> Self {
        let mut changes = Vec::new();
        let known: HashMap<&str, &Policy> = old.iter().map(|(_, policy)| (policy.name(), policy)).collect();
        let mut kept = 0;
        for (_, policy) in new.iter() {
            match known.get(policy.name()) {
                Some(before) => {
                    kept += 1;
                    let what = of_policy(before, policy);
                    changes.extend(what.map(|what| Change::of_policy(policy.name(), what)));
                }
                None => {
                    changes.push(Change::of_policy(policy.name(), What::PolicyAdded { rows: policy.size().rows() }))
                }
            }
        }
        if kept < known.len() {
            let names: HashSet<&str> = new.iter().map(|(_, policy)| policy.name()).collect();
            let gone = old.iter().map(|(_, policy)| policy).filter(|policy| !names.contains(policy.name()));
            changes.extend(
                gone.map(|policy| Change::of_policy(policy.name(), What::PolicyRemoved { rows: policy.size().rows() })),
            );
        }
        changes.extend(routes::compare(old, new));
        Self { changes }
    }

    /// The changes: policy by policy in the order of the new document, then the policies that are
    /// gone, then routes.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Whether both sets answer every request alike.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

fn of_policy(old: &Policy, new: &Policy) -> impl Iterator<Item = What> {
    rows::compare(old, new).into_iter().chain(settings::compare(old, new))
}
