//! Loads the policy document that a command names.

use std::io::Read;
use std::path::Path;

use corsac::document::{Format, Loaded, MAX_DOCUMENT};
use corsac::{Code, ConfigError};

use crate::failure;

/// What a document on standard input is called in messages.
pub(crate) const STDIN: &str = "<stdin>";

/// Whether a path stands for standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// What messages call a path.
pub(crate) fn display_name(path: &Path) -> String {
    if is_stdin(path) { STDIN.to_owned() } else { path.to_string_lossy().into_owned() }
}

/// Loads a file, or `-`: a TOML document on standard input, whose list files are relative to the
/// current directory.
pub(crate) fn load(document: &Path, stdin: &mut dyn Read) -> Result<Loaded, ConfigError> {
    if !is_stdin(document) {
        return corsac_source::load_file(document);
    }
    let mut text = Vec::new();
    // One byte more than there may be shows that a document is too large.
    stdin.take(MAX_DOCUMENT + 1).read_to_end(&mut text).map_err(|error| {
        let message = format!("standard input cannot be read: {}", failure::reason(&error));
        ConfigError::unavailable(STDIN, Code::DocumentUnreadable, message, "name a file instead of `-`")
    })?;
    corsac_source::load_text_in(Path::new(""), STDIN, &text, Format::Toml)
}
