//! The origins that two rows have in common.

use std::borrow::Cow;

use crate::config::pattern::{Expression, Pattern, Shape};
use crate::matcher::{PortRule, glob_matches};
use crate::origin::Scheme;
use crate::policy::ListedRow;

/// The origins that a pattern matches, if they are more than one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region<'p> {
    scheme: Scheme,
    port: PortRule,
    hosts: Hosts<'p>,
}

#[derive(Clone, Copy, Debug)]
enum Hosts<'p> {
    One(&'p str),
    /// At most this many labels below a base.
    Below(&'p str, usize),
    /// One label below `parent`, with something between the literals.
    Glob {
        prefix: &'p str,
        suffix: &'p str,
        parent: &'p str,
    },
}

impl<'p> Region<'p> {
    /// `None` for an expression, and for a pattern without a host.
    pub(super) fn of(row: &ListedRow<'p>) -> Option<Self> {
        let pattern = Pattern::parse(row.text()).ok().filter(|_| !row.is_expression())?;
        let depth = row.depth().map_or(usize::MAX, usize::from);
        let (scheme, port, hosts) = match pattern.shape() {
            Shape::Any | Shape::Null => return None,
            Shape::Host { scheme, host, port, .. } => (scheme, port, Hosts::One(host)),
            Shape::Below { scheme, base, port } => (scheme, port, Hosts::Below(base, depth)),
            Shape::Glob { scheme, prefix, suffix, parent, port } => {
                (scheme, port, Hosts::Glob { prefix, suffix, parent })
            }
        };
        Some(Self { scheme, port, hosts })
    }

    /// The whole labels that all hosts end in.
    pub(super) fn end(&self) -> &'p str {
        match self.hosts {
            Hosts::One(host) => host,
            Hosts::Below(base, _) => base,
            Hosts::Glob { parent, .. } => parent,
        }
    }

    /// Whether some origin is in both.
    fn overlaps(&self, other: &Self) -> bool {
        let ports = self.port == other.port || [self.port, other.port].contains(&PortRule::Any);
        ports && self.scheme == other.scheme && self.hosts.overlap(other.hosts)
    }

    /// Whether every origin of `inner` is in this region too. Compares literals only, so it may return
    /// `false` for a few regions that are contained.
    pub(super) fn contains(&self, inner: &Self) -> bool {
        let ports = self.port == inner.port || self.port == PortRule::Any;
        ports && self.scheme == inner.scheme && self.hosts.contain(inner.hosts)
    }
}

impl Hosts<'_> {
    fn overlap(self, other: Self) -> bool {
        let above = |base: &str, depth: usize, end: &str, more: usize| {
            labels_below(base, end).is_some_and(|labels| (1..=depth).contains(&(labels + more)))
        };
        match (self, other) {
            (Self::One(one), Self::One(other)) => one == other,
            (Self::One(host), Self::Below(base, depth)) | (Self::Below(base, depth), Self::One(host)) => {
                above(base, depth, host, 0)
            }
            (Self::One(host), Self::Glob { prefix, suffix, parent })
            | (Self::Glob { prefix, suffix, parent }, Self::One(host)) => {
                glob_matches(host.as_bytes(), prefix, suffix, parent)
            }
            (Self::Below(one, one_depth), Self::Below(other, other_depth)) => {
                above(one, one_depth, other, 1) || above(other, other_depth, one, 1)
            }
            (Self::Below(base, depth), Self::Glob { parent, .. })
            | (Self::Glob { parent, .. }, Self::Below(base, depth)) => above(base, depth, parent, 1),
            (Self::Glob { prefix: p, suffix: s, parent }, Self::Glob { prefix, suffix, parent: other }) => {
                parent == other
                    && (p.starts_with(prefix) || prefix.starts_with(p))
                    && (s.ends_with(suffix) || suffix.ends_with(s))
            }
        }
    }

    fn contain(self, inner: Self) -> bool {
        match (self, inner) {
            (Self::One(host), Self::One(inner)) => host == inner,
            (Self::One(_), _) | (Self::Glob { .. }, Self::Below(..)) => false,
            (Self::Below(base, depth), inner) => {
                let (end, most) = match inner {
                    Self::One(host) => (host, 0),
                    Self::Below(base, depth) => (base, depth),
                    Self::Glob { parent, .. } => (parent, 1),
                };
                // Without a limit of its own, no number of labels is too many.
                labels_below(base, end).is_some_and(|labels| (1..=depth).contains(&labels.saturating_add(most)))
            }
            (Self::Glob { prefix, suffix, parent }, Self::One(host)) => {
                glob_matches(host.as_bytes(), prefix, suffix, parent)
            }
            (Self::Glob { prefix, suffix, parent }, Self::Glob { prefix: p, suffix: s, parent: inner }) => {
                parent == inner && p.starts_with(prefix) && s.ends_with(suffix)
            }
        }
    }
}

/// The number of labels before `base` in `end`: 0 if they are equal.
fn labels_below(base: &str, end: &str) -> Option<usize> {
    if base == end {
        return Some(0);
    }
    let labels = end.strip_suffix(base)?.strip_suffix('.')?;
    Some(labels.bytes().filter(|&byte| byte == b'.').count() + 1)
}

/// The origins that any row matches, expressions included.
#[derive(Debug)]
pub(super) struct Place<'p> {
    region: Option<Region<'p>>,
    /// Every host is one of these or below one of them. An empty one excludes nothing.
    ends: Vec<Cow<'p, str>>,
}

impl<'p> Place<'p> {
    pub(super) fn of(row: &ListedRow<'p>) -> Self {
        let region = Region::of(row);
        let ends = match &region {
            Some(region) => vec![Cow::Borrowed(region.end())],
            None => ends_of_expression(row.text()),
        };
        Self { region, ends }
    }

    /// The names that every host is equal to or below, one of them.
    pub(super) fn own_ends(&self) -> impl Iterator<Item = &str> {
        self.ends.iter().map(|end| &**end)
    }

    /// `a.b.c`, `b.c`, `c`, and nothing.
    pub(super) fn ends(end: &str) -> impl Iterator<Item = &str> {
        core::iter::successors(Some(end), |&end| match end.split_once('.') {
            Some((_, rest)) => Some(rest),
            None => (!end.is_empty()).then_some(""),
        })
    }

    /// Whether both may match the same origin, if one is at or below an end of the other.
    pub(super) fn may_overlap(&self, other: &Place<'_>) -> bool {
        match (&self.region, &other.region) {
            (Some(one), Some(other)) => one.overlaps(other),
            _ => true,
        }
    }
}

impl Place<'_> {
    /// Whether every origin of `inner` is in `self` too; `false` for expressions, where it is unknown.
    pub(super) fn contains(&self, inner: &Place<'_>) -> bool {
        matches!((&self.region, &inner.region), (Some(outer), Some(inner)) if outer.contains(inner))
    }
}

/// The hosts that an expression can match, from its proof.
fn ends_of_expression(text: &str) -> Vec<Cow<'static, str>> {
    let Some(proof) = Expression::parse(text).ok().and_then(|expression| expression.proof.ok()) else {
        return vec![Cow::Borrowed("")];
    };
    let end = |end: &crate::config::pattern::End| match (end.whole, end.text.split_once('.')) {
        (true, _) => end.text.clone(),
        (false, Some((_, labels))) => labels.to_owned(),
        (false, None) => String::new(),
    };
    proof.ends.iter().map(end).map(Cow::Owned).collect()
}
