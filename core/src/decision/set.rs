//! The headers that a decision sets.

use core::slice;

use crate::header::RequestedLines;
use crate::plan::{HeaderField, LeaveOut, Name, Requested, Value};

/// The headers of a decision, in the order in which they are set.
#[derive(Clone, Debug)]
pub(super) struct Set<'a> {
    fields: slice::Iter<'a, HeaderField>,
    leave_out: LeaveOut,
    /// The value of fields that name the origin.
    origin: &'a [u8],
    /// The value of fields that name the method that was asked for.
    method: &'a [u8],
    /// The values of the field that repeats the names that were asked for.
    names: RequestedLines<'a>,
    /// Whether that field is the next one to be listed, line by line.
    is_at_names: bool,
}

impl<'a> Set<'a> {
    #[inline]
    pub(super) fn new(
        fields: &'a [HeaderField],
        leave_out: LeaveOut,
        origin: &'a [u8],
        requested: Option<Requested<'a>>,
    ) -> Self {
        Self {
            fields: fields.iter(),
            leave_out,
            origin,
            method: requested.map_or(b"", |requested| requested.method),
            names: requested.map_or(RequestedLines::NONE, |requested| requested.headers),
            is_at_names: false,
        }
    }
}

impl<'a> Iterator for Set<'a> {
    type Item = (&'static str, &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.is_at_names {
                if let Some(line) = self.names.next() {
                    return Some((Name::AllowHeaders.as_str(), line));
                }
                self.is_at_names = false;
            }
            let field = self.fields.next()?;
            if self.leave_out.covers(field.name) {
                continue;
            }
            let value = match &field.value {
                _ if self.leave_out.replaces(field.name) => LeaveOut::REPLACEMENT.as_bytes(),
                Value::Fixed(value) => value.as_bytes(),
                Value::Origin => self.origin,
                Value::RequestMethod => self.method,
                Value::RequestHeaders => {
                    self.is_at_names = true;
                    continue;
                }
            };
            return Some((field.name.as_str(), value));
        }
    }
}
