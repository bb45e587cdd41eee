//! The header lines on which a decision depends, extracted from Python objects.

use corsac::{HeaderLines, Request};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};

use crate::text::Text;

/// The lines of the four headers of the CORS protocol, kept alive while a decision is made.
#[derive(Debug, Default)]
pub(crate) struct Lines<'py> {
    origin: Few<'py>,
    request_method: Few<'py>,
    request_headers: RequestedLines<'py>,
    private_network: Vec<Text<'py>>,
}

/// Lines of a header that may occur once. Two lines are enough to show that it is repeated.
#[derive(Debug, Default)]
struct Few<'py>(Option<Text<'py>>, Option<Text<'py>>);

/// The lines of `Access-Control-Request-Headers`.
#[derive(Debug, Default)]
struct RequestedLines<'py>(Vec<Text<'py>>);

impl HeaderLines for RequestedLines<'_> {
    fn line(&self, index: usize) -> Option<&[u8]> {
        self.0.get(index).map(Text::as_bytes)
    }
}

impl<'py> Few<'py> {
    fn push(&mut self, line: Text<'py>) {
        match self {
            Self(first @ None, _) => *first = Some(line),
            Self(_, second) => *second = Some(line),
        }
    }

    fn iter(&self) -> impl Iterator<Item = &Text<'py>> {
        self.0.iter().chain(&self.1)
    }
}

/// The headers on which a decision depends. Their names have different lengths.
#[derive(Clone, Copy)]
enum Name {
    Origin,
    RequestMethod,
    RequestHeaders,
    PrivateNetwork,
}

impl Name {
    #[inline]
    fn of(name: &[u8]) -> Option<Self> {
        let (expected, which): (&[u8], _) = match name.len() {
            6 => (b"origin", Self::Origin),
            29 => (b"access-control-request-method", Self::RequestMethod),
            30 => (b"access-control-request-headers", Self::RequestHeaders),
            38 => (b"access-control-request-private-network", Self::PrivateNetwork),
            _ => return None,
        };
        name.eq_ignore_ascii_case(expected).then_some(which)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Origin => "the value of origin",
            Self::RequestMethod => "the value of access-control-request-method",
            Self::RequestHeaders => "the value of access-control-request-headers",
            Self::PrivateNetwork => "the value of access-control-request-private-network",
        }
    }
}

impl<'py> Lines<'py> {
    /// The lines in `headers`, and `origin` unless it is one of them.
    pub(crate) fn of(origin: &Bound<'py, PyAny>, headers: Option<&Bound<'py, PyAny>>) -> PyResult<Self> {
        let mut lines = Self::default();
        if let Some(headers) = headers {
            lines.add_all(headers)?;
        }
        if !origin.is_none() {
            let origin = Text::of(origin, "origin")?;
            if !lines.origin.iter().any(|line| line.as_bytes() == origin.as_bytes()) {
                lines.origin.push(origin);
            }
        }
        Ok(lines)
    }

    /// The first `Origin` line.
    pub(crate) fn origin(&self) -> Option<&Text<'py>> {
        self.origin.0.as_ref()
    }

    pub(crate) fn request_method(&self) -> Option<&Text<'py>> {
        self.request_method.0.as_ref()
    }

    pub(crate) fn request_headers(&self) -> &[Text<'py>] {
        &self.request_headers.0
    }

    /// The request with these lines.
    #[inline]
    pub(crate) fn request<'a>(&'a self, method: &'a Text<'py>) -> Request<'a> {
        let mut request = Request::new(method.as_bytes()).request_headers(&self.request_headers);
        for line in self.origin.iter() {
            request = request.origin(line.as_bytes());
        }
        for line in self.request_method.iter() {
            request = request.request_method(line.as_bytes());
        }
        for line in &self.private_network {
            request = request.request_private_network(line.as_bytes());
        }
        request
    }

    /// Adds the lines of a mapping or of an iterable of pairs. The likeliest types are tried first.
    pub(crate) fn add_all(&mut self, headers: &Bound<'py, PyAny>) -> PyResult<()> {
        if let Ok(list) = headers.cast_exact::<PyList>() {
            return list.iter().filter(|pair| !is_irrelevant(pair)).try_for_each(|pair| self.add_pair(&pair));
        }
        if let Ok(map) = headers.cast_exact::<PyDict>() {
            return map.iter().try_for_each(|(name, value)| self.add(&name, &value));
        }
        if headers.is_instance_of::<PyString>() || headers.is_instance_of::<PyBytes>() {
            return Err(PyTypeError::new_err(WANTED));
        }
        let py = headers.py();
        let pairs = match headers.getattr_opt(intern!(py, "items"))? {
            Some(items) => items.call0()?,
            None => headers.clone(),
        };
        let pairs = pairs.try_iter().map_err(|error| {
            let wanted = PyTypeError::new_err(WANTED);
            wanted.set_cause(py, Some(error));
            wanted
        })?;
        for pair in pairs {
            self.add_pair(&pair?)?;
        }
        Ok(())
    }

    fn add_pair(&mut self, pair: &Bound<'py, PyAny>) -> PyResult<()> {
        if let Ok(pair) = pair.cast::<PyTuple>()
            && let [name, value] = pair.as_slice()
        {
            return self.add(name, value);
        }
        if let Ok(pair) = pair.cast::<PyList>()
            && pair.len() == 2
        {
            return self.add(&pair.get_item(0)?, &pair.get_item(1)?);
        }
        Err(PyTypeError::new_err(WANTED))
    }

    pub(crate) fn add(&mut self, name: &Bound<'py, PyAny>, value: &Bound<'py, PyAny>) -> PyResult<()> {
        let name = if let Ok(name) = name.cast::<PyBytes>() {
            Name::of(name.as_bytes())
        } else if let Ok(name) = name.cast::<PyString>() {
            // The relevant names are ASCII.
            name.to_str().ok().and_then(|name| Name::of(name.as_bytes()))
        } else {
            let name = name.get_type().name()?;
            return Err(PyTypeError::new_err(format!("the name of a header must be bytes or str, not {name}")));
        };
        let Some(name) = name else { return Ok(()) };
        let value = Text::of(value, name.as_str())?;
        match name {
            Name::Origin => self.origin.push(value),
            Name::RequestMethod => self.request_method.push(value),
            Name::RequestHeaders => self.request_headers.0.push(value),
            Name::PrivateNetwork => self.private_network.push(value),
        }
        Ok(())
    }
}

/// Whether this is a pair in the form that servers use, of a header on which no decision depends.
/// Most lines are, and this saves 37 instructions for each of them.
#[inline(always)]
fn is_irrelevant(pair: &Bound<'_, PyAny>) -> bool {
    let Ok(pair) = pair.cast_exact::<PyTuple>() else { return false };
    let [name, _] = pair.as_slice() else { return false };
    name.cast_exact::<PyBytes>().is_ok_and(|name| Name::of(name.as_bytes()).is_none())
}

const WANTED: &str = "headers must be a mapping of names to values, or pairs of a name and a value";
