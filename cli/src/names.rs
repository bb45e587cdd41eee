//! Finds policies by name, and suggests a name if there is none.

use std::collections::HashMap;

use corsac::{Policies, PolicyId};

use crate::show::escape::Bytes;

/// How many names a message lists.
const MAX_LISTED: usize = 10;

/// The policies of a document by name.
#[derive(Debug)]
pub(crate) struct Names<'p> {
    ids: HashMap<&'p [u8], PolicyId>,
    in_order: Vec<&'p str>,
}

impl<'p> Names<'p> {
    pub(crate) fn new(policies: &'p Policies) -> Self {
        let ids = policies.iter().map(|(id, policy)| (policy.name().as_bytes(), id)).collect();
        let in_order = policies.iter().map(|(_, policy)| policy.name()).collect();
        Self { ids, in_order }
    }

    pub(crate) fn get(&self, name: &[u8]) -> Option<PolicyId> {
        self.ids.get(name).copied()
    }

    /// The names in document order; only the first few of many.
    pub(crate) fn list(&self) -> String {
        let listed: Vec<_> = self.in_order.iter().take(MAX_LISTED).map(|name| format!("`{name}`")).collect();
        let more = self.in_order.len() - listed.len();
        let listed = listed.join(", ");
        if more == 0 { listed } else { format!("{listed} and {more} more") }
    }

    /// The message for an unknown name, with the most similar name.
    pub(crate) fn unknown(&self, name: &[u8]) -> String {
        let shown = Bytes(name);
        match self.similar(name) {
            Some(similar) => format!("there is no policy `{shown}`; did you mean `{similar}`?"),
            None => format!("there is no policy `{shown}`; the document has {}", self.list()),
        }
    }

    fn similar(&self, name: &[u8]) -> Option<&'p str> {
        most_similar(std::str::from_utf8(name).ok()?, self.in_order.iter().copied())
    }
}

/// The name that is the most similar one, if one is similar. Upper and lower case are the same.
pub(crate) fn most_similar<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    // Names are short; a much longer one is not similar to any.
    let name = Some(name).filter(|name| name.len() <= 128)?.to_ascii_lowercase();
    known
        .map(|candidate| (strsim::damerau_levenshtein(&name, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
