//! The engine as a Python object.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use corsac::{Policies, Request, Target};
use corsac_source::{LoadOptions, Poll, Source};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};
use thread_local::ThreadLocal;

use crate::caching_reader::{CachingReader, DecisionCache};
use crate::config_error::{self, Positions, config_error};
use crate::decision::Decision;
use crate::document::{Document, FormatName, Kept};
use crate::lines::Lines;
use crate::log;
use crate::selection::{self, PolicySelector};
use crate::text::{self, Text};
use crate::watching::{Watching, load};

/// Decides requests by policies that can be replaced at any time.
///
/// Created by one of the `from_` methods. Threads may share it.
#[pyclass(frozen, module = "corsac")]
#[derive(Debug)]
pub(crate) struct Engine {
    source: Arc<Source>,
    watching: Arc<Watching>,
    threads: ThreadLocal<RefCell<CachingReader>>,
    document: Mutex<Kept>,
}

/// The request with only an origin and a method, if neither needs a conversion.
#[inline]
fn plain_request<'a>(origin: &'a Bound<'_, PyAny>, method: &'a Bound<'_, PyAny>) -> Option<Request<'a>> {
    let request = Request::new(text::plain(method)?);
    if origin.is_none() { Some(request) } else { Some(request.origin(text::plain(origin)?)) }
}

fn options(env: Option<BTreeMap<String, String>>) -> LoadOptions {
    let variables = env.into_iter().flatten();
    variables.fold(LoadOptions::new(), |options, (name, value)| options.variable(name, value))
}

impl Engine {
    fn new(source: Source, document: Kept) -> Self {
        let source = Arc::new(source);
        let watching = Watching::new(source.clone());
        Self { source, watching, threads: ThreadLocal::new(), document: Mutex::new(document) }
    }

    fn of_document(py: Python<'_>, document: Document) -> PyResult<Self> {
        Self::of_document_with(py, document, &LoadOptions::new())
    }

    fn of_document_with(py: Python<'_>, document: Document, options: &LoadOptions) -> PyResult<Self> {
        let text = document.read(py)?;
        let source = load(py, || options.from_text(&text.name, text.bytes(), text.format, &text.lists()));
        let source = source.map_err(|error| config_error(py, &error, text.positions()))?;
        Ok(Self::new(source, document.into_kept()))
    }

    /// Replaces the policies with those of a document in memory, if it is accepted.
    fn become_document(&self, py: Python<'_>, document: Document) -> PyResult<bool> {
        let text = document.read(py)?;
        let poll = load(py, || self.source.reload_text(&text.name, text.bytes(), text.format, &text.lists()));
        let reloaded = reload_result(py, &self.source, poll, text.positions())?;
        self.keep(document.into_kept());
        Ok(reloaded)
    }

    fn keep(&self, document: Kept) {
        *self.document.lock().unwrap_or_else(PoisonError::into_inner) = document;
    }

    fn kept(&self) -> Kept {
        self.document.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes a decision, or returns a cached one. The target is chosen by the policies that decide.
    #[inline]
    fn answer<'py, 't>(
        &self,
        py: Python<'py>,
        target: impl FnOnce(&Policies) -> Target<'t>,
        request: &Request<'_>,
    ) -> PyResult<Bound<'py, Decision>> {
        let engine = self.source.engine();
        let thread = self.threads.get_or(|| RefCell::new(CachingReader::new(engine)));
        match thread.try_borrow_mut() {
            Ok(mut thread) => {
                let CachingReader { reader, cache } = &mut *thread;
                let snapshot = reader.snapshot();
                cache.decide(py, &snapshot, target(snapshot.policies()), request)
            }
            // Creating the decision's object may run other Python code, which may decide, too.
            Err(_) => {
                let snapshot = engine.snapshot();
                DecisionCache::default().decide(py, &snapshot, target(snapshot.policies()), request)
            }
        }
    }

    /// Decides the request with these lines, and logs it if it is denied.
    pub(crate) fn decide_lines<'py, 't>(
        &self,
        py: Python<'py>,
        method: &Text<'py>,
        lines: &Lines<'py>,
        target: impl FnOnce(&Policies) -> Target<'t>,
    ) -> PyResult<Bound<'py, Decision>> {
        self.watching.catch_up(py);
        let result = self.answer(py, target, &lines.request(method))?;
        if !result.get().is_allowed() {
            log::denied(py, &result, || Ok((method, lines)));
        }
        Ok(result)
    }

    /// Whether the origin of these lines is listed or the service's own. None: there is no Origin.
    pub(crate) fn lines_allowed<'t>(
        &self,
        py: Python<'_>,
        lines: &Lines<'_>,
        target: impl FnOnce(&Policies) -> Target<'t>,
    ) -> PyResult<Option<bool>> {
        self.watching.catch_up(py);
        if lines.origin().is_none() {
            return Ok(None);
        }
        let method = Text::of(PyString::intern(py, "GET").as_any(), "method")?;
        let request = lines.request(&method);
        let snapshot = self.core().snapshot();
        let policies = snapshot.policies();
        // The decision tells which policy the routes choose. `Policies::decide` does not count it.
        let id = policies.decide(target(policies), &request).policy();
        Ok(id.and_then(|id| policies.get(id)).map_or(Some(false), |policy| policy.origin_allowed(&request)))
    }

    pub(crate) fn core(&self) -> &corsac::Engine {
        self.source.engine()
    }
}

/// The error for a name that no current policy has.
pub(crate) fn unknown_policy(name: &str) -> PyErr {
    PyValueError::new_err(format!("the engine has no policy `{name}`"))
}

/// The result of a reload for its caller: whether the policies changed.
fn reload_result(py: Python<'_>, source: &Source, poll: Poll, places: Positions) -> PyResult<bool> {
    log::accepted(py, &poll);
    let result = match &poll {
        Poll::Reloaded(_) => Ok(true),
        Poll::Refused(error) => Err(config_error(py, error, places)),
        _ => Ok(false),
    };
    free_replaced(py, source, poll);
    result
}

/// Frees what a reload replaced: nothing but its report and readers hold it.
fn free_replaced(py: Python<'_>, source: &Source, poll: Poll) {
    if matches!(poll, Poll::Reloaded(_)) {
        load(py, || {
            drop(poll);
            source.sweep();
        });
    }
}

#[pymethods]
impl Engine {
    /// The policies of a document on disk. A name that ends in `.json` is JSON, every other is TOML. With
    /// `restrict_paths`, list files must be in the document's folder or below, now and when it is reloaded.
    #[classmethod]
    /// `env` are variables for rows `{ env = "…" }`, before those of the process; a document with
    /// `restrict_paths` has no others.
    #[pyo3(signature = (path, *, restrict_paths=false, env=None))]
    fn from_file(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        path: PathBuf,
        restrict_paths: bool,
        env: Option<BTreeMap<String, String>>,
    ) -> PyResult<Self> {
        let options = options(env).restrict_paths(restrict_paths);
        let source = load(py, || options.open(&path)).map_err(|error| config_error(py, &error, Positions::Shown))?;
        Ok(Self::new(source, Kept::FILE))
    }

    /// The policies of a document in memory: str or UTF-8 bytes. Diagnostics refer to it as `name`. It has no
    /// files and no variables but those of `lists` and `env`; `env` is kept for reloads.
    #[classmethod]
    #[pyo3(signature = (text, *, format="toml", name=None, lists=None, env=None))]
    fn from_text(
        _class: &Bound<'_, PyType>,
        text: &Bound<'_, PyAny>,
        format: &str,
        name: Option<String>,
        lists: Option<&Bound<'_, PyAny>>,
        env: Option<BTreeMap<String, String>>,
    ) -> PyResult<Self> {
        Self::of_document_with(text.py(), Document::text(text, format.parse()?, name, lists)?, &options(env))
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

    /// Policies under these names, with routes that choose among them: mappings with `policy` and `host`,
    /// `path` or both. `unrouted` is what happens to requests that no route covers, "deny" or "pass".
    #[classmethod]
    #[pyo3(signature = (policies, *, routes=None, unrouted=None))]
    fn from_policies(
        _class: &Bound<'_, PyType>,
        policies: &Bound<'_, PyAny>,
        routes: Option<&Bound<'_, PyAny>>,
        unrouted: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        Self::of_document(policies.py(), Document::policies(policies, routes, unrouted)?)
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

    /// Decides one request. `headers` is a mapping or an iterable of pairs, of bytes or str. The
    /// `Origin` lines are those in `headers`, plus `origin` if it is not among them. The policy is
    /// the one named by `policy`, the one that the routes choose for `host` and `path`, or the only
    /// one.
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
        if headers.is_none()
            && policy.is_none()
            && host.is_none()
            && path.is_none()
            && let Some(request) = plain_request(origin, method)
        {
            // Most calls: nothing is collected or copied.
            self.watching.catch_up(py);
            let result = self.answer(py, selection::only, &request)?;
            if !result.get().is_allowed() {
                log::denied(py, &result, || Ok((Text::of(method, "method")?, Lines::of(origin, None)?)));
            }
            return Ok(result);
        }
        let selector = PolicySelector::new(policy, host, path)?;
        let (method, lines) = (Text::of(method, "method")?, Lines::of(origin, headers)?);
        self.decide_lines(py, &method, &lines, |policies| selector.target(policies, self.core()))
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
        let selector = PolicySelector::new(policy, host, path)?;
        let lines = Lines::of(origin, headers)?;
        self.lines_allowed(origin.py(), &lines, |policies| selector.target(policies, self.core()))
    }

    /// Requires a policy of this name, which the application's code names: a reload to a document
    /// without it is refused. Middlewares do this for their `policy_name`. Never for names that come
    /// with a request. Raises ValueError if there is no such policy.
    fn require(&self, py: Python<'_>, policy: &str) -> PyResult<()> {
        let engine = self.core();
        py.detach(|| engine.require(policy)).map(|_| ()).map_err(|_| unknown_policy(policy))
    }

    /// Takes one requirement of this name back.
    fn release(&self, py: Python<'_>, policy: &str) {
        let engine = self.core();
        py.detach(|| engine.release(policy));
    }

    /// Requires routes: a reload to a document without any is refused. Middlewares do this where the
    /// routes choose. Raises ValueError if there are none.
    fn require_routes(&self, py: Python<'_>) -> PyResult<()> {
        let engine = self.core();
        py.detach(|| engine.require_routes()).map_err(|_| PyValueError::new_err("the engine has no routes"))
    }

    /// Takes one requirement of routes back.
    fn release_routes(&self, py: Python<'_>) {
        let engine = self.core();
        py.detach(|| engine.release_routes());
    }

    /// Loads the document now, changed or not. Returns whether the policies changed. A rejected
    /// document raises ConfigError and changes nothing.
    fn reload(&self, py: Python<'_>) -> PyResult<bool> {
        let Kept { positions, again } = self.kept();
        if let Some(document) = again {
            let text = document.read(py)?;
            let poll = load(py, || self.source.reload_text(&text.name, text.bytes(), text.format, &text.lists()));
            return reload_result(py, &self.source, poll, text.positions());
        }
        reload_result(py, &self.source, load(py, || self.source.reload()), positions)
    }

    /// Replaces the policies with those of this text and its lists, if they are accepted.
    #[pyo3(signature = (text, *, format="toml", name=None, lists=None))]
    fn reload_text(
        &self,
        text: &Bound<'_, PyAny>,
        format: &str,
        name: Option<String>,
        lists: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        self.become_document(text.py(), Document::text(text, format.parse::<FormatName>()?, name, lists)?)
    }

    /// Replaces the policies with this one, if it is accepted.
    fn reload_policy(&self, policy: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.become_document(policy.py(), Document::policy(policy)?)
    }

    /// Replaces the policies and the routes with these, if they are accepted.
    #[pyo3(signature = (policies, *, routes=None, unrouted=None))]
    fn reload_policies(
        &self,
        policies: &Bound<'_, PyAny>,
        routes: Option<&Bound<'_, PyAny>>,
        unrouted: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        self.become_document(policies.py(), Document::policies(policies, routes, unrouted)?)
    }

    /// Replaces the policies with those of this file, if it is accepted.
    fn reload_file(&self, py: Python<'_>, path: PathBuf) -> PyResult<bool> {
        let reloaded = reload_result(py, &self.source, load(py, || self.source.reload_file(&path)), Positions::Shown)?;
        self.keep(Kept::FILE);
        Ok(reloaded)
    }

    /// Whether `poll()` may have something to do. Reads no file.
    fn changed(&self) -> bool {
        self.source.changed()
    }

    /// Loads the document if it changed and has not been written to for 100 ms. Returns
    /// `unchanged`, `unsettled` (poll again later), `reloaded` or `refused` (see `status()`).
    fn poll(&self, py: Python<'_>) -> &'static str {
        let poll = load(py, || self.source.poll());
        log::polled(py, &poll);
        let outcome = match poll {
            Poll::Unsettled => "unsettled",
            Poll::Reloaded(_) => "reloaded",
            Poll::Refused(_) => "refused",
            _ => "unchanged",
        };
        free_replaced(py, &self.source, poll);
        outcome
    }

    /// Watches the files from a thread, in this process and in forked children (there, from the
    /// first use of the engine).
    fn watch(&self) -> PyResult<()> {
        if self.source.path().is_none() {
            return Err(PyValueError::new_err("there is no file to watch; create the engine with from_file"));
        }
        Ok(self.watching.start()?)
    }

    /// Stops watching.
    fn unwatch(&self, py: Python<'_>) {
        self.watching.stop(py);
    }

    /// The current policies, the files that they come from, and the result of the last reload.
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.watching.catch_up(py);
        let status = self.source.status().to_json();
        Ok(py.import("json")?.call_method1("loads", (status,))?.cast_into()?)
    }

    /// Decision counters, by verdict and reason.
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

    /// The generation of the current policies: 1 at first, incremented by each reload.
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

    /// Whether the current policies have routes.
    #[getter]
    fn _has_routes(&self) -> bool {
        self.core().policies().has_routes()
    }

    /// Warnings and notes of the current policies.
    #[getter]
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        config_error::diagnostics(py, &self.source.diagnostics(), self.kept().positions)
    }

    /// The current policies as a TOML document.
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
