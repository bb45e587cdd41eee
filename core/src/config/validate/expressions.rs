//! Rows that are regular expressions.

use std::collections::{HashMap, HashSet};

use super::checked::{CheckedExpression, CheckedGrant};
use super::rows::{Used, check_scheme, report_code_host, report_no_suffix_list, report_siblings, report_unneeded};
use super::stakes::Stakes;
use crate::config::builder::GrantBuilder;
use crate::config::code_hosts;
use crate::config::diagnostic::{Code, Collector, Severity, quote};
use crate::config::pattern::{Expression, MAX_AUTOMATON, PatternError};
use crate::config::row::Row;
use crate::config::suffix_list;
use crate::matcher::Ends;
use crate::origin::{Origin, Scheme};

/// The most bytes that the automata of a document's expressions need together: each is in memory as
/// long as the policies are, and takes milliseconds to build.
const MAX_AUTOMATA: usize = 128 << 20;

/// Checks the expressions of a grant and gives those that are left: compiled, each once.
pub(super) fn check<'b>(
    grant: &'b GrantBuilder<'_>,
    stakes: Stakes,
    collector: &mut Collector<'_>,
) -> Vec<CheckedExpression<'b>> {
    let mut seen = HashSet::new();
    let mut checked = Vec::new();
    for row in grant.origins.iter().filter(|row| row.is_expression) {
        let (text, place) = (row.text.text.as_ref(), row.text.place);
        if !suffix_list::IS_PRESENT {
            report_no_suffix_list(row, Code::RegexPublicSuffix, collector);
            continue;
        }
        if !seen.insert(text) {
            let message = format!("{} is listed twice in this grant", quote(text));
            collector.warning(Code::OriginDuplicate, place, message, "remove one of them".into());
            continue;
        }
        if collector.add_automaton(0).0 > MAX_AUTOMATA {
            // That was reported, and compiling the others would take the time that the limit saves.
            break;
        }
        match Expression::parse(text) {
            Ok(expression) => {
                charge(row, expression.dfa.bytes(), collector);
                if accept(row, &expression, stakes, collector) {
                    let overrides = row.overrides();
                    checked.push(CheckedExpression { text, expression, overrides, place });
                }
            }
            Err(error) => {
                report(row, &error, collector);
                // It was found to be too large by building that much of it.
                let bytes = if error.code() == Code::RegexTooLarge { MAX_AUTOMATON } else { 0 };
                charge(row, bytes, collector);
            }
        }
    }
    checked
}

/// Counts an automaton, and reports the first one that is too much.
fn charge(row: &Row<'_>, bytes: usize, collector: &mut Collector<'_>) {
    let (before, now) = collector.add_automaton(bytes);
    if before > MAX_AUTOMATA || now <= MAX_AUTOMATA {
        return;
    }
    let message = format!(
        "the expressions up to {} need automata of {} MiB together; the limit is {} MiB",
        quote(&row.text.text),
        now.div_ceil(1 << 20),
        MAX_AUTOMATA >> 20
    );
    let help = "use globs or a list file in place of expressions, limit their repetitions, or split the document";
    collector.error(Code::RegexTooLargeTogether, row.text.place, message, help.into());
}

fn report(row: &Row<'_>, error: &PatternError, collector: &mut Collector<'_>) {
    collector.error(error.code(), row.text.place, error.message().into(), error.help().into());
}

/// Whether the expression can be a row of this grant.
fn accept(row: &Row<'_>, expression: &Expression, stakes: Stakes, collector: &mut Collector<'_>) -> bool {
    let (mut used, credentials) = (Used::default(), stakes.credentials);
    let accepted = match &expression.proof {
        Ok(proof) => {
            let scheme = if proof.http { Scheme::Http } else { Scheme::Https };
            used.insecure_scheme = check_scheme(row, scheme, "", credentials, collector);
            if credentials && let Some(end) = proof.ends.iter().find(|end| !end.whole) {
                report_siblings(row, end.text.trim_start_matches('.'), collector);
            }
            if credentials {
                let mut hosts = proof.ends.iter().filter(|end| end.whole);
                report_code_host(row, hosts.find_map(|end| code_hosts::of_host(&end.text)), collector);
            }
            report_plain_row(row, expression, collector);
            true
        }
        Err(error) if row.options().unproved.given && stakes.most().is_none() => {
            used.unproved = true;
            let message = format!("this expression is used without a proof: {}", error.message());
            collector.warning(Code::OverrideUnproved, row.options().unproved.place, message, error.help().into());
            true
        }
        Err(error) => {
            used.unproved = true;
            report(row, error, collector);
            false
        }
    };
    report_unneeded(row, used, collector);
    accepted
}

fn report_plain_row(row: &Row<'_>, expression: &Expression, collector: &mut Collector<'_>) {
    if let Some(plain) = &expression.plain_row {
        let message = format!("{} matches the same origins as a plain row", quote(&row.text.text));
        let help = format!("write `{plain}`");
        collector.report(Code::RedundantExpression, Severity::Note, row.text.place, message, help);
    }
}

/// An exact row that an expression of an earlier grant matches can never decide. The request lane
/// relies on that, as for all rows that contain an exact one.
pub(super) fn check_exact_rows(grants: &[CheckedGrant<'_>], collector: &mut Collector<'_>) {
    let expressions = Candidates::new(grants);
    if expressions.all.is_empty() {
        return;
    }
    for (index, grant) in grants.iter().enumerate().skip(1) {
        for row in grant.rows.iter().filter(|row| row.pattern.is_exact()) {
            let text = row.pattern.as_str();
            if let Some((first, checked)) = expressions.first_before(index, text) {
                let message = format!(
                    "{} can never apply: {} in grant {first} comes first and also matches it",
                    quote(text),
                    quote(checked.text)
                );
                let help = "remove the row, or move its grant before the other grant".into();
                collector.error(Code::GrantShadowed, row.place, message, help);
            }
        }
    }
}

/// The expressions of all grants, found as requests find them: few are compared with a row.
struct Candidates<'c, 'b> {
    /// With their grants, in order.
    all: Vec<(usize, &'c CheckedExpression<'b>)>,
    ends: Ends,
    /// Those without a literal.
    always: Vec<u32>,
}

impl<'c, 'b> Candidates<'c, 'b> {
    fn new(grants: &'c [CheckedGrant<'b>]) -> Self {
        let of_grant = |(index, grant): (usize, &'c CheckedGrant<'b>)| {
            grant.expressions.iter().map(move |checked| (index, checked))
        };
        let all: Vec<_> = grants.iter().enumerate().flat_map(of_grant).collect();
        let (mut by_literal, mut always) = (Vec::new(), Vec::new());
        for (number, (_, checked)) in (0_u32..).zip(&all) {
            let literals = checked.expression.literals();
            if literals.is_empty() {
                always.push(number);
            }
            by_literal.extend(literals.into_iter().map(|literal| (literal, number)));
        }
        let ends = Ends::new(by_literal).unwrap_or_else(|| {
            always = (0..all.len() as u32).collect();
            Ends::default()
        });
        Self { all, ends, always }
    }

    /// The first expression of a grant before `grant` that matches an origin.
    fn first_before(&self, grant: usize, text: &str) -> Option<(usize, &'c CheckedExpression<'b>)> {
        let origin = Origin::parse(text.as_bytes()).ok()?;
        let matches = |number: &u32| {
            let found = self.all.get(*number as usize);
            found.is_some_and(|(index, checked)| *index < grant && checked.expression.dfa.matches(text.as_bytes()))
        };
        let mut first = self.always.iter().copied().find(&matches);
        self.ends.each(origin.host().as_bytes(), |number| {
            if first.is_none_or(|known| number < known) && matches(&number) {
                first = Some(number);
            }
        });
        self.all.get(first? as usize).copied()
    }
}

/// The same expression in a later grant can never decide.
pub(super) fn check_repeated(grants: &[CheckedGrant<'_>], collector: &mut Collector<'_>) {
    let mut first: HashMap<&str, usize> = HashMap::new();
    for (index, grant) in grants.iter().enumerate() {
        for CheckedExpression { text, place, .. } in &grant.expressions {
            let earlier = *first.entry(text).or_insert(index);
            if earlier < index {
                let message =
                    format!("{} can never apply: it is also in grant {earlier}, which comes first", quote(text));
                collector.error(Code::GrantShadowed, *place, message, "remove one of them".into());
            }
        }
    }
}
