//! Loading policies: documents and their list files, from disk, from memory, or through a caller's
//! own reader; and reloading them in a running service.
//!
//! The engine itself ([`corsac`]) opens no file. This crate opens files, enforces their size limits
//! before they are in memory, and leaves everything else to [`corsac::document::load`].
//!
//! # Once
//! [`load_file`], [`load_text_in`] and [`load_text`] load a document once. [`LoadReport`] also has the
//! [`Digest`] of what was read.
//!
//! # For as long as a service runs
//! A [`Source`] is an engine and the document that its policies come from. Reload from a separate
//! thread ([`Source::watch`]), from an event loop of the service ([`Source::poll`]), or on request
//! ([`Source::reload`]). However a file changes, the service uses the last
//! document that was accepted as a whole. A document that is being written is read only after it
//! has stopped changing, a rejected one changes nothing, and [`Source::status`] says why.
//!
//! A partly written document that does not change for 100 ms and happens to be valid cannot be
//! distinguished from a complete one. If that matters, write to a temporary file and rename it into
//! place.

mod digest;
mod directories;
mod document_path;
mod file;
mod load;
mod poll;
mod reading;
mod settle;
mod signature;
mod source;
mod status;
mod watch;
mod watched_files;
mod watcher;

pub use corsac::document::{Format, ListError, Loaded};
pub use digest::Digest;
pub use load::{LoadReport, load_file, load_text, load_text_in};
pub use poll::{Poll, Reloaded};
pub use source::Source;
pub use status::{LastError, Status};
pub use watch::Watch;
