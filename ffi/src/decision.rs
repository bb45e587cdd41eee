//! Decisions as C sees them.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use corsac::{Decision, Upstream};

use crate::guard::guarded;
use crate::names::{corsac_reason, corsac_verdict};
use crate::pointer::{self, Buffer};
use crate::status::corsac_status;
use crate::view::corsac_str;

/// One header to set: a name in lower case, and its value.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct corsac_header {
    /// The name.
    pub name: corsac_str,
    /// The value.
    pub value: corsac_str,
}

/// The decision for one request. New fields are only added at the end.
///
/// Remove the managed headers of the upstream's response if `upstream` says so
/// (`corsac_is_managed_header`), set the headers in `set`, merge `vary` (`corsac_vary_merge`), and
/// respond with `status`, or forward the request if `status` is 0.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct corsac_decision {
    /// The answer in one word: a `corsac_verdict`.
    pub verdict: u32,
    /// Why: a `corsac_reason`.
    pub reason: u32,
    /// The checks that failed: bits of `CORSAC_FAILED_*`.
    pub failed: u32,
    /// The status to respond with immediately; 0 means forward the request.
    pub status: u32,
    /// What to merge into the response's `Vary`: bits of `CORSAC_VARY_*`.
    pub vary: u32,
    /// How to treat the upstream's managed headers: a `corsac_upstream`.
    pub upstream: u32,
    /// The policy that decided; `CORSAC_POLICY_NONE` if there is none.
    pub policy: u32,
    /// The grant of the row that matched, 0 being the policy's own `allow_origins`;
    /// `CORSAC_GRANT_NONE` if there is none.
    pub grant: u32,
    /// The generation of the policies that decided.
    pub generation: u64,
    /// A `corsac_status`. If it is not 0, the call was invalid or an internal error was caught, and
    /// the request is denied.
    pub error: u32,
    /// The number of headers to set, at most 10.
    pub set_len: usize,
    /// The headers to set. A name occurs more than once if it must be set in several lines.
    pub set: *const corsac_header,
    /// The row that matched, as the document writes it; absent if there is none.
    pub rule: corsac_str,
}

/// No policy decided.
pub const CORSAC_POLICY_NONE: u32 = u32::MAX;
/// No row of a grant matched.
pub const CORSAC_GRANT_NONE: u32 = u32::MAX;

/// The origin was refused.
pub const CORSAC_FAILED_ORIGIN: u32 = 1;
/// The method was refused.
pub const CORSAC_FAILED_METHOD: u32 = 2;
/// A requested header name was refused.
pub const CORSAC_FAILED_HEADERS: u32 = 4;
/// Private network access was refused.
pub const CORSAC_FAILED_PRIVATE_NETWORK: u32 = 8;

/// `Origin`.
pub const CORSAC_VARY_ORIGIN: u32 = 1;
/// `Access-Control-Request-Method`.
pub const CORSAC_VARY_REQUEST_METHOD: u32 = 2;
/// `Access-Control-Request-Headers`.
pub const CORSAC_VARY_REQUEST_HEADERS: u32 = 4;
/// `Access-Control-Request-Private-Network`.
pub const CORSAC_VARY_REQUEST_PRIVATE_NETWORK: u32 = 8;

/// How to treat managed headers that the upstream set in its response.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum corsac_upstream {
    /// All are removed, then those of `set` are set, whatever the verdict.
    Replace = 0,
    /// If there is any `access-control-*` header, none of `set` is set and only `vary` is merged;
    /// otherwise those of `set` are set.
    Keep = 1,
}

impl corsac_header {
    pub(crate) const ABSENT: Self = Self { name: corsac_str::ABSENT, value: corsac_str::ABSENT };
}

impl corsac_decision {
    /// What is answered where no decision could be made: denied, everything removed.
    pub(crate) const fn closed(error: corsac_status) -> Self {
        Self {
            verdict: corsac_verdict::Denied as u32,
            reason: corsac_reason::Internal as u32,
            failed: 0,
            status: 0,
            vary: CORSAC_VARY_ORIGIN,
            upstream: corsac_upstream::Replace as u32,
            policy: CORSAC_POLICY_NONE,
            grant: CORSAC_GRANT_NONE,
            generation: 0,
            error: error as u32,
            set_len: 0,
            set: std::ptr::null(),
            rule: corsac_str::ABSENT,
        }
    }

    /// `set` is where the decision's headers were put.
    #[inline]
    pub(crate) fn of(decision: &Decision<'_>, set: &[corsac_header]) -> Self {
        Self {
            verdict: decision.verdict() as u32,
            reason: decision.reason() as u32,
            failed: decision.failed().bits().into(),
            status: decision.status().unwrap_or(0).into(),
            vary: decision.vary().bits().into(),
            upstream: match decision.upstream() {
                Upstream::Replace => corsac_upstream::Replace as u32,
                Upstream::Keep => corsac_upstream::Keep as u32,
            },
            policy: decision.policy().map_or(CORSAC_POLICY_NONE, u32::from),
            grant: decision.grant().unwrap_or(CORSAC_GRANT_NONE),
            generation: decision.generation(),
            error: corsac_status::Ok as u32,
            set_len: set.len(),
            set: set.as_ptr(),
            rule: corsac_str::of_optional(decision.rule()),
        }
    }

    /// Bytes that a copy takes: itself, its headers, and what they and it point at.
    fn size(&self) -> usize {
        let texts: usize = pointer::headers(self).iter().map(|header| header.name.len + header.value.len).sum();
        self.structs() + texts + self.rule.len
    }

    /// Bytes that a copy takes before its texts, with room to align it.
    fn structs(&self) -> usize {
        align_of::<Self>() - 1 + size_of::<Self>() + size_of_val(pointer::headers(self))
    }

    /// `None` if there is less room than [`size`](Self::size).
    fn copy(&self, mut buffer: Buffer) -> Option<*const Self> {
        let mut texts = buffer.split_off(self.structs())?;
        let headers = pointer::headers(self);
        let set = buffer.array(headers.len(), |index| {
            let header = headers.get(index)?;
            Some(corsac_header { name: texts.text(header.name)?, value: texts.text(header.value)? })
        })?;
        let rule = texts.text(self.rule)?;
        let copy = buffer.array(1, |_| Some(Self { set, rule, ..*self }))?;
        Some(copy)
    }
}

/// Copies a decision and everything it points to, for servers that send headers after the reader
/// has decided another request. Copies can be copied again.
///
/// Returns: `CORSAC_STATUS_OK`, with the copy in `*out`, which points into `buffer`;
/// `CORSAC_STATUS_BUFFER_TOO_SMALL` if `buffer_len` is less than what it wrote to `*needed`;
/// `CORSAC_STATUS_INVALID_ARGUMENT` if `decision` is `NULL`. `buffer` may be `NULL` to ask for the
/// size; 1,024 bytes are enough for most decisions. `needed` may be `NULL`.
///
/// Memory: writes to `buffer` only, which stays the caller's; the copy lives as long as it does.
///
/// Thread safety: any thread, concurrently, while no call overwrites `decision`.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_decision_copy(
    decision: Option<&corsac_decision>,
    buffer: *mut c_void,
    buffer_len: usize,
    needed: Option<&mut MaybeUninit<usize>>,
    out: Option<&mut MaybeUninit<*const corsac_decision>>,
) -> corsac_status {
    guarded(|| {
        let Some(decision) = decision else { return corsac_status::InvalidArgument };
        let size = decision.size();
        pointer::write(needed, size);
        match Buffer::new(buffer.cast(), buffer_len).and_then(|buffer| decision.copy(buffer)) {
            Some(copy) if pointer::write(out, copy) => corsac_status::Ok,
            Some(_) => corsac_status::InvalidArgument,
            None => corsac_status::BufferTooSmall,
        }
    })
}
