//! An engine's counters.

use std::mem::MaybeUninit;

use corsac::{Reason, Stats, Verdict};

use crate::engine::corsac_engine;
use crate::guard::{self, guarded};
use crate::pointer;
use crate::status::corsac_status;

/// A snapshot of an engine's statistics.
#[derive(Debug)]
pub struct corsac_stats {
    stats: Stats,
}

/// Returns the decision counters of an engine, summed over all readers.
///
/// Returns: `CORSAC_STATUS_OK`, with the sums in `*out`; `CORSAC_STATUS_INVALID_ARGUMENT` if a
/// pointer is `NULL`.
///
/// Memory: free the sums with `corsac_stats_free`.
///
/// Thread safety: any thread, concurrently.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_stats(
    engine: Option<&corsac_engine>,
    mut out: Option<&mut MaybeUninit<*mut corsac_stats>>,
) -> corsac_status {
    pointer::clear(&mut out);
    guarded(|| {
        let (Some(engine), Some(out)) = (engine, out) else { return corsac_status::InvalidArgument };
        pointer::write_handle(Some(out), Box::new(corsac_stats { stats: engine.engine().stats() }));
        corsac_status::Ok
    })
}

/// The number of decisions with this verdict and reason.
///
/// Returns: the number; 0 for `NULL` and for invalid arguments.
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

/// The number of decisions.
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

/// The number of the engine's readers.
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

/// The number of replaced policy sets that are not yet freed, because a reader still holds them or
/// there has been no reload or poll since.
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

/// Frees statistics.
///
/// Returns: nothing.
///
/// Memory: frees `stats`, which must not be used or freed again; `NULL` is ignored.
///
/// Thread safety: any thread, while no other thread uses `stats`.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_stats_free(stats: Option<Box<corsac_stats>>) {
    guard::or_else((), || drop(stats));
}
