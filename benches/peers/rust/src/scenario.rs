//! A scenario, as `benches/src/scenario.rs` writes it.

use std::path::Path;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct Scenario {
    pub(crate) kind: Kind,
    pub(crate) policy: Policy,
    pub(crate) requests: Vec<Request>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Actual,
    Preflight,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Policy {
    pub(crate) allow_origins: Vec<String>,
    pub(crate) allow_methods: Vec<String>,
    pub(crate) allow_headers: Vec<String>,
    pub(crate) allow_credentials: bool,
    pub(crate) max_age: u32,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) headers: Vec<(String, String)>,
}

/// A row `https://*.example.com`, for libraries without wildcards: the parts before and after the star.
#[derive(Clone, Debug)]
pub(crate) struct Below {
    pub(crate) scheme: String,
    pub(crate) suffix: String,
}

impl Scenario {
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
        let scenario: Self = serde_json::from_slice(&text).map_err(|error| format!("`{}`: {error}", path.display()))?;
        if scenario.requests.is_empty() {
            return Err(format!("`{}` has no requests: give at least one", path.display()));
        }
        Ok(scenario)
    }

    /// The value of each request's first `Origin`; empty if there is none.
    pub(crate) fn origins(&self) -> Vec<Box<[u8]>> {
        self.requests.iter().map(|request| request.lines("origin").next().unwrap_or_default().into()).collect()
    }
}

impl Request {
    pub(crate) fn lines<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        self.headers.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_bytes())
    }
}

impl Policy {
    pub(crate) fn is_for_any(&self) -> bool {
        is_any(&self.allow_origins)
    }

    pub(crate) fn exact(&self) -> impl Iterator<Item = &str> {
        self.allow_origins.iter().map(String::as_str).filter(|row| !row.contains('*'))
    }

    pub(crate) fn below(&self) -> Vec<Below> {
        let row = |row: &String| {
            let (scheme, suffix) = row.split_once("*.")?;
            Some(Below { scheme: scheme.into(), suffix: format!(".{suffix}") })
        };
        self.allow_origins.iter().filter_map(row).collect()
    }
}

impl Below {
    pub(crate) fn has(&self, origin: &[u8]) -> bool {
        origin.starts_with(self.scheme.as_bytes())
            && origin.ends_with(self.suffix.as_bytes())
            && origin.len() > self.scheme.len() + self.suffix.len()
    }
}

pub(crate) fn is_any(list: &[String]) -> bool {
    list.iter().any(|entry| entry == "*")
}
