//! Rows of different grants that cover the same origins.
//!
//! A row wholly contained in an earlier grant can never decide: an error, for its grant's rights
//! are not what a reader of the document thinks. One that is contained in part is a warning. The
//! request lane relies on the first: an exact row that matches is final.

use core::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};

use foldhash::fast::FixedState;

use super::checked::{CheckedGrant, CheckedRow};
use crate::config::diagnostic::{Code, Collector, Severity, quote};
use crate::config::pattern::Shape;
use crate::matcher::ANY_DEPTH;
use crate::matcher::{PortRule, glob_matches, uses_prefix};
use crate::origin::Scheme;

/// A row's grant, and its place among that grant's rows.
type RowIndex = (usize, usize);

type Index<K> = HashMap<K, Group, FixedState>;

/// Rows that differ in nothing but port, depth and grant.
#[derive(Debug, Default)]
struct Group {
    /// By port, each deeper than the one before it: a row that is no deeper than an earlier one is
    /// contained in it, and says nothing more about others. So there are at most 127 for a port.
    by_port: HashMap<PortRule, Vec<(RowIndex, u8)>, FixedState>,
    /// Of each of the first few grants the deepest row, for rows with any port, which overlap rows
    /// with every port.
    of_grants: Vec<(RowIndex, u8)>,
}

impl Group {
    const MAX_GRANTS: usize = 64;

    fn push(&mut self, index: RowIndex, port: PortRule, depth: u8) {
        let same = self.by_port.entry(port).or_default();
        if same.last().is_none_or(|&(_, deepest)| deepest < depth) {
            same.push((index, depth));
        }
        let has_room = self.of_grants.len() < Self::MAX_GRANTS;
        match self.of_grants.last_mut() {
            Some((known, deepest)) if known.0 == index.0 && *deepest < depth => {
                (*known, *deepest) = (index, depth);
            }
            Some((known, _)) if known.0 == index.0 => {}
            _ if has_room => self.of_grants.push((index, depth)),
            _ => {}
        }
    }

    /// The rows that a row with `port` could share origins with.
    fn beside(&self, port: PortRule) -> impl Iterator<Item = RowIndex> + '_ {
        let same = self.by_port.get(&port).into_iter().flatten();
        let any = self.by_port.get(&PortRule::Any).filter(|_| port != PortRule::Any).into_iter().flatten();
        let others = self.of_grants.iter().filter(move |_| port == PortRule::Any);
        same.chain(any).chain(others).map(|&(index, _)| index)
    }
}

/// What is reported of a row: the earlier one that it shares origins with.
enum Finding {
    /// All of it, with a row of an earlier grant.
    Shadowed(RowIndex),
    /// Some of it, with a row of an earlier grant.
    Overlaps(RowIndex),
    /// All of it, with a row of its own grant.
    Contained(RowIndex),
}

impl Finding {
    /// Of several, the heaviest is reported.
    fn weight(&self) -> u8 {
        match self {
            Self::Shadowed(_) => 3,
            Self::Overlaps(_) => 2,
            Self::Contained(_) => 1,
        }
    }
}

pub(super) fn check(grants: &[CheckedGrant<'_>], collector: &mut Collector<'_>) {
    if grants.len() < 2 && !has_open_rows(grants) {
        return;
    }
    let rows = Rows::new(grants);
    let mut findings: BTreeMap<RowIndex, Finding> = BTreeMap::new();
    for (index, row) in rows.all() {
        for (other, covered) in rows.above(row) {
            let Some(candidate) = rows.get(other).filter(|_| other != index) else { continue };
            if !intersects(candidate, row, covered) {
                continue;
            }
            let contained = contains(candidate, row, covered);
            let (later, finding) = match other.0.cmp(&index.0) {
                Ordering::Equal if contained => (index, Finding::Contained(other)),
                Ordering::Equal => continue,
                Ordering::Less if contained => (index, Finding::Shadowed(other)),
                Ordering::Less => (index, Finding::Overlaps(other)),
                Ordering::Greater => (other, Finding::Overlaps(index)),
            };
            if findings.get(&later).is_none_or(|known| known.weight() < finding.weight()) {
                findings.insert(later, finding);
            }
        }
    }
    for (index, finding) in findings {
        report(&rows, index, &finding, collector);
    }
}

/// Whether there are rows at all that stand for more than one origin.
fn has_open_rows(grants: &[CheckedGrant<'_>]) -> bool {
    grants.iter().flat_map(|grant| &grant.rows).any(|row| !row.pattern.is_exact())
}

fn report(rows: &Rows<'_>, index: RowIndex, finding: &Finding, collector: &mut Collector<'_>) {
    let (Finding::Shadowed(other) | Finding::Overlaps(other) | Finding::Contained(other)) = finding;
    let (Some(row), Some(earlier)) = (rows.get(index), rows.get(*other)) else { return };
    let shown = quote(row.pattern.as_str());
    let text = collector.sources().shown(earlier.pattern.as_str());
    let earlier = format!("{text} of grant {}", other.0);
    match finding {
        Finding::Contained(_) => {
            let message = format!("{shown} has no effect: {text} already covers it");
            let help = "remove the row, or keep it if decisions should report it as the rule".into();
            collector.report(Code::RedundantContained, Severity::Note, row.place, message, help);
        }
        Finding::Shadowed(_) => {
            let message = format!("{shown} can never apply: {earlier} comes first and covers it");
            let help = "remove the row, or move its grant before the other grant".into();
            collector.error(Code::GrantShadowed, row.place, message, help);
        }
        Finding::Overlaps(_) => {
            let message = format!("{shown} overlaps {earlier}, which comes first and applies where both match");
            let help = "no change is needed if the earlier grant is an intended exception".into();
            collector.warning(Code::GrantOverlap, row.place, message, help);
        }
    }
}

/// The rows of all grants, indexed by what another row can share with them.
struct Rows<'b> {
    grants: &'b [CheckedGrant<'b>],
    /// By `scheme://host`, and `null`.
    hosts: Index<&'b str>,
    /// By scheme and base.
    bases: Index<(Scheme, &'b str)>,
    globs: Index<Glob<'b>>,
    /// The parents that globs have, with their schemes.
    parents: HashSet<(Scheme, &'b str), FixedState>,
    /// By scheme, parent and one literal: the other literals. As for requests, the longer one is what a
    /// glob is found by, and for one label that gives at most 64 prefixes and 64 suffixes.
    by_prefix: OtherLiterals<'b>,
    by_suffix: OtherLiterals<'b>,
}

type OtherLiterals<'b> = HashMap<(Scheme, &'b str, &'b str), Vec<&'b str>, FixedState>;

/// Scheme, parent, and the literals before and behind the `*`.
type Glob<'b> = (Scheme, &'b str, &'b str, &'b str);

impl<'b> Rows<'b> {
    fn new(grants: &'b [CheckedGrant<'b>]) -> Self {
        let mut rows = Self {
            grants,
            hosts: Index::default(),
            bases: Index::default(),
            globs: Index::default(),
            parents: HashSet::default(),
            by_prefix: HashMap::default(),
            by_suffix: HashMap::default(),
        };
        let all: Vec<_> = rows.all().collect();
        for (index, row) in all {
            let group = match row.pattern.shape() {
                Shape::Any => continue,
                Shape::Null => rows.hosts.entry("null").or_default(),
                Shape::Host { key, .. } => rows.hosts.entry(key).or_default(),
                Shape::Below { scheme, base, .. } => rows.bases.entry((scheme, base)).or_default(),
                Shape::Glob { scheme, prefix, suffix, parent, .. } => rows.add_glob((scheme, parent, prefix, suffix)),
            };
            group.push(index, port(row), row.depth);
        }
        rows
    }

    fn add_glob(&mut self, glob: Glob<'b>) -> &mut Group {
        let (scheme, parent, prefix, suffix) = glob;
        if !self.globs.contains_key(&glob) {
            self.parents.insert((scheme, parent));
            if uses_prefix(prefix, suffix) {
                self.by_prefix.entry((scheme, parent, prefix)).or_default().push(suffix);
            } else {
                self.by_suffix.entry((scheme, parent, suffix)).or_default().push(prefix);
            }
        }
        self.globs.entry(glob).or_default()
    }

    fn all(&self) -> impl Iterator<Item = (RowIndex, &'b CheckedRow<'b>)> + use<'b> {
        let grants = self.grants;
        grants.iter().enumerate().flat_map(|(grant, checked)| {
            checked.rows.iter().enumerate().map(move |(row, checked)| ((grant, row), checked))
        })
    }

    fn get(&self, (grant, row): RowIndex) -> Option<&'b CheckedRow<'b>> {
        self.grants.get(grant)?.rows.get(row)
    }

    /// The rows that stand for the same host, or for a wildcard or glob that could contain `row`;
    /// with the number of labels between a wildcard's base and the host or base of `row`.
    fn above(&self, row: &'b CheckedRow<'b>) -> Vec<(RowIndex, u8)> {
        let mut found = Vec::new();
        let mut take = |group: Option<&Group>, covered| {
            found.extend(group.into_iter().flat_map(|group| group.beside(port(row))).map(|index| (index, covered)));
        };
        let (scheme, mut rest, mut covered) = match row.pattern.shape() {
            Shape::Any => return found,
            Shape::Null => {
                take(self.hosts.get("null"), 0);
                return found;
            }
            Shape::Host { scheme, key, host, .. } => {
                take(self.hosts.get(key), 0);
                if let Some((label, parent)) = host.split_once('.') {
                    self.globs_around(scheme, (label, label), parent).for_each(|group| take(Some(group), 1));
                }
                (scheme, host, 0)
            }
            Shape::Below { scheme, base, .. } => {
                take(self.bases.get(&(scheme, base)), 0);
                (scheme, base, 0)
            }
            Shape::Glob { scheme, prefix, suffix, parent, .. } => {
                self.globs_around(scheme, (prefix, suffix), parent).for_each(|group| take(Some(group), 1));
                take(self.bases.get(&(scheme, parent)), 1);
                (scheme, parent, 1)
            }
        };
        while let Some((_, parent)) = rest.split_once('.') {
            covered += 1;
            take(self.bases.get(&(scheme, parent)), covered);
            rest = parent;
        }
        found
    }

    /// The globs below `parent` whose literals the label's start and end go on from.
    fn globs_around(
        &self,
        scheme: Scheme,
        (start, end): (&'b str, &'b str),
        parent: &'b str,
    ) -> impl Iterator<Item = &Group> {
        let exists = self.parents.contains(&(scheme, parent));
        let prefixes = (0..=start.len()).filter(move |_| exists).filter_map(|len| start.get(..len));
        let by_prefix = prefixes.flat_map(move |prefix| {
            let suffixes = self.by_prefix.get(&(scheme, parent, prefix)).into_iter().flatten();
            suffixes.filter(move |suffix| end.ends_with(**suffix)).map(move |suffix| (prefix, *suffix))
        });
        let suffixes = (0..=end.len()).filter(move |_| exists).filter_map(|from| end.get(from..));
        let by_suffix = suffixes.flat_map(move |suffix| {
            let prefixes = self.by_suffix.get(&(scheme, parent, suffix)).into_iter().flatten();
            prefixes.filter(move |prefix| start.starts_with(**prefix)).map(move |prefix| (*prefix, suffix))
        });
        let literals = by_prefix.chain(by_suffix);
        literals.filter_map(move |(prefix, suffix)| self.globs.get(&(scheme, parent, prefix, suffix)))
    }
}

fn port(row: &CheckedRow<'_>) -> PortRule {
    match row.pattern.shape() {
        Shape::Host { port, .. } | Shape::Below { port, .. } | Shape::Glob { port, .. } => port,
        Shape::Any | Shape::Null => PortRule::Any,
    }
}

/// How many labels below `above`'s base the origins of `row` have: the fewest and the most.
fn labels(row: &CheckedRow<'_>, covered: u8) -> (u8, u8) {
    match row.pattern.shape() {
        Shape::Below { .. } if row.depth == ANY_DEPTH => (covered.saturating_add(1), ANY_DEPTH),
        Shape::Below { .. } => (covered.saturating_add(1), covered.saturating_add(row.depth).min(ANY_DEPTH - 1)),
        Shape::Host { .. } | Shape::Glob { .. } | Shape::Any | Shape::Null => (covered, covered),
    }
}

fn intersects(above: &CheckedRow<'_>, row: &CheckedRow<'_>, covered: u8) -> bool {
    let (one, other) = (port(above), port(row));
    let ports = one == PortRule::Any || other == PortRule::Any || one == other;
    ports && labels(row, covered).0 <= above.depth && glob_takes(above, row)
}

/// A glob's literals are looked up by what a label starts and ends with; with an exact host they
/// must also leave something between them.
fn glob_takes(above: &CheckedRow<'_>, row: &CheckedRow<'_>) -> bool {
    match (above.pattern.shape(), row.pattern.shape()) {
        (Shape::Glob { prefix, suffix, parent, .. }, Shape::Host { host, .. }) => {
            glob_matches(host.as_bytes(), prefix, suffix, parent)
        }
        _ => true,
    }
}

fn contains(above: &CheckedRow<'_>, row: &CheckedRow<'_>, covered: u8) -> bool {
    let (one, other) = (port(above), port(row));
    (one == PortRule::Any || one == other) && labels(row, covered).1 <= above.depth
}
