//! Deciding the requests of a middleware, in the forms of ASGI and WSGI.

use corsac::{Policies, Target};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};

use crate::answer::Messages;
use crate::decision::Decision;
use crate::engine::{Engine, unknown_policy};
use crate::lines::Lines;
use crate::merging::MergingSend;
use crate::selection::{self, HostAndPath};
use crate::text::Text;

/// Decides the requests of a middleware, given as ASGI scopes or WSGI environs.
///
/// The policy named `policy_name` decides. Without a name, it is the engine's only policy; with
/// several policies or with routes, the policy that the routes choose. The engine requires the named
/// policy, or routes where it has them, or else that its only policy stays alone or gets routes, for as
/// long as the decider lives.
#[pyclass(frozen, module = "corsac")]
#[derive(Debug)]
pub(crate) struct Decider {
    #[pyo3(get)]
    engine: Py<Engine>,
    #[pyo3(get)]
    policy_name: Option<Py<PyString>>,
    _required: Required,
}

/// What the engine requires for this decider's sake, until it is dropped.
#[derive(Debug)]
struct Required {
    engine: corsac::Engine,
    what: What,
}

#[derive(Debug)]
enum What {
    Nothing,
    /// One policy alone, or routes.
    Only,
    Routes,
    Policy(String),
}

impl Required {
    /// `None`: the engine has no policy of this name.
    fn by(engine: corsac::Engine, policy: Option<String>) -> Option<Self> {
        let what = match policy {
            Some(name) => engine.require(&name).map(|_| What::Policy(name)).ok()?,
            None => (engine.require_routes().map(|()| What::Routes))
                .or_else(|_| engine.require_only().map(|()| What::Only))
                .unwrap_or(What::Nothing),
        };
        Some(Self { engine, what })
    }
}

impl Drop for Required {
    fn drop(&mut self) {
        match &self.what {
            What::Nothing => {}
            What::Only => self.engine.release_only(),
            What::Routes => self.engine.release_routes(),
            What::Policy(name) => self.engine.release(name),
        }
    }
}

/// The WSGI keys of the headers of a preflight. Servers join repeated lines with commas, which the
/// engine treats like separate lines.
const REQUESTED: [(&str, &str); 3] = [
    ("HTTP_ACCESS_CONTROL_REQUEST_METHOD", "access-control-request-method"),
    ("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "access-control-request-headers"),
    ("HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK", "access-control-request-private-network"),
];

/// The result for an ASGI request: a `send` for the application, or a complete response.
#[derive(IntoPyObject)]
enum Begun<'py> {
    Forwarded(MergingSend),
    Answered(Messages<'py>),
}

impl Decider {
    /// Calls `host_and_path` only if routes choose; the target borrows its result from `stored`.
    fn target<'t, 'py>(
        &self,
        py: Python<'py>,
        policies: &Policies,
        host_and_path: impl FnOnce() -> PyResult<HostAndPath<'py>>,
        stored: &'t mut HostAndPath<'py>,
    ) -> Target<'t> {
        if let Some(name) = &self.policy_name {
            return selection::named(name.bind(py), policies, self.engine.get().core());
        }
        if let Some(only) = policies.only()
            && !policies.has_routes()
        {
            return Target::Policy(only);
        }
        // A path that cannot be read matches no route.
        *stored = host_and_path().unwrap_or_default();
        stored.target()
    }
}

#[pymethods]
impl Decider {
    #[new]
    #[pyo3(signature = (engine, policy_name=None))]
    fn new(py: Python<'_>, engine: Py<Engine>, policy_name: Option<Py<PyString>>) -> PyResult<Self> {
        let name = policy_name.as_ref().map(|name| name.bind(py).to_cow().map(String::from)).transpose()?;
        let core = engine.get().core().clone();
        let required = py.detach(|| Required::by(core, name.clone()));
        let required = required.ok_or_else(|| unknown_policy(name.as_deref().unwrap_or_default()))?;
        Ok(Self { engine, policy_name, _required: required })
    }

    /// The policies that may decide and have no `own_origins`.
    fn _without_own_origins<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let policies = self.engine.get().core().policies();
        let only = self.policy_name.as_ref().map(|name| name.bind(py).to_str()).transpose()?;
        let found = policies.iter().map(|(_, policy)| policy);
        let found = found.filter(|policy| only.is_none_or(|only| policy.name() == only));
        PyTuple::new(
            py,
            found
                .filter(|policy| policy.own_origins().next().is_none())
                .map(|policy| policy.name())
                .collect::<Vec<_>>(),
        )
    }

    /// Decides the request of an ASGI scope. Returns the `send` for the application or, if the request
    /// is not forwarded, the messages of the response.
    fn begin<'py>(&self, scope: &Bound<'py, PyAny>, send: &Bound<'py, PyAny>) -> PyResult<Begun<'py>> {
        let py = scope.py();
        let decision = self.decide_scope(scope)?;
        if decision.get().status_code().is_none() {
            return Ok(Begun::Forwarded(MergingSend::new(decision, send)));
        }
        let is_head = scope.get_item(intern!(py, "method"))?.eq("HEAD")?;
        Ok(Begun::Answered(decision.get().answer(py)?.messages(py, is_head)?))
    }

    /// Decides the request of an ASGI scope.
    fn decide_scope<'py>(&self, scope: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Decision>> {
        let py = scope.py();
        let method = Text::of(&scope.get_item(intern!(py, "method"))?, "method")?;
        let headers = header_list(scope)?;
        let mut lines = Lines::default();
        lines.add_all(headers.as_any())?;
        let stored = &mut HostAndPath::default();
        let host_and_path = || scope_host_and_path(scope, &headers);
        self.engine
            .get()
            .decide_lines(py, &method, &lines, move |policies| self.target(py, policies, host_and_path, stored))
    }

    /// Whether the origin of an ASGI scope is listed or the service's own. None: there is no Origin.
    fn scope_origin_allowed(&self, scope: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
        let py = scope.py();
        let headers = header_list(scope)?;
        let mut lines = Lines::default();
        lines.add_all(headers.as_any())?;
        let stored = &mut HostAndPath::default();
        let host_and_path = || scope_host_and_path(scope, &headers);
        self.engine.get().lines_allowed(py, &lines, move |policies| self.target(py, policies, host_and_path, stored))
    }

    /// Decides the request of a WSGI environ. `method` and `path` replace those of the environ.
    #[pyo3(signature = (environ, method=None, path=None))]
    fn decide_environ<'py>(
        &self,
        environ: &Bound<'py, PyDict>,
        method: Option<&Bound<'py, PyAny>>,
        path: Option<&Bound<'py, PyString>>,
    ) -> PyResult<Bound<'py, Decision>> {
        let py = environ.py();
        let method = match method {
            Some(method) => Text::of(method, "method")?,
            None => Text::of(&environ.as_any().get_item(intern!(py, "REQUEST_METHOD"))?, "method")?,
        };
        let mut lines = Lines::default();
        if let Some(origin) = environ.get_item(intern!(py, "HTTP_ORIGIN"))? {
            lines.add(intern!(py, "origin").as_any(), &origin)?;
        }
        if method.as_bytes() == b"OPTIONS" {
            for (key, name) in REQUESTED {
                if let Some(value) = environ.get_item(PyString::intern(py, key))? {
                    lines.add(PyString::intern(py, name).as_any(), &value)?;
                }
            }
        }
        let stored = &mut HostAndPath::default();
        let host_and_path = || environ_host_and_path(environ, path);
        self.engine
            .get()
            .decide_lines(py, &method, &lines, move |policies| self.target(py, policies, host_and_path, stored))
    }
}

/// The header lines of a scope, as a list. Another iterable is replaced by a list, so that the
/// application can read it again.
fn header_list<'py>(scope: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
    let name = intern!(scope.py(), "headers");
    match scope.get_item(name)?.cast_into_exact::<PyList>() {
        Ok(list) => Ok(list),
        Err(other) => {
            let list = PyList::empty(scope.py());
            other.into_inner().try_iter()?.try_for_each(|pair| list.append(pair?))?;
            scope.set_item(name, &list)?;
            Ok(list)
        }
    }
}

/// The host and the path, which is the undecoded one if the server provides it.
fn scope_host_and_path<'py>(scope: &Bound<'py, PyAny>, headers: &Bound<'py, PyList>) -> PyResult<HostAndPath<'py>> {
    let py = scope.py();
    let mut host = None;
    for pair in headers {
        let (name, value): (Bound<'py, PyAny>, Bound<'py, PyAny>) = pair.extract()?;
        if Text::of(&name, "the name of a header")?.as_bytes().eq_ignore_ascii_case(b"host") {
            host = Some(Text::of(&value, "host")?);
            break;
        }
    }
    let raw_path = scope.call_method1(intern!(py, "get"), (intern!(py, "raw_path"),))?;
    let path =
        if raw_path.is_truthy()? { raw_path } else { encoded(&scope.get_item(intern!(py, "path"))?, "surrogatepass")? };
    Ok(HostAndPath { host, path: Some(Text::of(&path, "path")?) })
}

/// The host, and the path in the form that the application uses.
fn environ_host_and_path<'py>(
    environ: &Bound<'py, PyDict>,
    path: Option<&Bound<'py, PyString>>,
) -> PyResult<HostAndPath<'py>> {
    let text = |name: &str| environ.get_item(name);
    // An empty `Host` is present: it must not be replaced by the server's name.
    let host = match text("HTTP_HOST")? {
        Some(host) => Some(host),
        None => text("SERVER_NAME")?,
    };
    let path = match path {
        Some(path) => encoded(path.as_any(), "surrogateescape")?,
        None => {
            // PEP 3333: each byte of the path is one character.
            let part = |name| text(name)?.map(|part| Text::of(&part, "path")).transpose();
            let (script, info) = (part("SCRIPT_NAME")?, part("PATH_INFO")?);
            let bytes = |part: &Option<Text<'_>>| part.as_ref().map_or(Vec::new(), |part| part.as_bytes().to_vec());
            PyBytes::new(environ.py(), &[bytes(&script), bytes(&info)].concat()).into_any()
        }
    };
    let host = host.map(|host| Text::of(&host, "host")).transpose()?;
    Ok(HostAndPath { host, path: Some(Text::of(&path, "path")?) })
}

/// The bytes of a decoded path. `errors` says how its decoder kept bytes that are no UTF-8.
fn encoded<'py>(path: &Bound<'py, PyAny>, errors: &str) -> PyResult<Bound<'py, PyAny>> {
    let encode = |errors: &str| path.call_method1(intern!(path.py(), "encode"), ("utf-8", errors));
    // Surrogates of another decoder.
    encode(errors).or_else(|_| encode("surrogatepass"))
}
