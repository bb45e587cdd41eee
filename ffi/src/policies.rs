//! Policies by name and id: looking them up, requiring them, listing them.

use std::mem::MaybeUninit;
use std::sync::Arc;

use corsac::PolicyId;

use crate::engine::corsac_engine;
use crate::guard::{self, guarded};
use crate::pointer;
use crate::status::corsac_status;
use crate::view::corsac_str;

/// The id of a policy: of the engine that gave it, and of no other engine of the process, ever. It
/// belongs to the policy's name for the life of the engine.
pub type corsac_policy = u64;

/// No policy: what a failed lookup writes, and what decided if nothing did. Asked, it gives
/// `CORSAC_VERDICT_NO_POLICY`.
pub const CORSAC_POLICY_NONE: corsac_policy = 0;

/// Let the document's routes choose the policy, by the request's `host` and `path`.
pub const CORSAC_POLICY_ROUTE: corsac_policy = u64::MAX;

/// Runs a lookup whose result is written to `*out` whatever happens: 0 unless it succeeds.
fn lookup(
    out: Option<&mut MaybeUninit<corsac_policy>>,
    look: impl FnOnce() -> Result<PolicyId, corsac_status>,
) -> corsac_status {
    let Some(out) = out else { return corsac_status::InvalidArgument };
    out.write(CORSAC_POLICY_NONE);
    guarded(|| match look() {
        Ok(id) => {
            out.write(id.into());
            corsac_status::Ok
        }
        Err(status) => status,
    })
}

/// Requires a policy of this name, for names that stand in a server's configuration. As long as it is
/// required, a reload without the policy is refused as a whole, with `reload/policy-missing`.
/// Requirements are counted, and end with the engine.
///
/// Returns: `CORSAC_STATUS_OK`, with the policy's id in `*out`; `CORSAC_STATUS_NOT_FOUND` if the
/// current policies have none of the name, and then nothing is required;
/// `CORSAC_STATUS_INVALID_ARGUMENT`. Without success `*out` is `CORSAC_POLICY_NONE`.
///
/// Memory: none.
///
/// Thread safety: any thread, concurrently.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_require_policy(
    engine: Option<&corsac_engine>,
    name: Option<&corsac_str>,
    out: Option<&mut MaybeUninit<corsac_policy>>,
) -> corsac_status {
    lookup(out, || {
        let (Some(engine), Some(name)) = (engine, corsac_str::text(name)) else {
            return Err(corsac_status::InvalidArgument);
        };
        engine.engine().require(name).map_err(|_| corsac_status::NotFound)
    })
}

/// Takes one requirement of this name back. A reload that was refused for its sake is not made up
/// for: call `corsac_engine_reload_file`. Does nothing if the name is not required.
///
/// Returns: nothing.
///
/// Memory: none.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_release_policy(engine: Option<&corsac_engine>, name: Option<&corsac_str>) {
    guard::or_else((), || {
        if let (Some(engine), Some(name)) = (engine, corsac_str::text(name)) {
            engine.engine().release(name);
        }
    });
}

/// Requires routes, for servers that pass `CORSAC_POLICY_ROUTE`: as long as they are required, a
/// reload to a document without any route is refused as a whole, with `reload/routes-missing`.
/// Requirements are counted, and end with the engine.
///
/// Returns: `CORSAC_STATUS_OK`; `CORSAC_STATUS_NOT_FOUND` if the current document has no routes, and
/// then nothing is required; `CORSAC_STATUS_INVALID_ARGUMENT`.
///
/// Memory: none.
///
/// Thread safety: any thread, concurrently.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_require_routes(engine: Option<&corsac_engine>) -> corsac_status {
    guarded(|| {
        let Some(engine) = engine else { return corsac_status::InvalidArgument };
        engine.engine().require_routes().map_or(corsac_status::NotFound, |()| corsac_status::Ok)
    })
}

/// Takes one requirement of routes back. Does nothing if they are not required.
///
/// Returns: nothing.
///
/// Memory: none.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_release_routes(engine: Option<&corsac_engine>) {
    guard::or_else((), || {
        if let Some(engine) = engine {
            engine.engine().release_routes();
        }
    });
}

/// The id of the policy with this name, for names that come with a request. A name keeps its id for
/// the lifetime of the engine, even while no policy has that name. Names that stand in a server's
/// configuration are required: see `corsac_engine_require_policy`.
///
/// Returns: `CORSAC_STATUS_OK`, with the id in `*out`; `CORSAC_STATUS_NOT_FOUND` if no policy of
/// this engine ever had the name; `CORSAC_STATUS_INVALID_ARGUMENT`. Without success `*out` is
/// `CORSAC_POLICY_NONE`.
///
/// Memory: none.
///
/// Thread safety: any thread, concurrently.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_find_policy(
    engine: Option<&corsac_engine>,
    name: Option<&corsac_str>,
    out: Option<&mut MaybeUninit<corsac_policy>>,
) -> corsac_status {
    lookup(out, || {
        let (Some(engine), Some(name)) = (engine, corsac_str::text(name)) else {
            return Err(corsac_status::InvalidArgument);
        };
        engine.engine().policy_id(name).ok_or(corsac_status::NotFound)
    })
}

/// The name of the policy with this id, also while no policy has the name.
///
/// Returns: nothing; writes a view to `*out`, absent for `CORSAC_POLICY_NONE`, `CORSAC_POLICY_ROUTE`
/// and ids of other engines.
///
/// Memory: the view lives as long as `engine`.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_policy_name(
    engine: Option<&corsac_engine>,
    policy: corsac_policy,
    out: Option<&mut MaybeUninit<corsac_str>>,
) {
    let name = guard::or_else(None, || engine?.engine().policy_name(PolicyId::from(policy)));
    // The engine keeps each name for as long as it lives.
    pointer::write(out, corsac_str::of_optional(name.as_deref()));
}

/// The policies of one document, in its order.
#[derive(Debug)]
pub struct corsac_policies {
    entries: Box<[corsac_policy_entry]>,
    /// What the entries point into.
    _names: Box<[Arc<str>]>,
}

/// One policy of a document. New fields are only added at the end.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct corsac_policy_entry {
    /// The id.
    pub policy: corsac_policy,
    /// The name.
    pub name: corsac_str,
}

/// Lists the current policies.
///
/// Returns: `CORSAC_STATUS_OK`, with the list in `*out`; `CORSAC_STATUS_INVALID_ARGUMENT` if a
/// pointer is `NULL`.
///
/// Memory: free the list with `corsac_policies_free`. It does not keep the policies in memory.
///
/// Thread safety: any thread, concurrently.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_policies(
    engine: Option<&corsac_engine>,
    mut out: Option<&mut MaybeUninit<*mut corsac_policies>>,
) -> corsac_status {
    pointer::clear(&mut out);
    guarded(|| {
        let (Some(engine), Some(out)) = (engine, out) else { return corsac_status::InvalidArgument };
        let policies = engine.engine().policies();
        let list: Box<[(PolicyId, Arc<str>)]> =
            policies.iter().map(|(id, policy)| (id, Arc::from(policy.name()))).collect();
        let entries = list
            .iter()
            .map(|(id, name)| corsac_policy_entry { policy: (*id).into(), name: corsac_str::of(name.as_bytes()) });
        let entries = entries.collect();
        let names = list.into_iter().map(|(_, name)| name).collect();
        pointer::write_handle(Some(out), Box::new(corsac_policies { entries, _names: names }));
        corsac_status::Ok
    })
}

/// The number of policies.
///
/// Returns: the number; 0 for `NULL`.
///
/// Memory: none.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_policies_len(policies: Option<&corsac_policies>) -> usize {
    policies.map_or(0, |policies| policies.entries.len())
}

/// One policy of a list.
///
/// Returns: the policy; `NULL` if there is none with this index.
///
/// Memory: lives as long as `policies`.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_policies_get(
    policies: Option<&corsac_policies>,
    index: usize,
) -> Option<&corsac_policy_entry> {
    policies?.entries.get(index)
}

/// Frees a list of policies.
///
/// Returns: nothing.
///
/// Memory: frees `policies`, which must not be used or freed again; `NULL` is ignored.
///
/// Thread safety: any thread, while no other thread uses `policies`.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_policies_free(policies: Option<Box<corsac_policies>>) {
    drop(policies);
}
