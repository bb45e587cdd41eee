//! Reading and writing memory of the caller. One of the two files with `unsafe`.

use std::mem::{MaybeUninit, align_of, offset_of};
use std::ptr;
use std::slice;

use crate::decision::corsac_decision;
use crate::request::corsac_request;
use crate::view::{corsac_header, corsac_str};

/// Writes a result to an output parameter; false if it is `NULL`.
pub(crate) fn write<T>(out: Option<&mut MaybeUninit<T>>, value: T) -> bool {
    match out {
        Some(out) => {
            out.write(value);
            true
        }
        None => false,
    }
}

/// The same for a handle, which C then owns. If the parameter is `NULL`, the handle is freed.
pub(crate) fn write_handle<T>(out: Option<&mut MaybeUninit<*mut T>>, handle: Box<T>) {
    if let Some(out) = out {
        out.write(Box::into_raw(handle));
    }
}

/// Writes `NULL` before a call that may fail: a caller that ignores the status gets no wild pointer.
pub(crate) fn clear<T>(out: &mut Option<&mut MaybeUninit<*mut T>>) {
    if let Some(out) = out {
        out.write(ptr::null_mut());
    }
}

/// The largest struct that a program of a later release can have.
const LARGEST_REQUEST: usize = 4096;

/// The caller's request. The struct of an older caller is shorter: it is copied to `room`, with the
/// missing fields absent. `None` if the request is `NULL`, or if its `struct_size` is that of no release:
/// a header would be cut off, and the request would look like one without it.
#[inline]
pub(crate) fn read_request(
    request: *const corsac_request,
    room: &mut Option<corsac_request>,
) -> Option<&corsac_request> {
    if request.is_null() || !request.is_aligned() {
        return None;
    }
    // SAFETY: not null and aligned, and a request begins with `struct_size`, which callers of every
    // release set. No reference to a whole `corsac_request` is made: the caller's may be shorter.
    let struct_size = unsafe { ptr::addr_of!((*request).struct_size).read() };
    if struct_size < size_of::<corsac_request>() {
        return copy_request(request, struct_size).map(|copy| &*room.insert(copy));
    }
    if struct_size > size_of::<corsac_request>() && !is_zero_behind(request, struct_size) {
        return None;
    }
    // SAFETY: not null, aligned, and the caller provides all bytes of it. Every field is an integer or a
    // pointer, for which all bytes are valid. Like `room`, the reference does not outlive the call, and
    // the caller promises that no thread writes to a request during a call.
    Some(unsafe { &*request })
}

#[cold]
fn copy_request(request: *const corsac_request, struct_size: usize) -> Option<corsac_request> {
    // The struct had these fields alone at first.
    if struct_size != offset_of!(corsac_request, headers) {
        return None;
    }
    let mut copy = corsac_request::ABSENT;
    // SAFETY: `request` is not null, and the caller provides `struct_size` bytes, which are fewer than
    // `copy` has. The two do not overlap, because `copy` is new. All bytes are valid, as above.
    unsafe { ptr::copy_nonoverlapping(request.cast::<u8>(), ptr::from_mut(&mut copy).cast::<u8>(), struct_size) };
    Some(copy)
}

/// Whether the fields of a later release are absent, which means that nothing is lost by not knowing them.
#[cold]
fn is_zero_behind(request: *const corsac_request, struct_size: usize) -> bool {
    if struct_size > LARGEST_REQUEST {
        return false;
    }
    let known = size_of::<corsac_request>();
    // SAFETY: `request` is not null, and the caller provides `struct_size` bytes, which are more than
    // `known`. Bytes have no alignment and no invalid values.
    let unknown = unsafe { slice::from_raw_parts(request.cast::<u8>().add(known), struct_size - known) };
    unknown.iter().all(|&byte| byte == 0)
}

/// Flags of the caller, to be written. `None` if there is no memory for `len` of them.
pub(crate) fn flags<'f>(flags: *mut bool, len: usize) -> Option<&'f mut [MaybeUninit<bool>]> {
    if len == 0 {
        return Some(&mut []);
    }
    if flags.is_null() || len > isize::MAX as usize / size_of::<corsac_header>() {
        return None;
    }
    // SAFETY: not null, and the caller provides memory for `len` flags, one for each header line of an
    // array that memory can hold, and reads and writes none of it during the call. A flag is a byte, which
    // has no alignment, and it may be uninitialised.
    Some(unsafe { slice::from_raw_parts_mut(flags.cast(), len) })
}

/// Memory of the caller, filled from its start.
pub(crate) struct Buffer {
    next: *mut u8,
    left: usize,
}

impl Buffer {
    /// `None` if `start` is `NULL` or the memory is larger than any can be.
    pub(crate) fn new(start: *mut u8, len: usize) -> Option<Self> {
        (!start.is_null() && len <= isize::MAX as usize).then_some(Self { next: start, left: len })
    }

    /// Keeps the first `at` bytes and returns the others.
    pub(crate) fn split_off(&mut self, at: usize) -> Option<Self> {
        let rest = self.left.checked_sub(at)?;
        self.left = at;
        Some(Self { next: self.next.wrapping_add(at), left: rest })
    }

    /// Writes `count` values, one after the other, from the first aligned address. `None` if there is
    /// not enough memory, or if `value` returns `None`.
    pub(crate) fn array<T: Copy>(
        &mut self,
        count: usize,
        mut value: impl FnMut(usize) -> Option<T>,
    ) -> Option<*const T> {
        let start: *mut T = self.next.wrapping_add(self.next.align_offset(align_of::<T>())).cast();
        let size = (start.addr() - self.next.addr()).checked_add(count.checked_mul(size_of::<T>())?)?;
        let left = self.left.checked_sub(size)?;
        for index in 0..count {
            let value = value(index)?;
            // SAFETY: aligned, and within the bytes that the caller allows to be written: at least
            // `size` of them were left.
            unsafe { start.wrapping_add(index).write(value) };
        }
        *self = Self { next: self.next.wrapping_add(size), left };
        Some(start)
    }

    /// A copy of a view's bytes.
    pub(crate) fn string(&mut self, view: corsac_str) -> Option<corsac_str> {
        let Some(bytes) = view.bytes() else { return Some(corsac_str::ABSENT) };
        let (start, left) = (self.next, self.left.checked_sub(bytes.len())?);
        // SAFETY: within the bytes that the caller allows to be written: as many were left. `copy`
        // allows an overlap, because a copy may be copied onto itself.
        unsafe { ptr::copy(bytes.as_ptr(), start, bytes.len()) };
        *self = Self { next: start.wrapping_add(bytes.len()), left };
        Some(corsac_str { ptr: start.cast(), len: bytes.len() })
    }
}

/// The headers of a decision.
pub(crate) fn headers(decision: &corsac_decision) -> &[corsac_header] {
    if decision.set.is_null() {
        return &[];
    }
    // SAFETY: a decision comes from `corsac_decide` or `corsac_decision_copy`, which point `set` at
    // `set_len` headers that live as long as the decision; the caller promises that it still does.
    unsafe { slice::from_raw_parts(decision.set, decision.set_len) }
}

/// A decision that is never overwritten, for calls without a reader.
pub(crate) struct Constant(pub(crate) corsac_decision);

// SAFETY: a decision is a struct of integers and pointers. Those of the constant are null, and it
// is never written.
unsafe impl Sync for Constant {}

// SAFETY: only the caller reads through the pointers of a reader's decision. A reader that moves to
// another thread takes along nothing that belongs to the first one.
unsafe impl Send for corsac_decision {}

// SAFETY: as above, for the headers that a reader's decision points to.
unsafe impl Send for corsac_header {}
