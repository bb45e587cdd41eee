//! The status of a source: the policies in use, and the last failed attempt to replace them.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use corsac::Diagnostic;
use corsac::diagnostic::{CodeCount, Location, Summary};
use serde_json::{Value, json};

use crate::digest::Digest;

/// The status of a source: the policies in use, and the last failed attempt to replace them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// The generation in use: the number of sets of policies since the process started.
    pub generation: u64,
    /// The digest of what the policies in use were loaded from: equal on every machine that uses the
    /// same policies.
    pub digest: Digest,
    /// When the policies in use were loaded.
    pub loaded_at: SystemTime,
    /// When the files were last read; for policies from memory, when they were passed in.
    pub checked_at: SystemTime,
    /// The files of the policies in use: the document, then its lists in the order in which it first
    /// names them. Empty for policies from memory.
    pub sources: Vec<PathBuf>,
    /// Why the last document was rejected; `None` after one is accepted.
    pub last_error: Option<LastError>,
    /// Since when a change has been seen that is neither in use nor rejected: a file is still being written,
    /// or a load is running. `None` if everything that was seen when the files were last looked at is.
    pub pending_since: Option<SystemTime>,
    /// Whether a thread watches the files.
    pub watched: bool,
}

/// A rejected document.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LastError {
    /// When it was rejected.
    pub at: SystemTime,
    /// The first error, and how many more there are.
    pub message: String,
    /// How often each code was found, and the first findings. [`Poll::Refused`](crate::Poll::Refused) has all.
    pub findings: Summary,
}

impl Status {
    /// One JSON object with a key for each field: times as RFC 3339 in UTC with milliseconds. `last_error`
    /// has `at`, `message`, `counts` (objects with `code`, `severity` and `count`) and the first `diagnostics`,
    /// at most ten, as `corsac check --format json` prints them. Paths that are not
    /// UTF-8 are shown with replacement characters.
    #[must_use]
    pub fn to_json(&self) -> String {
        let last_error = self.last_error.as_ref().map(|LastError { at, message, findings }| {
            let diagnostics: Vec<_> = findings.diagnostics().iter().map(diagnostic).collect();
            let counts: Vec<_> = findings.counts().iter().map(count).collect();
            json!({ "at": timestamp(*at), "message": message, "counts": counts, "diagnostics": diagnostics })
        });
        let sources: Vec<_> = self.sources.iter().map(PathBuf::as_path).map(Path::to_string_lossy).collect();
        json!({
            "generation": self.generation,
            "digest": self.digest.to_string(),
            "loaded_at": timestamp(self.loaded_at),
            "checked_at": timestamp(self.checked_at),
            "sources": sources,
            "last_error": last_error,
            "pending_since": self.pending_since.map(timestamp),
            "watched": self.watched,
        })
        .to_string()
    }
}

fn count(count: &CodeCount) -> Value {
    json!({ "code": count.code.as_str(), "severity": count.severity.as_str(), "count": count.count })
}

fn diagnostic(diagnostic: &Diagnostic) -> Value {
    let position = diagnostic.location().and_then(Location::position);
    json!({
        "code": diagnostic.code().as_str(),
        "severity": diagnostic.severity().as_str(),
        "policy": diagnostic.policy(),
        "file": diagnostic.location().map(Location::file),
        "line": position.map(|position| position.line),
        "column": position.map(|position| position.column),
        "message": diagnostic.message(),
        "help": diagnostic.help(),
    })
}

/// Limited to the years 1970 to 9999, which RFC 3339 can represent.
fn timestamp(at: SystemTime) -> String {
    const LAST: Duration = Duration::from_secs(253_402_300_799);
    let last = SystemTime::UNIX_EPOCH.checked_add(LAST).unwrap_or(SystemTime::UNIX_EPOCH);
    humantime::format_rfc3339_millis(at.clamp(SystemTime::UNIX_EPOCH, last)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_whatever_the_clock_says() {
        let at = |seconds: i64, milliseconds: u64| {
            let base = SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds);
            let distance = Duration::from_secs(seconds.unsigned_abs());
            timestamp(if seconds < 0 { base - distance } else { base + distance })
        };
        assert_eq!(at(1_700_000_000, 7), "2023-11-14T22:13:20.007Z");
        assert_eq!(at(-1, 0), "1970-01-01T00:00:00.000Z");
        assert_eq!(at(253_402_300_800, 0), "9999-12-31T23:59:59.000Z");
    }
}
