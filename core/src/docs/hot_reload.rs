//! Hot reload: replacing the policies while requests are decided by them.
//!
//! # What is promised
//! * **Each decision uses exactly one set of policies.** Verdict, headers, `Vary`, status, rule and
//!   generation of a
//! [`Decision`](crate::Decision) come from the same [`Policies`](crate::Policies); routes are
//! resolved on that set, too. A partly applied reload is never visible.
//! * **Readers never wait.** There is no lock and no retry loop that another thread could prolong.
//!   A reload costs each reader one slower load, the one that finds the new set.
//! * **Readers never free.** Freeing a set of a million origins takes milliseconds. Only
//!   [`Engine::reload`](crate::Engine::reload) and [`Engine::sweep`](crate::Engine::sweep) do it, on the thread that calls them.
//! * **A reload is seen by all decisions that begin after it returned**, and by none that ended
//!   before it was called. A reader sees generations in their order.
//! * **A failed load changes nothing.** There is no way to hand the engine a set that was not
//!   checked: [`Policies`](crate::Policies) come from a loader or a builder that reported no error.
//! * **An id means its name.** [`Engine::policy_id`](crate::Engine::policy_id) stays the same over all reloads, whatever the
//!   order of the document. While no policy has the name, its id decides `no-policy`.
//!
//! # Why it holds
//! The current set is one pointer, in an [`ArcSwap`](arc_swap::ArcSwap). A reload compiles nothing: it gives the finished set
//! its generation and ids, swaps the pointer, and puts the old set on a list of retired ones.
//!
//! A [`Reader`](crate::Reader) holds a counted reference to the set it saw last, and the pointer it got it by. On each
//! decision it loads the current pointer and compares. If it is the same, the set is the same: the
//! reader's own reference keeps it from being freed, so no other set can have come to its address.
//! If it is another, the reader takes a reference to the new set and lets go of the old one.
//!
//! Releasing a reference never frees the set, because the list of retired sets also holds one and
//! drops it only when it is the last. That it is the last can be seen from the count alone: a set
//! that is not current can be reached only through references that exist, so a count of one stays
//! one. The same holds for [`Snapshot`](crate::Snapshot)s, whose uncounted references are turned
//! into counted ones by the swap itself, before the set is retired.
//!
//! # Memory orders
//! What a reader reads of a set was written before the swap. The swap publishes it (`SeqCst` in
//! `arc_swap`), and a reader that finds another pointer loads again with `Acquire` or stronger
//! before it looks behind it. The comparison on the fast path is `Relaxed`: it reads a pointer to
//! compare it, and looks only behind the one it already has. So a relaxed load may see an old
//! pointer a moment longer: a decision that runs beside a reload belongs to the set before it or
//! after it. A thread that has learned of the reload's end by any synchronisation sees the new set,
//! for the order of modifications of one atomic is the same for all.
//!
//! Counters are read and written with `Relaxed`: each has one writer, and [`Engine::stats`](crate::Engine::stats) is a sum
//! of what it finds.
//!
//! # What is held in memory
//! One set, plus each older one that somebody still holds: a reader that has not decided since, a
//! [`Snapshot`](crate::Snapshot), an `Arc` from [`Engine::policies`](crate::Engine::policies). A set that was let go of is freed at the next reload
//! or sweep. During a reload the new set exists beside the current one.
//!
//! A reader that may be idle for long calls [`Reader::release`](crate::Reader::release) before it waits. A timer that calls
//! [`Engine::sweep`](crate::Engine::sweep) frees what was let go of since the last reload.
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
//! **An event loop** has one reader. A decision borrows from it, so the compiler does not let a
//! second request be decided while the first one's headers are still to be emitted; what must
//! wait is kept with [`to_owned_decision`](crate::Decision::to_owned_decision):
//!
//! ```compile_fail,E0499
//! # use corsac::{Engine, PolicyBuilder, Request, Target};
//! # let policy = PolicyBuilder::new("api").allow_origins(["https://app.example.com"]).build().unwrap();
//! # let engine = Engine::new(policy.into());
//! # let api = Target::Policy(engine.policy_id("api").unwrap());
//! let mut reader = engine.reader();
//! let first = reader.decide(api, &Request::new("GET"));
//! let second = reader.decide(api, &Request::new("PUT"));
//! println!("{}", first.verdict()); // the reader has gone on
//! ```
//!
//! **Work stealing** (tasks that move between threads): decide by [`Engine::snapshot`](crate::Engine::snapshot), on whatever
//! thread the task is, and do not hold the snapshot across a point where the task may move: it is
//! not `Send`, so that the compiler notices.
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
//! **Short-lived threads** decide by snapshots, too: a reader is made for many decisions.
//!
//! **Several decisions that must agree** (a batch, a preview) are made on one set, which
//! [`Engine::policies`](crate::Engine::policies) gives; they are not counted.
//!
//! # Limits
//! * A thread's first load from any engine makes a record of some hundred bytes, which later threads
//!   use again. A reader's thread has it from where the reader was made; a reader that is moved to
//!   a thread without one makes it at the first reload that it sees there. Snapshots also make the
//!   thread's counters. Nothing else that a request causes allocates.
//! * A thread that holds more than eight snapshots at a time takes a slower way for the others.
//! * Old sets are freed by the thread that reloads, so a reload of a large document also takes the
//!   time needed to free the previous one.
//! * When the last handle of an engine goes, readers included, whoever drops it frees everything.
//! * Browsers keep the answers to preflights for `max_age` seconds. No reload takes those back: a
//!   withdrawn right affects only later preflights, although the actual request is denied at once.
