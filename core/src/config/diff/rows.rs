//! The origins that are newly allowed, no longer allowed, or have other rights.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

use super::access::{self, Access};
use super::change::{ChangeKind, ChangedRow};
use super::order;
use super::region::{Place, Region};
use super::rights::RightsTable;
use super::side::{Common, Side, is_one_origin};
use crate::policy::{ListedRow, Policy};

/// The parts of a row that make it the same row in another grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key<'p> {
    text: &'p str,
    is_expression: bool,
    depth: Option<u8>,
}

impl<'p> Key<'p> {
    fn of(row: &ListedRow<'p>) -> Self {
        Self { text: row.text(), is_expression: row.is_expression(), depth: row.depth() }
    }
}

/// What changed for the origins of a row. The numbers identify rights: before, now, and those that
/// other rows gave or give to some of the origins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum RowChange {
    Allowed(u32, Vec<u32>),
    Denied(u32, Vec<u32>),
    Changed(u32, u32),
    Depth { rights: u32, old: Option<u8>, new: Option<u8> },
}

/// Depth and rights of rows, by their text.
type Depths<'p> = HashMap<&'p str, (Option<u8>, u32), FixedState>;

pub(super) fn compare(old: &Policy, new: &Policy) -> Vec<ChangeKind> {
    let mut table = RightsTable::default();
    let old = Side { policy: old, rights: table.of_grants(old) };
    let new = Side { policy: new, rights: table.of_grants(new) };
    let rows = Rows::of(&old, &new);
    let mut row_changes: BTreeMap<RowChange, Vec<ChangedRow>> = BTreeMap::new();
    let mut put = |change, row: ListedRow<'_>| {
        let row = ChangedRow::from(row);
        let row = if let RowChange::Depth { new, .. } = change { row.with_depth(new) } else { row };
        row_changes.entry(change).or_default().push(row);
    };
    for common in rows.common.iter().filter(|common| common.old_rights != common.new_rights) {
        put(RowChange::Changed(common.old_rights, common.new_rights), common.row);
    }
    let (depths_before, depths_now) = (old.depths(&rows.removed), new.depths(&rows.added));
    let added = rows.needed(&rows.added, |common| common.new_grant);
    for (row, access) in added.iter().zip(access::of_rows(&added, &old)) {
        let now = new.rights(row.grant());
        match access {
            Access::Same(before) if before == now => {}
            Access::Same(before) => put(RowChange::Changed(before, now), *row),
            Access::Denied => put(RowChange::Allowed(now, Vec::new()), *row),
            Access::Partly(others) => {
                let change = match depths_before.get(row.text()) {
                    Some(&(old, rights)) if rights == now && others == [now] => {
                        RowChange::Depth { rights, old, new: row.depth() }
                    }
                    _ => RowChange::Allowed(now, others),
                };
                put(change, *row);
            }
        }
    }
    let removed = rows.needed(&rows.removed, |common| common.old_grant);
    for (row, access) in removed.iter().zip(access::of_rows(&removed, &new)) {
        let before = old.rights(row.grant());
        match access {
            Access::Same(now) if before == now => {}
            Access::Same(now) => put(RowChange::Changed(before, now), *row),
            Access::Denied => put(RowChange::Denied(before, Vec::new()), *row),
            Access::Partly(others) => {
                let change = match depths_now.get(row.text()) {
                    Some(&(new, rights)) if rights == before && others == [before] => {
                        RowChange::Depth { rights, old: row.depth(), new }
                    }
                    _ => RowChange::Denied(before, others),
                };
                put(change, *row);
            }
        }
    }
    let answers = (old.policy.settings().preflight_answer, new.policy.settings().preflight_answer);
    let changes = row_changes.into_iter().filter_map(|(change, rows)| match change {
        RowChange::Allowed(now, others) => {
            Some(ChangeKind::OriginsAllowed { rows, rights: table.get(now)?, others: table.all(&others) })
        }
        RowChange::Denied(before, others) => {
            Some(ChangeKind::OriginsDenied { rows, rights: table.get(before)?, others: table.all(&others) })
        }
        RowChange::Depth { rights, old, new } => {
            Some(ChangeKind::DepthChanged { rows, rights: table.get(rights)?, old, new })
        }
        RowChange::Changed(before, now) => {
            let (old, new) = (table.get(before)?, table.get(now)?);
            (!old.answers_as(&new, answers.0, answers.1)).then_some(ChangeKind::RightsChanged { rows, old, new })
        }
    });
    let mut changes: Vec<_> = changes.collect();
    changes.extend(order::compare(&rows.common, |before, now| {
        let (old, new) = (table.get(before)?, table.get(now)?);
        (!old.answers_as(&new, answers.0, answers.1)).then_some((old, new))
    }));
    changes
}

impl<'p> Side<'p> {
    /// The depths of these rows of the policy.
    fn depths(&self, rows: &[ListedRow<'p>]) -> Depths<'p> {
        let wildcards = rows.iter().filter(|row| !row.is_expression());
        wildcards.map(|row| (row.text(), (row.depth(), self.rights(row.grant())))).collect()
    }
}

/// The rows of two policies.
struct Rows<'p> {
    common: Vec<Common<'p>>,
    /// Only in the new one.
    added: Vec<ListedRow<'p>>,
    /// Only in the old one.
    removed: Vec<ListedRow<'p>>,
}

impl<'p> Rows<'p> {
    fn of(old: &Side<'p>, new: &Side<'p>) -> Self {
        let known: HashMap<Key<'p>, u32, FixedState> =
            old.policy.rows().map(|row| (Key::of(&row), row.grant())).collect();
        let mut rows = Self { common: Vec::new(), added: Vec::new(), removed: Vec::new() };
        for row in new.policy.rows() {
            match known.get(&Key::of(&row)) {
                Some(&old_grant) => rows.common.push(Common {
                    row,
                    old_grant,
                    new_grant: row.grant(),
                    old_rights: old.rights(old_grant),
                    new_rights: new.rights(row.grant()),
                }),
                None => rows.added.push(row),
            }
        }
        if rows.common.len() < known.len() {
            let still: std::collections::HashSet<Key<'p>, FixedState> =
                rows.common.iter().map(|common| Key::of(&common.row)).collect();
            rows.removed = old.policy.rows().filter(|row| !still.contains(&Key::of(row))).collect();
        }
        rows
    }

    /// Those of `lone` that say something which no row of the same grant says that both policies
    /// have. Without the others, their policy decides the same.
    fn needed(&self, lone: &[ListedRow<'p>], grant: impl Fn(&Common<'p>) -> u32) -> Vec<ListedRow<'p>> {
        let is_open = |row: &ListedRow<'_>| !is_one_origin(row) && !row.is_expression();
        if !lone.iter().any(is_open) {
            return lone.to_vec();
        }
        let mut around: HashMap<&str, Vec<(Region<'p>, u32)>, FixedState> = HashMap::default();
        for common in self.common.iter().filter(|common| is_open(&common.row)) {
            if let Some(region) = Region::of(&common.row) {
                around.entry(region.end()).or_default().push((region, grant(common)));
            }
        }
        let is_said = |row: &ListedRow<'p>| {
            let Some(region) = Region::of(row).filter(|_| is_open(row)) else { return false };
            let same_grant = |(_, of): &&(Region<'p>, u32)| *of == row.grant();
            Place::ends(region.end())
                .filter_map(|end| around.get(end))
                .flatten()
                .filter(same_grant)
                .any(|(outer, _)| outer.contains(&region))
        };
        lone.iter().filter(|row| !is_said(row)).copied().collect()
    }
}
