//! The branches of an expression: everything that it matches, as sequences of literal bytes and of parts
//! that are not looked into.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::text::Text;

/// Alternatives are followed up to this many; beyond, a part is not looked into.
const MAX_BRANCHES: usize = 256;

/// Counted repetitions are written out up to this many times.
const MAX_REPEAT: u32 = 8;

/// A part of a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text(Text),
    /// Matches digits only, or nothing.
    Digits,
    /// Anything but a `/`.
    WithoutSlash,
    /// Anything.
    Other,
}

pub(super) type Branch = Vec<Part>;

impl Part {
    /// A part that is not looked into.
    fn opaque(hir: &Hir) -> Self {
        match () {
            () if matches_digits_only(hir) => Self::Digits,
            () if !may_have_slash(hir) => Self::WithoutSlash,
            () => Self::Other,
        }
    }

    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Self::Text(text) if text.bytes.is_empty())
    }
}

/// All branches of an expression. A part with too many is kept whole, as one that is not looked
/// into: that loses proofs, never soundness.
pub(super) fn branches(hir: &Hir) -> Vec<Branch> {
    let opaque = || vec![vec![Part::opaque(hir)]];
    match hir.kind() {
        HirKind::Empty => vec![vec![]],
        HirKind::Literal(literal) => vec![vec![Part::Text(Text::new(&literal.0))]],
        HirKind::Class(_) | HirKind::Look(_) => opaque(),
        HirKind::Capture(capture) => branches(&capture.sub),
        HirKind::Concat(parts) => {
            let lists: Vec<_> = parts.iter().map(branches).collect();
            product(&lists).unwrap_or_else(opaque)
        }
        HirKind::Alternation(alternatives) => {
            // A choice of which one way is nothing makes the others optional.
            let is_optional = alternatives.iter().any(|hir| hir.properties().minimum_len() == Some(0));
            let mut all: Vec<Branch> = alternatives.iter().flat_map(branches).collect();
            if is_optional {
                all = loose(all);
            }
            let are_literal = alternatives.iter().all(|hir| matches!(hir.kind(), HirKind::Literal(_)));
            if all.len() <= MAX_BRANCHES && (are_literal || !matches_digits_only(hir)) { all } else { opaque() }
        }
        HirKind::Repetition(repetition) => match (repetition.min, repetition.max) {
            _ if matches_digits_only(hir) => opaque(),
            (0, Some(1)) => core::iter::once(vec![]).chain(branches(&repetition.sub)).map(loosened).collect(),
            (min, Some(max)) if min == max && min <= MAX_REPEAT => {
                let sub = loose(branches(&repetition.sub));
                product(&vec![sub; min as usize]).unwrap_or_else(opaque)
            }
            (min, _) => loose(many(min, &repetition.sub)),
        },
    }
}

/// The same, as part of something that is optional or repeated.
fn loose(branches: Vec<Branch>) -> Vec<Branch> {
    branches.into_iter().map(loosened).collect()
}

fn loosened(mut branch: Branch) -> Branch {
    for part in &mut branch {
        if let Part::Text(text) = part {
            text.loosen();
        }
    }
    if branch.is_empty() { vec![Part::Text(Text::gap())] } else { branch }
}

/// `min` or more of some branches: whatever comes before, it ends in what the last one ends in.
fn many(min: u32, hir: &Hir) -> Vec<Branch> {
    let branches: Vec<Branch> = branches(hir).into_iter().map(join).collect();
    let rounds = Part::opaque(hir);
    let literal = |branch: &Branch| branch.last().filter(|part| matches!(part, Part::Text(_))).cloned();
    if branches.iter().all(|branch| literal(branch).is_none()) {
        return vec![vec![rounds]];
    }
    let none = (min == 0).then(Vec::new);
    let some = branches.iter().map(|branch| core::iter::once(rounds.clone()).chain(literal(branch)).collect());
    none.into_iter().chain(some).collect()
}

/// One branch of each list, in all ways; `None` if there are too many.
fn product(lists: &[Vec<Branch>]) -> Option<Vec<Branch>> {
    let mut all: Vec<Branch> = vec![vec![]];
    for list in lists {
        if all.len().checked_mul(list.len())? > MAX_BRANCHES {
            return None;
        }
        all = all.iter().flat_map(|left| list.iter().map(move |right| [&left[..], right].concat())).collect();
    }
    Some(all)
}

fn matches_digits_only(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Class(Class::Bytes(class)) => class.iter().all(|range| range.start() >= b'0' && range.end() <= b'9'),
        HirKind::Class(Class::Unicode(class)) => class.iter().all(|range| range.start() >= '0' && range.end() <= '9'),
        HirKind::Literal(literal) => literal.0.iter().all(u8::is_ascii_digit),
        HirKind::Repetition(repetition) => matches_digits_only(&repetition.sub),
        HirKind::Capture(capture) => matches_digits_only(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(matches_digits_only),
        HirKind::Empty => true,
        HirKind::Look(_) => false,
    }
}

fn may_have_slash(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Class(Class::Bytes(class)) => class.iter().any(|range| (range.start()..=range.end()).contains(&b'/')),
        HirKind::Class(Class::Unicode(class)) => class.iter().any(|range| (range.start()..=range.end()).contains(&'/')),
        HirKind::Literal(literal) => literal.0.contains(&b'/'),
        HirKind::Repetition(repetition) => may_have_slash(&repetition.sub),
        HirKind::Capture(capture) => may_have_slash(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().any(may_have_slash),
        HirKind::Empty | HirKind::Look(_) => false,
    }
}

/// Literal bytes that stand beside each other become one part.
pub(super) fn join(branch: Branch) -> Branch {
    let mut joined: Branch = Vec::with_capacity(branch.len());
    for part in branch {
        match (joined.last_mut(), part) {
            (Some(Part::Text(text)), Part::Text(more)) => text.push(&more),
            (_, part) => joined.push(part),
        }
    }
    joined
}
