//! Where a document is, and what people call it.

use std::path::{self, Path, PathBuf};

use corsac::document::Format;

/// The path of a document. It goes on naming the same file when the process changes its directory.
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

    /// As it was given.
    pub(crate) fn given(&self) -> &Path {
        &self.given
    }

    /// What is opened and watched.
    pub(crate) fn absolute(&self) -> &Path {
        &self.absolute
    }

    /// What diagnostics call it.
    pub(crate) fn name(&self) -> String {
        self.given.display().to_string()
    }

    /// What its list files are relative to.
    pub(crate) fn folder(&self) -> &Path {
        self.absolute.parent().unwrap_or(Path::new(""))
    }

    /// A name that ends in `.json` is JSON, every other is TOML.
    pub(crate) fn format(&self) -> Format {
        let extension = self.given.extension();
        let is_json = extension.is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        if is_json { Format::Json } else { Format::Toml }
    }
}
