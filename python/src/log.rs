//! The logger `corsac` of Python's `logging`. `corsac._log` formats the messages.

use std::borrow::Borrow;

use corsac_source::Poll;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::config_error::{Positions, config_error};
use crate::decision::Decision;
use crate::lines::Lines;
use crate::text::Text;

/// `logging.DEBUG`
const DEBUG: u8 = 10;

fn logger(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let logger = || py.import("logging")?.call_method1("getLogger", ("corsac",)).map(Bound::unbind);
    Ok(LOGGER.get_or_try_init(py, logger)?.bind(py))
}

/// Looks up the logger at import, because a fork during the first lookup could leave a lock held.
pub(crate) fn prepare(py: Python<'_>) -> PyResult<()> {
    logger(py).map(drop)
}

/// Logs a denied request if the level DEBUG is enabled. The request is only collected then. An error
/// here does not change the decision.
pub(crate) fn denied<'py, T: Borrow<Text<'py>>, L: Borrow<Lines<'py>>>(
    py: Python<'py>,
    decision: &Bound<'py, Decision>,
    request: impl FnOnce() -> PyResult<(T, L)>,
) {
    let logged = logger(py).and_then(|logger| {
        if !logger.call_method1(intern!(py, "isEnabledFor"), (DEBUG,))?.is_truthy()? {
            return Ok(());
        }
        let (method, lines) = request()?;
        let (method, lines): (&Text<'py>, &Lines<'py>) = (method.borrow(), lines.borrow());
        let requested: Vec<_> = lines.request_headers().iter().map(Text::as_bytes).collect();
        let origin = lines.origin().map(Text::as_bytes);
        let request_method = lines.request_method().map(Text::as_bytes);
        let arguments = (decision, method.as_bytes(), origin, request_method, requested);
        py.import("corsac._log")?.call_method1("refused", arguments).map(drop)
    });
    report_error(py, logged);
}

/// Logs the result of checking the files, if they changed.
pub(crate) fn polled(py: Python<'_>, poll: &Poll) {
    let logged = match poll {
        Poll::Reloaded(reloaded) => call(py, "reloaded", (reloaded.generation, reloaded.digest.to_string())),
        Poll::Refused(error) => call(py, "not_reloaded", (config_error(py, error, Positions::Shown),)),
        _ => Ok(()),
    };
    report_error(py, logged);
}

/// Logs new policies that a call loaded. Its caller is informed of a rejected document by an exception.
pub(crate) fn accepted(py: Python<'_>, poll: &Poll) {
    if let Poll::Reloaded(_) = poll {
        polled(py, poll);
    }
}

/// Logs that no thread could be started for watching.
pub(crate) fn not_watched(py: Python<'_>, error: std::io::Error) {
    report_error(py, call(py, "not_watched", (PyErr::from(error),)));
}

fn call<'py>(py: Python<'py>, function: &str, arguments: impl pyo3::call::PyCallArgs<'py>) -> PyResult<()> {
    py.import("corsac._log")?.call_method1(function, arguments).map(drop)
}

fn report_error(py: Python<'_>, logged: PyResult<()>) {
    if let Err(error) = logged {
        error.write_unraisable(py, None);
    }
}
