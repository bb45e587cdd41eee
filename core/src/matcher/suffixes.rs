//! Rows that cover whole labels: `https://*.example.com`, found by the labels they share.
//!
//! The keys are the bases (`example.com`). A host is looked up once for every number of labels
//! that some base has, from the right, and never for another, so the work is bounded by the depths
//! that the policy uses, not by its rows nor by the labels that a client sends.

use super::rows::MatcherRow;
use super::table::Table;
use super::{Best, Rank, Tier};
use crate::origin::{Origin, Scheme};

/// The most labels that a host of 253 bytes can have.
const MAX_LABELS: usize = 127;

/// The depth of a wildcard without a limit: more labels than it can cover.
pub(crate) const ANY_DEPTH: u8 = MAX_LABELS as u8;

#[derive(Debug, Default)]
pub(super) struct Suffixes {
    bases: Option<Table>,
    /// By slot of `bases`: where the rows of that base are in `rows`.
    groups: Box<[Group]>,
    // INVARIANT: sorted by base, scheme, port, then grant and document order; of rows that agree in
    // the first three each is deeper than the one before (`prune`), so they are sorted by depth
    // too, and the first that is deep enough is the one to be named.
    rows: Box<[SuffixRow]>,
    /// Bit n: some base has n labels.
    depths: u128,
}

#[derive(Clone, Copy, Debug, Default)]
struct Group {
    start: u32,
    end: u32,
}

#[derive(Clone, Debug)]
pub(super) struct SuffixRow {
    pub(super) base: Box<str>,
    pub(super) covers: Covers,
    pub(super) grant: u32,
    pub(super) row: u32,
    /// The row as it is written.
    pub(super) rule: Box<str>,
}

/// What a row covers besides its base: scheme, port, and the most labels of the wildcard, packed so
/// that one comparison of numbers orders them in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Covers(u32);

impl Covers {
    const DEPTH_BITS: u32 = 7;
    const PORT_BITS: u32 = 17;

    /// `depth` is at most [`ANY_DEPTH`].
    pub(super) fn new(scheme: Scheme, port: PortRule, depth: u8) -> Self {
        // Port 0 is none that an origin can carry.
        let port = match port {
            PortRule::Only(port) => u32::from(port.unwrap_or(0)),
            PortRule::Any => 1 << u16::BITS,
        };
        Self(((scheme as u32) << Self::PORT_BITS | port) << Self::DEPTH_BITS | u32::from(depth.min(ANY_DEPTH)))
    }

    fn depth(self) -> u8 {
        (self.0 & ((1 << Self::DEPTH_BITS) - 1)) as u8
    }

    fn without_depth(self) -> u32 {
        self.0 >> Self::DEPTH_BITS
    }

    fn at_depth(self, depth: u8) -> Self {
        Self(self.without_depth() << Self::DEPTH_BITS | u32::from(depth))
    }

    /// Whether scheme and port are the same.
    fn is_beside(self, other: Self) -> bool {
        self.without_depth() == other.without_depth()
    }
}

/// Which ports a row covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum PortRule {
    /// As an origin carries it: `None` is the scheme's default.
    Only(Option<u16>),
    Any,
}

impl PortRule {
    pub(crate) fn covers(self, port: Option<u16>) -> bool {
        self == Self::Any || self == Self::Only(port)
    }
}

impl Suffixes {
    pub(super) fn new(mut rows: Vec<SuffixRow>) -> Self {
        if rows.is_empty() {
            return Self::default();
        }
        let key = |row: &SuffixRow| (row.base.clone(), row.covers.without_depth(), row.grant, row.row);
        rows.sort_by_cached_key(key);
        prune(&mut rows);
        let (mut keys, mut groups): (Vec<&str>, Vec<Group>) = Default::default();
        let (mut depths, mut start) = (0_u128, 0_u32);
        for group in rows.chunk_by(|a, b| a.base == b.base) {
            let Some(first) = group.first() else { continue };
            keys.push(&first.base);
            depths |= 1 << labels(first.base.as_bytes()).min(MAX_LABELS);
            groups.push(Group { start, end: start + group.len() as u32 });
            start += group.len() as u32;
        }
        let bases = Table::new(&keys);
        let mut by_slot = vec![Group::default(); bases.slots()];
        for (base, group) in keys.iter().zip(groups) {
            if let Some(place) = bases.get(base.as_bytes()).and_then(|entry| by_slot.get_mut(entry.slot)) {
                *place = group;
            }
        }
        Self { bases: Some(bases), groups: by_slot.into_boxed_slice(), rows: rows.into_boxed_slice(), depths }
    }

    #[inline]
    pub(super) fn find<'m>(&'m self, origin: &Origin<'_>, best: &mut Best<'m>) {
        if let Some(bases) = &self.bases {
            self.walk(bases, origin, best);
        }
    }

    /// Goes through the host from the right, label by label, up to the last depth that exists.
    ///
    /// Never inlined, nor is what is done with what it finds: what other tiers hold in registers
    /// would go to memory and back at each dot.
    #[inline(never)]
    fn walk<'m>(&'m self, bases: &Table, origin: &Origin<'_>, best: &mut Best<'m>) {
        let host = origin.host_bytes();
        let mut depths = self.depths;
        for dot in origin.dots_right_to_left() {
            depths >>= 1;
            if depths == 0 {
                return;
            }
            if depths & 1 != 0
                && let Some(entry) = host.get(dot + 1..).and_then(|base| bases.get(base))
            {
                self.consider(entry.slot, dot, origin, best);
            }
        }
    }

    /// The rows of a base, behind the dot at this place of the host.
    #[inline(never)]
    fn consider<'m>(&'m self, slot: usize, dot: usize, origin: &Origin<'_>, best: &mut Best<'m>) {
        let Some(group) = self.groups.get(slot) else { return };
        let rows = self.rows.get(group.start as usize..group.end as usize).unwrap_or_default();
        let (scheme, port) = (origin.scheme_kind(), PortRule::Only(origin.port()));
        for (wanted, any_port) in [(Covers::new(scheme, port, 0), false), (Covers::new(scheme, PortRule::Any, 0), true)]
        {
            if let Some(row) = deep_enough(rows, wanted, origin.host_bytes().get(..dot).unwrap_or_default()) {
                // No host has more bytes than fit.
                best.keep(Rank::new(row.grant, Tier::Suffix, dot as u8, any_port, row.row), &row.rule);
            }
        }
    }

    pub(super) fn list(&self) -> impl Iterator<Item = MatcherRow<'_>> {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by_key(|row| row.row);
        rows.into_iter().map(|row| {
            let depth = Some(row.covers.depth()).filter(|&depth| depth < ANY_DEPTH);
            MatcherRow { depth, ..MatcherRow::plain(row.grant, &row.rule) }
        })
    }

    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn bytes(&self) -> usize {
        let texts: usize = self.rows.iter().map(|row| row.base.len() + row.rule.len()).sum();
        let bases = self.bases.as_ref().map_or(0, Table::bytes);
        bases + size_of_val(&*self.groups) + size_of_val(&*self.rows) + texts
    }
}

/// The first row for a scheme and port whose wildcard may cover all this.
#[inline]
fn deep_enough<'m>(rows: &'m [SuffixRow], wanted: Covers, covered: &[u8]) -> Option<&'m SuffixRow> {
    let depth = || labels(covered).min(MAX_LABELS) as u8;
    // Hardly any base has more than one row, whose depth is hardly ever limited: then there is
    // nothing to search, nor to count.
    if let [row] = rows {
        let fits = row.covers.is_beside(wanted) && (row.covers.depth() == ANY_DEPTH || depth() <= row.covers.depth());
        return fits.then_some(row);
    }
    let wanted = wanted.at_depth(depth());
    let first = rows.partition_point(|row| row.covers < wanted);
    rows.get(first).filter(|row| row.covers.is_beside(wanted))
}

/// Takes out rows that can never be named: one before them, with the same base, scheme and port,
/// is at least as deep.
fn prune(rows: &mut Vec<SuffixRow>) {
    let mut deepest: Option<(Box<str>, Covers)> = None;
    rows.retain(|row| {
        let same = deepest.as_ref().filter(|(base, covers)| *base == row.base && covers.is_beside(row.covers));
        let kept = same.is_none_or(|(_, covers)| *covers < row.covers);
        if kept {
            deepest = Some((row.base.clone(), row.covers));
        }
        kept
    });
}

/// How many labels a host has; the root behind a trailing dot is none.
fn labels(host: &[u8]) -> usize {
    let host = host.strip_suffix(b".").unwrap_or(host);
    host.iter().filter(|&&byte| byte == b'.').count() + 1
}
