//! Views: bytes that the caller keeps, and arrays of them. One of the two files with `unsafe`.

use std::ffi::c_char;
use std::fmt;
use std::slice;

use corsac::HeaderLines;

/// A borrowed byte string. It need not end in NUL and may contain any byte.
///
/// `ptr == NULL` is absent; any other `ptr` with `len == 0` is present and empty, which is not the
/// same: an empty `Origin` is an `Origin`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct corsac_str {
    /// The first byte.
    pub ptr: *const c_char,
    /// The length.
    pub len: usize,
}

/// The lines of one header, in the order in which they came: an array of `len` views.
///
/// `ptr == NULL` or `len == 0` is a header that the request does not have. A view in the array that
/// is absent counts as an empty line.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct corsac_lines {
    /// The first line.
    pub ptr: *const corsac_str,
    /// The length.
    pub len: usize,
}

impl corsac_str {
    /// A view of nothing.
    pub(crate) const ABSENT: Self = Self { ptr: std::ptr::null(), len: 0 };

    pub(crate) const fn of(bytes: &[u8]) -> Self {
        Self { ptr: bytes.as_ptr().cast(), len: bytes.len() }
    }

    pub(crate) fn of_optional(text: Option<&str>) -> Self {
        text.map_or(Self::ABSENT, |text| Self::of(text.as_bytes()))
    }

    /// The bytes; `None` where they are absent. The caller of the interface promises that a view
    /// that is not absent can be read for as long as its call lasts, or, in a request, for as
    /// long as the decision is used; `'v` is never longer than the call.
    pub(crate) fn bytes<'v>(&self) -> Option<&'v [u8]> {
        if self.ptr.is_null() {
            return None;
        }
        if self.len > isize::MAX as usize {
            return Some(&[]);
        }
        // SAFETY: not null, no longer than a slice can be, and readable for the call: the header's
        // chapter on views makes that the caller's part. Bytes have no alignment and no invalid
        // values, and are not written to meanwhile, by the same promise.
        Some(unsafe { slice::from_raw_parts(self.ptr.cast(), self.len) })
    }

    /// The text of a view that must be there and UTF-8.
    pub(crate) fn text<'v>(view: Option<&Self>) -> Option<&'v str> {
        std::str::from_utf8(view?.bytes()?).ok()
    }
}

impl corsac_lines {
    pub(crate) const NONE: Self = Self { ptr: std::ptr::null(), len: 0 };

    /// The array; empty where there is none.
    pub(crate) fn views<'v>(&self) -> &'v [corsac_str] {
        // Most requests have most headers not at all.
        if self.len == 0
            || self.ptr.is_null()
            || !self.ptr.is_aligned()
            || self.len > isize::MAX as usize / size_of::<corsac_str>()
        {
            return &[];
        }
        // SAFETY: not null, aligned, no longer than a slice can be, and readable for the call, as
        // the header's chapter on views makes the caller's part.
        unsafe { slice::from_raw_parts(self.ptr, self.len) }
    }
}

impl HeaderLines for corsac_lines {
    #[inline]
    fn line(&self, index: usize) -> Option<&[u8]> {
        self.views().get(index).map(|line| line.bytes().unwrap_or_default())
    }
}

impl fmt::Debug for corsac_lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("corsac_lines").field("len", &self.len).finish_non_exhaustive()
    }
}
