//! How many globs and expressions one origin can make candidates of.
//!
//! The matcher finds candidates by the literals that the end of a host, or the start of its first
//! label, goes through; literals that are found together are prefixes of one another as the
//! automaton reads them. So the worst case is a sum along one chain of literals, and known here.

use std::collections::HashMap;

use super::checked::CheckedGrant;
use crate::config::diagnostic::{Code, Collector, Place, Reported, quote};
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

pub(super) fn check(grants: &[CheckedGrant<'_>], collector: &mut Collector<'_>) -> Result<(), Reported> {
    let rows: Vec<Row<'_>> = grants.iter().flat_map(rows).collect();
    let mut counts: HashMap<&Literal, usize> = HashMap::new();
    for literal in rows.iter().flat_map(|row| &row.literals) {
        *counts.entry(literal).or_default() += 1;
    }
    let unproved = rows.iter().filter(|row| row.literals.is_empty()).count();
    let chains = chains(&counts);
    let chain = |literal: &Literal| chains.get(literal).copied().unwrap_or(0);
    let most = |row: &Row<'_>| -> usize { row.literals.iter().map(chain).max().unwrap_or(0) };
    if let Some(row) = rows.iter().rev().find(|row| most(row) > MAX_CANDIDATES) {
        let message = format!(
            "an origin that {} matches would have to be checked against {} rows; the limit is {MAX_CANDIDATES}",
            quote(row.text),
            most(row),
        );
        let help = "make the literal characters next to the `*` of these rows more specific";
        return Err(collector.error(row.code, row.place, message, help.into()));
    }
    if let Some(row) = rows.iter().filter(|row| row.literals.is_empty()).nth(MAX_UNPROVED) {
        let message = format!("the policy has {unproved} unproved expressions; the limit is {MAX_UNPROVED}");
        let help = "rewrite the expressions so that they can be proved";
        return Err(collector.error(Code::RegexTooMany, row.place, message, help.into()));
    }
    Ok(())
}

/// Of each literal, how many rows are found wherever it is: its own, and those of all literals that it
/// begins with. These stand before it in order, so one walk is enough.
fn chains<'l>(counts: &HashMap<&'l Literal, usize>) -> HashMap<&'l Literal, usize> {
    let mut literals: Vec<_> = counts.iter().map(|(literal, count)| (*literal, *count)).collect();
    literals.sort_unstable();
    let mut open: Vec<(&Literal, usize)> = Vec::new();
    let mut chains = HashMap::with_capacity(literals.len());
    for (literal, count) in literals {
        while open.last().is_some_and(|(start, _)| !literal.begins_with(start)) {
            open.pop();
        }
        let all = count + open.last().map_or(0, |(_, before)| *before);
        open.push((literal, all));
        chains.insert(literal, all);
    }
    chains
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
