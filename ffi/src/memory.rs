//! Memory that is given back to the system after a load.

/// Gives what the C library holds back and does not use to the system: after a load, that is several times
/// the memory of the policies. Costs some milliseconds. Nothing where the C library is another than glibc.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn trim() {
    // SAFETY: declared as glibc's malloc.h does; see malloc_trim(3).
    unsafe extern "C" {
        fn malloc_trim(pad: usize) -> core::ffi::c_int;
    }
    // SAFETY: any thread may call it at any time; it takes the allocator's own locks.
    unsafe {
        malloc_trim(0);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn trim() {}
