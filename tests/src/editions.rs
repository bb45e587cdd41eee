//! Documents that follow one another and differ in everything that a decision can say, with the
//! questions that show it: an answer of which one field comes from another edition is seen.

use std::fmt;

use corsac::{Decision, Policies, PolicyId, Request, Target};

use crate::answer::Answer;
use crate::bytes::shown;
use crate::engine;
use crate::generate::Dice;

/// One document of the sequence.
#[derive(Debug)]
pub struct Edition {
    number: u64,
    text: String,
}

/// What an edition answers to one question.
#[derive(Clone, Debug)]
pub struct Expected {
    pub answer: Answer,
    /// The name of the policy that a decision names.
    pub policy: Option<&'static str>,
}

/// The policies that editions are made of. The first is in all of them, each other in about half.
pub const NAMES: [&str; 3] = ["always", "often", "at.times"];

impl Edition {
    /// The edition of this number; the same number gives the same document.
    pub fn new(number: u64) -> Self {
        let mut dice = Dice::new(number);
        let mut names: Vec<_> = NAMES.into_iter().filter(|name| *name == NAMES[0] || dice.percent(50)).collect();
        // Where a policy stands in the document is nothing that an id may depend on.
        dice.shuffle(&mut names);
        let mut text = format!("version = 1\nunrouted = \"{}\"\n", dice.pick(&["deny", "pass"]));
        for name in &names {
            text.push_str(&policy(name, number, &mut dice));
        }
        let routes = [("host = \"a.example\"\n", 90), ("host = \"a.example\"\npath = \"/v1\"\n", 50), ("", 50)];
        for (place, share) in routes {
            if dice.percent(share) {
                text.push_str(&format!("[[route]]\n{place}policy = \"{}\"\n", dice.pick(&names)));
            }
        }
        Self { number, text }
    }

    pub fn number(&self) -> u64 {
        self.number
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The edition compiled, as a set of its own.
    pub fn policies(&self) -> Policies {
        engine::policies(&self.text)
    }

    /// What the edition answers to every question, by a set that no engine ever had.
    pub fn expected(&self, questions: &[Question]) -> Vec<Expected> {
        let (policies, unknown) = (self.policies(), unknown());
        let expect = |question: &Question| {
            let ids = |name: &str| policies.id(name).unwrap_or(unknown);
            let decision = question.ask(ids, |target, request| policies.decide(target, request));
            let name = decision.policy().and_then(|id| policies.get(id)).map(corsac::Policy::name);
            let policy = name.map(|name| *NAMES.iter().find(|known| **known == name).unwrap());
            Expected { answer: Answer::of(&decision), policy }
        };
        questions.iter().map(expect).collect()
    }
}

impl Expected {
    /// What is wrong with an engine's decision, where `ids` are the engine's; nothing where it is
    /// this one.
    pub fn differences(&self, decision: &Decision<'_>, ids: impl Fn(&str) -> PolicyId) -> Vec<String> {
        let policy = self.policy.map(ids);
        if self.answer.is_said_by(decision) && policy == decision.policy() {
            return vec![];
        }
        let mut differences = self.answer.differences(&Answer::of(decision));
        differences.push(format!("policy: expected {policy:?}, not {:?}", decision.policy()));
        differences
    }
}

/// An id that no set of three policies has.
fn unknown() -> PolicyId {
    let table = |name: &str| format!("[policy.{name}]\nallow_origins = [\"https://a.example\"]\n");
    let tables: String = ["a", "b", "c", "d"].map(table).concat();
    engine::policies(&format!("version = 1\n{tables}")).id("d").unwrap()
}

/// The number of the edition that a decision comes from, where its policy had a say at all.
pub fn number_of(decision: &Decision<'_>) -> Option<u64> {
    let (_, value) = decision.set().find(|(name, _)| *name == "timing-allow-origin")?;
    std::str::from_utf8(value).unwrap().strip_prefix("https://timing-")?.strip_suffix(".example")?.parse().ok()
}

/// One policy's table: every value names the edition, or is one of few by a roll of the dice.
fn policy(name: &str, number: u64, dice: &mut Dice) -> String {
    let row = *dice.pick(&[
        "\"https://app.gen.example\"",
        "\"https://*.gen.example\"",
        "\"https://a*.gen.example:*\"",
        "{ pattern = \"https://*.gen.example\", depth = 2 }",
        "{ regex = 'https://[a-z]+\\.gen\\.example' }",
        "",
    ]);
    let (own_row, grant_row) = if dice.percent(50) { (row, None) } else { ("", Some(row)) };
    let credentials = dice.percent(50);
    let mut table = format!(
        "[policy.\"{name}\"]\n\
         allow_origins = [\"https://other-{number}.gen.test\", {own_row}]\n\
         own_origins = [\"https://{}.gen.example\"]\n\
         allow_methods = [\"GEN-{number}\", \"{}\"]\n\
         allow_headers = [\"x-want-{number}\", \"{}\"]\n\
         expose_headers = [\"x-gen-{number}\", \"x-policy-{name}\"]\n\
         max_age = {}\n\
         allow_credentials = {credentials}\n\
         denied_requests = \"{}\"\n\
         preflight_status = {}\n\
         refused_preflight_status = {}\n\
         upstream = \"{}\"\n\
         allow_private_network = {}\n\
         timing_allow_origin = [\"https://timing-{number}.example\"]\n",
        dice.pick(&["own", "self"]),
        dice.pick(&["PUT", "DELETE"]),
        dice.pick(&["x-a", "x-b"]),
        number % 86_400,
        dice.pick(&["forward", "reject"]),
        dice.pick(&[200, 204]),
        dice.pick(&[403, 400, 200, 204]),
        dice.pick(&["replace", "keep"]),
        dice.percent(50),
    );
    if let Some(row) = grant_row {
        let line = format!("[[policy.\"{name}\".grant]]\nallow_origins = [{row}]\nallow_credentials = {credentials}\n");
        table.push_str(&line);
    }
    table
}

/// How a question selects its policy.
#[derive(Clone, Copy, Debug)]
pub enum Selector {
    Policy(&'static str),
    Route(&'static str, &'static str),
}

/// A request, and who is to decide it.
#[derive(Clone)]
pub struct Question {
    selector: Selector,
    method: &'static str,
    headers: Vec<(&'static [u8], &'static [u8])>,
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (shown(name), shown(value))).collect();
        write!(f, "{} {headers:?} of {:?}", self.method, self.selector)
    }
}

impl Question {
    fn new(selector: Selector, method: &'static str, headers: &[(&'static str, &'static str)]) -> Self {
        let headers = headers.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
        Self { selector, method, headers }
    }

    /// Asks `decide`, with the ids that `ids` knows.
    pub fn ask<'a>(
        &'a self,
        ids: impl Fn(&str) -> PolicyId,
        decide: impl FnOnce(Target<'_>, &Request<'a>) -> Decision<'a>,
    ) -> Decision<'a> {
        let target = match self.selector {
            Selector::Policy(name) => Target::Policy(ids(name)),
            Selector::Route(host, path) => Target::Route { host: host.as_bytes(), path: path.as_bytes() },
        };
        decide(target, &Request::from_headers(self.method, &self.headers))
    }
}

/// Questions that together ask for every field: of every policy, and by routes.
pub fn questions() -> Vec<Question> {
    const APP: (&str, &str) = ("origin", "https://app.gen.example");
    const OWN: (&str, &str) = ("origin", "https://own.gen.example");
    const UNKNOWN: (&str, &str) = ("origin", "https://unknown.example");
    const PUT: (&str, &str) = ("access-control-request-method", "PUT");
    const NAMES_ASKED: (&str, &str) = ("access-control-request-headers", "x-a");
    const PRIVATE: (&str, &str) = ("access-control-request-private-network", "true");
    let places = NAMES.map(Selector::Policy).into_iter().chain([
        Selector::Route("a.example", "/v1/x"),
        Selector::Route("a.example", "/"),
        Selector::Route("a.example", "//v1"),
        Selector::Route("b.example", "/v1"),
    ]);
    let of_place = |asked| {
        [
            Question::new(asked, "GET", &[APP]),
            Question::new(asked, "OPTIONS", &[APP, PUT, NAMES_ASKED]),
            Question::new(asked, "OPTIONS", &[APP, PUT, PRIVATE]),
            Question::new(asked, "GET", &[OWN]),
            Question::new(asked, "DELETE", &[UNKNOWN]),
            Question::new(asked, "OPTIONS", &[UNKNOWN, PUT]),
            Question::new(asked, "GET", &[]),
        ]
    };
    places.flat_map(of_place).collect()
}
