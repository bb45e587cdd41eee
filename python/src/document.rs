//! Documents that are not files of their own: strings, dictionaries, and tables of pyproject.toml.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use corsac_source::Format;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::config_error::Positions;

/// Where a document comes from.
#[derive(Debug)]
pub(crate) enum Document {
    Text(DocumentText),
    /// A table of this pyproject.toml.
    Pyproject {
        path: PathBuf,
        table: String,
    },
}

/// What an engine keeps of the document that it serves.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) positions: Positions,
    /// The document, if reading it again can give another text and the engine's source cannot read it.
    pub(crate) again: Option<Arc<Document>>,
}

impl Kept {
    /// Of a file.
    pub(crate) const FILE: Self = Self { positions: Positions::Shown, again: None };
}

/// A document's text.
#[derive(Clone, Debug)]
pub(crate) struct DocumentText {
    pub(crate) name: String,
    pub(crate) format: Format,
    bytes: Vec<u8>,
    positions: Positions,
}

impl DocumentText {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn positions(&self) -> Positions {
        self.positions
    }
}

/// The name of a format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FormatName(Format);

impl FromStr for FormatName {
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
    pub(crate) fn text(
        text: &Bound<'_, PyAny>,
        FormatName(format): FormatName,
        name: Option<String>,
    ) -> PyResult<Self> {
        let bytes = if let Ok(bytes) = text.cast::<PyBytes>() {
            bytes.as_bytes().to_owned()
        } else if let Ok(text) = text.cast::<PyString>() {
            text.to_str()?.as_bytes().to_owned()
        } else {
            return Err(PyTypeError::new_err("text must be str or bytes"));
        };
        let name = name.unwrap_or_else(|| "<text>".to_owned());
        Ok(Self::Text(DocumentText { name, format, bytes, positions: Positions::Shown }))
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

    /// Of a mapping of names to `corsac.Policy`, with routes.
    pub(crate) fn policies(
        policies: &Bound<'_, PyAny>,
        routes: Option<&Bound<'_, PyAny>>,
        unrouted: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let document =
            policies.py().import("corsac._policies")?.call_method1("document", (policies, routes, unrouted))?;
        Self::dict(&document)
    }

    /// What an engine keeps of it.
    pub(crate) fn into_kept(self) -> Kept {
        match self {
            Self::Text(text) => Kept { positions: text.positions, again: None },
            again @ Self::Pyproject { .. } => Kept { positions: Positions::Hidden, again: Some(Arc::new(again)) },
        }
    }

    pub(crate) fn read(&self, py: Python<'_>) -> PyResult<DocumentText> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Pyproject { path, table } => {
                let document = py.import("corsac._pyproject")?.call_method1("read", (path, table))?;
                encoded(&document, path.to_string_lossy().into_owned())
            }
        }
    }
}

/// Python objects are encoded as JSON for the loader, which validates them like any document.
fn encoded(document: &Bound<'_, PyAny>, name: String) -> PyResult<DocumentText> {
    let text = document.py().import("corsac._document")?.call_method1("encode", (document,))?;
    let bytes = text.cast::<PyString>()?.to_str()?.as_bytes().to_owned();
    Ok(DocumentText { name, format: Format::Json, bytes, positions: Positions::Hidden })
}
