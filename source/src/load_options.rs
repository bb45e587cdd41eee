//! How to load a document that somebody else may have written.

use std::path::Path;

use corsac::ConfigError;
use corsac::document::Format;

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
#[derive(Clone, Copy, Debug, Default)]
pub struct LoadOptions {
    restrict_paths: bool,
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
        self.restrict_paths = restrict_paths;
        self
    }

    /// As [`Source::open`]. The options hold for every later load of the source, too.
    ///
    /// # Errors
    /// As [`Source::open`].
    pub fn open(self, path: impl AsRef<Path>) -> Result<Source, ConfigError> {
        Source::open_with(path.as_ref(), self.restrict_paths)
    }

    /// As [`LoadReport::file`].
    #[must_use]
    pub fn report(self, path: impl AsRef<Path>) -> LoadReport {
        LoadReport::of_file(path.as_ref(), self.restrict_paths)
    }

    /// As [`LoadReport::text_in`].
    #[must_use]
    pub fn report_text_in(self, folder: &Path, name: &str, bytes: &[u8], format: Format) -> LoadReport {
        LoadReport::of_text(folder, name, bytes, format, self.restrict_paths)
    }
}
