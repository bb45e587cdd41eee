//! How a policy treats the origins of a row that it does not contain.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use super::region::Place;
use super::side::{Side, is_one_origin};
use crate::policy::ListedRow;

/// The access that a policy gives to the origins of a row. Exact rows of the policy are ignored: each
/// decides about its one origin, whatever other rows there are, and is compared on its own.
///
/// The numbers are those of rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// No row matches any of the origins.
    Denied,
    /// All of the origins have these rights.
    Same(u32),
    /// Some of the origins have one of these rights; others may be denied.
    Partly(Vec<u32>),
}

/// The access of each row's origins under a policy that has none of these rows.
pub(super) fn of_rows(rows: &[ListedRow<'_>], side: &Side<'_>) -> Vec<Access> {
    let open: Vec<_> = rows.iter().filter(|row| !is_one_origin(row)).copied().collect();
    let allows_any = side.allows_any();
    let of_open = if allows_any || open.is_empty() { Vec::new() } else { of_open_rows(&open, side) };
    let mut of_open = of_open.into_iter();
    let access = |row: &ListedRow<'_>| match () {
        () if allows_any => Access::Same(side.rights(0)),
        () if is_one_origin(row) => side.rights_of(row.text()).map_or(Access::Denied, Access::Same),
        () => of_open.next().unwrap_or(Access::Denied),
    };
    rows.iter().map(access).collect()
}

/// The same for rows that match more than one origin.
fn of_open_rows(lone: &[ListedRow<'_>], side: &Side<'_>) -> Vec<Access> {
    let places: Vec<_> = lone.iter().map(Place::of).collect();
    let wanted: HashSet<&str, FixedState> = places.iter().flat_map(Place::own_ends).collect();
    let open = side.policy.rows().filter(|row| !is_one_origin(row));
    let rows: Vec<_> = open.map(|row| (Place::of(&row), row.grant())).collect();
    let mut at: HashMap<&str, Vec<usize>, FixedState> = HashMap::default();
    let mut below: HashMap<&str, Vec<usize>, FixedState> = HashMap::default();
    for (index, (place, _)) in rows.iter().enumerate() {
        for end in place.own_ends() {
            at.entry(end).or_default().push(index);
            for above in Place::ends(end).skip(1).filter(|above| wanted.contains(above)) {
                below.entry(above).or_default().push(index);
            }
        }
    }
    let access = |place: &Place<'_>| {
        let here = place.own_ends().flat_map(Place::ends).filter_map(|end| at.get(end));
        let beside = here.chain(place.own_ends().filter_map(|end| below.get(end))).flatten();
        let overlapping = beside.filter_map(|&index| rows.get(index)).filter(|(other, _)| other.may_overlap(place));
        of_one(place, overlapping, side)
    };
    places.iter().map(access).collect()
}

fn of_one<'r, 'p: 'r>(
    place: &Place<'_>,
    overlapping: impl Iterator<Item = &'r (Place<'p>, u32)>,
    side: &Side<'_>,
) -> Access {
    let mut all_in: Option<u32> = None;
    let mut grants: Vec<u32> = Vec::new();
    for (other, grant) in overlapping {
        grants.push(*grant);
        if other.contains(place) {
            all_in = Some(all_in.map_or(*grant, |first| first.min(*grant)));
        }
    }
    // A row after one that matches all of the origins decides nothing.
    let deciding = grants.into_iter().filter(|grant| all_in.is_none_or(|first| *grant <= first));
    let mut rights: Vec<_> = deciding.map(|grant| side.rights(grant)).collect();
    rights.sort_unstable();
    rights.dedup();
    match (rights.as_slice(), all_in) {
        ([], _) => Access::Denied,
        ([rights], Some(_)) => Access::Same(*rights),
        _ => Access::Partly(rights),
    }
}
