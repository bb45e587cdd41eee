//! Diagnostics of a document.

use std::mem::MaybeUninit;

use corsac::diagnostic::shortened;
use corsac::{ConfigError, Diagnostic, Severity};

use crate::memory;
use crate::pointer;
use crate::view::corsac_str;

/// All errors, warnings and notes of one load, in document order.
#[derive(Debug)]
pub struct corsac_diagnostics {
    entries: Box<[corsac_diagnostic]>,
    text: String,
    /// What the entries point into.
    _diagnostics: Box<[Diagnostic]>,
}

/// The severity of a diagnostic.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum corsac_severity {
    /// The document is rejected.
    Error = 0,
    /// The document is accepted, but something in it is dangerous.
    Warning = 1,
    /// The document is accepted, and something in it is worth knowing.
    Note = 2,
}

/// One mistake, risk or remark about a document. New fields are only added at the end.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct corsac_diagnostic {
    /// The permanent code, such as `origin/trailing-slash`.
    pub code: corsac_str,
    /// The severity: a `corsac_severity`.
    pub severity: u32,
    /// The line, from 1; 0 if the diagnostic has no position.
    pub line: u32,
    /// The column in characters, from 1; 0 if the diagnostic has no position.
    pub column: u32,
    /// The line where what is meant ends; 0 if the diagnostic has no position.
    pub end_line: u32,
    /// The column behind its last character; 0 if the diagnostic has no position.
    pub end_column: u32,
    /// The policy that it concerns; absent if none.
    pub policy: corsac_str,
    /// The file, for a list file as named in the document; absent if the diagnostic has no
    /// file.
    pub file: corsac_str,
    /// The message.
    pub message: corsac_str,
    /// The fix; absent if there is none.
    pub help: corsac_str,
    /// The line of the document; absent if the diagnostic has no position or the line is longer than
    /// 400 bytes.
    pub excerpt: corsac_str,
    /// The part of `excerpt` that is meant, which points into it; absent like `excerpt`.
    pub marked: corsac_str,
    /// 1; in what an engine keeps, the number of further diagnostics of this code that one entry without a
    /// position stands for.
    pub count: usize,
}

impl corsac_diagnostics {
    pub(crate) fn of_error(error: &ConfigError) -> Box<Self> {
        Self::new(error.diagnostics().to_vec())
    }

    pub(crate) fn new(diagnostics: Vec<Diagnostic>) -> Box<Self> {
        // Boxed before it is pointed into, and never changed.
        let diagnostics = diagnostics.into_boxed_slice();
        let texts: Vec<_> = shortened(&diagnostics).iter().map(ToString::to_string).collect();
        let entries = diagnostics.iter().map(entry).collect();
        Box::new(Self { entries, text: texts.join("\n"), _diagnostics: diagnostics })
    }
}

fn entry(diagnostic: &Diagnostic) -> corsac_diagnostic {
    let location = diagnostic.location();
    let position = location.and_then(|location| location.position());
    let end = location.and_then(|location| location.end());
    let excerpt = location.and_then(|location| location.excerpt());
    let marked = excerpt.and_then(|excerpt| excerpt.line().get(excerpt.span()));
    corsac_diagnostic {
        code: corsac_str::of(diagnostic.code().as_str().as_bytes()),
        severity: match diagnostic.severity() {
            Severity::Error => corsac_severity::Error as u32,
            Severity::Warning => corsac_severity::Warning as u32,
            Severity::Note => corsac_severity::Note as u32,
        },
        line: position.map_or(0, |position| position.line),
        column: position.map_or(0, |position| position.column),
        end_line: end.map_or(0, |end| end.line),
        end_column: end.map_or(0, |end| end.column),
        policy: corsac_str::of_optional(diagnostic.policy()),
        file: corsac_str::of_optional(location.map(|location| location.file())),
        message: corsac_str::of(diagnostic.message().as_bytes()),
        help: corsac_str::of_optional(diagnostic.help()),
        excerpt: corsac_str::of_optional(excerpt.map(|excerpt| excerpt.line())),
        marked: corsac_str::of_optional(marked),
        count: diagnostic.count(),
    }
}

/// The number of diagnostics.
///
/// Returns: the number; 0 for `NULL`.
///
/// Memory: none.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_diagnostics_len(diagnostics: Option<&corsac_diagnostics>) -> usize {
    diagnostics.map_or(0, |diagnostics| diagnostics.entries.len())
}

/// One diagnostic.
///
/// Returns: the diagnostic; `NULL` if there is none with this index.
///
/// Memory: lives as long as `diagnostics`.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_diagnostics_get(
    diagnostics: Option<&corsac_diagnostics>,
    index: usize,
) -> Option<&corsac_diagnostic> {
    diagnostics?.entries.get(index)
}

/// The diagnostics as one text of several lines, for a log or a terminal: of each code the first ten, and
/// how many more there are.
///
/// Returns: nothing; writes a view to `*out`, absent if `diagnostics` is `NULL`.
///
/// Memory: the view lives as long as `diagnostics`.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_diagnostics_text(
    diagnostics: Option<&corsac_diagnostics>,
    out: Option<&mut MaybeUninit<corsac_str>>,
) {
    pointer::write(out, corsac_str::of_optional(diagnostics.map(|diagnostics| diagnostics.text.as_str())));
}

/// Frees diagnostics.
///
/// Returns: nothing.
///
/// Memory: frees `diagnostics`, which must not be used or freed again; `NULL` is ignored.
///
/// Thread safety: any thread, while no other thread uses `diagnostics`.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_diagnostics_free(diagnostics: Option<Box<corsac_diagnostics>>) {
    let is_large = diagnostics.as_ref().is_some_and(|diagnostics| diagnostics.entries.len() > 1000);
    drop(diagnostics);
    if is_large {
        memory::trim();
    }
}
