//! Reading what is there now, although somebody may be writing it.

use std::thread;
use std::time::{Duration, Instant};

use corsac::{Code, ConfigError};

use crate::access::Access;
use crate::document_path::DocumentPath;
use crate::reading::Reading;
use crate::settle::{Moment, PATIENCE};
use crate::watched_files::{Use, WatchedFiles};

/// The least time between two attempts to read files that change while they are read.
pub(crate) const PAUSE: Duration = Duration::from_millis(5);

/// Reads what is there now, as often as it changes meanwhile, for a while. `None` if it does not stop.
pub(crate) fn read_newest<T>(
    document: &DocumentPath,
    access: &Access,
    files: &mut WatchedFiles,
    mut read: impl FnMut(&mut Reading<'_>) -> T,
) -> Option<T> {
    let started = Instant::now();
    loop {
        let now = Moment::now();
        if files.find_all(&now) {
            let used = (Use::Newest, Use::Newest);
            let mut reading = Reading::of_file(document, access, files, used, now);
            if !reading.is_blocked() {
                let result = read(&mut reading);
                if !reading.is_blocked() {
                    return Some(result);
                }
            }
        }
        files.block(document.absolute(), &now);
        if started.elapsed() >= PATIENCE {
            return None;
        }
        thread::sleep(PAUSE);
    }
}

/// After [`read_newest`] found no end.
pub(crate) fn restless(path: &DocumentPath) -> ConfigError {
    let message = "the document or one of its list files is written to each time that it is read";
    let help = "write to a temporary file and rename it into place";
    ConfigError::unavailable(&path.name(), Code::DocumentUnreadable, message, help)
}
