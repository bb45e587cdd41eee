//! A decision on its way to a response, and carried out on one.

use std::array;
use std::mem;
use std::sync::LazyLock;

use corsac::{Decision, Upstream, Vary, is_managed_header};
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CACHE_CONTROL, Entry,
    HeaderName, HeaderValue, VARY,
};
use http::{HeaderMap, StatusCode};
use smallvec::SmallVec;

use crate::values::Values;

/// What becomes of a request.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It is answered here, with these headers and no body.
    Answer { status: StatusCode, headers: HeaderMap },
    /// It goes to the service, whose response is changed.
    Forward(Change),
}

/// What a response needs of a decision, which outlives request and policies.
#[derive(Debug)]
pub(crate) struct Change {
    set: Pairs,
    vary: Vary,
    upstream: Upstream,
}

/// Few answers but those to preflights, which the service does not make, have more than three.
type Pairs = SmallVec<[(&'static str, HeaderValue); 3]>;

impl Outcome {
    /// What an answer to a preflight has room for at once: two more than most have.
    const HEADERS: usize = 8;

    pub(crate) fn new(decision: &Decision<'_>, asked: Asked<'_>, values: &mut Values) -> Self {
        let mut value_of = |name, value| asked.line(name, value).or_else(|| values.of(value));
        let Some(status) = decision.status() else {
            let mut set = Pairs::new();
            decision.set().for_each(|(name, value)| set.extend(value_of(name, value).map(|value| (name, value))));
            return Self::Forward(Change { set, vary: decision.vary(), upstream: decision.upstream() });
        };
        // There is nothing yet to be replaced or kept.
        let mut headers = HeaderMap::with_capacity(Self::HEADERS);
        decision.set().for_each(|(name, value)| {
            if let Some(value) = value_of(name, value) {
                set(name, value, &mut headers);
            }
        });
        merge_vary(decision.vary(), &mut headers);
        // The engine gives statuses that exist.
        Self::Answer { status: StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN), headers }
    }
}

impl Change {
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

    fn set(&mut self, headers: &mut HeaderMap) {
        for (name, value) in mem::take(&mut self.set) {
            set(name, value, headers);
        }
    }

    fn remove_managed(&self, headers: &mut HeaderMap) {
        let set = || self.set.iter().map(|(name, _)| *name);
        let is_managed = |name: &&HeaderName| is_managed_header(name.as_str().as_bytes(), set());
        let managed: SmallVec<[HeaderName; 2]> = headers.keys().filter(is_managed).cloned().collect();
        for name in managed {
            headers.remove(name);
        }
    }
}

fn set(name: &'static str, value: HeaderValue, headers: &mut HeaderMap) {
    // The only name that is ever given in several lines (`Decision::set`); none of it is left.
    match known(name) {
        ACCESS_CONTROL_ALLOW_HEADERS => drop(headers.append(ACCESS_CONTROL_ALLOW_HEADERS, value)),
        name => drop(headers.insert(name, value)),
    }
}

/// The names that the engine sets, so that none is parsed for each request.
fn known(name: &'static str) -> HeaderName {
    match name {
        "access-control-allow-origin" => ACCESS_CONTROL_ALLOW_ORIGIN,
        "access-control-allow-credentials" => ACCESS_CONTROL_ALLOW_CREDENTIALS,
        "access-control-expose-headers" => ACCESS_CONTROL_EXPOSE_HEADERS,
        "access-control-allow-methods" => ACCESS_CONTROL_ALLOW_METHODS,
        "access-control-allow-headers" => ACCESS_CONTROL_ALLOW_HEADERS,
        "access-control-max-age" => ACCESS_CONTROL_MAX_AGE,
        "cache-control" => CACHE_CONTROL,
        _ => HeaderName::from_static(name),
    }
}

/// What an answer may repeat: the first lines of the request's `Origin` and of its
/// `Access-Control-Request-Headers`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) origin: Option<&'a HeaderValue>,
    pub(crate) headers: Option<&'a HeaderValue>,
}

impl Asked<'_> {
    /// The request's own line where a value is the same, which is shared and not copied.
    fn line(self, name: &str, value: &[u8]) -> Option<HeaderValue> {
        let asked = match name {
            "access-control-allow-origin" => self.origin,
            "access-control-allow-headers" => self.headers,
            _ => None,
        };
        asked.filter(|line| line.as_bytes() == value).cloned()
    }
}

/// `Vary` lines by the bits of what is in them, so that none is checked again for each response.
static VARY_LINES: LazyLock<[HeaderValue; 16]> =
    LazyLock::new(|| array::from_fn(|bits| HeaderValue::from_static(Vary::from_bits(bits as u8).value())));

/// Adds what is missing to the first line there is, or a line.
fn merge_vary(vary: Vary, headers: &mut HeaderMap) {
    let Some(ours) = VARY_LINES.get(usize::from(vary.bits())).filter(|_| !vary.is_empty()) else { return };
    match headers.entry(VARY) {
        Entry::Vacant(entry) => drop(entry.insert(ours.clone())),
        Entry::Occupied(mut entry) => {
            let missing = vary.missing(entry.iter()).value();
            if missing.is_empty() {
                return;
            }
            match joined(entry.get().as_bytes(), missing) {
                Some(joined) => *entry.get_mut() = joined,
                None => entry.append(HeaderValue::from_static(missing)),
            }
        }
    }
}

fn joined(line: &[u8], missing: &'static str) -> Option<HeaderValue> {
    if line.trim_ascii().is_empty() {
        return Some(HeaderValue::from_static(missing));
    }
    HeaderValue::from_bytes(&[line, b", ", missing.as_bytes()].concat()).ok()
}
