//! Any text as an expression: if it is accepted, every origin that it lets in has a scheme and a
//! registrable domain that are literally in it.

use corsac::{PolicyBuilder, Row};

use super::seed;
use crate::confined::Confined;
use crate::generate::Dice;

/// Longer ones make large automata, and say nothing new.
const LONGEST: usize = 120;

pub(super) fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if text.len() > LONGEST {
        return;
    }
    let mut builder = PolicyBuilder::new("p");
    builder.row(Row::regex(text.to_string()));
    match builder.build() {
        Ok(policy) => {
            Confined::new(text, policy).attack(&mut Dice::new(seed(input)));
        }
        Err(error) => assert!(!error.diagnostics().is_empty(), "`{text}` is refused without a diagnostic"),
    }
}
