//! How far a long work has come, on a terminal.

use indicatif::{ProgressDrawTarget, ProgressStyle};

use crate::log::Progress;
use crate::output::Output;

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

    /// A bar if `stderr` is a terminal. It is drawn by whoever calls [`Self::update`], and by no
    /// other thread.
    pub(crate) fn on(stderr: &Output<'_>, progress: Progress) -> Self {
        if !stderr.is_terminal() {
            return Self::hidden();
        }
        let bar = indicatif::ProgressBar::with_draw_target(progress.length(), ProgressDrawTarget::stderr_with_hz(10));
        let color = if stderr.has_colors() { ":.blue.bright" } else { "" };
        let template = match progress.length() {
            Some(_) => format!("{{wide_bar{color}}} {{bytes}} of {{total_bytes}}, {{bytes_per_sec}}, {{eta}} left"),
            None => "{spinner} {bytes}, {bytes_per_sec}, {elapsed}".to_owned(),
        };
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style.progress_chars("=>-"));
        }
        Self { bar, progress }
    }

    pub(crate) fn update(&self) {
        self.bar.set_position(self.progress.read());
    }

    /// Writes something else while there is no bar in the way.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
