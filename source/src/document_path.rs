//! The path of a document, and its name in diagnostics.

use std::path::{self, Path, PathBuf};

use corsac::document::Format;

/// The path of a document. It names the same file even after the process changes its directory.
#[derive(Clone, Debug)]
pub(crate) struct DocumentPath {
    given: PathBuf,
    absolute: PathBuf,
}

impl DocumentPath {
    pub(crate) fn new(given: &Path) -> Self {
        let absolute = path::absolute(given).unwrap_or_else(|_| given.to_owned());
        Self { given: given.to_owned(), absolute }
    }

    /// The path as given.
    pub(crate) fn given(&self) -> &Path {
        &self.given
    }

    /// The path to open and watch.
    pub(crate) fn absolute(&self) -> &Path {
        &self.absolute
    }

    /// The name in diagnostics.
    pub(crate) fn name(&self) -> String {
        self.given.display().to_string()
    }

    /// The folder that list files are relative to.
    pub(crate) fn folder(&self) -> &Path {
        self.absolute.parent().unwrap_or(Path::new(""))
    }

    /// JSON if the name ends in `.json`, otherwise TOML.
    pub(crate) fn format(&self) -> Format {
        let extension = self.given.extension();
        let is_json = extension.is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        if is_json { Format::Json } else { Format::Toml }
    }
}
