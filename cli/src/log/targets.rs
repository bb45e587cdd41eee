//! Finds the policy that decides a log line.

use corsac::{Policies, PolicyId, Target};

use crate::log::access_log::Fields;
use crate::log::line::LogLine;
use crate::names::Names;

/// The policies of a document, and how the lines of a log name them.
#[derive(Debug)]
pub(crate) struct Targets<'p> {
    pub(crate) policies: &'p Policies,
    pub(crate) names: Names<'p>,
    /// The policy that decides every request, whatever the log says.
    policy: Option<PolicyId>,
    /// Lines of an access log always have a host and a path, even if the document has no routes.
    from_access_log: bool,
}

/// Why a line has no target.
#[derive(Clone, Copy, Debug)]
pub(crate) enum NoTarget<'l> {
    /// The document has no policy of this name.
    Unknown(&'l [u8]),
    /// The line names no policy, and the document has several.
    Several,
    /// The line has both `policy` and `route`.
    Both,
}

impl<'p> Targets<'p> {
    /// For the lines of an access log, `fields` are given. `policy` is the name of the policy that
    /// decides all of them; if there is none of that name, every line gets `no-policy`.
    pub(crate) fn new(policies: &'p Policies, policy: Option<&[u8]>, fields: Option<&Fields>) -> Self {
        let names = Names::new(policies);
        let policy = policy.map(|name| names.get(name).unwrap_or(PolicyId::NONE));
        Self { policies, names, policy, from_access_log: fields.is_some() }
    }

    /// Whether every line of an access log with these fields has a target.
    pub(crate) fn cover(&self, fields: &Fields) -> bool {
        self.policy.or(self.policies.only()).is_some() || (fields.has_host() && self.policies.has_routes())
    }

    pub(crate) fn of<'l>(&self, line: &'l LogLine<'_>) -> Result<Target<'l>, NoTarget<'l>> {
        if let Some(id) = self.policy {
            return Ok(Target::Policy(id));
        }
        match (&line.policy, &line.route) {
            (Some(_), Some(_)) => Err(NoTarget::Both),
            (Some(name), None) => {
                let name = name.as_bytes();
                self.names.get(name).map(Target::Policy).ok_or(NoTarget::Unknown(name))
            }
            (None, Some(route)) if !self.from_access_log || self.policies.has_routes() => {
                Ok(Target::Route { host: route.host.as_bytes(), path: route.path.as_bytes() })
            }
            (None, _) => self.policies.only().map(Target::Policy).ok_or(NoTarget::Several),
        }
    }

    /// The policy with the name of the only policy of `other`, which decides the lines that name none.
    pub(crate) fn namesake_of_only(&self, other: &Self) -> Target<'static> {
        let name = other.policies.only().and_then(|id| other.policies.get(id)).map(corsac::Policy::name);
        Target::Policy(name.and_then(|name| self.names.get(name.as_bytes())).unwrap_or(PolicyId::NONE))
    }
}
