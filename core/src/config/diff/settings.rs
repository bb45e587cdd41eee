//! What a policy says once: settings, own origins, timings.

use super::{Effect, What};
use crate::outcome::{Upstream, Verdict};
use crate::policy::{DeniedRequests, Policy, Preflight, Settings};
use crate::request::Request;

pub(super) fn compare(old: &Policy, new: &Policy) -> Vec<What> {
    let mut changes = settings(old.settings(), new.settings());
    let added = lacking(new, old);
    if !added.is_empty() {
        changes.push(What::OwnOriginsAdded { origins: added });
    }
    let removed = lacking(old, new);
    if !removed.is_empty() {
        changes.push(What::OwnOriginsRemoved { origins: removed });
    }
    if old.timing_allow_origin() != new.timing_allow_origin() {
        let [old, new] = [old, new].map(|policy| policy.timing_allow_origin().to_vec());
        changes.push(What::TimingAllowOriginChanged { old, new });
    }
    changes
}

fn settings(old: Settings, new: Settings) -> Vec<What> {
    let mut changes = Vec::new();
    let mut compare = |key, old: String, new: String, effect| {
        if old != new {
            changes.push(What::SettingChanged { key, old: old.into(), new: new.into(), effect });
        }
    };
    let rejects = new.denied_requests == DeniedRequests::Reject;
    let [of_old, of_new] = [old, new].map(|settings| settings.denied_requests.as_str().to_owned());
    compare("denied_requests", of_old, of_new, Effect::of(!rejects, rejects));
    let [of_old, of_new] = [old, new].map(|settings| settings.preflight.as_str().to_owned());
    compare("preflight", of_old, of_new, Effect::Neither);
    let [of_old, of_new] = [old, new].map(|settings| settings.preflight_answer.as_str().to_owned());
    compare("preflight_answer", of_old, of_new, Effect::Neither);
    // Whoever forwards preflights answers none.
    if old.preflight == Preflight::Answer && new.preflight == Preflight::Answer {
        let [of_old, of_new] = [old, new].map(|settings| settings.preflight_status.to_string());
        compare("preflight_status", of_old, of_new, Effect::Neither);
        let [of_old, of_new] = [old, new].map(|settings| settings.refused_preflight_status.to_string());
        compare("refused_preflight_status", of_old, of_new, Effect::Neither);
    }
    let keeps = new.upstream == Upstream::Keep;
    let [of_old, of_new] = [old, new].map(|settings| settings.upstream.as_str().to_owned());
    compare("upstream", of_old, of_new, Effect::of(keeps, !keeps));
    let allows = new.allow_private_network;
    let [of_old, of_new] = [old, new].map(|settings| settings.allow_private_network.to_string());
    compare("allow_private_network", of_old, of_new, Effect::of(allows, !allows));
    changes
}

/// The own origins of `policy` that `other` does not have. Grants come first, so one that is in a
/// grant changes nothing.
fn lacking(policy: &Policy, other: &Policy) -> Vec<Box<str>> {
    let known: std::collections::HashSet<&str> = other.own_origins().collect();
    let is_own = |origin: &&str| policy.decide(&Request::new("GET").origin(*origin)).verdict() == Verdict::SameOrigin;
    policy.own_origins().filter(|origin| !known.contains(origin)).filter(is_own).map(Into::into).collect()
}
