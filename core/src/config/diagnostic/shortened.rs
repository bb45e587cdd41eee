//! Findings that are kept for long or shown to people: of each code the first few.

use std::collections::HashMap;

use super::{Code, ConfigError, Diagnostic, Severity};

/// How many findings of one code and severity a shortened list has, before it only says how many more
/// there are.
pub const SHOWN_OF_A_CODE: usize = 10;

/// The same findings in the same order, of each code and severity at most [`SHOWN_OF_A_CODE`]. Behind the
/// last of these, one finding of the same code stands for the rest: its [`count`](Diagnostic::count) is
/// their number, its message says so, and it has no place.
#[must_use]
pub fn shortened(diagnostics: &[Diagnostic]) -> Vec<Diagnostic> {
    let mut left: HashMap<(Code, Severity), (usize, usize)> = HashMap::new();
    for diagnostic in diagnostics {
        left.entry(diagnostic.kind()).or_default().1 += diagnostic.count;
    }
    let mut shown = Vec::new();
    for diagnostic in diagnostics {
        let Some((before, left)) = left.get_mut(&diagnostic.kind()) else { continue };
        if *before >= SHOWN_OF_A_CODE {
            continue;
        }
        // What stands for others was shortened before, and is counted below.
        if diagnostic.count == 1 {
            shown.push(diagnostic.clone());
            *left -= 1;
            *before += 1;
        }
        if *before == SHOWN_OF_A_CODE && *left > 0 {
            shown.push(diagnostic.and_more(*left));
        }
    }
    shown
}

impl ConfigError {
    /// The same with at most ten findings of each code, to be kept or shown: see [`shortened`].
    #[must_use]
    pub fn shortened(&self) -> Self {
        // Of each code one is left at least, so that the error is.
        Self { diagnostics: shortened(&self.diagnostics) }
    }
}

impl Diagnostic {
    fn kind(&self) -> (Code, Severity) {
        (self.code, self.severity)
    }

    fn and_more(&self, count: usize) -> Self {
        let message = format!("… and {} more `{}`", grouped(count), self.code);
        Self { policy: None, location: None, message, help: None, count, ..*self }
    }
}

/// With a comma before every third digit.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::diagnostic::{Collector, Summary};

    fn findings(errors: usize, notes: usize) -> Vec<Diagnostic> {
        let mut collector = Collector::default();
        for number in 0..errors {
            collector.error(Code::OriginTrailingSlash, None, format!("error {number}"), String::new());
        }
        for number in 0..notes {
            collector.report(Code::WildcardSiblings, Severity::Note, None, format!("note {number}"), String::new());
        }
        collector.finish()
    }

    #[test]
    fn the_first_ten_of_a_code_are_shown_and_the_rest_is_counted() {
        let short = shortened(&findings(5_000, 3));
        assert_eq!(short.len(), SHOWN_OF_A_CODE + 1 + 3);
        let more = &short[SHOWN_OF_A_CODE];
        assert_eq!(more.message(), "… and 4,990 more `origin/trailing-slash`");
        assert_eq!((more.count(), more.severity(), more.location()), (4_990, Severity::Error, None));
        let counts: Vec<_> = Summary::of(&short).counts().iter().map(|of| (of.code, of.count)).collect();
        assert_eq!(counts, [(Code::OriginTrailingSlash, 5_000), (Code::WildcardSiblings, 3)]);
    }

    #[test]
    fn what_was_shortened_stays_so() {
        for number in [0, 1, 10, 11, 1_234_567] {
            let short = shortened(&findings(number.min(2_000), 12));
            assert_eq!(shortened(&short), short, "{number}");
        }
        assert_eq!(shortened(&findings(10, 0)), findings(10, 0));
    }

    #[test]
    fn thousands_are_grouped() {
        for (number, text) in [(1, "1"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }
}
