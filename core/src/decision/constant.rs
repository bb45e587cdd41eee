//! Decisions that can be given again.

use core::hash::{Hash, Hasher};

use super::Decision;
use crate::plan::Value;
use crate::policy::PolicyId;

/// Tells one decision from another where nothing in them is the request's own. Made by
/// [`Decision::constant`]; compared only with those of the same engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constant {
    /// Where the rule and the fields are: in the set, which its generation tells from others that
    /// may have been at the same addresses.
    rule: usize,
    fields: usize,
    generation: u64,
    /// Policy and grant; all ones stands for none.
    place: u64,
    /// Verdict, reason, failed checks, `Vary`, upstream, what is left out, and the status.
    words: u64,
}

impl Decision<'_> {
    /// What tells this decision from every other of its engine, for faces that keep decisions in a
    /// form of their own: wherever it is the same, so is all that the decision says. `None` where a
    /// header's value is the request's own: what it asked for, or an origin that is not the row
    /// itself.
    ///
    /// ```
    /// use corsac::{PolicyBuilder, Request};
    ///
    /// let policy = PolicyBuilder::new("api").allow_origins(["https://a.example", "https://*.b.example"]).build()?;
    /// let of = |origin: &str| policy.decide(&Request::new("GET").origin(origin)).constant();
    /// assert!(of("https://a.example").is_some() && of("https://a.example") == of("https://a.example"));
    /// assert!(of("https://other.example").is_some() && of("https://other.example") != of("https://a.example"));
    /// assert!(of("https://x.b.example").is_none());
    /// # Ok::<(), corsac::ConfigError>(())
    /// ```
    #[must_use]
    #[inline]
    pub fn constant(&self) -> Option<Constant> {
        let rule = self.rule.unwrap_or_default();
        let is_the_sets_own = |value: &Value| match value {
            Value::Fixed(_) => true,
            Value::Origin => core::ptr::eq(self.filled.origin, rule.as_bytes()),
            Value::RequestMethod | Value::RequestHeaders => false,
        };
        let leave_out = self.filled.leave_out;
        let mut set = self.filled.fields.iter().filter(|field| !leave_out.covers(field.name));
        if !set.all(|field| is_the_sets_own(&field.value)) {
            return None;
        }
        let left_out =
            u8::from(leave_out.methods) | u8::from(leave_out.headers) << 1 | u8::from(leave_out.private_network) << 2;
        let [low, high] = self.status.unwrap_or(0).to_le_bytes();
        let words =
            [self.verdict as u8, self.reason as u8, self.failed.0, self.vary.bits(), self.upstream as u8, left_out];
        let [verdict, reason, failed, vary, upstream, left_out] = words;
        Some(Constant {
            rule: rule.as_ptr().addr(),
            fields: self.filled.fields.as_ptr().addr(),
            generation: self.generation,
            place: u64::from(self.policy.unwrap_or(PolicyId::NONE).0) << 32 | u64::from(self.grant.unwrap_or(u32::MAX)),
            words: u64::from_le_bytes([verdict, reason, failed, vary, upstream, left_out, low, high]),
        })
    }
}

/// By the parts that differ most between the decisions of one set.
impl Hash for Constant {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(
            self.rule as u64 ^ (self.fields as u64).rotate_left(32) ^ self.place.rotate_left(16) ^ self.words,
        );
    }
}
