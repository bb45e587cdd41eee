//! The three ways to load a document.

use std::path::Path;

use corsac::ConfigError;
use corsac::document::{self, Document, Format, ListError, Loaded};

use crate::digest::Digest;
use crate::document_path::DocumentPath;
use crate::reading::Reading;

/// Loads a document from disk, with the list files that it names, relative to its own folder.
///
/// A name that ends in `.json` is JSON, every other is TOML. Blocks for as long as reading and
/// compiling takes.
///
/// # Errors
/// Every diagnostic at once; `document/unreadable` where the file cannot be read.
pub fn load_file(path: impl AsRef<Path>) -> Result<Loaded, ConfigError> {
    LoadReport::file(path).into_result()
}

/// Loads a document from memory, with the list files that it names, relative to `folder`.
///
/// # Errors
/// Every diagnostic at once.
pub fn load_text_in(folder: &Path, name: &str, bytes: &[u8], format: Format) -> Result<Loaded, ConfigError> {
    LoadReport::text_in(folder, name, bytes, format).into_result()
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

/// The result of loading a document, with the digest of what was read.
#[derive(Debug)]
pub struct LoadReport {
    result: Result<Loaded, ConfigError>,
    digest: Option<Digest>,
}

impl LoadReport {
    /// As [`load_file`].
    #[must_use]
    pub fn file(path: impl AsRef<Path>) -> Self {
        Self::of(Reading::of_file(&DocumentPath::new(path.as_ref())))
    }

    /// As [`load_text_in`].
    #[must_use]
    pub fn text_in(folder: &Path, name: &str, bytes: &[u8], format: Format) -> Self {
        Self::of(Reading::of_text(Some(folder), name, bytes, format))
    }

    fn of(mut reading: Reading<'_>) -> Self {
        let result = reading.load();
        // A rejected document may name lists that were not read, so it has no digest.
        let digest = result.is_ok().then(|| reading.content().digest());
        Self { result, digest }
    }

    /// The digest of the document and its lists; `None` if the document was rejected.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// The result of the load.
    ///
    /// # Errors
    /// Every diagnostic at once.
    pub fn into_result(self) -> Result<Loaded, ConfigError> {
        self.result
    }
}
