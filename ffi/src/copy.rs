//! Copies of decisions, which outlive the reader's next call.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use crate::decision::corsac_decision;
use crate::guard::guarded;
use crate::pointer::{self, Buffer};
use crate::status::corsac_status;
use crate::view::corsac_header;

impl corsac_decision {
    /// The bytes of a copy: the decision, its headers, and all strings.
    fn size(&self) -> usize {
        let strings: usize = pointer::headers(self).iter().map(|header| header.name.len + header.value.len).sum();
        self.structs() + strings + self.rule.len
    }

    /// The bytes of a copy before its strings, with space for alignment.
    fn structs(&self) -> usize {
        align_of::<Self>() - 1 + size_of::<Self>() + size_of_val(pointer::headers(self))
    }

    /// `None` if the buffer has fewer bytes than [`size`](Self::size).
    fn copy(&self, mut buffer: Buffer) -> Option<*const Self> {
        let mut strings = buffer.split_off(self.structs())?;
        let headers = pointer::headers(self);
        let set = buffer.array(headers.len(), |index| {
            let header = headers.get(index)?;
            Some(corsac_header { name: strings.string(header.name)?, value: strings.string(header.value)? })
        })?;
        let rule = strings.string(self.rule)?;
        let copy = buffer.array(1, |_| Some(Self { set, rule, ..*self }))?;
        Some(copy)
    }
}

/// Copies a decision and everything it points to, for servers that send headers after the reader
/// has decided another request. Copies can be copied again.
///
/// Returns: `CORSAC_STATUS_OK`, with the copy in `*out`, which points into `buffer`;
/// `CORSAC_STATUS_BUFFER_TOO_SMALL` if `buffer_len` is less than what it wrote to `*needed`;
/// `CORSAC_STATUS_INVALID_ARGUMENT` if `decision` is `NULL`. `buffer` may be `NULL` to ask for the
/// size; 1,024 bytes are enough for most decisions. `needed` may be `NULL`.
///
/// Memory: writes to `buffer` only, which stays the caller's; the copy lives as long as it does.
///
/// Thread safety: any thread, concurrently, while no call overwrites `decision`.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_decision_copy(
    decision: Option<&corsac_decision>,
    buffer: *mut c_void,
    buffer_len: usize,
    needed: Option<&mut MaybeUninit<usize>>,
    mut out: Option<&mut MaybeUninit<*const corsac_decision>>,
) -> corsac_status {
    // Whatever happens, what an unchecked caller reads is absent.
    if let Some(out) = &mut out {
        out.write(std::ptr::null());
    }
    guarded(|| {
        let Some(decision) = decision else { return corsac_status::InvalidArgument };
        let size = decision.size();
        pointer::write(needed, size);
        match Buffer::new(buffer.cast(), buffer_len).and_then(|buffer| decision.copy(buffer)) {
            Some(copy) if pointer::write(out, copy) => corsac_status::Ok,
            Some(_) => corsac_status::InvalidArgument,
            None => corsac_status::BufferTooSmall,
        }
    })
}
