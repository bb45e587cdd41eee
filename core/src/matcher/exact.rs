//! Rows without any wildcard: the value's own bytes are the key.

use super::Matched;
use super::rows::MatcherRow;
use super::table::Table;

/// All exact rows of a policy, grant after grant. A text is in one grant only: a second time in the
/// same grant is dropped, in a later one it is the error `grant/shadowed`.
#[derive(Debug)]
pub(super) struct Exact {
    table: Table,
    /// Where the rows of grants 1, 2, … start in the table's arena.
    later_grants: Box<[u32]>,
}

impl Exact {
    pub(super) fn new(table: Table, later_grants: Vec<u32>) -> Self {
        Self { table, later_grants: later_grants.into_boxed_slice() }
    }

    #[inline]
    pub(super) fn find(&self, value: &[u8]) -> Option<Matched<'_>> {
        // Many policies have wildcards alone.
        if self.table.len() == 0 {
            return None;
        }
        let entry = self.table.get(value)?;
        Some(Matched { grant: self.grant_at(entry.offset), rule: entry.text })
    }

    /// The grant of the row at this place of the arena.
    #[inline]
    fn grant_at(&self, offset: u32) -> u32 {
        match *self.later_grants {
            [] => 0,
            ref starts => starts.partition_point(|&start| start <= offset) as u32,
        }
    }

    pub(super) fn list(&self) -> Vec<MatcherRow<'_>> {
        let entries = self.table.entries().into_iter();
        entries.map(|entry| MatcherRow::plain(self.grant_at(entry.offset), entry.text)).collect()
    }

    pub(super) fn rows(&self) -> usize {
        self.table.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.table.bytes() + size_of_val(&*self.later_grants)
    }
}
