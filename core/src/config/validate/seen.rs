//! Which texts of a list were there before.

use core::hash::{BuildHasher, Hasher};
use core::hint::black_box;
use std::hash::RandomState;

use foldhash::fast::FixedState;

/// A set of the places of texts that are kept elsewhere: open addressing, half full at most.
///
/// A set of the texts themselves would be as large as all other memory that checking a long list
/// takes: 1,000,000 rows were a quarter slower with it. The search goes through one byte a slot; a
/// place is only written, unless the byte agrees, and nothing waits for a write.
#[derive(Debug)]
pub(super) struct Seen {
    /// A part of the text's hash, with the top bit; zero is empty.
    tags: Box<[u8]>,
    /// Of what is noted, by its slot.
    places: Box<[u32]>,
    /// Drawn anew for each list, so that nobody can choose texts that collide. It has no part in
    /// what is found.
    hashing: FixedState,
}

impl Seen {
    /// For at most `count` texts.
    pub(super) fn with_capacity(count: usize) -> Self {
        let seed = RandomState::new().build_hasher().finish();
        let slots = 2 * count + 1;
        let (tags, places) = (vec![0; slots].into_boxed_slice(), vec![0; slots].into_boxed_slice());
        Self { tags, places, hashing: FixedState::with_seed(seed) }
    }

    /// The hash of a text, to note it by. What is read of memory for it is on its way from now on:
    /// asked for some texts ahead, and with tags apart from places, a list of 1,000,000 rows is read
    /// in 365 ms in place of 398.
    pub(super) fn hash(&self, text: &str) -> u64 {
        let mut hasher = self.hashing.build_hasher();
        hasher.write(text.as_bytes());
        let hash = hasher.finish();
        black_box(self.tags.get(self.home(hash)).copied());
        hash
    }

    /// The high half of a hash chooses the slot, the low half is compared: independent bits.
    fn home(&self, hash: u64) -> usize {
        (((hash >> 32) * self.tags.len() as u64) >> 32) as usize
    }

    /// Notes that a text of this hash is at `place`, unless an equal one is noted: then it is false.
    /// `is_same` says whether the text at a place that was noted before is equal to this one.
    pub(super) fn insert(&mut self, hash: u64, place: usize, is_same: impl Fn(usize) -> bool) -> bool {
        let home = self.home(hash);
        let tag = hash as u8 | 0x80;
        for slot in (home..self.tags.len()).chain(0..home) {
            match (self.tags.get_mut(slot), self.places.get_mut(slot)) {
                (Some(empty @ 0), Some(free)) => {
                    (*empty, *free) = (tag, place as u32);
                    return true;
                }
                (Some(known), Some(other)) if *known == tag && is_same(*other as usize) => return false,
                _ => {}
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
                let is_new = seen.insert(seen.hash(text), place, |other| texts[other] == *text);
                assert_eq!(is_new, expected.insert(text), "{text} at {place} of {count}");
            }
        }
    }

    /// What is equal is for the caller to say: a text may be there with several depths.
    #[test]
    fn the_hash_alone_makes_nothing_equal() {
        let mut seen = Seen::with_capacity(3);
        let hash = seen.hash("a");
        assert!(seen.insert(hash, 0, |_| false));
        assert!(seen.insert(hash, 1, |_| false));
        assert!(!seen.insert(hash, 2, |other| other == 1));
    }
}
