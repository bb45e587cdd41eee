//! How many globs and expressions one origin can make candidates of.
//!
//! The matcher finds candidates by the literals that the end of a host, or the start of its first
//! label, goes through; literals that are found together are prefixes of one another as the
//! automaton reads them. So the worst case is a sum along one chain of literals, and known here.

use std::collections::HashMap;

use super::checked::CheckedGrant;
use crate::config::diagnostic::{Code, Collector, Place, quote};
use crate::config::pattern::Shape;
use crate::matcher::{Literal, MAX_CANDIDATES};

/// The most rows without any literal, which are candidates for every origin.
const MAX_UNPROVED: usize = 16;

struct Row<'b> {
    text: &'b str,
    place: Option<Place>,
    code: Code,
    literals: Vec<Literal>,
}

pub(super) fn check(grants: &[CheckedGrant<'_>], collector: &mut Collector<'_>) {
    let rows: Vec<Row<'_>> = grants.iter().flat_map(rows).collect();
    let mut counts: HashMap<&Literal, usize> = HashMap::new();
    for literal in rows.iter().flat_map(|row| &row.literals) {
        *counts.entry(literal).or_default() += 1;
    }
    let unproved = rows.iter().filter(|row| row.literals.is_empty()).count();
    let most = |row: &Row<'_>| -> usize {
        let chain = |literal: &Literal| literal.implied().filter_map(|part| counts.get(&part)).sum();
        row.literals.iter().map(chain).max().unwrap_or(0)
    };
    if let Some(row) = rows.iter().rev().find(|row| most(row) > MAX_CANDIDATES) {
        let message = format!(
            "an origin that {} matches would have to be checked against {} rows; the limit is {MAX_CANDIDATES}",
            quote(row.text),
            most(row),
        );
        let help = "make the literal characters next to the `*` of these rows more specific";
        collector.error(row.code, row.place, message, help.into());
        return;
    }
    if let Some(row) = rows.iter().filter(|row| row.literals.is_empty()).nth(MAX_UNPROVED) {
        let message = format!("the policy has {unproved} unproved expressions; the limit is {MAX_UNPROVED}");
        collector.error(
            Code::RegexTooMany,
            row.place,
            message,
            "rewrite the expressions so that they can be proved".into(),
        );
    }
}

fn rows<'b>(grant: &'b CheckedGrant<'_>) -> impl Iterator<Item = Row<'b>> {
    let globs = grant.rows.iter().filter_map(|row| match row.pattern.shape() {
        Shape::Glob { prefix, suffix, parent, .. } => Some(Row {
            text: row.pattern.as_str(),
            place: row.place,
            code: Code::GlobWeakLiterals,
            literals: vec![Literal::of_glob(prefix, suffix, parent)],
        }),
        _ => None,
    });
    let expressions = grant.expressions.iter().map(|checked| Row {
        text: checked.text,
        place: checked.place,
        code: Code::RegexTooMany,
        literals: checked.expression.literals(),
    });
    globs.chain(expressions)
}
