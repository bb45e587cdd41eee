//! Decisions that can be cached and reused.

use core::hash::{Hash, Hasher};
use core::ptr;

use super::Decision;
use crate::outcome::PolicyId;
use crate::plan::{DecisionFields, HeaderField, Value};

/// Identifies a decision whose content does not depend on the request's bytes. Made by
/// [`Decision::cache_key`]. Only keys of the same engine may be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecisionKey {
    fields: DecisionFields,
    policy: PolicyId,
    grant: u32,
    /// Distinguishes a set of policies from others that may have been at the same addresses.
    generation: u64,
    /// The addresses of the rule and the plan; 0 means none.
    rule: usize,
    plan: usize,
}

impl Decision<'_> {
    /// A key for caching this decision in a binding: two decisions of one engine with equal keys
    /// are identical. `None` if a header value comes from the request: the requested method or
    /// names, or an origin that is not the row itself.
    ///
    /// ```
    /// use corsac::{PolicyBuilder, Request};
    ///
    /// let policy = PolicyBuilder::new("api").allow_origins(["https://a.example", "https://*.b.example"]).build()?;
    /// let of = |origin: &str| policy.decide(&Request::new("GET").origin(origin)).cache_key();
    /// assert!(of("https://a.example").is_some() && of("https://a.example") == of("https://a.example"));
    /// assert!(of("https://other.example").is_some() && of("https://other.example") != of("https://a.example"));
    /// assert!(of("https://x.b.example").is_none());
    /// # Ok::<(), corsac::ConfigError>(())
    /// ```
    #[doc(hidden)]
    #[must_use]
    #[inline]
    pub fn cache_key(&self) -> Option<DecisionKey> {
        let echoes = |field: &HeaderField| {
            let is_requested = matches!(field.value, Value::RequestMethod | Value::RequestHeaders);
            let leave_out = self.fields.leave_out;
            is_requested && !leave_out.covers(field.name) && !leave_out.replaces(field.name)
        };
        if self.origin.is_some() || (self.requested.is_some() && self.header_fields().iter().any(echoes)) {
            return None;
        }
        Some(DecisionKey {
            fields: self.fields,
            policy: self.policy,
            grant: self.grant,
            generation: self.generation,
            rule: self.rule.map_or(0, |rule| rule.as_ptr().addr()),
            plan: self.plan.map_or(0, |plan| ptr::from_ref(plan).addr()),
        })
    }
}

/// Hashes the parts that differ most between the decisions of one set of policies.
impl Hash for DecisionKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let place = self.policy.0 << 32 | u64::from(self.grant);
        let fields = u64::from(self.fields.reason as u8) | u64::from(self.fields.failed.bits()) << 8;
        state.write_u64(self.rule as u64 ^ (self.plan as u64).rotate_left(32) ^ place.rotate_left(16) ^ fields);
    }
}
