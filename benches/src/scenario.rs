//! A policy, and requests that every contestant decides under it.

use serde::Serialize;

use crate::header_names;

/// The kind of requests in a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `GET` requests.
    Actual,
    /// Preflights.
    Preflight,
}

/// A policy that every contestant can express.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// Exact origins, `https://*.host` for any depth below a host, or `*` alone.
    pub allow_origins: Vec<String>,
    /// Methods other than those that need no preflight.
    pub allow_methods: Vec<String>,
    /// Request header names, in lower case.
    pub allow_headers: Vec<String>,
    /// Whether cookies may be sent.
    pub allow_credentials: bool,
    /// How long a browser may cache a preflight response, in seconds.
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

    /// A preflight for a method, with one line of requested header names for each of `lines`.
    #[must_use]
    pub fn preflight(origin: &str, method: &str, lines: &[String]) -> Self {
        let mut headers =
            vec![("origin".into(), origin.into()), ("access-control-request-method".into(), method.into())];
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

/// The expected decision for a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expected {
    /// Whether a browser must accept the response. `None` if both are safe, because no browser sends such
    /// a request and it requests nothing that the policy forbids.
    pub allowed: Option<bool>,
    /// The value of `Access-Control-Allow-Origin`, if the request is allowed.
    pub allow_origin: Option<String>,
}

/// One scenario of the comparison, as the drivers of the contestants read it.
#[derive(Clone, Debug, Serialize)]
pub struct Scenario {
    /// The scenario's unique name in the record.
    pub name: String,
    /// The kind of its requests.
    pub kind: Kind,
    /// The policy that every contestant is configured with.
    pub policy: Policy,
    /// Sent in turn, repeatedly.
    pub requests: Vec<Request>,
    /// The expected decision for each request.
    pub expected: Vec<Expected>,
    /// The length of the list, if the scenario is a point of the plot over it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<usize>,
    /// The length of the header in bytes, if the scenario is a point of the plot over it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostile: Option<usize>,
    /// Only the engine and its floors can be configured with such a list in reasonable time.
    pub is_for_engine: bool,
}
