//! The names of verdicts and reasons, for people and logs.

use std::ffi::c_char;

use corsac::{Reason, Verdict};

/// The verdict.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum corsac_verdict {
    /// No `Origin`: not a request of the CORS protocol.
    NotCors = 0,
    /// From one of the service's own origins, which needs no permission.
    SameOrigin = 1,
    /// The page may read the response.
    Allowed = 2,
    /// The page may not read the response.
    Denied = 3,
    /// The page may send the request.
    PreflightAllowed = 4,
    /// The page may not send the request.
    PreflightDenied = 5,
    /// No policy covers the request.
    NoPolicy = 6,
}

/// The reason for the verdict: the first check that failed, or the kind of request.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum corsac_reason {
    /// Every check passed.
    Ok = 0,
    /// The request carries no `Origin`.
    NoOrigin = 1,
    /// The origin is the service's own, and in no grant.
    OwnOrigin = 2,
    /// Not a serialised origin; no browser sends such a value.
    OriginMalformed = 3,
    /// More than one `Origin` line, or a comma in it.
    OriginRepeated = 4,
    /// `null`: a sandboxed frame, a local file, or a redirect across origins.
    OriginNull = 5,
    /// A valid origin that no row matches.
    OriginNotAllowed = 6,
    /// Not exactly one method token of at most 64 bytes.
    MethodMalformed = 7,
    /// A method that the deciding grant does not allow.
    MethodNotAllowed = 8,
    /// The requested header names are not a list of tokens.
    HeadersMalformed = 9,
    /// More lines, elements, white space or bytes than the limits for the grant's list.
    HeadersOverBudget = 10,
    /// A header name that the deciding grant does not allow.
    HeaderNotAllowed = 11,
    /// A request for private network access, which the policy does not allow.
    PrivateNetworkNotAllowed = 12,
    /// The policy is unknown, or no route covers the request.
    NoPolicy = 13,
    /// The path can be read in two ways that could lead to different policies.
    PathAmbiguous = 14,
    /// An internal error was caught, or the call was invalid; the request is denied.
    Internal = 15,
}

// The numbers are the engine's own, so that converting a decision is a cast.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, which refuses what is out of bounds")]
const _: () = {
    assert!(Verdict::ALL[corsac_verdict::NoPolicy as usize] as u32 == corsac_verdict::NoPolicy as u32);
    assert!(Reason::ALL[corsac_reason::Internal as usize] as u32 == corsac_reason::Internal as u32);
};

/// A name of the engine, NUL-terminated.
pub(crate) type Name = [u8; 32];

#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, which refuses what is out of bounds")]
pub(crate) const fn name(text: &str) -> Name {
    let (bytes, mut name, mut at) = (text.as_bytes(), [0; 32], 0);
    // The last byte stays NUL.
    while at < bytes.len() && at < 31 {
        name[at] = bytes[at];
        at += 1;
    }
    name
}

pub(crate) fn find(names: &'static [Name], number: u32) -> *const c_char {
    names.get(number as usize).map_or(c"unknown".as_ptr(), |name| name.as_ptr().cast())
}

#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, which refuses what is out of bounds")]
static VERDICTS: [Name; Verdict::ALL.len()] = {
    let (mut names, mut at) = ([[0; 32]; Verdict::ALL.len()], 0);
    while at < names.len() {
        names[at] = name(Verdict::ALL[at].as_str());
        at += 1;
    }
    names
};

#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, which refuses what is out of bounds")]
static REASONS: [Name; Reason::ALL.len()] = {
    let (mut names, mut at) = ([[0; 32]; Reason::ALL.len()], 0);
    while at < names.len() {
        names[at] = name(Reason::ALL[at].as_str());
        at += 1;
    }
    names
};

/// The name of a `corsac_verdict`, the same in logs and in all bindings.
///
/// Returns: a text that ends in NUL; `"unknown"` for numbers of a later release. Never `NULL`.
///
/// Memory: static.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_verdict_name(verdict: u32) -> *const c_char {
    find(&VERDICTS, verdict)
}

/// The name of a `corsac_reason`, the same in logs and in all bindings.
///
/// Returns: a text that ends in NUL; `"unknown"` for numbers of a later release. Never `NULL`.
///
/// Memory: static.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_reason_name(reason: u32) -> *const c_char {
    find(&REASONS, reason)
}
