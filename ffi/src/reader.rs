//! Readers.

use std::fmt;
use std::mem::MaybeUninit;

use corsac::Reader;

use crate::decision::corsac_decision;
use crate::engine::corsac_engine;
use crate::guard::{self, guarded};
use crate::pointer;
use crate::status::corsac_status;
use crate::view::corsac_header;

/// The most headers that a decision sets.
const MAX_SET: usize = 10;

/// Decides requests with an engine's current policies: one per worker thread or event loop. It
/// holds its last decision.
// Written with each decision, so it has cache lines of its own: the memory next to it may belong to
// another thread's reader, or be read by all threads.
#[repr(align(128))]
pub struct corsac_reader {
    pub(crate) reader: Reader,
    pub(crate) decision: corsac_decision,
    pub(crate) set: [corsac_header; MAX_SET],
}

impl From<Reader> for corsac_reader {
    fn from(reader: Reader) -> Self {
        let decision = corsac_decision::closed(corsac_status::Ok);
        Self { reader, decision, set: [corsac_header::ABSENT; MAX_SET] }
    }
}

impl fmt::Debug for corsac_reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("corsac_reader").field("reader", &self.reader).finish_non_exhaustive()
    }
}

/// Creates a reader. It may move between threads and is used by one at a time, so a pool of readers works,
/// too; one for each worker is the fastest. If the process forks, create it in the child.
///
/// Returns: `CORSAC_STATUS_OK`, with the reader in `*out`; `CORSAC_STATUS_INVALID_ARGUMENT` if a
/// pointer is `NULL`.
///
/// Memory: free the reader with `corsac_reader_free`. It keeps the engine's data alive, so the
/// engine may be freed first.
///
/// Thread safety: any thread, concurrently.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_reader_new(
    engine: Option<&corsac_engine>,
    mut out: Option<&mut MaybeUninit<*mut corsac_reader>>,
) -> corsac_status {
    pointer::clear(&mut out);
    guarded(|| {
        let (Some(engine), Some(out)) = (engine, out) else { return corsac_status::InvalidArgument };
        pointer::write_handle(Some(out), Box::new(corsac_reader::from(engine.engine().reader())));
        corsac_status::Ok
    })
}

/// Releases the policies that the reader holds, for readers that will be idle. The next decision
/// loads the current ones.
///
/// Returns: nothing.
///
/// Memory: invalidates the reader's last decision.
///
/// Thread safety: one thread at a time per reader.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_reader_release(reader: Option<&mut corsac_reader>) {
    guard::or_else((), || {
        if let Some(reader) = reader {
            reader.decision = corsac_decision::closed(corsac_status::Ok);
            reader.reader.release();
        }
    });
}

/// Frees a reader.
///
/// Returns: nothing.
///
/// Memory: frees `reader`, which must not be used or freed again, and invalidates its last
/// decision; `NULL` is ignored.
///
/// Thread safety: any thread, while no other thread uses `reader`.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_reader_free(reader: Option<Box<corsac_reader>>) {
    guard::or_else((), || drop(reader));
}
