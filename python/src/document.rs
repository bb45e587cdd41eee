//! Documents that are no files of their own: texts, and whatever Python has in their place.

use std::path::PathBuf;
use std::str::FromStr;

use corsac_source::Format;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::config_error::Places;

/// Where a document comes from.
#[derive(Debug)]
pub(crate) enum Document {
    Text(Written),
    /// A table of this pyproject.toml.
    Pyproject {
        path: PathBuf,
        table: String,
    },
}

/// A document's text.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) name: String,
    pub(crate) format: Format,
    bytes: Vec<u8>,
    places: Places,
}

impl Written {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn places(&self) -> Places {
        self.places
    }
}

/// The name of a format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Notation(Format);

impl FromStr for Notation {
    type Err = PyErr;

    fn from_str(name: &str) -> PyResult<Self> {
        match name {
            "toml" => Ok(Self(Format::Toml)),
            "json" => Ok(Self(Format::Json)),
            _ => Err(PyValueError::new_err("format must be 'toml' or 'json'")),
        }
    }
}

impl Document {
    pub(crate) fn text(text: &Bound<'_, PyAny>, Notation(format): Notation, name: Option<String>) -> PyResult<Self> {
        let bytes = if let Ok(bytes) = text.cast::<PyBytes>() {
            bytes.as_bytes().to_owned()
        } else if let Ok(text) = text.cast::<PyString>() {
            text.to_str()?.as_bytes().to_owned()
        } else {
            return Err(PyTypeError::new_err("text must be str or bytes"));
        };
        let name = name.unwrap_or_else(|| "<text>".to_owned());
        Ok(Self::Text(Written { name, format, bytes, places: Places::Shown }))
    }

    pub(crate) fn dict(document: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self::Text(encoded(document, "<dict>".to_owned())?))
    }

    /// Of a `corsac.Policy`.
    pub(crate) fn policy(policy: &Bound<'_, PyAny>) -> PyResult<Self> {
        let class = policy.py().import("corsac._policy")?.getattr("Policy")?;
        if !policy.is_instance(&class)? {
            return Err(PyTypeError::new_err("policy must be a corsac.Policy"));
        }
        Self::dict(&policy.call_method0("to_dict")?)
    }

    pub(crate) fn pyproject(path: PathBuf, table: String) -> Self {
        Self::Pyproject { path, table }
    }

    /// Whether reading it again can give something else.
    pub(crate) fn can_change(&self) -> bool {
        matches!(self, Self::Pyproject { .. })
    }

    pub(crate) fn places(&self) -> Places {
        match self {
            Self::Text(text) => text.places,
            Self::Pyproject { .. } => Places::Hidden,
        }
    }

    pub(crate) fn read(&self, py: Python<'_>) -> PyResult<Written> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Pyproject { path, table } => {
                let document = py.import("corsac._pyproject")?.call_method1("read", (path, table))?;
                encoded(&document, path.to_string_lossy().into_owned())
            }
        }
    }
}

/// Python objects go through JSON to the loader, which knows what belongs in a document.
fn encoded(document: &Bound<'_, PyAny>, name: String) -> PyResult<Written> {
    let text = document.py().import("corsac._document")?.call_method1("encode", (document,))?;
    let bytes = text.cast::<PyString>()?.to_str()?.as_bytes().to_owned();
    Ok(Written { name, format: Format::Json, bytes, places: Places::Hidden })
}
