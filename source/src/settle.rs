//! When a file has stopped changing, and when its signature proves that it was not written since.

use std::time::{Duration, Instant, SystemTime};

use crate::signature::{Signature, since_1970};

/// How long a file must be unchanged before it is read, so that a file being rewritten is not read
/// half-way unless its writer pauses for longer than this.
pub(crate) const SETTLE: Duration = Duration::from_millis(100);

/// The coarsest clock of any file system. A file that was read less than this after it was written may
/// have been written again in the same tick, with the same signature.
pub(crate) const TICK: Duration = Duration::from_secs(2);

/// One moment on both clocks: files are stamped by the one that can be set, waiting is measured by
/// the one that cannot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) system: SystemTime,
    pub(crate) monotonic: Instant,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Self { system: SystemTime::now(), monotonic: Instant::now() }
    }
}

/// A signature, and since when it has been seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Observed {
    pub(crate) signature: Signature,
    since: Instant,
}

impl Observed {
    pub(crate) fn new(signature: Signature, now: &Moment) -> Self {
        Self { signature, since: now.monotonic }
    }

    /// Records the current signature; if it is new, its age starts now.
    pub(crate) fn update(&mut self, signature: Signature, now: &Moment) {
        if self.signature != signature {
            *self = Self::new(signature, now);
        }
    }

    pub(crate) fn is_settled(&self, now: &Moment) -> bool {
        self.quiet(now) >= SETTLE
    }

    /// Whether an equal signature later proves that the content read now is unchanged. An absent file
    /// cannot appear without a new signature.
    pub(crate) fn is_proof(&self, now: &Moment) -> bool {
        matches!(self.signature, Signature::Absent(_)) || self.quiet(now) >= TICK
    }

    /// How long the file has not been written: by its own times or by how long it has been watched,
    /// whichever is longer. A time in the future is ignored.
    fn quiet(&self, now: &Moment) -> Duration {
        let watched = now.monotonic.saturating_duration_since(self.since);
        let age = self.signature.newest().map(|newest| since_1970(now.system) - newest);
        let age = age.and_then(|age| u64::try_from(age).ok()).map(Duration::from_nanos);
        age.map_or(watched, |age| age.max(watched))
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;
    use crate::signature::Stamp;

    fn present(modified: i128, changed: i128) -> Signature {
        Signature::Present(Stamp { device: 1, inode: 2, size: 3, modified, changed })
    }

    fn later(moment: &Moment, duration: Duration) -> Moment {
        Moment { system: moment.system + duration, monotonic: moment.monotonic + duration }
    }

    const ALMOST: Duration = Duration::from_millis(99);

    #[test]
    fn a_file_settles_by_its_own_times() {
        let now = Moment::now();
        let written = since_1970(now.system);
        for (modified, changed) in [(written, 0), (0, written), (written, written)] {
            let file = Observed::new(present(modified, changed), &now);
            assert!(!file.is_settled(&now));
            assert!(!file.is_settled(&later(&now, ALMOST)));
            assert!(file.is_settled(&later(&now, SETTLE)));
        }
        let old = Observed::new(present(written - 100_000_000, 0), &now);
        assert!(old.is_settled(&now), "seen for the first time, but written long ago");
    }

    #[test]
    fn a_signature_proves_nothing_while_its_tick_may_last() {
        let now = Moment::now();
        let written = since_1970(now.system);
        let file = Observed::new(present(0, written), &now);
        assert!(!file.is_proof(&later(&now, Duration::from_millis(1999))));
        assert!(file.is_proof(&later(&now, TICK)));
        assert!(Observed::new(present(written - 2_000_000_000, 0), &now).is_proof(&now));
        assert!(Observed::new(Signature::Absent(ErrorKind::NotFound), &now).is_proof(&now));
    }

    #[test]
    fn a_time_in_the_future_settles_by_watching() {
        let now = Moment::now();
        let future = present(since_1970(now.system) + 1_000_000_000_000_000, 0);
        let mut file = Observed::new(future, &now);
        assert!(!file.is_settled(&now) && !file.is_settled(&later(&now, ALMOST)));
        file.update(future, &later(&now, ALMOST));
        assert!(file.is_settled(&later(&now, SETTLE)), "the same signature goes on being watched");
        assert!(!file.is_proof(&later(&now, SETTLE)) && file.is_proof(&later(&now, TICK)));
    }

    #[test]
    fn another_signature_starts_again() {
        let now = Moment::now();
        let mut file = Observed::new(Signature::Absent(ErrorKind::NotFound), &now);
        assert!(file.is_settled(&later(&now, SETTLE)));
        file.update(Signature::Absent(ErrorKind::PermissionDenied), &later(&now, ALMOST));
        assert!(!file.is_settled(&later(&now, SETTLE)));
        assert!(file.is_settled(&later(&now, SETTLE + ALMOST)));
    }

    /// A clock that is set back neither settles a file nor keeps it from settling.
    #[test]
    fn the_system_clock_may_be_set() {
        let now = Moment::now();
        let file = Observed::new(present(since_1970(now.system), 0), &now);
        let back =
            |waited| Moment { system: now.system - Duration::from_secs(3600), monotonic: now.monotonic + waited };
        assert!(!file.is_settled(&back(ALMOST)));
        assert!(file.is_settled(&back(SETTLE)));
    }
}
