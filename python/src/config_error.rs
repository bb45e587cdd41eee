//! Diagnostics as Python objects, and the exception that carries them. Both classes are written in
//! Python, where they can be typed, copied and pickled like any other.

use corsac::{ConfigError, Diagnostic, Location};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyTuple, PyType};

/// Where a document comes from, as far as its reader is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Places {
    /// Lines and columns are those of a text that somebody has.
    Shown,
    /// The text was made from Python objects: its lines are nobody's.
    Hidden,
}

/// The exception for a configuration that was refused.
pub(crate) fn config_error(py: Python<'_>, error: &ConfigError, places: Places) -> PyErr {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let exception = diagnostics(py, error.diagnostics(), places)
        .and_then(|diagnostics| CLASS.import(py, "corsac._diagnostic", "ConfigError")?.call1((diagnostics,)));
    exception.map_or_else(|error| error, PyErr::from_value)
}

/// A tuple of `corsac.Diagnostic`.
pub(crate) fn diagnostics<'py>(
    py: Python<'py>,
    diagnostics: &[Diagnostic],
    places: Places,
) -> PyResult<Bound<'py, PyTuple>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = CLASS.import(py, "corsac._diagnostic", "Diagnostic")?;
    let diagnostic = |diagnostic: &Diagnostic| {
        let location = diagnostic.location();
        // A list file is somebody's, whatever names it.
        let location = location.filter(|_| places == Places::Shown);
        let position = location.and_then(Location::position);
        class.call1((
            diagnostic.code().as_str(),
            diagnostic.severity().as_str(),
            diagnostic.policy(),
            location.map(Location::file),
            position.map(|position| position.line),
            position.map(|position| position.column),
            diagnostic.message(),
            diagnostic.help(),
        ))
    };
    PyTuple::new(py, diagnostics.iter().map(diagnostic).collect::<PyResult<Vec<_>>>()?)
}
