//! Documents that are not files of their own: strings, dictionaries, and tables of pyproject.toml.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use corsac_source::Format;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMapping, PyString};

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
    lists: Vec<(String, Vec<u8>)>,
}

impl DocumentText {
    /// The lists beside the document, by the names that it writes.
    pub(crate) fn lists(&self) -> Vec<(&str, &[u8])> {
        self.lists.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect()
    }

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
        lists: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let bytes = content(text).ok_or_else(|| PyTypeError::new_err("text must be str or bytes"))??;
        let name = name.unwrap_or_else(|| "<text>".to_owned());
        let lists = lists.map(self::lists).transpose()?.unwrap_or_default();
        Ok(Self::Text(DocumentText { name, format, bytes, positions: Positions::Shown, lists }))
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

/// The bytes of str or bytes.
fn content(text: &Bound<'_, PyAny>) -> Option<PyResult<Vec<u8>>> {
    if let Ok(bytes) = text.cast::<PyBytes>() {
        return Some(Ok(bytes.as_bytes().to_owned()));
    }
    let text = text.cast::<PyString>().ok()?;
    Some(text.to_str().map(|text| text.as_bytes().to_owned()))
}

fn lists(lists: &Bound<'_, PyAny>) -> PyResult<Vec<(String, Vec<u8>)>> {
    let wrong = || PyTypeError::new_err("lists must map names to str or bytes");
    let items = lists.cast::<PyMapping>().map_err(|_| wrong())?.items()?;
    items
        .iter()
        .map(|item| {
            let (name, text) = item.extract::<(String, Bound<'_, PyAny>)>().map_err(|_| wrong())?;
            Ok((name, content(&text).ok_or_else(wrong)??))
        })
        .collect()
}

/// Python objects are encoded as JSON for the loader, which validates them like any document.
fn encoded(document: &Bound<'_, PyAny>, name: String) -> PyResult<DocumentText> {
    let text = document.py().import("corsac._document")?.call_method1("encode", (document,))?;
    let bytes = text.cast::<PyString>()?.to_str()?.as_bytes().to_owned();
    Ok(DocumentText { name, format: Format::Json, bytes, positions: Positions::Hidden, lists: Vec::new() })
}
