//! Rows with a `*` among the literal characters of one label: `https://pr-*--site.example.app`.
//!
//! One probe finds the part of the host after the label, and one binary search finds all literals
//! that the label starts or ends with. Every row with such a literal is a candidate and is verified
//! by comparison.
//!
//! The largest number of candidates for one origin is known when a policy is compiled, and is
//! limited there ([`MAX_CANDIDATES`](super::MAX_CANDIDATES), `validate::candidates`).

use core::ops::Range;

use super::literal::tells_by_prefix;
use super::rank::{Best, Rank, Tier};
use super::row::MatcherRow;
use super::starts::{Key, Starts};
use super::suffixes::PortRule;
use super::table::Table;
use crate::origin::{MAX_LABEL, Origin, Scheme, first_dot};

/// Reads a whole label.
type LabelKey = Key<{ MAX_LABEL.div_ceil(8) }>;

#[derive(Debug, Default)]
pub(super) struct Globs {
    parents: Option<Table>,
    /// By slot of `parents`.
    families: Box<[Family]>,
    literals: Starts,
    /// Where the rows of each literal begin, and where the last ones end.
    bounds: Box<[u32]>,
    rows: Box<[Glob]>,
}

/// The literals of the globs of one parent.
#[derive(Clone, Debug, Default)]
struct Family {
    /// What labels end with.
    ends: Range<u32>,
    /// What labels begin with.
    starts: Range<u32>,
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
    other: Box<str>,
    rule: Box<str>,
}

impl GlobRow {
    fn by_prefix(&self) -> bool {
        tells_by_prefix(&self.prefix, &self.suffix)
    }

    /// By what rows are grouped and sorted, and the literal as it is compared.
    fn key(&self) -> (Box<str>, bool, Vec<u8>) {
        let by_prefix = self.by_prefix();
        let literal = if by_prefix { self.prefix.bytes().collect() } else { self.suffix.bytes().rev().collect() };
        (self.parent.clone(), by_prefix, literal)
    }

    fn into_glob(self) -> Glob {
        let literal_len = (self.prefix.len() + self.suffix.len()) as u8;
        let other = if self.by_prefix() { self.suffix } else { self.prefix };
        let Self { grant, row, scheme, port, rule, .. } = self;
        Glob { grant, row, scheme, port, literal_len, other, rule }
    }
}

impl Globs {
    pub(super) fn new(rows: Vec<GlobRow>) -> Self {
        if rows.is_empty() {
            return Self::default();
        }
        let mut keyed: Vec<_> = rows.into_iter().map(|row| (row.key(), row)).collect();
        keyed.sort_by(|(a, x), (b, y)| (a, x.row).cmp(&(b, y.row)));
        let (mut keys, mut families): (Vec<&str>, Vec<Family>) = Default::default();
        let (mut texts, mut bounds, mut row) = (Vec::new(), vec![0], 0);
        for ((parent, by_prefix), group) in chunks(&keyed, |key| (&key.0, key.1)) {
            if keys.last().is_none_or(|last| **last != **parent) {
                keys.push(parent);
                families.push(Family::default());
            }
            let first = texts.len() as u32;
            for (literal, rows) in chunks(group, |key| &key.2) {
                texts.push((keys.len() as u32 * 2 + u32::from(by_prefix), literal.as_slice()));
                row += rows.len() as u32;
                bounds.push(row);
            }
            if let Some(family) = families.last_mut() {
                let of_side = if by_prefix { &mut family.starts } else { &mut family.ends };
                *of_side = first..texts.len() as u32;
            }
        }
        let parents = Table::new(&keys);
        let mut by_slot = vec![Family::default(); parents.slots()];
        for (parent, family) in keys.iter().zip(families) {
            if let Some(place) = parents.get(parent.as_bytes()).and_then(|entry| by_slot.get_mut(entry.slot)) {
                *place = family;
            }
        }
        Self {
            parents: Some(parents),
            families: by_slot.into_boxed_slice(),
            literals: Starts::new(texts),
            bounds: bounds.into_boxed_slice(),
            rows: keyed.into_iter().map(|(_, row)| row.into_glob()).collect(),
        }
    }

    #[inline]
    pub(super) fn find<'m>(&'m self, origin: &Origin<'_>, best: &mut Best<'m>) {
        if let Some(parents) = &self.parents
            && let Some((label, parent)) = split_label(origin.host_bytes())
            && let Some(entry) = parents.get(parent)
            && let Some(family) = self.families.get(entry.slot)
        {
            self.find_in(family, label, origin, best);
        }
    }

    /// Kept out of line: its key is a stack buffer that the other tiers should not have to reserve.
    #[inline(never)]
    fn find_in<'m>(&'m self, family: &Family, label: &[u8], origin: &Origin<'_>, best: &mut Best<'m>) {
        if !family.ends.is_empty() {
            for literal in self.literals.of(&LabelKey::from_end(label), &family.ends) {
                let rest_fits = |other: &str| label.starts_with(other.as_bytes());
                self.consider(literal, label, rest_fits, origin, best);
            }
        }
        if !family.starts.is_empty() {
            for literal in self.literals.of(&LabelKey::from_start(label), &family.starts) {
                let rest_fits = |other: &str| label.ends_with(other.as_bytes());
                self.consider(literal, label, rest_fits, origin, best);
            }
        }
    }

    /// The rows of a literal that the label has.
    #[inline]
    fn consider<'m>(
        &'m self,
        literal: usize,
        label: &[u8],
        rest_fits: impl Fn(&str) -> bool,
        origin: &Origin<'_>,
        best: &mut Best<'m>,
    ) {
        let bounds = self.bounds.get(literal..).and_then(|bounds| bounds.first_chunk());
        let rows = bounds.and_then(|&[start, end]| self.rows.get(start as usize..end as usize));
        for glob in rows.unwrap_or_default() {
            // Something must be between the literals.
            let matches = label.len() > usize::from(glob.literal_len)
                && glob.scheme == origin.scheme_kind()
                && glob.port.covers(origin.port())
                && (glob.other.is_empty() || rest_fits(&glob.other));
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
        self.parents.as_ref().map_or(0, Table::bytes)
            + size_of_val(&*self.families)
            + self.literals.bytes()
            + size_of_val(&*self.bounds)
            + size_of_val(&*self.rows)
            + texts
    }
}

/// Rows beside each other with the same part of their keys, and that part.
fn chunks<'k, K, R, P: PartialEq>(
    keyed: &'k [(K, R)],
    part: impl Fn(&'k K) -> P,
) -> impl Iterator<Item = (P, &'k [(K, R)])> {
    let mut rest = keyed;
    core::iter::from_fn(move || {
        let wanted = part(&rest.first()?.0);
        let len = rest.iter().take_while(|(key, _)| part(key) == wanted).count();
        let (chunk, behind) = rest.split_at_checked(len)?;
        rest = behind;
        Some((wanted, chunk))
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
