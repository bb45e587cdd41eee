//! Giving freed memory back to the system.

/// Gives free memory back, after a load or after replaced policies were freed.
///
/// A load makes many small blocks on one thread, and they are freed on another or between blocks that
/// stay. glibc keeps such memory for later, so each worker of a server would go on holding what its
/// largest load needed.
pub(crate) fn trim() {
    system::trim();
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod system {
    use std::ffi::c_int;

    unsafe extern "C" {
        fn malloc_trim(keep: usize) -> c_int;
    }

    pub(super) fn trim() {
        // SAFETY: any thread may call it at any time, with any number; it touches free memory only.
        unsafe { malloc_trim(0) };
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
mod system {
    /// Other allocators give memory back on their own.
    pub(super) const fn trim() {}
}
