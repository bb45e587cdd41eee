//! The command line as people run it: exit status, streams, both formats, hostile input. Decisions of
//! the engine and findings in documents are tested with the corpus, elsewhere.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod access_log;
mod against;
mod check;
mod command;
mod decide;
mod diff;
mod general;
mod replay;
mod request_log;
#[cfg(unix)]
mod watch;
