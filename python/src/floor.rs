//! The cost of a call that does nothing, for `bench/cost.py`. Not in released builds.

use pyo3::prelude::*;

/// Accepts the arguments of `Engine.decide` and does nothing.
#[pyclass(frozen, module = "corsac")]
#[derive(Debug)]
pub(crate) struct Floor;

#[pymethods]
impl Floor {
    #[new]
    fn new() -> Self {
        Self
    }

    #[pyo3(signature = (origin, method, headers=None, *, policy=None, host=None, path=None))]
    fn decide(
        &self,
        origin: &Bound<'_, PyAny>,
        method: &Bound<'_, PyAny>,
        headers: Option<&Bound<'_, PyAny>>,
        policy: Option<&Bound<'_, PyAny>>,
        host: Option<&Bound<'_, PyAny>>,
        path: Option<&Bound<'_, PyAny>>,
    ) {
        let _ = (origin, method, headers, policy, host, path);
    }
}
