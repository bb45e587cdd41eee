//! An expression as a dense automaton: one table look-up a byte, nothing to allocate or lock.

use regex_automata::Anchored;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::start;

/// Matches whole texts. Built by the configuration lane, at most 1 MiB.
pub(crate) struct Dfa(dense::DFA<Vec<u32>>);

impl core::fmt::Debug for Dfa {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Dfa({} bytes)", self.bytes())
    }
}

impl Dfa {
    /// How an automaton must be built for [`matches`](Self::matches) to be right: every match is
    /// kept, not the one that an alternation prefers, and there is only the anchored start.
    pub(crate) fn config() -> dense::Config {
        dense::Config::new()
            .start_kind(StartKind::Anchored)
            .match_kind(regex_automata::MatchKind::All)
            .accelerate(false)
    }

    pub(crate) fn new(dfa: dense::DFA<Vec<u32>>) -> Self {
        Self(dfa)
    }

    /// Whether the expression matches all of `text`. Linear in its length.
    pub(crate) fn matches(&self, text: &[u8]) -> bool {
        let start = self.0.start_state(&start::Config::new().anchored(Anchored::Yes));
        let Ok(mut state) = start else { return false };
        for &byte in text {
            state = self.0.next_state(state, byte);
            if self.0.is_dead_state(state) {
                return false;
            }
        }
        // A match is seen one byte late, which here is the end of the text.
        self.0.is_match_state(self.0.next_eoi_state(state))
    }

    pub(crate) fn bytes(&self) -> usize {
        self.0.memory_usage()
    }
}
