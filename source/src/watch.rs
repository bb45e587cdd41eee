//! A thread that keeps a source up to date.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::poll::Poll;
use crate::settle::RETRY;
use crate::source::Source;
use crate::watcher::{Make, Watcher};

/// How often files are polled without a notification: the system may lose notifications, or have none
/// to give.
const PERIOD: Duration = Duration::from_secs(2);

/// A thread that watches the files of a source. Dropping this ends the thread and waits for it, which
/// takes as long as a load that is running.
#[derive(Debug)]
#[must_use = "dropping it ends the watching"]
pub struct Watch {
    is_over: Arc<AtomicBool>,
    wake: SyncSender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Source {
    /// Polls from a separate thread whenever the operating system reports a change in a relevant
    /// directory (that of the document, of each list, and of each symbolic link in their paths), and
    /// every 2 s. Where the operating system cannot report changes, a change takes up to 2 s longer
    /// to be noticed.
    ///
    /// `on_poll` is called for each new set, for each rejected load, and for each
    /// [`Poll::Unchanged`] after which the files match the current policies again. It runs on the
    /// watching thread, which loads nothing else meanwhile. A panic in it ends the thread, which
    /// [`status`](Source::status) shows.
    ///
    /// Threads do not survive a `fork`: watch in the process that decides requests.
    ///
    /// # Errors
    /// The system's error if no thread can be started.
    pub fn watch(self: &Arc<Self>, on_poll: impl FnMut(&Poll) + Send + 'static) -> io::Result<Watch> {
        self.watch_by(notify::recommended_watcher, PERIOD, on_poll)
    }

    fn watch_by(
        self: &Arc<Self>,
        make: Make,
        at_least_every: Duration,
        on_poll: impl FnMut(&Poll) + Send + 'static,
    ) -> io::Result<Watch> {
        let is_over = Arc::new(AtomicBool::new(false));
        // One message is enough to wake the thread.
        let (wake, woken) = sync_channel(1);
        let watcher = Watcher::new(make, wake.clone());
        let counted = Counted::new(self.clone());
        let watch_loop = WatchLoop { counted, is_over: is_over.clone(), woken, watcher, at_least_every };
        let thread = thread::Builder::new().name("corsac-watch".to_owned()).spawn(move || watch_loop.run(on_poll))?;
        Ok(Watch { is_over, wake, thread: Some(thread) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        // A full channel is fine: the thread is about to wake up.
        let _ = self.wake.try_send(());
        // The watching thread, which may drop this in `on_poll`, cannot wait for itself.
        let other = self.thread.take().filter(|thread| thread.thread().id() != thread::current().id());
        if let Some(thread) = other {
            // A panic in `on_poll` has been reported where it happened.
            let _ = thread.join();
        }
    }
}

/// A source that is watched, until this is dropped.
struct Counted(Arc<Source>);

impl Counted {
    fn new(source: Arc<Source>) -> Self {
        source.count_watches(|watches| watches + 1);
        Self(source)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.count_watches(|watches| watches.saturating_sub(1));
    }
}

/// The state of the watching thread.
struct WatchLoop {
    counted: Counted,
    is_over: Arc<AtomicBool>,
    woken: Receiver<()>,
    watcher: Watcher,
    at_least_every: Duration,
}

impl WatchLoop {
    fn run(mut self, mut on_poll: impl FnMut(&Poll)) {
        // The first poll finds what changed before the directories were watched.
        let mut wait = Duration::ZERO;
        while self.wait(wait) {
            wait = self.poll_once(&mut on_poll);
        }
    }

    /// Waits for `wait`, or until shortly after a notification; false when the thread is to end.
    fn wait(&self, wait: Duration) -> bool {
        let mut until = Instant::now() + wait;
        loop {
            if self.is_over.load(Ordering::Acquire) {
                return false;
            }
            match self.woken.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(()) => until = until.min(Instant::now() + RETRY),
                Err(RecvTimeoutError::Timeout) => return !self.is_over.load(Ordering::Acquire),
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
    }

    /// Polls once. Returns how long to wait until the next poll.
    fn poll_once(&mut self, on_poll: &mut impl FnMut(&Poll)) -> Duration {
        let source = &self.counted.0;
        self.watcher.watch(&source.watched_files());
        let had_error = source.has_error();
        let poll = source.poll();
        let is_reported = match poll {
            Poll::Reloaded(_) | Poll::Refused(_) => true,
            Poll::Unchanged => had_error && !source.has_error(),
            Poll::Unsettled => false,
        };
        if is_reported {
            on_poll(&poll);
        }
        // What was replaced is freed now: nothing else holds it but readers that have not decided since.
        drop(poll);
        source.sweep();
        let moved = self.watcher.watch(&source.watched_files());
        if moved {
            return RETRY;
        }
        // A poll that has just been made need not be made again at once.
        source.poll_in().map_or(self.at_least_every, |wait| wait.clamp(RETRY, self.at_least_every))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::atomic::AtomicUsize;
    use std::sync::mpsc::channel;

    use super::*;

    const DEADLINE: Duration = Duration::from_secs(60);

    fn document(origin: &str) -> String {
        format!("version = 1\n[policy.p]\nallow_origins = [\"{origin}\"]\n")
    }

    /// Polls until only changed files are read again.
    fn rest(source: &Source) {
        let started = Instant::now();
        while source.changed() || source.poll_in().is_some() {
            assert!(started.elapsed() < DEADLINE);
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Every relevant directory is watched, also after symlinks are retargeted. The periodic poll
    /// does not help here.
    #[test]
    #[cfg(target_os = "linux")]
    fn notifications_alone_suffice() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let listing = |list: &str| format!("version = 1\n[policy.p]\nallow_origins = [{{ file = \"{list}\" }}]\n");
        let version = |name: &str, list: &str| {
            fs::create_dir_all(at(name)).unwrap();
            fs::write(at(name).join("policy.toml"), listing(list)).unwrap();
        };
        fs::create_dir_all(at("lists/deep")).unwrap();
        fs::write(at("lists/one"), "https://one.example\n").unwrap();
        fs::write(at("lists/deep/two"), "https://two.example\n").unwrap();
        version("first", "lists/one");
        fs::create_dir(at("volume")).unwrap();
        symlink("../first", at("volume/data")).unwrap();
        symlink("volume/data/policy.toml", at("policy.toml")).unwrap();

        let source = Arc::new(Source::open(at("policy.toml")).unwrap());
        let (sender, reports) = channel();
        let on_poll = move |poll: &Poll| sender.send(matches!(poll, Poll::Reloaded(_))).unwrap();
        let watch = source.watch_by(notify::recommended_watcher, Duration::from_secs(3600), on_poll).unwrap();
        let step = |is_accepted: bool, change: &dyn Fn()| {
            rest(&source);
            change();
            assert_eq!(reports.recv_timeout(DEADLINE), Ok(is_accepted));
        };
        step(true, &|| fs::write(at("lists/one"), "https://1.example\n").unwrap());
        step(true, &|| fs::write(at("first/policy.toml"), listing("lists/deep/two")).unwrap());
        step(true, &|| fs::write(at("lists/deep/two"), "https://2.example\n").unwrap());
        version("second", "lists/one");
        step(true, &|| {
            symlink("../second", at("volume/next")).unwrap();
            fs::rename(at("volume/next"), at("volume/data")).unwrap();
        });
        step(false, &|| fs::remove_file(at("second/policy.toml")).unwrap());
        step(true, &|| fs::write(at("second/policy.toml"), listing("lists/deep/two")).unwrap());
        step(false, &|| fs::rename(at("lists"), at("away")).unwrap());
        step(false, &|| fs::rename(at("away"), at("lists")).unwrap());
        step(false, &|| fs::remove_dir_all(at("lists/deep")).unwrap());
        step(true, &|| {
            fs::create_dir(at("lists/deep")).unwrap();
            fs::write(at("lists/deep/two"), "https://3.example\n").unwrap();
        });
        step(true, &|| fs::write(at("lists/deep/two"), "https://4.example\n").unwrap());
        drop(watch);
    }

    /// Where the system has no watcher to give, files are polled all the same.
    #[test]
    fn without_notifications_a_change_is_found_by_polling() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.toml");
        fs::write(&path, document("https://one.example")).unwrap();
        let source = Arc::new(Source::open(&path).unwrap());
        let (sender, reports) = channel();
        let on_poll = move |poll: &Poll| match poll {
            Poll::Reloaded(reloaded) => sender.send(Some(reloaded.generation)).unwrap(),
            _ => sender.send(None).unwrap(),
        };
        let none: Make = |_| Err(notify::Error::new(notify::ErrorKind::MaxFilesWatch));
        let watch = source.watch_by(none, PERIOD, on_poll).unwrap();
        rest(&source);
        fs::write(&path, document("https://two.example")).unwrap();
        assert_eq!(reports.recv_timeout(DEADLINE), Ok(Some(2)));
        rest(&source);
        fs::remove_file(&path).unwrap();
        assert_eq!(reports.recv_timeout(DEADLINE), Ok(None));
        assert!(source.status().last_error.is_some());
        drop(watch);
        assert_eq!(source.engine().generation(), 2);
    }

    /// Dropping it ends its longest wait and frees everything that it holds.
    #[test]
    fn dropping_it_ends_the_thread_at_once() {
        const CYCLES: usize = 8;
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let none: Make = |_| {
            MADE.fetch_add(1, Ordering::Relaxed);
            Err(notify::Error::new(notify::ErrorKind::MaxFilesWatch))
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.toml");
        fs::write(&path, document("https://one.example")).unwrap();
        let source = Arc::new(Source::open(&path).unwrap());
        let watch = source.watch(|_| ()).unwrap();
        rest(&source);
        drop(watch);
        let mut took = Duration::ZERO;
        for cycle in 0..CYCLES {
            let watch = source.watch_by(none, PERIOD, |_| ()).unwrap();
            assert!(source.status().watched);
            // Each poll tries twice to have a watcher; then there is a long wait.
            while MADE.load(Ordering::Relaxed) < 2 * (cycle + 1) {
                thread::yield_now();
            }
            let started = Instant::now();
            drop(watch);
            took += started.elapsed();
            assert!(!source.status().watched);
            assert_eq!(Arc::strong_count(&source), 1);
        }
        println!("{CYCLES} watches ended in {took:?}");
        assert!(took < PERIOD * CYCLES as u32 / 2, "{took:?}");
    }

    /// The watching thread itself may drop the last watch.
    #[test]
    fn it_may_be_dropped_where_it_reports() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.toml");
        fs::write(&path, document("https://one.example")).unwrap();
        let source = Arc::new(Source::open(&path).unwrap());
        let own = Arc::new(std::sync::Mutex::new(None::<Watch>));
        let (held, (done, is_done)) = (own.clone(), channel());
        let watch = source.watch(move |_| {
            drop(held.lock().unwrap().take());
            done.send(()).unwrap();
        });
        *own.lock().unwrap() = Some(watch.unwrap());
        fs::write(&path, document("https://two.example")).unwrap();
        assert_eq!(is_done.recv_timeout(DEADLINE), Ok(()));
        // The sender goes with the thread.
        assert!(is_done.recv_timeout(DEADLINE).is_err());
        let started = Instant::now();
        while source.status().watched {
            assert!(started.elapsed() < DEADLINE);
            thread::yield_now();
        }
    }
}
