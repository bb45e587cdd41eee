//! The command line as people run it: exit status, streams, both formats, hostile input. What the
//! engine decides and what is found in documents is shown elsewhere, with the corpus.

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
