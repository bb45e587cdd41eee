//! One difference between two sets of policies, and its description.

use core::fmt;

use super::effect::Effect;
use super::rights::Rights;
use crate::config::diagnostic::quote;
use crate::policy::ListedRow;
use crate::route::Unrouted;

/// How many rows or origins a sentence names.
const NAMED: usize = 3;

/// One difference between two sets of policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    policy: Option<Box<str>>,
    kind: ChangeKind,
}

/// The kind of a change, with its details.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeKind {
    /// The policy is new.
    PolicyAdded {
        /// How many rows it has.
        rows: usize,
    },
    /// The policy was removed: requests for it are refused.
    PolicyRemoved {
        /// How many rows it had.
        rows: usize,
    },
    /// Origins that were not allowed are allowed.
    OriginsAllowed {
        /// The rows that match them, in document order within each tier.
        rows: Vec<ChangedRow>,
        /// Their rights now.
        rights: Rights,
        /// The rights that other rows gave to some of them before.
        others: Vec<Rights>,
    },
    /// Origins that were allowed are no longer allowed.
    OriginsDenied {
        /// The rows that matched them.
        rows: Vec<ChangedRow>,
        /// Their rights before.
        rights: Rights,
        /// The rights that other rows still give to some of them.
        others: Vec<Rights>,
    },
    /// The `*` of wildcards stands for fewer or more labels than before. The rights are the same.
    DepthChanged {
        /// The rows as they are now.
        rows: Vec<ChangedRow>,
        /// The rights of the origins that they match.
        rights: Rights,
        /// The most labels before; `None` is any number.
        old: Option<u8>,
        /// The most labels now.
        new: Option<u8>,
    },
    /// The same origins have other rights.
    RightsChanged {
        /// The rows that match them.
        rows: Vec<ChangedRow>,
        /// Their rights before.
        old: Rights,
        /// Their rights now.
        new: Rights,
    },
    /// Grants changed places: of two rows that match the same origin, the other one decides now.
    OrderChanged {
        /// The rows that decide now.
        rows: Vec<ChangedRow>,
        /// The rows that decided before.
        before: Vec<ChangedRow>,
        /// The rights before of the origins that both match.
        old: Rights,
        /// Their rights now.
        new: Rights,
    },
    /// A key that applies to all rows of the policy.
    SettingChanged {
        /// As documents write it.
        key: &'static str,
        /// The value before.
        old: Box<str>,
        /// The value now.
        new: Box<str>,
        /// Whether the new value allows more or less.
        effect: Effect,
    },
    /// The service counts these origins as its own.
    OwnOriginsAdded {
        /// In document order.
        origins: Vec<Box<str>>,
    },
    /// The service no longer counts these origins as its own.
    OwnOriginsRemoved {
        /// In document order.
        origins: Vec<Box<str>>,
    },
    /// Other origins may read timings.
    TimingAllowOriginChanged {
        /// Before.
        old: Vec<Box<str>>,
        /// Now.
        new: Vec<Box<str>>,
    },
    /// A route leads to the policy.
    RouteAdded {
        /// `None` is every host.
        host: Option<Box<str>>,
        /// Empty is every path.
        path: Box<str>,
    },
    /// A route that led to the policy is gone.
    RouteRemoved {
        /// `None` is every host.
        host: Option<Box<str>>,
        /// Empty is every path.
        path: Box<str>,
    },
    /// A route leads to the policy that led to another one.
    RouteChanged {
        /// `None` is every host.
        host: Option<Box<str>>,
        /// Empty is every path.
        path: Box<str>,
        /// The policy that it led to.
        old: Box<str>,
    },
    /// The treatment of requests that match no route.
    UnroutedChanged {
        /// Before.
        old: Unrouted,
        /// Now.
        new: Unrouted,
    },
}

/// A row as it is written in its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedRow {
    text: Box<str>,
    is_expression: bool,
    depth: Option<u8>,
}

impl ChangedRow {
    /// The pattern, or the expression.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the text is a regular expression.
    #[must_use]
    pub fn is_expression(&self) -> bool {
        self.is_expression
    }

    /// The most labels that a leading `*.` covers, where that is limited.
    #[must_use]
    pub fn depth(&self) -> Option<u8> {
        self.depth
    }

    pub(super) fn with_depth(self, depth: Option<u8>) -> Self {
        Self { depth, ..self }
    }
}

impl From<ListedRow<'_>> for ChangedRow {
    fn from(row: ListedRow<'_>) -> Self {
        Self { text: row.text().into(), is_expression: row.is_expression(), depth: row.depth() }
    }
}

/// `` `https://*.example.com` (depth 1) ``
impl fmt::Display for ChangedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.text)?;
        match self.depth {
            Some(depth) => write!(f, " (depth {depth})"),
            None if self.is_expression => f.write_str(" (regex)"),
            None => Ok(()),
        }
    }
}

impl Change {
    pub(super) fn of_policy(policy: &str, kind: ChangeKind) -> Self {
        Self { policy: Some(policy.into()), kind }
    }

    pub(super) fn of_set(kind: ChangeKind) -> Self {
        Self { policy: None, kind }
    }

    /// The policy that changed; for a route, the policy it leads to or led to. `None` if the change
    /// affects all policies.
    #[must_use]
    pub fn policy(&self) -> Option<&str> {
        self.policy.as_deref()
    }

    /// The kind of the change, with its details.
    #[must_use]
    pub fn kind(&self) -> &ChangeKind {
        &self.kind
    }

    /// Whether the change allows more or less than before.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match &self.kind {
            ChangeKind::PolicyAdded { rows } => Effect::of(*rows > 0, false),
            ChangeKind::PolicyRemoved { rows } => Effect::of(false, *rows > 0),
            ChangeKind::OriginsAllowed { rights, others, .. } => {
                others.iter().fold(Effect::Widens, |effect, other| effect.and(other.effect_of(rights)))
            }
            ChangeKind::OriginsDenied { rights, others, .. } => {
                others.iter().fold(Effect::Narrows, |effect, other| effect.and(rights.effect_of(other)))
            }
            ChangeKind::DepthChanged { old, new, .. } => Effect::of(is_deeper(*new, *old), is_deeper(*old, *new)),
            ChangeKind::OwnOriginsAdded { .. } => Effect::Widens,
            ChangeKind::OwnOriginsRemoved { .. } => Effect::Narrows,
            ChangeKind::RightsChanged { old, new, .. } | ChangeKind::OrderChanged { old, new, .. } => {
                old.effect_of(new)
            }
            ChangeKind::SettingChanged { effect, .. } => *effect,
            ChangeKind::TimingAllowOriginChanged { old, new } => {
                let lacks = |list: &[Box<str>], name: &str| !list.iter().any(|known| [name, "*"].contains(&&**known));
                Effect::of(new.iter().any(|name| lacks(old, name)), old.iter().any(|name| lacks(new, name)))
            }
            ChangeKind::UnroutedChanged { new, .. } => Effect::of(*new == Unrouted::Pass, *new == Unrouted::Deny),
            ChangeKind::RouteAdded { .. } | ChangeKind::RouteRemoved { .. } | ChangeKind::RouteChanged { .. } => {
                Effect::Neither
            }
        }
    }

    /// The rows that match the origins concerned.
    #[must_use]
    pub fn rows(&self) -> &[ChangedRow] {
        match &self.kind {
            ChangeKind::OriginsAllowed { rows, .. }
            | ChangeKind::OriginsDenied { rows, .. }
            | ChangeKind::DepthChanged { rows, .. }
            | ChangeKind::RightsChanged { rows, .. }
            | ChangeKind::OrderChanged { rows, .. } => rows,
            _ => &[],
        }
    }
}

impl ChangeKind {
    /// The name in every binding. Permanent.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::PolicyAdded { .. } => "policy-added",
            Self::PolicyRemoved { .. } => "policy-removed",
            Self::OriginsAllowed { .. } => "origins-allowed",
            Self::OriginsDenied { .. } => "origins-denied",
            Self::DepthChanged { .. } => "depth-changed",
            Self::RightsChanged { .. } => "rights-changed",
            Self::OrderChanged { .. } => "order-changed",
            Self::SettingChanged { .. } => "setting-changed",
            Self::OwnOriginsAdded { .. } => "own-origins-added",
            Self::OwnOriginsRemoved { .. } => "own-origins-removed",
            Self::TimingAllowOriginChanged { .. } => "timing-allow-origin-changed",
            Self::RouteAdded { .. } => "route-added",
            Self::RouteRemoved { .. } => "route-removed",
            Self::RouteChanged { .. } => "route-changed",
            Self::UnroutedChanged { .. } => "unrouted-changed",
        }
    }
}

/// The change in a few words, without the names of policy and rows.
impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PolicyAdded { rows } => write!(f, "added, with {}", counted(*rows)),
            Self::PolicyRemoved { rows } => write!(f, "removed, with {}", counted(*rows)),
            Self::OriginsAllowed { rights, others, .. } => {
                write!(f, "newly allowed, {rights}")?;
                write_others(f, "some were already allowed by other rows", others)
            }
            Self::OriginsDenied { rights, others, .. } => {
                write!(f, "no longer allowed, previously {rights}")?;
                write_others(f, "some are still allowed by other rows", others)
            }
            Self::DepthChanged { rights, old, new, .. } => {
                write!(f, "`*` now stands for {}, previously for {}; {rights}", labels(*new), labels(*old))
            }
            Self::RightsChanged { old, new, .. } => write_changes(f, old, new),
            Self::OrderChanged { old, new, .. } => {
                f.write_str("now takes precedence over rows that came first: ")?;
                write_changes(f, old, new)
            }
            Self::SettingChanged { key, old, new, .. } => write!(f, "{key}: {old} → {new}"),
            Self::OwnOriginsAdded { origins } => write!(f, "added to own_origins: {}", named(origins)),
            Self::OwnOriginsRemoved { origins } => write!(f, "removed from own_origins: {}", named(origins)),
            Self::TimingAllowOriginChanged { old, new } => {
                write!(f, "timing_allow_origin: {} → {}", named(old), named(new))
            }
            Self::RouteAdded { host, path } => write!(f, "{} now leads to this policy", route(host.as_deref(), path)),
            Self::RouteRemoved { host, path } => {
                write!(f, "{} no longer leads to this policy", route(host.as_deref(), path))
            }
            Self::RouteChanged { host, path, old } => {
                write!(f, "{} now leads to this policy instead of {}", route(host.as_deref(), path), quote(old))
            }
            Self::UnroutedChanged { old, new } => write!(f, "unrouted: {} → {}", old.as_str(), new.as_str()),
        }
    }
}

/// The change as one sentence, with the first few rows.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(policy) = &self.policy {
            write!(f, "policy {}: ", quote(policy))?;
        }
        write!(f, "{}", self.kind)?;
        let rows = self.rows();
        for (index, row) in rows.iter().take(NAMED).enumerate() {
            write!(f, "{}{row}", if index == 0 { ": " } else { ", " })?;
        }
        if rows.len() > NAMED { write!(f, ", … and {} more", rows.len() - NAMED) } else { Ok(()) }
    }
}

/// ` (some are still allowed by other rows, without credentials)`
fn write_others(f: &mut fmt::Formatter<'_>, what: &str, others: &[Rights]) -> fmt::Result {
    match others {
        [] => Ok(()),
        [rights] => write!(f, " ({what}, {rights})"),
        _ => {
            let others: Vec<_> = others.iter().map(ToString::to_string).collect();
            write!(f, " ({what}: {})", others.join("; or "))
        }
    }
}

fn write_changes(f: &mut fmt::Formatter<'_>, old: &Rights, new: &Rights) -> fmt::Result {
    let changes: Vec<_> = old.changes_to(new).iter().map(ToString::to_string).collect();
    f.write_str(&changes.join("; "))
}

/// Whether a depth covers more labels than another one.
fn is_deeper(depth: Option<u8>, other: Option<u8>) -> bool {
    other.is_some_and(|other| depth.is_none_or(|depth| depth > other))
}

fn labels(depth: Option<u8>) -> String {
    match depth {
        None => "any number of labels".to_owned(),
        Some(1) => "one label only".to_owned(),
        Some(depth) => format!("at most {depth} labels"),
    }
}

fn counted(rows: usize) -> String {
    if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") }
}

/// The first few of a list.
pub(super) fn named(texts: &[Box<str>]) -> String {
    if texts.is_empty() {
        return "nothing".to_owned();
    }
    let named = texts.iter().take(NAMED).map(|text| quote(text)).collect::<Vec<_>>().join(", ");
    if texts.len() > NAMED { format!("{named}, … and {} more", texts.len() - NAMED) } else { named }
}

/// `` `api.example.com/v1` ``
fn route(host: Option<&str>, path: &str) -> String {
    match (host, path) {
        (None, "") => "every request".to_owned(),
        (host, path) => quote(&format!("{}{path}", host.unwrap_or("*"))),
    }
}
