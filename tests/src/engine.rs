//! The engine as the tests ask it: a document's text in, judgements out.

use corsac::document::{Document, Format, ListError, Loaded};
use corsac::{ConfigError, Decision, Policies, Reason, Request, Target, Verdict};

use crate::oracle::Judgement;

/// Loads a document that names no list files.
pub fn load(text: &[u8], format: Format) -> Result<Loaded, ConfigError> {
    let name = if format == Format::Json { "policy.json" } else { "policy.toml" };
    let mut no_lists = |_: &str| Err(ListError::Unreadable("there are no lists here".into()));
    corsac::document::load(&Document { name, bytes: text, format }, &mut no_lists)
}

/// Loads a TOML document that must be accepted.
pub fn policies(text: &str) -> Policies {
    match load(text.as_bytes(), Format::Toml) {
        Ok(loaded) => loaded.policies,
        Err(error) => panic!("{error}\nin the document\n{text}"),
    }
}

/// The codes of the errors for which a document is refused; none where it is accepted.
pub fn errors(text: &str) -> Vec<&'static str> {
    let Err(error) = load(text.as_bytes(), Format::Toml) else { return vec![] };
    let errors = error.diagnostics().iter().filter(|found| found.severity() == corsac::Severity::Error);
    errors.map(|found| found.code().as_str()).collect()
}

/// The document's only policy.
pub fn only(policies: &Policies) -> Target<'static> {
    Target::Policy(policies.only().expect("the document has one policy"))
}

/// What the engine makes of one `Origin` line on an actual request.
pub fn judge(policies: &Policies, origin: &[u8]) -> Judgement {
    judgement(&policies.decide(only(policies), &Request::new("GET").origin(origin)))
}

/// What a decision on an actual request with one origin says.
pub fn judgement(decision: &Decision<'_>) -> Judgement {
    let rule = decision.rule().map(String::from);
    match (decision.verdict(), decision.reason(), rule, decision.grant()) {
        (Verdict::Allowed, Reason::Ok, Some(rule), Some(grant)) => Judgement::Granted { grant, rule },
        (Verdict::SameOrigin, Reason::OwnOrigin, Some(rule), None) => Judgement::Own(rule),
        (Verdict::Denied, Reason::OriginMalformed, None, None) => Judgement::Malformed,
        (Verdict::Denied, Reason::OriginRepeated, None, None) => Judgement::Repeated,
        (Verdict::Denied, Reason::OriginNull, None, None) => Judgement::Null,
        (Verdict::Denied, Reason::OriginNotAllowed, None, None) => Judgement::NotAllowed,
        _ => panic!("no answer to an actual request with one origin: {decision:?}"),
    }
}
