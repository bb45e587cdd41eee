//! Memory that the caller gives, read and written as a whole. One of the two files with `unsafe`.

use std::mem::{MaybeUninit, align_of, offset_of};
use std::ptr;
use std::slice;

use crate::decision::{corsac_decision, corsac_header};
use crate::request::corsac_request;
use crate::view::corsac_str;

/// Puts a result into the place that the caller gave; false where there is none.
pub(crate) fn write<T>(place: Option<&mut MaybeUninit<T>>, value: T) -> bool {
    match place {
        Some(place) => {
            place.write(value);
            true
        }
        None => false,
    }
}

/// The same for a handle, which C then owns. Without a place the handle is freed.
pub(crate) fn write_handle<T>(place: Option<&mut MaybeUninit<*mut T>>, handle: Box<T>) {
    if let Some(place) = place {
        place.write(Box::into_raw(handle));
    }
}

/// A request where its caller keeps it; of an older caller, whose struct is shorter, a copy of what it
/// has, which is put into `room`, with the rest absent. `None` for a request that is missing, or
/// whose `struct_size` does not reach beyond itself.
#[inline]
pub(crate) fn read_request(
    request: *const corsac_request,
    room: &mut Option<corsac_request>,
) -> Option<&corsac_request> {
    if request.is_null() || !request.is_aligned() {
        return None;
    }
    // SAFETY: not null and aligned, and a request begins with `struct_size`, which a caller of any
    // age has set. No reference to a whole `corsac_request` is made: the caller's may be shorter.
    let struct_size = unsafe { ptr::addr_of!((*request).struct_size).read() };
    if struct_size >= size_of::<corsac_request>() {
        // SAFETY: not null, aligned, and the caller has all bytes of it there. Every field is an
        // integer or a pointer, for which all bytes are valid. The reference does not outlive the
        // call, as `room` does not, and nobody writes to a request while a call reads it: the caller
        // promises that of all that it hands over.
        return Some(unsafe { &*request });
    }
    copy_request(request, struct_size).map(|copy| &*room.insert(copy))
}

#[cold]
fn copy_request(request: *const corsac_request, struct_size: usize) -> Option<corsac_request> {
    if struct_size < offset_of!(corsac_request, origin) {
        return None;
    }
    let mut copy = corsac_request::ABSENT;
    // SAFETY: `request` is not null, and the caller has `struct_size` bytes there, which are fewer
    // than `copy` holds, as `read_request` saw to; the two do not overlap, as `copy` is new. All bytes
    // are valid, as above; a field that is cut in two by an odd `struct_size` is a pointer and a
    // length of which one is still absent or zero: a view of nothing, or of a pointer's worth of
    // nothing.
    unsafe { ptr::copy_nonoverlapping(request.cast::<u8>(), ptr::from_mut(&mut copy).cast::<u8>(), struct_size) };
    // A pointer itself could be cut only at a size that is no multiple of its own.
    struct_size.is_multiple_of(align_of::<corsac_request>()).then_some(copy)
}

/// Memory of the caller's that is filled from its start.
pub(crate) struct Buffer {
    next: *mut u8,
    left: usize,
}

impl Buffer {
    /// `None` where the memory is missing.
    pub(crate) fn new(start: *mut u8, len: usize) -> Option<Self> {
        (!start.is_null() && len <= isize::MAX as usize).then_some(Self { next: start, left: len })
    }

    /// Keeps the first `at` bytes and gives the others.
    pub(crate) fn split_off(&mut self, at: usize) -> Option<Self> {
        let rest = self.left.checked_sub(at)?;
        self.left = at;
        Some(Self { next: self.next.wrapping_add(at), left: rest })
    }

    /// `count` values, one behind the other, at the first place that is aligned for them. `None`
    /// where there is not enough room, or one of the values.
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
            // SAFETY: aligned, and within the bytes that the caller says it may write to: `size`
            // of them were left.
            unsafe { start.wrapping_add(index).write(value) };
        }
        *self = Self { next: self.next.wrapping_add(size), left };
        Some(start)
    }

    /// A copy of what a view shows.
    pub(crate) fn text(&mut self, view: corsac_str) -> Option<corsac_str> {
        let Some(bytes) = view.bytes() else { return Some(corsac_str::ABSENT) };
        let (start, left) = (self.next, self.left.checked_sub(bytes.len())?);
        // SAFETY: within the bytes that the caller says it may write to: as many were left. They may be
        // those that are read, if a copy is copied onto itself.
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

/// A decision that nobody fills: for calls that have no reader to keep one.
pub(crate) struct Constant(pub(crate) corsac_decision);

// SAFETY: a decision is a struct of integers and pointers. The constant's point at nothing, and it
// is never written.
unsafe impl Sync for Constant {}

// SAFETY: the pointers in a reader's decision are for the caller; a reader that is sent to another
// thread takes nothing with it that belongs to the first one.
unsafe impl Send for corsac_decision {}
