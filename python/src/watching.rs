//! Threads that watch files, across forks and to the interpreter's end.
//!
//! A thread does not survive a fork, and a lock that it held stays locked in the child. So every thread
//! is stopped before a fork. The parent starts it again afterwards; the child does so on its first use
//! of the engine.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use corsac_source::{Poll, Source, Watch};
use pyo3::prelude::*;

use crate::log;

/// Every `Watching` that was ever started and still exists.
static ALL: Mutex<Vec<Weak<Watching>>> = Mutex::new(Vec::new());

/// The number of running loads, which have released the interpreter. Changed only while holding it.
static LOADS: AtomicUsize = AtomicUsize::new(0);

/// The number of threads about to fork. New loads wait for them; otherwise a fork could wait forever.
static FORKS: AtomicUsize = AtomicUsize::new(0);

/// The pause between two checks of these counts. They are polled because the lock of a condition
/// variable could itself be held when the process forks.
const PAUSE: Duration = Duration::from_millis(1);

/// Whether to watch an engine's files, and the thread that watches them.
#[derive(Debug)]
pub(crate) struct Watching {
    source: Arc<Source>,
    state: Mutex<State>,
    /// A thread is wanted and none runs.
    is_due: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    is_wanted: bool,
    watch: Option<Watch>,
}

impl Watching {
    pub(crate) fn new(source: Arc<Source>) -> Arc<Self> {
        Arc::new(Self { source, state: Mutex::default(), is_due: AtomicBool::new(false) })
    }

    /// Starts watching.
    pub(crate) fn start(self: &Arc<Self>) -> io::Result<()> {
        {
            let mut all = lock(&ALL);
            all.retain(|watching| watching.strong_count() > 0);
            let this = Arc::downgrade(self);
            if !all.iter().any(|other| other.ptr_eq(&this)) {
                all.push(this);
            }
        }
        let mut state = lock(&self.state);
        if state.watch.is_none() {
            let on_poll = |poll: &Poll| Python::try_attach(|py| log::polled(py, poll)).unwrap_or_default();
            state.watch = Some(self.source.watch(on_poll)?);
        }
        state.is_wanted = true;
        self.is_due.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Stops watching.
    pub(crate) fn stop(&self, py: Python<'_>) {
        let watch = {
            let mut state = lock(&self.state);
            state.is_wanted = false;
            self.is_due.store(false, Ordering::Relaxed);
            state.watch.take()
        };
        end(py, watch);
    }

    /// Starts the thread that a fork stopped. Called on every use of the engine.
    #[inline]
    pub(crate) fn catch_up(self: &Arc<Self>, py: Python<'_>) {
        if self.is_due.load(Ordering::Relaxed) {
            self.start_due(py);
        }
    }

    #[cold]
    fn start_due(self: &Arc<Self>, py: Python<'_>) {
        // Tried once. Otherwise every request would try, in a process that cannot start threads.
        self.is_due.store(false, Ordering::Relaxed);
        if let Err(error) = self.start() {
            log::not_watched(py, error);
        }
    }

    /// Takes the thread's watch; `catch_up` starts a new thread.
    fn suspend(&self) -> Option<Watch> {
        let mut state = lock(&self.state);
        self.is_due.store(state.is_wanted, Ordering::Relaxed);
        state.watch.take()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut watch = lock(&self.state).watch.take();
        if watch.is_some() && Python::try_attach(|py| end(py, watch.take())).is_none() {
            // The interpreter is ending: waiting for a thread that needs it could deadlock.
            std::mem::forget(watch);
        }
    }
}

/// Waits for the thread with the interpreter released, because the thread may need it for logging.
fn end(py: Python<'_>, watch: Option<Watch>) {
    if let Some(watch) = watch {
        py.detach(|| drop(watch));
    }
}

/// Runs `load` with the interpreter released. Forks wait until it has finished.
pub(crate) fn load<T: Send>(py: Python<'_>, load: impl FnOnce() -> T + Send) -> T {
    struct Running;
    impl Drop for Running {
        fn drop(&mut self) {
            LOADS.fetch_sub(1, Ordering::AcqRel);
        }
    }
    while FORKS.load(Ordering::Acquire) > 0 {
        py.detach(|| thread::sleep(PAUSE));
    }
    LOADS.fetch_add(1, Ordering::AcqRel);
    let _running = Running;
    py.detach(load)
}

fn all() -> Vec<Arc<Watching>> {
    lock(&ALL).iter().filter_map(Weak::upgrade).collect()
}

/// Stops every thread and waits for loads, so that no lock is held when the process forks.
#[pyfunction]
pub(crate) fn _before_fork(py: Python<'_>) {
    FORKS.fetch_add(1, Ordering::AcqRel);
    for watching in all() {
        end(py, watching.suspend());
    }
    while LOADS.load(Ordering::Acquire) > 0 {
        py.detach(|| thread::sleep(PAUSE));
    }
}

/// In the parent, starts the threads again.
#[pyfunction]
pub(crate) fn _after_fork_in_parent(py: Python<'_>) {
    FORKS.fetch_sub(1, Ordering::AcqRel);
    all().iter().for_each(|watching| watching.catch_up(py));
}

/// In the child: forgets the watches that were not stopped before the fork.
#[pyfunction]
pub(crate) fn _after_fork_in_child() {
    // Other threads that were about to fork, or were loading, do not exist here.
    FORKS.store(0, Ordering::Release);
    LOADS.store(0, Ordering::Release);
    for watching in all() {
        std::mem::forget(watching.suspend());
    }
}

/// Stops every thread when the interpreter ends, while they can still acquire it.
#[pyfunction]
pub(crate) fn _at_exit(py: Python<'_>) {
    all().iter().for_each(|watching| watching.stop(py));
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic cannot leave an inconsistent state: each change is a single step.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
