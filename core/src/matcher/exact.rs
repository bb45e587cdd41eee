//! Rows without wildcards, looked up by the bytes of the `Origin` value.

use super::found::Matched;
use super::row::MatcherRow;
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
    /// `later_grants` says of grants 1, 2, … how many rows are in those before.
    pub(super) fn new(rows: &[&str], later_grants: &[usize]) -> Self {
        let table = Table::new(rows);
        let offsets: Vec<u32> = match later_grants {
            [] => Vec::new(),
            _ => table.texts().map(|(offset, _)| offset).collect(),
        };
        // A grant without exact rows behind the last row begins where no row is.
        let later_grants = later_grants.iter().map(|&rows| offsets.get(rows).copied().unwrap_or(u32::MAX)).collect();
        Self { table, later_grants }
    }

    #[inline]
    pub(super) fn find(&self, value: &[u8]) -> Option<Matched<'_>> {
        // Many policies have wildcards alone.
        if self.table.len() == 0 {
            return None;
        }
        let entry = self.table.get(value)?;
        Some(Matched { grant: self.grant_at(entry.offset), rule: entry.text, origin: None })
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
        self.table.texts().map(|(offset, text)| MatcherRow::plain(self.grant_at(offset), text)).collect()
    }

    pub(super) fn rows(&self) -> usize {
        self.table.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.table.bytes() + size_of_val(&*self.later_grants)
    }
}
