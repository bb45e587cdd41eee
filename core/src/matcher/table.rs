//! A set of short texts: open addressing over one arena.
//!
//! A slot is a four-byte offset of its text. A separate array holds a one-byte tag per slot, taken
//! from the text's hash. A probe compares eight tags at once and reads a slot, and then its text,
//! only if a tag matches. So a miss touches one cache line, in an array small enough to stay in
//! cache, and a hit touches three.

use core::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;

/// Tables of up to this many texts are compared one by one: cheaper than hashing.
const TINY: usize = 8;

/// Slots per text, as a fraction: the load at which probes stay short and memory well within 1.5
/// times the bytes of ordinary origins.
const SLOTS_PER_TEXT: (usize, usize) = (7, 4);

/// No run of occupied slots may be longer than this, so that a probe has a worst case whatever
/// the texts are. A random table of ten million texts stays far below. Texts can be chosen to make
/// a long run (tenants choose their own names), so the seed is drawn from all texts together, which
/// nobody chooses, and a table with a longer run is built again under the next.
const MAX_RUN: usize = 512;

/// How many seeds are tried. The last table is kept in any case: if someone found texts that
/// collide under all seeds, lookups are slow but correct.
const SEEDS: u64 = 16;

/// The bytes before a text that say how long it is, seven bits each: they are ASCII, so that lengths
/// and texts are one `str`.
const LEN_BYTES: usize = 2;

/// The longest text: far above what an origin can have.
pub(crate) const MAX_TEXT: usize = 511;

/// An immutable set of texts of 1 to [`MAX_TEXT`] bytes, at most 4 GiB in all.
#[derive(Debug)]
pub(crate) struct Table {
    /// The texts in the order in which they were given, each behind its length.
    arena: Box<str>,
    /// One for each slot, and the first few once more behind the last, so that a group goes round
    /// the end. None if the table is tiny.
    tags: Box<[u8]>,
    /// Where in the arena a text's length is; of a tiny table, text by text.
    slots: Box<[u32]>,
    texts: usize,
    hashing: FixedState,
}

/// The tags of slots beside each other, the first one lowest: each zero if its slot is empty, and
/// otherwise the top bit and seven bits of a hash.
#[derive(Clone, Copy, Debug)]
struct Tags(u64);

/// Which of a list of rows belong to a text: from `start`, and before `end`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Group {
    start: u32,
    end: u32,
}

impl Group {
    /// `count` rows, with `start` rows before them.
    pub(super) fn after(start: usize, count: usize) -> Self {
        Self { start: start as u32, end: (start + count) as u32 }
    }

    #[inline]
    pub(super) fn range(self) -> core::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A text that is in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry<'t> {
    pub(crate) text: &'t str,
    /// Where the text is in the arena: texts keep the order in which they were given.
    pub(crate) offset: u32,
    /// Which slot holds it, for values kept beside the table.
    pub(crate) slot: usize,
}

impl Tags {
    const SLOTS: usize = 8;
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = Self::LOW << 7;

    /// A bit in each byte that is `tag`, and at times in one that is not, above one that is.
    #[inline]
    fn matching(self, tag: u8) -> u64 {
        let other = self.0 ^ (Self::LOW * u64::from(tag));
        other.wrapping_sub(Self::LOW) & !other & Self::HIGH
    }

    #[inline]
    fn has_empty(self) -> bool {
        self.0 & Self::HIGH != Self::HIGH
    }
}

impl Table {
    /// `texts` are all different.
    pub(crate) fn new(texts: &[&str]) -> Self {
        let bytes = texts.iter().map(|text| LEN_BYTES + text.len()).sum();
        let (mut arena, mut offsets) = (String::with_capacity(bytes), Vec::with_capacity(texts.len()));
        for text in texts {
            offsets.push(arena.len() as u32);
            arena.extend([text.len() & 0x7f, text.len() >> 7].map(|bits| char::from(bits as u8)));
            arena.push_str(text);
        }
        let mut table = Self {
            arena: arena.into_boxed_str(),
            tags: Box::default(),
            slots: Box::default(),
            texts: texts.len(),
            hashing: FixedState::with_seed(0),
        };
        if texts.len() <= TINY {
            table.slots = offsets.into_boxed_slice();
            return table;
        }
        let size = texts.len() * SLOTS_PER_TEXT.0 / SLOTS_PER_TEXT.1 + 1;
        let first = table.hashing.hash_one(&table.arena);
        for attempt in 1..=SEEDS {
            table.hashing = FixedState::with_seed(first.wrapping_add(attempt));
            table.slots = vec![0; size].into_boxed_slice();
            table.tags = vec![0; size + Tags::SLOTS - 1].into_boxed_slice();
            let limit = if attempt < SEEDS { MAX_RUN } else { size };
            if table.fill(texts, &offsets, limit) && table.longest_run() <= limit {
                break;
            }
        }
        table
    }

    /// The length of the longest run of occupied slots, wrapping around the end of the table.
    fn longest_run(&self) -> usize {
        let tags = self.tags.get(..self.slots.len()).unwrap_or_default();
        let inside = tags.split(|&tag| tag == 0).map(<[u8]>::len).max().unwrap_or(0);
        let start = tags.iter().take_while(|&&tag| tag != 0).count();
        let end = tags.iter().rev().take_while(|&&tag| tag != 0).count();
        inside.max(start + end)
    }

    /// Puts every text into the first free slot at or after its home slot; returns false as soon as
    /// one would be further away than `max_run`.
    fn fill(&mut self, texts: &[&str], offsets: &[u32], max_run: usize) -> bool {
        for (text, &offset) in texts.iter().zip(offsets) {
            let (home, tag) = self.locate(text.as_bytes());
            let mut free = (home..self.slots.len()).chain(0..home).take(max_run);
            let free = free.find(|&slot| self.tags.get(slot) == Some(&0));
            let Some(slot) = free else { return false };
            // The second place is behind the end but for the first few.
            for place in [slot, slot + self.slots.len()] {
                self.tags.get_mut(place).into_iter().for_each(|known| *known = tag);
            }
            self.slots.get_mut(slot).into_iter().for_each(|known| *known = offset);
        }
        true
    }

    /// The slot where the search for a text begins, and the tag that its slot has.
    #[inline]
    fn locate(&self, text: &[u8]) -> (usize, u8) {
        let mut hasher = self.hashing.build_hasher();
        hasher.write(text);
        let hash = hasher.finish();
        // The high half chooses the slot, the low half the tag: independent bits.
        let home = ((hash >> 32) * self.slots.len() as u64) >> 32;
        (home as usize, hash as u8 | 0x80)
    }

    /// Looks a text up. Expected constant time; at most [`MAX_RUN`] slots and a group.
    #[inline]
    pub(crate) fn get(&self, text: &[u8]) -> Option<Entry<'_>> {
        if text.len() > MAX_TEXT {
            return None;
        }
        if self.texts <= TINY {
            return (0..self.slots.len()).find_map(|slot| self.compare(slot, text));
        }
        let (mut home, tag) = self.locate(text);
        // Most entries are in their home slot. A predictable branch, unlike the search below, lets
        // the loads of slot and text overlap with the load of the tag.
        if self.tags.get(home) == Some(&tag)
            && let Some(entry) = self.compare(home, text)
        {
            return Some(entry);
        }
        loop {
            let group = Tags(u64::from_le_bytes(*self.tags.get(home..)?.first_chunk()?));
            let mut matching = group.matching(tag);
            while matching != 0 {
                let slot = self.wrapped(home + matching.trailing_zeros() as usize / 8);
                if let Some(entry) = self.compare(slot, text) {
                    return Some(entry);
                }
                matching &= matching - 1;
            }
            if group.has_empty() {
                return None;
            }
            home = self.wrapped(home + Tags::SLOTS);
        }
    }

    /// Values of texts, each in its text's slot. A slot without a text has the default.
    pub(crate) fn by_slot<V: Clone + Default>(&self, values: impl IntoIterator<Item = V>) -> Box<[V]> {
        let mut by_slot = vec![V::default(); self.slots()];
        for ((_, text), value) in self.texts().zip(values) {
            if let Some(slot) = self.get(text.as_bytes()).and_then(|entry| by_slot.get_mut(entry.slot)) {
                *slot = value;
            }
        }
        by_slot.into_boxed_slice()
    }

    #[inline]
    fn wrapped(&self, slot: usize) -> usize {
        slot.checked_sub(self.slots.len()).unwrap_or(slot)
    }

    /// The entry in this slot, if it is this text.
    #[inline]
    fn compare(&self, slot: usize, text: &[u8]) -> Option<Entry<'_>> {
        let offset = *self.slots.get(slot)?;
        let (start, len) = self.measure(offset as usize)?;
        let end = start + len;
        if len != text.len() || self.arena.as_bytes().get(start..end) != Some(text) {
            return None;
        }
        Some(Entry { text: self.arena.get(start..end)?, offset, slot })
    }

    /// Where the text begins whose length is at this place of the arena, and the length.
    #[inline]
    fn measure(&self, offset: usize) -> Option<(usize, usize)> {
        let [low, high] = *self.arena.as_bytes().get(offset..)?.first_chunk::<LEN_BYTES>()?;
        Some((offset + LEN_BYTES, usize::from(low) | usize::from(high) << 7))
    }

    /// All texts, in the order in which they were given, and where each is in the arena.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (u32, &str)> {
        let mut offset = 0;
        core::iter::from_fn(move || {
            let (start, len) = self.measure(offset)?;
            let text = self.arena.get(start..start + len)?;
            let found = (offset as u32, text);
            offset = start + len;
            Some(found)
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.texts
    }

    pub(crate) fn slots(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.arena.len() + self.tags.len() + size_of_val(&*self.slots)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(texts: &[String]) -> Table {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        Table::new(&texts)
    }

    #[test]
    fn every_size_finds_its_own_texts_and_no_other() {
        for size in [0, 1, 7, 8, 9, 10, 100, 5000] {
            let texts: Vec<String> = (0..size).map(|i| format!("https://t{i}.example")).collect();
            let table = table(&texts);
            assert_eq!(table.len(), size);
            for text in &texts {
                assert_eq!(table.get(text.as_bytes()).map(|entry| entry.text), Some(text.as_str()));
            }
            for i in size..size + 100 {
                assert_eq!(table.get(format!("https://t{i}.example").as_bytes()), None);
            }
            assert_eq!(table.get(b""), None);
            assert_eq!(table.get(&[b'a'; MAX_TEXT + 1]), None);
        }
    }

    /// Each text has a home of its own, so that none is far from it, and all homes beside each
    /// other: one run, if the seed can be foreseen.
    #[test]
    fn texts_chosen_for_one_seed_make_no_long_run() {
        const COUNT: usize = 5_000;
        let slots = COUNT * SLOTS_PER_TEXT.0 / SLOTS_PER_TEXT.1 + 1;
        let mut chosen: Vec<Option<String>> = vec![None; COUNT];
        let mut open = COUNT;
        for index in 0_u64.. {
            let text = format!("https://t{index:x}.example.com");
            let mut hasher = FixedState::with_seed(0).build_hasher();
            hasher.write(text.as_bytes());
            let home = (((hasher.finish() >> 32) * slots as u64) >> 32) as usize;
            if home < COUNT && chosen[home].is_none() {
                chosen[home] = Some(text);
                open -= 1;
                if open == 0 {
                    break;
                }
            }
        }
        let texts: Vec<String> = chosen.into_iter().flatten().collect();
        let table = table(&texts);
        assert!(table.longest_run() <= MAX_RUN, "{}", table.longest_run());
    }

    /// Texts of all lengths, that begin with one another: no length may pass for another, nor for
    /// a part of a text.
    #[test]
    fn every_length_finds_its_own_text_and_no_other() {
        let text = |len: usize| "abcdefghijk".chars().cycle().take(len).collect::<String>();
        let texts: Vec<String> = (1..=MAX_TEXT).filter(|len| len % 3 > 0).map(text).collect();
        for texts in [&*texts, &texts[texts.len() - TINY..]] {
            let table = table(texts);
            for len in 0..=MAX_TEXT + 1 {
                let text = text(len);
                let expected = texts.contains(&text).then_some(&*text);
                assert_eq!(table.get(text.as_bytes()).map(|entry| entry.text), expected, "{len}");
            }
        }
    }

    /// Texts with one home right before the end of the table: they go round it, through several
    /// groups.
    #[test]
    fn a_run_goes_round_the_end() {
        const COUNT: usize = 40;
        let mut table = table(&(0..COUNT).map(|i| i.to_string()).collect::<Vec<_>>());
        let size = table.slots.len();
        for home in [0, 1, size - COUNT, size - 9, size - 8, size - 2, size - 1] {
            let is_there = |text: &String| table.locate(text.as_bytes()).0 == home;
            let mut chosen = (0..).map(|index: u32| format!("https://t{index:x}.example")).filter(is_there);
            let texts: Vec<String> = chosen.by_ref().take(COUNT).collect();
            let others: Vec<String> = chosen.take(COUNT).collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            // The seed stays: under another they would not collide.
            let seed = core::mem::replace(&mut table.hashing, FixedState::with_seed(0));
            let new = Table::new(&texts);
            table = Table { hashing: seed, tags: vec![0; new.tags.len()].into(), ..new };
            let offsets: Vec<u32> = table.texts().map(|(offset, _)| offset).collect();
            assert!(table.fill(&texts, &offsets, MAX_RUN));
            assert_eq!(table.longest_run(), COUNT);
            for text in &texts {
                assert_eq!(table.get(text.as_bytes()).map(|entry| entry.text), Some(*text), "{home}");
            }
            for text in &others {
                assert_eq!(table.get(text.as_bytes()), None, "{home}");
            }
        }
    }

    #[test]
    fn texts_keep_the_order_in_which_they_were_given() {
        for size in [0, 1, 8, 9, 500] {
            let texts: Vec<String> = (0..size).map(|i| (i * 7919 % 1009).to_string()).collect();
            let table = table(&texts);
            let listed: Vec<(u32, &str)> = table.texts().collect();
            assert_eq!(listed.iter().map(|(_, text)| *text).collect::<Vec<_>>(), texts);
            assert!(listed.is_sorted());
            for (offset, text) in listed {
                assert_eq!(table.get(text.as_bytes()).map(|entry| entry.offset), Some(offset));
            }
        }
    }
}
