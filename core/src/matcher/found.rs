//! The result of looking an origin up in a policy.

use crate::outcome::Reason;

/// What an `Origin` value is to a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    /// There is no `Origin`.
    Absent,
    /// It is in a grant.
    Granted(Matched<'a>),
    /// It is in no grant, but it is this one of the service's own origins.
    Own(&'a str),
    /// It is in no grant.
    Refused(Reason),
}

/// The row that matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Matched<'a> {
    pub(crate) grant: u32,
    /// The row as it is written.
    pub(crate) rule: &'a str,
    /// The request's own bytes to answer with; `None` where the rule is the origin itself, or the
    /// answer is a static `*`.
    pub(crate) origin: Option<&'a [u8]>,
}
