//! Policies written in code: the same rules, the same diagnostics as a document's.

use std::borrow::Cow;

use crate::compile;
use crate::decision::Upstream;
use crate::diagnostic::{Collector, ConfigError, Diagnostic, Place};
use crate::policy::{DeniedRequests, Policy, Preflight, PreflightAnswer};
use crate::validate;

/// A text of a configuration, and where it stands if it stands in a document.
#[derive(Clone, Debug)]
pub(crate) struct Text<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) place: Option<Place>,
}

/// One row of an allow-list, with what it says beyond its pattern.
///
/// ```
/// use corsac::{PolicyBuilder, Row};
///
/// let mut builder = PolicyBuilder::new("dev");
/// builder.row(Row::new("http://dev.example.com").dangerously_allow_insecure_scheme());
/// builder.allow_credentials(true);
/// assert!(builder.build().is_ok());
/// ```
#[derive(Clone, Debug)]
pub struct Row<'a> {
    pub(crate) text: Text<'a>,
    /// The text is a regular expression, not a pattern.
    pub(crate) is_expression: bool,
    // Few rows have any, and lists have millions of rows.
    options: Option<Box<RowOptions>>,
}

/// What a row can say beyond its pattern, and where it says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RowOptions {
    pub(crate) depth: Option<(i64, Option<Place>)>,
    pub(crate) public_suffix: Override,
    pub(crate) insecure_scheme: Override,
    pub(crate) null: Override,
    pub(crate) unproved: Override,
}

/// An option named for the exact risk that it takes; it stays visible as a warning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Override {
    pub(crate) given: bool,
    pub(crate) place: Option<Place>,
}

impl Override {
    const GIVEN: Self = Self { given: true, place: None };
}

impl<'a> Row<'a> {
    /// A row that is only its pattern.
    #[must_use]
    pub fn new(pattern: impl Into<Cow<'a, str>>) -> Self {
        Self::at(pattern.into(), None)
    }

    pub(crate) fn at(text: Cow<'a, str>, place: Option<Place>) -> Self {
        Self { text: Text { text, place }, is_expression: false, options: None }
    }

    pub(crate) fn options(&self) -> RowOptions {
        self.options.as_deref().copied().unwrap_or_default()
    }

    pub(crate) fn options_mut(&mut self) -> &mut RowOptions {
        self.options.get_or_insert_default()
    }

    /// A row that is a regular expression. It is always matched whole, and accepted only with a
    /// proof that it stays inside named registrable domains.
    ///
    /// ```
    /// use corsac::{PolicyBuilder, Row};
    ///
    /// let mut builder = PolicyBuilder::new("previews");
    /// builder.row(Row::regex(r"https://[a-z0-9-]+--site\.example\.org"));
    /// assert!(builder.build().is_ok());
    /// builder.row(Row::regex(r"https://.*example\.com"));
    /// assert!(builder.build().is_err());
    /// ```
    #[must_use]
    pub fn regex(expression: impl Into<Cow<'a, str>>) -> Self {
        Self { is_expression: true, ..Self::new(expression) }
    }

    /// The most labels that a leading `*.` covers, from 1 to 126.
    #[must_use]
    pub fn depth(mut self, labels: u8) -> Self {
        self.options_mut().depth = Some((labels.into(), None));
        self
    }

    /// Accepts a wildcard below which anyone can register a name.
    #[must_use]
    pub fn dangerously_allow_public_suffix(mut self) -> Self {
        self.options_mut().public_suffix = Override::GIVEN;
        self
    }

    /// Accepts `http` with credentials: anyone on the network path can read what the page may read.
    #[must_use]
    pub fn dangerously_allow_insecure_scheme(mut self) -> Self {
        self.options_mut().insecure_scheme = Override::GIVEN;
        self
    }

    /// Accepts an expression without a proof. Never with credentials.
    #[must_use]
    pub fn dangerously_unproved(mut self) -> Self {
        self.options_mut().unproved = Override::GIVEN;
        self
    }

    /// Accepts `null`, which every sandboxed frame of every site sends. Never with credentials.
    #[must_use]
    pub fn dangerously_allow_null(mut self) -> Self {
        self.options_mut().null = Override::GIVEN;
        self
    }
}

/// Origins, and the rights that they have. What a later grant does not set it inherits.
#[derive(Clone, Debug, Default)]
pub struct GrantBuilder<'a> {
    pub(crate) origins: Vec<Row<'a>>,
    pub(crate) methods: Option<Vec<Text<'a>>>,
    pub(crate) headers: Option<Vec<Text<'a>>>,
    pub(crate) expose: Option<Vec<Text<'a>>>,
    pub(crate) credentials: Option<(bool, Option<Place>)>,
    pub(crate) max_age: Option<(i64, Option<Place>)>,
    /// Where the grant's list of origins is, and where the grant itself begins.
    pub(crate) origins_place: Option<Place>,
    /// Rows are missing that the document names: what is wrong with them was reported.
    pub(crate) incomplete: bool,
    /// Some rows come from list files, which may be empty today.
    pub(crate) has_lists: bool,
    pub(crate) place: Option<Place>,
}

fn texts<'a, T: Into<Cow<'a, str>>>(texts: impl IntoIterator<Item = T>) -> Vec<Text<'a>> {
    texts.into_iter().map(|text| Text { text: text.into(), place: None }).collect()
}

impl<'a> GrantBuilder<'a> {
    /// A grant without origins: it allows nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds rows to the allow-list.
    pub fn allow_origins<T: Into<Cow<'a, str>>>(&mut self, patterns: impl IntoIterator<Item = T>) -> &mut Self {
        self.origins.extend(patterns.into_iter().map(Row::new));
        self
    }

    /// Adds one row to the allow-list.
    pub fn row(&mut self, row: Row<'a>) -> &mut Self {
        self.origins.push(row);
        self
    }

    /// Methods beside the safelisted `GET`, `HEAD`, `POST`; `["*"]` is any.
    pub fn allow_methods<T: Into<Cow<'a, str>>>(&mut self, methods: impl IntoIterator<Item = T>) -> &mut Self {
        self.methods = Some(texts(methods));
        self
    }

    /// Request headers; `["*"]` is any but `authorization`, which stands beside it if it is meant.
    pub fn allow_headers<T: Into<Cow<'a, str>>>(&mut self, names: impl IntoIterator<Item = T>) -> &mut Self {
        self.headers = Some(texts(names));
        self
    }

    /// Response headers that pages may read beside the safelisted ones.
    pub fn expose_headers<T: Into<Cow<'a, str>>>(&mut self, names: impl IntoIterator<Item = T>) -> &mut Self {
        self.expose = Some(texts(names));
        self
    }

    /// Whether requests may carry credentials: cookies, HTTP authentication, client certificates.
    pub fn allow_credentials(&mut self, allow: bool) -> &mut Self {
        self.credentials = Some((allow, None));
        self
    }

    /// How long a browser may keep a preflight's answer, in seconds: 0 to 86400.
    pub fn max_age(&mut self, seconds: u32) -> &mut Self {
        self.max_age = Some((seconds.into(), None));
        self
    }
}

/// A policy in the making. Setters can be called in any order; nothing is judged before
/// [`build`](Self::build), which reports every mistake at once.
///
/// ```
/// use corsac::{PolicyBuilder, Request, Verdict};
///
/// let mut builder = PolicyBuilder::new("api");
/// builder.allow_origins(["https://app.example.com"]).allow_methods(["PUT"]).allow_credentials(true);
/// let policy = builder.build()?;
///
/// let request = Request::new("GET").origin("https://app.example.com");
/// assert_eq!(policy.decide(&request).verdict(), Verdict::Allowed);
/// # Ok::<(), corsac::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PolicyBuilder<'a> {
    pub(crate) name: Text<'a>,
    /// Grant 0.
    pub(crate) own: GrantBuilder<'a>,
    /// Grants 1, 2, …
    pub(crate) grants: Vec<GrantBuilder<'a>>,
    pub(crate) own_origins: Vec<Text<'a>>,
    pub(crate) own_origins_place: Option<Place>,
    pub(crate) timing_allow_origin: Vec<Text<'a>>,
    pub(crate) denied_requests: (DeniedRequests, Option<Place>),
    pub(crate) preflight: Preflight,
    pub(crate) preflight_answer: PreflightAnswer,
    pub(crate) preflight_status: u16,
    pub(crate) refused_preflight_status: u16,
    pub(crate) upstream: (Upstream, Option<Place>),
    pub(crate) private_network: bool,
}

impl<'a> PolicyBuilder<'a> {
    /// A policy that allows nothing.
    #[must_use]
    pub fn new(name: impl Into<Cow<'a, str>>) -> Self {
        Self::at(Text { text: name.into(), place: None }, GrantBuilder::new())
    }

    pub(crate) fn at(name: Text<'a>, own: GrantBuilder<'a>) -> Self {
        Self {
            name,
            own,
            grants: Vec::new(),
            own_origins: Vec::new(),
            own_origins_place: None,
            timing_allow_origin: Vec::new(),
            denied_requests: Default::default(),
            preflight: Preflight::default(),
            preflight_answer: PreflightAnswer::default(),
            preflight_status: 204,
            refused_preflight_status: 403,
            upstream: (Upstream::Replace, None),
            private_network: false,
        }
    }

    /// Adds rows to the policy's own allow-list, grant 0.
    pub fn allow_origins<T: Into<Cow<'a, str>>>(&mut self, patterns: impl IntoIterator<Item = T>) -> &mut Self {
        self.own.allow_origins(patterns);
        self
    }

    /// Adds one row to the policy's own allow-list.
    pub fn row(&mut self, row: Row<'a>) -> &mut Self {
        self.own.row(row);
        self
    }

    /// See [`GrantBuilder::allow_methods`].
    pub fn allow_methods<T: Into<Cow<'a, str>>>(&mut self, methods: impl IntoIterator<Item = T>) -> &mut Self {
        self.own.allow_methods(methods);
        self
    }

    /// See [`GrantBuilder::allow_headers`].
    pub fn allow_headers<T: Into<Cow<'a, str>>>(&mut self, names: impl IntoIterator<Item = T>) -> &mut Self {
        self.own.allow_headers(names);
        self
    }

    /// See [`GrantBuilder::expose_headers`].
    pub fn expose_headers<T: Into<Cow<'a, str>>>(&mut self, names: impl IntoIterator<Item = T>) -> &mut Self {
        self.own.expose_headers(names);
        self
    }

    /// See [`GrantBuilder::allow_credentials`].
    pub fn allow_credentials(&mut self, allow: bool) -> &mut Self {
        self.own.allow_credentials(allow);
        self
    }

    /// See [`GrantBuilder::max_age`].
    pub fn max_age(&mut self, seconds: u32) -> &mut Self {
        self.own.max_age(seconds);
        self
    }

    /// Adds a grant after the others. The first grant that contains an origin decides.
    pub fn grant(&mut self, grant: GrantBuilder<'a>) -> &mut Self {
        self.grants.push(grant);
        self
    }

    /// The service's own origins: their requests may carry `Origin` and are not cross-origin.
    pub fn own_origins<T: Into<Cow<'a, str>>>(&mut self, origins: impl IntoIterator<Item = T>) -> &mut Self {
        self.own_origins = texts(origins);
        self
    }

    /// How a denied actual request is handled. Default: it is forwarded.
    pub fn denied_requests(&mut self, denied: DeniedRequests) -> &mut Self {
        self.denied_requests = (denied, None);
        self
    }

    /// Who answers preflights. Default: they are answered here.
    pub fn preflight(&mut self, preflight: Preflight) -> &mut Self {
        self.preflight = preflight;
        self
    }

    /// What an accepted preflight's answer names. Default: the whole lists.
    pub fn preflight_answer(&mut self, answer: PreflightAnswer) -> &mut Self {
        self.preflight_answer = answer;
        self
    }

    /// How the upstream's own headers are treated. Default: they are replaced.
    pub fn upstream(&mut self, upstream: Upstream) -> &mut Self {
        self.upstream = (upstream, None);
        self
    }

    /// Origins for a static `Timing-Allow-Origin`, or `["*"]`.
    pub fn timing_allow_origin<T: Into<Cow<'a, str>>>(&mut self, origins: impl IntoIterator<Item = T>) -> &mut Self {
        self.timing_allow_origin = texts(origins);
        self
    }

    /// Whether the legacy private network access preflights are granted. Default: no.
    pub fn allow_private_network(&mut self, allow: bool) -> &mut Self {
        self.private_network = allow;
        self
    }

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
        let policy = self.compile(&mut collector);
        let failed = collector.has_error();
        let diagnostics = collector.finish();
        match policy {
            Some(policy) if !failed => Ok((policy, diagnostics)),
            _ => Err(ConfigError::new(diagnostics)),
        }
    }

    /// Reports everything that is wrong to `collector`; `None` if something is an error.
    pub(crate) fn compile(&self, collector: &mut Collector<'_>) -> Option<Policy> {
        collector.enter_policy(Some(&self.name.text));
        let checked = validate::policy(self, collector);
        collector.enter_policy(None);
        checked.map(|checked| compile::policy(self, checked))
    }
}
