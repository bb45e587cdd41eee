//! The current policies and how they are replaced at run time. See
//! [`docs::hot_reload`](crate::docs::hot_reload) for the guarantees and the reasoning behind them.

mod counters;
mod reader;
mod required;
mod requirements;
mod snapshot;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use thread_local::ThreadLocal;

use crate::outcome::PolicyId;
use crate::policy::{Policies, PolicyIds};
use counters::{Counters, ReaderCounters};
use requirements::Requirements;

pub use counters::Stats;
pub use reader::Reader;
pub use requirements::Missing;
pub use snapshot::Snapshot;

/// Holds the current [`Policies`], and lets them be replaced while requests are decided.
///
/// A handle: clones share one engine. Each worker thread or event loop creates its own
/// [`reader`](Self::reader); code that shares one handle between threads uses a
/// [`snapshot`](Self::snapshot).
///
/// ```
/// use corsac::{Engine, PolicyBuilder, Request, Target, Verdict};
///
/// let allowing = |origin| PolicyBuilder::new("api").allow_origins([origin]).build();
/// let engine = Engine::new(allowing("https://old.example.com")?.into());
/// let api = Target::Policy(engine.require("api")?);
///
/// let mut reader = engine.reader();
/// let request = Request::new("GET").origin("https://new.example.com");
/// assert_eq!(reader.decide(api, &request).verdict(), Verdict::Denied);
///
/// assert_eq!(engine.reload(allowing("https://new.example.com")?.into())?, 2);
/// assert_eq!(reader.decide(api, &request).verdict(), Verdict::Allowed);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    current: Current,
    writer: Mutex<Writer>,
    readers: ReaderCounters,
    /// Of threads that decide by snapshots.
    threads: ThreadLocal<Counters>,
}

/// A shared pointer to the cell that readers load on every decision.
#[derive(Clone)]
struct Current(Arc<Cell>);

/// Aligned to its own pair of cache lines (they are prefetched in pairs), so that writes to
/// neighbouring data do not slow readers down. Only reloads write to it.
#[repr(align(128))]
struct Cell(ArcSwap<Policies>);

/// What only reloads touch.
struct Writer {
    ids: PolicyIds,
    required: Requirements,
    generation: u64,
    /// Sets that were replaced and may still be held.
    // INVARIANT: each set that was ever swapped out is in here until nobody else holds it, so that
    // whoever else lets go of one never lets go of it last, and never pays for freeing it.
    retired: Vec<Arc<Policies>>,
}

impl Engine {
    /// An engine that serves these policies, as generation 1. The ids that were looked up in them stay
    /// good; ids of another engine never are.
    #[must_use]
    pub fn new(policies: Policies) -> Self {
        let mut ids = PolicyIds::of_first(&policies);
        let policies = policies.served(&mut ids, 1);
        Self {
            shared: Arc::new(Shared {
                current: Current(Arc::new(Cell(ArcSwap::from_pointee(policies)))),
                writer: Mutex::new(Writer {
                    ids,
                    required: Requirements::default(),
                    generation: 1,
                    retired: Vec::new(),
                }),
                readers: ReaderCounters::default(),
                threads: ThreadLocal::new(),
            }),
        }
    }

    /// Replaces all policies atomically and returns the new generation. Every decision that begins
    /// after this returns uses the new policies.
    ///
    /// Policies of a name that the engine knows keep the id of that name; new names get new ids.
    /// The old set is freed here or by a later reload or [`sweep`](Self::sweep), as soon as no
    /// reader holds it. Reloads from several threads take turns; readers never wait for them.
    ///
    /// Linear in the number of policies and routes, and in the size of the sets that are freed.
    ///
    /// # Errors
    /// A policy or routes that are [required](Self::require) are not in these policies. Nothing was
    /// replaced.
    pub fn reload(&self, policies: Policies) -> Result<u64, Missing> {
        let mut writer = self.writer();
        writer.required.check(&policies)?;
        let generation = writer.generation + 1;
        let policies = policies.served(&mut writer.ids, generation);
        writer.generation = generation;
        let old = self.shared.current.swap(Arc::new(policies));
        writer.retired.push(old);
        let unheld = writer.take_unheld();
        // Freeing takes long for large sets, and nothing waits for it.
        drop(writer);
        drop(unheld);
        Ok(generation)
    }

    /// Frees replaced sets that nothing holds any more, and returns how many are still held. Call
    /// it from a timer, because a reader that releases a set does not free it.
    pub fn sweep(&self) -> usize {
        let mut writer = self.writer();
        let unheld = writer.take_unheld();
        let held = writer.retired.len();
        drop(writer);
        drop(unheld);
        held
    }

    /// The current policies. They stay in memory for as long as this is kept.
    #[must_use]
    pub fn policies(&self) -> Arc<Policies> {
        self.shared.current.load_full()
    }

    /// The generation of the current policies: 1, and one more after each reload.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.shared.current.load().generation()
    }

    /// The id of the policy with this name, for names that come with a request; those that stand in
    /// a service's configuration are [required](Self::require).
    ///
    /// It stays the same for the lifetime of the engine. A removed policy keeps its id; requests for
    /// it get `no-policy` until a policy with that name returns. `None` if no set of this engine ever
    /// had the name.
    #[must_use]
    pub fn policy_id(&self, name: &str) -> Option<PolicyId> {
        self.writer().ids.get(name)
    }

    /// The name of the policy with this id, also while no policy has it; `None` for the ids of other
    /// engines.
    #[must_use]
    pub fn policy_name(&self, id: PolicyId) -> Option<Arc<str>> {
        self.writer().ids.name(id).cloned()
    }

    /// The current policies for a few decisions of this thread, for handles that have no reader.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot<'_> {
        Snapshot::of_engine(self.shared.current.load(), self.shared.threads.get_or_default())
    }

    /// Decision counters by verdict and reason, and the sets that the engine holds. Linear in the
    /// number of readers and threads; concurrent decisions may or may not be counted.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let (readers, mut stats) = self.shared.readers.sum();
        self.shared.threads.iter().for_each(|counters| stats.add(counters));
        let retired = self.writer().retired.len();
        Stats { generation: self.generation(), readers, retired, ..stats }
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        // A panic while it was held leaves a list or a map as it was before or after a step.
        self.shared.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    /// Removes the sets that only this list references: nothing else can reach them, so their count
    /// cannot rise again.
    fn take_unheld(&mut self) -> Vec<Arc<Policies>> {
        self.retired.extract_if(.., |set| Arc::strong_count(set) == 1).collect()
    }
}

impl std::ops::Deref for Current {
    type Target = ArcSwap<Policies>;

    fn deref(&self) -> &Self::Target {
        &self.0.0
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("generation", &self.generation()).finish_non_exhaustive()
    }
}
