//! The engine: `Reader::decide` on views of a request's lines.

use corsac::{Decision, Engine, Policy, PolicyBuilder, PolicyId, Reader, Request, Target};

use crate::answer::Answer;
use crate::prepared::Ask;
use crate::scenario::{self, Scenario};

const OK: u16 = 200;

pub(crate) struct Decide {
    reader: Reader,
    target: PolicyId,
    requests: Vec<Lines>,
}

/// A request as in a server: its lines by name.
struct Lines {
    method: Box<[u8]>,
    origins: Vec<Box<[u8]>>,
    methods: Vec<Box<[u8]>>,
    requested: Vec<Box<[u8]>>,
}

/// The scenario's policy for corsac.
pub(crate) fn policy(policy: &scenario::Policy) -> Result<Policy, String> {
    let mut builder = PolicyBuilder::new("scenario");
    builder
        .allow_origins(policy.allow_origins.iter().map(String::as_str))
        .allow_methods(policy.allow_methods.iter().map(String::as_str))
        .allow_headers(policy.allow_headers.iter().map(String::as_str))
        .allow_credentials(policy.allow_credentials)
        .max_age(policy.max_age);
    builder.build().map_err(|error| error.to_string())
}

impl Decide {
    pub(crate) fn new(scenario: &Scenario) -> Result<Self, String> {
        let engine = Engine::new(policy(&scenario.policy)?.into());
        let target = engine.policy_id("scenario").ok_or("the engine lost its policy")?;
        let requests = scenario.requests.iter().map(Lines::of).collect();
        Ok(Self { reader: engine.reader(), target, requests })
    }

    fn decide(&mut self, index: usize) -> Option<Decision<'_>> {
        let lines = self.requests.get(index)?;
        Some(self.reader.decide(Target::Policy(self.target), &lines.request()))
    }
}

impl Lines {
    fn of(request: &scenario::Request) -> Self {
        let lines = |name| request.lines(name).map(Into::into).collect();
        Self {
            method: request.method.as_bytes().into(),
            origins: lines("origin"),
            methods: lines("access-control-request-method"),
            requested: lines("access-control-request-headers"),
        }
    }

    fn request(&self) -> Request<'_> {
        let request = self.origins.iter().fold(Request::new(&self.method), Request::origin);
        let request = self.methods.iter().fold(request, Request::request_method);
        request.request_headers(&self.requested)
    }
}

impl Ask for Decide {
    fn len(&self) -> usize {
        self.requests.len()
    }

    fn ask(&mut self, index: usize) -> usize {
        self.decide(index).map_or(0, |decision| std::hint::black_box(decision).verdict() as usize)
    }

    fn answer(&mut self, index: usize) -> Result<Answer, String> {
        let decision = self.decide(index).ok_or("there is no such request")?;
        let vary = decision.vary().value();
        let vary = (!vary.is_empty()).then_some(("vary", vary.as_bytes()));
        Ok(Answer::head(decision.status().unwrap_or(OK), decision.set().chain(vary)))
    }
}
