//! One policy and the requests that every contestant is asked under it.

use serde::Serialize;

use crate::header_names;

/// Whether the requests ask for a resource or for leave to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The request itself, `GET`.
    Actual,
    /// The browser's question before a `PUT`.
    Preflight,
}

/// A policy, as plain as every contestant understands it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// Exact origins, `https://*.host` for any depth below a host, or `*` alone.
    pub allow_origins: Vec<String>,
    /// Methods beside those that need no leave.
    pub allow_methods: Vec<String>,
    /// Request header names, in lower case.
    pub allow_headers: Vec<String>,
    /// Whether cookies may be sent.
    pub allow_credentials: bool,
    /// How long a preflight's answer may be kept, in seconds.
    pub max_age: u32,
}

impl Policy {
    /// A policy for these origins, with three methods and twenty header names.
    #[must_use]
    pub fn new(allow_origins: Vec<String>) -> Self {
        Self {
            allow_origins,
            allow_methods: ["GET", "PUT", "DELETE"].map(String::from).to_vec(),
            allow_headers: header_names(),
            allow_credentials: false,
            max_age: 600,
        }
    }

    /// Whether any origin is allowed.
    #[must_use]
    pub fn is_for_any(&self) -> bool {
        self.allow_origins.iter().any(|row| row == "*")
    }
}

/// One request: a method, and header lines with names in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Request {
    /// `GET`, or `OPTIONS` for a preflight.
    pub method: String,
    /// In the order of the wire.
    pub headers: Vec<(String, String)>,
}

impl Request {
    /// A `GET` with an `Origin`.
    #[must_use]
    pub fn actual(origin: &str) -> Self {
        Self { method: "GET".into(), headers: vec![("origin".into(), origin.into())] }
    }

    /// A preflight for `PUT`, with one line of requested header names for each of `lines`.
    #[must_use]
    pub fn preflight(origin: &str, lines: &[String]) -> Self {
        let mut headers =
            vec![("origin".into(), origin.into()), ("access-control-request-method".into(), "PUT".into())];
        headers.extend(lines.iter().map(|line| ("access-control-request-headers".into(), line.clone())));
        Self { method: "OPTIONS".into(), headers }
    }

    /// The values of all lines with this name.
    pub fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        self.headers.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The value of `Origin`; empty if there is none.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.values("origin").next().unwrap_or_default()
    }
}

/// What a browser must make of the answer to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expected {
    /// Nothing where either answer is safe: no browser sends the request, and it asks for nothing that
    /// the policy does not allow.
    pub allowed: Option<bool>,
    /// The value of `Access-Control-Allow-Origin`, if it is allowed.
    pub allow_origin: Option<String>,
}

/// A curve of a plot that a scenario is a point of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The curve.
    pub curve: Curve,
    /// Rows of the list, or bytes of the header.
    pub at: usize,
}

/// What grows along a plot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// The list, in rows.
    List,
    /// A hostile header, in bytes.
    Hostile,
}

/// One scenario of the comparison.
#[derive(Clone, Debug, Serialize)]
pub struct Scenario {
    /// Unique, and what the record calls it.
    pub name: String,
    /// What its requests are.
    pub kind: Kind,
    /// What every contestant is configured with.
    pub policy: Policy,
    /// Asked in turn, again and again.
    pub requests: Vec<Request>,
    /// What must come of each.
    pub expected: Vec<Expected>,
    /// Its place in a plot.
    #[serde(skip)]
    pub point: Option<Point>,
    /// Too large to be prepared by any but the engine and its floors in reasonable time.
    #[serde(skip)]
    pub is_engines_alone: bool,
}
