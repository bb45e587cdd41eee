//! The corpus, `tests/data/`, through the bindings that this stage has, and whether it is complete.

mod command;
mod complete;
mod rust;
