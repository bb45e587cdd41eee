//! Applying a decision to a response.

use std::mem::MaybeUninit;

use crate::decision::corsac_decision;
use crate::guard;
use crate::pointer;
use crate::view::{corsac_lines, corsac_str};

/// The names that are missing from a response's `Vary` lines: append them to a line, or add them as
/// a new line. Nothing is missing if a line contains `*`; merging twice has no further effect.
///
/// Returns: nothing; writes the names, joined with `, `, to `*out`: empty if nothing is missing.
///
/// Memory: `*out` refers to a static string.
///
/// Thread safety: any thread, concurrently, while no call overwrites `decision`.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_vary_merge(
    decision: Option<&corsac_decision>,
    lines: Option<&corsac_lines>,
    out: Option<&mut MaybeUninit<corsac_str>>,
) {
    let missing = guard::or_else("", || {
        let lines = lines.and_then(corsac_lines::views).unwrap_or_default();
        let vary = decision.map_or(0, |decision| decision.vary);
        let vary = corsac::Vary::from_bits(vary as u8);
        vary.missing(lines.iter().map(|line| line.line().unwrap_or_default())).value()
    });
    pointer::write(out, corsac_str::of(missing.as_bytes()));
}
