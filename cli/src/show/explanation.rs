//! Explains a decision in a sentence.

use corsac::{Decision, Reason, Upstream, Verdict};

use crate::show::escape::Bytes;

const ORIGIN: &str = "origin";
const REQUEST_METHOD: &str = "access-control-request-method";
const REQUEST_HEADERS: &str = "access-control-request-headers";
const PRIVATE_NETWORK: &str = "access-control-request-private-network";

/// The parts of a request that a decision depends on, and the policy that decided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestSummary<'a> {
    pub(crate) method: &'a [u8],
    pub(crate) headers: &'a [(&'a [u8], &'a [u8])],
    pub(crate) policy: Option<&'a str>,
}

impl<'a> RequestSummary<'a> {
    /// The method, and the header lines that a decision depends on. No others, because they may be
    /// secrets.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = vec![Bytes(self.method).to_string()];
        for name in [ORIGIN, REQUEST_METHOD, REQUEST_HEADERS, PRIVATE_NETWORK] {
            lines.extend(self.values(name).map(|value| format!("{name}: {}", Bytes(value))));
        }
        lines
    }

    fn values(&self, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
        let named = move |(line, _): &&(&[u8], &[u8])| line.eq_ignore_ascii_case(name.as_bytes());
        self.headers.iter().filter(named).map(|(_, value)| *value)
    }

    fn first(&self, name: &'static str) -> Bytes<'a> {
        Bytes(self.values(name).next().unwrap_or_default())
    }

    fn policy(&self) -> String {
        match self.policy {
            Some(name) => format!("policy `{name}`"),
            None => "no policy".to_owned(),
        }
    }
}

/// The reason of the decision, as a sentence.
pub(crate) fn explain(request: &RequestSummary<'_>, decision: &Decision<'_>) -> String {
    let (origin, policy) = (request.first(ORIGIN), request.policy());
    match decision.reason() {
        Reason::Ok => allowed(request, decision),
        Reason::NoOrigin => "the request has no `origin` header, so it is not a CORS request".to_owned(),
        Reason::OwnOrigin if decision.verdict() == Verdict::PreflightDenied => {
            format!("origin `{origin}` is one of the service's own origins, which need no preflight, and is in no grant")
        }
        Reason::OwnOrigin => {
            format!("origin `{origin}` is one of the service's own origins, which need no permission; it is in no grant of {policy}")
        }
        Reason::OriginMalformed => format!("origin `{origin}` is not in a form that a browser sends"),
        Reason::OriginRepeated => match request.values(ORIGIN).count() {
            1 => format!("origin `{origin}` contains a comma, as if several header lines had been joined; browsers send one origin"),
            lines => format!("the request has {lines} `origin` header lines; browsers send one"),
        },
        Reason::OriginNull => {
            format!("no row of {policy} allows origin `null` (a sandboxed frame, a local file or a redirect)")
        }
        Reason::OriginNotAllowed => format!("no row of {policy} allows origin `{origin}`"),
        Reason::NoPolicy => "no route in the document matches the request".to_owned(),
        Reason::PathAmbiguous => {
            "the path is ambiguous: two servers could read it differently, and another policy or none would decide; send it normalised".to_owned()
        }
        Reason::Internal => "an internal error in the engine denied the request; please report it".to_owned(),
        reason => preflight(request, decision, reason),
    }
}

fn allowed(request: &RequestSummary<'_>, decision: &Decision<'_>) -> String {
    let policy = request.policy();
    match decision.rule() {
        Some("*") => format!("{policy} allows any origin"),
        Some(rule) => {
            format!("origin `{}` matches `{rule}` in {}", request.first(ORIGIN), grant(&policy, decision))
        }
        None => format!("{policy} allows it"),
    }
}

/// Why a preflight is denied for another reason than its origin.
fn preflight(request: &RequestSummary<'_>, decision: &Decision<'_>, reason: Reason) -> String {
    let (method, headers) = (request.first(REQUEST_METHOD), request.first(REQUEST_HEADERS));
    let grant = grant(&request.policy(), decision);
    match reason {
        Reason::MethodMalformed => match request.values(REQUEST_METHOD).count() {
            0 | 1 => format!("`{method}` is not a method: a method is a token of 1 to 64 bytes"),
            lines => format!("there are {lines} `{REQUEST_METHOD}` lines; browsers send one"),
        },
        Reason::MethodNotAllowed => format!("method `{method}` is not in `allow_methods` of {grant}"),
        Reason::HeadersMalformed => {
            format!("`{REQUEST_HEADERS}: {headers}` is not a comma-separated list of header names")
        }
        Reason::HeadersOverBudget => {
            format!("`{REQUEST_HEADERS}` has more lines, names, bytes or white space than the limit for {grant}")
        }
        Reason::HeaderNotAllowed => format!("a name in `{headers}` is not in `allow_headers` of {grant}"),
        Reason::PrivateNetworkNotAllowed => {
            format!("private network access was requested, but {} does not allow it", request.policy())
        }
        other => other.to_string(),
    }
}

fn grant(policy: &str, decision: &Decision<'_>) -> String {
    match decision.grant() {
        None | Some(0) => policy.to_owned(),
        Some(grant) => format!("grant {grant} of {policy}"),
    }
}

/// Who responds to the request, and what the browser does with the response.
pub(crate) fn describe_outcome(decision: &Decision<'_>) -> String {
    let to_page = match decision.verdict() {
        Verdict::Denied => ": the browser hides the response from the page",
        Verdict::PreflightAllowed => ": the browser then sends the request",
        Verdict::PreflightDenied => ": the browser does not send the request",
        Verdict::Allowed => ": the page may read the response",
        Verdict::NotCors | Verdict::SameOrigin | Verdict::NoPolicy => "",
    };
    match decision.status() {
        Some(status) => format!("respond with {status}, without forwarding{to_page}"),
        None => format!("forward to the application{to_page}"),
    }
}

/// How the application's own CORS headers are treated.
pub(crate) fn describe_upstream(decision: &Decision<'_>) -> String {
    let upstream = decision.upstream();
    let text = match upstream {
        Upstream::Replace => "the application's own CORS headers are removed",
        Upstream::Keep if decision.set().next().is_none() => "the application's own CORS headers are kept",
        Upstream::Keep => "if the application sets its own CORS headers, they stay and none of the above is set",
    };
    format!("{}: {text}", upstream.as_str())
}
