//! Header plans: which headers an answer carries, laid down when a policy is compiled.
//!
//! Deciding points at a plan and says which of its fields to leave out; a value that depends on
//! the request is a view of the request's own bytes, which were checked first.

use std::sync::Arc;

use crate::header::RequestedLines;

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
pub(crate) struct Field {
    pub(crate) name: Name,
    pub(crate) value: Value,
}

/// The headers of one kind of answer, in the order in which they are set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    fields: Box<[Field]>,
}

impl Plan {
    pub(crate) fn fields(&self) -> &[Field] {
        &self.fields
    }
}

impl FromIterator<Field> for Plan {
    fn from_iter<I: IntoIterator<Item = Field>>(fields: I) -> Self {
        Self { fields: fields.into_iter().collect() }
    }
}

/// A plan with the request's own values: what [`crate::Decision::set`] walks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filled<'a> {
    pub(crate) fields: &'a [Field],
    pub(crate) origin: &'a [u8],
    pub(crate) request_method: &'a [u8],
    pub(crate) request_headers: RequestedLines<'a>,
    pub(crate) leave_out: LeaveOut,
}

impl Filled<'_> {
    pub(crate) const EMPTY: Self = Self {
        fields: &[],
        origin: b"",
        request_method: b"",
        request_headers: RequestedLines::NONE,
        leave_out: LeaveOut { methods: false, headers: false, private_network: false },
    };
}

/// Fields of a plan that a decision does not set.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LeaveOut {
    pub(crate) methods: bool,
    pub(crate) headers: bool,
    pub(crate) private_network: bool,
}

impl LeaveOut {
    pub(crate) fn covers(self, name: Name) -> bool {
        match name {
            Name::AllowMethods => self.methods,
            Name::AllowHeaders => self.headers,
            Name::AllowPrivateNetwork => self.private_network,
            _ => false,
        }
    }
}

/// The headers to set, in order: names in lower case, values of visible ASCII and spaces.
///
/// At most 10 pairs. A name stands more than once only where the request's own lines are answered
/// one by one (`access-control-allow-headers`, at most 4).
#[derive(Clone, Debug)]
pub struct Set<'a> {
    filled: Filled<'a>,
    /// The lines still to be answered of the field that stands last in what was walked.
    lines: Option<RequestedLines<'a>>,
}

impl<'a> Set<'a> {
    pub(crate) fn new(filled: Filled<'a>) -> Self {
        Self { filled, lines: None }
    }
}

impl<'a> Iterator for Set<'a> {
    type Item = (&'static str, &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(lines) = &mut self.lines {
                if let Some(line) = lines.next() {
                    return Some((Name::AllowHeaders.as_str(), line));
                }
                self.lines = None;
            }
            let (field, rest) = self.filled.fields.split_first()?;
            self.filled.fields = rest;
            if self.filled.leave_out.covers(field.name) {
                continue;
            }
            let value = match &field.value {
                Value::Fixed(value) => value.as_bytes(),
                Value::Origin => self.filled.origin,
                Value::RequestMethod => self.filled.request_method,
                Value::RequestHeaders => {
                    self.lines = Some(self.filled.request_headers);
                    continue;
                }
            };
            return Some((field.name.as_str(), value));
        }
    }
}
