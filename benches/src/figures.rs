//! Numbers as the pages show them, and names with a `*` in them.

use crate::scenarios::grouped;

/// Three digits, or all that stand before the point.
#[must_use]
pub fn figure(value: f64) -> String {
    match value.abs() {
        size if size < 9.995 => format!("{value:.2}"),
        size if size < 99.95 => format!("{value:.1}"),
        size if size < 1e15 => grouped(value.round() as usize),
        _ => format!("{value:.1e}"),
    }
}

/// Whether a name is what a pattern says, in which `*` is any text.
#[must_use]
pub fn is_like(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(start) else { return false };
    loop {
        if is_like(rest, left) {
            return true;
        }
        let mut characters = left.chars();
        if characters.next().is_none() {
            return false;
        }
        left = characters.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::{figure, is_like};

    #[test]
    fn three_digits_are_enough() {
        for (value, shown) in
            [(0.0, "0.00"), (0.5, "0.50"), (1.504, "1.50"), (12.34, "12.3"), (99.96, "100"), (1234.5, "1,235")]
        {
            assert_eq!(figure(value), shown);
        }
    }

    #[test]
    fn a_star_is_any_text() {
        assert!(is_like("a*c", "abbc") && is_like("*", "") && is_like("a*b*", "a-b-") && is_like("x", "x"));
        assert!(!is_like("a*c", "abd") && !is_like("x", "xy") && !is_like("a*", "ba"));
    }
}
