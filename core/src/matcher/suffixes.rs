//! Rows with a leading `*.`: `https://*.example.com`, found by their base.
//!
//! The keys are the bases (`example.com`). A host is looked up once, from the right, for each depth
//! (number of labels) that some base has. So the work is bounded by the depths that the policy
//! uses, not by its rows or by the labels that a client sends. Depths are stored by the last bytes
//! of the bases, so that a host skips depths at which no base has its ending.

use super::rank::{Best, Rank, Tier};
use super::row::MatcherRow;
use super::table::{Group, Table};
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
    depths: Depths,
}

/// How many labels bases have, by their last two bytes, the dot before a base included.
#[derive(Debug, Default)]
struct Depths {
    // INVARIANT: as many as a power of two, or none. Ends may share a place, so a bit says "perhaps"
    // and the lack of it "no".
    /// Bit n: some base with such an end has n labels.
    by_end: Box<[u128]>,
}

impl Depths {
    /// Few, as a line of cache holds four: the ends of names are few as well.
    const MAX_PLACES: usize = 64;

    fn new<'b>(bases: impl ExactSizeIterator<Item = &'b str>) -> Self {
        let places = bases.len().next_power_of_two().min(Self::MAX_PLACES);
        let mut depths = Self { by_end: vec![0; places].into_boxed_slice() };
        for base in bases {
            let end = match *base.as_bytes() {
                [only] => [b'.', only],
                ref base => base.last_chunk().copied().unwrap_or_default(),
            };
            let place = depths.place(end);
            if let Some(depths) = depths.by_end.get_mut(place) {
                *depths |= 1 << labels(base.as_bytes()).min(MAX_LABELS);
            }
        }
        depths
    }

    /// Bit n: a base of n labels may be what the host ends in.
    #[inline]
    fn of(&self, host: &[u8]) -> u128 {
        // A host of one byte has no labels in front of any base.
        let depths = host.last_chunk().and_then(|&end| self.by_end.get(self.place(end)));
        depths.copied().unwrap_or(0)
    }

    #[inline]
    fn place(&self, end: [u8; 2]) -> usize {
        // Fibonacci hashing: the bits at the top depend on all below.
        let hash = u32::from(u16::from_le_bytes(end)).wrapping_mul(0x9e37_79b1) >> 24;
        hash as usize & self.by_end.len().wrapping_sub(1)
    }
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
        let mut start = 0;
        for group in rows.chunk_by(|a, b| a.base == b.base) {
            let Some(first) = group.first() else { continue };
            keys.push(&first.base);
            groups.push(Group::after(start, group.len()));
            start += group.len();
        }
        let depths = Depths::new(keys.iter().copied());
        let bases = Table::new(&keys);
        let groups = bases.by_slot(groups);
        Self { bases: Some(bases), groups, rows: rows.into_boxed_slice(), depths }
    }

    #[inline]
    pub(super) fn find<'m>(&'m self, origin: &Origin<'_>, best: &mut Best<'m>) {
        let Some(bases) = &self.bases else { return };
        // No base has no label.
        let depths = self.depths.of(origin.host_bytes()) >> 1;
        if depths != 0 {
            self.walk(bases, depths, origin, best);
        }
    }

    /// Goes through the host from the right, label by label, up to the last depth that exists.
    ///
    /// Kept out of line, like `consider`: inlining spills the other tiers' registers at each dot.
    #[inline(never)]
    fn walk<'m>(&'m self, bases: &Table, mut depths: u128, origin: &Origin<'_>, best: &mut Best<'m>) {
        let host = origin.host_bytes();
        let mut dots = origin.dots_right_to_left();
        // Checked before searching for the next dot.
        while depths != 0 {
            let Some(dot) = dots.next() else { return };
            if depths & 1 != 0
                && let Some(entry) = host.get(dot + 1..).and_then(|base| bases.get(base))
            {
                self.consider(entry.slot, dot, origin, best);
            }
            depths >>= 1;
        }
    }

    /// The rows of a base, behind the dot at this place of the host.
    #[inline(never)]
    fn consider<'m>(&'m self, slot: usize, dot: usize, origin: &Origin<'_>, best: &mut Best<'m>) {
        let Some(group) = self.groups.get(slot) else { return };
        let rows = self.rows.get(group.range()).unwrap_or_default();
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
        bases + size_of_val(&*self.groups) + size_of_val(&*self.rows) + size_of_val(&*self.depths.by_end) + texts
    }
}

/// The first row for a scheme and port whose wildcard may cover all this.
#[inline]
fn deep_enough<'m>(rows: &'m [SuffixRow], wanted: Covers, covered: &[u8]) -> Option<&'m SuffixRow> {
    let depth = || labels(covered).min(MAX_LABELS) as u8;
    // Fast path: most bases have a single row without a depth limit, so nothing needs to be
    // searched or counted.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Every two bytes that a base can end in, and bases of one byte, with and without a dot behind.
    fn bases() -> Vec<String> {
        let bytes = || ('a'..='z').chain('0'..='9').chain(['-', '_']);
        let pairs = bytes().flat_map(|a| bytes().map(move |b| format!("{a}{b}")));
        let short: Vec<String> = bytes().map(String::from).chain(pairs).collect();
        let whole = short.into_iter().flat_map(|end| {
            let labels = end.bytes().map(usize::from).sum::<usize>() % 5;
            [format!("{}{end}", "x.".repeat(labels)), format!("{}{end}.", "x.".repeat(labels))]
        });
        whole.collect()
    }

    #[test]
    fn no_base_is_passed_over_by_its_end() {
        let bases = bases();
        for step in [1, 2, 3, 50, 700, bases.len()] {
            let rows: Vec<&str> = bases.iter().step_by(step).map(String::as_str).collect();
            let depths = Depths::new(rows.iter().copied());
            for base in rows {
                for host in [format!("a.{base}"), format!("a.b-c.{base}")] {
                    let labels = base.trim_end_matches('.').split('.').count();
                    assert_ne!(depths.of(host.as_bytes()) & 1 << labels, 0, "{host}, {step}");
                }
            }
        }
    }

    #[test]
    fn a_host_of_another_end_is_passed_over() {
        assert_eq!(Depths::default().of(b"a.example.com"), 0);
        let bases: Vec<String> = (0..100).map(|index| format!("tenant{index}.example.com")).collect();
        let depths = Depths::new(bases.iter().map(String::as_str));
        assert_eq!(depths.of(b"a.tenant7.example.com"), 1 << 3);
        let ends = ('a'..='z').flat_map(|a| ('a'..='z').map(move |b| format!("a.tenant7.example.{a}{b}")));
        let passed_over = ends.filter(|host| depths.of(host.as_bytes()) == 0).count();
        assert!(passed_over > 26 * 26 * 9 / 10, "{passed_over}");
        assert_eq!(depths.of(b"m"), 0);
        assert_eq!(depths.of(b""), 0);
    }
}
