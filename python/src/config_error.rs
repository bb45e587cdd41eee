//! Diagnostics as Python objects, and the exception that holds them. Both classes are written in
//! Python, so they can be typed, copied and pickled like other classes.

use corsac::diagnostic::Location;
use corsac::{ConfigError, Diagnostic};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyTuple, PyType};

/// Whether diagnostics of a document have positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Positions {
    /// The document is a text that its author wrote.
    Shown,
    /// The text was generated from Python objects, so its lines mean nothing to the author.
    Hidden,
}

/// The exception for a configuration that was rejected.
pub(crate) fn config_error(py: Python<'_>, error: &ConfigError, positions: Positions) -> PyErr {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let exception = diagnostics(py, error.diagnostics(), positions)
        .and_then(|diagnostics| CLASS.import(py, "corsac._diagnostic", "ConfigError")?.call1((diagnostics,)));
    exception.map_or_else(|error| error, PyErr::from_value)
}

/// A tuple of `corsac.Diagnostic`.
pub(crate) fn diagnostics<'py>(
    py: Python<'py>,
    diagnostics: &[Diagnostic],
    positions: Positions,
) -> PyResult<Bound<'py, PyTuple>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = CLASS.import(py, "corsac._diagnostic", "Diagnostic")?;
    let diagnostic = |diagnostic: &Diagnostic| {
        let location = diagnostic.location();
        let location = location.filter(|_| positions == Positions::Shown);
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
