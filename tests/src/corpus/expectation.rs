//! The expected decision of a case, as the corpus writes it: what follows from its verdict and reason
//! is left out. `python/tests/corpus.py` has the same rule, and `tests/data/README.md` explains it.

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use crate::answer::Answer;
use crate::bytes::Text;

/// The names in `Vary` of a decision about a preflight; about any other request, the first alone.
const VARY: [&str; 3] = ["Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    verdict: String,
    reason: Option<String>,
    failed: Option<Vec<String>>,
    status: Option<u16>,
    rule: Option<String>,
    grant: Option<u32>,
    set: Option<Vec<(String, Text)>>,
    vary: Option<Vec<String>>,
    upstream: Option<String>,
}

/// Reads an expectation as a whole answer.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Answer, D::Error> {
    Expectation::deserialize(deserializer)?.complete().map_err(D::Error::custom)
}

impl Expectation {
    fn complete(self) -> Result<Answer, String> {
        let reason = match (self.reason, reason_of(&self.verdict)) {
            (reason, Some(default)) => given_or("reason", reason, default.to_owned())?,
            (Some(reason), None) => reason,
            (None, None) => return Err(format!("the verdict `{}` needs a `reason`", self.verdict)),
        };
        let failed = failed_check(&self.verdict, &reason).map(str::to_owned).into_iter().collect();
        let vary = if self.verdict.starts_with("preflight-") { &VARY[..] } else { &VARY[..1] };
        let vary = vary.iter().map(|name| (*name).to_owned()).collect();
        if self.set.as_ref().is_some_and(Vec::is_empty) {
            return Err(spelled_out("set"));
        }
        Ok(Answer {
            failed: given_or("failed", self.failed, failed)?,
            status: self.status,
            rule: self.rule,
            grant: self.grant,
            set: self.set.unwrap_or_default(),
            vary: given_or("vary", self.vary, vary)?,
            upstream: given_or("upstream", self.upstream, "replace".into())?,
            verdict: self.verdict,
            reason,
        })
    }
}

/// The only reason that a verdict has, unless it has several.
fn reason_of(verdict: &str) -> Option<&'static str> {
    match verdict {
        "allowed" | "preflight-allowed" => Some("ok"),
        "not-cors" => Some("no-origin"),
        "same-origin" => Some("own-origin"),
        _ => None,
    }
}

/// The check that the reason of a denial names.
fn failed_check(verdict: &str, reason: &str) -> Option<&'static str> {
    if !["denied", "preflight-denied"].contains(&verdict) {
        return None;
    }
    match reason {
        "own-origin" => Some("origin"),
        _ if reason.starts_with("origin-") => Some("origin"),
        _ if reason.starts_with("method-") => Some("method"),
        _ if reason.starts_with("header-") || reason.starts_with("headers-") => Some("headers"),
        _ if reason.starts_with("private-network-") => Some("private-network"),
        _ => None,
    }
}

/// What is given, or the default; a default that is spelled out is a mistake, so that what a case says
/// is what is special about it.
fn given_or<T: PartialEq>(field: &str, given: Option<T>, default: T) -> Result<T, String> {
    match given {
        Some(given) if given == default => Err(spelled_out(field)),
        Some(given) => Ok(given),
        None => Ok(default),
    }
}

pub(super) fn spelled_out(field: &str) -> String {
    format!("`{field}` is the default: leave it out")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(text: &str) -> Result<Answer, String> {
        toml::from_str::<Expectation>(text).map_err(|error| error.to_string())?.complete()
    }

    #[test]
    fn what_is_left_out_follows_from_verdict_and_reason() {
        for (text, reason, failed, vary) in [
            ("verdict = 'allowed'", "ok", &[][..], 1),
            ("verdict = 'preflight-allowed'", "ok", &[], 3),
            ("verdict = 'not-cors'", "no-origin", &[], 1),
            ("verdict = 'same-origin'", "own-origin", &[], 1),
            ("verdict = 'no-policy'\nreason = 'path-ambiguous'", "path-ambiguous", &[], 1),
            ("verdict = 'denied'\nreason = 'origin-null'", "origin-null", &["origin"], 1),
            ("verdict = 'preflight-denied'\nreason = 'own-origin'", "own-origin", &["origin"], 3),
            ("verdict = 'preflight-denied'\nreason = 'method-malformed'", "method-malformed", &["method"], 3),
            ("verdict = 'preflight-denied'\nreason = 'header-not-allowed'", "header-not-allowed", &["headers"], 3),
            ("verdict = 'preflight-denied'\nreason = 'headers-malformed'", "headers-malformed", &["headers"], 3),
            (
                "verdict = 'preflight-denied'\nreason = 'private-network-not-allowed'",
                "private-network-not-allowed",
                &["private-network"],
                3,
            ),
        ] {
            let answer = complete(text).unwrap();
            assert_eq!((answer.reason.as_str(), answer.vary), (reason, VARY[..vary].map_owned()), "{text}");
            assert_eq!((answer.failed, answer.upstream.as_str()), (failed.map_owned(), "replace"), "{text}");
            assert!(answer.set.is_empty() && answer.status.is_none() && answer.rule.is_none(), "{text}");
        }
    }

    trait MapOwned {
        fn map_owned(&self) -> Vec<String>;
    }

    impl MapOwned for [&str] {
        fn map_owned(&self) -> Vec<String> {
            self.iter().map(|text| (*text).to_owned()).collect()
        }
    }

    #[test]
    fn a_default_that_is_spelled_out_is_refused() {
        for (text, field) in [
            ("verdict = 'allowed'\nreason = 'ok'", "reason"),
            ("verdict = 'denied'\nreason = 'origin-null'\nfailed = ['origin']", "failed"),
            ("verdict = 'allowed'\nset = []", "set"),
            ("verdict = 'allowed'\nvary = ['Origin']", "vary"),
            ("verdict = 'allowed'\nupstream = 'replace'", "upstream"),
        ] {
            assert_eq!(complete(text).unwrap_err(), spelled_out(field), "{text}");
        }
    }

    #[test]
    fn an_unknown_field_and_a_missing_reason_are_refused() {
        assert!(complete("verdict = 'allowed'\nrules = 'x'").unwrap_err().contains("`rules`"));
        assert!(complete("verdict = 'denied'").unwrap_err().contains("`reason`"));
    }
}
