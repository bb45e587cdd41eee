//! The part of an HTTP request that a decision depends on, borrowed from the caller.

use core::fmt;

use crate::header;

/// A request as the engine sees it: the method and the lines of the four request headers of the
/// CORS protocol (Fetch, "HTTP requests"; the fourth is `Access-Control-Request-Private-Network` of
/// Private Network Access). Nothing else in a request changes a decision: not cookies, `Host`,
/// `Referer`, nor any `Sec-Fetch-*`.
///
/// It takes header lines, not joined values, because joining would hide that there were two
/// `Origin` lines.
///
/// ```
/// use corsac::Request;
///
/// let headers: [(&[u8], &[u8]); 3] = [
///     (b"Origin", b"https://app.example.com"),
///     (b"Access-Control-Request-Method", b"PUT"),
///     (b"Cookie", b"ignored"),
/// ];
/// let request = Request::from_headers("OPTIONS", &headers);
/// assert!(request.is_preflight());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    method: &'a [u8],
    origin: Field<'a>,
    request_method: Field<'a>,
    request_headers: Lines<'a>,
    private_network: bool,
}

/// The lines of a header that may occur only once. Their content matters only if there is exactly
/// one. Browsers send one `Origin` (Fetch, "append a request `Origin` header") and one
/// `Access-Control-Request-Method` (Fetch, "CORS-preflight fetch", step 3); neither header is a list
/// whose lines could be combined (RFC 9110, 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field<'a> {
    Absent,
    One(&'a [u8]),
    Repeated,
}

impl<'a> Field<'a> {
    fn line(self, value: &'a [u8]) -> Self {
        match self {
            Self::Absent => Self::One(value),
            Self::One(_) | Self::Repeated => Self::Repeated,
        }
    }
}

/// The lines of `Access-Control-Request-Headers`, in order. Browsers send one at most (Fetch,
/// "CORS-preflight fetch", step 5), but the header is a list, so intermediaries may split it
/// (RFC 9110, 5.3).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lines<'a> {
    /// None, or the only one, which is all that browsers send.
    AtMostOne(Option<&'a [u8]>),
    /// Where the caller stores them, from this index on.
    Stored(&'a dyn HeaderLines, usize),
    /// All header lines of a request; those with the right name are meant.
    Named(&'a [(&'a [u8], &'a [u8])]),
    /// The same where the caller stores them, from this index on.
    NamedStored(&'a dyn Headers, usize),
}

/// The lines of one header, in the form in which the caller stores them. They are read without
/// copying.
pub trait HeaderLines: fmt::Debug {
    /// The line at this index, from 0; `None` after the last.
    fn line(&self, index: usize) -> Option<&[u8]>;
}

/// All header lines of a request, in the form in which the caller stores them, for
/// [`Request::from_stored_headers`]. They are read without copying.
pub trait Headers: fmt::Debug {
    /// The name and the value of the line at this index, from 0; `None` after the last.
    fn header(&self, index: usize) -> Option<(&[u8], &[u8])>;
}

impl<T: AsRef<[u8]> + fmt::Debug> HeaderLines for &[T] {
    fn line(&self, index: usize) -> Option<&[u8]> {
        self.get(index).map(AsRef::as_ref)
    }
}

impl<T: AsRef<[u8]> + fmt::Debug, const N: usize> HeaderLines for [T; N] {
    fn line(&self, index: usize) -> Option<&[u8]> {
        self.get(index).map(AsRef::as_ref)
    }
}

impl<T: AsRef<[u8]> + fmt::Debug> HeaderLines for Vec<T> {
    fn line(&self, index: usize) -> Option<&[u8]> {
        self.get(index).map(AsRef::as_ref)
    }
}

impl<'a> Lines<'a> {
    pub(crate) const NONE: Self = Self::AtMostOne(None);

    /// A single line is taken out of its store here, where the store's type is known: reading it
    /// later costs no dynamic call.
    #[inline]
    pub(crate) fn of<L: HeaderLines>(lines: &'a L) -> Self {
        let first = lines.line(0);
        if first.is_some() && lines.line(1).is_some() { Self::Stored(lines, 0) } else { Self::AtMostOne(first) }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    // The likeliest form first: it costs a preflight of one line nothing but this.
    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        match self {
            Self::AtMostOne(line) => line.take(),
            _ => self.next_of_several(),
        }
    }
}

impl<'a> Lines<'a> {
    fn next_of_several(&mut self) -> Option<&'a [u8]> {
        match self {
            Self::AtMostOne(line) => line.take(),
            Self::Stored(lines, next) => {
                let line = lines.line(*next)?;
                *next += 1;
                Some(line)
            }
            Self::Named(pairs) => loop {
                let ((name, value), rest) = pairs.split_first()?;
                *pairs = rest;
                if name.eq_ignore_ascii_case(header::REQUEST_HEADERS) {
                    return Some(value);
                }
            },
            Self::NamedStored(headers, next) => loop {
                let (name, value) = headers.header(*next)?;
                *next += 1;
                if name.eq_ignore_ascii_case(header::REQUEST_HEADERS) {
                    return Some(value);
                }
            },
        }
    }
}

impl<'a> Request<'a> {
    /// A request without any of the four headers. The method is compared byte for byte (RFC 9110,
    /// 9.1: methods are case-sensitive).
    #[must_use]
    pub fn new(method: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self {
            method: method.as_ref(),
            origin: Field::Absent,
            request_method: Field::Absent,
            request_headers: Lines::NONE,
            private_network: false,
        }
    }

    /// A request with all its header lines, in the order they came; names in any case (RFC 9110,
    /// 5.1). Headers that do not affect a decision are ignored. Time is linear in the number of lines.
    #[must_use]
    pub fn from_headers(method: &'a (impl AsRef<[u8]> + ?Sized), headers: &'a [(&'a [u8], &'a [u8])]) -> Self {
        Self::new(method).pick(headers.iter().copied(), Lines::Named(headers))
    }

    /// The same of header lines that are stored in a form of the caller's own, which need not be
    /// copied into a slice first.
    ///
    /// ```
    /// use corsac::{Headers, PolicyBuilder, Request, Verdict};
    ///
    /// #[derive(Debug)]
    /// struct Lines(Vec<String>);
    ///
    /// impl Headers for Lines {
    ///     fn header(&self, index: usize) -> Option<(&[u8], &[u8])> {
    ///         let (name, value) = self.0.get(index)?.split_once(": ")?;
    ///         Some((name.as_bytes(), value.as_bytes()))
    ///     }
    /// }
    ///
    /// let policy = PolicyBuilder::new("api").allow_origins(["https://a.example"]).build()?;
    /// let lines = Lines(vec!["Host: api.example".into(), "Origin: https://a.example".into()]);
    /// assert_eq!(policy.decide(&Request::from_stored_headers("GET", &lines)).verdict(), Verdict::Allowed);
    /// # Ok::<(), corsac::ConfigError>(())
    /// ```
    #[must_use]
    #[inline]
    pub fn from_stored_headers<H: Headers>(method: &'a (impl AsRef<[u8]> + ?Sized), headers: &'a H) -> Self {
        let mut next = 0..;
        let lines = core::iter::from_fn(|| headers.header(next.next()?));
        Self::new(method).pick(lines, Lines::NamedStored(headers, 0))
    }

    /// Adds the lines that a decision depends on. `all` are the same lines again, to be read later
    /// if there are several of `Access-Control-Request-Headers`.
    #[inline]
    fn pick(mut self, headers: impl Iterator<Item = (&'a [u8], &'a [u8])>, all: Lines<'a>) -> Self {
        for (name, value) in headers {
            // The lengths of the names are all different, so most lines cost one comparison.
            match name.len() {
                6 if name.eq_ignore_ascii_case(header::ORIGIN) => self.origin = self.origin.line(value),
                29 if name.eq_ignore_ascii_case(header::REQUEST_METHOD) => {
                    self.request_method = self.request_method.line(value);
                }
                30 if name.eq_ignore_ascii_case(header::REQUEST_HEADERS) => {
                    self.request_headers = match self.request_headers {
                        Lines::AtMostOne(None) => Lines::AtMostOne(Some(value)),
                        _ => all,
                    };
                }
                38 if name.eq_ignore_ascii_case(header::REQUEST_PRIVATE_NETWORK) => {
                    self.private_network |= value == b"true";
                }
                _ => {}
            }
        }
        self
    }

    /// Adds one `Origin` line. An empty value is a line.
    #[must_use]
    pub fn origin(mut self, line: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.origin = self.origin.line(line.as_ref());
        self
    }

    /// Adds one `Access-Control-Request-Method` line. An empty value is a line.
    #[must_use]
    pub fn request_method(mut self, line: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.request_method = self.request_method.line(line.as_ref());
        self
    }

    /// Sets the lines of `Access-Control-Request-Headers`: an array, a vector or a slice of lines, or
    /// a type of the caller's own. Browsers send a single line.
    ///
    /// ```
    /// use corsac::{PolicyBuilder, Request, Verdict};
    ///
    /// let policy = PolicyBuilder::new("api").allow_origins(["https://a.example"]).allow_headers(["x-a"]).build()?;
    /// let preflight = Request::new("OPTIONS").origin("https://a.example").request_method("GET");
    /// assert_eq!(policy.decide(&preflight.request_headers(&["x-a"])).verdict(), Verdict::PreflightAllowed);
    /// assert_eq!(policy.decide(&preflight.request_headers(&["x-a", "x-b"])).verdict(), Verdict::PreflightDenied);
    /// # Ok::<(), corsac::ConfigError>(())
    /// ```
    #[must_use]
    #[inline]
    pub fn request_headers<L: HeaderLines>(mut self, lines: &'a L) -> Self {
        self.request_headers = Lines::of(lines);
        self
    }

    /// Adds one `Access-Control-Request-Private-Network` line (Private Network Access). It requests
    /// access only if its value is exactly `true`.
    #[must_use]
    pub fn request_private_network(mut self, line: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.private_network |= line.as_ref() == b"true";
        self
    }

    /// Whether this is a CORS-preflight request (Fetch, "HTTP requests"): `OPTIONS`, byte for byte,
    /// with an `Origin` and an `Access-Control-Request-Method`. Presence counts, not content.
    #[must_use]
    pub fn is_preflight(&self) -> bool {
        self.is_options() && self.asks_for_method()
    }

    /// Whether an `OPTIONS` request is a preflight.
    pub(crate) fn asks_for_method(&self) -> bool {
        self.origin != Field::Absent && self.request_method != Field::Absent
    }

    pub(crate) fn is_options(&self) -> bool {
        self.method == b"OPTIONS"
    }

    pub(crate) fn origin_field(&self) -> Field<'a> {
        self.origin
    }

    pub(crate) fn method_field(&self) -> Field<'a> {
        self.request_method
    }

    pub(crate) fn header_lines(&self) -> Lines<'a> {
        self.request_headers
    }

    pub(crate) fn asks_private_network(&self) -> bool {
        self.private_network
    }
}
