//! The end of a test's other threads.

use std::sync::atomic::{AtomicBool, Ordering};

/// Raises a flag when it is dropped: by a failed assertion, too, after which the threads that the
/// test waits for would otherwise go on for ever.
#[derive(Debug)]
pub struct Ending<'f>(pub &'f AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}
