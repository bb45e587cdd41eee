//! Where the two lanes meet: the configuration lane makes a [`Policy`], the request lane reads it.
//! Everything here is immutable once built.

mod builder;

pub use builder::{DeniedRequests, GrantBuilder, PolicyBuilder, Preflight, PreflightAnswer, Row};
pub(crate) use builder::{Override, RowOptions, Text};

use crate::decision::{Upstream, Vary};
use std::sync::Arc;

use crate::header::HeaderNames;
use crate::matcher::Matcher;
use crate::method::Methods;
use crate::plan::Plan;
use crate::route::{Routes, Unrouted};

/// One compiled allow-list with its rights: who may read whose answers, and how.
///
/// Made by [`crate::PolicyBuilder`] or from a document; asked through
/// [`decide`](Self::decide), which is constant work for any number of rows.
#[derive(Debug)]
pub struct Policy {
    pub(crate) name: Box<str>,
    pub(crate) rows: Rows,
    // INVARIANT: not empty; grant 0 is the policy's own `allow_origins`.
    pub(crate) grants: Box<[Grant]>,
    pub(crate) plans: Plans,
    pub(crate) statuses: Statuses,
    pub(crate) upstream: Upstream,
    pub(crate) private_network: bool,
    /// `Vary` of answers to `OPTIONS`, and of all others.
    pub(crate) vary_options: Vary,
    pub(crate) vary: Vary,
}

#[derive(Debug)]
pub(crate) enum Rows {
    /// `allow_origins = ["*"]`: the `Origin` is not even parsed.
    Any,
    Listed(Box<Matcher>),
}

/// The rights of the origins of one grant.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) methods: Arc<Methods>,
    pub(crate) headers: Arc<HeaderNames>,
    pub(crate) actual: Plan,
    pub(crate) preflight: Plan,
}

/// Answers that no grant has a part in.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    /// What is set whatever the verdict: `timing-allow-origin`, or nothing.
    pub(crate) bare: Plan,
    /// The same with what a 403 of ours carries.
    pub(crate) rejected: Plan,
}

/// The statuses that a policy answers with; `None` forwards the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Statuses {
    pub(crate) preflight: Option<u16>,
    pub(crate) refused_preflight: Option<u16>,
    pub(crate) denied: Option<u16>,
}

impl Policy {
    /// The name in the document.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many rows each tier holds, and what the tables weigh.
    #[must_use]
    pub fn size(&self) -> PolicySize {
        let matcher = match &self.rows {
            Rows::Any => return PolicySize { grants: self.grants.len(), any_origin: true, ..PolicySize::default() },
            Rows::Listed(matcher) => matcher.size(),
        };
        PolicySize {
            grants: self.grants.len(),
            any_origin: false,
            exact: matcher.exact,
            any_port: matcher.any_port,
            wildcards: matcher.wildcards,
            globs: matcher.globs,
            expressions: matcher.expressions,
            null: matcher.null,
            bytes: matcher.bytes,
        }
    }
}

/// Rows per tier of a [`Policy`], and the bytes that its matcher holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PolicySize {
    /// Grants, the policy's own `allow_origins` included.
    pub grants: usize,
    /// `allow_origins = ["*"]`: there are no rows to match.
    pub any_origin: bool,
    /// Rows without a wildcard.
    pub exact: usize,
    /// Rows with an exact host and any port.
    pub any_port: usize,
    /// Rows that cover labels below a base.
    pub wildcards: usize,
    /// Rows with a `*` inside a label.
    pub globs: usize,
    /// Regular expressions.
    pub expressions: usize,
    /// 1 where `null` is allowed.
    pub null: usize,
    /// Bytes held by the matcher's tables and texts.
    pub bytes: usize,
}

impl PolicySize {
    /// Rows of all tiers; `allow_origins = ["*"]` is one.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.exact
            + self.any_port
            + self.wildcards
            + self.globs
            + self.expressions
            + self.null
            + usize::from(self.any_origin)
    }
}

/// All policies of one document, and the routes that lead to them: one snapshot.
#[derive(Debug)]
pub struct Policies {
    pub(crate) policies: Box<[Policy]>,
    pub(crate) routes: Routes,
    pub(crate) unrouted: Unrouted,
    pub(crate) generation: u64,
}

/// Names a policy of one [`Policies`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyId(pub(crate) u32);

/// Which policy is to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// This policy.
    Policy(PolicyId),
    /// Let the document's routes choose: the request's `Host` and path, as the proxy normalised them.
    Route {
        /// The value of `Host` or `:authority`.
        host: &'a [u8],
        /// The request's path; a query behind it is ignored.
        path: &'a [u8],
    },
}

impl Policies {
    /// The generation of this set: 1 as it comes from a loader.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The id of the policy with this name. Linear in the number of policies: ask once, not per
    /// request.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<PolicyId> {
        self.iter().find(|(_, policy)| policy.name() == name).map(|(id, _)| id)
    }

    /// The policy with this id.
    #[must_use]
    pub fn get(&self, id: PolicyId) -> Option<&Policy> {
        self.policies.get(id.0 as usize)
    }

    /// The id of the only policy, where there is one only.
    #[must_use]
    pub fn only(&self) -> Option<PolicyId> {
        (self.policies.len() == 1).then_some(PolicyId(0))
    }

    /// Whether the document has routes at all. Without any, every [`Target::Route`] is unrouted.
    #[must_use]
    pub fn has_routes(&self) -> bool {
        !self.routes.is_empty()
    }

    /// All policies, in document order.
    pub fn iter(&self) -> impl Iterator<Item = (PolicyId, &Policy)> {
        (0..).map(PolicyId).zip(self.policies.iter())
    }
}
