//! What a policy has once: settings, own origins, `timing_allow_origin`.

use super::change::ChangeKind;
use super::effect::Effect;
use crate::outcome::{Upstream, Verdict};
use crate::policy::{DeniedRequests, Policy, Preflight, SettingValue, Settings};
use crate::request::Request;

pub(super) fn compare(old: &Policy, new: &Policy) -> Vec<ChangeKind> {
    let mut changes = settings(old.settings(), new.settings());
    let added = lacking(new, old);
    if !added.is_empty() {
        changes.push(ChangeKind::OwnOriginsAdded { origins: added });
    }
    let removed = lacking(old, new);
    if !removed.is_empty() {
        changes.push(ChangeKind::OwnOriginsRemoved { origins: removed });
    }
    if old.timing_allow_origin() != new.timing_allow_origin() {
        let [old, new] = [old, new].map(|policy| policy.timing_allow_origin().to_vec());
        changes.push(ChangeKind::TimingAllowOriginChanged { old, new });
    }
    changes
}

fn settings(old: &Settings, new: &Settings) -> Vec<ChangeKind> {
    let both = old.values().into_iter().zip(new.values());
    let changed = both.filter(|((key, old), (_, new))| old != new && *key != "timing_allow_origin");
    // A policy that forwards preflights answers none.
    let answers = old.preflight == Preflight::Answer && new.preflight == Preflight::Answer;
    let has_effect = |key: &str| answers || !matches!(key, "preflight_status" | "refused_preflight_status");
    let change = |((key, value), (_, now)): ((&'static str, SettingValue<'_>), (_, SettingValue<'_>))| {
        let (old, new) = (value.to_string().into(), now.to_string().into());
        ChangeKind::SettingChanged { key, old, new, effect: effect(key, now) }
    };
    changed.filter(|((key, _), _)| has_effect(key)).map(change).collect()
}

/// Whether the new value of a setting allows more than the other one.
fn effect(key: &str, new: SettingValue<'_>) -> Effect {
    let widens = match key {
        "denied_requests" => new == SettingValue::Word(DeniedRequests::Forward.as_str()),
        "upstream" => new == SettingValue::Word(Upstream::Keep.as_str()),
        "allow_private_network" => new == SettingValue::Boolean(true),
        _ => return Effect::Neither,
    };
    Effect::of(widens, !widens)
}

/// The own origins of `policy` that `other` does not have. An origin in a grant is omitted: grants
/// take precedence.
fn lacking(policy: &Policy, other: &Policy) -> Vec<Box<str>> {
    let known: std::collections::HashSet<&str> = other.own_origins().collect();
    let is_own = |origin: &&str| policy.decide(&Request::new("GET").origin(*origin)).verdict() == Verdict::SameOrigin;
    policy.own_origins().filter(|origin| !known.contains(origin)).filter(is_own).map(Into::into).collect()
}
