//! All policies of one document: the unit that decisions use and a reload replaces.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::outcome::PolicyId;
use crate::policy::Policy;
use crate::route::{Route, Routes, Unrouted};

/// All policies of one document, and the routes that lead to them: one snapshot.
#[derive(Debug)]
pub struct Policies {
    /// In document order.
    policies: Box<[Policy]>,
    /// By the place of an id: where the policy is. An id may have none, where the policy of that name
    /// is gone.
    places: Box<[Option<u32>]>,
    /// Whose ids these are: a number of this set's own or, once it was in an engine, of that engine's.
    owner: u32,
    /// Whether an engine has or had this set, so that the ids are the engine's.
    is_served: bool,
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

/// The ids that names have been given by one owner, each for good.
#[derive(Debug)]
pub(crate) struct PolicyIds {
    owner: u32,
    ids: HashMap<Arc<str>, PolicyId>,
    /// The same names, by the place of their ids.
    names: Vec<Arc<str>>,
}

/// The number of the next owner. After as many as fit into 32 bits, sets have no ids: only routes lead
/// to their policies, and everything that is asked by id is `no-policy`.
static NEXT_OWNER: AtomicU64 = AtomicU64::new(1);

impl PolicyIds {
    /// For an owner that no one was before.
    fn of_new_owner() -> Self {
        // Relaxed: no two callers get the same number, and nothing else is ordered by it.
        let number = NEXT_OWNER.fetch_add(1, Ordering::Relaxed);
        Self::of_owner(u32::try_from(number).unwrap_or(0))
    }

    fn of_owner(owner: u32) -> Self {
        Self { owner, ids: HashMap::new(), names: Vec::new() }
    }

    /// Those that an engine goes on with whose first set this is: ids that were looked up in the set
    /// stay good. A set that another engine had brings none, or ids of both would meet.
    pub(crate) fn of_first(set: &Policies) -> Self {
        if set.is_served {
            return Self::of_new_owner();
        }
        let mut ids = Self::of_owner(set.owner);
        set.policies.iter().for_each(|policy| {
            ids.get_or_give(&policy.name);
        });
        ids
    }

    pub(crate) fn get(&self, name: &str) -> Option<PolicyId> {
        self.ids.get(name).copied().filter(|id| *id != PolicyId::NONE)
    }

    /// The name that has this id.
    pub(crate) fn name(&self, id: PolicyId) -> Option<&Arc<str>> {
        self.names.get(id.place()).filter(|_| id != PolicyId::NONE && id.owner() == self.owner)
    }

    fn get_or_give(&mut self, name: &str) -> PolicyId {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = PolicyId::new(self.owner, self.names.len());
        let name: Arc<str> = name.into();
        self.ids.insert(Arc::clone(&name), id);
        self.names.push(name);
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
        let set =
            Self { policies, places: Box::default(), owner: 0, is_served: false, routes, unrouted, generation: 1 };
        set.under(&mut PolicyIds::of_new_owner())
    }

    /// The same set as an engine serves it, under the ids that its names have, or are given now.
    pub(crate) fn served(self, ids: &mut PolicyIds, generation: u64) -> Self {
        Self { generation, is_served: true, ..self.under(ids) }
    }

    fn under(mut self, ids: &mut PolicyIds) -> Self {
        for policy in &mut self.policies {
            policy.id = ids.get_or_give(&policy.name);
        }
        let mut places = vec![None; ids.names.len()];
        for (place, policy) in (0..).zip(&self.policies) {
            let of_id = places.get_mut(policy.id.place()).filter(|_| policy.id != PolicyId::NONE);
            if let Some(of_id) = of_id {
                *of_id = Some(place);
            }
        }
        Self { places: places.into_boxed_slice(), owner: ids.owner, ..self }
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
        let id = self.iter().find(|(_, policy)| policy.name() == name).map(|(id, _)| id);
        id.filter(|id| *id != PolicyId::NONE)
    }

    /// The policy with this id.
    #[must_use]
    #[inline]
    pub fn get(&self, id: PolicyId) -> Option<&Policy> {
        match &*self.policies {
            // Nothing waits for a place to be loaded: 3 ns of each decision by a document of one
            // policy.
            [policy] if policy.id == id && id != PolicyId::NONE => Some(policy),
            _ if id.owner() == self.owner => self.at((*self.places.get(id.place())?)?),
            _ => None,
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
            [policy] if policy.id != PolicyId::NONE => Some(policy.id),
            _ => None,
        }
    }

    /// Whether the document has routes at all. Without any, every [`Target::Route`] is unrouted.
    #[must_use]
    pub fn has_routes(&self) -> bool {
        !self.routes.is_empty()
    }

    /// Whether requests that name no policy have one: the only one, or that which routes choose.
    pub(crate) fn choose_without_name(&self) -> bool {
        self.only().is_some() || self.has_routes()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::builder::PolicyBuilder;

    fn policy(name: &str) -> Policy {
        PolicyBuilder::new(name).allow_origins(["https://a.example"]).build().unwrap()
    }

    /// As it would be after 2³² sets.
    #[test]
    fn without_an_owner_nothing_has_an_id() {
        for names in [vec!["a"], vec!["a", "b"]] {
            let set = Policies::new(names.iter().map(|name| policy(name))).unwrap();
            let mut ids = PolicyIds::of_owner(0);
            let set = set.served(&mut ids, 1);
            assert!(names.iter().all(|name| set.id(name).is_none() && ids.get(name).is_none()));
            assert_eq!((set.only(), ids.name(PolicyId::NONE)), (None, None));
            for number in [0, 1, u64::from(u32::MAX), u64::MAX] {
                assert!(set.get(PolicyId(number)).is_none(), "{number}");
            }
        }
    }
}
