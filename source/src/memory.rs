//! Memory that was freed after a load.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Some allocators keep what is freed: after a load, several times the memory of the policies.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    trim: OnceLock<fn()>,
    is_used: AtomicBool,
    /// How many replaced sets were still held when this was last asked for.
    held: AtomicUsize,
}

impl Memory {
    pub(crate) fn set_trim(&self, trim: fn()) {
        // Whoever was first has the same allocator.
        let _ = self.trim.set(trim);
    }

    /// A load is being made.
    pub(crate) fn is_used(&self) {
        self.is_used.store(true, Ordering::Relaxed);
    }

    /// Calls what gives memory back, if a load or freed policies make that worth its time.
    pub(crate) fn give_back(&self, held: usize) {
        let is_freed = self.held.swap(held, Ordering::Relaxed) > held;
        if (self.is_used.swap(false, Ordering::Relaxed) || is_freed)
            && let Some(trim) = self.trim.get()
        {
            trim();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_given_back_once_for_each_reason() {
        static TRIMMED: AtomicUsize = AtomicUsize::new(0);
        let memory = Memory::default();
        memory.is_used();
        memory.give_back(1);
        memory.set_trim(|| {
            TRIMMED.fetch_add(1, Ordering::Relaxed);
        });
        let trimmed = |held| {
            memory.give_back(held);
            TRIMMED.swap(0, Ordering::Relaxed)
        };
        assert_eq!(trimmed(1), 0);
        memory.is_used();
        assert_eq!((trimmed(2), trimmed(2)), (1, 0), "after a load");
        assert_eq!((trimmed(1), trimmed(1)), (1, 0), "after a reader gave up a set");
    }
}
