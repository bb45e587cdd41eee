//! Which policy covers a host and path.

use std::collections::BTreeMap;

use super::change::{Change, ChangeKind};
use crate::policy::{Policies, Policy};

/// Host and path of a route, and the name of the policy that it leads to.
type Routes<'p> = BTreeMap<(Option<&'p str>, &'p str), &'p str>;

pub(super) fn compare(old: &Policies, new: &Policies) -> Vec<Change> {
    let (before, now) = (named(old), named(new));
    let mut changes = Vec::new();
    for (&(host, path), &policy) in &now {
        let known = before.get(&(host, path)).copied();
        if known == Some(policy) {
            continue;
        }
        let (host, path) = (host.map(Into::into), path.into());
        let kind = match known {
            Some(known) => ChangeKind::RouteChanged { host, path, old: known.into() },
            None => ChangeKind::RouteAdded { host, path },
        };
        changes.push(Change::of_policy(policy, kind));
    }
    for (&(host, path), &policy) in before.iter().filter(|(route, _)| !now.contains_key(route)) {
        let kind = ChangeKind::RouteRemoved { host: host.map(Into::into), path: path.into() };
        changes.push(Change::of_policy(policy, kind));
    }
    if old.unrouted() != new.unrouted() {
        changes.push(Change::of_set(ChangeKind::UnroutedChanged { old: old.unrouted(), new: new.unrouted() }));
    }
    changes
}

fn named(policies: &Policies) -> Routes<'_> {
    let routes = policies.routes();
    routes.map(|route| ((route.host, route.path), policies.get(route.policy).map_or("", Policy::name))).collect()
}
