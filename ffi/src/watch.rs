//! The opt-in thread that reloads.

use std::mem;
use std::process;
use std::sync::{MutexGuard, PoisonError};

use corsac_source::Watch;

use crate::engine::corsac_engine;
use crate::guard::{self, guarded};
use crate::status::corsac_status;

/// A watch, and the process that has its thread.
#[derive(Debug)]
pub(crate) struct Watching {
    watch: Option<Watch>,
    process: u32,
}

impl Watching {
    fn is_here(&self) -> bool {
        self.process == process::id()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // A fork leaves the thread behind: there is nothing to stop, and nobody to wait for.
        if !self.is_here() {
            mem::forget(self.watch.take());
        }
    }
}

impl corsac_engine {
    fn watching(&self) -> MutexGuard<'_, Option<Watching>> {
        self.watching.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts a thread that reloads when the document or a list changes. Refused documents show in
/// `corsac_engine_status`. Threads do not outlive a fork: call it in the child. A child that was
/// forked while its parent's watch ran, or while another thread of the parent reloaded, may make
/// readers and decide, and free what it has; to load, to ask for ids or to watch, it could wait for
/// ever for a thread that it does not have. Who needs that ends the watch before the fork.
///
/// Returns: `CORSAC_STATUS_OK` if the thread runs, also if it ran before;
/// `CORSAC_STATUS_THREAD` if none can be started; `CORSAC_STATUS_INVALID_ARGUMENT`.
///
/// Memory: the thread ends with `corsac_engine_unwatch` or `corsac_engine_free`.
///
/// Thread safety: any thread, concurrently.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_watch(engine: Option<&corsac_engine>) -> corsac_status {
    guarded(|| {
        let Some(engine) = engine else { return corsac_status::InvalidArgument };
        let mut watching = engine.watching();
        if watching.as_ref().is_some_and(Watching::is_here) {
            return corsac_status::Ok;
        }
        match engine.source.watch(|_| ()) {
            Ok(watch) => {
                *watching = Some(Watching { watch: Some(watch), process: process::id() });
                corsac_status::Ok
            }
            Err(_) => corsac_status::Thread,
        }
    })
}

/// Ends the thread that `corsac_engine_watch` started, and waits for its end; nothing if there is
/// none.
///
/// Returns: nothing.
///
/// Memory: none.
///
/// Thread safety: any thread, concurrently. Blocks for a load that is being made.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_unwatch(engine: Option<&corsac_engine>) {
    guard::or_else((), || {
        let ended = engine.and_then(|engine| engine.watching().take());
        drop(ended);
    });
}
