//! How a policy treats the origins of a row that it does not contain.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use super::region::Place;
use super::rows::{Side, is_one_origin};
use crate::policy::ListedRow;

/// How the origins of a row stand with a policy. Exact rows within it are left aside: each decides
/// for its one origin whatever other rows there are, and is compared on its own.
///
/// The numbers are those of rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// No row matches any of them.
    Refused,
    /// All of them may do this.
    Decided(u32),
    /// Some of them may do one of these; others may be refused.
    Partly(Vec<u32>),
}

/// How each of `lone` stands with a policy. These are no rows of it, and no exact ones.
pub(super) fn of_all(lone: &[ListedRow<'_>], side: &Side<'_>) -> Vec<Standing> {
    let asked: Vec<_> = lone.iter().map(Place::of).collect();
    let wanted: HashSet<&str, FixedState> = asked.iter().flat_map(Place::own_ends).collect();
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
    let standing = |place: &Place<'_>| {
        let here = place.own_ends().flat_map(Place::ends).filter_map(|end| at.get(end));
        let beside = here.chain(place.own_ends().filter_map(|end| below.get(end))).flatten();
        let overlapping = beside.filter_map(|&index| rows.get(index)).filter(|(other, _)| other.may_overlap(place));
        of_one(place, overlapping, side)
    };
    asked.iter().map(standing).collect()
}

fn of_one<'r, 'p: 'r>(
    place: &Place<'_>,
    overlapping: impl Iterator<Item = &'r (Place<'p>, u32)>,
    side: &Side<'_>,
) -> Standing {
    let mut all_in: Option<u32> = None;
    let mut grants: Vec<u32> = Vec::new();
    for (other, grant) in overlapping {
        grants.push(*grant);
        if other.contains(place) {
            all_in = Some(all_in.map_or(*grant, |first| first.min(*grant)));
        }
    }
    // What comes behind a row that matches them all decides nothing.
    let deciding = grants.into_iter().filter(|grant| all_in.is_none_or(|first| *grant <= first));
    let mut rights: Vec<_> = deciding.map(|grant| side.rights(grant)).collect();
    rights.sort_unstable();
    rights.dedup();
    match (rights.as_slice(), all_in) {
        ([], _) => Standing::Refused,
        ([rights], Some(_)) => Standing::Decided(*rights),
        _ => Standing::Partly(rights),
    }
}
