//! Who is let in, who is shut out, and who may do something else.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

use super::region::{Place, Region};
use super::rights::RightsTable;
use super::standing::{self, Standing};
use super::{ChangedRow, What, order};
use crate::outcome::Verdict;
use crate::policy::{ListedRow, Policy};
use crate::request::Request;

/// What makes two rows the same, whichever grants they are in.
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

/// A row that both policies have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Common<'p> {
    pub(super) row: ListedRow<'p>,
    pub(super) old_grant: u32,
    pub(super) new_grant: u32,
    /// By number, as in the table.
    pub(super) old_rights: u32,
    pub(super) new_rights: u32,
}

/// What changed for the origins of a row. The numbers identify rights: before, now, and those that
/// other rows gave or give to some of the origins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    LetIn(u32, Vec<u32>),
    ShutOut(u32, Vec<u32>),
    Changed(u32, u32),
}

/// One policy, and the numbers of its grants' rights.
pub(super) struct Side<'p> {
    pub(super) policy: &'p Policy,
    rights: Vec<u32>,
}

impl Side<'_> {
    pub(super) fn rights(&self, grant: u32) -> u32 {
        self.rights.get(grant as usize).copied().unwrap_or_default()
    }

    /// Linear in the number of rows: ask once.
    fn allows_any(&self) -> bool {
        self.policy.size().any_origin
    }

    /// What one origin may do; `None` where it is refused.
    fn rights_of(&self, origin: &str) -> Option<u32> {
        let decision = self.policy.decide(&Request::new("GET").origin(origin));
        let grant = decision.grant().filter(|_| decision.verdict() == Verdict::Allowed)?;
        Some(self.rights(grant))
    }

    /// How the origins of rows stand that this policy does not have.
    fn standings(&self, lone: &[ListedRow<'_>]) -> Vec<Standing> {
        let open: Vec<_> = lone.iter().filter(|row| !is_one_origin(row)).copied().collect();
        let allows_any = self.allows_any();
        let mut of_open = if allows_any || open.is_empty() {
            Vec::new().into_iter()
        } else {
            standing::of_all(&open, self).into_iter()
        };
        let standing = |row: &ListedRow<'_>| match () {
            () if allows_any => Standing::Decided(self.rights(0)),
            () if is_one_origin(row) => self.rights_of(row.text()).map_or(Standing::Refused, Standing::Decided),
            () => of_open.next().unwrap_or(Standing::Refused),
        };
        lone.iter().map(standing).collect()
    }
}

/// Whether the row matches one origin and no other. `null` is one.
pub(super) fn is_one_origin(row: &ListedRow<'_>) -> bool {
    !row.is_expression() && !row.text().contains('*')
}

pub(super) fn compare(old: &Policy, new: &Policy) -> Vec<What> {
    let mut table = RightsTable::default();
    let old = Side { policy: old, rights: table.of_grants(old) };
    let new = Side { policy: new, rights: table.of_grants(new) };
    let rows = Rows::of(&old, &new);
    let mut fates: BTreeMap<Fate, Vec<ChangedRow>> = BTreeMap::new();
    let mut put = |fate, row: ListedRow<'_>| fates.entry(fate).or_default().push(row.into());
    for common in rows.common.iter().filter(|common| common.old_rights != common.new_rights) {
        put(Fate::Changed(common.old_rights, common.new_rights), common.row);
    }
    let added = rows.needed(&rows.added, |common| common.new_grant);
    for (row, standing) in added.iter().zip(old.standings(&added)) {
        let now = new.rights(row.grant());
        match standing {
            Standing::Decided(before) if before == now => {}
            Standing::Decided(before) => put(Fate::Changed(before, now), *row),
            Standing::Refused => put(Fate::LetIn(now, Vec::new()), *row),
            Standing::Partly(others) => put(Fate::LetIn(now, others), *row),
        }
    }
    let removed = rows.needed(&rows.removed, |common| common.old_grant);
    for (row, standing) in removed.iter().zip(new.standings(&removed)) {
        let before = old.rights(row.grant());
        match standing {
            Standing::Decided(now) if before == now => {}
            Standing::Decided(now) => put(Fate::Changed(before, now), *row),
            Standing::Refused => put(Fate::ShutOut(before, Vec::new()), *row),
            Standing::Partly(others) => put(Fate::ShutOut(before, others), *row),
        }
    }
    let answers = (old.policy.settings().preflight_answer, new.policy.settings().preflight_answer);
    let changes = fates.into_iter().filter_map(|(fate, rows)| match fate {
        Fate::LetIn(now, others) => Some(What::LetIn { rows, rights: table.get(now)?, others: table.all(&others) }),
        Fate::ShutOut(before, others) => {
            Some(What::ShutOut { rows, rights: table.get(before)?, others: table.all(&others) })
        }
        Fate::Changed(before, now) => {
            let (old, new) = (table.get(before)?, table.get(now)?);
            (!old.answers_as(&new, answers.0, answers.1)).then_some(What::RightsChanged { rows, old, new })
        }
    });
    let mut changes: Vec<_> = changes.collect();
    changes.extend(order::compare(&rows.common, |before, now| {
        let (old, new) = (table.get(before)?, table.get(now)?);
        (!old.answers_as(&new, answers.0, answers.1)).then_some((old, new))
    }));
    changes
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
