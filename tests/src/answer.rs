//! A whole decision in a form that can be compared: what the corpus expects, what the engine says
//! in process, and what a command line prints as JSON.

use corsac::{Decision, Reason, Verdict};
use serde::Deserialize;
use serde_json::Value;

use crate::bytes::{Text, shown};

/// All fields of a decision but `generation`, which no corpus case can change.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub verdict: String,
    pub reason: String,
    pub failed: Vec<String>,
    pub status: Option<u16>,
    pub rule: Option<String>,
    pub grant: Option<u32>,
    pub set: Vec<(String, Text)>,
    pub vary: Vec<String>,
    pub upstream: String,
}

/// The names of checks, in the order in which they are told.
pub const FAILED: [&str; 4] = ["origin", "method", "headers", "private-network"];

/// The keys of an answer line, in the order in which they are written.
pub const KEYS: [&str; 11] =
    ["id", "verdict", "reason", "failed", "status", "rule", "grant", "set", "vary", "upstream", "generation"];

impl Answer {
    /// What the engine said.
    pub fn of(decision: &Decision<'_>) -> Self {
        let set = decision.set().map(|(name, value)| (name.into(), text_of(value)));
        Self {
            verdict: decision.verdict().as_str().into(),
            reason: decision.reason().as_str().into(),
            failed: decision.failed().names().map(Into::into).collect(),
            status: decision.status(),
            rule: decision.rule().map(Into::into),
            grant: decision.grant(),
            set: set.collect(),
            vary: decision.vary().names().map(Into::into).collect(),
            upstream: decision.upstream().as_str().into(),
        }
    }

    /// Whether the engine said exactly this. Quick where it did, for tests that ask millions of times.
    pub fn is_said_by(&self, decision: &Decision<'_>) -> bool {
        let is_set = |((name, value), (other, bytes)): (&(String, Text), (&str, &[u8]))| {
            name == other && matches!(value, Text::Plain(text) if text.as_bytes() == bytes)
        };
        self.verdict == decision.verdict().as_str()
            && self.reason == decision.reason().as_str()
            && self.failed.iter().map(String::as_str).eq(decision.failed().names())
            && self.status == decision.status()
            && self.rule.as_deref() == decision.rule()
            && self.grant == decision.grant()
            && self.set.len() == decision.set().count()
            && self.set.iter().zip(decision.set()).all(is_set)
            && self.vary.iter().map(String::as_str).eq(decision.vary().names())
            && self.upstream == decision.upstream().as_str()
    }

    /// One line of JSON, whose `id` and `generation` are as given: every key there, in order, and
    /// no other.
    pub fn of_json(line: &str, id: u64) -> Result<Self, String> {
        let value: Value = serde_json::from_str(line).map_err(|error| format!("`{line}` is no JSON: {error}"))?;
        let object = value.as_object().ok_or_else(|| format!("`{line}` is no object"))?;
        // The map that was read does not keep the order of its keys, so it is looked up in the line.
        let places: Vec<_> = KEYS.iter().map(|key| line.find(&format!("\"{key}\":"))).collect();
        if object.len() != KEYS.len() || places.iter().any(Option::is_none) || !places.is_sorted() {
            return Err(format!("`{line}` has not the keys {KEYS:?}, in this order"));
        }
        if value["id"] != id || value["generation"] != 1 {
            return Err(format!("`{line}`: id {id} and generation 1 were expected"));
        }
        let mut fields = object.clone();
        fields.remove("id");
        fields.remove("generation");
        serde_json::from_value(Value::Object(fields)).map_err(|error| format!("`{line}`: {error}"))
    }

    /// Whether an expectation can be met at all.
    pub fn check(&self) -> Result<(), String> {
        if !Verdict::ALL.iter().any(|verdict| verdict.as_str() == self.verdict) {
            return Err(format!("`{}` is no verdict", self.verdict));
        }
        if !Reason::ALL.iter().any(|reason| reason.as_str() == self.reason) {
            return Err(format!("`{}` is no reason", self.reason));
        }
        let known: Vec<_> = FAILED.iter().filter(|name| self.failed.iter().any(|failed| failed == *name)).collect();
        if !known.into_iter().eq(&self.failed) {
            return Err(format!("failed is a part of {FAILED:?}, in this order"));
        }
        for (_, value) in &self.set {
            value.to_bytes()?;
        }
        Ok(())
    }

    fn lines(&self) -> [(&'static str, String); 9] {
        let set = self.set.iter().map(|(name, value)| {
            let value = value.to_bytes().unwrap_or_else(|error| error.into_bytes());
            format!("{name}: {}", shown(&value))
        });
        [
            ("verdict", self.verdict.clone()),
            ("reason", self.reason.clone()),
            ("failed", self.failed.join(", ")),
            ("status", self.status.map_or("none".into(), |status| status.to_string())),
            ("rule", self.rule.clone().unwrap_or_else(|| "none".into())),
            ("grant", self.grant.map_or("none".into(), |grant| grant.to_string())),
            ("set", set.collect::<Vec<_>>().join(" | ")),
            ("vary", self.vary.join(", ")),
            ("upstream", self.upstream.clone()),
        ]
    }

    fn set_bytes(&self) -> Vec<(String, Vec<u8>)> {
        self.set.iter().map(|(name, value)| (name.clone(), value.to_bytes().unwrap())).collect()
    }

    /// In which fields `actual` is another answer than this expectation; empty where it is the same.
    pub fn differences(&self, actual: &Self) -> Vec<String> {
        let mut differences = vec![];
        for ((field, expected), (_, actual)) in self.lines().into_iter().zip(actual.lines()) {
            if expected != actual {
                differences.push(format!("{field}: expected `{expected}`, not `{actual}`"));
            }
        }
        // What is shown is cut; what is compared is not.
        if differences.is_empty() && self.set_bytes() != actual.set_bytes() {
            differences.push("set: differs behind what can be shown".into());
        }
        differences
    }
}

fn text_of(value: &[u8]) -> Text {
    match std::str::from_utf8(value) {
        Ok(text) => Text::Plain(text.into()),
        Err(_) => panic!("a value that is set is visible ASCII, not `{}`", shown(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"id":7,"verdict":"allowed","reason":"ok","failed":[],"status":null,"rule":"https://a.example","grant":0,"set":[["access-control-allow-origin","https://a.example"]],"vary":["Origin"],"upstream":"replace","generation":1}"#;

    #[test]
    fn every_field_is_compared() {
        let answer = Answer::of_json(LINE, 7).unwrap();
        assert!(answer.differences(&answer).is_empty());
        for (from, to) in [
            ("\"allowed\"", "\"denied\""),
            ("\"ok\"", "\"origin-null\""),
            ("\"failed\":[]", "\"failed\":[\"origin\"]"),
            ("\"status\":null", "\"status\":204"),
            ("\"rule\":\"https", "\"rule\":\"http"),
            ("\"grant\":0", "\"grant\":1"),
            (",\"https://a.example\"]", ",\"https://b.example\"]"),
            ("[\"Origin\"]", "[]"),
            ("\"replace\"", "\"keep\""),
        ] {
            let other = Answer::of_json(&LINE.replacen(from, to, 1), 7).unwrap();
            assert_eq!(answer.differences(&other).len(), 1, "{to}");
        }
    }

    #[test]
    fn a_line_of_another_shape_is_refused() {
        for (from, to) in [
            ("\"id\":7", "\"id\":8"),
            ("\"generation\":1", "\"generation\":2"),
            ("\"status\":null,", ""),
            ("\"id\":7", "\"id\":7,\"more\":1"),
            ("\"failed\":[],\"status\":null", "\"status\":null,\"failed\":[]"),
        ] {
            assert!(Answer::of_json(&LINE.replacen(from, to, 1), 7).is_err(), "{to}");
        }
    }
}
