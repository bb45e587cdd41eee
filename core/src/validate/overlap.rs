//! Rows of different grants that cover the same origins.
//!
//! A row wholly contained in an earlier grant can never decide: an error, for its grant's rights
//! are not what a reader of the document thinks. One that is contained in part is a warning. The
//! request lane relies on the first: an exact row that matches is final.

use std::collections::BTreeMap;
use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::{ANY_DEPTH, CheckedGrant, CheckedRow};
use crate::diagnostic::{Code, Collector, quote};
use crate::matcher::PortRule;
use crate::origin::Scheme;
use crate::pattern::Shape;

/// A row's grant, and its place among that grant's rows.
type RowIndex = (usize, usize);

type Index<'b, K> = HashMap<K, Vec<RowIndex>, FixedState>;

/// What is reported of a row: the earlier one that it shares origins with.
enum Finding {
    Shadowed(RowIndex),
    Overlaps(RowIndex),
}

pub(super) fn check(grants: &[CheckedGrant<'_>], collector: &mut Collector<'_>) {
    if grants.len() < 2 {
        return;
    }
    let rows = Rows::new(grants);
    let mut findings: BTreeMap<RowIndex, Finding> = BTreeMap::new();
    for (index, row) in rows.all() {
        for (other, covered) in rows.above(row) {
            let Some(candidate) = rows.get(other).filter(|_| other.0 != index.0) else { continue };
            if !intersects(candidate, row, covered) {
                continue;
            }
            let (later, finding) = match other.0 < index.0 {
                true if contains(candidate, row, covered) => (index, Finding::Shadowed(other)),
                true => (index, Finding::Overlaps(other)),
                false => (other, Finding::Overlaps(index)),
            };
            match (findings.get(&later), &finding) {
                (Some(Finding::Shadowed(_)), _) | (Some(Finding::Overlaps(_)), Finding::Overlaps(_)) => {}
                _ => drop(findings.insert(later, finding)),
            }
        }
    }
    for (index, finding) in findings {
        report(&rows, index, &finding, collector);
    }
}

fn report(rows: &Rows<'_>, index: RowIndex, finding: &Finding, collector: &mut Collector<'_>) {
    let (Finding::Shadowed(other) | Finding::Overlaps(other)) = finding;
    let (Some(row), Some(earlier)) = (rows.get(index), rows.get(*other)) else { return };
    let shown = quote(row.pattern.as_str());
    let earlier = format!("{} of grant {}", quote(earlier.pattern.as_str()), other.0);
    match finding {
        Finding::Shadowed(_) => {
            let message = format!("{shown} can never decide: {earlier} contains it and comes first");
            let help = "drop the row, or move its grant before the other".into();
            collector.error(Code::GrantShadowed, row.place, message, help);
        }
        Finding::Overlaps(_) => {
            let message = format!("{shown} overlaps {earlier}, which comes first and decides where both match");
            let help = "this is right if the earlier grant is meant as the exception".into();
            collector.warning(Code::GrantOverlap, row.place, message, help);
        }
    }
}

/// The rows of all grants, indexed by what another row can share with them.
struct Rows<'b> {
    grants: &'b [CheckedGrant<'b>],
    /// By `scheme://host`, and `null`.
    hosts: Index<'b, &'b str>,
    /// By scheme and base.
    bases: Index<'b, (Scheme, &'b str)>,
}

impl<'b> Rows<'b> {
    fn new(grants: &'b [CheckedGrant<'b>]) -> Self {
        let mut rows = Self { grants, hosts: Index::default(), bases: Index::default() };
        let all: Vec<_> = rows.all().collect();
        for (index, row) in all {
            match row.pattern.shape() {
                Shape::Any => {}
                Shape::Null => rows.hosts.entry("null").or_default().push(index),
                Shape::Host { key, .. } => rows.hosts.entry(key).or_default().push(index),
                Shape::Below { scheme, base, .. } => rows.bases.entry((scheme, base)).or_default().push(index),
            }
        }
        rows
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

    /// The rows that stand for the same host, or for a wildcard at or above `row`; with the number
    /// of labels between that wildcard's base and the host or base of `row`.
    fn above(&self, row: &'b CheckedRow<'b>) -> Vec<(RowIndex, u8)> {
        let mut found = Vec::new();
        let same = |indices: Option<&Vec<RowIndex>>| {
            indices.into_iter().flatten().map(|&index| (index, 0)).collect::<Vec<_>>()
        };
        let (scheme, host) = match row.pattern.shape() {
            Shape::Any => return found,
            Shape::Null => return same(self.hosts.get("null")),
            Shape::Host { scheme, key, host, .. } => {
                found = same(self.hosts.get(key));
                (scheme, host)
            }
            Shape::Below { scheme, base, .. } => {
                found = same(self.bases.get(&(scheme, base)));
                (scheme, base)
            }
        };
        let mut rest = host;
        let mut covered = 0;
        while let Some((_, parent)) = rest.split_once('.') {
            covered += 1;
            let indices = self.bases.get(&(scheme, parent));
            found.extend(indices.into_iter().flatten().map(|&index| (index, covered)));
            rest = parent;
        }
        found
    }
}

fn port(row: &CheckedRow<'_>) -> PortRule {
    match row.pattern.shape() {
        Shape::Host { port, .. } | Shape::Below { port, .. } => port,
        Shape::Any | Shape::Null => PortRule::Any,
    }
}

/// How many labels below `above`'s base the origins of `row` have: the fewest and the most.
fn labels(row: &CheckedRow<'_>, covered: u8) -> (u8, u8) {
    match row.pattern.shape() {
        Shape::Below { .. } if row.depth == ANY_DEPTH => (covered.saturating_add(1), ANY_DEPTH),
        Shape::Below { .. } => (covered.saturating_add(1), covered.saturating_add(row.depth).min(ANY_DEPTH - 1)),
        Shape::Host { .. } | Shape::Any | Shape::Null => (covered, covered),
    }
}

fn intersects(above: &CheckedRow<'_>, row: &CheckedRow<'_>, covered: u8) -> bool {
    let (one, other) = (port(above), port(row));
    let ports = one == PortRule::Any || other == PortRule::Any || one == other;
    ports && labels(row, covered).0 <= above.depth
}

fn contains(above: &CheckedRow<'_>, row: &CheckedRow<'_>, covered: u8) -> bool {
    let (one, other) = (port(above), port(row));
    (one == PortRule::Any || one == other) && labels(row, covered).1 <= above.depth
}
