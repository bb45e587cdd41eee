//! Python objects for the words and names that decisions are made of, made once.

use corsac::{Reason, Verdict};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyString};

/// Texts of which a caller may ask for the same ones again and again.
pub(crate) fn verdict(py: Python<'_>, verdict: Verdict) -> Bound<'_, PyString> {
    static WORDS: PyOnceLock<Vec<Py<PyString>>> = PyOnceLock::new();
    word(py, &WORDS, Verdict::ALL.map(Verdict::as_str), verdict as usize)
}

pub(crate) fn reason(py: Python<'_>, reason: Reason) -> Bound<'_, PyString> {
    static WORDS: PyOnceLock<Vec<Py<PyString>>> = PyOnceLock::new();
    word(py, &WORDS, Reason::ALL.map(Reason::as_str), reason as usize)
}

fn word<'py, const N: usize>(
    py: Python<'py>,
    words: &PyOnceLock<Vec<Py<PyString>>>,
    texts: [&'static str; N],
    index: usize,
) -> Bound<'py, PyString> {
    let words = words.get_or_init(py, || texts.map(|text| PyString::intern(py, text).unbind()).into());
    match words.get(index) {
        Some(word) => word.bind(py).clone(),
        None => PyString::intern(py, ""),
    }
}

/// The names of the headers that are ever set.
const NAMES: [&str; 9] = [
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

/// A header's name as bytes, shared between decisions.
pub(crate) fn name<'py>(py: Python<'py>, name: &str) -> Bound<'py, PyBytes> {
    static WORDS: PyOnceLock<Vec<Py<PyBytes>>> = PyOnceLock::new();
    let words = WORDS.get_or_init(py, || NAMES.iter().map(|name| PyBytes::new(py, name.as_bytes()).unbind()).collect());
    let known = NAMES.iter().zip(words).find(|(known, _)| **known == name);
    known.map_or_else(|| PyBytes::new(py, name.as_bytes()), |(_, word)| word.bind(py).clone())
}
