//! Answers to preflights that browsers keep after a change.

use core::fmt;

use super::change::{Change, ChangeKind};
use super::rights::Rights;
use crate::policy::Policy;

/// How long a browser keeps an answer without `Access-Control-Max-Age` (Fetch, "CORS-preflight fetch",
/// step 7.9).
const UNSET: u32 = 5;

/// The longest that browsers keep an answer, where that is less than `max_age` may be.
const CAPS: [(&str, u32); 2] = [("Chromium", 7_200), ("Safari", 600)];

/// How long browsers may still send requests that are no longer allowed, because they keep the answers
/// to earlier preflights and do not ask again. The pages cannot read the responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeptPreflights {
    seconds: u32,
}

impl KeptPreflights {
    /// The longest time, in seconds. Browsers other than Firefox may have a shorter limit of their own.
    #[must_use]
    pub fn seconds(self) -> u32 {
        self.seconds
    }

    fn by(rights: &Rights) -> Self {
        Self { seconds: rights.max_age().unwrap_or(UNSET) }
    }

    /// After a policy is gone. `None` where browsers keep nothing.
    pub(super) fn of_policy(policy: &Policy) -> Option<Self> {
        let ages = policy.grants().iter().map(|grant| grant.max_age().unwrap_or(UNSET));
        ages.max().map(|seconds| Self { seconds }).filter(|kept| kept.seconds > 0)
    }

    /// After this change. `None` where it takes nothing that a preflight asks for.
    pub(super) fn of_change(change: &Change) -> Option<Self> {
        let kept = match change.kind() {
            ChangeKind::OriginsDenied { rights, .. } => Self::by(rights),
            ChangeKind::DepthChanged { rights, .. } if change.effect().narrows() => Self::by(rights),
            ChangeKind::RightsChanged { old, new, .. } | ChangeKind::OrderChanged { old, new, .. }
                if old.loses_preflights(new) =>
            {
                Self::by(old)
            }
            _ => return None,
        };
        Some(kept).filter(|kept| kept.seconds > 0)
    }
}

/// `up to 86400 seconds (Chromium 7200, Safari 600)`
impl fmt::Display for KeptPreflights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let capped: Vec<_> =
            CAPS.iter().filter(|(_, cap)| *cap < self.seconds).map(|(name, cap)| format!("{name} {cap}")).collect();
        let seconds = self.seconds;
        write!(
            f,
            "browsers keep answers to preflights: what is no longer allowed may still be sent for up to {seconds} seconds"
        )?;
        if capped.is_empty() { Ok(()) } else { write!(f, " ({})", capped.join(", ")) }
    }
}
