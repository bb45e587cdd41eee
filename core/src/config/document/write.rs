//! From policies back to a document.

use std::collections::HashMap;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::key::{Key, Section};
use crate::policy::{Grant, ListedRow, Policies, Policy, SettingValue};
use crate::route::Unrouted;

impl Policies {
    /// A TOML document that says the same: loaded, it decides every request as this set does.
    ///
    /// What decides nothing is left out: comments, expectations (they were met), rows and
    /// repetitions that others contain; the rows of list files stand in the document itself.
    /// Defaults are written out; grants leave out the lists that they share with the policy, which
    /// they inherit. Linear in the number of rows.
    ///
    /// A set whose rows came from large list files may be written as more than a document may hold.
    #[must_use]
    pub fn to_document(&self) -> String {
        // Strings, integers, booleans and tables: nothing that TOML cannot say.
        toml::to_string_pretty(&DocumentText { policies: self }).unwrap_or_default()
    }
}

/// Serialised in the order in which a person would write it.
struct DocumentText<'p> {
    policies: &'p Policies,
}

impl Serialize for DocumentText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("version", &1)?;
        if self.policies.unrouted() != Unrouted::default() {
            map.serialize_entry("unrouted", self.policies.unrouted().as_str())?;
        }
        map.serialize_entry("policy", &ByName(self.policies))?;
        let routes: Vec<_> = self
            .policies
            .routes()
            .filter_map(|route| {
                let policy = self.policies.get(route.policy)?.name();
                Some(RouteText { host: route.host, path: Some(route.path).filter(|path| !path.is_empty()), policy })
            })
            .collect();
        if !routes.is_empty() {
            map.serialize_entry("route", &routes)?;
        }
        map.end()
    }
}

struct ByName<'p>(&'p Policies);

impl Serialize for ByName<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(_, policy)| (policy.name(), PolicyText::of(policy))))
    }
}

#[derive(Serialize)]
struct RouteText<'p> {
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'p str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'p str>,
    policy: &'p str,
}

/// Written in the order of the table of keys.
struct PolicyText<'p> {
    own: GrantText<'p>,
    own_origins: Vec<&'p str>,
    settings: HashMap<&'static str, SettingValue<'p>>,
    grants: Vec<GrantText<'p>>,
}

/// The value of a key.
#[derive(Serialize)]
#[serde(untagged)]
enum KeyText<'t, 'p> {
    Boolean(bool),
    Number(u32),
    Word(&'t str),
    Origins(&'t [&'p str]),
    List(&'t [Box<str>]),
    Rows(&'t [RowText<'p>]),
    Grants(&'t [GrantText<'p>]),
}

#[derive(Default)]
struct GrantText<'p> {
    allow_origins: Vec<RowText<'p>>,
    allow_methods: Option<&'p [Box<str>]>,
    allow_headers: Option<&'p [Box<str>]>,
    expose_headers: Option<&'p [Box<str>]>,
    allow_credentials: bool,
    max_age: Option<u32>,
}

impl GrantText<'_> {
    /// `None`: the key is omitted, or belongs to the policy.
    fn value(&self, key: &Key) -> Option<KeyText<'_, '_>> {
        let list = |list: Option<_>| list.map(KeyText::List);
        match key.name {
            "allow_origins" => Some(KeyText::Rows(&self.allow_origins)),
            "allow_methods" => list(self.allow_methods),
            "allow_headers" => list(self.allow_headers),
            "expose_headers" => list(self.expose_headers),
            "allow_credentials" => Some(KeyText::Boolean(self.allow_credentials)),
            "max_age" => self.max_age.map(KeyText::Number),
            _ => None,
        }
    }
}

impl PolicyText<'_> {
    fn value(&self, key: &Key) -> Option<KeyText<'_, '_>> {
        match key.name {
            "own_origins" => Some(KeyText::Origins(&self.own_origins)).filter(|_| !self.own_origins.is_empty()),
            "grant" => Some(KeyText::Grants(&self.grants)).filter(|_| !self.grants.is_empty()),
            name => match self.settings.get(name) {
                Some(SettingValue::Word(word)) => Some(KeyText::Word(word)),
                Some(SettingValue::Number(number)) => Some(KeyText::Number((*number).into())),
                Some(SettingValue::Boolean(boolean)) => Some(KeyText::Boolean(*boolean)),
                Some(SettingValue::List(list)) => Some(KeyText::List(list)).filter(|_| !list.is_empty()),
                None => self.own.value(key),
            },
        }
    }
}

impl Serialize for PolicyText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let values = Section::Policy.keys().filter_map(|key| Some((key.name, self.value(key)?)));
        serializer.collect_map(values)
    }
}

impl Serialize for GrantText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let values = Section::Grant.keys().filter_map(|key| Some((key.name, self.value(key)?)));
        serializer.collect_map(values)
    }
}

/// A plain row is a string, every other a table.
struct RowText<'p>(ListedRow<'p>);

impl Serialize for RowText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(row) = self;
        if !row.is_expression() && row.depth().is_none() && row.overrides().next().is_none() {
            return serializer.serialize_str(row.text());
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(if row.is_expression() { "regex" } else { "pattern" }, row.text())?;
        if let Some(depth) = row.depth() {
            map.serialize_entry("depth", &depth)?;
        }
        for name in row.overrides() {
            map.serialize_entry(name, &true)?;
        }
        map.end()
    }
}

impl<'p> PolicyText<'p> {
    fn of(policy: &'p Policy) -> Self {
        let mut rows: Vec<Vec<RowText<'p>>> = policy.grants().iter().map(|_| Vec::new()).collect();
        for row in policy.rows() {
            if let Some(rows) = rows.get_mut(row.grant() as usize) {
                rows.push(RowText(row));
            }
        }
        let own = policy.grants().first();
        let mut grants = policy.grants().iter().zip(rows).map(|(grant, rows)| GrantText::of(grant, rows, own));
        Self {
            own: grants.next().unwrap_or_default(),
            own_origins: policy.own_origins().collect(),
            settings: policy.settings().values().into_iter().collect(),
            grants: grants.collect(),
        }
    }
}

impl<'p> GrantText<'p> {
    /// `own` is grant 0, from which the others inherit. Thousands of them may share lists that exist
    /// once, and would be as many copies if they were written out.
    fn of(grant: &'p Grant, rows: Vec<RowText<'p>>, own: Option<&Grant>) -> Self {
        let inherits = own.filter(|own| !core::ptr::eq(*own, grant));
        let unless_inherited = |list: fn(&Grant) -> &[Box<str>]| {
            let inherited = inherits.is_some_and(|own| list(own) == list(grant));
            (!inherited).then(|| list(grant))
        };
        Self {
            allow_origins: rows,
            allow_methods: unless_inherited(Grant::allow_methods),
            allow_headers: unless_inherited(Grant::allow_headers),
            expose_headers: unless_inherited(Grant::expose_headers),
            allow_credentials: grant.allow_credentials(),
            max_age: grant.max_age(),
        }
    }
}
