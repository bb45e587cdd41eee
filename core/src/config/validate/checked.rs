//! A policy with its inheritance resolved and its patterns parsed, in which every rule holds.

use std::rc::Rc;

use super::origins::OwnList;
use crate::config::diagnostic::Place;
use crate::config::pattern::{Expression, Pattern};
use crate::policy::Overrides;

/// A policy whose every rule holds.
#[derive(Debug)]
pub(crate) struct Checked<'b> {
    /// `allow_origins = ["*"]`.
    pub(crate) any_origin: bool,
    pub(crate) grants: Vec<CheckedGrant<'b>>,
    pub(crate) own_origins: Vec<&'b str>,
    pub(crate) timing_allow_origin: OwnList<'b>,
}

/// A grant with what it inherits. Lists are in document order, repetitions removed.
#[derive(Debug, Default)]
pub(crate) struct CheckedGrant<'b> {
    pub(crate) rows: Vec<CheckedRow<'b>>,
    pub(crate) expressions: Vec<CheckedExpression<'b>>,
    // INVARIANT: not empty, or the answer to a preflight would list no method.
    pub(crate) methods: Rc<[&'b str]>,
    pub(crate) headers: Rc<[&'b str]>,
    pub(crate) expose: Rc<[&'b str]>,
    pub(crate) credentials: bool,
    pub(crate) max_age: Option<u32>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct CheckedRow<'b> {
    pub(crate) pattern: Pattern<'b>,
    /// The most labels that a wildcard covers.
    pub(crate) depth: u8,
    pub(crate) overrides: Overrides,
    pub(crate) place: Option<Place>,
}

impl CheckedRow<'_> {
    /// Whether both match the same origins by the same text.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.pattern.as_str() == other.pattern.as_str() && self.depth == other.depth
    }
}

/// An expression, ready to be searched with.
#[derive(Debug)]
pub(crate) struct CheckedExpression<'b> {
    pub(crate) text: &'b str,
    pub(crate) expression: Expression,
    pub(crate) overrides: Overrides,
    pub(crate) place: Option<Place>,
}
