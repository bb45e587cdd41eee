//! A decision, in the form that C reads.

use corsac::{Decision, Upstream};

use crate::names::{corsac_reason, corsac_verdict};
use crate::policies::{CORSAC_POLICY_NONE, corsac_policy};
use crate::status::corsac_status;
use crate::view::{corsac_header, corsac_str};

/// The decision for one request. New fields are only added at the end.
///
/// Remove the managed headers of the upstream's response if `upstream` says so
/// (`corsac_is_managed_header`), set the headers in `set`, merge `vary` (`corsac_vary_merge`), and
/// respond with `status`, or forward the request if `status` is 0.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct corsac_decision {
    /// The verdict: a `corsac_verdict`.
    pub verdict: u32,
    /// The reason for the verdict: a `corsac_reason`.
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
    pub policy: corsac_policy,
    /// The generation of the policies that decided.
    pub generation: u64,
    /// The grant of the row that matched, 0 being the policy's own `allow_origins`;
    /// `CORSAC_GRANT_NONE` if there is none.
    pub grant: u32,
    /// A `corsac_status`. If it is not 0, the call was invalid or an internal error was caught, and
    /// the request is denied.
    pub error: u32,
    /// 1 if `timing-allow-origin` is managed in addition to `access-control-*`, otherwise 0.
    pub manages_timing: u32,
    /// The number of headers to set, at most 10.
    pub set_len: usize,
    /// The headers to set; names are in lower case. A name occurs more than once if it must be set in several lines.
    pub set: *const corsac_header,
    /// The row that matched, as the document writes it; absent if there is none.
    pub rule: corsac_str,
}

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

impl corsac_decision {
    /// The denial used if no decision could be made: all managed headers are removed.
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
            manages_timing: 0,
            set_len: 0,
            set: std::ptr::null(),
            rule: corsac_str::ABSENT,
        }
    }

    /// `set` holds the decision's headers.
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
            policy: decision.policy().map_or(CORSAC_POLICY_NONE, u64::from),
            grant: decision.grant().unwrap_or(CORSAC_GRANT_NONE),
            generation: decision.generation(),
            error: corsac_status::Ok as u32,
            manages_timing: decision.manages_timing().into(),
            set_len: set.len(),
            set: set.as_ptr(),
            rule: corsac_str::of_optional(decision.rule()),
        }
    }
}
