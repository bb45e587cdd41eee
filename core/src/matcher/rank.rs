//! Which of several matching rows is named.

/// How specific a row is among those that match, in the order in which a rule is named: the first
/// grant, then the tier, then depth, then port, then document order. The smallest is the best.
///
/// Packed, so that two are compared as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank(u64, u32);

#[derive(Clone, Copy, Debug)]
pub(super) enum Tier {
    Host,
    Suffix,
    Glob,
    Expression,
}

impl Rank {
    /// Behind every row's.
    pub(super) const NONE: Self = Self(u64::MAX, u32::MAX);

    /// `covered`: bytes that a wildcard covers; the fewer, the deeper the row.
    #[inline]
    pub(super) fn new(grant: u32, tier: Tier, covered: u8, any_port: bool, row: u32) -> Self {
        let packed = u64::from(grant) << 24 | (tier as u64) << 16 | u64::from(covered) << 8 | u64::from(any_port);
        Self(packed, row)
    }

    #[cfg(test)]
    pub(super) fn row(self) -> u32 {
        self.1
    }

    pub(super) fn grant(self) -> u32 {
        (self.0 >> 24) as u32
    }
}

/// The best row that was found so far.
#[derive(Debug)]
pub(super) struct Best<'m> {
    pub(super) rank: Rank,
    pub(super) rule: &'m str,
}

impl<'m> Best<'m> {
    #[inline]
    pub(super) fn keep(&mut self, rank: Rank, rule: &'m str) {
        if rank < self.rank {
            *self = Self { rank, rule };
        }
    }
}
