//! All policies of one document: the unit that decisions use and a reload replaces.

use std::collections::HashMap;

use crate::outcome::PolicyId;
use crate::policy::Policy;
use crate::route::{Route, Routes, Unrouted};

/// All policies of one document, and the routes that lead to them: one snapshot.
#[derive(Debug)]
pub struct Policies {
    /// In document order.
    policies: Box<[Policy]>,
    /// By id: where the policy is. An id may have none, where the policy of that name is gone.
    places: Box<[Option<u32>]>,
    pub(crate) routes: Routes,
    pub(crate) unrouted: Unrouted,
    pub(crate) generation: u64,
}

/// Which policy is to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target<'a> {
    /// This policy.
    Policy(PolicyId),
    /// Let the document's routes choose: the request's `Host` and path, as the proxy normalised them.
    Route {
        /// The value of `Host` or `:authority`.
        host: &'a [u8],
        /// The request's path; a query behind it is ignored.
        path: &'a [u8],
    },
}

/// The ids that names have been given, each for good.
#[derive(Debug, Default)]
pub(crate) struct PolicyIds(HashMap<Box<str>, PolicyId>);

impl PolicyIds {
    pub(crate) fn get(&self, name: &str) -> Option<PolicyId> {
        self.0.get(name).copied()
    }

    fn get_or_give(&mut self, name: &str) -> PolicyId {
        if let Some(id) = self.get(name) {
            return id;
        }
        let id = PolicyId(self.0.len() as u32);
        self.0.insert(name.into(), id);
        id
    }
}

impl From<Policy> for Policies {
    fn from(policy: Policy) -> Self {
        Self::routed(vec![policy], Routes::default(), Unrouted::default())
    }
}

impl Policies {
    /// `routes` lead to places in `policies`, whose names differ.
    pub(crate) fn routed(policies: Vec<Policy>, routes: Routes, unrouted: Unrouted) -> Self {
        let policies = policies.into_boxed_slice();
        let set = Self { policies, places: Box::default(), routes, unrouted, generation: 1 };
        set.stamped(&mut PolicyIds::default(), 1)
    }

    /// The same set under the ids that its names have, or are given now.
    pub(crate) fn stamped(mut self, ids: &mut PolicyIds, generation: u64) -> Self {
        for policy in &mut self.policies {
            policy.id = ids.get_or_give(&policy.name);
        }
        let mut places = vec![None; ids.0.len()];
        for (place, policy) in (0..).zip(&self.policies) {
            if let Some(of_id) = places.get_mut(policy.id.0 as usize) {
                *of_id = Some(place);
            }
        }
        Self { places: places.into_boxed_slice(), generation, ..self }
    }

    /// The generation of this set: 1 as it comes from a loader; an [`Engine`](crate::Engine) counts
    /// on.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The id of the policy with this name. Linear in the number of policies: ask once, not per
    /// request.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<PolicyId> {
        self.iter().find(|(_, policy)| policy.name() == name).map(|(id, _)| id)
    }

    /// The policy with this id.
    #[must_use]
    #[inline]
    pub fn get(&self, id: PolicyId) -> Option<&Policy> {
        match &*self.policies {
            // Nothing waits for a place to be loaded: 3 ns of each decision by a document of one
            // policy.
            [policy] if policy.id == id => Some(policy),
            _ => self.at((*self.places.get(id.0 as usize)?)?),
        }
    }

    /// The policy at this place of the document.
    pub(crate) fn at(&self, place: u32) -> Option<&Policy> {
        self.policies.get(place as usize)
    }

    /// The id of the only policy, where there is one only.
    #[must_use]
    #[inline]
    pub fn only(&self) -> Option<PolicyId> {
        match &*self.policies {
            [policy] => Some(policy.id),
            _ => None,
        }
    }

    /// Whether the document has routes at all. Without any, every [`Target::Route`] is unrouted.
    #[must_use]
    pub fn has_routes(&self) -> bool {
        !self.routes.is_empty()
    }

    /// All routes: those with a host first, by host and path.
    pub fn routes(&self) -> impl Iterator<Item = Route<'_>> {
        let id = |place| self.at(place).map(|policy| policy.id);
        self.routes.iter().filter_map(move |(host, path, place)| Some(Route { host, path, policy: id(place)? }))
    }

    /// What becomes of requests that no route covers.
    #[must_use]
    pub fn unrouted(&self) -> Unrouted {
        self.unrouted
    }

    /// All policies, in document order.
    pub fn iter(&self) -> impl Iterator<Item = (PolicyId, &Policy)> {
        self.policies.iter().map(|policy| (policy.id, policy))
    }
}
