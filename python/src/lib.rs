//! The native module of the Python package `corsac`: the engine and its decisions. It converts between
//! Python objects and bytes; all rules of CORS are in the crate `corsac`.
//!
//! In the order of a request: `decider` (the request of a middleware), `text` and `lines` (the request's
//! values), `selection` (the policy), `engine`, `caching_reader` (each thread's reader and cache),
//! `decision`, then `header_changes`, `form`, `response`, `answer` and `merging` (applying a decision).
//! Apart from requests: `document` and `config_error` (loading, and its errors), `watching` (threads and
//! forks), `log`, `command_line`.

mod answer;
mod caching_reader;
mod command_line;
mod config_error;
mod decider;
mod decision;
mod document;
mod engine;
#[cfg(feature = "floor")]
mod floor;
mod form;
mod header_changes;
mod lines;
mod log;
mod merging;
mod names;
mod response;
mod selection;
mod text;
mod watching;

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
