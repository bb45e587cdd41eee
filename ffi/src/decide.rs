//! Deciding a request: the hot path.

use std::panic::{self, AssertUnwindSafe};

use corsac::{PolicyId, Target};

use crate::decision::corsac_decision;
use crate::guard;
use crate::pointer::{self, Constant};
use crate::policies::{CORSAC_POLICY_ROUTE, corsac_policy};
use crate::reader::corsac_reader;
use crate::request::corsac_request;
use crate::status::corsac_status;
use crate::view::{corsac_header, corsac_str};

/// The result of calls without a reader, which would hold the decision.
static NO_READER: Constant = Constant(corsac_decision::closed(corsac_status::InvalidArgument));

/// The decision of such a call.
pub(crate) fn invalid_call() -> *const corsac_decision {
    &raw const NO_READER.0
}

/// Decides one request by the current policies. `policy` is from `corsac_engine_require_policy` or
/// `corsac_engine_find_policy`, or is `CORSAC_POLICY_ROUTE`. Allocates nothing, takes no lock, and
/// costs the same for any number of origins.
///
/// Returns: the decision, never `NULL`. An invalid call (`NULL`, no method, an invalid `struct_size`, a
/// view that cannot be read) or a caught internal error gives a denial, and `error` gives the reason; an
/// id without a policy, and that of another engine, gives `CORSAC_VERDICT_NO_POLICY`.
///
/// Memory: the reader owns the decision. It is valid until the next call with the same reader, and
/// only while the request's own bytes are, because it may point into them. Use
/// `corsac_decision_copy` to keep it.
///
/// Thread safety: one thread at a time per reader.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_decide(
    reader: Option<&mut corsac_reader>,
    policy: corsac_policy,
    request: *const corsac_request,
) -> *const corsac_decision {
    let Some(reader) = reader else { return invalid_call() };
    let decided = panic::catch_unwind(AssertUnwindSafe(|| reader.decide(policy, request)));
    if let Err(status) = decided.unwrap_or(Err(corsac_status::Panic)) {
        reader.decision = corsac_decision::closed(status);
    }
    &raw const reader.decision
}

impl corsac_reader {
    #[inline]
    fn decide(&mut self, policy: corsac_policy, request: *const corsac_request) -> Result<(), corsac_status> {
        let (mut room, mut headers) = (None, None);
        let request = pointer::read_request(request, &mut room).ok_or(corsac_status::InvalidArgument)?;
        let method = request.method.bytes().ok_or(corsac_status::InvalidArgument)?;
        let view = request.view(method, &mut headers).ok_or(corsac_status::InvalidArgument)?;
        #[cfg(feature = "panic-injection")]
        inject_panic(request);
        let target = match policy {
            CORSAC_POLICY_ROUTE => Target::Route {
                host: request.host.line().ok_or(corsac_status::InvalidArgument)?,
                path: request.path.line().ok_or(corsac_status::InvalidArgument)?,
            },
            id => Target::Policy(PolicyId::from(id)),
        };
        let decision = self.reader.decide(target, &view);
        let mut len = 0;
        for (header, (name, value)) in self.set.iter_mut().zip(decision.set()) {
            *header = corsac_header { name: corsac_str::of(name.as_bytes()), value: corsac_str::of(value) };
            len += 1;
        }
        self.decision = corsac_decision::of(&decision, self.set.get(..len).unwrap_or_default());
        Ok(())
    }
}

/// Whether a policy lists a request's origin, for handshakes that carry an `Origin` without CORS
/// being applied (WebSocket, WebTransport). Only the request's `Origin` lines are used. A
/// policy for any origin gives `CORSAC_ORIGIN_NOT_ALLOWED`: public data does not imply that anyone may
/// open a connection.
///
/// Returns: a `corsac_origin`; for an invalid call, a caught internal error or an unknown policy
/// `CORSAC_ORIGIN_NOT_ALLOWED`.
///
/// Memory: invalidates the reader's last decision.
///
/// Thread safety: one thread at a time per reader.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_origin_allowed(
    reader: Option<&mut corsac_reader>,
    policy: corsac_policy,
    request: *const corsac_request,
) -> corsac_origin {
    guard::or_else(corsac_origin::NotAllowed, || {
        let Some(reader) = reader else { return corsac_origin::NotAllowed };
        reader.decision = corsac_decision::closed(corsac_status::Ok);
        reader.origin_allowed(policy, request).unwrap_or(corsac_origin::NotAllowed)
    })
}

impl corsac_reader {
    /// `None` if the call is invalid.
    fn origin_allowed(&mut self, policy: corsac_policy, request: *const corsac_request) -> Option<corsac_origin> {
        let (mut room, mut headers) = (None, None);
        let request = pointer::read_request(request, &mut room)?;
        // The method of a handshake is irrelevant, so it may be absent.
        let view = request.view(request.method.line()?, &mut headers)?;
        Some(match self.reader.origin_allowed(PolicyId::from(policy), &view) {
            None => corsac_origin::Absent,
            Some(true) => corsac_origin::Allowed,
            Some(false) => corsac_origin::NotAllowed,
        })
    }
}

/// Whether a policy lists an origin.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum corsac_origin {
    /// It is not listed, or there is more than one.
    NotAllowed = 0,
    /// It is listed, or one of the service's own.
    Allowed = 1,
    /// There is no `Origin`: not a browser, or a page of the same origin.
    Absent = 2,
}

#[cfg(feature = "panic-injection")]
#[allow(clippy::panic, reason = "the tests need a panic")]
fn inject_panic(request: &corsac_request) {
    if request.method.bytes() == Some(b"CORSAC-PANIC") {
        panic!("requested by the test");
    }
}
