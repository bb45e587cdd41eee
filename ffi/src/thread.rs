//! The thread that reloads an engine's document.

use std::mem;
use std::process;

use corsac_source::Watch;

/// A watch, and the process in which its thread runs.
#[derive(Debug)]
pub(crate) struct WatchThread {
    watch: Option<Watch>,
    process: u32,
}

impl WatchThread {
    /// `watch` was started by this process.
    pub(crate) fn new(watch: Watch) -> Self {
        Self { watch: Some(watch), process: process::id() }
    }

    pub(crate) fn is_of_this_process(&self) -> bool {
        self.process == process::id()
    }
}

impl Drop for WatchThread {
    fn drop(&mut self) {
        // A forked child does not have the thread: there is nothing to stop or to wait for.
        if !self.is_of_this_process() {
            mem::forget(self.watch.take());
        }
    }
}
