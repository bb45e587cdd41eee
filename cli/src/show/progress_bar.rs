//! A progress bar on a terminal.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressDrawTarget, ProgressStyle};

use crate::show::output::Output;

/// How far a log has been read. Clones count together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    read: Arc<AtomicU64>,
    length: Option<u64>,
}

impl Progress {
    /// `length`: all bytes, if their number is known.
    pub(crate) fn of(length: Option<u64>) -> Self {
        Self { read: Arc::default(), length }
    }

    /// Counts bytes as they are in the file, compressed or not.
    pub(crate) fn add(&self, bytes: u64) {
        self.read.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// A bar on standard error, or none.
#[derive(Debug)]
pub(crate) struct ProgressBar {
    bar: indicatif::ProgressBar,
    progress: Progress,
}

impl ProgressBar {
    pub(crate) fn hidden() -> Self {
        Self { bar: indicatif::ProgressBar::hidden(), progress: Progress::default() }
    }

    /// A bar if `stderr` is a terminal. Only [`Self::update`] draws it, on the thread of its caller.
    pub(crate) fn on(stderr: &Output<'_>, progress: Progress) -> Self {
        if !stderr.is_terminal() {
            return Self::hidden();
        }
        let bar = indicatif::ProgressBar::with_draw_target(progress.length, ProgressDrawTarget::stderr_with_hz(10));
        let color = if stderr.has_colors() { ":.blue.bright" } else { "" };
        let template = match progress.length {
            Some(_) => format!("{{wide_bar{color}}} {{bytes}} of {{total_bytes}}, {{bytes_per_sec}}, {{eta}} left"),
            None => "{spinner} {bytes}, {bytes_per_sec}, {elapsed}".to_owned(),
        };
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style.progress_chars("=>-"));
        }
        Self { bar, progress }
    }

    pub(crate) fn update(&self) {
        self.bar.set_position(self.progress.read.load(Ordering::Relaxed));
    }

    /// Hides the bar while `write` writes to the terminal.
    pub(crate) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
