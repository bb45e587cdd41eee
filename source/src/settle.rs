//! How long things must stay as they are. Only what was seen counts, on a clock that nobody can set: the
//! times of a file come from another clock, which may be wrong.

use std::time::{Duration, Instant, SystemTime};

use crate::signature::Signature;

/// How long a file must be seen unchanged before it is read, so that a file being rewritten is not read
/// half-way unless its writer pauses for longer than this.
pub(crate) const SETTLE: Duration = Duration::from_millis(100);

/// How long files that change again and again are waited for. After this, the files as they are at one
/// moment are held open until each has settled, whatever takes their places.
pub(crate) const GATHER: Duration = Duration::from_millis(250);

/// How soon files that are still being written are looked at again, and the least time between two polls,
/// however much happens in their directories.
pub(crate) const RETRY: Duration = Duration::from_millis(25);

/// The coarsest clock of any file system. A file that was read less than this after it was written may
/// have been written again in the same tick, with the same signature.
pub(crate) const TICK: Duration = Duration::from_secs(2);

/// A file that was never read before, and is older than this by its own times, is not being written. No
/// clock is assumed to be more wrong than this.
const OLD: Duration = Duration::from_secs(60);

/// For how long a first load, or one that somebody asks for, tries again while a file is being written.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// One moment on both clocks: waiting is measured by the one that cannot be set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) system: SystemTime,
    pub(crate) monotonic: Instant,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Self { system: SystemTime::now(), monotonic: Instant::now() }
    }

    /// How long ago this was.
    pub(crate) fn since(&self, earlier: Instant) -> Duration {
        self.monotonic.saturating_duration_since(earlier)
    }
}

/// Whether a file that was never read before has settled without having been watched.
pub(crate) fn is_old(signature: &Signature, now: &Moment) -> bool {
    signature.age(now.system).is_some_and(|age| age > OLD)
}

/// How long a signature must have been seen before a read of the file, so that the same signature later
/// proves the same content: longer than the tick of the clock that stamped it.
pub(crate) fn proof(signature: &Signature) -> Duration {
    match signature {
        // An absent file cannot appear without another signature.
        Signature::Absent(_) => Duration::ZERO,
        Signature::Present(_) if signature.is_coarse() => TICK,
        Signature::Present(_) => SETTLE,
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;
    use crate::signature::{Stamp, since_1970};

    fn present(modified: i128, changed: i128) -> Signature {
        Signature::Present(Stamp { device: 1, inode: 2, links: 1, size: 3, modified, changed })
    }

    #[test]
    fn only_an_age_of_more_than_a_minute_counts() {
        let now = Moment::now();
        let written = since_1970(now.system);
        let second = 1_000_000_000;
        assert!(is_old(&present(written - 61 * second, written - 61 * second), &now));
        assert!(!is_old(&present(written - 59 * second, 0), &now));
        assert!(!is_old(&present(0, written - 59 * second), &now), "its name or its rights are new");
        assert!(!is_old(&present(written + 3600 * second, 0), &now), "a clock that is ahead");
        assert!(!is_old(&Signature::Absent(ErrorKind::NotFound), &now));
    }

    #[test]
    fn a_coarse_clock_proves_later() {
        assert_eq!(proof(&present(0, 1_700_000_000_123_456_789)), SETTLE);
        for coarse in [1_700_000_000_000_000_000, 1_700_000_000_500_000_000, 1_700_000_000_010_000_000] {
            assert_eq!(proof(&present(1, coarse)), TICK);
        }
        assert_eq!(proof(&Signature::Absent(ErrorKind::NotFound)), Duration::ZERO);
    }
}
