//! Panics end here: unwinding into C would end the process.

use std::panic::{self, AssertUnwindSafe};

use crate::status::corsac_status;

/// Runs a call; a panic in it is `CORSAC_STATUS_PANIC`.
#[inline]
pub(crate) fn guarded(call: impl FnOnce() -> corsac_status) -> corsac_status {
    or_else(corsac_status::Panic, call)
}

/// Runs a call; after a panic in it `instead` is what it gave.
///
/// That what it worked on may be half-changed is seen to where it matters: an engine changes by one
/// swap, and what a reader keeps is written anew by each decision.
#[inline]
pub(crate) fn or_else<T>(instead: T, call: impl FnOnce() -> T) -> T {
    panic::catch_unwind(AssertUnwindSafe(call)).unwrap_or(instead)
}
