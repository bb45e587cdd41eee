//! Hot reload: replacing the policies while requests are decided by them.
//!
//! # Guarantees
//! * **Each decision uses exactly one set of policies.** Verdict, headers, `Vary`, status, rule and
//!   generation of a [`Decision`](crate::Decision) come from the same [`Policies`](crate::Policies).
//!   Routes are resolved on that set, too. A partly applied reload is never visible.
//! * **Readers never wait.** There is no lock and no retry loop that another thread could prolong.
//!   A reload costs each reader one slower load, the one that finds the new set.
//! * **Readers never free.** Freeing a set of a million origins takes milliseconds. Only
//!   [`Engine::reload`](crate::Engine::reload) and [`Engine::sweep`](crate::Engine::sweep) do it, on the thread that calls
//!   them.
//! * **A reload affects all decisions that begin after it returned**, and none that ended before it
//!   was called. A reader sees generations in their order.
//! * **A failed load changes nothing.** An unchecked set cannot be passed to the engine:
//!   [`Policies`](crate::Policies) come only from a loader or a builder that reported no error.
//! * **An id always means the same name.** [`Engine::policy_id`](crate::Engine::policy_id) stays the same over all reloads,
//!   whatever the order in the document. While no policy has the name, its id decides `no-policy`.
//!
//! # Which files are used
//! `corsac_source::Source` reloads a document and its lists from disk. It uses only what was read whole:
//!
//! * **What is replaced by a rename is used within a second and the time of loading**, whatever other files
//!   do: even if it is replaced again before that, and if another file is written all the time. Write
//!   documents and lists to a new file, and rename it into place.
//! * **What is written in place is used after its writer has paused for 100 ms**, and never if it changed while it
//!   was read. A writer that pauses longer at the end of a line cannot be told from one that has finished. A
//!   list must end with a line feed, so that a row is never cut. Until such a file has settled, it
//!   is used as it was read last, and the other files are loaded without it.
//! * **Files that are renamed within 100 ms of each other are used together.** Files that must never be used
//!   apart belong into one folder, to which a symbolic link leads that is replaced by a rename: then what is
//!   used was at its path at one moment.
//! * **A load is accepted or rejected as a whole.** While one file is wrong, the last good set stays in use, and
//!   `status` has the error. `pending_since` in it says since when a change has been seen that is neither in use
//!   nor rejected.
//! * **No clock but the process's own is trusted.** The times of files may be wrong or coarse; then a file is
//!   read once more, 2 s after it changed.
//! * **Nothing waits for another process**: a named pipe, a device or a socket is an error.
//!
//! The first load, and a load that is requested, use what is there, without waiting for 100 ms.
//!
//! # Why they hold
//! The current set is one pointer, in an [`ArcSwap`](arc_swap::ArcSwap). A reload compiles nothing: it gives the finished set
//! its generation and ids, swaps the pointer, and puts the old set on a list of retired sets.
//!
//! A [`Reader`](crate::Reader) holds a counted reference to the set of its last decision, and the pointer to it. On each
//! decision it loads the current pointer and compares the two. If they are equal, the set is the same: the
//! reader's reference keeps that set alive, so no other set can have its address.
//! If they differ, the reader takes a reference to the new set and releases the old one.
//!
//! Releasing a reference never frees the set, because the list of retired sets also holds one and
//! drops it only when it is the last. The reference count alone shows that: a set that is not current
//! can be reached only through existing references, so a count of one stays one. The same holds for
//! [`Snapshot`](crate::Snapshot)s: the swap itself turns their uncounted references into counted ones, before the
//! set is retired.
//!
//! # Memory orders
//! The content of a set was written before the swap. The swap publishes it (`SeqCst` in `arc_swap`),
//! and a reader that finds a different pointer loads it again with `Acquire` or stronger before it
//! dereferences it. The comparison on the fast path is `Relaxed`: it only compares pointers, and
//! dereferences only the one that the reader already holds. So a relaxed load may see an old pointer
//! for a moment longer: a decision that runs during a reload uses the set before it or after it. A
//! thread that has learned of the reload's end by any synchronisation sees the new set, because all
//! threads see the modifications of one atomic in the same order.
//!
//! Counters are read and written with `Relaxed`: each has one writer, and [`Engine::stats`](crate::Engine::stats) is the sum
//! of the current values.
//!
//! # What is held in memory
//! The current set, and each older set that is still referenced: by a reader that has not decided since, by a
//! [`Snapshot`](crate::Snapshot), or by an `Arc` from [`Engine::policies`](crate::Engine::policies). A released set is freed at the next
//! reload or sweep. During a reload, both the new and the current set exist.
//!
//! A reader that may be idle for a long time should call [`Reader::release`](crate::Reader::release) first. A timer that calls
//! [`Engine::sweep`](crate::Engine::sweep) frees the sets that were released since the last reload.
//!
//! Policy names are kept for the lifetime of the engine, at 4 bytes per set, so that an id never
//! refers to a different policy. Thousands of names that come and go are harmless, but do not
//! derive names from requests.
//!
//! # Patterns
//! **A thread per core.** Each thread takes a reader when it starts:
//!
//! ```
//! use corsac::{Engine, PolicyBuilder, Request, Target};
//!
//! let policy = PolicyBuilder::new("api").allow_origins(["https://app.example.com"]).build()?;
//! let engine = Engine::new(policy.into());
//! let api = Target::Policy(engine.policy_id("api").unwrap());
//! std::thread::scope(|scope| {
//!     for _ in 0..4 {
//!         let mut reader = engine.reader();
//!         scope.spawn(move || {
//!             let request = Request::new("GET").origin("https://app.example.com");
//!             assert_eq!(reader.decide(api, &request).status(), None);
//!         });
//!     }
//! });
//! assert_eq!(engine.stats().total(), 4);
//! # Ok::<(), corsac::ConfigError>(())
//! ```
//!
//! **An event loop** has one reader. A decision borrows from it, so the compiler rejects code that decides
//! a second request before the first one's headers are written. A decision that is needed later is copied
//! with [`to_owned_decision`](crate::Decision::to_owned_decision):
//!
//! ```compile_fail,E0499
//! # use corsac::{Engine, PolicyBuilder, Request, Target};
//! # let policy = PolicyBuilder::new("api").allow_origins(["https://app.example.com"]).build().unwrap();
//! # let engine = Engine::new(policy.into());
//! # let api = Target::Policy(engine.policy_id("api").unwrap());
//! let mut reader = engine.reader();
//! let first = reader.decide(api, &Request::new("GET"));
//! let second = reader.decide(api, &Request::new("PUT"));
//! println!("{}", first.verdict()); // error: the reader has decided again
//! ```
//!
//! **Work stealing** (tasks that move between threads): decide by [`Engine::snapshot`](crate::Engine::snapshot), on the
//! task's current thread. Do not hold the snapshot across a point where the task may move; it is not
//! `Send`, so the compiler rejects that.
//!
//! ```
//! # use corsac::{Engine, PolicyBuilder, Request, Target};
//! # let policy = PolicyBuilder::new("api").allow_origins(["https://app.example.com"]).build()?;
//! # let engine = Engine::new(policy.into());
//! # let api = Target::Policy(engine.policy_id("api").unwrap());
//! let snapshot = engine.snapshot();
//! let decision = snapshot.decide(api, &Request::new("GET").origin("https://app.example.com"));
//! let headers: Vec<_> = decision.set().collect();
//! # assert_eq!(headers[0].0, "access-control-allow-origin");
//! # Ok::<(), corsac::ConfigError>(())
//! ```
//!
//! **Short-lived threads** should also use snapshots; a reader pays off only over many decisions.
//!
//! **Several decisions that must agree** (a batch, a preview) use one set, from
//! [`Engine::policies`](crate::Engine::policies); they are not counted.
//!
//! # Limits
//! * A thread's first load from any engine allocates a record of some hundred bytes, which later threads
//!   reuse. The thread that creates a reader allocates it then; a reader that is moved to a thread without
//!   a record allocates one at the first reload that it sees there. Snapshots also allocate the thread's
//!   counters. Nothing else on the request path allocates.
//! * A thread that holds more than eight snapshots at a time uses a slower path for the others.
//! * Old sets are freed by the thread that reloads, so a reload of a large document also takes the
//!   time needed to free the previous one.
//! * The thread that drops the last handle of an engine, readers included, frees everything.
//! * Browsers cache preflight responses for `max_age` seconds (Fetch, "CORS-preflight cache"). A reload does
//!   not revoke those: a withdrawn right affects only later preflights, although the actual request is
//!   denied at once.
