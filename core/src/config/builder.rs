//! Policies written in code: the same rules, the same diagnostics as a document's.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::config::diagnostic::Place;
use crate::config::row::Row;
use crate::config::text::Text;
use crate::outcome::Upstream;
use crate::policy::{DeniedRequests, Preflight, PreflightAnswer, Settings};

/// Origins and their rights. Rights that a later grant does not set are inherited from the policy.
///
/// A setter of a list appends to the list; an empty list counts as set. A setter of a single value
/// replaces the value.
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

fn texts<'a, T: Into<Cow<'a, str>>>(texts: impl IntoIterator<Item = T>) -> impl Iterator<Item = Text<'a>> {
    texts.into_iter().map(|text| Text { text: text.into(), place: None })
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

    /// Adds methods that preflights may ask for, beside `GET` and `HEAD`, which are always allowed;
    /// `["*"]` is any method. Unless it is called: `GET`, `HEAD` and `POST` (Fetch, "CORS-safelisted
    /// method").
    ///
    /// This is no guard: a `POST` that a form could send comes without a preflight.
    pub fn allow_methods<T: Into<Cow<'a, str>>>(&mut self, methods: impl IntoIterator<Item = T>) -> &mut Self {
        self.methods.get_or_insert_default().extend(texts(methods));
        self
    }

    /// Adds request headers that a page may set. `["*"]` is any header except `authorization` (Fetch, "CORS
    /// non-wildcard request-header name"), which must be listed explicitly.
    pub fn allow_headers<T: Into<Cow<'a, str>>>(&mut self, names: impl IntoIterator<Item = T>) -> &mut Self {
        self.headers.get_or_insert_default().extend(texts(names));
        self
    }

    /// Adds response headers that pages may read in addition to the safelisted ones (Fetch,
    /// "CORS-safelisted response-header name").
    pub fn expose_headers<T: Into<Cow<'a, str>>>(&mut self, names: impl IntoIterator<Item = T>) -> &mut Self {
        self.expose.get_or_insert_default().extend(texts(names));
        self
    }

    /// Whether requests may carry credentials: cookies, HTTP authentication, client certificates
    /// (Fetch, "credentials"; "CORS check", steps 6 and 7).
    pub fn allow_credentials(&mut self, allow: bool) -> &mut Self {
        self.credentials = Some((allow, None));
        self
    }

    /// How long a browser may cache a preflight response, in seconds: 0 to 86400. Without it browsers
    /// cache it for 5 s (Fetch, "CORS-preflight fetch", step 7.9).
    pub fn max_age(&mut self, seconds: u32) -> &mut Self {
        self.max_age = Some((seconds.into(), None));
        self
    }
}

/// Builds a [`Policy`](crate::Policy). Setters can be called in any order; nothing is checked before
/// [`build`](Self::build), which reports every mistake at once.
///
/// A setter of a list appends to the list, as in [`GrantBuilder`]; a setter of a single value
/// replaces the value.
///
/// ```
/// use corsac::{PolicyBuilder, Request, Verdict};
///
/// let mut builder = PolicyBuilder::new("api");
/// builder.allow_origins(["https://app.example.com"]).allow_methods(["GET", "POST", "PUT"]).allow_credentials(true);
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
    pub(crate) settings: Settings,
    /// Lists of the whole policy as they are written, by the names of their keys.
    pub(crate) lists: BTreeMap<&'static str, Vec<Text<'a>>>,
    /// Where the values of keys are.
    pub(crate) places: BTreeMap<&'static str, Place>,
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
            settings: Settings::default(),
            lists: BTreeMap::new(),
            places: BTreeMap::new(),
        }
    }

    /// The texts of a list of the whole policy.
    pub(crate) fn list(&self, key: &str) -> &[Text<'a>] {
        self.lists.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// Where the value of a key is, in a document.
    pub(crate) fn place_of(&self, key: &str) -> Option<Place> {
        self.places.get(key).copied()
    }

    fn extend<T: Into<Cow<'a, str>>>(&mut self, key: &'static str, added: impl IntoIterator<Item = T>) -> &mut Self {
        self.lists.entry(key).or_default().extend(texts(added));
        self
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

    /// Adds origins of the service itself: their requests may carry `Origin` and are not cross-origin.
    pub fn own_origins<T: Into<Cow<'a, str>>>(&mut self, origins: impl IntoIterator<Item = T>) -> &mut Self {
        self.extend("own_origins", origins)
    }

    /// How a denied actual request is handled. Default: it is forwarded.
    pub fn denied_requests(&mut self, denied: DeniedRequests) -> &mut Self {
        self.settings.denied_requests = denied;
        self
    }

    /// Who answers preflights. Default: they are answered here.
    pub fn preflight(&mut self, preflight: Preflight) -> &mut Self {
        self.settings.preflight = preflight;
        self
    }

    /// What an accepted preflight's answer names. Default: the whole lists.
    pub fn preflight_answer(&mut self, answer: PreflightAnswer) -> &mut Self {
        self.settings.preflight_answer = answer;
        self
    }

    /// The status of the answer to an accepted preflight: 204 or 200. Default: 204.
    pub fn preflight_status(&mut self, status: u16) -> &mut Self {
        self.settings.preflight_status = status;
        self
    }

    /// The status of the answer to a refused preflight: 403, 200, 204 or 400. Default: 403.
    pub fn refused_preflight_status(&mut self, status: u16) -> &mut Self {
        self.settings.refused_preflight_status = status;
        self
    }

    /// How the upstream's own headers are treated. Default: they are replaced.
    pub fn upstream(&mut self, upstream: Upstream) -> &mut Self {
        self.settings.upstream = upstream;
        self
    }

    /// Adds origins for a static `Timing-Allow-Origin`, or `["*"]` (Fetch, "TAO check").
    pub fn timing_allow_origin<T: Into<Cow<'a, str>>>(&mut self, origins: impl IntoIterator<Item = T>) -> &mut Self {
        self.extend("timing_allow_origin", origins)
    }

    /// Whether the legacy private network access preflights are granted. Default: no.
    pub fn allow_private_network(&mut self, allow: bool) -> &mut Self {
        self.settings.allow_private_network = allow;
        self
    }
}
