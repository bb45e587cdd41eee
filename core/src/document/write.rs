//! From policies back to a document.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::policy::{Grant, ListedRow, Policies, Policy, Settings};
use crate::route::Unrouted;

impl Policies {
    /// A TOML document that says the same: loaded, it decides every request as this set does.
    ///
    /// What decides nothing is left out: comments, expectations (they were met), rows and
    /// repetitions that others contain; the rows of list files stand in the document itself.
    /// Defaults are written out, in grants also what they inherit. Linear in the number of rows.
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

#[derive(Serialize)]
struct PolicyText<'p> {
    #[serde(flatten)]
    own: GrantText<'p>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    own_origins: Vec<&'p str>,
    denied_requests: &'static str,
    preflight: &'static str,
    preflight_answer: &'static str,
    preflight_status: u16,
    refused_preflight_status: u16,
    upstream: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    timing_allow_origin: &'p [Box<str>],
    allow_private_network: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    grant: Vec<GrantText<'p>>,
}

#[derive(Default, Serialize)]
struct GrantText<'p> {
    allow_origins: Vec<RowText<'p>>,
    allow_methods: &'p [Box<str>],
    allow_headers: &'p [Box<str>],
    expose_headers: &'p [Box<str>],
    allow_credentials: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age: Option<u32>,
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
        let mut grants = policy.grants().iter().zip(rows).map(|(grant, rows)| GrantText::of(grant, rows));
        let Settings {
            denied_requests,
            preflight,
            preflight_answer,
            preflight_status,
            refused_preflight_status,
            upstream,
            allow_private_network,
        } = policy.settings();
        Self {
            own: grants.next().unwrap_or_default(),
            own_origins: policy.own_origins().collect(),
            denied_requests: denied_requests.as_str(),
            preflight: preflight.as_str(),
            preflight_answer: preflight_answer.as_str(),
            preflight_status,
            refused_preflight_status,
            upstream: upstream.as_str(),
            timing_allow_origin: policy.timing_allow_origin(),
            allow_private_network,
            grant: grants.collect(),
        }
    }
}

impl<'p> GrantText<'p> {
    fn of(grant: &'p Grant, rows: Vec<RowText<'p>>) -> Self {
        Self {
            allow_origins: rows,
            allow_methods: grant.allow_methods(),
            allow_headers: grant.allow_headers(),
            expose_headers: grant.expose_headers(),
            allow_credentials: grant.allow_credentials(),
            max_age: grant.max_age(),
        }
    }
}
