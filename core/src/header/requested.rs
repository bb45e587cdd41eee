//! `Access-Control-Request-Headers`: the names that a page wants to send, checked against the names
//! that a grant allows (Fetch, "CORS-preflight fetch", steps 7.6 and 7.7).
//!
//! Browsers send one line, lower-case, sorted (Fetch, "CORS-unsafe request-header names"), separated
//! by commas without white space ("CORS-preflight fetch", step 5). Intermediaries split, pad and
//! join lines, so all list syntax of RFC 9110, 5.6.1 is accepted; but within limits, so that the
//! cost of a line is bounded by the grant and not by the line's length.

use super::ignore_case::before_comma;
use super::is_token_byte;
use super::names::Names;
use crate::request::Lines;

/// How many elements and lines are accepted beyond the number of allowed names. A browser sends
/// each name once; the rest is room for empty elements and repetitions made on the way.
const SPARE: usize = 16;

/// The most bytes of white space accepted on either side of an element.
const MAX_WHITE_SPACE: usize = 2;

/// Limits for a request whose own lines are echoed, or whose names the grant does not list.
const MAX_LINES: usize = 4;
const MAX_BYTES: usize = 8192;

/// Which request headers a grant allows, and how they are answered.
#[derive(Debug)]
pub(crate) struct HeaderNames {
    // INVARIANT: tokens, and so without commas, white space and bytes beyond ASCII.
    names: Names,
    /// How many bytes of a line are searched for the comma after a listed name: a whole number of
    /// words, so that the bytes of a longer line are never checked one by one.
    window: usize,
    /// `*`: every name but `authorization` (Fetch, "CORS non-wildcard request-header name") and `*`
    /// itself, unless they are listed.
    any: bool,
    /// The response lists the requested names, as a view of the request's own lines.
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
        let names = Names::new(names);
        let window = (names.longest() + MAX_WHITE_SPACE + 1).next_multiple_of(8);
        Self { names, window, any, requested }
    }

    /// Whether the response to a refused request must omit the list, because a browser could take
    /// it for a permission: a `*` (contrary to Fetch, "CORS-preflight fetch", step 7.6, Chromium and
    /// Firefox let it cover `authorization`), or the request's own line.
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
        let mut next = 0;
        for line in lines {
            budget.lines = budget.lines.checked_sub(1).ok_or(Failure::OverBudget)?;
            self.check_line(line, &mut budget, &mut next)?;
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

    fn check_line(&self, line: &[u8], budget: &mut Budget, next: &mut usize) -> Result<(), Failure> {
        let mut rest = line;
        loop {
            let (empty, after) = match rest.split_first() {
                None => (true, None),
                Some((b',', after)) => (true, Some(after)),
                Some(_) => match self.split_listed(rest, next) {
                    Some(split) => split,
                    None => self.split_unlisted(rest)?,
                },
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

    /// The element at the start of the line, if it is a listed name or empty: whether it is empty,
    /// and the text after its comma. `next` is the index of the name after the last that was found.
    #[inline]
    fn split_listed<'l>(&self, line: &'l [u8], next: &mut usize) -> Option<(bool, Option<&'l [u8]>)> {
        // Browsers send names sorted and in lower case (Fetch, "CORS-unsafe request-header names").
        match self.names.strip(*next, line).and_then(split_comma) {
            Some(after) => {
                *next += 1;
                Some((false, after))
            }
            None => self.split_repeated(line, *next).or_else(|| self.split_listed_elsewhere(line, next)),
        }
    }

    /// The same for the last name again: a line may repeat a name as often as the limit allows, and
    /// is not to cost a lookup for each.
    #[inline]
    fn split_repeated<'l>(&self, line: &'l [u8], next: usize) -> Option<(bool, Option<&'l [u8]>)> {
        let after = self.names.strip(next.checked_sub(1)?, line).and_then(split_comma)?;
        Some((false, after))
    }

    /// The same for a name in another place or case, or with white space around it.
    #[inline(never)]
    fn split_listed_elsewhere<'l>(&self, line: &'l [u8], next: &mut usize) -> Option<(bool, Option<&'l [u8]>)> {
        let line = self.strip_white_space(line, <[u8]>::split_first);
        if let Some(after) = split_comma(line) {
            return Some((true, after));
        }
        // A comma further away is not that of a listed name.
        let window = line.get(..self.window).unwrap_or(line);
        let (element, rest) = line.split_at_checked(before_comma(window))?;
        let after = split_comma(rest)?;
        // A name that equals a listed one is a token, so its bytes need no validation.
        let name = self.strip_white_space(element, <[u8]>::split_last);
        *next = self.names.find(name)? + 1;
        Some((false, after))
    }

    /// The same of any other element, and whether it is empty; or what is wrong with it.
    fn split_unlisted<'l>(&self, line: &'l [u8]) -> Result<(bool, Option<&'l [u8]>), Failure> {
        let (name, after) = self.split_element(line)?;
        let covered = || self.any && name != b"*" && !name.eq_ignore_ascii_case(b"authorization");
        if name.is_empty() || covered() { Ok((name.is_empty(), after)) } else { Err(Failure::NotAllowed) }
    }

    /// Without as much white space on one side as may stand there.
    #[inline]
    fn strip_white_space<'l>(
        &self,
        mut text: &'l [u8],
        split: impl Fn(&'l [u8]) -> Option<(&'l u8, &'l [u8])>,
    ) -> &'l [u8] {
        for _ in 0..MAX_WHITE_SPACE {
            match split(text) {
                Some((byte, rest)) if self.is_white_space(*byte) => text = rest,
                _ => break,
            }
        }
        text
    }

    /// RFC 9110, 5.6.3: optional white space is spaces and tabs. A tab cannot be echoed: it would be
    /// a control byte in the response.
    fn is_white_space(&self, byte: u8) -> bool {
        byte == b' ' || (byte == b'\t' && !self.requested)
    }

    /// One element, without its white space, and what follows its comma.
    fn split_element<'l>(&self, line: &'l [u8]) -> Result<(&'l [u8], Option<&'l [u8]>), Failure> {
        let line = self.skip_white_space(line)?;
        let limit = if self.any { MAX_BYTES } else { self.names.longest() };
        let end = line.iter().take(limit + 1).take_while(|&&byte| is_token_byte(byte)).count();
        if end > limit {
            return Err(Failure::NotAllowed);
        }
        let (name, rest) = line.split_at_checked(end).unwrap_or((line, b""));
        let after = split_comma(self.skip_white_space(rest)?).ok_or(Failure::Malformed)?;
        Ok((name, after))
    }

    fn skip_white_space<'l>(&self, line: &'l [u8]) -> Result<&'l [u8], Failure> {
        let rest = self.strip_white_space(line, <[u8]>::split_first);
        match rest.first() {
            Some(byte) if self.is_white_space(*byte) && line.len() - rest.len() == MAX_WHITE_SPACE => {
                Err(Failure::OverBudget)
            }
            _ => Ok(rest),
        }
    }
}

/// What follows the comma that ends an element; the line's end does so, too.
#[inline]
fn split_comma(rest: &[u8]) -> Option<Option<&[u8]>> {
    match rest.split_first() {
        None => Some(None),
        Some((b',', after)) => Some(Some(after)),
        Some(_) => None,
    }
}

struct Budget {
    lines: usize,
    elements: usize,
}

/// The request's lines as the answer repeats them: without outer white space, without lines that
/// name nothing. They were checked before, so they hold token bytes, commas and spaces only.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestedLines<'a>(Lines<'a>);

impl<'a> RequestedLines<'a> {
    pub(crate) const NONE: Self = Self(Lines::NONE);

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
    fn two_bytes_of_white_space_may_stand_on_a_side() {
        let names = HeaderNames::new(["x-a", "x-b", "x-c", "x-d"], false, false);
        // Where the way leads, near it, and elsewhere.
        for name in ["x-b", "x-c", "x-a", "x-d"] {
            for (before, after) in (0..4).flat_map(|before| (0..4).map(move |after| (before, after))) {
                let result = if before.max(after) > 2 { Err(Failure::OverBudget) } else { Ok(()) };
                for byte in [" ", "\t"] {
                    let line = format!("x-a,{}{name}{},x-d", byte.repeat(before), byte.repeat(after));
                    assert_eq!(check(&names, line.as_bytes()), result, "{line:?}");
                    let empty = format!("x-a,{},{name}", byte.repeat(before));
                    assert_eq!(check(&names, empty.as_bytes()).is_ok(), before < 3, "{empty:?}");
                }
            }
        }
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
