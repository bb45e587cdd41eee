//! The interface between the two paths: the configuration path builds a [`Policy`], the request
//! path reads it. Everything here is immutable once built.

mod overrides;
mod policies;
mod rows;
mod settings;

use std::sync::Arc;

pub(crate) use overrides::{Overridden, Overrides};
pub(crate) use policies::PolicyIds;
pub use policies::{Policies, Target};
pub use rows::ListedRow;
pub use settings::{DeniedRequests, Preflight, PreflightAnswer, Settings};
pub(crate) use settings::{PREFLIGHT_STATUSES, REFUSED_PREFLIGHT_STATUSES, SettingValue};

use crate::header::HeaderNames;
use crate::matcher::Matcher;
use crate::method::Methods;
use crate::outcome::{PolicyId, Vary};
use crate::plan::Plan;

/// A compiled allow-list with its rights: which origins may read a service's responses, and how.
///
/// Made by [`crate::PolicyBuilder`] or from a document; used through [`decide`](Self::decide),
/// whose cost does not depend on the number of rows.
#[derive(Debug)]
pub struct Policy {
    pub(crate) name: Box<str>,
    /// The policy's id in its set.
    pub(crate) id: PolicyId,
    pub(crate) rows: Rows,
    pub(crate) overridden: Overridden,
    // INVARIANT: not empty; grant 0 is the policy's own `allow_origins`.
    pub(crate) grants: Box<[Grant]>,
    pub(crate) plans: Plans,
    pub(crate) settings: Settings,
    /// `Vary` of answers to `OPTIONS`; that of all others is in their plans.
    pub(crate) vary_options: Vary,
}

#[derive(Debug)]
pub(crate) enum Rows {
    /// `allow_origins = ["*"]`: the `Origin` is not even parsed.
    Any,
    Listed(Box<Matcher>),
}

/// The rights of the origins of one grant, with what it inherits filled in.
#[derive(Debug)]
pub struct Grant {
    pub(crate) methods: Arc<Methods>,
    pub(crate) headers: Arc<HeaderNames>,
    pub(crate) actual: Plan,
    pub(crate) preflight: Plan,
    pub(crate) rights: Rights,
}

/// The same rights as they are written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Rights {
    pub(crate) methods: Arc<[Box<str>]>,
    pub(crate) headers: Arc<[Box<str>]>,
    pub(crate) expose: Arc<[Box<str>]>,
    pub(crate) credentials: bool,
    pub(crate) max_age: Option<u32>,
}

impl Grant {
    /// The methods that preflights may ask for, beside `GET` and `HEAD`, which are always allowed;
    /// `["*"]` is any. Never empty: unset, it is `GET`, `HEAD` and `POST`.
    #[must_use]
    pub fn allow_methods(&self) -> &[Box<str>] {
        &self.rights.methods
    }

    /// The request headers; a `*` is any but `authorization`.
    #[must_use]
    pub fn allow_headers(&self) -> &[Box<str>] {
        &self.rights.headers
    }

    /// The response headers that pages may read.
    #[must_use]
    pub fn expose_headers(&self) -> &[Box<str>] {
        &self.rights.expose
    }

    /// Whether requests may carry credentials.
    #[must_use]
    pub fn allow_credentials(&self) -> bool {
        self.rights.credentials
    }

    /// How long a browser may keep a preflight's answer, in seconds.
    #[must_use]
    pub fn max_age(&self) -> Option<u32> {
        self.rights.max_age
    }
}

/// Answers that no grant has a part in. All set what is set whatever the verdict:
/// `timing-allow-origin`, or nothing.
#[derive(Debug)]
pub(crate) struct Plans {
    pub(crate) not_cors: Plan,
    pub(crate) same_origin: Plan,
    pub(crate) denied: Plan,
    pub(crate) refused_preflight: Plan,
}

impl Policy {
    /// The name in the document.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The grants: first the policy's own, then the others in document order. Never empty.
    #[must_use]
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// The settings that apply to all grants.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The origins of a static `Timing-Allow-Origin`, or `*`.
    #[must_use]
    pub fn timing_allow_origin(&self) -> &[Box<str>] {
        &self.settings.timing_allow_origin
    }

    /// The number of rows in each tier, and the size of the tables.
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
