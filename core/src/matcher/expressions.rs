//! Expressions: found by a literal that every host they match ends with, then verified one by one.

use super::dfa::Dfa;
use super::ends::Ends;
use super::literal::Literal;
use super::rank::{Best, Rank, Tier};
use super::row::MatcherRow;
use crate::origin::{Origin, Scheme};

#[derive(Debug, Default)]
pub(super) struct Expressions {
    /// Places in `rows`, by the ends of hosts.
    ends: Ends,
    rows: Box<[ExpressionRow]>,
    /// Rows without a literal, which are candidates for every origin.
    always: Box<[u32]>,
}

#[derive(Debug)]
pub(super) struct ExpressionRow {
    pub(super) grant: u32,
    pub(super) row: u32,
    /// The row as it is written.
    pub(super) rule: Box<str>,
    pub(super) dfa: Dfa,
}

impl Expressions {
    /// Each row with its literals, the ends of hosts; a row without any is a candidate for every
    /// origin.
    pub(super) fn new(rows: Vec<(ExpressionRow, Vec<Literal>)>) -> Self {
        let (mut by_literal, mut always, mut tested) = (Vec::new(), Vec::new(), Vec::with_capacity(rows.len()));
        for (index, (row, literals)) in (0_u32..).zip(rows) {
            if literals.is_empty() {
                always.push(index);
            }
            by_literal.extend(literals.into_iter().map(|literal| (literal, index)));
            tested.push(row);
        }
        let ends = Ends::new(by_literal).unwrap_or_else(|| {
            // An automaton that cannot be built must not turn into rows that never match.
            always = (0..tested.len() as u32).collect();
            Ends::default()
        });
        Self { ends, rows: tested.into_boxed_slice(), always: always.into_boxed_slice() }
    }

    #[inline]
    pub(super) fn find<'m>(&'m self, origin: &Origin<'_>, best: &mut Best<'m>) {
        if !self.rows.is_empty() {
            self.search(origin, best);
        }
    }

    /// Kept out of line: it reverses the host in a stack buffer that the other tiers should not
    /// have to reserve.
    #[inline(never)]
    fn search<'m>(&'m self, origin: &Origin<'_>, best: &mut Best<'m>) {
        // What has a literal is a row for `http` or `https`.
        if origin.scheme_kind() != Scheme::Other {
            self.ends.each(origin.host_bytes(), |row| self.verify(row, origin, best));
        }
        for &row in &self.always {
            self.verify(row, origin, best);
        }
    }

    fn verify<'m>(&'m self, index: u32, origin: &Origin<'_>, best: &mut Best<'m>) {
        let Some(found) = self.rows.get(index as usize) else { return };
        if found.dfa.matches(origin.as_bytes()) {
            best.keep(Rank::new(found.grant, Tier::Expression, 0, false, found.row), &found.rule);
        }
    }

    /// With the number of each row in the document.
    pub(super) fn list(&self) -> impl Iterator<Item = (u32, MatcherRow<'_>)> {
        self.rows
            .iter()
            .map(|found| (found.row, MatcherRow { is_expression: true, ..MatcherRow::plain(found.grant, &found.rule) }))
    }

    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn bytes(&self) -> usize {
        let texts: usize = self.rows.iter().map(|found| found.rule.len() + found.dfa.bytes()).sum();
        self.ends.bytes() + size_of_val(&*self.rows) + size_of_val(&*self.always) + texts
    }
}
