//! A response on its way out through ASGI.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use crate::decision::Decision;
use crate::response::{self, Form};

/// ASGI's `send`, which gives the response the headers that a decision says.
///
/// Called for each message of each response. It is no coroutine, which would cost each of them one
/// more: it hands on what `send` gives it to be awaited.
#[pyclass(frozen, module = "corsac")]
#[derive(Debug)]
pub(crate) struct MergingSend {
    decision: Py<Decision>,
    send: Py<PyAny>,
}

impl MergingSend {
    pub(crate) fn new(decision: Bound<'_, Decision>, send: &Bound<'_, PyAny>) -> Self {
        Self { decision: decision.unbind(), send: send.clone().unbind() }
    }
}

#[pymethods]
impl MergingSend {
    /// The messages of the answer to a request that is not forwarded; None: forward it.
    fn answer<'py>(&self, scope: &Bound<'py, PyAny>) -> PyResult<Option<(Bound<'py, PyDict>, Bound<'py, PyDict>)>> {
        let py = scope.py();
        let decision = self.decision.get();
        let Some(status) = decision.status_code() else { return Ok(None) };
        let answer = decision.answer(py)?;
        let start = message(py, intern!(py, "http.response.start").as_any())?;
        start.set_item(intern!(py, "status"), status)?;
        start.set_item(intern!(py, "headers"), answer.headers(py))?;
        let body = message(py, intern!(py, "http.response.body").as_any())?;
        let is_head = scope.get_item(intern!(py, "method"))?.eq("HEAD")?;
        body.set_item(intern!(py, "body"), if is_head { PyBytes::new(py, b"") } else { answer.body(py) })?;
        Ok(Some((start, body)))
    }

    fn __call__<'py>(&self, message: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = message.py();
        let send = self.send.bind(py);
        let kind = message.get_item(intern!(py, "type"))?;
        let start = intern!(py, "http.response.start");
        if !kind.is(start) && !kind.eq(start)? {
            return send.call1((message,));
        }
        // A copy: the message may be one that the application sends again.
        let merged = match message.cast_exact::<PyDict>() {
            Ok(message) => message.copy()?,
            Err(_) => py.get_type::<PyDict>().call1((message,))?.cast_into()?,
        };
        let name = intern!(py, "headers");
        let headers = merged.get_item(name)?.unwrap_or_else(|| PyTuple::empty(py).into_any());
        merged.set_item(name, response::apply(py, self.decision.get(), &headers, Form::Bytes)?)?;
        send.call1((merged,))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.send)
    }
}

fn message<'py>(py: Python<'py>, kind: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let message = PyDict::new(py);
    message.set_item(intern!(py, "type"), kind)?;
    Ok(message)
}
