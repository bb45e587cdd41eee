//! The name that a misspelt one was meant to be.

use crate::config::diagnostic::{Collector, quote};

pub(super) fn did_you_mean(name: &str) -> String {
    format!("did you mean `{name}`?")
}

/// The longest name that is compared: comparing is quadratic in the lengths.
pub(super) const MAX_TEXT: usize = 128;
const MAX_KNOWN: usize = 256;
const MAX_LISTED: usize = 16;

/// The name that `text` may be a misspelling of, or all of them; `noun` is what they are called.
pub(super) fn for_name(text: &str, known: &[&str], noun: &str, collector: &mut Collector<'_>) -> String {
    match nearest(text, known, collector) {
        Some(name) => did_you_mean(name),
        None if (1..=MAX_LISTED).contains(&known.len()) => format!("the {noun} are {}", listed(known)),
        None => String::new(),
    }
}

pub(super) fn nearest<'n>(text: &str, known: &[&'n str], collector: &mut Collector<'_>) -> Option<&'n str> {
    if text.len() > MAX_TEXT || known.len() > MAX_KNOWN || !collector.may_compare(known.len()) {
        return None;
    }
    let near = known.iter().map(|name| (strsim::damerau_levenshtein(text, name), *name)).min()?;
    (near.0 <= near.1.len().div_ceil(3)).then_some(near.1)
}

pub(super) fn listed<T: ToString>(names: &[T]) -> String {
    names.iter().map(|name| quote(&name.to_string())).collect::<Vec<_>>().join(", ")
}
