//! Which library this is.

use std::ffi::c_char;

/// The version of the interface that this header describes: the upper 16 bits change when programs
/// must be compiled again, the lower ones when something was added.
pub const CORSAC_ABI_VERSION: u32 = 0x0001_0000;

/// Whether this library can serve a program that was compiled with this header: call it once with
/// `CORSAC_ABI_VERSION`, and refuse to start where it gives false.
///
/// Returns: true for the same upper half and a lower half that the library has.
///
/// Memory: none.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_abi_is_compatible(header_version: u32) -> bool {
    header_version >> 16 == CORSAC_ABI_VERSION >> 16 && header_version <= CORSAC_ABI_VERSION
}

/// The version of the interface that the library has.
///
/// Returns: `CORSAC_ABI_VERSION` as it was when the library was made.
///
/// Memory: none.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_abi_version() -> u32 {
    CORSAC_ABI_VERSION
}

/// The release of the library, such as `"0.1.0"`.
///
/// Returns: a text that ends in NUL. Never `NULL`.
///
/// Memory: static.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}
