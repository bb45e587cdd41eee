//! What to write in place of an expression for which there is no proof.

use regex_syntax::hir::Hir;

use super::branches::{Part, branches, join};
use super::parse;
use super::shape::Shape;

/// The expression with a backslash before each dot that seems to be meant as one: those that are neither
/// repeated nor in a class. `None` if there is none.
pub(super) fn with_escaped_dots(text: &str) -> Option<String> {
    let mut escaped = String::with_capacity(text.len() + 8);
    let (mut in_class, mut found) = (false, false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                escaped.push(character);
                escaped.extend(characters.next());
                continue;
            }
            '[' => in_class = true,
            ']' => in_class = false,
            '.' if !in_class && !characters.peek().is_some_and(|next| "*+?{".contains(*next)) => {
                escaped.push('\\');
                found = true;
            }
            _ => {}
        }
        escaped.push(character);
    }
    found.then_some(escaped)
}

/// The glob that says what an expression of one branch says, but for what its variable part may be.
pub(super) fn glob(hir: &Hir) -> Option<String> {
    let [branch] = <[_; 1]>::try_from(branches(hir)).ok()?;
    let (before, behind) = match join(branch).as_slice() {
        [Part::Text(before), Part::Digits | Part::WithoutSlash | Part::Other, Part::Text(behind)] => {
            (before.bytes.clone(), behind.bytes.clone())
        }
        _ => return None,
    };
    let row = format!("{}*{}", String::from_utf8(before).ok()?, String::from_utf8(behind).ok()?);
    let is_glob = parse::shape(&row).is_ok_and(|shape| matches!(shape, Shape::Glob { .. }));
    is_glob.then_some(row)
}
