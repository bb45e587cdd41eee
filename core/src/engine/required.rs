//! Requiring policies and routes of an engine.

use super::Engine;
use super::requirements::Missing;
use crate::outcome::PolicyId;

impl Engine {
    /// Requires a policy of this name, for as long as the engine lives or until it is
    /// [released](Self::release): a [reload](Self::reload) without one is refused as a whole, and the
    /// policies in use stay. Returns the id of the policy.
    ///
    /// For names that stand in the configuration of a service, which does not know what to do without
    /// the policy. A name that comes with a request is looked up by [`policy_id`](Self::policy_id): if
    /// it were required, one that is deleted would block every later reload.
    ///
    /// Requirements are counted: what is required twice must be released twice. A reload and a
    /// requirement take turns, so none of them misses the other.
    ///
    /// # Errors
    /// The current policies have none of this name. Nothing is required then.
    pub fn require(&self, name: &str) -> Result<PolicyId, Missing> {
        let mut writer = self.writer();
        let id = self.policies().id(name).ok_or_else(|| Missing::policy(name))?;
        *writer.required.policies.entry(name.into()).or_default() += 1;
        Ok(id)
    }

    /// Takes one requirement of this name back; does nothing if there is none. A reload that was
    /// refused for its sake is not made up for.
    pub fn release(&self, name: &str) {
        let required = &mut self.writer().required.policies;
        if let Some(count) = required.get_mut(name) {
            *count -= 1;
            if *count == 0 {
                required.remove(name);
            }
        }
    }

    /// Requires routes, for services that let them choose the policy: as [`require`](Self::require),
    /// a reload to policies without any route is refused.
    ///
    /// # Errors
    /// The current policies have no routes. Nothing is required then.
    pub fn require_routes(&self) -> Result<(), Missing> {
        let mut writer = self.writer();
        if !self.policies().has_routes() {
            return Err(Missing::no_route());
        }
        writer.required.routes += 1;
        Ok(())
    }

    /// Takes one requirement of routes back; does nothing if there is none.
    pub fn release_routes(&self) {
        let required = &mut self.writer().required.routes;
        *required = required.saturating_sub(1);
    }
    /// Requires that a policy can be chosen without its name, for services that use the only one: a
    /// [reload](Self::reload) to several policies without routes is refused.
    ///
    /// # Errors
    /// The current policies are not one alone and have no routes. Nothing is required then.
    pub fn require_only(&self) -> Result<(), Missing> {
        let mut writer = self.writer();
        if !self.policies().choose_without_name() {
            return Err(Missing::no_route());
        }
        writer.required.only += 1;
        Ok(())
    }

    /// Takes one requirement of an only policy back; does nothing if there is none.
    pub fn release_only(&self) {
        let required = &mut self.writer().required.only;
        *required = required.saturating_sub(1);
    }
}
