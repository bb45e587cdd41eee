//! The engine's view of a request, which borrows its header lines.

use corsac::{HeaderLines, Request, Target};
use http::header::{
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, GetAll, HOST, HeaderName, HeaderValue, ORIGIN,
};
use http::{HeaderMap, Method};

static REQUEST_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-request-private-network");

/// The lines of `Access-Control-Request-Headers`.
#[derive(Debug)]
pub(crate) struct RequestedLines<'a>(GetAll<'a, HeaderValue>);

impl<'a> RequestedLines<'a> {
    pub(crate) fn first(&self) -> Option<&'a HeaderValue> {
        self.0.iter().next()
    }
}

impl HeaderLines for RequestedLines<'_> {
    /// Linear in `index`. The engine bounds the number of lines by the policy.
    fn line(&self, index: usize) -> Option<&[u8]> {
        self.0.iter().nth(index).map(HeaderValue::as_bytes)
    }
}

/// `None` if the decision does not depend on them: for every method except `OPTIONS`.
pub(crate) fn requested_lines<B>(request: &http::Request<B>) -> Option<RequestedLines<'_>> {
    let is_options = *request.method() == Method::OPTIONS;
    is_options.then(|| RequestedLines(request.headers().get_all(ACCESS_CONTROL_REQUEST_HEADERS)))
}

/// The lines of `Origin`, looked up once for the decision and the response.
pub(crate) fn origin_lines<B>(request: &http::Request<B>) -> GetAll<'_, HeaderValue> {
    request.headers().get_all(ORIGIN)
}

/// The request with these lines of `Origin` and of `Access-Control-Request-Headers`.
pub(crate) fn view<'a, B>(
    request: &'a http::Request<B>,
    origins: &GetAll<'a, HeaderValue>,
    requested: Option<&'a RequestedLines<'a>>,
) -> Request<'a> {
    let headers = request.headers();
    let view = origins.iter().fold(Request::new(request.method().as_str()), Request::origin);
    let Some(requested) = requested else { return view };
    let view = lines(headers, &ACCESS_CONTROL_REQUEST_METHOD).fold(view, Request::request_method);
    let view = lines(headers, &REQUEST_PRIVATE_NETWORK).fold(view, Request::request_private_network);
    view.request_headers(requested)
}

/// The host and path for routes. The request target's host takes precedence over `Host` (RFC 9112,
/// 3.2.2); the path is not normalised.
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
