//! `Access-Control-Request-Headers`: the names that a page wants to send, checked against the names
//! that a grant allows (Fetch, "CORS-preflight fetch").
//!
//! Browsers send one line, lower-case, sorted, without white space. Intermediaries split, pad and
//! join lines, so all list syntax of RFC 9110, 5.6.1 is accepted; but within budgets, so that what
//! a line costs is bounded by the grant and never by its length.

use core::cmp::Ordering;

use super::is_token_byte;
use crate::request::Lines;

/// How many elements and lines may stand beyond the number of allowed names. A browser sends each
/// name once; the rest is room for empty elements and repetitions made on the way.
const SPARE: usize = 16;

/// Bytes of white space that may stand on either side of an element.
const MAX_WHITE_SPACE: usize = 2;

/// Limits of a request whose own lines are answered, or whose names the grant does not list.
const MAX_LINES: usize = 4;
const MAX_BYTES: usize = 8192;

/// Which request headers a grant allows, and how they are answered.
#[derive(Debug)]
pub(crate) struct HeaderNames {
    // INVARIANT: lower-case, sorted by bytes, unique, each a token of at most `longest` bytes.
    names: Box<[Box<str>]>,
    longest: usize,
    /// `*`: every name but `authorization` and `*` itself, unless listed.
    any: bool,
    /// The answer names what was asked for, as a view of the request's own lines.
    requested: bool,
}

/// Why a request's header names were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    Malformed,
    OverBudget,
    NotAllowed,
}

impl HeaderNames {
    /// `names` are tokens in any case and order; `any` stands for a listed `*`.
    pub(crate) fn new<'n>(names: impl IntoIterator<Item = &'n str>, any: bool, requested: bool) -> Self {
        let mut names: Vec<Box<str>> =
            names.into_iter().map(|name| name.to_ascii_lowercase().into_boxed_str()).collect();
        names.sort_unstable();
        names.dedup();
        let longest = names.iter().map(|name| name.len()).max().unwrap_or(0);
        Self { names: names.into_boxed_slice(), longest, any, requested }
    }

    /// Whether the answer to a refused request must leave the list out, because a browser could
    /// take it for a permission: a `*` (Chromium and Firefox let it cover `authorization`), or the
    /// request's own line.
    pub(crate) fn hides_refusals(&self) -> bool {
        self.any || self.requested
    }

    /// Checks every requested name, left to right, up to the first that fails.
    ///
    /// Work is bounded by the grant: at most `names + 16` elements of at most `longest + 1` bytes,
    /// or 8 KiB where the names are not listed or the lines are answered.
    pub(crate) fn check(&self, lines: Lines<'_>) -> Result<(), Failure> {
        if self.any || self.requested {
            self.check_size(lines)?;
        }
        let mut budget = Budget {
            lines: self.names.len() + SPARE,
            // Without a list there is no number of names to go by; `check_size` bounds the names
            // and only empty elements are counted.
            elements: if self.any { SPARE } else { self.names.len() + SPARE },
        };
        let mut cursor = 0;
        for line in lines {
            budget.lines = budget.lines.checked_sub(1).ok_or(Failure::OverBudget)?;
            self.check_line(line, &mut budget, &mut cursor)?;
        }
        Ok(())
    }

    fn check_size(&self, lines: Lines<'_>) -> Result<(), Failure> {
        let (mut count, mut bytes) = (0_usize, 0_usize);
        for line in lines {
            count += 1;
            bytes = bytes.saturating_add(line.len());
            if count > MAX_LINES || bytes > MAX_BYTES {
                return Err(Failure::OverBudget);
            }
        }
        Ok(())
    }

    fn check_line(&self, line: &[u8], budget: &mut Budget, cursor: &mut usize) -> Result<(), Failure> {
        let mut rest = line;
        loop {
            let (empty, after) = if let Some((b',', after)) = rest.split_first() {
                (true, Some(after))
            } else if let Some(after) = self.split_expected(rest, cursor) {
                (false, after)
            } else {
                let (name, after) = self.split_element(rest)?;
                if !name.is_empty() && !self.allows(name, cursor) {
                    return Err(Failure::NotAllowed);
                }
                (name.is_empty(), after)
            };
            if empty || !self.any {
                budget.elements = budget.elements.checked_sub(1).ok_or(Failure::OverBudget)?;
            }
            match after {
                Some(after) => rest = after,
                None => return Ok(()),
            }
        }
    }

    /// The element as browsers send it: a listed name in lower case, at or near the cursor, with
    /// nothing around it. What follows its comma, if that is what stands here.
    fn split_expected<'l>(&self, line: &'l [u8], cursor: &mut usize) -> Option<Option<&'l [u8]>> {
        if let Some(after) = self.split_name(line, *cursor) {
            *cursor += 1;
            return Some(after);
        }
        // The last one again, or the next after one or two that are left out.
        let mut near = [cursor.wrapping_sub(1), *cursor + 1, *cursor + 2].into_iter();
        let (index, after) = near.find_map(|index| Some((index, self.split_name(line, index)?)))?;
        *cursor = index + 1;
        Some(after)
    }

    /// What follows the comma of the element that is this name and nothing else.
    #[inline]
    fn split_name<'l>(&self, line: &'l [u8], index: usize) -> Option<Option<&'l [u8]>> {
        let name = self.names.get(index)?.as_bytes();
        // Most names that do not stand here differ in the first byte, which spares a call.
        if name.first() != line.first() {
            return None;
        }
        match line.strip_prefix(name)?.split_first() {
            None => Some(None),
            Some((b',', after)) => Some(Some(after)),
            Some(_) => None,
        }
    }

    /// One element, without its white space, and what follows its comma.
    fn split_element<'l>(&self, line: &'l [u8]) -> Result<(&'l [u8], Option<&'l [u8]>), Failure> {
        let line = self.skip_white_space(line)?;
        let limit = if self.any { MAX_BYTES } else { self.longest };
        let end = line.iter().take(limit + 1).take_while(|&&byte| is_token_byte(byte)).count();
        if end > limit {
            return Err(Failure::NotAllowed);
        }
        let (name, rest) = line.split_at_checked(end).unwrap_or((line, b""));
        match self.skip_white_space(rest)?.split_first() {
            None => Ok((name, None)),
            Some((b',', after)) => Ok((name, Some(after))),
            Some(_) => Err(Failure::Malformed),
        }
    }

    fn skip_white_space<'l>(&self, mut line: &'l [u8]) -> Result<&'l [u8], Failure> {
        for _ in 0..=MAX_WHITE_SPACE {
            match line.split_first() {
                Some((b' ', rest)) => line = rest,
                // A tab cannot be answered: it would be a control byte in our own output.
                Some((b'\t', rest)) if !self.requested => line = rest,
                _ => return Ok(line),
            }
        }
        Err(Failure::OverBudget)
    }

    /// Whether `name` is allowed, ignoring ASCII case. `cursor` is left behind it: browsers send
    /// names sorted, so the next one is nearly always there.
    fn allows(&self, name: &[u8], cursor: &mut usize) -> bool {
        if self.find(name, cursor) {
            return true;
        }
        self.any && name != b"*" && !name.eq_ignore_ascii_case(b"authorization")
    }

    fn find(&self, name: &[u8], cursor: &mut usize) -> bool {
        match self.names.binary_search_by(|listed| cmp_lower_case(listed.as_bytes(), name)) {
            Ok(index) => {
                *cursor = index + 1;
                true
            }
            Err(_) => false,
        }
    }
}

struct Budget {
    lines: usize,
    elements: usize,
}

/// Orders `listed`, which is lower-case, against `name` as if that were lower-case too.
fn cmp_lower_case(listed: &[u8], name: &[u8]) -> Ordering {
    listed.iter().copied().cmp(name.iter().map(u8::to_ascii_lowercase))
}

/// The request's lines as the answer repeats them: without outer white space, without lines that
/// name nothing. They were checked before, so they hold token bytes, commas and spaces only.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestedLines<'a>(Lines<'a>);

impl<'a> RequestedLines<'a> {
    pub(crate) const NONE: Self = Self(Lines::Listed(&[]));

    pub(crate) fn new(checked: Lines<'a>) -> Self {
        Self(checked)
    }
}

impl<'a> Iterator for RequestedLines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.0.find(|line| line.iter().any(|&byte| is_token_byte(byte))).map(<[u8]>::trim_ascii)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &HeaderNames, line: &[u8]) -> Result<(), Failure> {
        names.check(Lines::of(&[line]))
    }

    #[test]
    fn names_are_found_in_any_order_and_case() {
        let names = HeaderNames::new(["X-D", "x-a", "x-c", "x-b", "x-f", "x-e"], false, false);
        for line in ["x-a,x-b,x-c,x-d,x-e,x-f", "x-f,x-e,x-d,x-c,x-b,x-a", "X-A, x-F ,\tx-B", "x-a,x-a", ""] {
            assert_eq!(check(&names, line.as_bytes()), Ok(()), "{line}");
        }
        assert_eq!(check(&names, b"x-a,x-g"), Err(Failure::NotAllowed));
    }

    #[test]
    fn budgets_are_the_number_of_names_and_sixteen() {
        let names = HeaderNames::new(["x-a"], false, false);
        assert_eq!(check(&names, &[b','; 16]), Ok(()), "seventeen empty elements");
        assert_eq!(check(&names, &[b','; 17]), Err(Failure::OverBudget));
        let line: &[u8] = b"x-a";
        assert_eq!(names.check(Lines::of(&[line; 17])), Ok(()));
        assert_eq!(names.check(Lines::of(&[line; 18])), Err(Failure::OverBudget));
    }

    #[test]
    fn any_name_is_any_but_the_two_that_are_no_wildcard_of() {
        let names = HeaderNames::new([], true, false);
        assert_eq!(check(&names, b"x-anything,accept"), Ok(()));
        assert_eq!(check(&names, b"Authorization"), Err(Failure::NotAllowed));
        assert_eq!(check(&names, b"*"), Err(Failure::NotAllowed));
        let names = HeaderNames::new(["authorization"], true, false);
        assert_eq!(check(&names, b"x-a,authorization"), Ok(()));
    }
}
