//! A decision's changes to the headers of a response, as Python objects.

use corsac::{Upstream, Vary, is_managed_header};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use crate::form::Form;
use crate::names;

/// The headers to set, and how to treat those that the response has.
pub(crate) struct HeaderChanges {
    upstream: Upstream,
    manages_timing: bool,
    vary: Vary,
    /// The names that are set, in the order of `headers`.
    names: Box<[&'static str]>,
    headers: Py<PyTuple>,
    /// The same as `str`, made on first use.
    text_headers: PyOnceLock<Py<PyTuple>>,
    /// The headers to append to a response that has no `Vary` and no managed header, in both forms.
    additions: PyOnceLock<Py<PyList>>,
    text_additions: PyOnceLock<Py<PyList>>,
}

impl HeaderChanges {
    pub(crate) fn new(py: Python<'_>, decision: &corsac::Decision<'_>) -> PyResult<Self> {
        let mut names = Vec::new();
        let mut headers = Vec::new();
        for (name, value) in decision.set() {
            names.push(name);
            headers.push((names::name(py, name), PyBytes::new(py, value)).into_pyobject(py)?);
        }
        Ok(Self {
            upstream: decision.upstream(),
            manages_timing: decision.manages_timing(),
            vary: decision.vary(),
            names: names.into_boxed_slice(),
            headers: PyTuple::new(py, headers)?.unbind(),
            text_headers: PyOnceLock::new(),
            additions: PyOnceLock::new(),
            text_additions: PyOnceLock::new(),
        })
    }

    /// Whether this header of a response is managed.
    pub(crate) fn manages(&self, name: &[u8]) -> bool {
        is_managed_header(name, self.manages_timing)
    }

    /// The headers to set, as pairs of `bytes`.
    pub(crate) fn headers<'py>(&self, py: Python<'py>) -> &Bound<'py, PyTuple> {
        self.headers.bind(py)
    }

    pub(crate) fn is_equal(&self, py: Python<'_>, other: &Self) -> PyResult<bool> {
        Ok(self.upstream == other.upstream && self.vary == other.vary && self.headers(py).eq(other.headers(py))?)
    }

    pub(crate) fn upstream(&self) -> Upstream {
        self.upstream
    }

    pub(crate) fn vary(&self) -> Vary {
        self.vary
    }

    /// The names of the headers that are set.
    pub(crate) fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// The headers to set, as pairs of `bytes`, or of `str`.
    pub(crate) fn pairs<'py>(&self, py: Python<'py>, form: Form) -> PyResult<&Bound<'py, PyTuple>> {
        let pairs = match form {
            Form::Bytes => &self.headers,
            Form::Text => self.text_headers.get_or_try_init(py, || self.as_text(py))?,
        };
        Ok(pairs.bind(py))
    }

    /// The headers to set, and a `Vary` line. The list is shared and never given to a caller.
    pub(crate) fn additions<'py>(&self, py: Python<'py>, form: Form) -> PyResult<&Bound<'py, PyList>> {
        let additions = match form {
            Form::Bytes => &self.additions,
            Form::Text => &self.text_additions,
        };
        let make = || {
            let vary = (!self.vary.is_empty()).then(|| (form.text(py, "vary"), form.text(py, self.vary.value())));
            let vary = vary.map(|pair| pair.into_pyobject(py)).transpose()?;
            let pairs: Vec<_> = self.pairs(py, form)?.iter().chain(vary.map(Bound::into_any)).collect();
            PyList::new(py, pairs).map(Bound::unbind)
        };
        Ok(additions.get_or_try_init(py, make)?.bind(py))
    }

    fn as_text(&self, py: Python<'_>) -> PyResult<Py<PyTuple>> {
        let mut pairs = Vec::with_capacity(self.names.len());
        for (name, pair) in self.names.iter().zip(self.headers.bind(py)) {
            let (_, value): (Bound<'_, PyAny>, Bound<'_, PyBytes>) = pair.extract()?;
            // Visible ASCII and spaces, as the engine promises.
            let value = String::from_utf8_lossy(value.as_bytes());
            pairs.push((PyString::intern(py, name), PyString::new(py, &value)).into_pyobject(py)?);
        }
        Ok(PyTuple::new(py, pairs)?.unbind())
    }
}
