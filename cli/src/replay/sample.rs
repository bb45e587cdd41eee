//! A request that two documents decide differently, as it is shown.

use corsac::{Decision, Policies, Policy};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::show::decision;
use crate::show::escape::Bytes;

/// The longest id that is shown; the line number is always shown.
const MAX_ID: usize = 400;

/// One request, decided by both documents.
#[derive(Debug)]
pub(crate) struct Compared<'a> {
    /// The number of the line in the log, from 1.
    pub(crate) number: u64,
    pub(crate) id: Option<&'a str>,
    pub(crate) method: &'a [u8],
    pub(crate) headers: &'a [(&'a [u8], &'a [u8])],
    pub(crate) old: (&'a Policies, &'a Decision<'a>),
    pub(crate) new: (&'a Policies, &'a Decision<'a>),
}

/// The request, and both decisions.
#[derive(Debug, Serialize)]
pub(crate) struct Sample {
    pub(crate) line: u64,
    /// As written in the log; omitted if it is very long.
    pub(crate) id: Option<Box<RawValue>>,
    pub(crate) method: String,
    pub(crate) origin: Option<String>,
    pub(crate) request_method: Option<String>,
    pub(crate) request_headers: Option<String>,
    pub(crate) old: SampleDecision,
    pub(crate) new: SampleDecision,
}

/// The decision by one of the documents.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct SampleDecision {
    pub(crate) policy: Option<Box<str>>,
    pub(crate) verdict: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) rule: Option<Box<str>>,
    pub(crate) grant: Option<u32>,
    pub(crate) status: Option<u16>,
    pub(crate) set: Vec<(&'static str, String)>,
    pub(crate) vary: Vec<&'static str>,
    pub(crate) upstream: &'static str,
}

impl Sample {
    pub(crate) fn of(compared: &Compared<'_>) -> Self {
        let header = |name| joined(compared.headers, name).map(|value| Bytes(&value).to_string());
        Self {
            line: compared.number,
            id: compared.id.filter(|id| id.len() <= MAX_ID).and_then(visible),
            method: Bytes(compared.method).to_string(),
            origin: header("origin"),
            request_method: header("access-control-request-method"),
            request_headers: header("access-control-request-headers"),
            old: SampleDecision::of(compared.old),
            new: SampleDecision::of(compared.new),
        }
    }

    /// The names of the policies used: one, or both if they differ.
    pub(crate) fn policies(&self) -> String {
        let name = |decision: &SampleDecision| decision.policy.as_deref().unwrap_or("no policy").to_owned();
        let (old, new) = (name(&self.old), name(&self.new));
        if old == new { old } else { format!("{old} → {new}") }
    }

    /// The differences besides the outcome: `access-control-max-age: 600 → 60`.
    pub(crate) fn differences(&self) -> Vec<String> {
        let (old, new) = (&self.old, &self.new);
        let mut lines = Vec::new();
        let mut line = |name: &str, old: String, new: String| {
            if old != new {
                lines.push(format!("{name}: {old} → {new}"));
            }
        };
        let status =
            |decision: &SampleDecision| decision.status.map_or("forward".to_owned(), |status| status.to_string());
        line("status", status(old), status(new));
        let mut seen = Vec::new();
        for (name, _) in old.set.iter().chain(&new.set) {
            if !seen.contains(name) {
                seen.push(*name);
                line(name, old.value(name), new.value(name));
            }
        }
        line("vary", or_nothing(old.vary.join(", ")), or_nothing(new.vary.join(", ")));
        line("upstream", old.upstream.to_owned(), new.upstream.to_owned());
        lines
    }
}

impl SampleDecision {
    fn of((policies, decision): (&Policies, &Decision<'_>)) -> Self {
        let policy = decision.policy().and_then(|id| policies.get(id)).map(Policy::name);
        Self {
            policy: policy.map(Into::into),
            verdict: decision.verdict().as_str(),
            reason: decision.reason().as_str(),
            rule: decision.rule().map(Into::into),
            grant: decision.grant(),
            status: decision.status(),
            set: decision.set().map(|(name, value)| (name, Bytes(value).to_string())).collect(),
            vary: decision.vary().names().collect(),
            upstream: decision.upstream().as_str(),
        }
    }

    /// The row and its grant, as text.
    pub(crate) fn rule(&self) -> String {
        match (&self.rule, self.grant) {
            (Some(rule), Some(grant)) => format!("`{rule}`, grant {grant}"),
            (Some(rule), None) => format!("`{rule}`, one of the service's own origins"),
            (None, _) => "no row".to_owned(),
        }
    }

    fn value(&self, name: &str) -> String {
        let lines: Vec<_> =
            self.set.iter().filter(|(known, _)| *known == name).map(|(_, value)| value.as_str()).collect();
        or_nothing(lines.join(", "))
    }
}

fn or_nothing(text: String) -> String {
    if text.is_empty() { "nothing".to_owned() } else { text }
}

/// All lines of this name as one value, joined as a proxy may join them.
fn joined(headers: &[(&[u8], &[u8])], name: &str) -> Option<Vec<u8>> {
    let mut lines = headers.iter().filter(|(line, _)| line.eq_ignore_ascii_case(name.as_bytes()));
    let mut value: Vec<u8> = lines.next()?.1.to_vec();
    for (_, line) in lines {
        value.extend(b", ");
        value.extend(*line);
    }
    Some(value)
}

/// The id in visible ASCII.
fn visible(id: &str) -> Option<Box<RawValue>> {
    let mut text = Vec::new();
    decision::write_id(&mut text, id).ok()?;
    RawValue::from_string(String::from_utf8(text).ok()?).ok()
}
