//! Which texts of a list were there before.

use core::hash::{BuildHasher, Hasher};
use std::hash::RandomState;

use foldhash::fast::FixedState;

/// A set of the places of texts that are kept elsewhere: open addressing, half full at most.
///
/// A set of the texts themselves would be as large as all other memory that checking a long list
/// takes: 1,000,000 rows were a quarter slower with it.
#[derive(Debug)]
pub(super) struct Seen {
    slots: Box<[Slot]>,
    /// Drawn anew for each list, so that nobody can choose texts that collide. It has no part in
    /// what is found.
    hashing: FixedState,
}

/// A part of the text's hash, and its place and one; zero is empty.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    hash: u32,
    place: u32,
}

impl Seen {
    /// For at most `count` texts.
    pub(super) fn with_capacity(count: usize) -> Self {
        let seed = RandomState::new().build_hasher().finish();
        let slots = vec![Slot::default(); 2 * count + 1].into_boxed_slice();
        Self { slots, hashing: FixedState::with_seed(seed) }
    }

    /// Notes that `text` is at `place`, unless an equal one is noted: then it is false. `is_same`
    /// says whether the text at a place that was noted before is equal to this one.
    pub(super) fn insert(&mut self, text: &str, place: usize, is_same: impl Fn(usize) -> bool) -> bool {
        let mut hasher = self.hashing.build_hasher();
        hasher.write(text.as_bytes());
        let hash = hasher.finish();
        // The high half chooses the slot, the low half is compared: independent bits.
        let home = (((hash >> 32) * self.slots.len() as u64) >> 32) as usize;
        let hash = hash as u32;
        let (before, after) = self.slots.split_at_mut_checked(home).unwrap_or_default();
        for slot in after.iter_mut().chain(before) {
            if slot.place == 0 {
                *slot = Slot { hash, place: place as u32 + 1 };
                return true;
            }
            if slot.hash == hash && is_same(slot.place as usize - 1) {
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Seen;

    /// Few different texts, so that many are there twice and runs are long.
    #[test]
    fn a_text_is_new_once() {
        for count in [0, 1, 2, 10, 1_000] {
            let texts: Vec<String> = (0..count).map(|index: usize| (index * index % 977 % 400).to_string()).collect();
            let mut seen = Seen::with_capacity(texts.len());
            let mut expected = HashSet::new();
            for (place, text) in texts.iter().enumerate() {
                let is_new = seen.insert(text, place, |other| texts[other] == *text);
                assert_eq!(is_new, expected.insert(text), "{text} at {place} of {count}");
            }
        }
    }

    /// What is equal is for the caller to say: a text may be there with several depths.
    #[test]
    fn the_hash_alone_makes_nothing_equal() {
        let mut seen = Seen::with_capacity(3);
        assert!(seen.insert("a", 0, |_| false));
        assert!(seen.insert("a", 1, |_| false));
        assert!(!seen.insert("a", 2, |other| other == 1));
    }
}
