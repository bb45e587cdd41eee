//! Rows with a `*` among the literal characters of one label: `https://pr-*--site.example.app`.
//!
//! Each row is found by the longer of its label's two literals: `suffix.parent`, which is the end
//! of the host, or the prefix and a number for the parent. A host is looked up by its parent, and
//! then once for each length that such a literal of that parent has. So the work is bounded by the
//! lengths that the policy uses. Every row with a literal that the host has is a candidate, and is
//! verified by comparison.
//!
//! The largest number of candidates for one origin is known when a policy is compiled, and is
//! limited there ([`MAX_CANDIDATES`](super::MAX_CANDIDATES), `validate::candidates`).

use super::literal::uses_prefix;
use super::rank::{Best, Rank, Tier};
use super::row::MatcherRow;
use super::suffixes::PortRule;
use super::table::{Group, Table};
use crate::origin::{MAX_LABEL, Origin, Scheme, first_dot};

#[derive(Debug, Default)]
pub(super) struct Globs {
    /// What follows the label.
    parents: Option<Table>,
    /// By slot of `parents`.
    lengths: Box<[Lengths]>,
    literals: Option<Table>,
    /// By slot of `literals`: where its rows are.
    groups: Box<[Group]>,
    rows: Box<[Glob]>,
}

/// The lengths of the literals of one parent's globs. Bit n: some literal has n bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Lengths {
    prefixes: u64,
    suffixes: u64,
}

#[derive(Debug)]
pub(super) struct GlobRow {
    pub(super) grant: u32,
    pub(super) row: u32,
    pub(super) scheme: Scheme,
    pub(super) port: PortRule,
    pub(super) prefix: Box<str>,
    pub(super) suffix: Box<str>,
    pub(super) parent: Box<str>,
    /// The row as it is written.
    pub(super) rule: Box<str>,
}

/// What is left to be compared when a row was found by one of its two literals.
#[derive(Debug)]
struct Glob {
    grant: u32,
    row: u32,
    scheme: Scheme,
    port: PortRule,
    /// Bytes of both literals.
    literal_len: u8,
    by_prefix: bool,
    other: Box<str>,
    rule: Box<str>,
}

/// The number of a parent as the start of a key: ASCII, since tables hold text, and below every
/// byte of a host.
const NUMBER: usize = 8;

fn number(parent: usize) -> [u8; NUMBER] {
    let parent = parent as u32;
    core::array::from_fn(|digit| (parent >> (4 * digit) & 0xf) as u8)
}

impl GlobRow {
    fn by_prefix(&self) -> bool {
        uses_prefix(&self.prefix, &self.suffix)
    }

    /// By what the row is found. `parent` is the number of its parent.
    fn key(&self, parent: usize) -> String {
        if self.by_prefix() {
            number(parent).into_iter().map(char::from).chain(self.prefix.chars()).collect()
        } else {
            format!("{}.{}", self.suffix, self.parent)
        }
    }

    fn into_glob(self) -> Glob {
        let literal_len = (self.prefix.len() + self.suffix.len()) as u8;
        let by_prefix = self.by_prefix();
        let other = if by_prefix { self.suffix } else { self.prefix };
        let Self { grant, row, scheme, port, rule, .. } = self;
        Glob { grant, row, scheme, port, literal_len, by_prefix, other, rule }
    }
}

impl Globs {
    pub(super) fn new(rows: Vec<GlobRow>) -> Self {
        if rows.is_empty() {
            return Self::default();
        }
        let parents = {
            let mut parents: Vec<&str> = rows.iter().map(|row| &*row.parent).collect();
            parents.sort_unstable();
            parents.dedup();
            Table::new(&parents)
        };
        let mut lengths = vec![Lengths::default(); parents.slots()];
        let mut keyed = Vec::with_capacity(rows.len());
        for row in rows {
            let parent = parents.get(row.parent.as_bytes()).map_or(0, |entry| entry.slot);
            if let Some(lengths) = lengths.get_mut(parent) {
                if row.by_prefix() {
                    lengths.prefixes |= 1 << row.prefix.len();
                } else {
                    lengths.suffixes |= 1 << row.suffix.len();
                }
            }
            keyed.push((row.key(parent), row));
        }
        keyed.sort_by(|(a, x), (b, y)| (a, x.row).cmp(&(b, y.row)));
        let (mut keys, mut groups, mut start) = (Vec::<&str>::new(), Vec::new(), 0);
        for group in keyed.chunk_by(|(a, _), (b, _)| a == b) {
            keys.extend(group.first().map(|(key, _)| key.as_str()));
            groups.push(Group::after(start, group.len()));
            start += group.len();
        }
        let literals = Table::new(&keys);
        let groups = literals.by_slot(groups);
        Self {
            parents: Some(parents),
            lengths: lengths.into_boxed_slice(),
            literals: Some(literals),
            groups,
            rows: keyed.into_iter().map(|(_, row)| row.into_glob()).collect(),
        }
    }

    #[inline]
    pub(super) fn find<'m>(&'m self, origin: &Origin<'_>, best: &mut Best<'m>) {
        if let Some(parents) = &self.parents
            && let Some((label, parent)) = split_label(origin.host_bytes())
            && let Some(entry) = parents.get(parent)
            && let Some(lengths) = self.lengths.get(entry.slot)
        {
            self.find_below(entry.slot, *lengths, label, origin, best);
        }
    }

    /// Kept out of line: its key is a stack buffer that the other tiers should not have to reserve.
    #[inline(never)]
    fn find_below<'m>(
        &'m self,
        parent: usize,
        lengths: Lengths,
        label: &[u8],
        origin: &Origin<'_>,
        best: &mut Best<'m>,
    ) {
        for len in ones(lengths.suffixes) {
            // Something must be before the literal.
            let Some(start) = label.len().checked_sub(len).filter(|start| *start > 0) else { break };
            self.consider(origin.host_bytes().get(start..).unwrap_or_default(), label, origin, best);
        }
        if lengths.prefixes != 0 {
            let mut key = [0; NUMBER + MAX_LABEL];
            let parts = number(parent).into_iter().chain(label.iter().copied());
            key.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
            for len in ones(lengths.prefixes).take_while(|len| *len < label.len()) {
                self.consider(key.get(..NUMBER + len).unwrap_or_default(), label, origin, best);
            }
        }
    }

    /// The rows of a literal, if there are any.
    #[inline]
    fn consider<'m>(&'m self, key: &[u8], label: &[u8], origin: &Origin<'_>, best: &mut Best<'m>) {
        let entry = self.literals.as_ref().and_then(|literals| literals.get(key));
        let Some(group) = entry.and_then(|entry| self.groups.get(entry.slot)) else { return };
        for glob in self.rows.get(group.range()).unwrap_or_default() {
            // Something must be between the literals.
            let matches = label.len() > usize::from(glob.literal_len)
                && glob.scheme == origin.scheme_kind()
                && glob.port.covers(origin.port())
                && glob.rest_fits(label);
            if matches {
                let any_port = glob.port == PortRule::Any;
                best.keep(Rank::new(glob.grant, Tier::Glob, 0, any_port, glob.row), &glob.rule);
            }
        }
    }

    /// With the number of each row in the document.
    pub(super) fn list(&self) -> impl Iterator<Item = (u32, MatcherRow<'_>)> {
        self.rows.iter().map(|glob| (glob.row, MatcherRow::plain(glob.grant, &glob.rule)))
    }

    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn bytes(&self) -> usize {
        let texts: usize = self.rows.iter().map(|glob| glob.other.len() + glob.rule.len()).sum();
        let tables: usize = [&self.parents, &self.literals].into_iter().flatten().map(Table::bytes).sum();
        tables + size_of_val(&*self.lengths) + size_of_val(&*self.groups) + size_of_val(&*self.rows) + texts
    }
}

impl Glob {
    /// Whether the label has the literal by which the row was not found.
    #[inline]
    fn rest_fits(&self, label: &[u8]) -> bool {
        let other = self.other.as_bytes();
        if self.by_prefix { label.ends_with(other) } else { label.starts_with(other) }
    }
}

/// The numbers of the bits that are set, the lowest first.
fn ones(mut bits: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let lowest = (bits != 0).then_some(bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(lowest)
    })
}

/// One label that begins and ends with the literals and has something between them, and then the
/// parent.
pub(crate) fn glob_matches(host: &[u8], prefix: &str, suffix: &str, parent: &str) -> bool {
    split_label(host).is_some_and(|(label, rest)| {
        let between = label.strip_prefix(prefix.as_bytes()).and_then(|rest| rest.strip_suffix(suffix.as_bytes()));
        rest == parent.as_bytes() && between.is_some_and(|between| !between.is_empty())
    })
}

/// The leftmost label, and the host behind its dot.
#[inline]
fn split_label(host: &[u8]) -> Option<(&[u8], &[u8])> {
    let dot = first_dot(host)?;
    Some((host.get(..dot)?, host.get(dot + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All rows that a linear scan finds, the best of them first.
    fn scan(rows: &[[&str; 3]], host: &str) -> Option<u32> {
        (0..)
            .zip(rows)
            .find(|(_, [prefix, suffix, parent])| glob_matches(host.as_bytes(), prefix, suffix, parent))
            .map(|(row, _)| row)
    }

    #[test]
    fn the_first_row_that_matches_is_found() {
        let long = "x".repeat(61);
        let rows = [
            ["a-", "", "example.com"],
            ["", "-a", "example.com"],
            ["a", "-a", "example.com"],
            ["", "-longer-than-a-word-a", "example.com"],
            ["", "word-a", "example.com"],
            ["same-", "-same", "example.com"],
            [&long, "", "example.com"],
            ["", &long, "example.com"],
            ["a-", "", "example.org"],
            ["", "-a", "a.example.com"],
            ["", "-a", "example.com."],
        ];
        let compiled = (0..).zip(&rows).map(|(row, [prefix, suffix, parent])| GlobRow {
            grant: 0,
            row,
            scheme: Scheme::Https,
            port: PortRule::Only(None),
            prefix: (*prefix).into(),
            suffix: (*suffix).into(),
            parent: (*parent).into(),
            rule: row.to_string().into(),
        });
        let globs = Globs::new(compiled.collect());
        assert_eq!(globs.rows(), rows.len());
        let labels = [
            "a-",
            "-a",
            "a-a",
            "a--a",
            "aa-a",
            "ab-a",
            "x-a",
            "a-x",
            "-longer-than-a-word-a",
            "x-longer-than-a-word-a",
            "same-same",
            "same--same",
            "same-x-same",
            "xword-a",
            "sword-a-",
            "a",
            "other-x-same",
            "same-x-other",
        ];
        let labels = labels.map(String::from).into_iter();
        let labels = labels.chain([
            long.clone(),
            format!("{long}x"),
            format!("x{long}"),
            format!("{long}xx"),
            format!("xx{long}"),
        ]);
        let mut found = 0;
        for label in labels {
            for parent in ["example.com", "example.org", "a.example.com", "example.com.", "b.example.com", "com"] {
                let host = format!("{label}.{parent}");
                for (scheme, port) in [("https", ""), ("http", ""), ("https", ":8443"), ("app", "")] {
                    let text = format!("{scheme}://{host}{port}");
                    let origin = Origin::parse(text.as_bytes()).unwrap();
                    let mut best = Best { rank: Rank::NONE, rule: "" };
                    globs.find(&origin, &mut best);
                    let expected = scan(&rows, &host).filter(|_| text == format!("https://{host}"));
                    assert_eq!((best.rank < Rank::NONE).then_some(best.rank.row()), expected, "{text}");
                    found += usize::from(expected.is_some());
                }
            }
        }
        assert!(found > 20, "{found}");
    }
}
