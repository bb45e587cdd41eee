//! A regular expression as a row, matched whole and on bytes by the crate `regex`.

use regex::bytes::{Regex, RegexBuilder};

use super::origin::Parsed;

#[derive(Clone, Debug)]
pub struct Expression {
    pub text: String,
    regex: Regex,
}

impl Expression {
    /// Reads an expression that the engine accepts.
    pub fn parse(text: &str) -> Self {
        let regex = RegexBuilder::new(&format!("^(?:{text})$")).unicode(false).build();
        let regex = regex.unwrap_or_else(|error| panic!("`{text}`: {error}"));
        Self { text: text.into(), regex }
    }

    pub fn matches(&self, origin: &Parsed) -> bool {
        self.regex.is_match(origin.text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::super::origin::parse;
    use super::*;

    #[test]
    fn expressions_match_whole_origins() {
        for (text, origin, expected) in [
            (r"https://[a-z]+\.a\.com", "https://b.a.com", true),
            (r"https://[a-z]+\.a\.com", "https://c.b.a.com", false),
            (r"https://[a-z]+\.a\.com", "https://b.a.com:1", false),
            (r"https://[a-z]+\.a\.com", "https://b.a.com.", false),
            (r"^https://b\.a\.com|https://c\.a\.com$", "https://b.a.com.d", false),
            (r"https://b.a\.com", "https://bxa.com", true),
        ] {
            let origin = parse(origin.as_bytes()).unwrap();
            assert_eq!(Expression::parse(text).matches(&origin), expected, "{text} {}", origin.text);
        }
    }
}
