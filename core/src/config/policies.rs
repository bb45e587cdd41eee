//! Sets of policies that are built in code.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::config::diagnostic::{Code, Collector, ConfigError, quote};
use crate::config::routes::{ConfiguredRoute, resolve};
use crate::config::text::Text;
use crate::policy::{Policies, Policy};
use crate::route::Unrouted;

/// Builds [`Policies`] with routes: the `[[route]]` tables of a document, in code.
///
/// ```
/// use corsac::{Policies, PolicyBuilder, Request, Target, Verdict};
///
/// let policies = Policies::builder()
///     .policy(PolicyBuilder::new("public").allow_origins(["*"]).build()?)
///     .policy(PolicyBuilder::new("api").allow_origins(["https://app.example.com"]).build()?)
///     .route("api.example.com", "/v1", "api")
///     .route(None, "/fonts", "public")
///     .build()?;
///
/// let request = Request::new("GET").origin("https://stranger.example");
/// let decide = |path: &[u8]| policies.decide(Target::Route { host: b"api.example.com", path }, &request).verdict();
/// assert_eq!(decide(b"/fonts/a.woff2"), Verdict::Allowed);
/// assert_eq!(decide(b"/v1/users"), Verdict::Denied);
/// assert_eq!(decide(b"/"), Verdict::NoPolicy);
/// # Ok::<(), corsac::ConfigError>(())
/// ```
#[derive(Debug, Default)]
pub struct PoliciesBuilder<'a> {
    policies: Vec<Policy>,
    routes: Vec<ConfiguredRoute<'a>>,
    unrouted: Unrouted,
}

impl Policies {
    /// A set of policies that were built in code. It has no routes.
    ///
    /// # Errors
    /// `document/duplicate-key` if two have the same name, `document/no-policy` if there is none.
    pub fn new(policies: impl IntoIterator<Item = Policy>) -> Result<Self, ConfigError> {
        PoliciesBuilder { policies: policies.into_iter().collect(), ..PoliciesBuilder::default() }.build()
    }

    /// Builds a set of policies with routes.
    #[must_use]
    pub fn builder<'a>() -> PoliciesBuilder<'a> {
        PoliciesBuilder::default()
    }
}

impl<'a> PoliciesBuilder<'a> {
    /// Adds a policy.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policies.push(policy);
        self
    }

    /// Adds a route: the policy of this name decides requests for this host (`None`: for every
    /// host) and for this path and all below it. Of several routes the most specific decides: a
    /// host before none, then the longest path.
    #[must_use]
    pub fn route(
        mut self,
        host: impl Into<Option<&'a str>>,
        path: impl Into<Cow<'a, str>>,
        policy: impl Into<Cow<'a, str>>,
    ) -> Self {
        let text = |text| Text { text, place: None };
        self.routes.push(ConfiguredRoute {
            host: host.into().map(|host| text(host.into())),
            path: Some(text(path.into())),
            policy: text(policy.into()),
            place: None,
        });
        self
    }

    /// How to treat requests that no route covers. Default: they have no policy.
    #[must_use]
    pub fn unrouted(mut self, unrouted: Unrouted) -> Self {
        self.unrouted = unrouted;
        self
    }

    /// Checks the names and the routes.
    ///
    /// # Errors
    /// Every diagnostic at once: `document/no-policy`, `document/duplicate-key`, and those of routes
    /// (`route/host`, `route/path`, `route/duplicate`, `route/unknown-policy`).
    pub fn build(self) -> Result<Policies, ConfigError> {
        let mut collector = Collector::default();
        if self.policies.is_empty() {
            let help = "add at least one policy".into();
            collector.error(Code::DocumentNoPolicy, None, "there is no policy".into(), help);
        }
        let mut unique = HashSet::new();
        for policy in self.policies.iter().filter(|policy| !unique.insert(policy.name())) {
            let message = format!("two policies are named {}", quote(policy.name()));
            collector.error(Code::DocumentDuplicateKey, None, message, "give each policy a unique name".into());
        }
        let names: Vec<&str> = self.policies.iter().map(Policy::name).collect();
        let routes = resolve(&names, &self.routes, &mut collector);
        if let Some(reported) = collector.reported() {
            return Err(collector.refuse(reported));
        }
        Ok(Policies::routed(self.policies, routes, self.unrouted))
    }
}
