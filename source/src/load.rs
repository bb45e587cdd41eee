//! The three ways to load a document.

use std::path::Path;
use std::thread;
use std::time::Instant;

use corsac::ConfigError;
use corsac::document::{self, Document as TextDocument, Format, ListError, Loaded};

use crate::access::Access;
use crate::digest::Digest;
use crate::document_path::DocumentPath;
use crate::newest::{PAUSE, read_newest, restless};
use crate::reading::{Place, Reading};
use crate::settle::PATIENCE;
use crate::watched_files::WatchedFiles;

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
    document::load(&TextDocument { name, bytes, format }, read_list)
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
        Self::of_file(path.as_ref(), &Access::default())
    }

    /// As [`load_text_in`].
    #[must_use]
    pub fn text_in(folder: &Path, name: &str, bytes: &[u8], format: Format) -> Self {
        let text = TextDocument { name, bytes, format };
        Self::of_text(folder, &text, &Access::default())
    }

    pub(crate) fn of_file(path: &Path, access: &Access) -> Self {
        let access = access.with_process();
        let path = DocumentPath::new(path);
        let mut files = WatchedFiles::default();
        let report = read_newest(&path, &access, &mut files, Self::of);
        report.unwrap_or_else(|| Self { result: Err(restless(&path)), digest: None })
    }

    /// Of a document in memory, with the list files of a folder.
    pub(crate) fn of_text(folder: &Path, text: &TextDocument<'_>, access: &Access) -> Self {
        let &TextDocument { name, bytes, format } = text;
        let started = Instant::now();
        loop {
            let mut files = WatchedFiles::default();
            let variables = access.variables.only_given();
            let place =
                Place { folder: Some(folder.to_owned()), is_restricted: access.is_restricted, lists: &[], variables };
            let mut reading = Reading::of_text(place, &mut files, name, bytes, format);
            let report = Self::of(&mut reading);
            if !reading.is_blocked() {
                return report;
            }
            if started.elapsed() >= PATIENCE {
                return Self { result: Err(restless(&DocumentPath::new(Path::new(name)))), digest: None };
            }
            thread::sleep(PAUSE);
        }
    }

    fn of(reading: &mut Reading<'_>) -> Self {
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
