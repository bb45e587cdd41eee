//! The two forms of response headers in Python: pairs of `bytes` and pairs of `str`.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

/// The type of names and values in a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As in ASGI.
    Bytes,
    /// As in WSGI.
    Text,
}

impl Form {
    /// Whether a value has the right type.
    pub(crate) fn is_right(self, text: &Bound<'_, PyAny>) -> bool {
        match self {
            Self::Bytes => text.is_instance_of::<PyBytes>(),
            Self::Text => text.is_instance_of::<PyString>(),
        }
    }

    /// A string in this form.
    pub(crate) fn text<'py>(self, py: Python<'py>, text: &str) -> Bound<'py, PyAny> {
        match self {
            Self::Bytes => PyBytes::new(py, text.as_bytes()).into_any(),
            Self::Text => PyString::new(py, text).into_any(),
        }
    }

    /// The bytes of a value in this form. A `str` with surrogates gives none: it equals no name that is
    /// compared here.
    pub(crate) fn bytes<'a>(self, text: &'a Bound<'_, PyAny>) -> &'a [u8] {
        match self {
            Self::Bytes => text.cast::<PyBytes>().map(|bytes| bytes.as_bytes()).unwrap_or_default(),
            Self::Text => {
                text.cast::<PyString>().ok().and_then(|text| text.to_str().ok()).unwrap_or_default().as_bytes()
            }
        }
    }

    /// A list value with more members appended.
    pub(crate) fn joined<'py>(self, py: Python<'py>, value: &[u8], more: &str) -> PyResult<Bound<'py, PyAny>> {
        let separator: &[u8] = if value.trim_ascii().is_empty() || more.is_empty() { b"" } else { b", " };
        let joined = [value, separator, more.as_bytes()].concat();
        Ok(match self {
            Self::Bytes => PyBytes::new(py, &joined).into_any(),
            Self::Text => PyString::new(py, &String::from_utf8_lossy(&joined)).into_any(),
        })
    }

    /// The error for a pair that is not in this form.
    pub(crate) fn type_error(self) -> &'static str {
        match self {
            Self::Bytes => "response headers must be pairs of bytes (`apply_str` takes pairs of str)",
            Self::Text => "response headers must be pairs of str (`apply` takes pairs of bytes)",
        }
    }
}
