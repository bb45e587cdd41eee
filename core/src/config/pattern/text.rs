//! Literal bytes of an expression, and which of them are always there.

/// Literal bytes that stand beside each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) bytes: Vec<u8>,
    /// Of each byte, whether it is in an optional or repeated part.
    loose: Vec<bool>,
    /// Before which bytes an optional part is left out.
    gaps: Vec<usize>,
}

impl Text {
    pub(super) fn new(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), loose: vec![false; bytes.len()], gaps: Vec::new() }
    }

    /// An optional part that is left out.
    pub(super) fn gap() -> Self {
        Self { gaps: vec![0], ..Self::default() }
    }

    /// Makes all of it part of something that is optional or repeated.
    pub(super) fn loosen(&mut self) {
        self.loose.fill(true);
    }

    pub(super) fn push(&mut self, behind: &Self) {
        let len = self.bytes.len();
        self.bytes.extend(&behind.bytes);
        self.loose.extend(&behind.loose);
        self.gaps.extend(behind.gaps.iter().map(|gap| gap + len));
    }

    /// Takes `start` off, if the text begins so.
    pub(super) fn take_start(&mut self, start: &str) -> bool {
        if !self.bytes.starts_with(start.as_bytes()) {
            return false;
        }
        self.bytes.drain(..start.len());
        self.loose.drain(..start.len());
        self.gaps.retain(|gap| *gap >= start.len());
        self.gaps.iter_mut().for_each(|gap| *gap -= start.len());
        true
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.bytes.truncate(len);
        self.loose.truncate(len);
        self.gaps.retain(|gap| *gap <= len);
    }

    /// Whether nothing from `start` to `end` is optional, repeated or left out.
    pub(super) fn is_firm(&self, start: usize, end: usize) -> bool {
        let is_there = self.loose.get(start..end).is_some_and(|loose| loose.iter().all(|loose| !loose));
        is_there && self.gaps.iter().all(|gap| *gap <= start || *gap >= end)
    }
}
