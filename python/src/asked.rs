//! Which policy a caller asks to decide.

use corsac::{Policies, PolicyId, Target};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::text::Text;

/// Which policy decides, out of `policy`, `host` and `path`.
pub(crate) struct Asked<'py> {
    policy: Option<Bound<'py, PyString>>,
    place: Place<'py>,
}

/// What routes go by. What is missing is empty.
#[derive(Default)]
pub(crate) struct Place<'py> {
    pub(crate) host: Option<Text<'py>>,
    pub(crate) path: Option<Text<'py>>,
}

impl<'py> Asked<'py> {
    pub(crate) fn new(
        policy: Option<&Bound<'py, PyAny>>,
        host: Option<&Bound<'py, PyAny>>,
        path: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Self> {
        let name = |policy: &Bound<'py, PyAny>| match policy.cast::<PyString>() {
            Ok(name) => Ok(name.clone()),
            Err(_) => Err(PyTypeError::new_err("policy must be the name of one, a str")),
        };
        if policy.is_some() && (host.is_some() || path.is_some()) {
            return Err(PyTypeError::new_err("policy and host or path exclude each other: routes choose the policy"));
        }
        let host = host.map(|host| Text::of(host, "host")).transpose()?;
        let path = path.map(|path| Text::of(path, "path")).transpose()?;
        Ok(Self { policy: policy.map(name).transpose()?, place: Place { host, path } })
    }

    /// Where nothing is asked for, it is the only policy that decides, or the routes do.
    pub(crate) fn target(&self, policies: &Policies, engine: &corsac::Engine) -> Target<'_> {
        match &self.policy {
            Some(name) => named(name, policies, engine),
            None if self.place.host.is_none() && self.place.path.is_none() => only(policies),
            None => self.place.target(),
        }
    }
}

impl Place<'_> {
    pub(crate) fn target(&self) -> Target<'_> {
        Target::Route {
            host: self.host.as_ref().map_or(b"", Text::as_bytes),
            path: self.path.as_ref().map_or(b"", Text::as_bytes),
        }
    }
}

/// The only policy, or what routes choose for nowhere.
#[inline]
pub(crate) fn only(policies: &Policies) -> Target<'static> {
    policies.only().map_or(Target::Route { host: b"", path: b"" }, Target::Policy)
}

/// A name that the policies do not have leads to an id that they do not have either. The first few
/// names are compared; for the others the engine has a table, behind a lock.
pub(crate) fn named(name: &Bound<'_, PyString>, policies: &Policies, engine: &corsac::Engine) -> Target<'static> {
    const FEW: usize = 8;
    let id = name.to_str().ok().and_then(|name| {
        let near = policies.iter().take(FEW).find(|(_, policy)| policy.name() == name);
        near.map(|(id, _)| id).or_else(|| engine.policy_id(name))
    });
    Target::Policy(id.unwrap_or(PolicyId::NONE))
}
