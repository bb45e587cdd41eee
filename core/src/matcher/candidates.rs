//! Globs and expressions: found by a literal that every origin they match must have, then verified
//! one by one.
//!
//! One Aho-Corasick automaton holds the literals of all rows. It is searched from the end of the
//! host, anchored, so that only literals which the host really ends in are found, however many a
//! hostile host contains; its walk ends at the first byte that no literal goes on with. Globs whose
//! telling literal is at the start of the label are found in a second walk, over the parent and
//! then the label.
//!
//! How many rows one origin can make candidates of is known when a policy is compiled, and bounded
//! there ([`MAX_CANDIDATES`], `validate::candidates`).

use aho_corasick::automaton::OverlappingState;
use aho_corasick::{AhoCorasick, AhoCorasickBuilder, Anchored, Input, StartKind};

use super::dfa::Dfa;
use super::rows::MatcherRow;
use super::suffixes::PortRule;
use super::{Candidate, Rank, Tier, keep};
use crate::origin::{MAX_HOST, Origin, Scheme};

/// The most rows that are verified for one origin.
pub(crate) const MAX_CANDIDATES: usize = 64;

/// Stands before and behind the parent in the text of the second walk; no host has it.
const MARK: u8 = b'>';

#[derive(Debug, Default)]
pub(super) struct Candidates {
    literals: Option<AhoCorasick>,
    /// By pattern of the automaton: its rows, as places in `members`.
    groups: Box<[(u32, u32)]>,
    members: Box<[u32]>,
    rows: Box<[CandidateRow]>,
    /// Rows without a literal, which are candidates for every origin.
    always: Box<[u32]>,
    /// Whether there are literals to be found by the second walk.
    has_label_literals: bool,
}

#[derive(Debug)]
pub(super) struct CandidateRow {
    pub(super) grant: u32,
    pub(super) row: u32,
    /// The row as it is written.
    pub(super) rule: Box<str>,
    pub(super) test: Test,
}

/// What decides once a row is a candidate.
#[derive(Debug)]
pub(super) enum Test {
    Glob { scheme: Scheme, prefix: Box<str>, suffix: Box<str>, parent: Box<str>, port: PortRule },
    Expression(Box<Dfa>),
}

/// A literal by which a row is found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Literal(Vec<u8>);

impl Literal {
    /// The end of the host.
    pub(crate) fn host_end(end: &str) -> Self {
        Self(end.bytes().rev().collect())
    }

    /// The start of the label before `parent`.
    pub(crate) fn label_start(parent: &str, start: &str) -> Self {
        let parent = parent.bytes().rev();
        Self(core::iter::once(MARK).chain(parent).chain([MARK]).chain(start.bytes()).collect())
    }

    /// The literal of a glob: the longer of its label's two, which is the more telling one.
    pub(crate) fn of_glob(prefix: &str, suffix: &str, parent: &str) -> Self {
        if prefix.len() > suffix.len() {
            Self::label_start(parent, prefix)
        } else {
            Self::host_end(&format!("{suffix}.{parent}"))
        }
    }

    /// The literals that are found wherever this one is: itself, and shorter ones.
    pub(crate) fn implied(&self) -> impl Iterator<Item = Self> + '_ {
        (1..=self.0.len()).filter_map(|len| self.0.get(..len)).map(|part| Self(part.to_vec()))
    }
}

impl Candidates {
    /// Each row with its literals; a row without any is a candidate for every origin.
    pub(super) fn new(rows: Vec<(CandidateRow, Vec<Literal>)>) -> Self {
        let mut by_literal: Vec<(Literal, u32)> = Vec::new();
        let mut always = Vec::new();
        let mut tested = Vec::with_capacity(rows.len());
        for (index, (row, literals)) in (0_u32..).zip(rows) {
            if literals.is_empty() {
                always.push(index);
            }
            by_literal.extend(literals.into_iter().map(|literal| (literal, index)));
            tested.push(row);
        }
        by_literal.sort_by(|(a, x), (b, y)| (&a.0, x).cmp(&(&b.0, y)));
        by_literal.dedup();
        let mut candidates = Self {
            rows: tested.into_boxed_slice(),
            always: always.into_boxed_slice(),
            has_label_literals: by_literal.iter().any(|(literal, _)| literal.0.first() == Some(&MARK)),
            ..Self::default()
        };
        let mut start = 0;
        let groups: Vec<_> = by_literal.chunk_by(|(a, _), (b, _)| a == b).collect();
        let patterns = groups.iter().filter_map(|group| group.first()).map(|(literal, _)| &literal.0);
        candidates.literals = AhoCorasickBuilder::new().start_kind(StartKind::Anchored).build(patterns).ok();
        let span = |group: &&[(Literal, u32)]| {
            let end = start + group.len() as u32;
            (core::mem::replace(&mut start, end), end)
        };
        candidates.groups = groups.iter().map(span).collect();
        candidates.members = by_literal.iter().map(|(_, index)| *index).collect();
        // An automaton that cannot be built must not turn into rows that never match.
        if candidates.literals.is_none() {
            candidates.always = (0..candidates.rows.len() as u32).collect();
        }
        candidates
    }

    #[inline]
    pub(super) fn find<'m>(&'m self, origin: &Origin<'_>, best: &mut Option<Candidate<'m>>) {
        if self.rows.is_empty() {
            return;
        }
        // What has a literal is a row for `http` or `https`.
        if origin.scheme_kind() != Scheme::Other {
            self.search(origin, best);
        }
        for &row in &self.always {
            self.verify(row, origin, best);
        }
    }

    /// Never inlined: the two texts are on its stack, which no other tier is to make room for.
    #[inline(never)]
    fn search<'m>(&'m self, origin: &Origin<'_>, best: &mut Option<Candidate<'m>>) {
        let mut text = Text::default();
        text.push_reversed(origin.host_bytes());
        self.walk(&text, origin, best);
        if self.has_label_literals
            && let Some((label, parent)) = split_label(origin.host_bytes())
        {
            let mut text = Text::default();
            text.push(&[MARK]);
            text.push_reversed(parent);
            text.push(&[MARK]);
            text.push(label);
            self.walk(&text, origin, best);
        }
    }

    fn walk<'m>(&'m self, text: &Text, origin: &Origin<'_>, best: &mut Option<Candidate<'m>>) {
        let Some(literals) = &self.literals else { return };
        let mut state = OverlappingState::start();
        let input = Input::new(text.bytes()).anchored(Anchored::Yes);
        loop {
            // Fails only for automata that were built otherwise.
            if literals.try_find_overlapping(input.clone(), &mut state).is_err() {
                return;
            }
            let Some(found) = state.get_match() else { return };
            let group = self.groups.get(found.pattern().as_usize());
            let members = group.and_then(|&(start, end)| self.members.get(start as usize..end as usize));
            for &row in members.unwrap_or_default() {
                self.verify(row, origin, best);
            }
        }
    }

    fn verify<'m>(&'m self, index: u32, origin: &Origin<'_>, best: &mut Option<Candidate<'m>>) {
        let Some(row) = self.rows.get(index as usize) else { return };
        let (tier, any_port, matches) = match &row.test {
            Test::Glob { scheme, prefix, suffix, parent, port } => {
                let covers = *scheme == origin.scheme_kind()
                    && port.covers(origin.port())
                    && glob_matches(origin.host_bytes(), prefix, suffix, parent);
                (Tier::Glob, *port == PortRule::Any, covers)
            }
            Test::Expression(dfa) => (Tier::Expression, false, dfa.matches(origin.as_bytes())),
        };
        if matches {
            let rank = Rank { grant: row.grant, tier, covered: 0, any_port, row: row.row };
            keep(best, Candidate { rank, rule: &row.rule });
        }
    }

    pub(super) fn list(&self) -> impl Iterator<Item = MatcherRow<'_>> {
        self.rows.iter().map(|row| {
            let is_expression = matches!(row.test, Test::Expression(_));
            MatcherRow { is_expression, ..MatcherRow::plain(row.grant, &row.rule) }
        })
    }

    pub(super) fn globs(&self) -> usize {
        self.rows.iter().filter(|row| matches!(row.test, Test::Glob { .. })).count()
    }

    pub(super) fn expressions(&self) -> usize {
        self.rows.len() - self.globs()
    }

    pub(super) fn bytes(&self) -> usize {
        let row = |row: &CandidateRow| match &row.test {
            Test::Glob { prefix, suffix, parent, .. } => row.rule.len() + prefix.len() + suffix.len() + parent.len(),
            Test::Expression(dfa) => row.rule.len() + dfa.bytes(),
        };
        self.literals.as_ref().map_or(0, AhoCorasick::memory_usage)
            + self.rows.iter().map(row).sum::<usize>()
            + size_of_val(&*self.rows)
            + size_of_val(&*self.groups)
            + size_of_val(&*self.members)
    }
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
fn split_label(host: &[u8]) -> Option<(&[u8], &[u8])> {
    let dot = host.iter().position(|&byte| byte == b'.')?;
    Some((host.get(..dot)?, host.get(dot + 1..)?))
}

/// A host turned round, with marks, on the stack.
struct Text {
    buffer: [u8; MAX_HOST + 3],
    len: usize,
}

impl Default for Text {
    fn default() -> Self {
        Self { buffer: [0; MAX_HOST + 3], len: 0 }
    }
}

impl Text {
    /// A parsed host fits; what would not is left out, and then matches nothing.
    fn push(&mut self, bytes: &[u8]) -> Option<&mut [u8]> {
        let room = self.buffer.get_mut(self.len..)?.get_mut(..bytes.len())?;
        room.copy_from_slice(bytes);
        self.len += bytes.len();
        Some(room)
    }

    fn push_reversed(&mut self, bytes: &[u8]) {
        if let Some(pushed) = self.push(bytes) {
            pushed.reverse();
        }
    }

    fn bytes(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or_default()
    }
}
