//! The status of a call.

use std::ffi::c_char;

use crate::names::{Name, name};

/// The status of a call. 0 is success; the numbers are permanent.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum corsac_status {
    /// Success.
    Ok = 0,
    /// A pointer that must not be `NULL` is `NULL`, a text is not UTF-8, or a number is not a value
    /// that the interface defines.
    InvalidArgument = 1,
    /// An internal error (panic) in the library was caught. Nothing was changed.
    Panic = 2,
    /// The document was rejected; the diagnostics give the reasons. The previous policies stay in use.
    Config = 3,
    /// No policy has that name.
    NotFound = 4,
    /// The buffer is too small for the result.
    BufferTooSmall = 5,
    /// The system cannot start another thread.
    Thread = 6,
}

const NAMES: [Name; 7] = [
    name("ok"),
    name("invalid-argument"),
    name("panic"),
    name("config"),
    name("not-found"),
    name("buffer-too-small"),
    name("thread"),
];
static STATUSES: [Name; 7] = NAMES;

/// The name of a `corsac_status`, also of the `error` of a decision.
///
/// Returns: a text that ends in NUL; `"unknown"` for numbers of a later release. Never `NULL`.
///
/// Memory: static.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_error_name(status: u32) -> *const c_char {
    crate::names::find(&STATUSES, status)
}
