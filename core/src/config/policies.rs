//! Sets of policies that were built in code.

use std::collections::HashSet;

use crate::config::diagnostic::{Code, Collector, ConfigError, quote};
use crate::policy::{Policies, Policy};
use crate::route::{Routes, Unrouted};

impl Policies {
    /// A set of policies that were built in code. It has no routes.
    ///
    /// # Errors
    /// `document/duplicate-key` if two have the same name, `document/no-policy` if there is none.
    pub fn new(policies: impl IntoIterator<Item = Policy>) -> Result<Self, ConfigError> {
        let policies: Vec<_> = policies.into_iter().collect();
        let mut collector = Collector::default();
        if policies.is_empty() {
            let help = "add at least one policy".into();
            collector.error(Code::DocumentNoPolicy, None, "there is no policy".into(), help);
        }
        let mut names = HashSet::new();
        for policy in policies.iter().filter(|policy| !names.insert(policy.name())) {
            let message = format!("two policies are named {}", quote(policy.name()));
            collector.error(Code::DocumentDuplicateKey, None, message, "give each policy a unique name".into());
        }
        if collector.has_error() {
            return Err(ConfigError::new(collector.finish()));
        }
        Ok(Self::routed(policies, Routes::default(), Unrouted::default()))
    }
}
