//! The library's version.

use std::ffi::c_char;

/// The version of the interface that this header describes: the upper 16 bits change when programs
/// must be recompiled, the lower 16 bits when something is added.
pub const CORSAC_ABI_VERSION: u32 = 0x0001_0000;

/// Whether this library is compatible with a program compiled with this header. Call it once with
/// `CORSAC_ABI_VERSION`, and refuse to start if it returns false.
///
/// Returns: true if the upper 16 bits are equal and the lower 16 bits are not greater than the
/// library's.
///
/// Memory: none.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_abi_is_compatible(header_version: u32) -> bool {
    header_version >> 16 == CORSAC_ABI_VERSION >> 16 && header_version <= CORSAC_ABI_VERSION
}

/// The version of the library's interface.
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
