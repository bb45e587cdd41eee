//! Catching panics: unwinding into C would end the process.

use std::panic::{self, AssertUnwindSafe};

use crate::status::corsac_status;

/// Runs a call; a panic becomes `CORSAC_STATUS_PANIC`.
#[inline]
pub(crate) fn guarded(call: impl FnOnce() -> corsac_status) -> corsac_status {
    or_else(corsac_status::Panic, call)
}

/// Runs a call; returns `instead` after a panic.
///
/// State stays consistent after a panic: an engine changes by a single swap, and a reader's decision is
/// overwritten as a whole.
#[inline]
pub(crate) fn or_else<T>(instead: T, call: impl FnOnce() -> T) -> T {
    panic::catch_unwind(AssertUnwindSafe(call)).unwrap_or(instead)
}
