//! Views: bytes in memory of the caller, and arrays of views. One of the two files with `unsafe`.

use std::cell::Cell;
use std::ffi::c_char;
use std::fmt;
use std::slice;

use corsac::{HeaderLines, Headers};

/// A borrowed byte string. It need not end in NUL and may contain any byte.
///
/// It is absent if `ptr` is `NULL`, and present but empty if `len` is 0 and `ptr` is not `NULL`. The two
/// differ: an empty `Origin` is an `Origin`. A `len` that is not 0 without a `ptr`, or that is longer than
/// memory can be, is an error wherever it is passed.
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
/// If `len` is 0, the request does not have the header. An absent view in the array counts as an empty
/// line.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct corsac_lines {
    /// The first line.
    pub ptr: *const corsac_str,
    /// The length.
    pub len: usize,
}

/// One header line: a name and a value.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct corsac_header {
    /// The name.
    pub name: corsac_str,
    /// The value.
    pub value: corsac_str,
}

/// Something that a document names, with what it holds: a list or an environment variable.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct corsac_named {
    /// The name, as the document writes it: UTF-8.
    pub name: corsac_str,
    /// The rows of the list, or the value of the variable.
    pub content: corsac_str,
}

/// Without the content, which may be a secret.
impl fmt::Debug for corsac_named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("corsac_named").field("name", &self.name).finish_non_exhaustive()
    }
}

impl corsac_named {
    /// Each name with its content; `None` if one of them cannot be read.
    pub(crate) fn all<'v>(named: *const Self, len: usize) -> Option<Vec<(&'v str, &'v [u8])>> {
        let named = array(named, len)?;
        named.iter().map(|named| Some((corsac_str::text(Some(&named.name))?, named.content.bytes()?))).collect()
    }
}

/// The array of `len` elements; empty if `len` is 0. `None` if it cannot be read.
fn array<'v, T>(ptr: *const T, len: usize) -> Option<&'v [T]> {
    // The likeliest case first: most requests lack most of the headers.
    if len == 0 {
        return Some(&[]);
    }
    if ptr.is_null() || !ptr.is_aligned() || len > isize::MAX as usize / size_of::<T>() {
        return None;
    }
    // SAFETY: not null, aligned, not longer than a slice can be, and readable during the call, as the
    // header's paragraph on views requires of the caller. `T` is one of the structs here, which have
    // integers and pointers alone.
    Some(unsafe { slice::from_raw_parts(ptr, len) })
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

    /// The bytes; `None` if they are absent or cannot be read. The caller of the interface promises that a present view
    /// stays readable during its call or, in a request, while the decision is used. `'v` is never longer
    /// than the call.
    pub(crate) fn bytes<'v>(&self) -> Option<&'v [u8]> {
        if self.ptr.is_null() || self.len > isize::MAX as usize {
            return None;
        }
        // SAFETY: not null, not longer than a slice can be, and readable during the call: the header's
        // paragraph on views requires this of the caller. Bytes have no alignment and no invalid
        // values. By the same promise, they are not written to meanwhile.
        Some(unsafe { slice::from_raw_parts(self.ptr.cast(), self.len) })
    }

    /// The bytes of a line, where an absent view is an empty one; `None` if they cannot be read.
    #[inline]
    pub(crate) fn line<'v>(&self) -> Option<&'v [u8]> {
        if self.ptr.is_null() && self.len == 0 { Some(&[]) } else { self.bytes() }
    }

    /// The text of a view that must be present and UTF-8.
    pub(crate) fn text<'v>(view: Option<&Self>) -> Option<&'v str> {
        std::str::from_utf8(view?.bytes()?).ok()
    }
}

impl corsac_lines {
    pub(crate) const NONE: Self = Self { ptr: std::ptr::null(), len: 0 };

    /// The array; `None` if it cannot be read.
    #[inline]
    pub(crate) fn views<'v>(&self) -> Option<&'v [corsac_str]> {
        array(self.ptr, self.len)
    }

    /// Whether the array and every line of it can be read.
    #[inline]
    pub(crate) fn is_readable(&self) -> bool {
        self.views().is_some_and(|lines| lines.iter().all(|line| line.line().is_some()))
    }
}

/// Of lines that can be read.
impl HeaderLines for corsac_lines {
    #[inline]
    fn line(&self, index: usize) -> Option<&[u8]> {
        self.views()?.get(index)?.line()
    }
}

impl corsac_header {
    pub(crate) const ABSENT: Self = Self { name: corsac_str::ABSENT, value: corsac_str::ABSENT };

    /// The name and the value; `None` if one of them cannot be read.
    #[inline]
    pub(crate) fn read<'v>(&self) -> Option<(&'v [u8], &'v [u8])> {
        self.name.line().zip(self.value.line())
    }
}

/// The array of header lines; `None` if it cannot be read.
#[inline]
pub(crate) fn headers<'v>(headers: *const corsac_header, len: usize) -> Option<&'v [corsac_header]> {
    array(headers, len)
}

/// All header lines of a message, read one by one up to the first that cannot be read.
#[derive(Debug)]
pub(crate) struct HeaderArray<'v> {
    headers: &'v [corsac_header],
    is_readable: Cell<bool>,
}

impl<'v> HeaderArray<'v> {
    /// `None` if the array cannot be read.
    #[inline]
    pub(crate) fn new(headers: *const corsac_header, len: usize) -> Option<Self> {
        Some(Self { headers: self::headers(headers, len)?, is_readable: Cell::new(true) })
    }

    /// Whether every line that was asked for could be read.
    pub(crate) fn is_readable(&self) -> bool {
        self.is_readable.get()
    }
}

impl Headers for HeaderArray<'_> {
    #[inline]
    fn header(&self, index: usize) -> Option<(&[u8], &[u8])> {
        let line = self.headers.get(index)?.read();
        if line.is_none() {
            self.is_readable.set(false);
        }
        line
    }
}

impl fmt::Debug for corsac_lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("corsac_lines").field("len", &self.len).finish_non_exhaustive()
    }
}
