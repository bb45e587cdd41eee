//! Compiles a validated policy to the immutable form used for decisions. Cannot fail.

use core::num::NonZero;
use std::rc::Rc;
use std::sync::Arc;

use crate::config::builder::PolicyBuilder;
use crate::config::diagnostic::{Collector, ConfigError, Diagnostic, Reported};
use crate::config::pattern::Shape;
use crate::config::validate::{self, Checked, CheckedExpression, CheckedGrant, OwnList};
use crate::header::HeaderNames;
use crate::matcher::{Matcher, MatcherBuilder, PortRule};
use crate::method::Methods;
use crate::outcome::PolicyId;
use crate::outcome::{Failed, Reason, Vary, Verdict};
use crate::plan::{DecisionFields, HeaderField, LeaveOut, Name, Plan, Value};
use crate::policy::{
    DeniedRequests, Grant, Overridden, Plans, Policy, Preflight, PreflightAnswer, Rights, Rows, SettingValue, Settings,
};

impl PolicyBuilder<'_> {
    /// Checks and compiles the policy.
    ///
    /// # Errors
    /// Every diagnostic at once, if one of them is an error.
    pub fn build(&self) -> Result<Policy, ConfigError> {
        self.build_with_diagnostics().map(|(policy, _)| policy)
    }

    /// The same, with the warnings and notes of an accepted policy.
    ///
    /// # Errors
    /// Every diagnostic at once, if one of them is an error.
    pub fn build_with_diagnostics(&self) -> Result<(Policy, Vec<Diagnostic>), ConfigError> {
        let mut collector = Collector::default();
        match self.compile(&mut collector) {
            Ok(policy) => Ok((policy, collector.finish())),
            Err(reported) => Err(collector.refuse(reported)),
        }
    }

    /// Reports everything that is wrong to `collector`.
    pub(crate) fn compile(&self, collector: &mut Collector<'_>) -> Result<Policy, Reported> {
        collector.enter_policy(Some(&self.name.text));
        let checked = validate::policy(self, collector);
        collector.enter_policy(None);
        checked.map(|checked| policy(self, checked))
    }
}

fn policy(builder: &PolicyBuilder<'_>, checked: Checked<'_>) -> Policy {
    let timing = timing(&checked.timing_allow_origin);
    let settings = settings(builder, &checked.timing_allow_origin);
    let mut answers =
        Answers { any_origin: checked.any_origin, settings: &settings, timing, shared: Shared::default() };
    let grants: Box<[Grant]> = checked.grants.iter().map(|grant| answers.grant(grant)).collect();
    let plans = answers.plans(grants.first());
    let vary_options = answers.vary_options();
    let overridden = overridden(&checked.grants);
    Policy {
        name: builder.name.text.as_ref().into(),
        id: PolicyId::NONE,
        overridden,
        rows: if checked.any_origin {
            Rows::Any
        } else {
            Rows::Listed(Box::new(matcher(checked.grants, &checked.own_origins)))
        },
        grants,
        plans,
        settings,
        vary_options,
    }
}

/// The settings with their lists, of which `timing_allow_origin` was checked.
fn settings(builder: &PolicyBuilder<'_>, timing: &OwnList<'_>) -> Settings {
    let mut settings = builder.settings.clone();
    for (name, list) in &builder.lists {
        let list: Vec<Box<str>> = list.iter().map(|text| text.text.as_ref().into()).collect();
        settings.set(name, SettingValue::List(&list));
    }
    settings.timing_allow_origin = match timing {
        OwnList::Any => [Box::from("*")].into(),
        OwnList::Listed(origins) => origins.iter().copied().map(Box::from).collect(),
    };
    settings
}

fn overridden(grants: &[CheckedGrant<'_>]) -> Overridden {
    let rows = (0..).zip(grants).flat_map(|(index, grant)| {
        let rows = grant.rows.iter().map(|row| (row.pattern.as_str(), row.overrides));
        let expressions = grant.expressions.iter().map(|row| (row.text, row.overrides));
        rows.chain(expressions).map(move |(text, overrides)| (index, text, overrides))
    });
    let rows = rows.filter(|(.., overrides)| !overrides.is_empty());
    Overridden::new(rows.map(|(grant, text, overrides)| (grant, text.into(), overrides)).collect())
}

fn matcher(grants: Vec<CheckedGrant<'_>>, own_origins: &[&str]) -> Matcher {
    let mut matcher = MatcherBuilder::default();
    for (index, grant) in grants.into_iter().enumerate() {
        if index > 0 {
            matcher.next_grant();
        }
        for row in grant.rows {
            let text = row.pattern.as_str();
            match row.pattern.shape() {
                // `any_origin` has no matcher, and `*` anywhere else is an error.
                Shape::Any => {}
                Shape::Null => matcher.null(),
                Shape::Host { port: PortRule::Only(_), .. } => matcher.exact(text),
                Shape::Host { key, port: PortRule::Any, .. } => matcher.any_port(key, text),
                Shape::Below { scheme, base, port } => matcher.suffix(scheme, base, port, row.depth, text),
                Shape::Glob { scheme, prefix, suffix, parent, port } => {
                    matcher.glob(scheme, [prefix, suffix, parent], port, text);
                }
            }
        }
        for CheckedExpression { text, expression, .. } in grant.expressions {
            let literals = expression.literals();
            matcher.expression(expression.dfa, literals, text);
        }
    }
    for origin in own_origins {
        matcher.own(origin);
    }
    matcher.build()
}

fn timing(list: &OwnList<'_>) -> Option<Arc<str>> {
    match list {
        OwnList::Any => Some("*".into()),
        OwnList::Listed(origins) if origins.is_empty() => None,
        OwnList::Listed(origins) => Some(origins.join(", ").into()),
    }
}

/// Lays down the plans, with headers in the order in which they are set.
struct Answers<'b, 's> {
    any_origin: bool,
    settings: &'s Settings,
    timing: Option<Arc<str>>,
    shared: Shared<'b>,
}

impl<'b> Answers<'b, '_> {
    fn grant(&mut self, grant: &CheckedGrant<'b>) -> Grant {
        let methods = self.is_requested(&grant.methods, grant.credentials);
        let headers = self.is_requested(&grant.headers, grant.credentials);
        Grant {
            methods: self.shared.methods(&grant.methods, methods),
            headers: self.shared.headers(&grant.headers, headers),
            actual: self.actual(grant),
            preflight: self.preflight(grant, methods, headers),
            rights: Rights {
                methods: self.shared.names(&grant.methods),
                headers: self.shared.names(&grant.headers),
                expose: self.shared.names(&grant.expose),
                credentials: grant.credentials,
                max_age: grant.max_age,
            },
        }
    }

    /// With credentials a `*` is a name like any other (Fetch, "CORS-preflight fetch", steps 7.5 and
    /// 7.7), so the response names what was requested.
    fn is_requested(&self, listed: &[&str], credentials: bool) -> bool {
        self.settings.preflight_answer == PreflightAnswer::Requested || (credentials && listed.contains(&"*"))
    }

    fn actual(&mut self, grant: &CheckedGrant<'b>) -> Plan {
        let expose = self.list(Name::ExposeHeaders, &grant.expose);
        let fields = self.origin(grant).into_iter().chain(expose).chain(self.always());
        Plan::new(self.fields(Verdict::Allowed, Reason::Ok), fields)
    }

    fn preflight(&mut self, grant: &CheckedGrant<'b>, requested_methods: bool, requested_headers: bool) -> Plan {
        // Always there: see `LeaveOut::METHODS`.
        let methods = match requested_methods {
            true => HeaderField { name: Name::AllowMethods, value: Value::RequestMethod },
            false => fixed(Name::AllowMethods, self.shared.joined(&grant.methods)),
        };
        let headers = match requested_headers {
            true => Some(HeaderField { name: Name::AllowHeaders, value: Value::RequestHeaders }),
            false => self.list(Name::AllowHeaders, &grant.headers),
        };
        let max_age = grant.max_age.map(|seconds| fixed(Name::MaxAge, seconds.to_string().into()));
        let private_network =
            self.settings.allow_private_network.then(|| fixed(Name::AllowPrivateNetwork, "true".into()));
        let fields = self.origin(grant).into_iter().chain([methods]).chain(headers);
        let fields = fields.chain(max_age).chain(private_network).chain(self.always());
        let status = self.answered(self.settings.preflight_status);
        let decided = self.fields(Verdict::PreflightAllowed, Reason::Ok);
        Plan::new(DecisionFields { status, vary: self.vary_options(), ..decided }, fields)
    }

    fn origin(&self, grant: &CheckedGrant<'_>) -> Vec<HeaderField> {
        let value = if self.any_origin { Value::Fixed("*".into()) } else { Value::Origin };
        let credentials = grant.credentials.then(|| fixed(Name::AllowCredentials, "true".into()));
        core::iter::once(HeaderField { name: Name::AllowOrigin, value }).chain(credentials).collect()
    }

    /// Where any origin is allowed, a request without `Origin` gets the same headers as every other
    /// (Fetch, "CORS protocol and HTTP caches": `*` needs no `Vary`).
    fn plans(&self, first: Option<&Grant>) -> Plans {
        let for_any = first.filter(|_| self.any_origin).map(|grant| grant.actual.headers().to_vec());
        let not_cors = for_any.unwrap_or_else(|| self.always().into_iter().collect());
        let rejects = self.settings.denied_requests == DeniedRequests::Reject;
        let no_store = rejects.then(|| fixed(Name::CacheControl, "no-store".into()));
        let denied = DecisionFields {
            failed: Failed::ORIGIN,
            status: if rejects { NonZero::new(403) } else { None },
            ..self.fields(Verdict::Denied, Reason::OriginNotAllowed)
        };
        let refused_preflight = DecisionFields {
            status: self.answered(self.settings.refused_preflight_status),
            vary: self.vary_options(),
            ..self.fields(Verdict::PreflightDenied, Reason::OriginNotAllowed)
        };
        Plans {
            not_cors: Plan::new(self.fields(Verdict::NotCors, Reason::NoOrigin), not_cors),
            same_origin: Plan::new(self.fields(Verdict::SameOrigin, Reason::OwnOrigin), self.always()),
            denied: Plan::new(denied, self.always().into_iter().chain(no_store)),
            refused_preflight: Plan::new(refused_preflight, self.always()),
        }
    }

    /// What an answer says that is not said otherwise.
    fn fields(&self, verdict: Verdict, reason: Reason) -> DecisionFields {
        DecisionFields {
            verdict,
            reason,
            failed: Failed::NONE,
            upstream: self.settings.upstream,
            vary: if self.any_origin { Vary::NONE } else { Vary::ORIGIN },
            leave_out: LeaveOut::NOTHING,
            status: None,
        }
    }

    fn vary_options(&self) -> Vary {
        if self.settings.allow_private_network { Vary::OPTIONS_PRIVATE_NETWORK } else { Vary::OPTIONS }
    }

    /// The status of a preflight's answer; `None` where the service answers them.
    fn answered(&self, status: u16) -> Option<NonZero<u16>> {
        NonZero::new(status).filter(|_| self.settings.preflight != Preflight::Forward)
    }

    /// What is set whatever the verdict.
    fn always(&self) -> Option<HeaderField> {
        self.timing.as_ref().map(|value| fixed(Name::TimingAllowOrigin, value.clone()))
    }

    /// Document order, as written; an empty list omits its header.
    fn list(&mut self, name: Name, values: &Rc<[&'b str]>) -> Option<HeaderField> {
        (!values.is_empty()).then(|| fixed(name, self.shared.joined(values)))
    }
}

fn fixed(name: Name, value: Arc<str>) -> HeaderField {
    HeaderField { name, value: Value::Fixed(value) }
}

/// A list, how it was taken, and what it became.
type Made<'b, K, T> = Vec<(Rc<[&'b str]>, K, Arc<T>)>;

/// What was made of a list, by the list itself: grants that inherit one share what it becomes, so
/// that thousands of grants cost no more than their rows.
#[derive(Default)]
struct Shared<'b> {
    methods: Made<'b, bool, Methods>,
    headers: Made<'b, bool, HeaderNames>,
    joined: Made<'b, (), str>,
    names: Made<'b, (), [Box<str>]>,
}

impl<'b> Shared<'b> {
    fn methods(&mut self, list: &Rc<[&'b str]>, requested: bool) -> Arc<Methods> {
        let make = || Methods::new(named(list), list.contains(&"*"), requested).into();
        share(&mut self.methods, list, requested, make)
    }

    fn headers(&mut self, list: &Rc<[&'b str]>, requested: bool) -> Arc<HeaderNames> {
        let make = || HeaderNames::new(named(list), list.contains(&"*"), requested).into();
        share(&mut self.headers, list, requested, make)
    }

    fn names(&mut self, list: &Rc<[&'b str]>) -> Arc<[Box<str>]> {
        share(&mut self.names, list, (), || list.iter().copied().map(Box::from).collect())
    }

    fn joined(&mut self, list: &Rc<[&'b str]>) -> Arc<str> {
        share(&mut self.joined, list, (), || list.join(", ").into())
    }
}

/// Keeps the first few, which are those of grant 0, as it comes first and is what others inherit: so
/// grants with lists of their own do not search through each other's.
fn share<'b, K: Copy + PartialEq, T: ?Sized>(
    made: &mut Made<'b, K, T>,
    list: &Rc<[&'b str]>,
    key: K,
    make: impl FnOnce() -> Arc<T>,
) -> Arc<T> {
    const INHERITED: usize = 8;
    if let Some((.., shared)) = made.iter().find(|(known, known_key, _)| Rc::ptr_eq(known, list) && *known_key == key) {
        return Arc::clone(shared);
    }
    let value = make();
    if made.len() < INHERITED {
        made.push((Rc::clone(list), key, Arc::clone(&value)));
    }
    value
}

/// The names of a list that are no `*`.
fn named<'n>(listed: &'n [&'n str]) -> impl Iterator<Item = &'n str> {
    listed.iter().copied().filter(|name| *name != "*")
}
