//! What a case of the corpus asks, as the bytes that an engine takes.

use corsac::{Policies, Target};

use crate::corpus::Case;

/// A request and where it is asked, whole and owned; [`lines`](Self::lines) borrows from it.
#[derive(Clone, Debug)]
pub struct Question {
    pub method: Vec<u8>,
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// Host and path, where routes choose the policy.
    pub route: Option<(Vec<u8>, Vec<u8>)>,
    policy: Option<String>,
}

impl Question {
    /// The corpus has checked that all texts of a case can be read.
    pub fn of(case: &Case) -> Self {
        let headers = case.headers.iter();
        let headers = headers.map(|(name, value)| (name.to_bytes().unwrap(), value.to_bytes().unwrap()));
        let route = case.route.as_ref().map(|route| (route.host.to_bytes().unwrap(), route.path.to_bytes().unwrap()));
        Self { method: case.method.to_bytes().unwrap(), headers: headers.collect(), route, policy: case.policy.clone() }
    }

    /// The header lines, in order.
    pub fn lines(&self) -> Vec<(&[u8], &[u8])> {
        self.headers.iter().map(|(name, value)| (name.as_slice(), value.as_slice())).collect()
    }

    /// What is asked of these policies; `None` if they lack the policy, or have more than one where
    /// the case names none.
    pub fn target(&self, policies: &Policies) -> Option<Target<'_>> {
        match (&self.route, &self.policy) {
            (Some((host, path)), _) => Some(Target::Route { host, path }),
            (None, Some(name)) => policies.id(name).map(Target::Policy),
            (None, None) => policies.only().map(Target::Policy),
        }
    }
}
