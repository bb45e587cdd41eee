//! Whether a change is why two sets of policies answer a request differently.

use std::cell::Cell;
use std::collections::BTreeMap;

use corsac::diff::{Change, ChangeKind, ChangedRow, Diff, Rights, RightsChange};
use corsac::{Policy, Reason, Verdict};
use corsac_tests::generate::requests::Request;
use corsac_tests::oracle::expression::Expression;
use corsac_tests::oracle::origin::{Parsed, parse};
use corsac_tests::oracle::row::Row;

use super::Decided;

/// One answer, as far as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Answer {
    policy: Option<String>,
    verdict: Verdict,
    reason: Reason,
    status: Option<u16>,
    set: BTreeMap<&'static str, Vec<Vec<u8>>>,
    vary: Vec<&'static str>,
    upstream: &'static str,
}

/// Two answers that are not the same.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    old: Answer,
    new: Answer,
}

impl Answer {
    fn of((policies, decision): Decided<'_>) -> Self {
        let mut set: BTreeMap<_, Vec<_>> = BTreeMap::new();
        decision.set().for_each(|(name, value)| set.entry(name).or_default().push(value.to_vec()));
        Self {
            policy: decision.policy().and_then(|id| policies.get(id)).map(Policy::name).map(String::from),
            verdict: decision.verdict(),
            reason: decision.reason(),
            status: decision.status(),
            set,
            vary: decision.vary().names().collect(),
            upstream: decision.upstream().as_str(),
        }
    }

    /// Whether a row matched the origin.
    fn is_granted(&self) -> bool {
        !matches!(
            self.reason,
            Reason::NoOrigin
                | Reason::OwnOrigin
                | Reason::OriginMalformed
                | Reason::OriginRepeated
                | Reason::OriginNull
                | Reason::OriginNotAllowed
                | Reason::NoPolicy
                | Reason::PathAmbiguous
                | Reason::Internal
        )
    }
}

impl Difference {
    pub(crate) fn between(old: Decided<'_>, new: Decided<'_>) -> Option<Self> {
        let (old, new) = (Answer::of(old), Answer::of(new));
        let parts = |answer: &Answer| Answer { policy: None, ..answer.clone() };
        (parts(&old) != parts(&new)).then_some(Self { old, new })
    }

    pub(crate) fn is_flip(&self) -> bool {
        (self.old.verdict, self.old.reason) != (self.new.verdict, self.new.reason)
    }
}

/// What of a difference no change of the policy explains; `None` where all is. `name` is the policy
/// that was asked, if it was not for the routes to choose. `by_order` counts what nothing but the
/// order of grants explains.
pub(crate) fn unexplained(
    diff: &Diff,
    name: Option<&str>,
    request: &Request,
    difference: &Difference,
    by_order: &Cell<u32>,
) -> Option<String> {
    let Difference { old, new } = difference;
    let name = match name {
        Some(name) => name,
        None if old.policy == new.policy && old.reason == new.reason && old.policy.is_some() => {
            old.policy.as_deref()?
        }
        None => {
            let is_route = |change: &Change| {
                use ChangeKind::{RouteAdded, RouteChanged, RouteRemoved, UnroutedChanged};
                matches!(
                    change.kind(),
                    RouteAdded { .. } | RouteChanged { .. } | RouteRemoved { .. } | UnroutedChanged { .. }
                )
            };
            if old.policy != new.policy || old.policy.is_none() {
                return (!diff.changes().iter().any(is_route)).then(|| "no route changed".into());
            }
            old.policy.as_deref()?
        }
    };
    let changes: Vec<_> = diff.changes().iter().filter(|change| change.policy() == Some(name)).collect();
    if old.policy.is_none() || new.policy.is_none() {
        let expected = if old.policy.is_none() { "policy-added" } else { "policy-removed" };
        let any = changes.iter().any(|change| change.kind().as_str() == expected);
        return (!any).then(|| format!("no {expected}"));
    }
    Explained { changes, origin: Origin::of(request), request }.lacks(difference, by_order)
}

/// The origin that a request names.
enum Origin {
    None,
    Null,
    Valid(Parsed),
    /// Nothing that a row but `*` matches.
    Other,
}

impl Origin {
    fn of(request: &Request) -> Self {
        match request.origins.as_slice() {
            [] => Self::None,
            [origin] if origin == b"null" => Self::Null,
            [origin] => parse(origin).map_or(Self::Other, Self::Valid),
            _ => Self::Other,
        }
    }

    fn matches(&self, row: &ChangedRow) -> bool {
        match (row.text(), self) {
            ("*", _) => true,
            ("null", Self::Null) => true,
            ("null", _) => false,
            (text, Self::Valid(origin)) if row.is_expression() => Expression::parse(text).matches(origin),
            (text, Self::Valid(origin)) => Row::parse(text, row.depth().map(usize::from)).matches(origin),
            _ => false,
        }
    }

    fn any(&self, rows: &[ChangedRow]) -> bool {
        rows.iter().any(|row| self.matches(row))
    }
}

struct Explained<'d> {
    changes: Vec<&'d Change>,
    origin: Origin,
    request: &'d Request,
}

impl Explained<'_> {
    fn lacks(&self, Difference { old, new }: &Difference, by_order: &Cell<u32>) -> Option<String> {
        let by_star = self.changes.iter().any(|change| change.rows().iter().any(|row| row.text() == "*"));
        match (old.is_granted(), new.is_granted()) {
            (false, true) => {
                return self.missing("origins-allowed", |what| {
                    matches!(what, ChangeKind::OriginsAllowed { rows, .. } if self.origin.any(rows))
                        || self.gains_or_loses(what).0
                });
            }
            (true, false) => {
                return self.missing("origins-denied", |what| {
                    matches!(what, ChangeKind::OriginsDenied { rows, .. } if self.origin.any(rows))
                        || self.gains_or_loses(what).1
                });
            }
            (false, false) if old.reason != new.reason && !by_star => {
                return self.missing("own origin", |what| self.is_own(what));
            }
            _ => {}
        }
        if by_star {
            return None;
        }
        let outcome = ((old.verdict, old.reason), (new.verdict, new.reason));
        let parts = [
            ("outcome", outcome.0 != outcome.1),
            ("status", old.status != new.status),
            ("vary", old.vary != new.vary),
            ("upstream", old.upstream != new.upstream),
        ];
        let names = old.set.keys().chain(new.set.keys()).map(|name| (*name, old.set.get(name) != new.set.get(name)));
        let parts: Vec<_> =
            parts.into_iter().chain(names).filter(|(_, differs)| *differs).map(|(name, _)| name).collect();
        if old.is_granted() && parts.iter().all(|part| !self.by_others_than_order(part)) {
            by_order.set(by_order.get() + 1);
        }
        parts.iter().find(|part| !self.explains(part)).map(|part| format!("{part} is not explained"))
    }

    fn missing(&self, what: &str, test: impl Fn(&ChangeKind) -> bool) -> Option<String> {
        (!self.changes.iter().any(|change| test(change.kind()))).then(|| format!("no {what} that concerns the origin"))
    }

    /// Whether the origin is at a depth that only the new rows cover, or only the old ones.
    fn gains_or_loses(&self, what: &ChangeKind) -> (bool, bool) {
        let (ChangeKind::DepthChanged { rows, old, new, .. }, Origin::Valid(origin)) = (what, &self.origin) else {
            return (false, false);
        };
        let covers =
            |row: &ChangedRow, depth: Option<u8>| Row::parse(row.text(), depth.map(usize::from)).matches(origin);
        let any = |test: fn(bool, bool) -> bool| rows.iter().any(|row| test(covers(row, *old), covers(row, *new)));
        (any(|old, new| !old && new), any(|old, new| old && !new))
    }

    fn is_own(&self, what: &ChangeKind) -> bool {
        match (what, &self.origin) {
            (
                ChangeKind::OwnOriginsAdded { origins } | ChangeKind::OwnOriginsRemoved { origins },
                Origin::Valid(origin),
            ) => origins.iter().any(|own| **own == *origin.text),
            _ => false,
        }
    }

    fn explains(&self, part: &str) -> bool {
        self.by_others_than_order(part) || self.by_rights(part, true)
    }

    fn by_others_than_order(&self, part: &str) -> bool {
        self.by_setting(part) || self.by_rights(part, false)
    }

    /// Which settings a part of an answer depends on.
    fn by_setting(&self, part: &str) -> bool {
        let is_preflight = !self.request.request_methods.is_empty();
        let keys: &[&str] = match part {
            "status" if is_preflight => &[
                "preflight",
                "preflight_status",
                "refused_preflight_status",
                "preflight_answer",
                "allow_private_network",
                "denied_requests",
            ],
            "status" | "cache-control" => &["denied_requests"],
            "upstream" => &["upstream"],
            "vary" => &["allow_private_network"],
            "timing-allow-origin" => {
                return self
                    .changes
                    .iter()
                    .any(|change| matches!(change.kind(), ChangeKind::TimingAllowOriginChanged { .. }));
            }
            "access-control-allow-methods" | "access-control-allow-headers" => {
                &["preflight_answer", "allow_private_network"]
            }
            // A list of which only what was asked for is answered has other bounds.
            _ => &["allow_private_network", "preflight_answer"],
        };
        let is_key = |what: &ChangeKind| matches!(what, ChangeKind::SettingChanged { key, .. } if keys.contains(key));
        let private_only = |what: &ChangeKind| {
            matches!(what, ChangeKind::SettingChanged { key: "allow_private_network", .. })
                && part != "vary"
                && self.request.private_network.is_empty()
        };
        self.changes.iter().any(|change| is_key(change.kind()) && !private_only(change.kind()))
    }

    /// Whether the rights of a row that matches, or of rows whose grants changed places, are other
    /// ones in a key that the part depends on.
    fn by_rights(&self, part: &str, by_order: bool) -> bool {
        self.changes.iter().any(|change| match change.kind() {
            ChangeKind::OriginsAllowed { rows, rights, others } if !by_order => {
                self.origin.any(rows) && others.iter().any(|other| has_key(part, other, rights))
            }
            ChangeKind::OriginsDenied { rows, rights, others } if !by_order => {
                self.origin.any(rows) && others.iter().any(|other| has_key(part, rights, other))
            }
            ChangeKind::RightsChanged { rows, old, new } if !by_order => {
                self.origin.any(rows) && has_key(part, old, new)
            }
            ChangeKind::OrderChanged { rows, before, old, new } if by_order => {
                self.origin.any(rows) && self.origin.any(before) && has_key(part, old, new)
            }
            _ => false,
        })
    }
}

fn has_key(part: &str, old: &Rights, new: &Rights) -> bool {
    let keys: Vec<_> = old.changes_to(new).iter().map(RightsChange::key).collect();
    // What is refused for the names that it asks for, or as a POST, carries nothing at all.
    let needed: &[&str] = match part {
        "access-control-allow-methods"
        | "access-control-allow-headers"
        | "access-control-allow-credentials"
        | "outcome"
        | "status"
        | "access-control-allow-origin"
        | "access-control-allow-private-network" => &["allow_methods", "allow_headers", "allow_credentials"],
        "access-control-expose-headers" => &["expose_headers"],
        "access-control-max-age" => &["max_age", "allow_methods", "allow_headers"],
        _ => &[],
    };
    needed.iter().any(|key| keys.contains(key))
}
