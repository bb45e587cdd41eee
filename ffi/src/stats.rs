//! What an engine did.

use std::mem::MaybeUninit;

use corsac::{Reason, Stats, Verdict};

use crate::engine::corsac_engine;
use crate::guard::{self, guarded};
use crate::pointer;
use crate::status::corsac_status;

/// What an engine did and holds, at one moment.
#[derive(Debug)]
pub struct corsac_stats {
    stats: Stats,
}

/// Sums up what all readers of an engine decided so far.
///
/// Returns: `CORSAC_STATUS_OK`, with the sums in `*out`; `CORSAC_STATUS_INVALID_ARGUMENT` if a
/// pointer is `NULL`.
///
/// Memory: free the sums with `corsac_stats_free`.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_stats(
    engine: Option<&corsac_engine>,
    out: Option<&mut MaybeUninit<*mut corsac_stats>>,
) -> corsac_status {
    guarded(|| {
        let (Some(engine), Some(out)) = (engine, out) else { return corsac_status::InvalidArgument };
        pointer::write_handle(Some(out), Box::new(corsac_stats { stats: engine.engine().stats() }));
        corsac_status::Ok
    })
}

/// How often this verdict had this reason.
///
/// Returns: the number; 0 for `NULL` and for numbers that are none.
///
/// Memory: none.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_stats_count(stats: Option<&corsac_stats>, verdict: u32, reason: u32) -> u64 {
    let verdict = Verdict::ALL.get(verdict as usize).copied();
    let reason = Reason::ALL.get(reason as usize).copied();
    match (stats, verdict, reason) {
        (Some(stats), Some(verdict), Some(reason)) => stats.stats.count(verdict, reason),
        _ => 0,
    }
}

/// How many decisions were made.
///
/// Returns: the number; 0 for `NULL`.
///
/// Memory: none.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_stats_total(stats: Option<&corsac_stats>) -> u64 {
    stats.map_or(0, |stats| stats.stats.total())
}

/// How many readers the engine has.
///
/// Returns: the number; 0 for `NULL`.
///
/// Memory: none.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_stats_readers(stats: Option<&corsac_stats>) -> usize {
    stats.map_or(0, |stats| stats.stats.readers())
}

/// How many sets of policies were replaced and are not freed, because a reader holds them or no
/// reload or poll came by since.
///
/// Returns: the number; 0 for `NULL`.
///
/// Memory: none.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_stats_retired(stats: Option<&corsac_stats>) -> usize {
    stats.map_or(0, |stats| stats.stats.retired())
}

/// Frees sums.
///
/// Returns: nothing.
///
/// Memory: ends the life of `stats`, at most once; `NULL` is nothing.
///
/// Thread safety: any thread, when no other uses `stats`.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_stats_free(stats: Option<Box<corsac_stats>>) {
    guard::or_else((), || drop(stats));
}
