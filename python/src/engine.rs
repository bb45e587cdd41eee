//! The engine as a Python object.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;

use corsac::{Policies, PolicyId, Request, Target};
use corsac_source::{Poll, Source};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};
use thread_local::ThreadLocal;

use crate::config_error::{self, Places, config_error};
use crate::decision::Decision;
use crate::document::{Document, Notation};
use crate::lines::Lines;
use crate::log;
use crate::ready::{Given, Ready};
use crate::text::{self, Text};
use crate::watching::{Watching, load};

/// Decides requests by policies that can be replaced while it does.
///
/// Made by one of its `from_` methods. Threads may share it.
#[pyclass(frozen, module = "corsac")]
#[derive(Debug)]
pub(crate) struct Engine {
    source: Arc<Source>,
    watching: Arc<Watching>,
    threads: ThreadLocal<RefCell<Ready>>,
    /// What the policies were read from, where that is no file of their own.
    document: Option<Document>,
}

/// Which policy decides, out of `policy`, `host` and `path`.
struct Asked<'py> {
    policy: Option<Bound<'py, PyString>>,
    host: Option<Text<'py>>,
    path: Option<Text<'py>>,
}

impl<'py> Asked<'py> {
    fn new(
        policy: Option<&Bound<'py, PyAny>>,
        host: Option<&Bound<'py, PyAny>>,
        path: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Self> {
        let name = |policy: &Bound<'py, PyAny>| match policy.cast::<PyString>() {
            Ok(name) => Ok(name.clone()),
            Err(_) => Err(PyTypeError::new_err("policy must be the name of one, a str")),
        };
        if policy.is_some() && (host.is_some() || path.is_some()) {
            return Err(PyTypeError::new_err("policy and host or path exclude each other: routes choose the policy"));
        }
        Ok(Self {
            policy: policy.map(name).transpose()?,
            host: host.map(|host| Text::of(host, "host")).transpose()?,
            path: path.map(|path| Text::of(path, "path")).transpose()?,
        })
    }

    /// A name that the policies do not have leads to an id that they do not have either. Where
    /// nothing is asked for, it is the only policy that decides, or the routes do.
    fn target(&self, policies: &Policies, engine: &corsac::Engine) -> Target<'_> {
        if let Some(name) = &self.policy {
            let id = name.to_str().ok().and_then(|name| id(name, policies, engine));
            return Target::Policy(id.unwrap_or(PolicyId::NONE));
        }
        if self.host.is_none()
            && self.path.is_none()
            && let Some(only) = policies.only()
        {
            return Target::Policy(only);
        }
        Target::Route {
            host: self.host.as_ref().map_or(b"", |host| host.as_bytes()),
            path: self.path.as_ref().map_or(b"", |path| path.as_bytes()),
        }
    }
}

/// The request of an origin and a method alone, where neither needs conversion.
#[inline]
fn plain_request<'a>(origin: &'a Bound<'_, PyAny>, method: &'a Bound<'_, PyAny>) -> Option<Request<'a>> {
    let request = Request::new(text::plain(method)?);
    if origin.is_none() { Some(request) } else { Some(request.origin(text::plain(origin)?)) }
}

/// Where nothing is asked for, it is the only policy that decides, or the routes do.
#[inline]
fn only(policies: &Policies) -> Target<'static> {
    policies.only().map_or(Target::Route { host: b"", path: b"" }, Target::Policy)
}

/// The first few names are compared; for the others the engine has a table, behind a lock.
fn id(name: &str, policies: &Policies, engine: &corsac::Engine) -> Option<PolicyId> {
    const FEW: usize = 8;
    let near = policies.iter().take(FEW).find(|(_, policy)| policy.name() == name);
    near.map(|(id, _)| id).or_else(|| engine.policy_id(name))
}

impl Engine {
    fn new(source: Source, document: Option<Document>) -> Self {
        let source = Arc::new(source);
        let watching = Watching::new(source.clone());
        Self { source, watching, threads: ThreadLocal::new(), document }
    }

    fn of_document(py: Python<'_>, document: Document) -> PyResult<Self> {
        let text = document.read(py)?;
        let source = load(py, || Source::from_text(&text.name, text.bytes(), text.format));
        let source = source.map_err(|error| config_error(py, &error, text.places()))?;
        Ok(Self::new(source, Some(document)))
    }

    /// The decision, made or given again. The target is chosen in the set that decides.
    #[inline]
    fn answer<'py, 't>(
        &self,
        py: Python<'py>,
        target: impl FnOnce(&Policies) -> Target<'t>,
        request: &Request<'_>,
    ) -> PyResult<Bound<'py, Decision>> {
        let engine = self.source.engine();
        let ready = self.threads.get_or(|| RefCell::new(Ready::new(engine)));
        match ready.try_borrow_mut() {
            Ok(mut ready) => {
                let Ready { reader, given } = &mut *ready;
                let snapshot = reader.snapshot();
                given.decide(py, &snapshot, target(snapshot.policies()), request)
            }
            // Making a decision may let Python run something else, which asks for another.
            Err(_) => {
                let snapshot = engine.snapshot();
                Given::default().decide(py, &snapshot, target(snapshot.policies()), request)
            }
        }
    }

    /// Decides where the request is spread over headers, or a policy is asked for.
    #[inline(never)]
    fn decide_gathered<'py>(
        &self,
        origin: &Bound<'py, PyAny>,
        method: &Bound<'py, PyAny>,
        headers: Option<&Bound<'py, PyAny>>,
        asked: Asked<'py>,
    ) -> PyResult<Bound<'py, Decision>> {
        let method = Text::of(method, "method")?;
        let lines = Lines::of(origin, headers)?;
        let requested = lines.requested();
        let request = lines.request(&method, &requested);

        let target = |policies: &Policies| asked.target(policies, self.source.engine());
        let result = self.answer(origin.py(), target, &request)?;
        if !result.get().is_allowed() {
            log::refused(origin.py(), &result, || Ok((method, lines)));
        }
        Ok(result)
    }

    fn places(&self) -> Places {
        self.document.as_ref().map_or(Places::Shown, Document::places)
    }
}

/// What somebody who asked for it is told: whether other policies serve now.
fn told(py: Python<'_>, poll: Poll, places: Places) -> PyResult<bool> {
    log::accepted(py, &poll);
    match poll {
        Poll::Reloaded(_) => Ok(true),
        Poll::Refused(error) => Err(config_error(py, &error, places)),
        _ => Ok(false),
    }
}

#[pymethods]
impl Engine {
    /// The policies of a document on disk. A name that ends in `.json` is JSON, every other is TOML.
    #[classmethod]
    fn from_file(_class: &Bound<'_, PyType>, py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let source = load(py, || Source::open(&path)).map_err(|error| config_error(py, &error, Places::Shown))?;
        Ok(Self::new(source, None))
    }

    /// The policies of a document in memory: str or UTF-8 bytes. `name` is what diagnostics call it.
    #[classmethod]
    #[pyo3(signature = (text, *, format="toml", name=None))]
    fn from_text(
        _class: &Bound<'_, PyType>,
        text: &Bound<'_, PyAny>,
        format: &str,
        name: Option<String>,
    ) -> PyResult<Self> {
        Self::of_document(text.py(), Document::text(text, format.parse()?, name)?)
    }

    /// The policies of a document as a dictionary, of the same shape as TOML.
    #[classmethod]
    fn from_dict(_class: &Bound<'_, PyType>, document: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::of_document(document.py(), Document::dict(document)?)
    }

    /// One policy, under its name.
    #[classmethod]
    fn from_policy(_class: &Bound<'_, PyType>, policy: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::of_document(policy.py(), Document::policy(policy)?)
    }

    /// The policies of a table of a pyproject.toml. `reload()` reads it again; it is not watched.
    #[classmethod]
    #[pyo3(signature = (path=None, table="tool.corsac"))]
    fn from_pyproject(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        path: Option<PathBuf>,
        table: &str,
    ) -> PyResult<Self> {
        let path = path.unwrap_or_else(|| "pyproject.toml".into());
        Self::of_document(py, Document::pyproject(path, table.into()))
    }

    /// Decides one request. `headers` is a mapping, or pairs, of bytes or str; the lines of `Origin`
    /// are those in it, and `origin` if none of them is it. The policy is the one named, or the one
    /// that routes choose for `host` and `path`, or the only one.
    #[pyo3(signature = (origin, method, headers=None, *, policy=None, host=None, path=None))]
    fn decide<'py>(
        &self,
        origin: &Bound<'py, PyAny>,
        method: &Bound<'py, PyAny>,
        headers: Option<&Bound<'py, PyAny>>,
        policy: Option<&Bound<'py, PyAny>>,
        host: Option<&Bound<'py, PyAny>>,
        path: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, Decision>> {
        let py = origin.py();
        self.watching.catch_up(py);
        if headers.is_none()
            && policy.is_none()
            && host.is_none()
            && path.is_none()
            && let Some(request) = plain_request(origin, method)
        {
            // By far the most calls are like this one: nothing is gathered, nothing is copied.
            let result = self.answer(py, only, &request)?;
            if !result.get().is_allowed() {
                log::refused(py, &result, || Ok((Text::of(method, "method")?, Lines::of(origin, None)?)));
            }
            return Ok(result);
        }
        self.decide_gathered(origin, method, headers, Asked::new(policy, host, path)?)
    }

    /// Whether the origin is listed or the service's own, for handshakes (WebSocket) that carry an
    /// Origin without CORS being applied. None: there is no Origin.
    #[pyo3(signature = (origin, headers=None, *, policy=None, host=None, path=None))]
    fn origin_allowed<'py>(
        &self,
        origin: &Bound<'py, PyAny>,
        headers: Option<&Bound<'py, PyAny>>,
        policy: Option<&Bound<'py, PyAny>>,
        host: Option<&Bound<'py, PyAny>>,
        path: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<bool>> {
        self.watching.catch_up(origin.py());
        let asked = Asked::new(policy, host, path)?;
        let lines = Lines::of(origin, headers)?;
        if lines.origin().is_none() {
            return Ok(None);
        }
        let method = Text::of(PyString::intern(origin.py(), "GET").as_any(), "method")?;
        let request = lines.request(&method, &[]);
        let engine = self.source.engine();
        let snapshot = engine.snapshot();
        let policies = snapshot.policies();
        // Deciding says which policy routes choose; asked of the set itself, it is not counted.
        let id = policies.decide(asked.target(policies, engine), &request).policy();
        Ok(id.and_then(|id| policies.get(id)).map_or(Some(false), |policy| policy.origin_allowed(&request)))
    }

    /// Loads the document now, whether it changed or not. Whether other policies serve now; a refused
    /// document raises ConfigError and changes nothing.
    fn reload(&self, py: Python<'_>) -> PyResult<bool> {
        if let Some(document) = self.document.as_ref().filter(|document| document.can_change()) {
            let text = document.read(py)?;
            let poll = load(py, || self.source.reload_text(&text.name, text.bytes(), text.format));
            return told(py, poll, text.places());
        }
        told(py, load(py, || self.source.reload()), self.places())
    }

    /// From now on the policies are those of this text, if it is accepted.
    #[pyo3(signature = (text, *, format="toml", name=None))]
    fn reload_text(&self, text: &Bound<'_, PyAny>, format: &str, name: Option<String>) -> PyResult<bool> {
        let py = text.py();
        let text = Document::text(text, format.parse::<Notation>()?, name)?.read(py)?;
        told(py, load(py, || self.source.reload_text(&text.name, text.bytes(), text.format)), Places::Shown)
    }

    /// From now on the policies are those of this file, if it is accepted.
    fn reload_file(&self, py: Python<'_>, path: PathBuf) -> PyResult<bool> {
        told(py, load(py, || self.source.reload_file(&path)), Places::Shown)
    }

    /// Whether `poll()` may have something to do. Reads no file.
    fn changed(&self) -> bool {
        self.source.changed()
    }

    /// Loads the document if it changed and was left alone for 100 ms: `unchanged`, `unsettled` (ask
    /// again), `reloaded` or `refused` (see `status()`).
    fn poll(&self, py: Python<'_>) -> &'static str {
        let poll = load(py, || self.source.poll());
        log::polled(py, &poll);
        match poll {
            Poll::Unsettled => "unsettled",
            Poll::Reloaded(_) => "reloaded",
            Poll::Refused(_) => "refused",
            _ => "unchanged",
        }
    }

    /// Watches the files from a thread, in this process and in those that it forks (there from the
    /// first use of the engine on).
    fn watch(&self) -> PyResult<()> {
        if self.source.path().is_none() {
            return Err(PyValueError::new_err("there is no file to watch: make the engine by from_file"));
        }
        Ok(self.watching.start()?)
    }

    /// Watches no longer.
    fn unwatch(&self, py: Python<'_>) {
        self.watching.stop(py);
    }

    /// What serves, from which files, and what became of the last attempt to replace it.
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.watching.catch_up(py);
        let status = self.source.status().to_json();
        Ok(py.import("json")?.call_method1("loads", (status,))?.cast_into()?)
    }

    /// What was decided so far, by verdict and reason.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let stats = self.source.engine().stats();
        let decisions = PyDict::new(py);
        for (verdict, reason, count) in stats.iter() {
            let reasons = match decisions.get_item(verdict.as_str())? {
                Some(reasons) => reasons.cast_into::<PyDict>()?,
                None => {
                    let reasons = PyDict::new(py);
                    decisions.set_item(verdict.as_str(), &reasons)?;
                    reasons
                }
            };
            reasons.set_item(reason.as_str(), count)?;
        }
        let result = PyDict::new(py);
        result.set_item("generation", stats.generation())?;
        result.set_item("retired", stats.retired())?;
        result.set_item("total", stats.total())?;
        result.set_item("decisions", decisions)?;
        Ok(result)
    }

    /// The generation of the policies that serve: 1, and one more after each reload.
    #[getter]
    fn generation(&self, py: Python<'_>) -> u64 {
        self.watching.catch_up(py);
        self.source.engine().generation()
    }

    /// The names of the policies, in document order.
    #[getter]
    fn policies<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let policies = self.source.engine().policies();
        PyTuple::new(py, policies.iter().map(|(_, policy)| policy.name()).collect::<Vec<_>>())
    }

    /// Warnings and notes of the policies that serve.
    #[getter]
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        config_error::diagnostics(py, &self.source.diagnostics(), self.places())
    }

    /// A TOML document that decides as the policies that serve do.
    fn to_document(&self) -> String {
        self.source.engine().policies().to_document()
    }

    fn __repr__(&self) -> String {
        const MOST: usize = 8;
        let policies = self.source.engine().policies();
        let names: Vec<_> = policies.iter().take(MOST).map(|(_, policy)| policy.name()).collect();
        let more = if policies.iter().nth(MOST).is_some() { ", …" } else { "" };
        format!("<Engine generation={} policies={}{more}>", policies.generation(), names.join(", "))
    }
}
