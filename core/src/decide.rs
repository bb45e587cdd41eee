//! The decision: pure functions over one immutable snapshot. Total, allocation-free, and short.
//!
//! The order of the checks is the one in which a browser would meet them (Fetch, "CORS check" and
//! "CORS-preflight fetch"): origin, method, headers, private network.

use crate::decision::{Decision, Failed, Reason, Upstream, Vary, Verdict};
use crate::header::{self, RequestedLines};
use crate::matcher::{Found, Matched, Refusal};
use crate::method;
use crate::plan::{Filled, LeaveOut, Plan};
use crate::policy::{Grant, Policies, Policy, Rows, Target};
use crate::request::{Field, Request};
use crate::route::{Routed, Unrouted};

/// What an origin is to a policy, once it is looked up.
enum Standing<'a> {
    Granted {
        grant: &'a Grant,
        matched: Matched<'a>,
        origin: &'a [u8],
    },
    Own(&'a str),
    Refused(Reason),
    /// A row that points at no grant: the compiler has a defect.
    Broken,
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
                decision.policy = Some(policy.id);
                decision.generation = self.generation;
                decision
            }
            None => self.no_policy(request, Reason::NoPolicy),
        }
    }

    fn no_policy<'a>(&'a self, request: &Request<'a>, reason: Reason) -> Decision<'a> {
        let status = request.is_preflight().then_some(403);
        Decision { status, generation: self.generation, ..closed(request, Verdict::NoPolicy, reason) }
    }

    /// `unrouted = "pass"`: nothing is set, merged, removed or answered.
    fn untouched<'a>(&'a self) -> Decision<'a> {
        Decision {
            vary: Vary::NONE,
            upstream: Upstream::Keep,
            generation: self.generation,
            ..closed(&Request::new(""), Verdict::NoPolicy, Reason::NoPolicy)
        }
    }
}

/// A decision that sets nothing and removes everything: where no policy has a say.
#[inline]
fn closed<'a>(request: &Request<'a>, verdict: Verdict, reason: Reason) -> Decision<'a> {
    Decision {
        verdict,
        reason,
        failed: Failed::NONE,
        upstream: Upstream::Replace,
        vary: if request.is_options() { Vary::OPTIONS } else { Vary::ORIGIN },
        status: None,
        policy: None,
        grant: None,
        rule: None,
        filled: Filled::EMPTY,
        generation: 0,
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
        let standing = match request.origin_field() {
            Field::Absent => return self.not_cors(request),
            Field::One(origin) => self.standing(origin),
            Field::Repeated => self.standing_of_repeated(),
        };
        if let Standing::Broken = standing {
            return self.broken(request);
        }
        if request.is_preflight() { self.preflight(request, standing) } else { self.actual(request, standing) }
    }

    #[cold]
    fn broken<'a>(&'a self, request: &Request<'a>) -> Decision<'a> {
        let verdict = if request.is_preflight() { Verdict::PreflightDenied } else { Verdict::Denied };
        let status = request.is_preflight().then_some(403);
        Decision { status, ..closed(request, verdict, Reason::Internal) }
    }

    /// Whether the policy lists this request's origin, for handshakes that carry an `Origin`
    /// without CORS being applied (WebSocket, WebTransport): true for listed rows and for the
    /// service's own origins. `None`: there is no `Origin`.
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

    #[inline]
    fn standing<'a>(&'a self, origin: &'a [u8]) -> Standing<'a> {
        let matcher = match &self.rows {
            Rows::Any => return self.standing_of_any(),
            Rows::Listed(matcher) => matcher,
        };
        match matcher.find(origin) {
            // The row's own bytes, which live as long as the policy and tell that nothing in the
            // decision is the request's.
            Found::Exact(matched) => self.granted(matched, matched.rule.as_bytes()),
            Found::Row(matched) => self.granted(matched, origin),
            Found::Own(rule) => Standing::Own(rule),
            Found::Refused(Refusal::Malformed) => Standing::Refused(Reason::OriginMalformed),
            Found::Refused(Refusal::Repeated) => Standing::Refused(Reason::OriginRepeated),
            Found::Refused(Refusal::Null) => Standing::Refused(Reason::OriginNull),
            Found::Refused(Refusal::NotAllowed) => Standing::Refused(Reason::OriginNotAllowed),
        }
    }

    fn standing_of_repeated(&self) -> Standing<'_> {
        match &self.rows {
            Rows::Any => self.standing_of_any(),
            Rows::Listed(_) => Standing::Refused(Reason::OriginRepeated),
        }
    }

    /// The answer to any origin is a static `*`, so nothing of the request is carried along.
    fn standing_of_any(&self) -> Standing<'_> {
        self.granted(Matched { grant: 0, rule: "*" }, b"")
    }

    fn granted<'a>(&'a self, matched: Matched<'a>, origin: &'a [u8]) -> Standing<'a> {
        match self.grants.get(matched.grant as usize) {
            Some(grant) => Standing::Granted { grant, matched, origin },
            None => Standing::Broken,
        }
    }

    /// What a decision of this policy is unless something else is said.
    #[inline]
    fn draft<'a>(&'a self, request: &Request<'a>, verdict: Verdict, reason: Reason) -> Decision<'a> {
        Decision {
            upstream: self.settings.upstream,
            vary: if request.is_options() { self.vary_options } else { self.vary },
            filled: Filled::of(&self.plans.bare),
            ..closed(request, verdict, reason)
        }
    }

    fn not_cors<'a>(&'a self, request: &Request<'a>) -> Decision<'a> {
        let plan = match (&self.rows, self.grants.first()) {
            (Rows::Any, Some(grant)) => &grant.actual,
            _ => &self.plans.bare,
        };
        Decision { filled: Filled::of(plan), ..self.draft(request, Verdict::NotCors, Reason::NoOrigin) }
    }

    /// Only the origin is checked, never the method: that was the preflight's part.
    #[inline]
    fn actual<'a>(&'a self, request: &Request<'a>, standing: Standing<'a>) -> Decision<'a> {
        match standing {
            Standing::Granted { grant, matched, origin } => Decision {
                grant: Some(matched.grant),
                rule: Some(matched.rule),
                filled: Filled { origin, ..Filled::of(&grant.actual) },
                ..self.draft(request, Verdict::Allowed, Reason::Ok)
            },
            Standing::Own(rule) => {
                Decision { rule: Some(rule), ..self.draft(request, Verdict::SameOrigin, Reason::OwnOrigin) }
            }
            Standing::Refused(reason) => self.denied(request, reason),
            Standing::Broken => self.denied(request, Reason::Internal),
        }
    }

    fn denied<'a>(&'a self, request: &Request<'a>, reason: Reason) -> Decision<'a> {
        let status = self.statuses.denied;
        let plan = if status.is_some() { &self.plans.rejected } else { &self.plans.bare };
        Decision {
            failed: Failed::ORIGIN,
            status,
            filled: Filled::of(plan),
            ..self.draft(request, Verdict::Denied, reason)
        }
    }

    fn preflight<'a>(&'a self, request: &Request<'a>, standing: Standing<'a>) -> Decision<'a> {
        let (granted, rule, origin_reason) = match standing {
            Standing::Granted { grant, matched, origin } => (Some((grant, matched, origin)), Some(matched.rule), None),
            Standing::Own(rule) => (None, Some(rule), Some(Reason::OwnOrigin)),
            Standing::Refused(reason) => (None, None, Some(reason)),
            Standing::Broken => (None, None, Some(Reason::Internal)),
        };
        // After a refused origin the rest is judged against grant 0: the work is bounded, and a
        // person reads all that is wrong at once.
        let Some(judge) = granted.map(|(grant, ..)| grant).or(self.grants.first()) else {
            return closed(request, Verdict::PreflightDenied, Reason::Internal);
        };
        let checks = Checks::of(request, judge, self.settings.allow_private_network);
        let reason = origin_reason.or(checks.reason).unwrap_or(Reason::Ok);
        let failed = if origin_reason.is_some() { checks.failed.and(Failed::ORIGIN) } else { checks.failed };
        let verdict = if failed.is_empty() { Verdict::PreflightAllowed } else { Verdict::PreflightDenied };
        let draft = Decision { failed, rule, ..self.draft(request, verdict, reason) };
        match granted {
            Some((grant, matched, origin)) if !checks.refused => Decision {
                status: self.statuses.preflight,
                grant: Some(matched.grant),
                filled: Filled {
                    origin,
                    request_method: match request.method_field() {
                        Field::One(method) => method,
                        Field::Absent | Field::Repeated => b"",
                    },
                    request_headers: RequestedLines::new(request.header_lines()),
                    leave_out: checks.leave_out,
                    ..Filled::of(&grant.preflight)
                },
                ..draft
            },
            _ => Decision {
                status: self.statuses.refused_preflight,
                grant: granted.map(|(_, matched, _)| matched.grant),
                ..draft
            },
        }
    }
}

/// What a preflight asks for, judged by one grant.
struct Checks {
    failed: Failed,
    /// The first that failed.
    reason: Option<Reason>,
    /// The answer may not carry any header of ours.
    refused: bool,
    leave_out: LeaveOut,
}

impl Checks {
    fn of(request: &Request<'_>, grant: &Grant, private_network: bool) -> Self {
        let asks_private_network = request.asks_private_network();
        let mut checks = Self {
            failed: Failed::NONE,
            reason: None,
            refused: false,
            leave_out: LeaveOut { private_network: !asks_private_network, ..LeaveOut::default() },
        };
        checks.method(grant.methods.check(request.method_field()));
        checks.headers(grant.headers.check(request.header_lines()), grant.headers.hides_refusals());
        if asks_private_network && !private_network {
            // There is no list to leave out, and a browser that only warns would let an answer
            // with allow-origin pass.
            checks.fail(Failed::PRIVATE_NETWORK, Reason::PrivateNetworkNotAllowed, true);
        }
        checks
    }

    fn method(&mut self, result: Result<(), method::Failure>) {
        match result {
            Ok(()) => {}
            Err(method::Failure::Malformed) => self.fail(Failed::METHOD, Reason::MethodMalformed, true),
            Err(method::Failure::NotAllowed { hidden }) => {
                self.leave_out.methods = hidden;
                self.fail(Failed::METHOD, Reason::MethodNotAllowed, false);
            }
        }
    }

    fn headers(&mut self, result: Result<(), header::Failure>, hides_refusals: bool) {
        match result {
            Ok(()) => {}
            Err(header::Failure::Malformed) => self.fail(Failed::HEADERS, Reason::HeadersMalformed, true),
            Err(header::Failure::OverBudget) => self.fail(Failed::HEADERS, Reason::HeadersOverBudget, true),
            Err(header::Failure::NotAllowed) => {
                self.leave_out.headers = hides_refusals;
                self.fail(Failed::HEADERS, Reason::HeaderNotAllowed, false);
            }
        }
    }

    fn fail(&mut self, check: Failed, reason: Reason, refused: bool) {
        self.failed = self.failed.and(check);
        self.reason = self.reason.or(Some(reason));
        self.refused |= refused;
    }
}

impl<'a> Filled<'a> {
    fn of(plan: &'a Plan) -> Self {
        Self { fields: plan.fields(), ..Self::EMPTY }
    }
}
