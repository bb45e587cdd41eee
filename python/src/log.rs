//! The logger `corsac` of Python's `logging`. What is said, and how, is written in `corsac._log`.

use std::borrow::Borrow;

use corsac_source::Poll;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyInt};

use crate::config_error::{Places, config_error};
use crate::decision::Decision;
use crate::lines::Lines;
use crate::text::Text;

/// `logging.DEBUG`
const DEBUG: u8 = 10;

struct Logger {
    logger: Py<PyAny>,
    debug: Py<PyInt>,
    /// What the logger remembers of which levels are enabled, if it does so in the way that
    /// CPython's does: a dictionary that is emptied when any level changes.
    known: Option<Py<PyDict>>,
}

impl Logger {
    fn get(py: Python<'_>) -> PyResult<&Self> {
        static LOGGER: PyOnceLock<Logger> = PyOnceLock::new();
        LOGGER.get_or_try_init(py, || {
            let logger = py.import("logging")?.call_method1("getLogger", ("corsac",))?;
            let known = logger.getattr_opt("_cache")?.and_then(|known| known.cast_into_exact().ok());
            Ok(Self {
                logger: logger.unbind(),
                debug: DEBUG.into_pyobject(py)?.unbind(),
                known: known.map(Bound::unbind),
            })
        })
    }

    /// Asks the logger itself only where it is not known that nobody listens: that is a call into
    /// Python, which costs more than a decision.
    fn is_enabled_for_debug(&self, py: Python<'_>) -> PyResult<bool> {
        if let Some(known) = &self.known
            && let Some(is_enabled) = known.bind(py).get_item(&self.debug)?
            && is_enabled.is(PyBool::new(py, false))
        {
            return Ok(false);
        }
        self.logger.bind(py).call_method1("isEnabledFor", (&self.debug,))?.is_truthy()
    }
}

/// Looks the logger up, so that no process forks while a thread does.
pub(crate) fn prepare(py: Python<'_>) -> PyResult<()> {
    Logger::get(py).map(drop)
}

/// Tells of a refusal, if somebody listens: only then is asked what the request was. Nothing that
/// goes wrong here changes a decision.
pub(crate) fn refused<'py, T: Borrow<Text<'py>>, L: Borrow<Lines<'py>>>(
    py: Python<'py>,
    decision: &Bound<'py, Decision>,
    request: impl FnOnce() -> PyResult<(T, L)>,
) {
    let told = Logger::get(py).and_then(|logger| {
        if !logger.is_enabled_for_debug(py)? {
            return Ok(());
        }
        let (method, lines) = request()?;
        let (method, lines): (&Text<'py>, &Lines<'py>) = (method.borrow(), lines.borrow());
        let requested: Vec<_> = lines.request_headers().iter().map(Text::as_bytes).collect();
        let origin = lines.origin().map(Text::as_bytes);
        let request_method = lines.request_method().map(Text::as_bytes);
        let asked = (decision, method.as_bytes(), origin, request_method, requested);
        py.import("corsac._log")?.call_method1("refused", asked).map(drop)
    });
    unraised(py, told);
}

/// Tells of what came of looking at files, where that is news.
pub(crate) fn polled(py: Python<'_>, poll: &Poll) {
    let told = match poll {
        Poll::Reloaded(reloaded) => call(py, "reloaded", (reloaded.generation, reloaded.digest.to_string())),
        Poll::Refused(error) => call(py, "not_reloaded", (config_error(py, error, Places::Shown),)),
        _ => Ok(()),
    };
    unraised(py, told);
}

/// Tells of new policies to others than the one who asked for them.
pub(crate) fn accepted(py: Python<'_>, poll: &Poll) {
    if let Poll::Reloaded(_) = poll {
        polled(py, poll);
    }
}

/// Tells that there is no thread to watch with.
pub(crate) fn not_watched(py: Python<'_>, error: std::io::Error) {
    unraised(py, call(py, "not_watched", (PyErr::from(error),)));
}

fn call<'py>(py: Python<'py>, function: &str, arguments: impl pyo3::call::PyCallArgs<'py>) -> PyResult<()> {
    py.import("corsac._log")?.call_method1(function, arguments).map(drop)
}

fn unraised(py: Python<'_>, told: PyResult<()>) {
    if let Err(error) = told {
        error.write_unraisable(py, None);
    }
}
