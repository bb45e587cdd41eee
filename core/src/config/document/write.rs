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
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_methods: Option<&'p [Box<str>]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_headers: Option<&'p [Box<str>]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expose_headers: Option<&'p [Box<str>]>,
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
        let own = policy.grants().first();
        let mut grants = policy.grants().iter().zip(rows).map(|(grant, rows)| GrantText::of(grant, rows, own));
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
