//! Finds which of a set of texts are prefixes of a key, or suffixes if all are read backwards.
//!
//! The texts are sorted. Every text that sorts between a text and an extension of it also has that
//! text as a prefix. So every prefix of a key is also a prefix of the key's predecessor, and each
//! text stores its longest proper prefix. One binary search finds them all, whatever the number of
//! texts and the key.

use core::ops::Range;

/// How many bytes of a text are compared at once.
const WORD: usize = size_of::<u64>();

/// A key, packed into big-endian words so that comparing words orders texts. The last word is
/// padded with zero bytes, which texts do not contain.
#[derive(Debug)]
pub(super) struct Key<const WORDS: usize> {
    words: [u64; WORDS],
    len: usize,
}

impl<const WORDS: usize> Key<WORDS> {
    /// The longest start that there is room for.
    #[inline]
    pub(super) fn from_start(text: &[u8]) -> Self {
        let mut key = Self { words: [0; WORDS], len: text.len().div_ceil(WORD) };
        let (whole, rest) = text.as_chunks();
        let mut words = key.words.iter_mut();
        words.by_ref().zip(whole).for_each(|(word, bytes)| *word = u64::from_be_bytes(*bytes));
        words.next().into_iter().for_each(|word| *word = packed(rest.iter().rev()));
        key
    }

    /// The same for the reversed text.
    #[inline]
    pub(super) fn from_end(text: &[u8]) -> Self {
        let mut key = Self { words: [0; WORDS], len: text.len().div_ceil(WORD) };
        let (rest, whole) = text.as_rchunks();
        let mut words = key.words.iter_mut();
        words.by_ref().zip(whole.iter().rev()).for_each(|(word, bytes)| *word = u64::from_le_bytes(*bytes));
        words.next().into_iter().for_each(|word| *word = packed(rest.iter()));
        key
    }

    fn words(&self) -> &[u64] {
        self.words.get(..self.len).unwrap_or(&self.words)
    }
}

/// Packs less than a word; the most significant byte comes last.
fn packed<'b>(bytes: impl Iterator<Item = &'b u8>) -> u64 {
    bytes.fold(0, |word, &byte| word >> 8 | u64::from(byte) << 56)
}

/// Texts in groups. Each group is searched alone.
#[derive(Debug, Default)]
pub(super) struct Starts {
    // INVARIANT: one for each text; sorted within a group, as their words are behind these.
    first_words: Box<[u64]>,
    texts: Box<[Text]>,
    later_words: Box<[u64]>,
}

#[derive(Clone, Copy, Debug)]
struct Text {
    /// Of its words behind the first.
    later_start: u32,
    len: u16,
    later_len: u16,
    /// The longest other text that it begins with, or itself.
    shorter: u32,
}

impl Starts {
    /// Texts are numbered in the order in which they are given: by group, and sorted in each.
    pub(super) fn new<'t>(texts: impl IntoIterator<Item = (u32, &'t [u8])>) -> Self {
        let (mut first_words, mut compiled, mut later_words) = (Vec::new(), Vec::new(), Vec::new());
        // Those that the next text may begin with, each a start of the one behind it.
        let mut open: Vec<(u32, &[u8], u32)> = Vec::new();
        for (index, (group, text)) in (0..).zip(texts) {
            while open.pop_if(|(of, start, _)| *of != group || !text.starts_with(start)).is_some() {}
            let shorter = open.last().map_or(index, |(.., index)| *index);
            open.push((group, text, index));
            let mut words = text.chunks(WORD).map(|chunk| packed(chunk.iter().rev()));
            first_words.push(words.next().unwrap_or(0));
            let later_start = later_words.len() as u32;
            later_words.extend(words);
            let later_len = (later_words.len() as u32 - later_start) as u16;
            compiled.push(Text { later_start, len: text.len() as u16, later_len, shorter });
        }
        Self {
            first_words: first_words.into_boxed_slice(),
            texts: compiled.into_boxed_slice(),
            later_words: later_words.into_boxed_slice(),
        }
    }

    /// The texts of a group that the key begins with, the longest first.
    #[inline]
    pub(super) fn of<const WORDS: usize>(&self, key: &Key<WORDS>, group: &Range<u32>) -> impl Iterator<Item = usize> {
        let mut next = self.predecessor(key.words(), group.start as usize..group.end as usize);
        let common = next.map_or(0, |text| self.common(text, key.words()));
        core::iter::from_fn(move || {
            loop {
                let index = next?;
                let text = self.texts.get(index)?;
                next = Some(text.shorter as usize).filter(|shorter| *shorter != index);
                if usize::from(text.len) <= common {
                    return Some(index);
                }
            }
        })
    }

    /// The last text of a group that is not behind the key.
    #[inline]
    fn predecessor(&self, key: &[u64], group: Range<usize>) -> Option<usize> {
        let (first, later) = key.split_first()?;
        let firsts = self.first_words.get(group.clone())?;
        let mut place = firsts.partition_point(|word| word < first);
        // Most texts are told apart by their first eight bytes alone.
        let same = firsts.get(place..)?;
        if same.first() == Some(first) {
            let same = if same.get(1) == Some(first) { same.partition_point(|word| word == first) } else { 1 };
            let same = self.texts.get(group.start + place..)?.get(..same)?;
            place += same.partition_point(|text| self.later(text) <= later);
        }
        Some(group.start + place.checked_sub(1)?)
    }

    fn later(&self, text: &Text) -> &[u64] {
        let start = text.later_start as usize;
        self.later_words.get(start..start + usize::from(text.later_len)).unwrap_or_default()
    }

    /// How many bytes a text and the key begin with in common. More may be told for a text that the
    /// key begins with.
    #[inline]
    fn common(&self, index: usize, key: &[u64]) -> usize {
        let (Some(first), Some(text)) = (self.first_words.get(index), self.texts.get(index)) else { return 0 };
        let words = core::iter::once(first).chain(self.later(text));
        let mut bytes = 0;
        for (ours, theirs) in words.zip(key) {
            bytes += ((ours ^ theirs).leading_zeros() / u8::BITS) as usize;
            if ours != theirs {
                break;
            }
        }
        bytes
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.first_words) + size_of_val(&*self.texts) + size_of_val(&*self.later_words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that are the same in every run (splitmix64).
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, bound: usize) -> usize {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            ((z ^ (z >> 27)) >> 32) as usize % bound
        }

        /// Most often of one letter, so that texts begin with each other far beyond a word.
        fn text(&mut self, most: usize) -> Vec<u8> {
            (0..self.below(most) + 1).map(|_| *b"aaaaaaaaaaaaaaab-".get(self.below(17)).unwrap()).collect()
        }
    }

    #[test]
    fn what_a_key_begins_with_is_found_and_nothing_else() {
        let (mut dice, mut found) = (Dice(7), 0);
        for round in 0..400 {
            let most = [3, 9, 17, 40, 63][round % 5];
            let mut texts: Vec<(u32, Vec<u8>)> =
                (0..dice.below(80)).map(|_| (dice.below(3) as u32, dice.text(most))).collect();
            texts.sort();
            texts.dedup();
            let starts = Starts::new(texts.iter().map(|(group, text)| (*group, text.as_slice())));
            for _ in 0..40 {
                let mut key = dice.text(63);
                if !texts.is_empty() && dice.below(2) == 0 {
                    key = [texts[dice.below(texts.len())].1.clone(), key].concat();
                    key.truncate(dice.below(64));
                }
                let turned: Vec<u8> = key.iter().rev().copied().collect();
                for group in 0..3 {
                    let place = |group| texts.partition_point(|(of, _)| *of < group) as u32;
                    let range = place(group)..place(group + 1);
                    let mut expected: Vec<usize> = (0..texts.len())
                        .filter(|&index| texts[index].0 == group && key.starts_with(&texts[index].1))
                        .collect();
                    expected.sort_by_key(|&index| core::cmp::Reverse(texts[index].1.len()));
                    for key in [Key::<8>::from_start(&key), Key::from_end(&turned)] {
                        assert_eq!(starts.of(&key, &range).collect::<Vec<_>>(), expected, "{key:?} of {texts:?}");
                    }
                    found += expected.len();
                }
            }
        }
        assert!(found > 10_000, "{found}");
    }

    #[test]
    fn keys_of_every_length_are_in_the_order_of_their_texts() {
        let text: Vec<u8> = (0..256).map(|place| b'a' + (place % 23) as u8).collect();
        let turned: Vec<u8> = text.iter().rev().copied().collect();
        for len in 0..=256 {
            let (key, reversed) = (Key::<32>::from_start(&text[..len]), Key::<32>::from_end(&turned[256 - len..]));
            assert_eq!(key.words(), reversed.words());
            let bytes: Vec<u8> = key.words().iter().flat_map(|word| word.to_be_bytes()).collect();
            assert_eq!(bytes[..len], text[..len]);
            assert!(bytes.len() - len < WORD && bytes[len..].iter().all(|byte| *byte == 0));
        }
        // One longer than there is room for is cut off.
        assert_eq!(Key::<1>::from_start(b"123456789").words(), [u64::from_be_bytes(*b"12345678")]);
    }
}
