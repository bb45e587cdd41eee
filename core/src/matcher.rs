//! Finds the row of an allow-list that an origin matches. One type hides the tiers; each is tested
//! against the others and against a linear scan (`tests/`).
//!
//! | tier | rows | how it is found |
//! |---|---|---|
//! | [`exact`] | `https://a.example` | one probe with the value's own bytes, before it is parsed |
//! | [`hosts`] | `https://a.example:*` | one probe with `scheme://host` |
//! | [`suffixes`] | `https://*.example` | one probe per label at depths that exist |
//! | [`globs`] | `https://pr-*.example` | one probe with the parent, then one per length of a literal; verified |
//! | [`expressions`] | | a literal at the end of the host; verified |
//!
//! A value equal to an exact row needs no parse: rows are canonical when they are compiled. Every
//! other tier sees parsed origins only.

mod build;
mod dfa;
mod ends;
mod exact;
mod expressions;
mod found;
mod globs;
mod hosts;
mod literal;
mod rank;
mod row;
mod rows;
mod suffixes;
mod table;

pub(crate) use build::{MatcherBuilder, PortRule};
pub(crate) use dfa::Dfa;
pub(crate) use ends::Ends;
pub(crate) use found::{Found, Matched};
pub(crate) use globs::glob_matches;
pub(crate) use literal::{Literal, MAX_CANDIDATES, uses_prefix};
pub(crate) use suffixes::ANY_DEPTH;

use crate::origin::{MAX_ORIGIN, Origin};
use crate::outcome::Reason;
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

impl Matcher {
    /// Looks an `Origin` value up. Total: every sequence of bytes has an answer. Time is bounded
    /// by [`MAX_ORIGIN`], the number of depths at which the policy has wildcards, and
    /// [`MAX_CANDIDATES`]; the number of rows enters as a logarithm at most.
    #[inline]
    pub(crate) fn find<'a>(&'a self, value: &'a [u8]) -> Found<'a> {
        if value.len() > MAX_ORIGIN {
            return Found::Refused(Reason::OriginMalformed);
        }
        // An exact row is never contained in an earlier grant (`grant/shadowed`), and no row is
        // more specific within its own, so this match is final.
        if let Some(matched) = self.exact.find(value) {
            return Found::Granted(matched);
        }
        self.find_further(value)
    }

    #[inline(never)]
    fn find_further<'a>(&'a self, value: &'a [u8]) -> Found<'a> {
        let Some(origin) = Origin::read(value) else { return self.find_malformed(value) };
        if self.has_patterns
            && let Some(Best { rank, rule }) = self.find_by_pattern(&origin)
        {
            return Found::Granted(Matched { grant: rank.grant(), rule, origin: Some(value) });
        }
        match self.own.as_ref().and_then(|own| own.get(value)) {
            Some(entry) => Found::Own(entry.text),
            None => Found::Refused(Reason::OriginNotAllowed),
        }
    }

    #[inline]
    fn find_by_pattern(&self, origin: &Origin<'_>) -> Option<Best<'_>> {
        let mut best = Best { rank: Rank::NONE, rule: "" };
        self.hosts.find(origin, &mut best);
        self.suffixes.find(origin, &mut best);
        self.globs.find(origin, &mut best);
        self.expressions.find(origin, &mut best);
        (best.rank < Rank::NONE).then_some(best)
    }

    fn find_malformed(&self, value: &[u8]) -> Found<'_> {
        match (value, self.null) {
            (b"null", Some(grant)) => Found::Granted(Matched { grant, rule: "null", origin: None }),
            (b"null", None) => Found::Refused(Reason::OriginNull),
            // Two lines that someone joined, or a host that cannot be told apart from them.
            _ if value.contains(&b',') => Found::Refused(Reason::OriginRepeated),
            _ => Found::Refused(Reason::OriginMalformed),
        }
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
