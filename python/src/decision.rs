//! A decision as a Python object.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use corsac::{Failed, Policies, Reason, Upstream, Vary, Verdict};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use crate::answer::Answer;
use crate::response::{self, Form};
use crate::words;

/// One request, decided: what to do with its response, and why.
///
/// Truthy if nothing was refused. The caller passes the response's headers to `apply`, responds
/// with `status` if it is set, and adds nothing else.
#[pyclass(frozen, module = "corsac")]
pub(crate) struct Decision {
    verdict: Verdict,
    reason: Reason,
    failed: Failed,
    upstream: Upstream,
    vary: Vary,
    status: Option<u16>,
    grant: Option<u32>,
    generation: u64,
    policy: Option<Py<PyString>>,
    rule: Option<Py<PyString>>,
    /// The names that are set, in the order of `headers`.
    names: Box<[&'static str]>,
    headers: Py<PyTuple>,
    /// The same as text, once somebody asked.
    text_headers: PyOnceLock<Py<PyTuple>>,
    /// What a response gets that has none of these headers and no `Vary`, in both forms.
    additions: PyOnceLock<Py<PyList>>,
    text_additions: PyOnceLock<Py<PyList>>,
    answer: PyOnceLock<Answer>,
}

impl Decision {
    /// Copies what the engine said out of the set that it said it by.
    pub(crate) fn new(py: Python<'_>, decision: &corsac::Decision<'_>, policies: &Policies) -> PyResult<Self> {
        let policy = decision.policy().and_then(|id| policies.get(id)).map(corsac::Policy::name);
        let text = |text: &str| PyString::new(py, text).unbind();
        let mut names = Vec::new();
        let mut headers = Vec::new();
        for (name, value) in decision.set() {
            names.push(name);
            headers.push((words::name(py, name), PyBytes::new(py, value)).into_pyobject(py)?);
        }
        Ok(Self {
            verdict: decision.verdict(),
            reason: decision.reason(),
            failed: decision.failed(),
            upstream: decision.upstream(),
            vary: decision.vary(),
            status: decision.status(),
            grant: decision.grant(),
            generation: decision.generation(),
            policy: policy.map(text),
            rule: decision.rule().map(text),
            names: names.into_boxed_slice(),
            headers: PyTuple::new(py, headers)?.unbind(),
            text_headers: PyOnceLock::new(),
            additions: PyOnceLock::new(),
            text_additions: PyOnceLock::new(),
            answer: PyOnceLock::new(),
        })
    }

    /// Whether nothing was refused.
    pub(crate) fn is_allowed(&self) -> bool {
        !self.verdict.is_refusal()
    }

    pub(crate) fn status_code(&self) -> Option<u16> {
        self.status
    }

    pub(crate) fn failed_checks(&self) -> Failed {
        self.failed
    }

    pub(crate) fn reason_word(&self) -> &'static str {
        self.reason.as_str()
    }

    /// What is answered where there is a status.
    pub(crate) fn answer(&self, py: Python<'_>) -> PyResult<&Answer> {
        self.answer.get_or_try_init(py, || Answer::new(py, self))
    }

    pub(crate) fn upstream_policy(&self) -> Upstream {
        self.upstream
    }

    pub(crate) fn vary_names(&self) -> Vary {
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

    /// The headers to set, and a `Vary` of its own. Never handed out.
    pub(crate) fn additions<'py>(&self, py: Python<'py>, form: Form) -> PyResult<&Bound<'py, PyList>> {
        let additions = match form {
            Form::Bytes => &self.additions,
            Form::Text => &self.text_additions,
        };
        let made = || {
            let vary = (!self.vary.is_empty()).then(|| (form.text(py, "vary"), form.text(py, self.vary.value())));
            let vary = vary.map(|pair| pair.into_pyobject(py)).transpose()?;
            let pairs: Vec<_> = self.pairs(py, form)?.iter().chain(vary.map(Bound::into_any)).collect();
            PyList::new(py, pairs).map(Bound::unbind)
        };
        Ok(additions.get_or_try_init(py, made)?.bind(py))
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
        words::verdict(py, self.verdict)
    }

    /// Why: the first check that failed, or what kind of request it was.
    #[getter]
    fn reason<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        words::reason(py, self.reason)
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
        self.headers.bind(py).clone()
    }

    /// The names to merge into the response's Vary.
    #[getter]
    fn vary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.vary.names().collect::<Vec<_>>())
    }

    /// Whether managed headers set by the application are replaced or kept: `replace` or `keep`.
    #[getter]
    fn upstream(&self) -> &'static str {
        self.upstream.as_str()
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
        response::apply(py, self, response_headers, Form::Bytes)
    }

    /// The same for pairs of str, as in WSGI.
    fn apply_str<'py>(&self, py: Python<'py>, response_headers: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
        response::apply(py, self, response_headers, Form::Text)
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
            && self.upstream == other.upstream
            && self.vary == other.vary
            && self.status == other.status
            && self.grant == other.grant
            && self.generation == other.generation
            && self.policy_text(py) == other.policy_text(py)
            && self.rule_text(py) == other.rule_text(py)
            && self.headers.bind(py).eq(&other.headers)?;
        Ok(is_equal.into_pyobject(py)?.to_owned().into_any().unbind())
    }

    fn __hash__(&self, py: Python<'_>) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.verdict, self.reason, self.status, self.grant, self.generation).hash(&mut hasher);
        self.rule_text(py).hash(&mut hasher);
        hasher.finish()
    }

    /// Fits on a screen, whatever the rule.
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
