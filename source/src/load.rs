//! The three ways to a loaded document.

use std::path::{Path, PathBuf};

use corsac::document::{self, Document, Format, ListError, Loaded, MAX_DOCUMENT, MAX_LIST};
use corsac::{Code, ConfigError};

use crate::file::{self, ReadError};

/// Loads a document from disk, with the list files that it names, relative to its own folder.
///
/// A name that ends in `.json` is JSON, every other is TOML. Blocks for as long as reading and
/// compiling takes.
///
/// # Errors
/// Every diagnostic at once; `document/unreadable` where the file cannot be read.
pub fn load_file(path: impl AsRef<Path>) -> Result<Loaded, ConfigError> {
    let path = path.as_ref();
    let name = path.display().to_string();
    let bytes = file::read(path, MAX_DOCUMENT).map_err(|error| match error {
        ReadError::TooLarge => document::too_large(&name),
        ReadError::Io(error) => {
            let message = format!("the document cannot be read: {}", file::reason(&error));
            ConfigError::unavailable(
                &name,
                Code::DocumentUnreadable,
                message,
                "name a policy document that can be read",
            )
        }
    })?;
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let format = if is_json { Format::Json } else { Format::Toml };
    load_text_in(path.parent().unwrap_or(Path::new("")), &name, &bytes, format)
}

/// Loads a document from memory, with the list files that it names, relative to `folder`.
///
/// # Errors
/// Every diagnostic at once.
pub fn load_text_in(folder: &Path, name: &str, bytes: &[u8], format: Format) -> Result<Loaded, ConfigError> {
    load_text(name, bytes, format, &mut |list| read_list(folder.join(list)))
}

/// Loads a document from memory; its lists come from `read_list`, by the path that the document
/// writes.
///
/// # Errors
/// Every diagnostic at once.
pub fn load_text(
    name: &str,
    bytes: &[u8],
    format: Format,
    read_list: &mut dyn FnMut(&str) -> Result<Vec<u8>, ListError>,
) -> Result<Loaded, ConfigError> {
    document::load(&Document { name, bytes, format }, read_list)
}

fn read_list(path: PathBuf) -> Result<Vec<u8>, ListError> {
    file::read(&path, MAX_LIST).map_err(|error| match error {
        ReadError::TooLarge => ListError::TooLarge,
        ReadError::Io(error) => ListError::Unreadable(file::reason(&error)),
    })
}
