//! Expressions that a plain row says as well, for the report of what a document could do without.

use regex_syntax::hir::{Class, ClassBytesRange, Hir, HirKind};

use super::parse;

/// The row, as a document writes it.
pub(super) fn plain_row(hir: &Hir) -> Option<String> {
    let row = match hir.kind() {
        HirKind::Literal(literal) => core::str::from_utf8(&literal.0).ok()?.to_owned(),
        HirKind::Concat(parts) => match parts.as_slice() {
            [start, middle, end] => one_star(start, middle, end)?,
            _ => return None,
        },
        _ => return None,
    };
    let written = if row.starts_with('{') { row.split('"').nth(1)? } else { &row };
    parse::shape(written).is_ok().then_some(row)
}

/// `https://` and a start of the label, one or more of what a label can have, and the rest of the
/// host.
fn one_star(start: &Hir, middle: &Hir, end: &Hir) -> Option<String> {
    let (HirKind::Literal(start), HirKind::Literal(end)) = (start.kind(), end.kind()) else { return None };
    let (start, end) = (core::str::from_utf8(&start.0).ok()?, core::str::from_utf8(&end.0).ok()?);
    let HirKind::Repetition(repetition) = middle.kind() else { return None };
    let is_label = matches!(repetition.sub.kind(), HirKind::Class(class) if is_label_class(class));
    if !is_label || (repetition.min, repetition.max) != (1, None) || !end.contains('.') {
        return None;
    }
    let pattern = format!("{start}*{end}");
    if start.ends_with("://") && end.starts_with('.') {
        return Some(format!("{{ pattern = \"{pattern}\", depth = 1 }}"));
    }
    Some(pattern)
}

/// Exactly `[a-z0-9_-]`.
fn is_label_class(class: &Class) -> bool {
    let Class::Bytes(class) = class else { return false };
    let label =
        [(b'-', b'-'), (b'0', b'9'), (b'_', b'_'), (b'a', b'z')].map(|(from, to)| ClassBytesRange::new(from, to));
    class.ranges() == label
}
