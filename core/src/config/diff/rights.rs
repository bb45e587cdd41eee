//! The rights of the origins of a row, and how they change.

use core::fmt;
use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::effect::Effect;
use crate::method::READING;
use crate::policy::{self, Policy, PreflightAnswer};

/// The rights of the origins of a row: those of its grant, after inheritance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights(policy::Rights);

impl Rights {
    /// The methods that preflights may ask for, beside `GET` and `HEAD`; `["*"]` is any.
    #[must_use]
    pub fn allow_methods(&self) -> &[Box<str>] {
        &self.0.methods
    }

    /// The request headers; a `*` is any except `authorization`.
    #[must_use]
    pub fn allow_headers(&self) -> &[Box<str>] {
        &self.0.headers
    }

    /// The response headers that pages may read.
    #[must_use]
    pub fn expose_headers(&self) -> &[Box<str>] {
        &self.0.expose
    }

    /// Whether requests may carry credentials.
    #[must_use]
    pub fn allow_credentials(&self) -> bool {
        self.0.credentials
    }

    /// How long a browser may cache the response to a preflight, in seconds.
    #[must_use]
    pub fn max_age(&self) -> Option<u32> {
        self.0.max_age
    }

    /// The changes to `new`, key by key.
    #[must_use]
    pub fn changes_to(&self, new: &Self) -> Vec<RightsChange> {
        let mut changes = Vec::new();
        if self.allow_credentials() != new.allow_credentials() {
            changes.push(RightsChange::Credentials { gained: new.allow_credentials() });
        }
        let lists = [Self::allow_methods, Self::allow_headers, Self::expose_headers];
        let keys = [Key::Methods, Key::Headers, Key::Expose];
        changes.extend(keys.into_iter().zip(lists).filter_map(|(key, list)| key.change(list(self), list(new))));
        if self.max_age() != new.max_age() {
            changes.push(RightsChange::MaxAge { old: self.max_age(), new: new.max_age() });
        }
        changes
    }

    /// Whether `new` allows more or less.
    pub(super) fn effect_of(&self, new: &Self) -> Effect {
        self.changes_to(new).iter().fold(Effect::Neither, |effect, change| effect.and(change.effect()))
    }

    /// Whether preflights that were allowed are refused under `new`.
    pub(super) fn loses_preflights(&self, new: &Self) -> bool {
        let changes = self.changes_to(new);
        changes.iter().any(|change| change.effect().narrows() && change.key() != "expose_headers")
    }

    /// Whether responses are the same under `new`. The order of a list is irrelevant if a preflight's
    /// response contains only the requested names of it.
    pub(super) fn answers_as(&self, new: &Self, old_answer: PreflightAnswer, new_answer: PreflightAnswer) -> bool {
        let named = |key: Key, old: &[Box<str>], new: &[Box<str>]| {
            let requested = |answer, credentials, list: &[Box<str>]| {
                answer == PreflightAnswer::Requested || (credentials && list.iter().any(|name| &**name == "*"))
            };
            let both = requested(old_answer, self.allow_credentials(), old)
                && requested(new_answer, self.allow_credentials(), new);
            old == new || (both && key.lacking(old, new).is_empty() && key.lacking(new, old).is_empty())
        };
        self.allow_credentials() == new.allow_credentials()
            && self.max_age() == new.max_age()
            && self.expose_headers() == new.expose_headers()
            && named(Key::Methods, self.allow_methods(), new.allow_methods())
            && named(Key::Headers, self.allow_headers(), new.allow_headers())
    }
}

/// `with credentials; methods PUT, DELETE; headers content-type; exposes x-request-id; max_age 600`
impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.allow_credentials() { "with credentials" } else { "without credentials" })?;
        for (what, list) in
            [("methods", self.allow_methods()), ("headers", self.allow_headers()), ("exposes", self.expose_headers())]
        {
            if !list.is_empty() {
                write!(f, "; {what} {}", list.join(", "))?;
            }
        }
        match self.max_age() {
            Some(seconds) => write!(f, "; max_age {seconds}"),
            None => Ok(()),
        }
    }
}

/// One key of the rights that is different.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RightsChange {
    /// Requests may carry credentials now, or may no longer.
    Credentials {
        /// They may now.
        gained: bool,
    },
    /// A list of names. Both lists are empty if only the spelling or order differs.
    Names {
        /// `allow_methods`, `allow_headers` or `expose_headers`.
        key: &'static str,
        /// Names that the old list does not cover.
        gained: Vec<Box<str>>,
        /// Names that the new list does not cover.
        lost: Vec<Box<str>>,
    },
    /// Seconds; `None` leaves it to the browser.
    MaxAge {
        /// Before.
        old: Option<u32>,
        /// Now.
        new: Option<u32>,
    },
}

impl RightsChange {
    /// The key of the grant, as documents write it.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Credentials { .. } => "allow_credentials",
            Self::Names { key, .. } => key,
            Self::MaxAge { .. } => "max_age",
        }
    }

    /// Whether it allows more or less.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self {
            Self::Credentials { gained: true } => Effect::Widens,
            Self::Credentials { gained: false } => Effect::Narrows,
            Self::Names { gained, lost, .. } => Effect::of(!gained.is_empty(), !lost.is_empty()),
            Self::MaxAge { .. } => Effect::Neither,
        }
    }
}

impl fmt::Display for RightsChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Credentials { gained: true } => f.write_str("gains credentials"),
            Self::Credentials { gained: false } => f.write_str("loses credentials"),
            Self::Names { key, gained, lost } if gained.is_empty() && lost.is_empty() => {
                write!(f, "{key} is written differently")
            }
            Self::Names { key, gained, lost } => {
                let verbs = [("gains", gained), ("loses", lost)];
                let parts = verbs.into_iter().filter(|(_, names)| !names.is_empty());
                let parts: Vec<_> = parts.map(|(verb, names)| format!("{verb} {}", names.join(", "))).collect();
                write!(f, "{key} {}", parts.join(" and "))
            }
            Self::MaxAge { old, new } => {
                let shown = |age: &Option<u32>| age.map_or("unset".to_owned(), |seconds| seconds.to_string());
                write!(f, "max_age {} → {}", shown(old), shown(new))
            }
        }
    }
}

/// A list of names in the rights of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Methods,
    Headers,
    Expose,
}

impl Key {
    fn change(self, old: &[Box<str>], new: &[Box<str>]) -> Option<RightsChange> {
        let key = match self {
            Self::Methods => "allow_methods",
            Self::Headers => "allow_headers",
            Self::Expose => "expose_headers",
        };
        (old != new).then(|| RightsChange::Names { key, gained: self.lacking(old, new), lost: self.lacking(new, old) })
    }

    /// The names of `names` that `list` does not cover. Every policy covers the methods that only read.
    fn lacking(self, list: &[Box<str>], names: &[Box<str>]) -> Vec<Box<str>> {
        let has_star = list.iter().any(|name| &**name == "*");
        let known: std::collections::HashSet<String> = list.iter().map(|name| self.normal(name)).collect();
        let covers = |name: &str| {
            let by_star = has_star && (self != Self::Headers || !name.eq_ignore_ascii_case("authorization"));
            let by_policy = self == Self::Methods && READING.contains(&name);
            by_star || by_policy || known.contains(&self.normal(name))
        };
        names.iter().filter(|name| !covers(name)).cloned().collect()
    }

    /// Methods are compared byte for byte, header names without their case.
    fn normal(self, name: &str) -> String {
        if self == Self::Methods { name.to_owned() } else { name.to_ascii_lowercase() }
    }
}

/// Rights by number: equal rights have one number, whichever grant or set they are of.
#[derive(Debug, Default)]
pub(super) struct RightsTable<'p> {
    ids: HashMap<&'p policy::Rights, u32, FixedState>,
    rights: Vec<&'p policy::Rights>,
}

impl<'p> RightsTable<'p> {
    /// The numbers of a policy's rights, by grant.
    pub(super) fn of_grants(&mut self, policy: &'p Policy) -> Vec<u32> {
        policy.grants().iter().map(|grant| self.id(&grant.rights)).collect()
    }

    fn id(&mut self, rights: &'p policy::Rights) -> u32 {
        *self.ids.entry(rights).or_insert_with(|| {
            self.rights.push(rights);
            (self.rights.len() - 1) as u32
        })
    }

    pub(super) fn get(&self, id: u32) -> Option<Rights> {
        self.rights.get(id as usize).map(|rights| Rights((*rights).clone()))
    }

    pub(super) fn all(&self, ids: &[u32]) -> Vec<Rights> {
        ids.iter().filter_map(|&id| self.get(id)).collect()
    }
}
