//! How the lines of a log name the policies of one document.

use corsac::{Policies, PolicyId, Target};

use crate::log::line::LogLine;
use crate::names::Names;

/// A document's policies, and which of them a line means.
#[derive(Debug)]
pub(crate) struct Addresses<'p> {
    pub(crate) policies: &'p Policies,
    pub(crate) names: Names<'p>,
    /// The policy that decides every request, whatever the log says.
    policy: Option<PolicyId>,
    /// The lines are those of an access log, which always has host and path, whether the document has
    /// routes or not.
    from_access_log: bool,
}

/// Whom a line asks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Addressee<'l> {
    Target(Target<'l>),
    /// The document has no policy of the name.
    Unknown(&'l [u8]),
    /// The line names none, and the document has several.
    Several,
    /// The line has both `policy` and `route`.
    Both,
}

impl<'p> Addresses<'p> {
    pub(crate) fn new(policies: &'p Policies) -> Self {
        Self { policies, names: Names::new(policies), policy: None, from_access_log: false }
    }

    /// Has every request ask the policy of this name; whether there is one.
    pub(crate) fn ask(&mut self, name: &[u8]) -> bool {
        let id = self.names.get(name);
        self.policy = Some(id.unwrap_or(PolicyId::NONE));
        id.is_some()
    }

    /// Has lines name policies as those of an access log do. Whether they always name one then.
    pub(crate) fn expect_access_log(&mut self, has_host: bool) -> bool {
        self.from_access_log = true;
        self.policy.or(self.policies.only()).is_some() || (has_host && self.policies.has_routes())
    }

    pub(crate) fn of<'l>(&self, line: &'l LogLine<'_>) -> Addressee<'l> {
        if let Some(id) = self.policy {
            return Addressee::Target(Target::Policy(id));
        }
        match (&line.policy, &line.route) {
            (Some(_), Some(_)) => Addressee::Both,
            (Some(name), None) => {
                let id = self.names.get(name.as_bytes());
                id.map_or(Addressee::Unknown(name.as_bytes()), |id| Addressee::Target(Target::Policy(id)))
            }
            (None, Some(route)) if !self.from_access_log || self.policies.has_routes() => {
                Addressee::Target(Target::Route { host: route.host.as_bytes(), path: route.path.as_bytes() })
            }
            (None, _) => {
                let only = self.policies.only();
                only.map_or(Addressee::Several, |id| Addressee::Target(Target::Policy(id)))
            }
        }
    }

    /// The policy that has the name of the only one of `other`'s: whom a line asks that names none.
    pub(crate) fn namesake_of_only(&self, other: &Self) -> Target<'static> {
        let name = other.policies.only().and_then(|id| other.policies.get(id)).map(corsac::Policy::name);
        Target::Policy(name.and_then(|name| self.names.get(name.as_bytes())).unwrap_or(PolicyId::NONE))
    }
}
