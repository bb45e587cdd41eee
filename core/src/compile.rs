//! From a checked policy to the immutable form that requests are decided by. Cannot fail.

use crate::decision::Vary;
use crate::header::HeaderNames;
use crate::matcher::{Matcher, MatcherBuilder, PortRule};
use crate::method::Methods;
use crate::pattern::Shape;
use crate::plan::{Field, Name, Plan, Value};
use crate::policy::{DeniedRequests, Grant, Plans, Policy, PolicyBuilder, Preflight, PreflightAnswer, Rows, Statuses};
use crate::validate::{Checked, CheckedExpression, CheckedGrant, OwnList};

pub(crate) fn policy(builder: &PolicyBuilder<'_>, checked: Checked<'_>) -> Policy {
    let answers = Answers { builder, any_origin: checked.any_origin, timing: timing(&checked.timing_allow_origin) };
    let grants = checked.grants.iter().map(|grant| answers.grant(grant)).collect();
    let private_network = builder.private_network;
    let forward = builder.preflight == Preflight::Forward;
    Policy {
        name: builder.name.text.as_ref().into(),
        rows: if checked.any_origin {
            Rows::Any
        } else {
            Rows::Listed(Box::new(matcher(checked.grants, &checked.own_origins)))
        },
        grants,
        plans: answers.plans(),
        statuses: Statuses {
            preflight: (!forward).then_some(builder.preflight_status),
            refused_preflight: (!forward).then_some(builder.refused_preflight_status),
            denied: (builder.denied_requests.0 == DeniedRequests::Reject).then_some(403),
        },
        upstream: builder.upstream.0,
        private_network,
        vary_options: if private_network { Vary::OPTIONS_PRIVATE_NETWORK } else { Vary::OPTIONS },
        vary: if checked.any_origin { Vary::NONE } else { Vary::ORIGIN },
    }
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

fn timing(list: &OwnList<'_>) -> Option<String> {
    match list {
        OwnList::Any => Some("*".into()),
        OwnList::Listed(origins) if origins.is_empty() => None,
        OwnList::Listed(origins) => Some(origins.join(", ")),
    }
}

/// Lays down the header plans, in the order in which headers are set.
struct Answers<'b, 'a> {
    builder: &'b PolicyBuilder<'a>,
    any_origin: bool,
    timing: Option<String>,
}

impl Answers<'_, '_> {
    fn grant(&self, grant: &CheckedGrant<'_>) -> Grant {
        let any_method = grant.methods.contains(&"*");
        let any_header = grant.headers.contains(&"*");
        let requested_methods = self.is_requested(any_method, grant.credentials);
        let requested_headers = self.is_requested(any_header, grant.credentials);
        Grant {
            methods: Methods::new(named(&grant.methods), any_method, requested_methods),
            headers: HeaderNames::new(named(&grant.headers), any_header, requested_headers),
            actual: self.actual(grant),
            preflight: self.preflight(grant, requested_methods, requested_headers),
        }
    }

    /// With credentials a `*` is a name like others (Fetch, "CORS-preflight fetch"), so the answer
    /// names what was asked for.
    fn is_requested(&self, any: bool, credentials: bool) -> bool {
        self.builder.preflight_answer == PreflightAnswer::Requested || (any && credentials)
    }

    fn actual(&self, grant: &CheckedGrant<'_>) -> Plan {
        let expose = list(Name::ExposeHeaders, &grant.expose);
        self.origin(grant).chain(expose).chain(self.always()).collect()
    }

    fn preflight(&self, grant: &CheckedGrant<'_>, requested_methods: bool, requested_headers: bool) -> Plan {
        let methods = match requested_methods {
            true if !grant.methods.is_empty() => Some(Field { name: Name::AllowMethods, value: Value::RequestMethod }),
            _ => list(Name::AllowMethods, &grant.methods),
        };
        let headers = match requested_headers {
            true => Some(Field { name: Name::AllowHeaders, value: Value::RequestHeaders }),
            false => list(Name::AllowHeaders, &grant.headers),
        };
        let max_age = grant.max_age.map(|seconds| fixed(Name::MaxAge, seconds.to_string()));
        let private_network = self.builder.private_network.then(|| fixed(Name::AllowPrivateNetwork, "true".into()));
        self.origin(grant)
            .chain(methods)
            .chain(headers)
            .chain(max_age)
            .chain(private_network)
            .chain(self.always())
            .collect()
    }

    fn origin(&self, grant: &CheckedGrant<'_>) -> impl Iterator<Item = Field> {
        let value = if self.any_origin { Value::Fixed("*".into()) } else { Value::Origin };
        let credentials = grant.credentials.then(|| fixed(Name::AllowCredentials, "true".into()));
        core::iter::once(Field { name: Name::AllowOrigin, value }).chain(credentials)
    }

    fn plans(&self) -> Plans {
        let no_store = fixed(Name::CacheControl, "no-store".into());
        Plans {
            bare: self.always().into_iter().collect(),
            rejected: self.always().into_iter().chain([no_store]).collect(),
        }
    }

    /// What is set whatever the verdict.
    fn always(&self) -> Option<Field> {
        self.timing.as_ref().map(|value| fixed(Name::TimingAllowOrigin, value.clone()))
    }
}

fn fixed(name: Name, value: String) -> Field {
    Field { name, value: Value::Fixed(value.into_boxed_str()) }
}

/// Document order, as written; an empty list omits its header.
fn list(name: Name, values: &[&str]) -> Option<Field> {
    (!values.is_empty()).then(|| fixed(name, values.join(", ")))
}

/// The names of a list that are no `*`.
fn named<'n>(listed: &'n [&'n str]) -> impl Iterator<Item = &'n str> {
    listed.iter().copied().filter(|name| *name != "*")
}
