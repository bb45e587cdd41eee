//! The native module of the Python package `corsac`: the engine, its decisions, and nothing that the
//! engine does not say. Bytes cross over; no header is composed and no origin is parsed here.
//!
//! In the order in which a request meets them: `decider` (the request of a middleware), `text` and
//! `lines` (what Python hands over), `asked` (which policy), `engine`, `ready` (decisions given
//! before), `decision`, `response`, `answer` and `merging` (a decision carried out). Beside them:
//! `document` and `config_error` (what is loaded and what is said of it), `watching` (threads across
//! forks), `log`, `command_line`.

mod answer;
mod asked;
mod command_line;
mod config_error;
mod decider;
mod decision;
mod document;
mod engine;
#[cfg(feature = "floor")]
mod floor;
mod lines;
mod log;
mod merging;
mod ready;
mod response;
mod text;
mod watching;
mod words;

use pyo3::prelude::*;

/// The native part of corsac. Use the package `corsac`.
#[pymodule]
mod _corsac {
    use super::*;

    #[pymodule_export]
    use command_line::{_run, _run_process};
    #[pymodule_export]
    use decider::Decider;
    #[pymodule_export]
    use decision::Decision;
    #[pymodule_export]
    use engine::Engine;
    #[cfg(feature = "floor")]
    #[pymodule_export]
    use floor::Floor;
    #[pymodule_export]
    use merging::MergingSend;
    #[pymodule_export]
    use watching::{_after_fork_in_child, _after_fork_in_parent, _at_exit, _before_fork};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        log::prepare(module.py())?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
