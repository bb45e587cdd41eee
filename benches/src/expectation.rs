//! The expected decision for a request, found naively: a set of strings, and suffixes compared one by
//! one. It shares no code with the engine. It supports only the kinds of rows that scenarios use, and
//! assumes that an origin which ends with the base of a wildcard is well formed. A test compares it
//! with the oracle of the test suite, which assumes nothing.

use std::collections::HashSet;

use crate::scenario::{Expected, Policy, Request};

/// A policy, prepared for naive lookups.
#[derive(Debug)]
pub struct Expectation<'p> {
    policy: &'p Policy,
    exact: HashSet<&'p str>,
    /// `.host` of each wildcard.
    suffixes: Vec<&'p str>,
}

impl<'p> Expectation<'p> {
    /// Prepares a policy.
    #[must_use]
    pub fn new(policy: &'p Policy) -> Self {
        let suffixes = policy.allow_origins.iter().filter_map(|row| row.strip_prefix("https://*")).collect();
        Self { policy, exact: policy.allow_origins.iter().map(String::as_str).collect(), suffixes }
    }

    /// The expected decision for a request.
    #[must_use]
    pub fn of(&self, request: &Request) -> Expected {
        let origin = request.origin();
        if !self.is_listed(origin) {
            return Expected { allowed: Some(false), allow_origin: None };
        }
        let lines: Vec<&str> = request.values("access-control-request-headers").collect();
        let names: Vec<&str> =
            lines.iter().flat_map(|line| line.split(',')).map(str::trim).filter(|name| !name.is_empty()).collect();
        let mut methods = request.values("access-control-request-method");
        let is_allowed = methods.all(|method| self.policy.allow_methods.iter().any(|allowed| allowed == method))
            && names.iter().all(|name| self.policy.allow_headers.iter().any(|allowed| allowed == name));
        let is_from_a_browser = names.len() <= self.policy.allow_headers.len()
            && lines.len() <= 1
            && lines.iter().all(|line| !line.is_empty() && !line.contains(",,") && !line.contains(' '));
        let allowed = match (is_allowed, lines.is_empty() || is_from_a_browser) {
            (false, _) => Some(false),
            (true, true) => Some(true),
            (true, false) => None,
        };
        let allow_origin = if self.policy.is_for_any() { "*" } else { origin };
        Expected { allowed, allow_origin: (allowed != Some(false)).then(|| allow_origin.into()) }
    }

    fn is_listed(&self, origin: &str) -> bool {
        self.policy.is_for_any()
            || self.exact.contains(origin)
            || origin
                .strip_prefix("https://")
                .is_some_and(|host| self.suffixes.iter().any(|base| host.len() > base.len() && host.ends_with(base)))
    }
}
