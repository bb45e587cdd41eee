//! Starting and stopping the thread that reloads.

use std::sync::{MutexGuard, PoisonError};

use crate::engine::corsac_engine;
use crate::guard::{self, guarded};
use crate::status::corsac_status;
use crate::thread::WatchThread;

impl corsac_engine {
    fn thread(&self) -> MutexGuard<'_, Option<WatchThread>> {
        self.thread.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts a thread that reloads the document when it or a list file changes. Rejected documents are
/// reported by `corsac_engine_status`. Threads do not survive a fork, so call this in the child. A
/// child forked while its parent was watching, or while another thread of the parent was reloading,
/// may create readers, decide, and free what it has. Loading, looking up ids or watching could
/// deadlock in such a child, because it may wait for a thread that does not exist there; to do any
/// of these, stop the watch before forking.
///
/// Returns: `CORSAC_STATUS_OK` if the thread runs, also if it ran before;
/// `CORSAC_STATUS_THREAD` if none can be started; `CORSAC_STATUS_INVALID_ARGUMENT`.
///
/// Memory: the thread ends with `corsac_engine_unwatch` or `corsac_engine_free`.
///
/// Thread safety: any thread, concurrently.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_watch(engine: Option<&corsac_engine>) -> corsac_status {
    guarded(|| {
        let Some(engine) = engine else { return corsac_status::InvalidArgument };
        let mut thread = engine.thread();
        if thread.as_ref().is_some_and(WatchThread::is_of_this_process) {
            return corsac_status::Ok;
        }
        match engine.source.watch(|_| ()) {
            Ok(watch) => {
                *thread = Some(WatchThread::new(watch));
                corsac_status::Ok
            }
            Err(_) => corsac_status::Thread,
        }
    })
}

/// Stops the thread started by `corsac_engine_watch` and waits for it to end. Does nothing if there
/// is no such thread.
///
/// Returns: nothing.
///
/// Memory: none.
///
/// Thread safety: any thread, concurrently. Blocks until a load in progress has finished.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_unwatch(engine: Option<&corsac_engine>) {
    guard::or_else((), || {
        let ended = engine.and_then(|engine| engine.thread().take());
        drop(ended);
    });
}
