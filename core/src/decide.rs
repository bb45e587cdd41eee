//! Deciding a request: pure functions over one immutable snapshot, without panics or allocation.
//!
//! The checks are made in the order in which a browser makes them: the origin (Fetch, "CORS check",
//! step 4), the method ("CORS-preflight fetch", step 7.5), the header names (steps 7.6 and 7.7), and
//! private network access (Private Network Access). Step numbers here and in the other modules are
//! those of the Fetch standard's review draft of June 2026.

use core::num::NonZero;

use crate::decision::Decision;
use crate::header::{self, RequestedLines};
use crate::matcher::{Found, Matched};
use crate::method;
use crate::outcome::PolicyId;
use crate::outcome::{Failed, Reason, Upstream, Vary, Verdict};
use crate::plan::{DecisionFields, LeaveOut, Plan, Requested};
use crate::policy::{Grant, Policies, Policy, Rows, Target};
use crate::request::{Field, Request};
use crate::route::{Routed, Unrouted};

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
        let closed = DecisionFields::closed(Verdict::NoPolicy, Reason::NoPolicy);
        let fields = DecisionFields { vary: Vary::NONE, upstream: Upstream::Keep, ..closed };
        Decision { generation: self.generation, ..Decision::new(fields, None) }
    }
}

impl DecisionFields {
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
    fn new(fields: DecisionFields, plan: Option<&'a Plan>) -> Self {
        Self {
            fields,
            policy: PolicyId::NONE,
            grant: Self::NO_GRANT,
            generation: 0,
            plan,
            rule: None,
            origin: None,
            requested: None,
        }
    }

    #[inline]
    fn by(plan: &'a Plan) -> Self {
        Self::new(plan.fields, Some(plan))
    }

    fn closed(request: &Request<'_>, verdict: Verdict, reason: Reason) -> Self {
        let fields = DecisionFields::closed(verdict, reason);
        let status = if request.is_preflight() { NonZero::new(403) } else { None };
        let vary = if request.is_options() { Vary::OPTIONS } else { fields.vary };
        Self::new(DecisionFields { status, vary, ..fields }, None)
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
        decision.fields.vary = self.vary_options;
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
            (Field::One(origin), Rows::Listed(matcher)) => {
                Some(origin != b"null" && matches!(matcher.find(origin), Found::Granted(_) | Found::Own(_)))
            }
            _ => Some(false),
        }
    }

    /// Looks the origin up, for the check that a browser makes again (Fetch, "CORS check").
    // Forced inline at both call sites: saves 36 instructions per preflight.
    #[inline(always)]
    fn find_origin<'a>(&'a self, origin: Field<'a>) -> Found<'a> {
        match &self.rows {
            Rows::Listed(matcher) => match origin {
                Field::Absent => Found::Absent,
                Field::One(origin) => matcher.find(origin),
                Field::Repeated => Found::Refused(Reason::OriginRepeated),
            },
            Rows::Any if origin == Field::Absent => Found::Absent,
            // The response is a static `*` (Fetch, "CORS check", step 3), so the decision keeps
            // nothing from the request.
            Rows::Any => Found::Granted(Matched { grant: 0, rule: "*", origin: None }),
        }
    }

    /// Only the origin is checked, as in Fetch, "CORS check". Methods and header names are checked
    /// once, in the preflight ("CORS-preflight fetch", step 7).
    #[inline(always)]
    fn actual<'a>(&'a self, request: &Request<'a>) -> Decision<'a> {
        match self.find_origin(request.origin_field()) {
            Found::Granted(Matched { grant, rule, origin }) => match self.grants.get(grant as usize) {
                Some(rights) => Decision { grant, rule: Some(rule), origin, ..Decision::by(&rights.actual) },
                None => self.broken(request),
            },
            Found::Refused(reason) => {
                let mut decision = Decision::by(&self.plans.denied);
                decision.fields.reason = reason;
                decision
            }
            Found::Absent => Decision::by(&self.plans.not_cors),
            Found::Own(rule) => Decision { rule: Some(rule), ..Decision::by(&self.plans.same_origin) },
        }
    }

    fn preflight<'a>(&'a self, request: &Request<'a>) -> Decision<'a> {
        let (matched, rule, refusal) = match self.find_origin(request.origin_field()) {
            Found::Granted(matched) => (Some(matched), Some(matched.rule), None),
            Found::Own(rule) => (None, Some(rule), Some(Reason::OwnOrigin)),
            Found::Refused(reason) => (None, None, Some(reason)),
            Found::Absent => return self.broken(request),
        };
        // If the origin was refused, the other checks use grant 0: the work stays bounded, and the
        // decision reports every failed check at once.
        let Some(rights) = self.grants.get(matched.map_or(0, |matched| matched.grant as usize)) else {
            return self.broken(request);
        };
        let mut checks = Checks { fields: rights.preflight.fields, refused: false };
        if let Some(reason) = refusal {
            checks.fail(Failed::ORIGIN, reason, true);
        }
        checks.check(request, rights, self.settings.allow_private_network);
        let Checks { fields, refused } = checks;
        let grant = matched.map_or(Decision::NO_GRANT, |matched| matched.grant);
        match matched {
            Some(Matched { origin, .. }) if !refused => Decision {
                grant,
                rule,
                origin,
                requested: Some(Requested {
                    method: match request.method_field() {
                        Field::One(method) => method,
                        Field::Absent | Field::Repeated => b"",
                    },
                    headers: RequestedLines::new(request.header_lines()),
                }),
                ..Decision::new(fields, Some(&rights.preflight))
            },
            _ => {
                let plan = &self.plans.refused_preflight;
                let fields = DecisionFields { status: plan.fields.status, ..fields };
                Decision { grant, rule, ..Decision::new(fields, Some(plan)) }
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
    fields: DecisionFields,
    /// The answer may not carry any header of ours.
    refused: bool,
}

impl Checks {
    fn check(&mut self, request: &Request<'_>, grant: &Grant, private_network: bool) {
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
    /// Fetch, "CORS-preflight fetch", step 7.5, and reports the method as the cause. `POST` would pass
    /// that step.
    fn method(&mut self, result: Result<(), method::Failure>) {
        match result {
            Ok(()) => {}
            Err(method::Failure::Malformed) => self.fail(Failed::METHOD, Reason::MethodMalformed, true),
            Err(method::Failure::PostNotAllowed) => self.fail(Failed::METHOD, Reason::MethodNotAllowed, true),
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
        self.fields.leave_out = self.fields.leave_out.and(names);
    }

    /// The first check that fails gives the reason.
    fn fail(&mut self, check: Failed, reason: Reason, refused: bool) {
        if self.fields.failed.is_empty() {
            self.fields.verdict = Verdict::PreflightDenied;
            self.fields.reason = reason;
        }
        self.fields.failed = self.fields.failed.and(check);
        self.refused |= refused;
    }
}
