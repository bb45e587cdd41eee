//! Finds the row of an allow-list that an origin matches. One type hides the tiers; each is tested
//! against the others and against a linear scan (`tests/`).
//!
//! | tier | rows | how it is found |
//! |---|---|---|
//! | [`exact`] | `https://a.example` | one probe with the value's own bytes, before it is parsed |
//! | [`hosts`] | `https://a.example:*` | one probe with `scheme://host` |
//! | [`suffixes`] | `https://*.example` | one probe per label at depths that exist |
//! | [`globs`] | `https://pr-*.example` | one probe with the parent, then a literal of the label; verified |
//! | [`expressions`] | | a literal at the end of the host; verified |
//!
//! A value equal to an exact row needs no parse: rows are canonical when they are compiled. Every
//! other tier sees parsed origins only.

mod build;
mod dfa;
mod exact;
mod expressions;
mod globs;
mod hosts;
mod literal;
mod rank;
mod row;
mod rows;
mod starts;
mod suffixes;
mod table;

pub(crate) use build::{MatcherBuilder, PortRule};
pub(crate) use dfa::Dfa;
pub(crate) use globs::glob_matches;
pub(crate) use literal::{Literal, MAX_CANDIDATES};
pub(crate) use rank::Matched;
pub(crate) use suffixes::ANY_DEPTH;

use crate::origin::{MAX_ORIGIN, Origin};
use exact::Exact;
use expressions::Expressions;
use globs::Globs;
use hosts::Hosts;
use rank::{Best, Rank};
use suffixes::Suffixes;
use table::Table;

/// The compiled rows of all grants of a policy, and its own origins.
#[derive(Debug)]
pub(crate) struct Matcher {
    exact: Exact,
    hosts: Hosts,
    suffixes: Suffixes,
    globs: Globs,
    expressions: Expressions,
    null: Option<u32>,
    /// Whether there are rows other than exact ones.
    has_patterns: bool,
    own: Option<Table>,
}

/// The result of looking up an `Origin` value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found<'m> {
    /// It equals this row of a grant.
    Exact(Matched<'m>),
    /// It matches this row of a grant.
    Row(Matched<'m>),
    /// It is in no grant, but is one of the service's own origins, written like this.
    Own(&'m str),
    Refused(Refusal),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Malformed,
    /// A comma: two lines that someone joined, or a host that cannot be told from them.
    Repeated,
    Null,
    NotAllowed,
}

impl Matcher {
    /// Looks an `Origin` value up. Total: every sequence of bytes has an answer. Time is bounded
    /// by [`MAX_ORIGIN`], the number of depths at which the policy has wildcards, and
    /// [`MAX_CANDIDATES`]; the number of rows enters as a logarithm at most.
    #[inline]
    pub(crate) fn find(&self, value: &[u8]) -> Found<'_> {
        if value.len() > MAX_ORIGIN {
            return Found::Refused(Refusal::Malformed);
        }
        // An exact row is never contained in an earlier grant (`grant/shadowed`), and no row is
        // more specific within its own, so this match is final.
        if let Some(matched) = self.exact.find(value) {
            return Found::Exact(matched);
        }
        self.find_further(value)
    }

    #[inline(never)]
    fn find_further(&self, value: &[u8]) -> Found<'_> {
        let Some(origin) = Origin::read(value) else { return self.find_malformed(value) };
        if self.has_patterns
            && let Some(matched) = self.find_by_pattern(&origin)
        {
            return Found::Row(matched);
        }
        match self.own.as_ref().and_then(|own| own.get(value)) {
            Some(entry) => Found::Own(entry.text),
            None => Found::Refused(Refusal::NotAllowed),
        }
    }

    #[inline]
    fn find_by_pattern(&self, origin: &Origin<'_>) -> Option<Matched<'_>> {
        let mut best = Best { rank: Rank::NONE, rule: "" };
        self.hosts.find(origin, &mut best);
        self.suffixes.find(origin, &mut best);
        self.globs.find(origin, &mut best);
        self.expressions.find(origin, &mut best);
        (best.rank < Rank::NONE).then_some(Matched { grant: best.rank.grant(), rule: best.rule })
    }

    fn find_malformed(&self, value: &[u8]) -> Found<'_> {
        if value == b"null" {
            return match self.null {
                Some(grant) => Found::Exact(Matched { grant, rule: "null" }),
                None => Found::Refused(Refusal::Null),
            };
        }
        Found::Refused(if value.contains(&b',') { Refusal::Repeated } else { Refusal::Malformed })
    }

    /// Rows per tier, and the bytes that the tables hold.
    pub(crate) fn size(&self) -> Size {
        Size {
            exact: self.exact.rows(),
            any_port: self.hosts.rows(),
            wildcards: self.suffixes.rows(),
            globs: self.globs.rows(),
            expressions: self.expressions.rows(),
            null: usize::from(self.null.is_some()),
            bytes: self.exact.bytes()
                + self.hosts.bytes()
                + self.suffixes.bytes()
                + self.globs.bytes()
                + self.expressions.bytes()
                + self.own.as_ref().map_or(0, Table::bytes),
        }
    }
}

/// See [`Matcher::size`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) exact: usize,
    pub(crate) any_port: usize,
    pub(crate) wildcards: usize,
    pub(crate) globs: usize,
    pub(crate) expressions: usize,
    pub(crate) null: usize,
    pub(crate) bytes: usize,
}
