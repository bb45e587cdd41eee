//! Loads the policy document that a command names.

use std::io::Read;
use std::path::Path;

use corsac::document::{Format, Loaded, MAX_DOCUMENT};
use corsac::{Code, ConfigError};
use corsac_source::LoadReport;

use crate::failure::{self, Failure};

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

/// Loads a file, or `-`: a document on standard input, whose list files are relative to the current
/// directory. It is JSON if it begins with a `{`, which no TOML document does.
pub(crate) fn load(document: &Path, stdin: &mut dyn Read) -> Result<LoadReport, ConfigError> {
    if !is_stdin(document) {
        return Ok(LoadReport::file(document));
    }
    let mut text = Vec::new();
    // One byte more than there may be shows that a document is too large.
    stdin.take(MAX_DOCUMENT + 1).read_to_end(&mut text).map_err(|error| {
        let message = format!("standard input cannot be read: {}", failure::reason(&error));
        ConfigError::unavailable(STDIN, Code::DocumentUnreadable, message, "give a file instead of `-`")
    })?;
    let format = if text.trim_ascii_start().starts_with(b"{") { Format::Json } else { Format::Toml };
    Ok(LoadReport::text_in(Path::new(""), STDIN, &text, format))
}

/// Loads a document that requests can be decided by.
pub(crate) fn usable(document: &Path, stdin: &mut dyn Read) -> Result<Loaded, Failure> {
    let loaded = load(document, stdin).and_then(LoadReport::into_result);
    loaded.map_err(|error| Failure::Config { error, policy: document.to_owned() })
}

/// Standard input can be read once: `inputs` are what a command reads, and what they are called.
pub(crate) fn refuse_twice_stdin(inputs: &[(&str, &Path)]) -> Result<(), Failure> {
    let mut names = inputs.iter().filter(|(_, path)| is_stdin(path)).map(|(name, _)| name);
    match (names.next(), names.next()) {
        (Some(one), Some(other)) => {
            Err(Failure::Usage(format!("{one} and {other} cannot both be standard input; give a file for one of them")))
        }
        _ => Ok(()),
    }
}
