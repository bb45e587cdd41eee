//! Deciding without a reader of the caller's: the engine keeps one for each thread.

use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::decide::{corsac_decide, corsac_origin, corsac_origin_allowed, invalid_call};
use crate::decision::corsac_decision;
use crate::engine::corsac_engine;
use crate::guard;
use crate::policies::corsac_policy;
use crate::reader::corsac_reader;
use crate::request::corsac_request;

/// The readers of an engine's threads. Each is freed at the end of its thread or of the engine, whichever
/// comes first.
#[derive(Default)]
pub(crate) struct ThreadReaders {
    slots: Mutex<Vec<Weak<Slot>>>,
}

/// A thread's reader; none after the end of the engine. Locked by its thread for the time of a decision,
/// and by whoever frees the engine: by nobody else, so that no decision waits.
struct Slot(Mutex<Option<Box<corsac_reader>>>);

/// The reader of a thread, and the engine that it belongs to.
struct Mine {
    of: Weak<ThreadReaders>,
    slot: Arc<Slot>,
}

thread_local! {
    /// One for each engine that this thread decided by.
    static MINE: RefCell<Vec<Mine>> = const { RefCell::new(Vec::new()) };
}

impl corsac_engine {
    /// Runs a call with the reader of this thread.
    fn with_reader<T>(&self, call: impl FnOnce(&mut corsac_reader) -> T) -> Option<T> {
        let slot = self.slot()?;
        let mut reader = slot.0.try_lock().ok()?;
        reader.as_deref_mut().map(call)
    }

    /// The reader of this thread. `None` if the thread is at its end, where it can have none.
    fn slot(&self) -> Option<Arc<Slot>> {
        MINE.try_with(|mine| {
            let mut mine = mine.try_borrow_mut().ok()?;
            let wanted = Arc::as_ptr(&self.readers);
            // An address belongs to one engine for as long as a weak reference to it is left.
            if let Some(found) = mine.iter().find(|known| known.of.as_ptr() == wanted) {
                return Some(Arc::clone(&found.slot));
            }
            mine.retain(|known| known.of.strong_count() > 0);
            let reader = Box::new(corsac_reader::from(self.engine().reader()));
            #[allow(
                clippy::arc_with_non_send_sync,
                reason = "only C shares it; whoever frees the engine does not follow its pointers"
            )]
            let slot = Arc::new(Slot(Mutex::new(Some(reader))));
            self.readers.add(&slot);
            mine.push(Mine { of: Arc::downgrade(&self.readers), slot: Arc::clone(&slot) });
            Some(slot)
        })
        .ok()
        .flatten()
    }
}

impl ThreadReaders {
    fn add(&self, slot: &Arc<Slot>) {
        let mut slots = lock(&self.slots);
        slots.retain(|known| known.strong_count() > 0);
        slots.push(Arc::downgrade(slot));
    }
}

impl Drop for ThreadReaders {
    fn drop(&mut self) {
        let slots = self.slots.get_mut().unwrap_or_else(PoisonError::into_inner);
        for slot in slots.drain(..).filter_map(|slot| slot.upgrade()) {
            // Locked only in a forked child, by a thread that does not exist there.
            if let Ok(mut reader) = slot.0.try_lock() {
                *reader = None;
            }
        }
    }
}

impl fmt::Debug for ThreadReaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadReaders").finish_non_exhaustive()
    }
}

/// After a panic, what is locked is as it was before or after a single step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Decides one request by the current policies with a reader that the engine keeps for this thread, for
/// servers that are not told when a thread starts or ends. As `corsac_decide` otherwise; the first call of
/// a thread makes its reader, and each call costs some nanoseconds more.
///
/// Returns: as `corsac_decide`; for a `NULL` engine a denial with `CORSAC_STATUS_INVALID_ARGUMENT`.
///
/// Memory: the thread's reader owns the decision. It is valid until the next call of this function or of
/// `corsac_engine_origin_allowed` for the same engine on the same thread, until the thread ends, and until
/// the engine is freed, whichever comes first; and only while the request's own bytes are. The reader is
/// freed at the end of its thread or of the engine; between two calls it holds the policies of the last.
///
/// Thread safety: any thread, concurrently. A decision belongs to the thread that made it.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_decide(
    engine: Option<&corsac_engine>,
    policy: corsac_policy,
    request: *const corsac_request,
) -> *const corsac_decision {
    let Some(engine) = engine else { return invalid_call() };
    let decided = guard::or_else(None, || engine.with_reader(|reader| corsac_decide(Some(reader), policy, request)));
    decided.unwrap_or_else(invalid_call)
}

/// As `corsac_origin_allowed`, with the reader that the engine keeps for this thread.
///
/// Returns: a `corsac_origin`; `CORSAC_ORIGIN_NOT_ALLOWED` for an invalid call, a caught internal error or
/// an unknown policy.
///
/// Memory: invalidates the decision that this thread made by `corsac_engine_decide` for the same engine.
///
/// Thread safety: any thread, concurrently.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn corsac_engine_origin_allowed(
    engine: Option<&corsac_engine>,
    policy: corsac_policy,
    request: *const corsac_request,
) -> corsac_origin {
    let allowed =
        guard::or_else(None, || engine?.with_reader(|reader| corsac_origin_allowed(Some(reader), policy, request)));
    allowed.unwrap_or(corsac_origin::NotAllowed)
}
