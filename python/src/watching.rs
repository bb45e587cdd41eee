//! Threads that watch files, across forks and to the interpreter's end.
//!
//! A thread does not survive a fork, and a lock that it held is held for ever in the child. So every
//! thread is ended before a fork; the parent has it again afterwards, and the child from its first
//! use of the engine on.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use corsac_source::{Poll, Source, Watch};
use pyo3::prelude::*;

use crate::log;

/// Every one that was ever asked to watch, and is still there.
static ALL: Mutex<Vec<Weak<Watching>>> = Mutex::new(Vec::new());

/// How many loads are under way that let go of the interpreter. Changed only with it.
static LOADS: AtomicUsize = AtomicUsize::new(0);

/// How many threads are about to fork, for whom new loads wait: or there would always be one.
static FORKS: AtomicUsize = AtomicUsize::new(0);

/// Between two looks at these counts. Nobody is told of them, for a lock to be told by could be the
/// very one that is held when the process forks.
const PAUSE: Duration = Duration::from_millis(1);

/// Whether an engine's files are to be watched, and the thread that does.
#[derive(Debug)]
pub(crate) struct Watching {
    source: Arc<Source>,
    state: Mutex<State>,
    /// There is to be a thread and there is none.
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

    /// Watches from now on.
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

    /// Watches no longer.
    pub(crate) fn stop(&self, py: Python<'_>) {
        let watch = {
            let mut state = lock(&self.state);
            state.is_wanted = false;
            self.is_due.store(false, Ordering::Relaxed);
            state.watch.take()
        };
        end(py, watch);
    }

    /// Starts the thread that a fork left out. Called on every use of the engine.
    #[inline]
    pub(crate) fn catch_up(self: &Arc<Self>, py: Python<'_>) {
        if self.is_due.load(Ordering::Relaxed) {
            self.start_due(py);
        }
    }

    #[cold]
    fn start_due(self: &Arc<Self>, py: Python<'_>) {
        // Once, or every request of a process that can have no thread would try.
        self.is_due.store(false, Ordering::Relaxed);
        if let Err(error) = self.start() {
            log::not_watched(py, error);
        }
    }

    /// The thread is gone, and is to come back.
    fn leave_out(&self) -> Option<Watch> {
        let mut state = lock(&self.state);
        self.is_due.store(state.is_wanted, Ordering::Relaxed);
        state.watch.take()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut watch = lock(&self.state).watch.take();
        if watch.is_some() && Python::try_attach(|py| end(py, watch.take())).is_none() {
            // The interpreter is ending: nobody can wait for a thread that may want it.
            std::mem::forget(watch);
        }
    }
}

/// Waits for the thread without the interpreter, which it may need to say its last word.
fn end(py: Python<'_>, watch: Option<Watch>) {
    if let Some(watch) = watch {
        py.detach(|| drop(watch));
    }
}

/// Loads without the interpreter; no process is forked meanwhile.
pub(crate) fn load<T: Send>(py: Python<'_>, load: impl FnOnce() -> T + Send) -> T {
    struct UnderWay;
    impl Drop for UnderWay {
        fn drop(&mut self) {
            LOADS.fetch_sub(1, Ordering::AcqRel);
        }
    }
    while FORKS.load(Ordering::Acquire) > 0 {
        py.detach(|| thread::sleep(PAUSE));
    }
    LOADS.fetch_add(1, Ordering::AcqRel);
    let _under_way = UnderWay;
    py.detach(load)
}

fn all() -> Vec<Arc<Watching>> {
    lock(&ALL).iter().filter_map(Weak::upgrade).collect()
}

/// Ends every thread, and waits for loads: no lock is held when the process forks.
#[pyfunction]
pub(crate) fn _before_fork(py: Python<'_>) {
    FORKS.fetch_add(1, Ordering::AcqRel);
    for watching in all() {
        end(py, watching.leave_out());
    }
    while LOADS.load(Ordering::Acquire) > 0 {
        py.detach(|| thread::sleep(PAUSE));
    }
}

/// In the parent everything goes on.
#[pyfunction]
pub(crate) fn _after_fork_in_parent(py: Python<'_>) {
    FORKS.fetch_sub(1, Ordering::AcqRel);
    all().iter().for_each(|watching| watching.catch_up(py));
}

/// In the child: where nobody said that a fork was coming, threads are only remembered.
#[pyfunction]
pub(crate) fn _after_fork_in_child() {
    // Who else was about to fork, or loaded, is not here.
    FORKS.store(0, Ordering::Release);
    LOADS.store(0, Ordering::Release);
    for watching in all() {
        std::mem::forget(watching.leave_out());
    }
}

/// When the interpreter ends, before any thread would want it in vain.
#[pyfunction]
pub(crate) fn _at_exit(py: Python<'_>) {
    all().iter().for_each(|watching| watching.stop(py));
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic leaves both whole: each is changed in one step.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
