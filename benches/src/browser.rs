//! One browser's CORS check for all contestants: what it makes of an answer, and whether it should.

use serde::Deserialize;

use crate::scenario::{Expected, Kind, Policy, Request, Scenario};

/// What a contestant answered: headers, or a yes or no from one that makes none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answer {
    /// The answer itself, where there are no headers.
    pub allowed: Option<bool>,
    /// Of the response.
    pub status: u16,
    /// Those that the contestant set, with names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Answer {
    /// All lines with this name as one value, the way a browser reads them.
    fn value(&self, name: &str) -> Option<String> {
        let values: Vec<&str> =
            self.headers.iter().filter(|(given, _)| given == name).map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// Whether a list header names this, or any by `*`.
    fn lists(&self, name: &str, item: &str, star: bool, eq: fn(&str, &str) -> bool) -> bool {
        let value = self.value(name).unwrap_or_default();
        value.split(',').map(str::trim).any(|given| eq(given, item) || (star && given == "*"))
    }
}

/// Whether the browser hands the response over, or sends the request that was asked about.
#[must_use]
pub fn allows(kind: Kind, policy: &Policy, request: &Request, answer: &Answer) -> bool {
    let with_credentials = policy.allow_credentials;
    let allow_origin = answer.value("access-control-allow-origin").unwrap_or_default();
    let is_open = allow_origin == "*" && !with_credentials;
    let may_have_credentials =
        !with_credentials || answer.value("access-control-allow-credentials").as_deref() == Some("true");
    if !(is_open || (allow_origin == request.origin() && may_have_credentials)) {
        return false;
    }
    if kind == Kind::Actual {
        return true;
    }
    let method = request.values("access-control-request-method").next().unwrap_or_default();
    let star = !with_credentials;
    let names = request.values("access-control-request-headers").flat_map(|line| line.split(',')).map(str::trim);
    (200..300).contains(&answer.status)
        && answer.lists("access-control-allow-methods", method, star, |given, asked| given == asked)
        && names.filter(|name| !name.is_empty()).all(|name| {
            let star = star && !name.eq_ignore_ascii_case("authorization");
            answer.lists("access-control-allow-headers", name, star, str::eq_ignore_ascii_case)
        })
}

/// Says what is wrong with the answers to a scenario.
///
/// # Errors
/// The first wrong answer, and how many there are.
pub fn judge(scenario: &Scenario, answers: &[Answer]) -> Result<(), String> {
    if answers.len() != scenario.requests.len() {
        return Err(format!("{} answers to {} requests", answers.len(), scenario.requests.len()));
    }
    let asked = scenario.requests.iter().zip(&scenario.expected).zip(answers);
    let mut wrong = asked.filter_map(|((request, expected), answer)| find(scenario, request, expected, answer));
    match wrong.next() {
        None => Ok(()),
        Some(first) => Err(match wrong.count() {
            0 => first,
            more => format!("{first}; so are {more} more of {}", answers.len()),
        }),
    }
}

fn find(scenario: &Scenario, request: &Request, expected: &Expected, answer: &Answer) -> Option<String> {
    let origin = short(request.origin());
    let allowed = answer.allowed.unwrap_or_else(|| allows(scenario.kind, &scenario.policy, request, answer));
    match (expected.allowed, allowed) {
        (Some(true), false) => return Some(format!("refuses `{origin}`, which is allowed")),
        (Some(false), true) => return Some(format!("allows `{origin}`, which is to be refused")),
        _ => {}
    }
    let given = answer.value("access-control-allow-origin")?;
    let is_any = scenario.policy.is_for_any();
    if given == "*" && !is_any {
        return Some(format!("lets every origin in, asked by `{origin}`"));
    }
    let is_expected = expected.allow_origin.as_ref() == Some(&given) || (is_any && given == request.origin());
    (allowed && !is_expected).then(|| format!("answers `{}` to `{origin}`", short(&given)))
}

/// The first characters of a value that may be 64 KiB long.
fn short(value: &str) -> String {
    const SHOWN: usize = 60;
    if value.chars().count() <= SHOWN {
        value.into()
    } else {
        format!("{}…", value.chars().take(SHOWN).collect::<String>())
    }
}
