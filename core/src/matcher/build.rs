//! Builds the tables of a [`Matcher`] from validated rows.

use super::exact::Exact;
use super::expressions::{ExpressionRow, Expressions};
use super::globs::{GlobRow, Globs};
use super::hosts::{HostRow, Hosts};
use super::literal::Literal;
pub(crate) use super::suffixes::PortRule;
use super::suffixes::{Covers, SuffixRow, Suffixes};
use super::table::Table;
use super::{Dfa, Matcher};
use crate::origin::Scheme;

/// Takes the rows of a policy in document order, grant after grant.
///
/// Rows are checked before they come here: canonical, each text once, none contained in an
/// earlier grant.
#[derive(Debug, Default)]
pub(crate) struct MatcherBuilder<'t> {
    grant: u32,
    row: u32,
    exact: Vec<&'t str>,
    /// How many exact rows are before each grant but the first.
    later_grants: Vec<usize>,
    hosts: Vec<&'t str>,
    host_rows: Vec<HostRow>,
    suffix_rows: Vec<SuffixRow>,
    globs: Vec<GlobRow>,
    expressions: Vec<(ExpressionRow, Vec<Literal>)>,
    null: Option<u32>,
    own: Vec<&'t str>,
}

impl<'t> MatcherBuilder<'t> {
    /// Begins the next grant.
    pub(crate) fn next_grant(&mut self) {
        self.grant += 1;
        self.later_grants.push(self.exact.len());
    }

    pub(crate) fn exact(&mut self, origin: &'t str) {
        self.row += 1;
        self.exact.push(origin);
    }

    /// A row `scheme://host:*`; `key` is it without the `:*`.
    pub(crate) fn any_port(&mut self, key: &'t str, rule: &str) {
        self.hosts.push(key);
        self.host_rows.push(HostRow { grant: self.grant, row: self.row, rule: rule.into() });
        self.row += 1;
    }

    pub(crate) fn suffix(&mut self, scheme: Scheme, base: &str, port: PortRule, depth: u8, rule: &str) {
        let (grant, row) = (self.grant, self.row);
        let covers = Covers::new(scheme, port, depth);
        self.suffix_rows.push(SuffixRow { base: base.into(), covers, grant, row, rule: rule.into() });
        self.row += 1;
    }

    pub(crate) fn glob(&mut self, scheme: Scheme, [prefix, suffix, parent]: [&str; 3], port: PortRule, rule: &str) {
        let (grant, row, rule) = (self.grant, self.row, rule.into());
        let (prefix, suffix, parent) = (prefix.into(), suffix.into(), parent.into());
        self.globs.push(GlobRow { grant, row, scheme, port, prefix, suffix, parent, rule });
        self.row += 1;
    }

    /// An expression and the literals that each host it matches ends in one of; none, if it must
    /// be tried on every origin.
    pub(crate) fn expression(&mut self, dfa: Dfa, literals: Vec<Literal>, rule: &str) {
        let row = ExpressionRow { grant: self.grant, row: self.row, rule: rule.into(), dfa };
        self.expressions.push((row, literals));
        self.row += 1;
    }

    pub(crate) fn null(&mut self) {
        self.row += 1;
        self.null = self.null.or(Some(self.grant));
    }

    pub(crate) fn own(&mut self, origin: &'t str) {
        self.own.push(origin);
    }

    pub(crate) fn build(self) -> Matcher {
        let patterns = [self.host_rows.len(), self.suffix_rows.len(), self.globs.len(), self.expressions.len()];
        Matcher {
            has_patterns: patterns.iter().any(|rows| *rows > 0),
            exact: Exact::new(&self.exact, &self.later_grants),
            hosts: Hosts::new(&self.hosts, self.host_rows),
            suffixes: Suffixes::new(self.suffix_rows),
            globs: Globs::new(self.globs),
            expressions: Expressions::new(self.expressions),
            null: self.null,
            own: (!self.own.is_empty()).then(|| Table::new(&self.own)),
        }
    }
}
