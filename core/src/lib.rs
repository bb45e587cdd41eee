//! draft
mod compile;
mod decide;
mod decision;
mod diagnostic;
pub mod document;
mod header;
mod matcher;
mod method;
mod origin;
mod pattern;
mod plan;
mod policy;
mod request;
mod route;
mod suffix_list;
mod validate;

pub use decision::{Decision, Failed, Reason, Upstream, Vary, Verdict};
pub use diagnostic::{Code, ConfigError, Diagnostic, Excerpt, Location, Position, Severity};
pub use origin::{MAX_ORIGIN, Malformed, Origin};
pub use pattern::{Pattern, PatternError};
pub use plan::Set;
pub use policy::{
    DeniedRequests, GrantBuilder, Policies, Policy, PolicyBuilder, PolicyId, PolicySize, Preflight, PreflightAnswer,
    Row, Target,
};
pub use request::Request;
pub use suffix_list::PUBLIC_SUFFIX_LIST;
