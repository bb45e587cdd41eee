//! What each fuzz target does with its bytes: it holds a relation that must be true of any input,
//! and panics where it is not. `fuzz/` calls these from libFuzzer; `tests/core/fuzz.rs` replays the
//! saved inputs, so that what was found once is found on every run. The target for
//! C, `c_request`, is a program in C.

mod document;
mod expression;
mod list;
mod log_line;
mod origin;
mod requested;
mod route;

/// One fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name of its folder in `fuzz/corpus`.
    pub name: &'static str,
    /// Panics if the relation does not hold of the input.
    pub run: fn(&[u8]),
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "document", run: document::run },
    Target { name: "expression", run: expression::run },
    Target { name: "list", run: list::run },
    Target { name: "log_line", run: log_line::run },
    Target { name: "origin", run: origin::run },
    Target { name: "requested", run: requested::run },
    Target { name: "route", run: route::run },
];

/// Runs the target of this name on one input.
pub fn run(name: &str, input: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.unwrap_or_else(|| panic!("no fuzz target is named `{name}`")).run)(input);
}

/// A number that follows from the input, for choices that the input does not spell out.
fn seed(input: &[u8]) -> u64 {
    input.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
