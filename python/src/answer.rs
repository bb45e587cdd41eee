//! The answer to a request that the application does not see.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::decision::Decision;
use crate::response::{self, Form};

const NO_CONTENT: u16 = 204;

/// Headers and body of the answer that a decision with a status gives.
pub(crate) struct Answer {
    headers: Py<PyList>,
    body: Py<PyBytes>,
}

impl Answer {
    pub(crate) fn new(py: Python<'_>, decision: &Decision) -> PyResult<Self> {
        let body = body(decision);
        let own = PyList::empty(py);
        if decision.status_code() != Some(NO_CONTENT) {
            let length = body.len().to_string();
            own.append((PyBytes::new(py, b"content-length"), PyBytes::new(py, length.as_bytes())))?;
            own.append((PyBytes::new(py, b"content-type"), PyBytes::new(py, b"text/plain; charset=utf-8")))?;
        }
        let headers = response::apply(py, decision, own.as_any(), Form::Bytes)?;
        Ok(Self { headers: headers.unbind(), body: PyBytes::new(py, body.as_bytes()).unbind() })
    }

    /// A new list each time: whoever gets it may change it.
    pub(crate) fn headers<'py>(&self, py: Python<'py>) -> Bound<'py, PyList> {
        let headers = self.headers.bind(py);
        headers.get_slice(0, headers.len())
    }

    pub(crate) fn body<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        self.body.bind(py).clone()
    }
}

/// A line for people, in Starlette's words.
fn body(decision: &Decision) -> String {
    if decision.status_code() == Some(NO_CONTENT) {
        return String::new();
    }
    if decision.is_allowed() {
        return "OK".to_owned();
    }
    let failed: Vec<_> = decision.failed_checks().names().collect();
    let what = if failed.is_empty() { decision.reason_word().to_owned() } else { failed.join(", ") };
    format!("Disallowed CORS {what}")
}
