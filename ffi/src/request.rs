//! A request, in the form that C passes.

use corsac::Request;

use crate::view::{corsac_lines, corsac_str};

/// The parts of a request that a decision depends on. Initialise it with `corsac_request request =
/// CORSAC_REQUEST_INIT;`, which sets `struct_size` and makes all other fields absent.
///
/// The library reads the first `struct_size` bytes and treats missing fields as absent, so a
/// program may be older than the library. If the program is newer, the library ignores the fields
/// it does not know.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct corsac_request {
    /// `sizeof(corsac_request)`, as the caller was compiled.
    pub struct_size: usize,
    /// The method, byte for byte.
    pub method: corsac_str,
    /// All `Origin` lines: two of them deny the request.
    pub origin: corsac_lines,
    /// The `Access-Control-Request-Method` lines.
    pub request_method: corsac_lines,
    /// The `Access-Control-Request-Headers` lines.
    pub request_headers: corsac_lines,
    /// The `Access-Control-Request-Private-Network` lines.
    pub request_private_network: corsac_lines,
    /// For `CORSAC_POLICY_ROUTE`: the request's host.
    pub host: corsac_str,
    /// For `CORSAC_POLICY_ROUTE`: the request's path, as the server normalised it.
    pub path: corsac_str,
}

impl corsac_request {
    pub(crate) const ABSENT: Self = Self {
        struct_size: size_of::<Self>(),
        method: corsac_str::ABSENT,
        origin: corsac_lines::NONE,
        request_method: corsac_lines::NONE,
        request_headers: corsac_lines::NONE,
        request_private_network: corsac_lines::NONE,
        host: corsac_str::ABSENT,
        path: corsac_str::ABSENT,
    };

    /// The same request for the engine. Two lines are enough to show that a header is repeated.
    pub(crate) fn view<'v>(&'v self) -> Option<Request<'v>> {
        let mut request = Request::new(self.method.bytes()?);
        for line in self.origin.views().iter().take(2) {
            request = request.origin(line.bytes().unwrap_or_default());
        }
        for line in self.request_method.views().iter().take(2) {
            request = request.request_method(line.bytes().unwrap_or_default());
        }
        for line in self.request_private_network.views() {
            request = request.request_private_network(line.bytes().unwrap_or_default());
        }
        Some(request.request_headers(&self.request_headers))
    }
}
