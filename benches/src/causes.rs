//! Why the engine loses where it does: kept by hand, for no program can know.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::bounds::Bound;
use crate::figures::is_like;

/// What a page says beside the numbers: bounds, causes of losses, and the paragraph on bias.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// `bounds.toml`.
    pub bounds: Vec<Bound>,
    /// `causes.toml`.
    pub causes: Vec<Cause>,
    /// `bias.md`.
    pub bias: String,
}

/// Why a bound is missed, or a peer is ahead.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// The bound's case, `TABLE: CASE` or `SCENARIO: CONTESTANT`; `*` is any text.
    pub case: String,
    /// What the page says of it.
    pub cause: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Causes {
    #[serde(default)]
    cause: Vec<Cause>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bounds {
    #[serde(default)]
    bound: Vec<Bound>,
}

impl Kept {
    /// Reads `bounds.toml`, `causes.toml` and `bias.md` of a folder.
    ///
    /// # Errors
    /// One cannot be read or understood.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let read = |name: &str| {
            let file = folder.join(name);
            fs::read_to_string(&file).map_err(|error| format!("cannot read `{}`: {error}", file.display()))
        };
        let bounds: Bounds = toml::from_str(&read("bounds.toml")?).map_err(|error| format!("bounds.toml: {error}"))?;
        let causes: Causes = toml::from_str(&read("causes.toml")?).map_err(|error| format!("causes.toml: {error}"))?;
        Ok(Self { bounds: bounds.bound, causes: causes.cause, bias: read("bias.md")? })
    }

    /// The cause of a loss: the first that is like the case.
    #[must_use]
    pub fn cause(&self, case: &str) -> Option<&str> {
        self.causes.iter().find(|kept| is_like(&kept.case, case)).map(|kept| kept.cause.trim())
    }
}
