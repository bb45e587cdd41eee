//! Grants that changed places.
//!
//! The first grant that contains an origin decides. So where two rows match one origin, whose grants
//! are in the opposite order now, its rights may have changed although neither row's rights have.
//!
//! Exact rows are not affected: an exact row is in the first grant that contains its origin, or its
//! document is rejected, so it decides in both sets.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use foldhash::fast::FixedState;

use super::change::{ChangeKind, ChangedRow};
use super::region::Place;
use super::rights::Rights;
use super::side::Common;

/// Indices of the rows that decide now, and of those that decided before.
type Rows = (BTreeSet<usize>, BTreeSet<usize>);

/// `rights` looks up two numbers of rights; `None` if responses are the same under both.
pub(super) fn compare(common: &[Common<'_>], rights: impl Fn(u32, u32) -> Option<(Rights, Rights)>) -> Vec<ChangeKind> {
    let open: Vec<_> = common.iter().filter(|common| is_open(common)).collect();
    if !has_swapped(&open) {
        return Vec::new();
    }
    let places: Vec<_> = open.iter().map(|common| Place::of(&common.row)).collect();
    let mut at: HashMap<&str, Vec<usize>, FixedState> = HashMap::default();
    for (index, place) in places.iter().enumerate() {
        for end in place.own_ends() {
            at.entry(end).or_default().push(index);
        }
    }
    let mut found: BTreeMap<(u32, u32), Rows> = BTreeMap::new();
    for (index, (row, place)) in open.iter().zip(&places).enumerate() {
        let beside = place.own_ends().flat_map(Place::ends).filter_map(|end| at.get(end)).flatten();
        for &other in beside {
            let (Some(other_row), Some(other_place)) = (open.get(other), places.get(other)) else { continue };
            let (before, now) = match (swapped(row, other_row), swapped(other_row, row)) {
                (true, _) => ((index, row), (other, other_row)),
                (_, true) => ((other, other_row), (index, row)),
                _ => continue,
            };
            let rights = (before.1.old_rights, now.1.new_rights);
            if rights.0 != rights.1 && place.may_overlap(other_place) {
                let (deciding, decided) = found.entry(rights).or_default();
                deciding.insert(now.0);
                decided.insert(before.0);
            }
        }
    }
    let rows = |indices: BTreeSet<usize>| -> Vec<ChangedRow> {
        indices.into_iter().filter_map(|index| open.get(index)).map(|common| common.row.into()).collect()
    };
    let changes = found.into_iter().filter_map(|((before, now), (deciding, decided))| {
        let (old, new) = rights(before, now)?;
        Some(ChangeKind::OrderChanged { rows: rows(deciding), before: rows(decided), old, new })
    });
    changes.collect()
}

fn is_open(common: &Common<'_>) -> bool {
    common.row.is_expression() || common.row.text().contains('*')
}

/// Whether `first` came before `second`, and comes after it now.
fn swapped(first: &Common<'_>, second: &Common<'_>) -> bool {
    first.old_grant < second.old_grant && first.new_grant > second.new_grant
}

/// Whether any two rows are swapped.
fn has_swapped(rows: &[&Common<'_>]) -> bool {
    let mut grants: Vec<_> = rows.iter().map(|row| (row.old_grant, row.new_grant)).collect();
    grants.sort_unstable();
    grants.dedup();
    let mut last = 0;
    // Two rows of one old grant are never swapped, so each chunk is compared with those before it.
    grants.chunk_by(|(a, _), (b, _)| a == b).any(|of_one| {
        let swapped = of_one.iter().any(|(_, new)| *new < last);
        last = of_one.iter().map(|(_, new)| *new).fold(last, u32::max);
        swapped
    })
}
