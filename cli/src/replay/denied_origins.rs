//! The origins that were denied most often, counted in bounded memory.

use std::collections::HashMap;

use corsac::Decision;
use corsac::origin::MAX_ORIGIN;

/// At least this many origins are counted. An origin with more than one of this many requests is
/// always among them.
const COUNTED: usize = 8192;

/// How many bytes of a value are kept: a longer value is malformed because of its length.
const KEPT: usize = MAX_ORIGIN + 1;

/// The origins of denied requests, one after the other.
#[derive(Debug, Default)]
pub(crate) struct DeniedOrigins {
    text: Vec<u8>,
    lengths: Vec<u16>,
}

impl DeniedOrigins {
    /// Adds the origin of a request that was denied because of its origin. Several lines count as one
    /// value, joined as a proxy may join them.
    pub(crate) fn add(&mut self, decision: &Decision<'_>, headers: &[(&[u8], &[u8])]) {
        if decision.failed().names().next() != Some("origin") {
            return;
        }
        let from = self.text.len();
        let lines = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(b"origin")).map(|(_, value)| value);
        for (index, line) in lines.enumerate() {
            if index > 0 {
                self.text.extend(b", ");
            }
            self.text.extend(line.iter().take(KEPT));
            if self.text.len() - from >= KEPT {
                break;
            }
        }
        self.text.truncate(from + KEPT);
        self.lengths.push(u16::try_from(self.text.len() - from).unwrap_or(u16::MAX));
    }

    pub(crate) fn size(&self) -> usize {
        self.text.len() + self.lengths.len() * size_of::<u16>()
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.text.as_slice();
        self.lengths.iter().map_while(move |&length| {
            let (origin, after) = rest.split_at_checked(length.into())?;
            rest = after;
            Some(origin)
        })
    }
}

/// Counts any number of different values: frequent ones stay, rare ones may be dropped (the algorithm
/// of Misra and Gries, with many counters lowered at once).
///
/// The counts depend only on the values and their order.
#[derive(Debug)]
pub(crate) struct Frequent {
    counts: HashMap<Box<[u8]>, u64>,
    kept: usize,
    /// By how much each count may be too low.
    uncertain: u64,
}

impl Default for Frequent {
    fn default() -> Self {
        Self::new(COUNTED)
    }
}

impl Frequent {
    /// Keeps the `kept` most frequent values at least.
    fn new(kept: usize) -> Self {
        Self { counts: HashMap::new(), kept, uncertain: 0 }
    }

    pub(crate) fn extend(&mut self, origins: &DeniedOrigins) {
        origins.iter().for_each(|origin| self.add(origin));
    }

    fn add(&mut self, value: &[u8]) {
        if let Some(count) = self.counts.get_mut(value) {
            *count += 1;
            return;
        }
        if self.counts.len() >= 2 * self.kept {
            self.lower();
        }
        self.counts.insert(value.into(), 1);
    }

    /// Subtracts from every count that of the most frequent value which is not kept.
    fn lower(&mut self) {
        let mut counts: Vec<_> = self.counts.values().copied().collect();
        let (_, &mut by, _) = counts.select_nth_unstable_by_key(self.kept, |&count| std::cmp::Reverse(count));
        self.counts.retain(|_, count| {
            *count = count.saturating_sub(by);
            *count > 0
        });
        self.uncertain += by;
    }

    /// The most frequent values and their counts, the most frequent one first.
    pub(crate) fn most(&self, number: usize) -> Vec<(&[u8], u64)> {
        let mut all: Vec<_> = self.counts.iter().map(|(value, count)| (&**value, *count)).collect();
        all.sort_unstable_by_key(|&(value, count)| (std::cmp::Reverse(count), value));
        all.truncate(number);
        all
    }

    /// By how much each count may be too low.
    pub(crate) fn uncertain(&self) -> u64 {
        self.uncertain
    }
}

#[cfg(test)]
mod tests {
    use super::Frequent;

    #[test]
    fn few_values_are_counted_exactly() {
        let mut frequent = Frequent::new(4);
        for value in ["b", "a", "c", "a", "b", "a"] {
            frequent.add(value.as_bytes());
        }
        assert_eq!(frequent.most(2), [(&b"a"[..], 3), (b"b", 2)]);
        assert_eq!(frequent.uncertain(), 0);
    }

    #[test]
    fn frequent_values_stay_among_any_number_of_rare_ones() {
        let mut frequent = Frequent::new(8);
        for number in 0..10_000_u32 {
            frequent.add(&number.to_be_bytes());
            if number % 3 == 0 {
                frequent.add(b"often");
            }
            assert!(frequent.counts.len() <= 16);
        }
        let most = frequent.most(1);
        let [(value, count)] = most[..] else { panic!("nothing was kept") };
        assert_eq!(value, b"often");
        assert!(count <= 3_334 && count + frequent.uncertain() >= 3_334);
    }
}
