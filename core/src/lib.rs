//! A CORS decision engine.
//!
//! An allow-list is compiled once into a [`Policy`]; [`Policy::decide`] then answers each request:
//! the verdict, the exact response headers to set, the `Vary` tokens to merge, the headers to
//! remove from the upstream's response, the status, the reason, and the rule that matched. The
//! engine does no I/O, starts no threads and reads no clock; the HTTP layer applies the
//! [`Decision`] and adds nothing else.
//!
//! ```
//! use corsac::{PolicyBuilder, Request, Verdict};
//!
//! let mut builder = PolicyBuilder::new("api");
//! builder.allow_origins(["https://app.example.com"]).allow_methods(["GET", "POST", "PUT"]).allow_credentials(true);
//! let policy = builder.build()?;
//!
//! let request = Request::new("OPTIONS").origin("https://app.example.com").request_method("PUT");
//! let decision = policy.decide(&request);
//! assert_eq!(decision.verdict(), Verdict::PreflightAllowed);
//! assert_eq!(decision.status(), Some(204));
//! let set: Vec<_> = decision.set().collect();
//! assert_eq!(set[0], ("access-control-allow-origin", &b"https://app.example.com"[..]));
//! # Ok::<(), corsac::ConfigError>(())
//! ```
//!
//! # Quick advice
//! * For a running service, keep policies in a document rather than in code: see [`document`] (and
//!   the crate `corsac-source`, which reads it from disk). Documents and [`PolicyBuilder`] follow the
//!   same rules.
//! * Hand over header *lines* ([`Request::from_headers`]), not joined values: two `Origin` lines are
//!   denied, and a joined value would hide that there were two.
//! * The defaults are almost certainly what you want.
//!
//! # Features
//! * `document` (default): policies in TOML and JSON ([`document`]).
//! * `suffix-list` (default): the public suffix list. Without it [`PolicyBuilder`] rejects
//!   wildcards, globs and expressions, because nobody can tell who may register the names they match.
//!
//! # Two lanes
//! Code on the request path never fails, borrows from the request, and does not allocate. The
//! configuration path checks everything before it compiles anything, and reports all mistakes at
//! once as [`Diagnostic`]s with permanent [`Code`]s. See `ARCHITECTURE.md` in the repository for an
//! overview.

#[cfg_attr(
    not(feature = "document"),
    allow(dead_code, unused_imports, reason = "only documents have places, lists and excerpts")
)]
mod config;
mod decide;
mod decision;
pub mod docs;
mod engine;
mod header;
mod matcher;
mod method;
pub mod origin;
mod outcome;
mod plan;
mod policy;
mod request;
mod route;

pub use config::builder::{GrantBuilder, PolicyBuilder};
pub use config::diagnostic::{Code, ConfigError, Diagnostic, Severity};
#[cfg(feature = "document")]
pub use config::document;
pub use config::policies::PoliciesBuilder;
pub use config::row::Row;
pub use config::suffix_list::PUBLIC_SUFFIX_LIST;
pub use config::{diagnostic, diff, pattern};
pub use decision::{Decision, OwnedDecision};
#[doc(hidden)]
pub use decision::{DecisionKey, is_managed_header};
pub use engine::{Engine, Missing, Reader, Snapshot, Stats};
pub use outcome::{Failed, PolicyId, Reason, Upstream, Vary, Verdict};
pub use policy::{
    DeniedRequests, Grant, ListedRow, Policies, Policy, PolicySize, Preflight, PreflightAnswer, Settings, Target,
};
pub use request::{HeaderLines, Headers, Request};
pub use route::{Route, Unrouted};
