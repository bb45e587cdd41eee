//! Differences between two sets of policies, described by their effect: which origins gain or lose
//! access, and which rights change.
//!
//! Policies are compared by name, rows by their text. A difference that affects no response is not a
//! change: the order of a document, the names of its list files, moving a row between two grants with
//! equal rights, replacing an exact row by a wildcard with the same rights.

mod access;
mod change;
mod effect;
mod kept_preflights;
mod order;
mod region;
mod rights;
mod routes;
mod rows;
mod settings;
mod side;

pub use change::{Change, ChangeKind, ChangedRow};
pub use effect::Effect;
pub use kept_preflights::KeptPreflights;
pub use rights::{Rights, RightsChange};

use std::collections::{HashMap, HashSet};

use crate::policy::{Policies, Policy};

/// The differences between two sets of policies.
///
/// Empty only if both decide every request in the same way: the same verdict, reason, status and
/// headers. So if a logged request is decided differently, one of these changes is the cause.
///
/// ```
/// use corsac::{Policies, PolicyBuilder};
/// use corsac::diff::{Diff, Effect};
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
///     "policy `api`: newly allowed, with credentials; methods GET, HEAD, POST: `https://new.example.com`"
/// );
/// assert!(Diff::between(&old, &old).is_empty());
/// # Ok::<(), corsac::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    changes: Vec<Change>,
    kept_preflights: Option<KeptPreflights>,
}

impl Diff {
    /// Compares two sets. Linear in the number of rows and, if grants changed places, in the number of
    /// pairs of their wildcards and expressions that could match the same origin.
    #[must_use]
    pub fn between(old: &Policies, new: &Policies) -> Self {
        let (mut changes, mut kept_preflights) = (Vec::new(), None);
        let known: HashMap<&str, &Policy> = old.iter().map(|(_, policy)| (policy.name(), policy)).collect();
        let mut kept = 0;
        for (_, policy) in new.iter() {
            match known.get(policy.name()) {
                Some(before) => {
                    kept += 1;
                    let kinds = of_policy(before, policy);
                    changes.extend(kinds.map(|kind| Change::of_policy(policy.name(), kind)));
                }
                None => changes
                    .push(Change::of_policy(policy.name(), ChangeKind::PolicyAdded { rows: policy.size().rows() })),
            }
        }
        if kept < known.len() {
            let names: HashSet<&str> = new.iter().map(|(_, policy)| policy.name()).collect();
            let gone = old.iter().map(|(_, policy)| policy).filter(|policy| !names.contains(policy.name()));
            for policy in gone {
                let removed = ChangeKind::PolicyRemoved { rows: policy.size().rows() };
                changes.push(Change::of_policy(policy.name(), removed));
                kept_preflights = kept_preflights.max(KeptPreflights::of_policy(policy));
            }
        }
        changes.extend(routes::compare(old, new));
        let kept_preflights = changes.iter().filter_map(KeptPreflights::of_change).max().max(kept_preflights);
        Self { changes, kept_preflights }
    }

    /// The changes: policy by policy in the order of the new document, then the removed policies, then
    /// routes.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// How long browsers may still send what is no longer allowed; `None` if a preflight of before allowed
    /// nothing more.
    #[must_use]
    pub fn kept_preflights(&self) -> Option<KeptPreflights> {
        self.kept_preflights
    }

    /// Whether both sets decide every request in the same way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

fn of_policy(old: &Policy, new: &Policy) -> impl Iterator<Item = ChangeKind> {
    rows::compare(old, new).into_iter().chain(settings::compare(old, new))
}
