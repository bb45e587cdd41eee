//! Expressions: found by a literal that every host they match ends with, then verified one by one.
//!
//! One Aho-Corasick automaton holds the reversed literals of all rows. The search is anchored at
//! the end of the host, so it finds only literals that the host ends with, however many a hostile
//! host contains, and it stops at the first byte that continues no literal.

use aho_corasick::automaton::OverlappingState;
use aho_corasick::{AhoCorasick, AhoCorasickBuilder, Anchored, Input, StartKind};

use super::dfa::Dfa;
use super::literal::Literal;
use super::rank::{Best, Rank, Tier};
use super::row::MatcherRow;
use crate::origin::{MAX_HOST, Origin, Scheme};

/// Room for a whole host, with a trailing dot.
const MAX_TURNED: usize = MAX_HOST + 1;

#[derive(Debug, Default)]
pub(super) struct Expressions {
    literals: Option<AhoCorasick>,
    /// By literal: where its members begin, and behind the last literal, where the last ones end.
    bounds: Box<[u32]>,
    /// Places in `rows`.
    members: Box<[u32]>,
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
        by_literal.sort_by(|(a, x), (b, y)| (a.bytes(), x).cmp(&(b.bytes(), y)));
        by_literal.dedup();
        let (mut texts, mut bounds) = (Vec::new(), vec![0]);
        for group in by_literal.chunk_by(|(a, _), (b, _)| a == b) {
            let Some((literal, _)) = group.first() else { continue };
            texts.push(literal.bytes());
            bounds.push(bounds.last().unwrap_or(&0) + group.len() as u32);
        }
        let literals = AhoCorasickBuilder::new().start_kind(StartKind::Anchored).build(texts).ok();
        // An automaton that cannot be built must not turn into rows that never match.
        if literals.is_none() {
            always = (0..tested.len() as u32).collect();
        }
        Self {
            literals,
            bounds: bounds.into_boxed_slice(),
            members: by_literal.iter().map(|(_, index)| *index).collect(),
            rows: tested.into_boxed_slice(),
            always: always.into_boxed_slice(),
        }
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
            self.walk(origin, best);
        }
        for &row in &self.always {
            self.verify(row, origin, best);
        }
    }

    fn walk<'m>(&'m self, origin: &Origin<'_>, best: &mut Best<'m>) {
        let (Some(literals), host) = (&self.literals, origin.host_bytes()) else { return };
        let mut turned = [0; MAX_TURNED];
        let Some(turned) = turned.get_mut(..host.len()) else { return };
        turned.copy_from_slice(host);
        turned.reverse();
        let (input, mut state) = (Input::new(turned).anchored(Anchored::Yes), OverlappingState::start());
        loop {
            // Fails only for automata that were built otherwise.
            if literals.try_find_overlapping(input.clone(), &mut state).is_err() {
                return;
            }
            let Some(found) = state.get_match() else { return };
            let bounds = self.bounds.get(found.pattern().as_usize()..).and_then(|bounds| bounds.first_chunk());
            let members = bounds.and_then(|&[start, end]| self.members.get(start as usize..end as usize));
            members.unwrap_or_default().iter().for_each(|&row| self.verify(row, origin, best));
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
        self.literals.as_ref().map_or(0, AhoCorasick::memory_usage)
            + size_of_val(&*self.bounds)
            + size_of_val(&*self.members)
            + size_of_val(&*self.rows)
            + size_of_val(&*self.always)
            + texts
    }
}
