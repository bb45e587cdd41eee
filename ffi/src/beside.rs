//! Documents in memory, and the lists and environment variables that are passed beside a document.

use std::mem::MaybeUninit;
use std::ptr;

use corsac_source::LoadOptions;

use crate::diagnostics::corsac_diagnostics;
use crate::engine::{DOCUMENT, corsac_engine, format as format_of, path, reloaded, started};
use crate::guard::guarded;
use crate::pointer;
use crate::status::corsac_status;
use crate::view::{corsac_named, corsac_str};

/// Creates an engine from a document in memory. A document that names list files or environment variables
/// is rejected, because none are read; `corsac_engine_new_from_text_with` passes them.
///
/// Returns: as `corsac_engine_new_from_file`; `format` is a `corsac_format`.
///
/// Memory: as `corsac_engine_new_from_file`. The text is no longer needed once this returns.
///
/// Thread safety: any thread, concurrently. Blocks for compiling.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_new_from_text(
    text: Option<&corsac_str>,
    format: u32,
    out: Option<&mut MaybeUninit<*mut corsac_engine>>,
    error: Option<&mut MaybeUninit<*mut corsac_diagnostics>>,
) -> corsac_status {
    corsac_engine_new_from_text_with(text, format, ptr::null(), 0, ptr::null(), 0, out, error)
}

/// Creates an engine as `corsac_engine_new_from_text`, with what the document names: `lists` are its list
/// files, by the names that it writes, and `variables` the environment variables of its rows `{ env = "…" }`.
/// The engine keeps a copy of the variables for its reloads.
///
/// Returns: as `corsac_engine_new_from_text`.
///
/// Memory: as `corsac_engine_new_from_text`. `lists` and `variables` may be `NULL` if their lengths are 0, and
/// are no longer needed once this returns.
///
/// Thread safety: any thread, concurrently. Blocks for compiling.
#[must_use]
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "two arrays with their lengths")]
pub extern "C" fn corsac_engine_new_from_text_with(
    text: Option<&corsac_str>,
    format: u32,
    lists: *const corsac_named,
    lists_len: usize,
    variables: *const corsac_named,
    variables_len: usize,
    mut out: Option<&mut MaybeUninit<*mut corsac_engine>>,
    mut error: Option<&mut MaybeUninit<*mut corsac_diagnostics>>,
) -> corsac_status {
    pointer::clear(&mut out);
    pointer::clear(&mut error);
    guarded(|| {
        let document = text.and_then(corsac_str::bytes).zip(format_of(format));
        let named = corsac_named::all(lists, lists_len).zip(options(variables, variables_len));
        let (Some((bytes, format)), Some((lists, options)), Some(out)) = (document, named, out) else {
            return corsac_status::InvalidArgument;
        };
        started(options.from_text(DOCUMENT, bytes, format, &lists), out, error)
    })
}

/// Creates an engine as `corsac_engine_new_from_file` or, if `restrict_paths`, as
/// `corsac_engine_new_restricted`, with environment variables for the document's rows `{ env = "…" }`. They
/// come before those of the process, of which a document with `restrict_paths` has none. The engine keeps a
/// copy of the variables for its reloads.
///
/// Returns: as `corsac_engine_new_from_file`.
///
/// Memory: as `corsac_engine_new_from_file`. `variables` may be `NULL` if its length is 0, and is no longer
/// needed once this returns.
///
/// Thread safety: any thread, concurrently. Blocks for reading and compiling.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_new_from_file_with(
    file: Option<&corsac_str>,
    restrict_paths: bool,
    variables: *const corsac_named,
    variables_len: usize,
    mut out: Option<&mut MaybeUninit<*mut corsac_engine>>,
    mut error: Option<&mut MaybeUninit<*mut corsac_diagnostics>>,
) -> corsac_status {
    pointer::clear(&mut out);
    pointer::clear(&mut error);
    guarded(|| {
        let (Some(path), Some(options), Some(out)) = (path(file), options(variables, variables_len), out) else {
            return corsac_status::InvalidArgument;
        };
        started(options.restrict_paths(restrict_paths).open(path), out, error)
    })
}

/// `None` if a variable cannot be read.
fn options(variables: *const corsac_named, len: usize) -> Option<LoadOptions> {
    let variables = corsac_named::all(variables, len)?;
    Some(variables.into_iter().fold(LoadOptions::new(), |options, (name, value)| options.variable(name, value)))
}

/// Replaces the policies with those of a document in memory. A rejected document changes nothing.
///
/// Returns: as `corsac_engine_reload_file`; `format` is a `corsac_format`.
///
/// Memory: as `corsac_engine_reload_file`. The text is no longer needed once this returns.
///
/// Thread safety: any thread, concurrently; reloads are serialised, and readers never wait. Blocks
/// for compiling.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_reload_text(
    engine: Option<&corsac_engine>,
    text: Option<&corsac_str>,
    format: u32,
    error: Option<&mut MaybeUninit<*mut corsac_diagnostics>>,
) -> corsac_status {
    corsac_engine_reload_text_with(engine, text, format, ptr::null(), 0, error)
}

/// Replaces the policies as `corsac_engine_reload_text`, with the lists that the document names. Its
/// environment variables are those with which the engine was created.
///
/// Returns: as `corsac_engine_reload_text`.
///
/// Memory: as `corsac_engine_reload_text`. `lists` may be `NULL` if its length is 0, and is no longer needed
/// once this returns.
///
/// Thread safety: any thread, concurrently; reloads are serialised, and readers never wait. Blocks
/// for compiling.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_reload_text_with(
    engine: Option<&corsac_engine>,
    text: Option<&corsac_str>,
    format: u32,
    lists: *const corsac_named,
    lists_len: usize,
    mut error: Option<&mut MaybeUninit<*mut corsac_diagnostics>>,
) -> corsac_status {
    pointer::clear(&mut error);
    guarded(|| {
        let document = text.and_then(corsac_str::bytes).zip(format_of(format));
        let (Some(engine), Some((bytes, format)), Some(lists)) =
            (engine, document, corsac_named::all(lists, lists_len))
        else {
            return corsac_status::InvalidArgument;
        };
        reloaded(engine, engine.source.reload_text(DOCUMENT, bytes, format, &lists), error)
    })
}
