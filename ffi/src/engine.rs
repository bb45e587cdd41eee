//! Engines, and loading their policies.

use std::fmt;
use std::mem::MaybeUninit;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use corsac::{ConfigError, Diagnostic, Engine};
use corsac_source::{Format, LoadOptions, Poll, Source};

use crate::diagnostics::corsac_diagnostics;
use crate::guard::{self, guarded};
use crate::memory;
use crate::pointer;
use crate::status::corsac_status;
use crate::text::corsac_text;
use crate::thread::WatchThread;
use crate::thread_readers::ThreadReaders;
use crate::view::corsac_str;

/// The current policies and their source. They can be replaced while requests are being decided.
pub struct corsac_engine {
    pub(crate) source: Arc<Source>,
    pub(crate) thread: Mutex<Option<WatchThread>>,
    pub(crate) readers: Arc<ThreadReaders>,
}

impl corsac_engine {
    fn new(source: Source) -> Box<Self> {
        source.set_trim(memory::trim);
        // What the first load has used and does not need any more.
        memory::trim();
        Box::new(Self { source: Arc::new(source), thread: Mutex::new(None), readers: Arc::default() })
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.source.engine()
    }
}

impl fmt::Debug for corsac_engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("corsac_engine").field("engine", self.engine()).finish_non_exhaustive()
    }
}

/// How a document in memory is written.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum corsac_format {
    /// TOML.
    Toml = 0,
    /// JSON of the same shape.
    Json = 1,
}

/// The result of checking the sources for changes.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum corsac_poll {
    /// The sources have not changed.
    Unchanged = 0,
    /// A source changed a moment ago and may still be being written; poll again later.
    Unsettled = 1,
    /// New policies are in use.
    Reloaded = 2,
    /// The sources changed and were rejected; the previous policies stay in use.
    Refused = 3,
}

fn reject(error: &ConfigError, diagnostics: Option<&mut MaybeUninit<*mut corsac_diagnostics>>) -> corsac_status {
    pointer::write_handle(diagnostics, corsac_diagnostics::of_error(error));
    corsac_status::Config
}

pub(crate) fn format(number: u32) -> Option<Format> {
    match number {
        0 => Some(Format::Toml),
        1 => Some(Format::Json),
        _ => None,
    }
}

/// A view as a path. It must be UTF-8, like the paths of list files in documents.
pub(crate) fn path(view: Option<&corsac_str>) -> Option<PathBuf> {
    corsac_str::text(view).map(PathBuf::from)
}

/// Creates an engine from a document and the list files that it names. A file whose name ends in
/// `.json` is JSON, any other is TOML. Starts no thread. The process may fork afterwards; parent and
/// child then have separate engines.
///
/// Returns: `CORSAC_STATUS_OK`, with the engine in `*out`; `CORSAC_STATUS_CONFIG`, with the reasons
/// in `*error`, if the document is rejected or cannot be read; `CORSAC_STATUS_INVALID_ARGUMENT`.
///
/// Memory: free the engine with `corsac_engine_free`, and `*error`, which is written only with
/// `CORSAC_STATUS_CONFIG`, with `corsac_diagnostics_free`. `error` may be `NULL`.
///
/// Thread safety: any thread, concurrently. Blocks for reading and compiling.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_new_from_file(
    file: Option<&corsac_str>,
    mut out: Option<&mut MaybeUninit<*mut corsac_engine>>,
    mut error: Option<&mut MaybeUninit<*mut corsac_diagnostics>>,
) -> corsac_status {
    pointer::clear(&mut out);
    pointer::clear(&mut error);
    guarded(|| {
        let (Some(path), Some(out)) = (path(file), out) else { return corsac_status::InvalidArgument };
        started(Source::open(path), out, error)
    })
}

/// Creates an engine as `corsac_engine_new_from_file`, from a document that somebody else may have written:
/// every list file must be in the document's folder or below, after symbolic links are resolved. Otherwise
/// it is the error `list/outside-folder`, and is not read. This holds for every reload of the engine, too.
///
/// Returns: as `corsac_engine_new_from_file`.
///
/// Memory: as `corsac_engine_new_from_file`.
///
/// Thread safety: any thread, concurrently. Blocks for reading and compiling.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_new_restricted(
    file: Option<&corsac_str>,
    mut out: Option<&mut MaybeUninit<*mut corsac_engine>>,
    mut error: Option<&mut MaybeUninit<*mut corsac_diagnostics>>,
) -> corsac_status {
    pointer::clear(&mut out);
    pointer::clear(&mut error);
    guarded(|| {
        let (Some(path), Some(out)) = (path(file), out) else { return corsac_status::InvalidArgument };
        started(LoadOptions::new().restrict_paths(true).open(path), out, error)
    })
}

/// The name of a document in memory, in diagnostics.
pub(crate) const DOCUMENT: &str = "document";

pub(crate) fn started(
    source: Result<Source, ConfigError>,
    out: &mut MaybeUninit<*mut corsac_engine>,
    error: Option<&mut MaybeUninit<*mut corsac_diagnostics>>,
) -> corsac_status {
    match source {
        Ok(source) => {
            pointer::write_handle(Some(out), corsac_engine::new(source));
            corsac_status::Ok
        }
        Err(rejected) => reject(&rejected, error),
    }
}

/// Loads another file or, if `file` is `NULL`, reloads the same file. A rejected document changes
/// nothing.
///
/// Returns: `CORSAC_STATUS_OK` if the sources' policies are now in use; `CORSAC_STATUS_CONFIG`,
/// with the reasons in `*error`, if the document was rejected; `CORSAC_STATUS_INVALID_ARGUMENT`.
///
/// Memory: free `*error`, which is written only with `CORSAC_STATUS_CONFIG`, with
/// `corsac_diagnostics_free`. `error` may be `NULL`.
///
/// Thread safety: any thread, concurrently; reloads are serialised, and readers never wait. Blocks
/// for reading and compiling.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_reload_file(
    engine: Option<&corsac_engine>,
    file: Option<&corsac_str>,
    mut error: Option<&mut MaybeUninit<*mut corsac_diagnostics>>,
) -> corsac_status {
    pointer::clear(&mut error);
    guarded(|| {
        let Some(engine) = engine else { return corsac_status::InvalidArgument };
        if file.is_none() {
            return reloaded(engine, engine.source.reload(), error);
        }
        match path(file) {
            Some(path) => reloaded(engine, engine.source.reload_file(path), error),
            None => corsac_status::InvalidArgument,
        }
    })
}

/// Reports a reload, and frees what it replaced.
pub(crate) fn reloaded(
    engine: &corsac_engine,
    poll: Poll,
    error: Option<&mut MaybeUninit<*mut corsac_diagnostics>>,
) -> corsac_status {
    let status = match &poll {
        Poll::Refused(rejected) => reject(rejected, error),
        _ => corsac_status::Ok,
    };
    if matches!(poll, Poll::Reloaded(_) | Poll::Refused(_)) {
        // It holds the replaced policies.
        drop(poll);
        engine.source.sweep();
    }
    status
}

/// Whether the document or one of its lists may have changed since the last check. Only reads file
/// times and sizes, so an event loop can call it from a timer.
///
/// Returns: true if a `corsac_engine_poll` has something to do, which includes reading a file once more
/// that was read soon after it was written: once, 0.1 s later, or 2 s where the file system has a coarse
/// clock; false without a file.
///
/// Memory: none.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_changed(engine: Option<&corsac_engine>) -> bool {
    guard::or_else(false, || engine.is_some_and(|engine| engine.source.changed()))
}

/// Reloads the document and its lists if they changed and are no longer being written, and frees
/// replaced policies that no reader uses. A rejected document changes nothing and is tried again
/// after its next change.
///
/// Returns: `CORSAC_STATUS_OK`, with a `corsac_poll` in `*out`; `CORSAC_STATUS_CONFIG`, with
/// `CORSAC_POLL_REFUSED` in `*out` and the reasons in `*error`; `CORSAC_STATUS_INVALID_ARGUMENT`.
/// `out` may be `NULL`.
///
/// Memory: as `corsac_engine_reload_file`.
///
/// Thread safety: any thread, concurrently; reloads are serialised, and readers never wait. Blocks
/// for as long as reading and compiling takes if something changed: an event loop with large lists
/// calls it from a thread.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_poll(
    engine: Option<&corsac_engine>,
    out: Option<&mut MaybeUninit<corsac_poll>>,
    mut error: Option<&mut MaybeUninit<*mut corsac_diagnostics>>,
) -> corsac_status {
    pointer::clear(&mut error);
    guarded(|| {
        let Some(engine) = engine else { return corsac_status::InvalidArgument };
        let poll = engine.source.poll();
        let outcome = match &poll {
            Poll::Unsettled => corsac_poll::Unsettled,
            Poll::Reloaded(_) => corsac_poll::Reloaded,
            Poll::Refused(_) => corsac_poll::Refused,
            _ => corsac_poll::Unchanged,
        };
        pointer::write(out, outcome);
        reloaded(engine, poll, error)
    })
}

/// The generation of the current policies: 1 at first, incremented by each reload.
///
/// Returns: the generation; 0 for `NULL`.
///
/// Memory: none.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_generation(engine: Option<&corsac_engine>) -> u64 {
    guard::or_else(0, || engine.map_or(0, |engine| engine.engine().generation()))
}

/// The warnings and notes of the current document.
///
/// Returns: `CORSAC_STATUS_OK`, with the diagnostics, perhaps none, in `*out`;
/// `CORSAC_STATUS_INVALID_ARGUMENT` if a pointer is `NULL`.
///
/// Memory: free the diagnostics with `corsac_diagnostics_free`.
///
/// Thread safety: any thread, concurrently.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_warnings(
    engine: Option<&corsac_engine>,
    mut out: Option<&mut MaybeUninit<*mut corsac_diagnostics>>,
) -> corsac_status {
    pointer::clear(&mut out);
    guarded(|| {
        let (Some(engine), Some(out)) = (engine, out) else { return corsac_status::InvalidArgument };
        let diagnostics: Vec<Diagnostic> = engine.source.diagnostics();
        pointer::write_handle(Some(out), corsac_diagnostics::new(diagnostics));
        corsac_status::Ok
    })
}

/// The engine's status, as one line of JSON: the generation, the digest of the sources, when they
/// were loaded, the last error and its time, and whether the sources are watched.
///
/// Returns: `CORSAC_STATUS_OK`, with the text in `*out`; `CORSAC_STATUS_INVALID_ARGUMENT` if a
/// pointer is `NULL`.
///
/// Memory: free the text with `corsac_text_free`.
///
/// Thread safety: any thread, concurrently.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_status(
    engine: Option<&corsac_engine>,
    mut out: Option<&mut MaybeUninit<*mut corsac_text>>,
) -> corsac_status {
    pointer::clear(&mut out);
    guarded(|| {
        let (Some(engine), Some(out)) = (engine, out) else { return corsac_status::InvalidArgument };
        pointer::write_handle(Some(out), corsac_text::new(engine.source.status().to_json()));
        corsac_status::Ok
    })
}

/// Frees an engine, after its watch thread has ended, and the readers of `corsac_engine_decide`. Readers that were made by
/// `corsac_reader_new` keep working with their current policies.
///
/// Returns: nothing.
///
/// Memory: frees `engine`, which must not be used or freed again; `NULL` is ignored.
///
/// Thread safety: any thread, while no other thread uses `engine`.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_free(engine: Option<Box<corsac_engine>>) {
    guard::or_else((), || drop(engine));
}
