//! How to load a document that somebody else may have written.

use std::path::Path;

use corsac::ConfigError;
use corsac::document::{Document, Format};

use crate::access::Access;
use crate::load::LoadReport;
use crate::source::Source;

/// How to load a document.
///
/// ```
/// # let folder = std::env::temp_dir().join(format!("corsac-load-options-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("policy.toml");
/// # std::fs::write(&path, "version = 1\n[policy.p]\nallow_origins = [{ file = \"/etc/passwd\" }]\n")?;
/// use corsac_source::LoadOptions;
///
/// let error = LoadOptions::new().restrict_paths(true).open(&path).unwrap_err();
/// assert_eq!(error.diagnostics()[0].code().as_str(), "list/outside-folder");
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    access: Access,
}

impl LoadOptions {
    /// Those that [`Source::open`] and [`LoadReport::file`] use.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether every list file must be below the document's folder, after symbolic links are resolved:
    /// otherwise it is the error `list/outside-folder`, and not read. Absolute paths and `..` are refused. For
    /// documents written by people who may not read every file of this machine: findings quote rows.
    #[must_use]
    pub fn restrict_paths(mut self, restrict_paths: bool) -> Self {
        self.access.is_restricted = restrict_paths;
        self
    }

    /// Passes an environment variable for rows `{ env = "…" }`, which comes before one of the process. Documents
    /// in memory, and those whose paths are restricted, have only the variables that are passed so.
    ///
    /// ```
    /// use corsac_source::{Format, LoadOptions};
    ///
    /// let text = b"version = 1\n[policy.p]\nallow_origins = [{ env = \"ORIGINS\" }]\n";
    /// let options = LoadOptions::new().variable("ORIGINS", "https://a.example, https://b.example");
    /// let source = options.from_text("policy.toml", text, Format::Toml, &[])?;
    /// assert_eq!(source.engine().policies().iter().count(), 1);
    /// # Ok::<(), corsac::ConfigError>(())
    /// ```
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.access.variables.give(name.into(), value.into());
        self
    }

    /// As [`Source::from_text`]. The options hold for every later load of the source, too.
    ///
    /// # Errors
    /// As [`Source::from_text`].
    pub fn from_text(
        &self,
        name: &str,
        bytes: &[u8],
        format: Format,
        lists: &[(&str, &[u8])],
    ) -> Result<Source, ConfigError> {
        Source::of_text(&Document { name, bytes, format }, lists, &self.access)
    }

    /// As [`Source::open`]. The options hold for every later load of the source, too.
    ///
    /// # Errors
    /// As [`Source::open`].
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Source, ConfigError> {
        Source::open_with(path.as_ref(), &self.access)
    }

    /// As [`LoadReport::file`].
    #[must_use]
    pub fn report(&self, path: impl AsRef<Path>) -> LoadReport {
        LoadReport::of_file(path.as_ref(), &self.access)
    }

    /// As [`LoadReport::text_in`].
    #[must_use]
    pub fn report_text_in(&self, folder: &Path, name: &str, bytes: &[u8], format: Format) -> LoadReport {
        let text = Document { name, bytes, format };
        LoadReport::of_text(folder, &text, &self.access)
    }
}
