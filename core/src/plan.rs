//! Plans: the response headers of a policy, prepared when it is compiled.
//!
//! A decision refers to a plan and lists the fields to omit. Values that depend on the request are
//! views of the request's own bytes, which have been validated.

use core::num::NonZero;
use std::sync::Arc;

use crate::header::RequestedLines;
use crate::method::READING_LIST;
use crate::outcome::{Failed, Reason, Upstream, Vary, Verdict};

/// The response headers that corsac sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    AllowOrigin,
    AllowCredentials,
    ExposeHeaders,
    AllowMethods,
    AllowHeaders,
    MaxAge,
    AllowPrivateNetwork,
    TimingAllowOrigin,
    CacheControl,
}

impl Name {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::AllowOrigin => "access-control-allow-origin",
            Self::AllowCredentials => "access-control-allow-credentials",
            Self::ExposeHeaders => "access-control-expose-headers",
            Self::AllowMethods => "access-control-allow-methods",
            Self::AllowHeaders => "access-control-allow-headers",
            Self::MaxAge => "access-control-max-age",
            Self::AllowPrivateNetwork => "access-control-allow-private-network",
            Self::TimingAllowOrigin => "timing-allow-origin",
            Self::CacheControl => "cache-control",
        }
    }
}

/// Where a field's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Fixed(Arc<str>),
    /// The origin that matched.
    Origin,
    /// The method that was asked for and is allowed.
    RequestMethod,
    /// The names that were asked for and are allowed, line by line.
    RequestHeaders,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeaderField {
    pub(crate) name: Name,
    pub(crate) value: Value,
}

/// The one-word fields of a decision: 8 bytes, so that a decision copies them from a plan at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DecisionFields {
    pub(crate) verdict: Verdict,
    pub(crate) reason: Reason,
    pub(crate) failed: Failed,
    pub(crate) upstream: Upstream,
    pub(crate) vary: Vary,
    pub(crate) leave_out: LeaveOut,
    pub(crate) status: Option<NonZero<u16>>,
}

const _: () = assert!(size_of::<DecisionFields>() == 8);

/// One kind of answer: the fields of the decision, and its headers in the order in which they are set.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) fields: DecisionFields,
    headers: Box<[HeaderField]>,
    /// Whether one of the headers is `timing-allow-origin`.
    pub(crate) manages_timing: bool,
}

impl Plan {
    pub(crate) fn new(fields: DecisionFields, headers: impl IntoIterator<Item = HeaderField>) -> Self {
        let headers: Box<[HeaderField]> = headers.into_iter().collect();
        let manages_timing = headers.iter().any(|header| header.name == Name::TimingAllowOrigin);
        Self { fields, headers, manages_timing }
    }

    pub(crate) fn headers(&self) -> &[HeaderField] {
        &self.headers
    }
}

/// The parts of a preflight that its response may echo.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Requested<'a> {
    pub(crate) method: &'a [u8],
    pub(crate) headers: RequestedLines<'a>,
}

/// Fields of a plan that a decision does not set, or not as the plan has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LeaveOut(u8);

impl LeaveOut {
    pub(crate) const NOTHING: Self = Self(0);
    /// The list of methods. It never goes without a replacement: beside allow-origin, a preflight that
    /// a page forced (an upload listener of `XMLHttpRequest`) takes a missing list for one that holds
    /// its method (Fetch, "CORS-preflight fetch", step 7.4).
    pub(crate) const METHODS: Self = Self(1);
    pub(crate) const REPLACEMENT: &'static str = READING_LIST;
    pub(crate) const HEADERS: Self = Self(2);
    pub(crate) const PRIVATE_NETWORK: Self = Self(4);

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the field is not set.
    pub(crate) fn covers(self, name: Name) -> bool {
        let of_name = match name {
            Name::AllowHeaders => Self::HEADERS,
            Name::AllowPrivateNetwork => Self::PRIVATE_NETWORK,
            _ => Self::NOTHING,
        };
        self.0 & of_name.0 != 0
    }

    /// Whether the field is set to [`REPLACEMENT`](Self::REPLACEMENT) in place of the plan's value.
    pub(crate) fn replaces(self, name: Name) -> bool {
        self.0 & Self::METHODS.0 != 0 && name == Name::AllowMethods
    }
}
