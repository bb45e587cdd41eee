//! Choosing the policy for a call.

use corsac::{Policies, PolicyId, Target};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::text::Text;

/// The arguments `policy`, `host` and `path` of a call.
pub(crate) struct PolicySelector<'py> {
    policy: Option<Bound<'py, PyString>>,
    at: HostAndPath<'py>,
}

/// What routes match. A missing part is empty.
#[derive(Default)]
pub(crate) struct HostAndPath<'py> {
    pub(crate) host: Option<Text<'py>>,
    pub(crate) path: Option<Text<'py>>,
}

impl<'py> PolicySelector<'py> {
    pub(crate) fn new(
        policy: Option<&Bound<'py, PyAny>>,
        host: Option<&Bound<'py, PyAny>>,
        path: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Self> {
        let name = |policy: &Bound<'py, PyAny>| match policy.cast::<PyString>() {
            Ok(name) => Ok(name.clone()),
            Err(_) => Err(PyTypeError::new_err("policy must be a str, the name of a policy")),
        };
        if policy.is_some() && (host.is_some() || path.is_some()) {
            return Err(PyTypeError::new_err(
                "policy cannot be combined with host or path: routes choose a policy by host and path",
            ));
        }
        let host = host.map(|host| Text::of(host, "host")).transpose()?;
        let path = path.map(|path| Text::of(path, "path")).transpose()?;
        Ok(Self { policy: policy.map(name).transpose()?, at: HostAndPath { host, path } })
    }

    /// Without arguments, the only policy, or the policy that the routes choose.
    pub(crate) fn target(&self, policies: &Policies, engine: &corsac::Engine) -> Target<'_> {
        match &self.policy {
            Some(name) => named(name, policies, engine),
            None if self.at.host.is_none() && self.at.path.is_none() => only(policies),
            None => self.at.target(),
        }
    }
}

impl HostAndPath<'_> {
    pub(crate) fn target(&self) -> Target<'_> {
        Target::Route {
            host: self.host.as_ref().map_or(b"", Text::as_bytes),
            path: self.path.as_ref().map_or(b"", Text::as_bytes),
        }
    }
}

/// The only policy, or the policy that the routes choose for an empty host and path.
#[inline]
pub(crate) fn only(policies: &Policies) -> Target<'static> {
    policies.only().map_or(Target::Route { host: b"", path: b"" }, Target::Policy)
}

/// The policy with this name; for an unknown name, an id without a policy. The first few names are
/// compared here, because the engine's table of names has a lock.
pub(crate) fn named(name: &Bound<'_, PyString>, policies: &Policies, engine: &corsac::Engine) -> Target<'static> {
    const FEW: usize = 8;
    let id = name.to_str().ok().and_then(|name| {
        let first = policies.iter().take(FEW).find(|(_, policy)| policy.name() == name);
        first.map(|(id, _)| id).or_else(|| engine.policy_id(name))
    });
    Target::Policy(id.unwrap_or(PolicyId::NONE))
}
