//! A naive matcher, written from the specification and sharing nothing with the engine: rows are
//! parsed from their own text, expressions are run by another engine, and every question walks over
//! all of them.
//!
//! Slow and obvious on purpose. Where it and the engine differ, one of the two is wrong.

pub mod expression;
pub mod lists;
pub mod named;
pub mod origin;
pub mod preflight;
pub mod routes;
pub mod row;

use expression::Expression;
use origin::{Parsed, parse};
use row::Row;

/// What an `Origin` value is to a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// In this grant, by the row with this text.
    Granted {
        grant: u32,
        rule: String,
    },
    /// In no grant, but one of the service's own.
    Own(String),
    Malformed,
    Repeated,
    Null,
    NotAllowed,
}

/// The rows of one policy, in document order.
#[derive(Debug, Default)]
pub struct Oracle {
    rows: Vec<(u32, Row)>,
    expressions: Vec<(u32, Expression)>,
    null: Option<u32>,
    own: Vec<String>,
}

impl Oracle {
    /// Adds a row to a grant; `null` is one.
    pub fn add(&mut self, grant: u32, pattern: &str, depth: Option<usize>) {
        if pattern == "null" {
            self.null = Some(self.null.map_or(grant, |earlier| earlier.min(grant)));
        } else {
            self.rows.push((grant, Row::parse(pattern, depth)));
        }
    }

    /// Adds a regular expression to a grant.
    pub fn add_expression(&mut self, grant: u32, text: &str) {
        self.expressions.push((grant, Expression::parse(text)));
    }

    /// Adds an origin of the service's own.
    pub fn add_own(&mut self, origin: &str) {
        self.own.push(origin.into());
    }

    /// Judges one `Origin` line.
    pub fn judge(&self, value: &[u8]) -> Judgement {
        if value.len() > 326 {
            return Judgement::Malformed;
        }
        if value == b"null" {
            return match self.null {
                Some(grant) => Judgement::Granted { grant, rule: "null".into() },
                None => Judgement::Null,
            };
        }
        if value.contains(&b',') {
            return Judgement::Repeated;
        }
        match parse(value) {
            Some(origin) => self.judge_parsed(&origin),
            None => Judgement::Malformed,
        }
    }

    fn judge_parsed(&self, origin: &Parsed) -> Judgement {
        let matching = self.rows.iter().enumerate().filter(|(_, (_, row))| row.matches(origin));
        let row = matching.min_by_key(|(index, (grant, row))| (*grant, row.preference(), *index));
        let row = row.map(|(_, (grant, row))| (*grant, &row.text));
        let mut matching = self.expressions.iter().filter(|(_, expression)| expression.matches(origin));
        // Grants stand in order, and within one every other row comes before the expressions.
        let expression = matching.next().map(|(grant, expression)| (*grant, &expression.text));
        let best = match (row, expression) {
            (Some(row), Some(expression)) => Some(if row.0 <= expression.0 { row } else { expression }),
            (row, expression) => row.or(expression),
        };
        if let Some((grant, rule)) = best {
            return Judgement::Granted { grant, rule: rule.clone() };
        }
        match self.own.iter().find(|own| **own == origin.text) {
            Some(own) => Judgement::Own(own.clone()),
            None => Judgement::NotAllowed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_row_of_the_first_grant_is_named() {
        let mut oracle = Oracle::default();
        for (grant, pattern, depth) in [
            (0, "https://*.com", Some(1)),
            (1, "https://*.example.com:*", None),
            (1, "https://*.example.com", None),
            (1, "https://*.a.example.com:*", None),
            (1, "https://b.a.example.com:*", None),
            (1, "https://b.a.example.com:8443", None),
            (1, "https://g*.example.net:*", None),
            (1, "https://*g.example.net", None),
            (1, "https://gg*.example.net", None),
            (2, "https://h.example.org", None),
        ] {
            oracle.add(grant, pattern, depth);
        }
        oracle.add_expression(1, r"https://[gh]+\.example\.(net|org)(:\d+)?");
        for (origin, expected) in [
            ("https://example.com", Some((0, "https://*.com"))),
            ("https://a.example.com", Some((1, "https://*.example.com"))),
            ("https://a.example.com:1", Some((1, "https://*.example.com:*"))),
            ("https://x.a.example.com", Some((1, "https://*.a.example.com:*"))),
            ("https://b.a.example.com", Some((1, "https://b.a.example.com:*"))),
            ("https://b.a.example.com:8443", Some((1, "https://b.a.example.com:8443"))),
            ("http://a.example.com", None),
            ("https://ggg.example.net", Some((1, "https://*g.example.net"))),
            ("https://ggg.example.net:1", Some((1, "https://g*.example.net:*"))),
            ("https://hh.example.net:1", Some((1, r"https://[gh]+\.example\.(net|org)(:\d+)?"))),
            ("https://h.example.org", Some((1, r"https://[gh]+\.example\.(net|org)(:\d+)?"))),
        ] {
            let expected =
                expected.map_or(Judgement::NotAllowed, |(grant, rule)| Judgement::Granted { grant, rule: rule.into() });
            assert_eq!(oracle.judge(origin.as_bytes()), expected, "{origin}");
        }
    }
}
