//! Finds which of many literals a host ends with.
//!
//! One Aho-Corasick automaton holds the reversed literals. The search is anchored at the end of the
//! host, so it finds only literals that the host ends with, however many a hostile host contains, and
//! it stops at the first byte that continues no literal.

use aho_corasick::automaton::OverlappingState;
use aho_corasick::{AhoCorasick, AhoCorasickBuilder, Anchored, Input, StartKind};

use super::literal::Literal;
use crate::origin::MAX_HOST;

/// Room for a whole host, with a trailing dot.
const MAX_TURNED: usize = MAX_HOST + 1;

/// Ends of hosts, each with its members.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    /// None where there are no literals.
    literals: Option<AhoCorasick>,
    /// By literal: where its members begin, and behind the last literal, where the last ones end.
    bounds: Box<[u32]>,
    members: Box<[u32]>,
}

impl Ends {
    /// `None` if the automaton cannot be built.
    pub(crate) fn new(mut by_literal: Vec<(Literal, u32)>) -> Option<Self> {
        if by_literal.is_empty() {
            return Some(Self::default());
        }
        by_literal.sort_unstable();
        by_literal.dedup();
        let (mut texts, mut bounds) = (Vec::new(), vec![0]);
        for group in by_literal.chunk_by(|(a, _), (b, _)| a == b) {
            let Some((literal, _)) = group.first() else { continue };
            texts.push(literal.bytes());
            bounds.push(bounds.last().unwrap_or(&0) + group.len() as u32);
        }
        let literals = AhoCorasickBuilder::new().start_kind(StartKind::Anchored).build(texts).ok()?;
        Some(Self {
            literals: Some(literals),
            bounds: bounds.into_boxed_slice(),
            members: by_literal.iter().map(|(_, member)| *member).collect(),
        })
    }

    /// Visits the members of every literal that the host ends with.
    #[inline]
    pub(crate) fn each(&self, host: &[u8], mut visit: impl FnMut(u32)) {
        let Some(literals) = &self.literals else { return };
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
            members.unwrap_or_default().iter().for_each(|&member| visit(member));
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.literals.as_ref().map_or(0, AhoCorasick::memory_usage)
            + size_of_val(&*self.bounds)
            + size_of_val(&*self.members)
    }
}
