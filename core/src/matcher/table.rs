//! A set of short texts: open addressing over one arena.
//!
//! A slot is 8 bytes: where the text starts, how long it is, and a fingerprint of its hash. A probe
//! reads one slot in most cases and touches the text only if length and fingerprint agree, so a
//! miss costs one cache line and a hit two.

use core::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;

/// Tables of up to this many texts are compared one by one: cheaper than hashing.
const TINY: usize = 8;

/// Slots per text, as a fraction: the load at which probes stay short and memory within 1.5 times
/// the bytes of ordinary origins.
const SLOTS_PER_TEXT: (usize, usize) = (7, 4);

/// No run of occupied slots may be longer than this, so that a probe has a worst case whatever
/// the texts are. A random table of ten million texts stays far below. Texts can be chosen to make
/// a long run (tenants choose their own names), so the seed is drawn from all texts together, which
/// nobody chooses, and a table with a longer run is built again under the next.
const MAX_RUN: usize = 512;

/// How many seeds are tried. The last table is kept as it is: slow, if somebody found texts that
/// fail under all, and not wrong.
const SEEDS: u64 = 16;

const LEN_BITS: u32 = 9;
const FINGERPRINT_BITS: u32 = 32 - LEN_BITS;

/// The longest text: what fits the length bits of a slot.
pub(crate) const MAX_TEXT: usize = (1 << LEN_BITS) - 1;

/// An immutable set of texts of 1 to [`MAX_TEXT`] bytes, at most 4 GiB in all.
#[derive(Debug)]
pub(crate) struct Table {
    arena: Box<str>,
    slots: Box<[Slot]>,
    texts: usize,
    hashing: FixedState,
}

/// Low half: offset into the arena. High half: fingerprint, then length; zero only if empty, for
/// a length is never zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Slot(u64);

/// A text that is in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry<'t> {
    pub(crate) text: &'t str,
    /// Where the text starts in the arena: texts keep the order in which they were added.
    pub(crate) offset: u32,
    /// Which slot holds it, for values kept beside the table.
    pub(crate) slot: usize,
}

impl Slot {
    fn new(tag: u32, offset: u32) -> Self {
        Self(u64::from(tag) << 32 | u64::from(offset))
    }

    fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn tag(self) -> u32 {
        (self.0 >> 32) as u32
    }

    fn offset(self) -> u32 {
        self.0 as u32
    }

    fn len(self) -> usize {
        (self.tag() & ((1 << LEN_BITS) - 1)) as usize
    }
}

impl Table {
    /// `texts` are given as lengths into `arena`, one behind the other, all different.
    pub(crate) fn new(arena: String, lengths: &[u16]) -> Self {
        let texts = lengths.len();
        let mut table =
            Self { arena: arena.into_boxed_str(), slots: Box::default(), texts, hashing: FixedState::with_seed(0) };
        if texts <= TINY {
            let mut offset = 0;
            table.slots = lengths
                .iter()
                .map(|&len| {
                    let slot = Slot::new(u32::from(len), offset);
                    offset += u32::from(len);
                    slot
                })
                .collect();
            return table;
        }
        let size = texts * SLOTS_PER_TEXT.0 / SLOTS_PER_TEXT.1 + 1;
        let first = FixedState::with_seed(0).hash_one(&table.arena);
        for attempt in 1..=SEEDS {
            table.hashing = FixedState::with_seed(first.wrapping_add(attempt));
            table.slots = vec![Slot::default(); size].into_boxed_slice();
            let limit = if attempt < SEEDS { MAX_RUN } else { size };
            if table.fill(lengths, limit) && table.longest_run() <= limit {
                break;
            }
        }
        table
    }

    /// The most occupied slots beside each other, round the end of the table.
    fn longest_run(&self) -> usize {
        let runs = self.slots.split(|slot| slot.is_empty());
        let inside = runs.map(<[Slot]>::len).max().unwrap_or(0);
        let start = self.slots.iter().take_while(|slot| !slot.is_empty()).count();
        let end = self.slots.iter().rev().take_while(|slot| !slot.is_empty()).count();
        inside.max(start + end)
    }

    /// Puts every text into the first free slot from its home on; false as soon as one would be
    /// further away than `max_run`.
    fn fill(&mut self, lengths: &[u16], max_run: usize) -> bool {
        let mut offset = 0_usize;
        for &len in lengths {
            let text = self.arena.as_bytes().get(offset..offset + usize::from(len)).unwrap_or_default();
            let (home, tag) = self.locate(text);
            let mut free = (home..self.slots.len()).chain(0..home).take(max_run);
            let free = free.find(|&index| self.slots.get(index).is_some_and(|slot| slot.is_empty()));
            let Some(slot) = free.and_then(|index| self.slots.get_mut(index)) else { return false };
            *slot = Slot::new(tag, offset as u32);
            offset += usize::from(len);
        }
        true
    }

    /// The slot where the search for a text begins, and the tag that its slot has.
    #[inline]
    fn locate(&self, text: &[u8]) -> (usize, u32) {
        let mut hasher = self.hashing.build_hasher();
        hasher.write(text);
        let hash = hasher.finish();
        // The high half chooses the slot, the low half the fingerprint: independent bits.
        let home = ((hash >> 32) * self.slots.len() as u64) >> 32;
        let fingerprint = (hash as u32) >> (32 - FINGERPRINT_BITS);
        (home as usize, fingerprint << LEN_BITS | text.len() as u32)
    }

    /// Looks a text up. Expected constant time; at most [`MAX_RUN`] slots and one.
    #[inline]
    pub(crate) fn get(&self, text: &[u8]) -> Option<Entry<'_>> {
        if text.len() > MAX_TEXT {
            return None;
        }
        if self.texts <= TINY {
            return self.get_tiny(text);
        }
        let (home, tag) = self.locate(text);
        let mut index = home;
        loop {
            let slot = *self.slots.get(index)?;
            if slot.tag() == tag && self.bytes_of(slot) == Some(text) {
                return self.entry(slot, index);
            }
            if slot.is_empty() {
                return None;
            }
            index += 1;
            if index == self.slots.len() {
                index = 0;
            }
        }
    }

    fn get_tiny(&self, text: &[u8]) -> Option<Entry<'_>> {
        self.slots.iter().enumerate().find_map(|(index, &slot)| {
            if slot.len() != text.len() {
                return None;
            }
            self.entry(slot, index).filter(|entry| entry.text.as_bytes() == text)
        })
    }

    #[inline]
    fn bytes_of(&self, slot: Slot) -> Option<&[u8]> {
        let start = slot.offset() as usize;
        self.arena.as_bytes().get(start..start + slot.len())
    }

    #[inline]
    fn entry(&self, slot: Slot, index: usize) -> Option<Entry<'_>> {
        let start = slot.offset() as usize;
        let text = self.arena.get(start..start + slot.len())?;
        Some(Entry { text, offset: slot.offset(), slot: index })
    }

    /// All texts, in the order in which they were added.
    pub(crate) fn entries(&self) -> Vec<Entry<'_>> {
        let occupied = self.slots.iter().enumerate().filter(|(_, slot)| !slot.is_empty());
        let mut entries: Vec<_> = occupied.filter_map(|(index, &slot)| self.entry(slot, index)).collect();
        entries.sort_unstable_by_key(|entry| entry.offset);
        entries
    }

    pub(crate) fn len(&self) -> usize {
        self.texts
    }

    pub(crate) fn slots(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.arena.len() + size_of_val(&*self.slots)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(texts: &[String]) -> Table {
        let lengths: Vec<u16> = texts.iter().map(|text| text.len() as u16).collect();
        Table::new(texts.concat(), &lengths)
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

    #[test]
    fn offsets_follow_the_order_of_insertion() {
        let texts: Vec<String> = (0..50).map(|i| format!("{i:02}")).collect();
        let table = table(&texts);
        for (i, text) in texts.iter().enumerate() {
            assert_eq!(table.get(text.as_bytes()).map(|entry| entry.offset), Some(2 * i as u32));
        }
    }
}
