//! `bytes` and `str` of a request, as bytes.

use pyo3::exceptions::{PyTypeError, PyUnicodeEncodeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

/// A value of a request, given as `bytes` or `str`.
#[derive(Debug)]
pub(crate) enum Text<'py> {
    Bytes(Bound<'py, PyBytes>),
    // INVARIANT: ASCII, so its UTF-8 form equals the bytes of the header, and no copy is needed.
    Ascii(Bound<'py, PyString>),
}

impl<'py> Text<'py> {
    /// `what` names the value in the error, a `TypeError` for other types: only they are mistakes of the
    /// caller. Text of every kind can come from a client.
    pub(crate) fn of(value: &Bound<'py, PyAny>, what: &str) -> PyResult<Self> {
        if let Ok(bytes) = value.cast::<PyBytes>() {
            return Ok(Self::Bytes(bytes.clone()));
        }
        match value.cast::<PyString>() {
            Ok(text) if is_ascii(text) => Ok(Self::Ascii(text.clone())),
            Ok(text) => Ok(Self::Bytes(bytes_of(text)?)),
            Err(_) => Err(wrong_type(value, what)),
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes.as_bytes(),
            Self::Ascii(text) => text.to_str().unwrap_or_default().as_bytes(),
        }
    }
}

/// The bytes of a value that needs no conversion; `None` for every other.
#[inline]
pub(crate) fn plain<'a>(value: &'a Bound<'_, PyAny>) -> Option<&'a [u8]> {
    if let Ok(text) = value.cast_exact::<PyString>() {
        return text.to_str().ok().filter(|text| text.is_ascii()).map(str::as_bytes);
    }
    value.cast_exact::<PyBytes>().ok().map(|bytes| bytes.as_bytes())
}

fn is_ascii(text: &Bound<'_, PyString>) -> bool {
    text.to_str().is_ok_and(str::is_ascii)
}

/// The bytes of a text that is not ASCII. One outside of Latin-1, or with surrogates, is no header; its
/// bytes are all above ASCII where it is, so every grammar of the engine refuses them.
fn bytes_of<'py>(text: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyBytes>> {
    let py = text.py();
    // Of `str` itself: a subclass may have an `encode` of its own.
    let encode = py.get_type::<PyString>().getattr(intern!(py, "encode"))?;
    let bytes = match encode.call1((text, "latin-1")) {
        Err(error) if error.is_instance_of::<PyUnicodeEncodeError>(py) => {
            encode.call1((text, "utf-8", "surrogatepass"))
        }
        other => other,
    };
    Ok(bytes?.cast_into()?)
}

fn wrong_type(value: &Bound<'_, PyAny>, what: &str) -> PyErr {
    match value.get_type().name() {
        Ok(name) => PyTypeError::new_err(format!("{what} must be bytes or str, not {name}")),
        Err(error) => error,
    }
}
