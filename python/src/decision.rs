//! A decision as a Python object.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use corsac::{Failed, Policies, Reason, Verdict};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use crate::answer::Answer;
use crate::form::Form;
use crate::header_changes::HeaderChanges;
use crate::{names, response};

/// One request, decided: what to do with its response, and why.
///
/// Truthy if nothing was refused. The caller passes the response's headers to `apply`, responds
/// with `status` if it is set, and adds nothing else.
#[pyclass(frozen, module = "corsac")]
pub(crate) struct Decision {
    verdict: Verdict,
    reason: Reason,
    failed: Failed,
    status: Option<u16>,
    grant: Option<u32>,
    generation: u64,
    policy: Option<Py<PyString>>,
    rule: Option<Py<PyString>>,
    changes: HeaderChanges,
    answer: PyOnceLock<Answer>,
}

impl Decision {
    /// Copies the engine's decision, which borrows from the policies.
    pub(crate) fn new(py: Python<'_>, decision: &corsac::Decision<'_>, policies: &Policies) -> PyResult<Self> {
        let policy = decision.policy().and_then(|id| policies.get(id)).map(corsac::Policy::name);
        let text = |text: &str| PyString::new(py, text).unbind();
        Ok(Self {
            verdict: decision.verdict(),
            reason: decision.reason(),
            failed: decision.failed(),
            status: decision.status(),
            grant: decision.grant(),
            generation: decision.generation(),
            policy: policy.map(text),
            rule: decision.rule().map(text),
            changes: HeaderChanges::new(py, decision)?,
            answer: PyOnceLock::new(),
        })
    }

    /// Whether the request was not refused.
    pub(crate) fn is_allowed(&self) -> bool {
        !self.verdict.is_refusal()
    }

    pub(crate) fn status_code(&self) -> Option<u16> {
        self.status
    }

    /// The changes to the headers of a response.
    pub(crate) fn changes(&self) -> &HeaderChanges {
        &self.changes
    }

    /// The response to send if there is a status.
    pub(crate) fn answer(&self, py: Python<'_>) -> PyResult<&Answer> {
        self.answer.get_or_try_init(py, || Answer::new(py, self.status, &self.body(), &self.changes))
    }

    /// The body of that response: the same text as Starlette's.
    fn body(&self) -> String {
        if self.is_allowed() {
            return "OK".to_owned();
        }
        let failed: Vec<_> = self.failed.names().collect();
        let cause = if failed.is_empty() { self.reason.as_str().to_owned() } else { failed.join(", ") };
        format!("Disallowed CORS {cause}")
    }

    fn rule_text<'a>(&'a self, py: Python<'a>) -> Option<&'a str> {
        self.rule.as_ref().and_then(|rule| rule.bind(py).to_str().ok())
    }

    fn policy_text<'a>(&'a self, py: Python<'a>) -> Option<&'a str> {
        self.policy.as_ref().and_then(|policy| policy.bind(py).to_str().ok())
    }
}

#[pymethods]
impl Decision {
    /// The verdict.
    #[getter]
    fn verdict<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        names::verdict(py, self.verdict)
    }

    /// The reason for the verdict: the first check that failed, or the kind of request.
    #[getter]
    fn reason<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        names::reason(py, self.reason)
    }

    /// All checks that failed: of `origin`, `method`, `headers` and `private-network`.
    #[getter]
    fn failed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.failed.names().collect::<Vec<_>>())
    }

    /// The status to respond with immediately; None means forward the request.
    #[getter]
    fn status(&self) -> Option<u16> {
        self.status
    }

    /// The name of the policy that decided.
    #[getter]
    fn policy<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyString>> {
        self.policy.as_ref().map(|policy| policy.bind(py).clone())
    }

    /// The row that matched, as the document writes it.
    #[getter]
    fn rule<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyString>> {
        self.rule.as_ref().map(|rule| rule.bind(py).clone())
    }

    /// The grant that the row is in; 0 is the policy's own `allow_origins`.
    #[getter]
    fn grant(&self) -> Option<u32> {
        self.grant
    }

    /// The headers to set, as pairs of bytes, ready for ASGI.
    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> Bound<'py, PyTuple> {
        self.changes.headers(py).clone()
    }

    /// The names to merge into the response's Vary.
    #[getter]
    fn vary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.changes.vary().names().collect::<Vec<_>>())
    }

    /// Whether managed headers set by the application are replaced or kept: `replace` or `keep`.
    #[getter]
    fn upstream(&self) -> &'static str {
        self.changes.upstream().as_str()
    }

    /// The generation of the policies that decided.
    #[getter]
    fn generation(&self) -> u64 {
        self.generation
    }

    /// Whether nothing was refused.
    #[getter]
    fn allowed(&self) -> bool {
        self.is_allowed()
    }

    /// Applies the decision to the headers of a response: removes or keeps managed headers as
    /// `upstream` says, sets the decision's headers, and merges `Vary`. Takes and returns pairs of
    /// bytes, as in ASGI; the result is a new list.
    fn apply<'py>(&self, py: Python<'py>, response_headers: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
        response::apply(py, &self.changes, response_headers, Form::Bytes)
    }

    /// The same for pairs of str, as in WSGI.
    fn apply_str<'py>(&self, py: Python<'py>, response_headers: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
        response::apply(py, &self.changes, response_headers, Form::Text)
    }

    /// Headers and body of the answer that `status` is for.
    fn _answer<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyList>, Bound<'py, PyBytes>)> {
        let answer = self.answer(py)?;
        Ok((answer.headers(py), answer.body(py)))
    }

    fn __bool__(&self) -> bool {
        self.is_allowed()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let py = other.py();
        let Ok(other) = other.cast::<Self>() else { return Ok(py.NotImplemented()) };
        let other = other.get();
        let is_equal = self.verdict == other.verdict
            && self.reason == other.reason
            && self.failed == other.failed
            && self.status == other.status
            && self.grant == other.grant
            && self.generation == other.generation
            && self.policy_text(py) == other.policy_text(py)
            && self.rule_text(py) == other.rule_text(py)
            && self.changes.is_equal(py, &other.changes)?;
        Ok(is_equal.into_pyobject(py)?.to_owned().into_any().unbind())
    }

    fn __hash__(&self, py: Python<'_>) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.verdict, self.reason, self.status, self.grant, self.generation).hash(&mut hasher);
        self.rule_text(py).hash(&mut hasher);
        hasher.finish()
    }

    /// Long rules are cut, so that it fits on a screen.
    fn __repr__(&self, py: Python<'_>) -> String {
        const LONGEST: usize = 80;
        let mut repr = format!("<Decision {} {}", self.verdict, self.reason);
        if let Some(status) = self.status {
            repr += &format!(" status={status}");
        }
        if let Some(policy) = self.policy_text(py) {
            repr += &format!(" policy={}", cut(policy, LONGEST));
        }
        if let Some(rule) = self.rule_text(py) {
            repr += &format!(" rule={}", cut(rule, LONGEST));
        }
        repr + ">"
    }
}

impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decision").field("verdict", &self.verdict).field("reason", &self.reason).finish_non_exhaustive()
    }
}

fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest).and_then(|(end, _)| text.get(..end)) {
        Some(start) => format!("'{start}…'"),
        None => format!("'{text}'"),
    }
}
