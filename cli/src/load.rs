//! Loads the policy document given to a command.

use std::io::Read;
use std::path::Path;

use corsac::document::{Format, Loaded, MAX_DOCUMENT};
use corsac::{Code, ConfigError};
use corsac_source::{LoadOptions, LoadReport};

use crate::argument::{STDIN, is_stdin};
use crate::failure::{self, Failure};

/// Loads a file, or `-`: a document on standard input, whose list files are relative to the current
/// directory. It is JSON if it begins with a `{`, which no TOML document does.
pub(crate) fn load(document: &Path, options: &LoadOptions, stdin: &mut dyn Read) -> Result<LoadReport, ConfigError> {
    if !is_stdin(document) {
        return Ok(options.report(document));
    }
    let mut text = Vec::new();
    // One byte more than the limit shows that a document is too large.
    stdin.take(MAX_DOCUMENT + 1).read_to_end(&mut text).map_err(|error| {
        let message = format!("standard input cannot be read: {}", failure::reason(&error));
        ConfigError::unavailable(STDIN, Code::DocumentUnreadable, message, "give a file instead of `-`")
    })?;
    let format = if text.trim_ascii_start().starts_with(b"{") { Format::Json } else { Format::Toml };
    Ok(options.report_text_in(Path::new(""), STDIN, &text, format))
}

/// Loads a document without errors.
pub(crate) fn usable(document: &Path, stdin: &mut dyn Read) -> Result<Loaded, Failure> {
    let loaded = load(document, &LoadOptions::new(), stdin).and_then(LoadReport::into_result);
    loaded.map_err(|error| Failure::Config { error, policy: document.to_owned() })
}

/// Rejects inputs that are both standard input, which can be read only once. `inputs` are the names
/// and paths of what a command reads.
pub(crate) fn refuse_twice_stdin(inputs: &[(&str, &Path)]) -> Result<(), Failure> {
    let mut names = inputs.iter().filter(|(_, path)| is_stdin(path)).map(|(name, _)| name);
    match (names.next(), names.next()) {
        (Some(one), Some(other)) => {
            Err(Failure::Usage(format!("{one} and {other} cannot both be standard input; give a file for one of them")))
        }
        _ => Ok(()),
    }
}
