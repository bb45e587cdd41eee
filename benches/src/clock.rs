//! CPU time of the calling thread: what it took itself, whatever else the machine had to do.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// CPU time that this thread has used so far.
#[must_use]
pub fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// What this closure gives, and the CPU time that this thread used for it.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = thread_time();
    let value = work();
    (value, thread_time().saturating_sub(start))
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::{thread_time, timed};

    #[test]
    fn work_takes_time() {
        let before = thread_time();
        let (sum, time) = timed(|| (0..1_000_000_u64).map(black_box).sum::<u64>());
        assert_eq!(sum, 499_999_500_000);
        assert!(!time.is_zero() && thread_time() >= before + time);
    }
}
