//! Deciding a request: pure functions over one immutable snapshot, without panics or allocation.
//!
//! The checks are made in the order in which a browser makes them: the origin (Fetch, "CORS check",
//! step 4), the method ("CORS-preflight fetch", step 7.5), the header names (steps 7.6 and 7.7), and
//! private network access (Private Network Access). Step numbers here and in the other modules are
//! those of the Fetch standard's review draft of June 2026.

use core::num::NonZero;

use crate::decision::Decision;
use crate::header::{self, RequestedLines};
use crate::matcher::{Found, Matched, Refusal};
use crate::method;
use crate::outcome::PolicyId;
use crate::outcome::{Failed, Reason, Upstream, Vary, Verdict};
use crate::plan::{Asked, LeaveOut, Plan, Words};
use crate::policy::{Grant, Policies, Policy, Rows, Target};
use crate::request::{Field, Request};
use crate::route::{Routed, Unrouted};

/// The result of looking up a request's origin in a policy.
enum Standing<'a> {
    Absent,
    Granted(Granted<'a>),
    Own(&'a str),
    Refused(Reason),
    /// A row that refers to no grant, which would be a bug in the policy compiler.
    Broken,
}

#[derive(Clone, Copy)]
struct Granted<'a> {
    grant: &'a Grant,
    matched: Matched<'a>,
    /// The request's own, where it is not the rule itself.
    origin: Option<&'a [u8]>,
}

impl Policies {
    /// Decides one request. Routes are resolved on this same snapshot.
    ///
    /// Constant work for any number of rows; no allocation, no lock, no panic.
    #[must_use]
    #[inline]
    pub fn decide<'a>(&'a self, target: Target<'_>, request: &Request<'a>) -> Decision<'a> {
        let policy = match target {
            Target::Policy(id) => self.get(id),
            Target::Route { host, path } => match self.routes.find(host, path) {
                Routed::Policy(place) => self.at(place),
                Routed::Ambiguous => return self.no_policy(request, Reason::PathAmbiguous),
                Routed::None if self.unrouted == Unrouted::Pass => return self.untouched(),
                Routed::None => None,
            },
        };
        match policy {
            Some(policy) => {
                let mut decision = policy.decide(request);
                decision.policy = policy.id;
                decision.generation = self.generation;
                decision
            }
            None => self.no_policy(request, Reason::NoPolicy),
        }
    }

    #[cold]
    fn no_policy<'a>(&'a self, request: &Request<'_>, reason: Reason) -> Decision<'a> {
        Decision { generation: self.generation, ..Decision::closed(request, Verdict::NoPolicy, reason) }
    }

    /// `unrouted = "pass"`: nothing is set, merged, removed or answered.
    fn untouched<'a>(&'a self) -> Decision<'a> {
        let closed = Words::closed(Verdict::NoPolicy, Reason::NoPolicy);
        let words = Words { vary: Vary::NONE, upstream: Upstream::Keep, ..closed };
        Decision { generation: self.generation, ..Decision::new(words, None) }
    }
}

impl Words {
    /// Sets nothing and removes all managed headers: for requests without a policy.
    const fn closed(verdict: Verdict, reason: Reason) -> Self {
        Self {
            verdict,
            reason,
            failed: Failed::NONE,
            upstream: Upstream::Replace,
            vary: Vary::ORIGIN,
            leave_out: LeaveOut::NOTHING,
            status: None,
        }
    }
}

impl<'a> Decision<'a> {
    #[inline]
    fn new(words: Words, plan: Option<&'a Plan>) -> Self {
        Self {
            words,
            policy: PolicyId::NONE,
            grant: Self::NO_GRANT,
            generation: 0,
            plan,
            rule: None,
            origin: None,
            asked: None,
        }
    }

    #[inline]
    fn by(plan: &'a Plan) -> Self {
        Self::new(plan.words, Some(plan))
    }

    fn closed(request: &Request<'_>, verdict: Verdict, reason: Reason) -> Self {
        let words = Words::closed(verdict, reason);
        let status = if request.is_preflight() { NonZero::new(403) } else { None };
        let vary = if request.is_options() { Vary::OPTIONS } else { words.vary };
        Self::new(Words { status, vary, ..words }, None)
    }
}

impl Policy {
    /// Decides one request by this policy alone; the decision's generation is 0, for it belongs to
    /// no set.
    ///
    /// Constant work for any number of rows; no allocation, no lock, no panic.
    #[must_use]
    #[inline]
    pub fn decide<'a>(&'a self, request: &Request<'a>) -> Decision<'a> {
        // Out of line: most requests are not OPTIONS.
        if request.is_options() { self.decide_options(request) } else { self.actual(request) }
    }

    #[inline(never)]
    fn decide_options<'a>(&'a self, request: &Request<'a>) -> Decision<'a> {
        if request.asks_for_method() {
            return self.preflight(request);
        }
        let mut decision = self.actual(request);
        decision.words.vary = self.vary_options;
        decision
    }

    /// Whether the policy lists this request's origin, for handshakes that carry an `Origin`
    /// without CORS being applied (Fetch, "append a request `Origin` header", step 3: the modes
    /// "websocket" and "webtransport"; RFC 6455, 10.2): true for listed rows and for the service's
    /// own origins. `None`: there is no `Origin`.
    ///
    /// A policy for any origin answers false: it shares public data, which says nothing about who
    /// may open a connection. So does `null`, even where it is listed: it is never allowed with
    /// credentials, and a handshake carries cookies.
    #[must_use]
    pub fn origin_allowed(&self, request: &Request<'_>) -> Option<bool> {
        match (request.origin_field(), &self.rows) {
            (Field::Absent, _) => None,
            (Field::One(origin), Rows::Listed(matcher)) => Some(
                origin != b"null" && matches!(matcher.find(origin), Found::Exact(_) | Found::Row(_) | Found::Own(_)),
            ),
            _ => Some(false),
        }
    }

    // Forced inline at both call sites, together with its callees: saves 36 instructions per
    // preflight.
    #[inline(always)]
    fn standing<'a>(&'a self, origin: Field<'a>) -> Standing<'a> {
        match (origin, &self.rows) {
            (Field::Absent, _) => Standing::Absent,
            (Field::One(origin), Rows::Listed(matcher)) => self.standing_of(matcher.find(origin), origin),
            (Field::Repeated, Rows::Listed(_)) => Standing::Refused(Reason::OriginRepeated),
            // The response is a static `*` (Fetch, "CORS check", step 3), so the decision keeps nothing
            // from the request.
            (_, Rows::Any) => self.granted(Matched { grant: 0, rule: "*" }, None),
        }
    }

    #[inline(always)]
    fn standing_of<'a>(&'a self, found: Found<'a>, origin: &'a [u8]) -> Standing<'a> {
        match found {
            // Fetch, "CORS check", step 4: the browser compares bytes. The rule's own bytes are equal
            // to the request's and live as long as the policy.
            Found::Exact(matched) => self.granted(matched, None),
            Found::Row(matched) => self.granted(matched, Some(origin)),
            Found::Own(rule) => Standing::Own(rule),
            Found::Refused(Refusal::Malformed) => Standing::Refused(Reason::OriginMalformed),
            Found::Refused(Refusal::Repeated) => Standing::Refused(Reason::OriginRepeated),
            Found::Refused(Refusal::Null) => Standing::Refused(Reason::OriginNull),
            Found::Refused(Refusal::NotAllowed) => Standing::Refused(Reason::OriginNotAllowed),
        }
    }

    #[inline(always)]
    fn granted<'a>(&'a self, matched: Matched<'a>, origin: Option<&'a [u8]>) -> Standing<'a> {
        match self.grants.get(matched.grant as usize) {
            Some(grant) => Standing::Granted(Granted { grant, matched, origin }),
            None => Standing::Broken,
        }
    }

    /// Only the origin is checked, as in Fetch, "CORS check". Methods and header names are checked
    /// once, in the preflight ("CORS-preflight fetch", step 7).
    #[inline(always)]
    fn actual<'a>(&'a self, request: &Request<'a>) -> Decision<'a> {
        match self.standing(request.origin_field()) {
            Standing::Granted(Granted { grant, matched, origin }) => {
                Decision { grant: matched.grant, rule: Some(matched.rule), origin, ..Decision::by(&grant.actual) }
            }
            Standing::Refused(reason) => {
                let mut decision = Decision::by(&self.plans.denied);
                decision.words.reason = reason;
                decision
            }
            Standing::Absent => Decision::by(&self.plans.not_cors),
            Standing::Own(rule) => Decision { rule: Some(rule), ..Decision::by(&self.plans.same_origin) },
            Standing::Broken => self.broken(request),
        }
    }

    fn preflight<'a>(&'a self, request: &Request<'a>) -> Decision<'a> {
        let (granted, rule, refusal) = match self.standing(request.origin_field()) {
            Standing::Granted(granted) => (Some(granted), Some(granted.matched.rule), None),
            Standing::Own(rule) => (None, Some(rule), Some(Reason::OwnOrigin)),
            Standing::Refused(reason) => (None, None, Some(reason)),
            Standing::Absent | Standing::Broken => return self.broken(request),
        };
        // If the origin was refused, the other checks use grant 0: the work stays bounded, and the
        // decision reports every failed check at once.
        let Some(judge) = granted.map(|granted| granted.grant).or(self.grants.first()) else {
            return self.broken(request);
        };
        let mut checks = Checks { words: judge.preflight.words, refused: false };
        if let Some(reason) = refusal {
            checks.fail(Failed::ORIGIN, reason, true);
        }
        checks.judge(request, judge, self.settings.allow_private_network);
        let Checks { words, refused } = checks;
        let grant = granted.map_or(Decision::NO_GRANT, |granted| granted.matched.grant);
        match granted {
            Some(Granted { origin, .. }) if !refused => Decision {
                grant,
                rule,
                origin,
                asked: Some(Asked {
                    method: match request.method_field() {
                        Field::One(method) => method,
                        Field::Absent | Field::Repeated => b"",
                    },
                    headers: RequestedLines::new(request.header_lines()),
                }),
                ..Decision::new(words, Some(&judge.preflight))
            },
            _ => {
                let plan = &self.plans.refused_preflight;
                Decision { grant, rule, ..Decision::new(Words { status: plan.words.status, ..words }, Some(plan)) }
            }
        }
    }

    #[cold]
    fn broken<'a>(&'a self, request: &Request<'_>) -> Decision<'a> {
        let verdict = if request.is_preflight() { Verdict::PreflightDenied } else { Verdict::Denied };
        Decision::closed(request, verdict, Reason::Internal)
    }
}

/// A preflight's requested method and headers, checked against one grant.
struct Checks {
    /// At first those of a preflight that is allowed.
    words: Words,
    /// The answer may not carry any header of ours.
    refused: bool,
}

impl Checks {
    fn judge(&mut self, request: &Request<'_>, grant: &Grant, private_network: bool) {
        self.method(grant.methods.check(request.method_field()));
        self.headers(grant.headers.check(request.header_lines()), grant.headers.hides_refusals());
        if !request.asks_private_network() {
            self.leave_out(LeaveOut::PRIVATE_NETWORK);
        } else if !private_network {
            // There is no list to omit, and a browser that only warns would accept a response that has
            // allow-origin (`docs/decisions/0003-private-network-refusals.md`).
            self.fail(Failed::PRIVATE_NETWORK, Reason::PrivateNetworkNotAllowed, true);
        }
    }

    /// A method that is not allowed keeps the allow-origin header, so that the browser gets as far as
    /// Fetch, "CORS-preflight fetch", step 7.5, and reports the method as the cause.
    fn method(&mut self, result: Result<(), method::Failure>) {
        match result {
            Ok(()) => {}
            Err(method::Failure::Malformed) => self.fail(Failed::METHOD, Reason::MethodMalformed, true),
            Err(method::Failure::NotAllowed { hidden }) => {
                if hidden {
                    self.leave_out(LeaveOut::METHODS);
                }
                self.fail(Failed::METHOD, Reason::MethodNotAllowed, false);
            }
        }
    }

    /// The same for header names: steps 7.6 and 7.7.
    fn headers(&mut self, result: Result<(), header::Failure>, hides_refusals: bool) {
        match result {
            Ok(()) => {}
            Err(header::Failure::Malformed) => self.fail(Failed::HEADERS, Reason::HeadersMalformed, true),
            Err(header::Failure::OverBudget) => self.fail(Failed::HEADERS, Reason::HeadersOverBudget, true),
            Err(header::Failure::NotAllowed) => {
                if hides_refusals {
                    self.leave_out(LeaveOut::HEADERS);
                }
                self.fail(Failed::HEADERS, Reason::HeaderNotAllowed, false);
            }
        }
    }

    fn leave_out(&mut self, names: LeaveOut) {
        self.words.leave_out = self.words.leave_out.and(names);
    }

    /// The first check that fails gives the reason.
    fn fail(&mut self, check: Failed, reason: Reason, refused: bool) {
        if self.words.failed.is_empty() {
            self.words.verdict = Verdict::PreflightDenied;
            self.words.reason = reason;
        }
        self.words.failed = self.words.failed.and(check);
        self.refused |= refused;
    }
}
