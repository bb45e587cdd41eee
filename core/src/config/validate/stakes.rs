//! What is at stake where a grant lets in whoever wants to be let in.

use crate::config::diagnostic::Severity;

/// What a grant's origins get beyond what anyone may read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stakes {
    pub(super) credentials: bool,
    /// The policy answers private network access preflights, so its service may be protected by nothing
    /// but its network.
    pub(super) private_network: bool,
}

impl Stakes {
    /// The key that says so, if anything is at stake.
    pub(super) fn most(self) -> Option<&'static str> {
        match self {
            Self { credentials: true, .. } => Some("credentials"),
            Self { private_network: true, .. } => Some("private network access"),
            _ => None,
        }
    }

    /// How bad it is to let in anyone.
    pub(super) fn severity(self) -> Severity {
        if self.most().is_some() { Severity::Error } else { Severity::Warning }
    }
}
