//! Rows that are regular expressions.

use std::collections::{HashMap, HashSet};

use super::checked::{CheckedExpression, CheckedGrant};
use super::rows::{Used, check_scheme, report_code_host, report_no_suffix_list, report_siblings, report_unneeded};
use super::stakes::Stakes;
use crate::config::builder::GrantBuilder;
use crate::config::code_hosts;
use crate::config::diagnostic::{Code, Collector, Severity, quote};
use crate::config::pattern::{Expression, PatternError};
use crate::config::row::Row;
use crate::config::suffix_list;
use crate::origin::Scheme;

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
        match Expression::parse(text) {
            Ok(expression) => {
                if accept(row, &expression, stakes, collector) {
                    let overrides = row.overrides();
                    checked.push(CheckedExpression { text, expression, overrides, place });
                }
            }
            Err(error) => report(row, &error, collector),
        }
    }
    checked
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
    let mut earlier: Vec<(usize, &CheckedExpression<'_>)> = Vec::new();
    for (index, grant) in grants.iter().enumerate() {
        let exact = grant.rows.iter().filter(|row| !earlier.is_empty() && row.pattern.is_exact());
        for row in exact {
            let text = row.pattern.as_str();
            if let Some((first, checked)) = earlier.iter().find(|(_, checked)| checked.expression.matches(text)) {
                let message = format!(
                    "{} can never apply: {} in grant {first} comes first and also matches it",
                    quote(text),
                    quote(checked.text)
                );
                let help = "remove the row, or move its grant before the other grant".into();
                collector.error(Code::GrantShadowed, row.place, message, help);
            }
        }
        earlier.extend(grant.expressions.iter().map(|checked| (index, checked)));
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
