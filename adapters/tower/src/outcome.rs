//! A decision on its way to a response, and carried out on one.

use corsac::{Decision, Upstream, Vary, is_managed_header};
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    CACHE_CONTROL, HeaderName, HeaderValue, ORIGIN, VARY,
};
use http::{HeaderMap, Response, StatusCode};
use smallvec::SmallVec;

use crate::values::Values;

/// What a response needs of a decision, which outlives request and policies.
#[derive(Debug)]
pub(crate) struct Outcome {
    status: Option<StatusCode>,
    set: Pairs,
    vary: Vary,
    upstream: Upstream,
}

/// Few answers but those to preflights have more than three.
type Pairs = SmallVec<[(HeaderName, HeaderValue); 3]>;

/// The names that the engine sets, so that none is parsed for each request; those of most answers
/// come first.
static NAMES: [HeaderName; 9] = [
    ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_ALLOW_CREDENTIALS,
    ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_HEADERS,
    ACCESS_CONTROL_MAX_AGE,
    CACHE_CONTROL,
    HeaderName::from_static("timing-allow-origin"),
    HeaderName::from_static("access-control-allow-private-network"),
];

impl Outcome {
    pub(crate) fn new(decision: &Decision<'_>, request: &HeaderMap, values: &mut Values) -> Self {
        let pair = |(name, value)| {
            let name = known(name);
            let value = of_request(&name, value, request).or_else(|| values.of(value))?;
            Some((name, value))
        };
        Self {
            // The engine gives statuses that exist.
            status: decision.status().map(|status| StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN)),
            set: decision.set().filter_map(pair).collect(),
            vary: decision.vary(),
            upstream: decision.upstream(),
        }
    }

    /// Whether the request goes to the service.
    pub(crate) fn is_forwarded(&self) -> bool {
        self.status.is_none()
    }

    /// The answer to a request that the service does not see.
    pub(crate) fn answer<B: Default>(&mut self) -> Response<B> {
        let mut response = Response::new(B::default());
        *response.status_mut() = self.status.unwrap_or(StatusCode::FORBIDDEN);
        // There is nothing yet to be replaced or kept.
        let headers = response.headers_mut();
        self.set(headers);
        let vary = self.vary.value();
        if !vary.is_empty() {
            headers.insert(VARY, HeaderValue::from_static(vary));
        }
        response
    }

    /// Carries the decision out on the headers of a response.
    pub(crate) fn apply(&mut self, headers: &mut HeaderMap) {
        match self.upstream {
            Upstream::Replace => {
                self.remove_managed(headers);
                self.set(headers);
            }
            Upstream::Keep if headers.keys().any(|name| is_managed_header(name.as_str().as_bytes(), [])) => {}
            Upstream::Keep => self.set(headers),
        }
        merge_vary(self.vary, headers);
    }

    fn remove_managed(&self, headers: &mut HeaderMap) {
        let set = || self.set.iter().map(|(name, _)| name.as_str());
        let is_managed = |name: &&HeaderName| is_managed_header(name.as_str().as_bytes(), set());
        let managed: SmallVec<[HeaderName; 2]> = headers.keys().filter(is_managed).cloned().collect();
        for name in managed {
            headers.remove(name);
        }
    }

    fn set(&mut self, headers: &mut HeaderMap) {
        let mut last = None;
        for (name, value) in self.set.drain(..) {
            // The lines of one name stand together.
            if last.as_ref() == Some(&name) {
                headers.append(name, value);
            } else {
                headers.insert(name.clone(), value);
                last = Some(name);
            }
        }
    }
}

fn known(name: &'static str) -> HeaderName {
    NAMES.iter().find(|known| known.as_str() == name).cloned().unwrap_or_else(|| HeaderName::from_static(name))
}

/// The request's own line where a value is the same, which is shared and not copied.
fn of_request(name: &HeaderName, value: &[u8], request: &HeaderMap) -> Option<HeaderValue> {
    let asked = match () {
        () if *name == ACCESS_CONTROL_ALLOW_ORIGIN => ORIGIN,
        () if *name == ACCESS_CONTROL_ALLOW_HEADERS => ACCESS_CONTROL_REQUEST_HEADERS,
        () => return None,
    };
    request.get(asked).filter(|line| line.as_bytes() == value).cloned()
}

/// Adds what is missing to the first line there is, or a line.
fn merge_vary(vary: Vary, headers: &mut HeaderMap) {
    let missing = vary.missing(headers.get_all(VARY)).value();
    if missing.is_empty() {
        return;
    }
    let joined = headers.get(VARY).and_then(|line| joined(line.as_bytes(), missing));
    match headers.get_mut(VARY).zip(joined) {
        Some((line, joined)) => *line = joined,
        None => {
            headers.append(VARY, HeaderValue::from_static(missing));
        }
    }
}

fn joined(line: &[u8], missing: &'static str) -> Option<HeaderValue> {
    if line.trim_ascii().is_empty() {
        return Some(HeaderValue::from_static(missing));
    }
    HeaderValue::from_bytes(&[line, b", ", missing.as_bytes()].concat()).ok()
}
