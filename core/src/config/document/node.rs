//! A document as a tree of values with their places, whatever its notation.

use std::borrow::Cow;

use crate::config::diagnostic::{Place, SourceId};

#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) value: Value<'a>,
    pub(super) place: Place,
}

#[derive(Debug)]
pub(super) enum Value<'a> {
    String(Cow<'a, str>),
    /// `Err`: one beyond 64 bits, as it is written.
    Integer(Result<i64, Cow<'a, str>>),
    /// As it is written: no key takes one.
    Float(Cow<'a, str>),
    Boolean(bool),
    Array(Vec<Node<'a>>),
    Table(Vec<(Entry<'a>, Node<'a>)>),
    /// What else no key takes: a date, `null`.
    Other(&'static str),
}

/// The name of an entry of a table.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) place: Place,
}

impl<'a> Node<'a> {
    pub(super) fn new(value: Value<'a>, span: core::ops::Range<usize>) -> Self {
        Self { value, place: place(span) }
    }

    /// What a message calls the type of this value.
    pub(super) fn type_name(&self) -> &'static str {
        match &self.value {
            Value::String(_) => "a string",
            Value::Integer(_) => "an integer",
            Value::Float(_) => "a float",
            Value::Boolean(_) => "a boolean",
            Value::Array(_) => "an array",
            Value::Table(_) => "a table",
            Value::Other(name) => name,
        }
    }

    /// The value under a key of a table.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Value::Table(entries) = &self.value else { return None };
        entries.iter().find(|(name, _)| name.text == key).map(|(_, node)| node)
    }

    /// The values of an array or a table, or none.
    pub(super) fn children(&self) -> Box<dyn Iterator<Item = &Self> + '_> {
        match &self.value {
            Value::Array(items) => Box::new(items.iter()),
            Value::Table(entries) => Box::new(entries.iter().map(|(_, node)| node)),
            _ => Box::new(core::iter::empty()),
        }
    }
}

/// A place in the document itself.
pub(super) fn place(span: core::ops::Range<usize>) -> Place {
    Place { source: SourceId::DOCUMENT, start: span.start as u32, end: span.end as u32 }
}
