//! Views: bytes in memory of the caller, and arrays of views. One of the two files with `unsafe`.

use std::ffi::c_char;
use std::fmt;
use std::slice;

use corsac::HeaderLines;

/// A borrowed byte string. It need not end in NUL and may contain any byte.
///
/// It is absent if `ptr` is `NULL`, and present but empty if `len` is 0 and `ptr` is not `NULL`. The two
/// differ: an empty `Origin` is an `Origin`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct corsac_str {
    /// The first byte.
    pub ptr: *const c_char,
    /// The length.
    pub len: usize,
}

/// The lines of one header, in their order in the request: an array of `len` views.
///
/// If `ptr` is `NULL` or `len` is 0, the request does not have the header. An absent view in the array
/// counts as an empty line.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct corsac_lines {
    /// The first line.
    pub ptr: *const corsac_str,
    /// The length.
    pub len: usize,
}

impl corsac_str {
    /// An absent view.
    pub(crate) const ABSENT: Self = Self { ptr: std::ptr::null(), len: 0 };

    pub(crate) const fn of(bytes: &[u8]) -> Self {
        Self { ptr: bytes.as_ptr().cast(), len: bytes.len() }
    }

    pub(crate) fn of_optional(text: Option<&str>) -> Self {
        text.map_or(Self::ABSENT, |text| Self::of(text.as_bytes()))
    }

    /// The bytes; `None` if they are absent. The caller of the interface promises that a present view
    /// stays readable during its call or, in a request, while the decision is used. `'v` is never longer
    /// than the call.
    pub(crate) fn bytes<'v>(&self) -> Option<&'v [u8]> {
        if self.ptr.is_null() {
            return None;
        }
        if self.len > isize::MAX as usize {
            return Some(&[]);
        }
        // SAFETY: not null, not longer than a slice can be, and readable during the call: the header's
        // paragraph on views requires this of the caller. Bytes have no alignment and no invalid
        // values. By the same promise, they are not written to meanwhile.
        Some(unsafe { slice::from_raw_parts(self.ptr.cast(), self.len) })
    }

    /// The text of a view that must be present and UTF-8.
    pub(crate) fn text<'v>(view: Option<&Self>) -> Option<&'v str> {
        std::str::from_utf8(view?.bytes()?).ok()
    }
}

impl corsac_lines {
    pub(crate) const NONE: Self = Self { ptr: std::ptr::null(), len: 0 };

    /// The array; empty if there is none.
    pub(crate) fn views<'v>(&self) -> &'v [corsac_str] {
        // The likeliest case first: most requests lack most of these headers.
        if self.len == 0
            || self.ptr.is_null()
            || !self.ptr.is_aligned()
            || self.len > isize::MAX as usize / size_of::<corsac_str>()
        {
            return &[];
        }
        // SAFETY: not null, aligned, not longer than a slice can be, and readable during the call, as
        // the header's paragraph on views requires of the caller.
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
