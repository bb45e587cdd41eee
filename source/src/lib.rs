//! Where policies come from: documents and the list files that they name, from disk, from memory,
//! or through a caller's own reader.
//!
//! The engine itself ([`corsac`]) touches no file. This crate opens them, holds them to their
//! limits before they are in memory, and leaves everything else to
//! [`corsac::document::load`].

mod file;
mod load;

pub use corsac::document::{Format, ListError, Loaded};
pub use load::{load_file, load_text, load_text_in};
