//! A request as the engine sees it: views of the lines that it came with.

use corsac::{HeaderLines, Request, Target};
use http::header::{
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, GetAll, HOST, HeaderName, HeaderValue, ORIGIN,
};
use http::{HeaderMap, Method};

static REQUEST_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-request-private-network");

/// The lines of `Access-Control-Request-Headers`, where they are.
#[derive(Debug)]
pub(crate) struct RequestedLines<'a>(GetAll<'a, HeaderValue>);

impl<'a> RequestedLines<'a> {
    pub(crate) fn first(&self) -> Option<&'a HeaderValue> {
        self.0.iter().next()
    }
}

impl HeaderLines for RequestedLines<'_> {
    /// Linear in `index`, which the engine bounds by what the policy allows.
    fn line(&self, index: usize) -> Option<&[u8]> {
        self.0.iter().nth(index).map(HeaderValue::as_bytes)
    }
}

/// `None` where a decision does not depend on them: on any method but `OPTIONS`.
pub(crate) fn requested_lines<B>(request: &http::Request<B>) -> Option<RequestedLines<'_>> {
    let is_options = *request.method() == Method::OPTIONS;
    is_options.then(|| RequestedLines(request.headers().get_all(ACCESS_CONTROL_REQUEST_HEADERS)))
}

/// The lines of `Origin`, looked up once for the decision and for the answer.
pub(crate) fn origin_lines<B>(request: &http::Request<B>) -> GetAll<'_, HeaderValue> {
    request.headers().get_all(ORIGIN)
}

/// The request with these lines of `Origin` and of `Access-Control-Request-Headers`.
pub(crate) fn seen<'a, B>(
    request: &'a http::Request<B>,
    origins: &GetAll<'a, HeaderValue>,
    requested: Option<&'a RequestedLines<'a>>,
) -> Request<'a> {
    let headers = request.headers();
    let seen = origins.iter().fold(Request::new(request.method().as_str()), Request::origin);
    let Some(requested) = requested else { return seen };
    let seen = lines(headers, &ACCESS_CONTROL_REQUEST_METHOD).fold(seen, Request::request_method);
    let seen = lines(headers, &REQUEST_PRIVATE_NETWORK).fold(seen, Request::request_private_network);
    seen.request_headers_kept(requested)
}

/// What routes go by: the target's own host before `Host` (RFC 9112, 3.2.2), and the path as it is.
pub(crate) fn route<B>(request: &http::Request<B>) -> Target<'_> {
    let host = match request.uri().authority() {
        Some(authority) => authority.host().as_bytes(),
        None => request.headers().get(HOST).map(HeaderValue::as_bytes).unwrap_or_default(),
    };
    Target::Route { host, path: request.uri().path().as_bytes() }
}

fn lines<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a HeaderValue> {
    headers.get_all(name).into_iter()
}
