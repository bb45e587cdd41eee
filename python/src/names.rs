//! Python strings for verdicts, reasons and header names, made once and shared.

use corsac::{Reason, Verdict};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyString};

pub(crate) fn verdict(py: Python<'_>, verdict: Verdict) -> Bound<'_, PyString> {
    static OBJECTS: PyOnceLock<Vec<Py<PyString>>> = PyOnceLock::new();
    shared(py, &OBJECTS, Verdict::ALL.map(Verdict::as_str), verdict as usize)
}

pub(crate) fn reason(py: Python<'_>, reason: Reason) -> Bound<'_, PyString> {
    static OBJECTS: PyOnceLock<Vec<Py<PyString>>> = PyOnceLock::new();
    shared(py, &OBJECTS, Reason::ALL.map(Reason::as_str), reason as usize)
}

fn shared<'py, const N: usize>(
    py: Python<'py>,
    objects: &PyOnceLock<Vec<Py<PyString>>>,
    names: [&'static str; N],
    index: usize,
) -> Bound<'py, PyString> {
    let objects = objects.get_or_init(py, || names.map(|name| PyString::intern(py, name).unbind()).into());
    match objects.get(index) {
        Some(object) => object.bind(py).clone(),
        None => PyString::intern(py, ""),
    }
}

/// The names of all headers that a decision can set.
const HEADERS: [&str; 9] = [
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-expose-headers",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-max-age",
    "access-control-allow-private-network",
    "timing-allow-origin",
    "cache-control",
];

/// A header's name as `bytes`.
pub(crate) fn name<'py>(py: Python<'py>, name: &str) -> Bound<'py, PyBytes> {
    static OBJECTS: PyOnceLock<Vec<Py<PyBytes>>> = PyOnceLock::new();
    let objects =
        OBJECTS.get_or_init(py, || HEADERS.iter().map(|name| PyBytes::new(py, name.as_bytes()).unbind()).collect());
    let known = HEADERS.iter().zip(objects).find(|(known, _)| **known == name);
    known.map_or_else(|| PyBytes::new(py, name.as_bytes()), |(_, object)| object.bind(py).clone())
}
