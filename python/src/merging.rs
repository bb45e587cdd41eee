//! Applying a decision to a response that an ASGI application sends.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::decision::Decision;
use crate::form::Form;
use crate::response;

/// ASGI's `send`, with the decision applied to the start of the response.
///
/// Called for each message of each response. It returns the awaitable of `send`: a coroutine of its
/// own would cost one more object per message.
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
    fn __call__<'py>(&self, message: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = message.py();
        let send = self.send.bind(py);
        let kind = message.get_item(intern!(py, "type"))?;
        let start = intern!(py, "http.response.start");
        if !kind.is(start) && !kind.eq(start)? {
            return send.call1((message,));
        }
        // A copy: the application may send the same message again.
        let merged = match message.cast_exact::<PyDict>() {
            Ok(message) => message.copy()?,
            Err(_) => py.get_type::<PyDict>().call1((message,))?.cast_into()?,
        };
        let name = intern!(py, "headers");
        let headers = merged.get_item(name)?.unwrap_or_else(|| PyTuple::empty(py).into_any());
        merged.set_item(name, response::apply(py, self.decision.get().changes(), &headers, Form::Bytes)?)?;
        send.call1((merged,))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.send)
    }
}
