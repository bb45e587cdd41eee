//! Rows with a `*` among the literal characters of one label: `https://pr-*--site.example.app`.
//!
//! Each row is found by the longer of its label's two literals, together with a number for the
//! parent, which is the rest of the host. A host is looked up by its parent, and then once for each
//! length that a literal of that parent has. So the work is bounded by the lengths that the policy
//! uses. Every row with a literal that the label has is a candidate, and is verified by comparison.
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
    lengths: Box<[LiteralLengths]>,
    literals: Option<Table>,
    /// By slot of `literals`: where its rows are.
    groups: Box<[Group]>,
    rows: Box<[Glob]>,
}

/// The lengths of the literals of one parent's globs.
#[derive(Clone, Copy, Debug, Default)]
struct LiteralLengths {
    prefixes: Lengths,
    suffixes: Lengths,
}

/// Lengths by the byte next to the `*`: so a label is not looked up for a length at which no literal
/// could have its byte.
#[derive(Clone, Copy, Debug, Default)]
struct Lengths {
    /// Bit n: some literal with such a byte has n bytes.
    by_byte: [u64; 4],
}

impl LiteralLengths {
    fn insert(&mut self, row: &GlobRow) {
        let (prefix, suffix) = (row.prefix.as_bytes(), row.suffix.as_bytes());
        if row.by_prefix() {
            prefix.last().into_iter().for_each(|byte| self.prefixes.insert(prefix.len(), *byte));
        } else {
            suffix.first().into_iter().for_each(|byte| self.suffixes.insert(suffix.len(), *byte));
        }
    }
}

impl Lengths {
    fn insert(&mut self, len: usize, byte: u8) {
        self.by_byte.get_mut(usize::from(byte & 3)).into_iter().for_each(|lengths| *lengths |= 1 << len);
    }

    #[inline]
    fn contains(&self, len: usize, byte: u8) -> bool {
        self.by_byte.get(usize::from(byte & 3)).is_some_and(|lengths| lengths >> len & 1 == 1)
    }

    /// The lowest first.
    #[inline]
    fn iter(&self) -> impl Iterator<Item = usize> + use<> {
        let [a, b, c, d] = self.by_byte;
        let mut lengths = a | b | c | d;
        core::iter::from_fn(move || {
            let lowest = (lengths != 0).then_some(lengths.trailing_zeros() as usize)?;
            lengths &= lengths - 1;
            Some(lowest)
        })
    }
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

/// The number of a parent, as part of a key: control characters, which no host contains. There are
/// fewer parents than 2^25.
type Number = [u8; 5];

const NUMBER: usize = size_of::<Number>();

fn number(parent: usize) -> Number {
    [0, 5, 10, 15, 20].map(|shift| (parent >> shift) as u8 & 0x1f)
}

impl GlobRow {
    fn by_prefix(&self) -> bool {
        uses_prefix(&self.prefix, &self.suffix)
    }

    /// By what the row is found: number and prefix, or suffix and number.
    fn key(&self, parent: usize) -> String {
        let number = number(parent).map(char::from);
        if self.by_prefix() {
            number.into_iter().chain(self.prefix.chars()).collect()
        } else {
            self.suffix.chars().chain(number).collect()
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
        let mut lengths = vec![LiteralLengths::default(); parents.slots()];
        let mut keyed = Vec::with_capacity(rows.len());
        for row in rows {
            let parent = parents.get(row.parent.as_bytes()).map_or(0, |entry| entry.slot);
            if let Some(lengths) = lengths.get_mut(parent) {
                lengths.insert(&row);
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
            self.find_below(entry.slot, lengths, label, origin, best);
        }
    }

    /// Kept out of line: its key is a stack buffer that the other tiers should not have to reserve.
    #[inline(never)]
    fn find_below<'m>(
        &'m self,
        parent: usize,
        lengths: &LiteralLengths,
        label: &[u8],
        origin: &Origin<'_>,
        best: &mut Best<'m>,
    ) {
        let mut key = [0; NUMBER + MAX_LABEL + NUMBER];
        let (number, end) = (number(parent), NUMBER + label.len());
        for (start, part) in [(0, &number[..]), (NUMBER, label), (end, &number)] {
            if let Some(place) = key.get_mut(start..start + part.len()) {
                place.copy_from_slice(part);
            }
        }
        // Something must be between the literals.
        for len in lengths.suffixes.iter().take_while(|len| *len < label.len()) {
            let start = end - len;
            if key.get(start).is_some_and(|byte| lengths.suffixes.contains(len, *byte)) {
                self.consider(key.get(start..end + NUMBER).unwrap_or_default(), label, origin, best);
            }
        }
        for len in lengths.prefixes.iter().take_while(|len| *len < label.len()) {
            if label.get(len - 1).is_some_and(|byte| lengths.prefixes.contains(len, *byte)) {
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
