//! Texts that the caller owns.

use std::mem::MaybeUninit;

use crate::pointer;
use crate::view::corsac_str;

/// A UTF-8 text allocated by the library.
#[derive(Debug)]
pub struct corsac_text {
    text: Box<str>,
}

impl corsac_text {
    pub(crate) fn new(text: String) -> Box<Self> {
        Box::new(Self { text: text.into_boxed_str() })
    }
}

/// Reads a text.
///
/// Returns: nothing; writes a view to `*out`, absent if `text` is `NULL`.
///
/// Memory: the view lives as long as `text`.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_text_view(text: Option<&corsac_text>, out: Option<&mut MaybeUninit<corsac_str>>) {
    pointer::write(out, corsac_str::of_optional(text.map(|text| &*text.text)));
}

/// Frees a text.
///
/// Returns: nothing.
///
/// Memory: frees `text`, which must not be used or freed again; `NULL` is ignored.
///
/// Thread safety: any thread, while no other thread uses `text`.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_text_free(text: Option<Box<corsac_text>>) {
    drop(text);
}
