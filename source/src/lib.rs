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
//! document that was accepted as a whole. A file that is being written is read only after it has been
//! seen unchanged for 100 ms, a rejected document changes nothing, and [`Source::status`] says why.
//!
//! # How to write documents and lists
//! Write to a new file in the same folder, and rename it into place. Then a change is complete when it
//! becomes visible, and it is used within a second and the time that loading takes, whatever happens to
//! other files. Files that are renamed within 100 ms of each other are loaded together; files that must
//! never be used apart belong into a folder that one symbolic link leads to, which is replaced by a rename.
//!
//! A file that is written in place is used after its writer has paused for 100 ms. One whose writer pauses
//! longer at the end of a line cannot be told from a complete one; if it pauses within a line of a list, the
//! list is rejected (`list/unterminated`). A JSON document that is cut is never valid. A TOML document
//! that is cut at the end of a line can be valid, and so can one that is cut within a number.
//!
//! Only regular files are read. A named pipe, a device or a socket is an error.

mod access;
mod digest;
mod directories;
mod document_path;
mod file;
mod kept;
mod load;
mod load_options;
mod memory;
mod newest;
mod poll;
mod reading;
mod settle;
mod signature;
mod source;
mod status;
mod variables;
mod watch;
mod watched_file;
mod watched_files;
mod watcher;
#[cfg(test)]
mod wrong_clocks;

pub use corsac::document::{Format, ListError, Loaded};
pub use digest::Digest;
pub use load::{LoadReport, load_file, load_text, load_text_in};
pub use load_options::LoadOptions;
pub use poll::{Poll, Reloaded};
pub use source::Source;
pub use status::{LastError, Status};
pub use watch::Watch;
