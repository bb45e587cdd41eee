//! Arguments of the command line: `-` for standard input, paths in messages, bytes of an argument.

use std::ffi::OsStr;
use std::path::Path;

/// What messages call standard input.
pub(crate) const STDIN: &str = "<stdin>";

/// Whether a path means standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-" || path.as_os_str() == "/dev/stdin"
}

/// What messages call a path.
pub(crate) fn display_name(path: &Path) -> String {
    if is_stdin(path) { STDIN.to_owned() } else { path.to_string_lossy().into_owned() }
}

#[cfg(unix)]
pub(crate) fn bytes_of(text: &OsStr) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(text).to_vec()
}

#[cfg(not(unix))]
pub(crate) fn bytes_of(text: &OsStr) -> Vec<u8> {
    text.to_string_lossy().into_owned().into_bytes()
}
