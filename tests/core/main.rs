//! The stage `make test-core`: everything that needs neither a compiler of another language nor a server.
//! It is one binary, because linking each costs seconds; the tests that cannot be in it are in
//! `tests/alone`.

mod corpus;
mod decision;
mod diff;
mod document;
mod engine;
mod fuzz;
mod oracle;
mod repository;
mod source;
