//! A storm of reloads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use corsac::Engine;

use crate::policy;

/// Reloads a second.
pub const STORM: u64 = 1_000;

/// Reloads an engine a thousand times a second until it is over.
#[derive(Debug)]
pub struct Storm {
    is_over: Arc<AtomicBool>,
    reloads: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
    start: Instant,
}

impl Storm {
    /// Begins. Every set has these rows, and is compiled in the storm's own thread.
    #[must_use]
    pub fn over(engine: &Engine, rows: &[String]) -> Self {
        let (is_over, reloads) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (engine, rows) = (engine.clone(), rows.to_vec());
        let (over, count) = (Arc::clone(&is_over), Arc::clone(&reloads));
        let start = Instant::now();
        let reload_on = move || {
            while !over.load(Ordering::Relaxed) {
                engine.reload(policy(&rows).into());
                let done = count.fetch_add(1, Ordering::Relaxed) + 1;
                let next = start + Duration::from_micros(done * 1_000_000 / STORM);
                std::thread::sleep(next.saturating_duration_since(Instant::now()));
            }
        };
        Self { is_over, reloads, thread: Some(std::thread::spawn(reload_on)), start }
    }

    /// Ends it: how many reloads a second there were.
    ///
    /// # Panics
    /// The storm broke off before, so that what was measured had no reloads.
    #[must_use]
    pub fn end(mut self) -> f64 {
        self.is_over.store(true, Ordering::Relaxed);
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(matches!(ended, Some(Ok(()))), "the storm broke off");
        self.reloads.load(Ordering::Relaxed) as f64 / self.start.elapsed().as_secs_f64()
    }
}

impl Drop for Storm {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}
