//! The response to a request that is not forwarded to the application.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};

use crate::form::Form;
use crate::header_changes::HeaderChanges;
use crate::response;

/// The start of a response and its body.
pub(crate) type Messages<'py> = (Bound<'py, PyDict>, Bound<'py, PyDict>);

const NO_CONTENT: u16 = 204;

/// Headers and body of the response for a decision with a status.
pub(crate) struct Answer {
    headers: Py<PyList>,
    body: Py<PyBytes>,
    /// The ASGI messages for the same response, to be copied.
    start_message: Py<PyDict>,
    body_message: Py<PyDict>,
}

impl Answer {
    /// A 204 has no body.
    pub(crate) fn new(py: Python<'_>, status: Option<u16>, body: &str, changes: &HeaderChanges) -> PyResult<Self> {
        let body = if status == Some(NO_CONTENT) { "" } else { body };
        let own = PyList::empty(py);
        if status != Some(NO_CONTENT) {
            let length = body.len().to_string();
            own.append((PyBytes::new(py, b"content-length"), PyBytes::new(py, length.as_bytes())))?;
            own.append((PyBytes::new(py, b"content-type"), PyBytes::new(py, b"text/plain; charset=utf-8")))?;
        }
        let headers = response::apply(py, changes, own.as_any(), Form::Bytes)?;
        let body = PyBytes::new(py, body.as_bytes());
        let start_message = message(py, "http.response.start")?;
        start_message.set_item(intern!(py, "status"), status)?;
        start_message.set_item(intern!(py, "headers"), py.None())?;
        let body_message = message(py, "http.response.body")?;
        body_message.set_item(intern!(py, "body"), &body)?;
        Ok(Self {
            headers: headers.unbind(),
            body: body.unbind(),
            start_message: start_message.unbind(),
            body_message: body_message.unbind(),
        })
    }

    /// The response's ASGI messages: copies, because the receiver may change them.
    pub(crate) fn messages<'py>(&self, py: Python<'py>, is_head: bool) -> PyResult<Messages<'py>> {
        let start = self.start_message.bind(py).copy()?;
        start.set_item(intern!(py, "headers"), self.headers(py))?;
        let body = self.body_message.bind(py).copy()?;
        if is_head {
            body.set_item(intern!(py, "body"), PyBytes::new(py, b""))?;
        }
        Ok((start, body))
    }

    /// A new list each time, because the receiver may change it.
    pub(crate) fn headers<'py>(&self, py: Python<'py>) -> Bound<'py, PyList> {
        let headers = self.headers.bind(py);
        headers.get_slice(0, headers.len())
    }

    pub(crate) fn body<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        self.body.bind(py).clone()
    }
}

fn message<'py>(py: Python<'py>, kind: &str) -> PyResult<Bound<'py, PyDict>> {
    let message = PyDict::new(py);
    message.set_item(intern!(py, "type"), PyString::intern(py, kind))?;
    Ok(message)
}
