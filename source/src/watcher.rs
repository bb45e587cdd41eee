//! Change notifications for directories from the operating system.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::directories::{Identity, directories};

/// Creates the system's watcher with this handler of events. May fail: the number of watchers is
/// limited on some systems.
pub(crate) type Make = fn(Box<dyn FnMut(notify::Result<Event>) + Send>) -> notify::Result<RecommendedWatcher>;

/// Watches directories and wakes the watching thread. Everything here may fail; then nothing wakes the
/// thread, which therefore also polls regularly.
pub(crate) struct Watcher {
    make: Make,
    wake: SyncSender<()>,
    system: Option<RecommendedWatcher>,
    directories: BTreeMap<Identity, PathBuf>,
    /// Whether a watched directory is gone, or events were lost.
    is_stale: Arc<AtomicBool>,
}

impl Watcher {
    pub(crate) fn new(make: Make, wake: SyncSender<()>) -> Self {
        let is_stale = Arc::new(AtomicBool::new(false));
        Self { make, wake, system: None, directories: BTreeMap::new(), is_stale }
    }

    /// Watches the relevant directories of these files. Returns whether they are others than before:
    /// then something may have changed before they were watched.
    pub(crate) fn watch(&mut self, files: &[PathBuf]) -> bool {
        let directories = directories(files);
        let is_stale = self.is_stale.swap(false, Ordering::Relaxed);
        if self.system.is_some() && !is_stale && directories == self.directories {
            return false;
        }
        // All watches are made again: systems differ in how they treat a watch whose directory was
        // moved, or removed and created again, and this happens rarely.
        self.system = None;
        self.directories = directories;
        self.system = self.start();
        self.system.is_some()
    }

    fn start(&self) -> Option<RecommendedWatcher> {
        let paths: Vec<_> = self.directories.values().cloned().collect();
        let (wake, is_stale) = (self.wake.clone(), self.is_stale.clone());
        let handler = move |event: notify::Result<Event>| {
            if event.as_ref().is_ok_and(is_noise) {
                return;
            }
            if event.as_ref().map_or(true, |event| ends_watch(event, &paths)) {
                is_stale.store(true, Ordering::Relaxed);
            }
            // A full channel is fine: the thread is about to wake up.
            let _ = wake.try_send(());
        };
        let mut system = (self.make)(Box::new(handler)).ok()?;
        for directory in self.directories.values() {
            // A directory that cannot be watched is covered by the regular polls.
            let _ = system.watch(directory, RecursiveMode::NonRecursive);
        }
        Some(system)
    }
}

/// Events that change nothing, such as our own reading.
fn is_noise(event: &Event) -> bool {
    matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write))
        && !event.need_rescan()
}

fn ends_watch(event: &Event, directories: &[PathBuf]) -> bool {
    let is_gone = matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)));
    event.need_rescan() || (is_gone && event.paths.iter().any(|path| directories.contains(path)))
}
