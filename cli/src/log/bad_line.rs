//! Why a line of a request log cannot be decided.
//!
//! Logs contain cookies and tokens. A malformed line may have them anywhere, so no message quotes a
//! value.

use std::fmt;

use serde_json::error::Category;

/// A reason, and the position in the line, if there is one.
#[derive(Debug)]
pub(crate) struct BadLine {
    column: Option<usize>,
    reason: String,
}

impl BadLine {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self { column: None, reason: reason.into() }
    }

    /// `column`: a byte of the line, from 1.
    pub(crate) fn at(self, column: usize) -> Self {
        Self { column: Some(column), ..self }
    }

    pub(crate) fn not_utf8(valid_up_to: usize) -> Self {
        let reason = "not UTF-8; write non-UTF-8 values as `{\"base64\": \"...\"}`".to_owned();
        Self { column: Some(valid_up_to + 1), reason }
    }

    pub(crate) fn from_json(error: &serde_json::Error) -> Self {
        let message = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let message = message.strip_suffix(&place).unwrap_or(&message);
        let reason = match error.classify() {
            Category::Data => without_value(message),
            Category::Eof => "not JSON: the line ends too early".to_owned(),
            // The parser calls `null`, `true` and `false` identifiers.
            Category::Syntax | Category::Io => {
                format!("not JSON: {}", message.replace("expected ident", "expected value"))
            }
        };
        Self { column: Some(error.column()).filter(|&column| column > 0), reason }
    }

    pub(crate) fn column(&self) -> Option<usize> {
        self.column
    }
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

/// ``invalid type: string "secret", expected an object`` as `expected an object, found a string`.
fn without_value(message: &str) -> String {
    let Some(rest) = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: ")) else {
        return message.to_owned();
    };
    // The value found may contain anything, the expected type is written in this crate: the last
    // `, expected ` separates them.
    let Some((found, expected)) = rest.rsplit_once(", expected ") else { return "of the wrong type".to_owned() };
    let kinds = [
        ("string", "a string"),
        ("integer", "a number"),
        ("floating", "a number"),
        ("boolean", "true or false"),
        ("null", "null"),
        ("map", "an object"),
        ("sequence", "an array"),
    ];
    match kinds.into_iter().find(|(prefix, _)| found.starts_with(prefix)) {
        Some((_, kind)) => format!("expected {expected}, found {kind}"),
        None => format!("expected {expected}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::log::line::LogLine;

    fn reason(line: &str) -> String {
        LogLine::parse(line.as_bytes()).map(drop).unwrap_err().to_string()
    }

    #[test]
    fn reasons_name_what_is_expected_and_quote_no_value() {
        for (line, expected) in [
            ("[]", "expected an object, found an array"),
            ("7", "expected an object, found a number"),
            (r#""secret""#, "expected an object, found a string"),
            ("{", "not JSON: the line ends too early"),
            ("{} {}", "`method` is missing"),
            (r#"{"method":"GET"}"#, "`headers` is missing"),
            (r#"{"method":"GET","method":"GET","headers":[]}"#, "`method` appears twice"),
            (r#"{"method":1,"headers":[]}"#, "expected a string or `{\"base64\": \"...\"}`, found a number"),
            (
                r#"{"method":"GET","headers":["authorization: secret, expected x"]}"#,
                "expected a header as `[\"name\", \"value\"]`, found a string",
            ),
            (r#"{"method":"GET","headers":[["cookie"]]}"#, "a header is `[\"name\", \"value\"]`, two elements"),
            (
                r#"{"method":"GET","headers":[["cookie",{"base64":"?"}]]}"#,
                "`base64` is not base64 (standard alphabet, with padding)",
            ),
            (
                r#"{"method":"GET","headers":[["cookie",{"base65":""}]]}"#,
                "a non-UTF-8 value is `{\"base64\": \"...\"}` with no other key",
            ),
            (
                r#"{"route":["h","/"],"method":"GET","headers":[]}"#,
                "expected an object with `host` and `path`, found an array",
            ),
        ] {
            assert_eq!(reason(line), expected, "{line}");
        }
        assert!(reason("{\"method\":\"\u{1}\"}").starts_with("not JSON: control character"));
    }
}
