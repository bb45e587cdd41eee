//! A request, in the form that C passes.

use corsac::Request;

use crate::view::{HeaderArray, corsac_header, corsac_lines, corsac_str};

/// The parts of a request that a decision depends on. Initialise it with `corsac_request request =
/// CORSAC_REQUEST_INIT;`, which sets `struct_size` and makes all other fields absent.
///
/// Pass all header lines of the request in `headers`, and the library picks those that it needs. A server
/// that has them sorted by name passes the lines of `origin` and the three `request_…` instead. If both are
/// given, the request is denied with an error.
///
/// A program may be older than the library: fields that its struct does not have are absent. If it is
/// newer, the fields that the library does not know must be zero. Any other `struct_size` is an error.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct corsac_request {
    /// `sizeof(corsac_request)`, as the caller was compiled.
    pub struct_size: usize,
    /// The method, byte for byte.
    pub method: corsac_str,
    /// All `Origin` lines: two of them deny the request. Leave out this field and the next three if
    /// `headers` is given.
    pub origin: corsac_lines,
    /// The `Access-Control-Request-Method` lines.
    pub request_method: corsac_lines,
    /// The `Access-Control-Request-Headers` lines.
    pub request_headers: corsac_lines,
    /// The `Access-Control-Request-Private-Network` lines.
    pub request_private_network: corsac_lines,
    /// For `CORSAC_POLICY_ROUTE`: the request's host, as the server selects a site by it. It is not taken
    /// from `headers`, whose `Host` is not the host if the request line has one.
    pub host: corsac_str,
    /// For `CORSAC_POLICY_ROUTE`: the request's path, as the server normalised it.
    pub path: corsac_str,
    /// All header lines of the request, in their order, with names in any case.
    pub headers: *const corsac_header,
    /// The number of header lines.
    pub headers_len: usize,
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
        headers: std::ptr::null(),
        headers_len: 0,
    };

    /// The same request for the engine; `headers` is where the header lines are kept. `None` if a line cannot
    /// be read, or if lines are given twice.
    #[inline]
    pub(crate) fn view<'v>(
        &'v self,
        method: &'v [u8],
        headers: &'v mut Option<HeaderArray<'v>>,
    ) -> Option<Request<'v>> {
        if self.headers_len == 0 {
            return self.of_lines(method);
        }
        let headers = headers.insert(HeaderArray::new(self.headers, self.headers_len)?);
        let lines = [self.origin, self.request_method, self.request_headers, self.request_private_network];
        let request = Request::from_stored_headers(method, headers);
        (headers.is_readable() && lines.iter().all(|lines| lines.len == 0)).then_some(request)
    }

    /// Two lines are enough to show that a header is repeated.
    #[inline]
    fn of_lines<'v>(&'v self, method: &'v [u8]) -> Option<Request<'v>> {
        let mut request = Request::new(method);
        for line in self.origin.views()?.iter().take(2) {
            request = request.origin(line.line()?);
        }
        for line in self.request_method.views()?.iter().take(2) {
            request = request.request_method(line.line()?);
        }
        for line in self.request_private_network.views()? {
            request = request.request_private_network(line.line()?);
        }
        self.request_headers.is_readable().then(|| request.request_headers(&self.request_headers))
    }
}
