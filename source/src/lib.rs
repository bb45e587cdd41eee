//! Where policies come from: documents and the list files that they name, from disk, from memory,
//! or through a caller's own reader; and how a running service gets new ones.
//!
//! The engine itself ([`corsac`]) touches no file. This crate opens them, holds them to their
//! limits before they are in memory, and leaves everything else to
//! [`corsac::document::load`].
//!
//! # Once
//! [`load_file`], [`load_text_in`] and [`load_text`] load a document and are done. [`Attempt`] also
//! tells the [`Digest`] of what was read.
//!
//! # For as long as a service runs
//! A [`Source`] is an engine and the document that its policies come from. Reload by a thread of its
//! own ([`Source::watch`]), from a loop that the service has anyway ([`Source::poll`]), or when
//! somebody says so ([`Source::reload`]). However a file changes, what serves is the last document
//! that was accepted as a whole: one that is half written is not read before it has come to rest,
//! one that is refused changes nothing, and [`Source::status`] says why.
//!
//! A document that stands still half written for longer than 100 ms, and happens to be valid as far
//! as it goes, cannot be told from one that is meant. Write elsewhere and rename into place where
//! that matters.

mod digest;
mod directories;
mod document_path;
mod file;
mod ledger;
mod load;
mod poll;
mod reading;
mod settle;
mod signature;
mod source;
mod status;
mod watch;
mod watcher;

pub use corsac::document::{Format, ListError, Loaded};
pub use digest::Digest;
pub use load::{Attempt, load_file, load_text, load_text_in};
pub use poll::{Poll, Reloaded};
pub use source::Source;
pub use status::{LastError, Status};
pub use watch::Watch;
