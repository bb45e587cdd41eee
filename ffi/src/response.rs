//! What becomes of the upstream's response.

use std::mem::MaybeUninit;

use crate::decision::corsac_decision;
use crate::guard;
use crate::pointer;
use crate::view::{corsac_lines, corsac_str};

/// Whether a response header is one that corsac manages for this request: every `access-control-*`,
/// and `timing-allow-origin` where the policy sets it. Ignores ASCII case. If `decision` is `NULL`,
/// only `access-control-*` headers count, which is the test that `CORSAC_UPSTREAM_KEEP` needs.
///
/// Returns: true if it is.
///
/// Memory: none.
///
/// Thread safety: any thread, concurrently, while no call overwrites `decision`.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_is_managed_header(decision: Option<&corsac_decision>, name: Option<&corsac_str>) -> bool {
    guard::or_else(true, || {
        let name = name.and_then(corsac_str::bytes).unwrap_or_default();
        let set = decision.map(pointer::headers).unwrap_or_default();
        corsac::is_managed_header(name, set.iter().filter_map(|header| corsac_str::text(Some(&header.name))))
    })
}

/// The names that are missing from a response's `Vary` lines: append them to a line, or add them as
/// a new line. Nothing is missing if a line contains `*`; merging twice has no further effect.
///
/// Returns: nothing; writes the names, joined with `, `, to `*out`: empty if nothing is missing.
///
/// Memory: what `*out` shows is static.
///
/// Thread safety: any thread, concurrently, while no call overwrites `decision`.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_vary_merge(
    decision: Option<&corsac_decision>,
    lines: Option<&corsac_lines>,
    out: Option<&mut MaybeUninit<corsac_str>>,
) {
    let missing = guard::or_else("", || {
        let lines = lines.map(corsac_lines::views).unwrap_or_default();
        let vary = decision.map_or(0, |decision| decision.vary);
        let vary = corsac::Vary::from_bits(vary as u8);
        vary.missing(lines.iter().map(|line| line.bytes().unwrap_or_default())).value()
    });
    pointer::write(out, corsac_str::of(missing.as_bytes()));
}
