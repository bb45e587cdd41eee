//! The outcome of a decision: a response, or changes to the service's response.

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

/// The outcome for a request.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The middleware responds, with these headers and no body.
    Answer { status: StatusCode, headers: HeaderMap },
    /// The service responds, and its response is changed.
    Forward(Change),
}

/// The changes to a response. They outlive the request and the policies.
#[derive(Debug)]
pub(crate) struct Change {
    set: Pairs,
    vary: Vary,
    upstream: Upstream,
    manages_timing: bool,
}

/// Only responses to preflights, which are made here, usually have more than three.
type Pairs = SmallVec<[(&'static str, HeaderValue); 3]>;

impl Outcome {
    /// The initial capacity of a response to a preflight: two more than most need.
    const HEADERS: usize = 8;

    pub(crate) fn new(decision: &Decision<'_>, lines: RequestLines<'_>, values: &mut Values) -> Self {
        let mut value_of = |name, value| lines.echoed(name, value).or_else(|| values.of(value));
        let Some(status) = decision.status() else {
            let mut set = Pairs::new();
            decision.set().for_each(|(name, value)| set.extend(value_of(name, value).map(|value| (name, value))));
            return Self::Forward(Change {
                set,
                vary: decision.vary(),
                upstream: decision.upstream(),
                manages_timing: decision.manages_timing(),
            });
        };
        // A new response has no headers to replace or keep.
        let mut headers = HeaderMap::with_capacity(Self::HEADERS);
        decision.set().for_each(|(name, value)| {
            if let Some(value) = value_of(name, value) {
                set(name, value, &mut headers);
            }
        });
        merge_vary(decision.vary(), &mut headers);
        // The engine returns valid statuses only.
        Self::Answer { status: StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN), headers }
    }
}

impl Change {
    /// Applies the changes to the headers of a response.
    pub(crate) fn apply(&mut self, headers: &mut HeaderMap) {
        match self.upstream {
            Upstream::Replace => {
                self.remove_managed(headers);
                self.set(headers);
            }
            Upstream::Keep if headers.keys().any(|name| is_managed_header(name.as_str().as_bytes(), false)) => {}
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
        let is_managed = |name: &&HeaderName| is_managed_header(name.as_str().as_bytes(), self.manages_timing);
        let managed: SmallVec<[HeaderName; 2]> = headers.keys().filter(is_managed).cloned().collect();
        for name in managed {
            headers.remove(name);
        }
    }
}

fn set(name: &'static str, value: HeaderValue, headers: &mut HeaderMap) {
    // The only name that `Decision::set` may return several times; lines of the service were removed.
    match known(name) {
        ACCESS_CONTROL_ALLOW_HEADERS => drop(headers.append(ACCESS_CONTROL_ALLOW_HEADERS, value)),
        name => drop(headers.insert(name, value)),
    }
}

/// The header's name, without parsing it for each request.
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

/// The lines of a request that its response may echo: the first of `Origin` and of
/// `Access-Control-Request-Headers`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestLines<'a> {
    pub(crate) origin: Option<&'a HeaderValue>,
    pub(crate) headers: Option<&'a HeaderValue>,
}

impl RequestLines<'_> {
    /// The request's line, shared and not copied, if the response's value is equal.
    fn echoed(self, name: &str, value: &[u8]) -> Option<HeaderValue> {
        let line = match name {
            "access-control-allow-origin" => self.origin,
            "access-control-allow-headers" => self.headers,
            _ => None,
        };
        line.filter(|line| line.as_bytes() == value).cloned()
    }
}

/// `Vary` lines by their bits, so that none is validated for each response.
static VARY_LINES: LazyLock<[HeaderValue; 16]> =
    LazyLock::new(|| array::from_fn(|bits| HeaderValue::from_static(Vary::from_bits(bits as u8).value())));

/// Adds the missing names to the first line, or adds a line.
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
