//! The environment variables that documents may name.

use std::collections::{BTreeMap, HashMap};
use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::OsStringExt;
use std::sync::Arc;

use corsac::document::Variable;

/// Variables as they were when they were read: whatever the environment is later, each load of an
/// engine finds the same.
#[derive(Clone, Default)]
pub(crate) struct Variables {
    /// Those that the caller passes, which come first.
    given: Arc<BTreeMap<String, Vec<u8>>>,
    /// Those of the process.
    process: Option<Arc<HashMap<OsString, OsString>>>,
}

impl Variables {
    pub(crate) fn give(&mut self, name: String, value: Vec<u8>) {
        Arc::make_mut(&mut self.given).insert(name, value);
    }

    /// With those of the process as they are now.
    pub(crate) fn with_process(&self) -> Self {
        Self { given: self.given.clone(), process: Some(Arc::new(env::vars_os().collect())) }
    }

    /// Without those of the process, for documents that somebody else may have written.
    pub(crate) fn only_given(&self) -> Self {
        Self { given: self.given.clone(), process: None }
    }

    pub(crate) fn get(&self, name: &str) -> Variable {
        match (self.given.get(name), &self.process) {
            (Some(value), _) => Variable::Set(value.clone()),
            (None, None) => Variable::NotGiven,
            (None, Some(process)) => match process.get(OsStr::new(name)) {
                Some(value) => Variable::Set(value.clone().into_vec()),
                None => Variable::Unset,
            },
        }
    }
}

/// The names alone: a value may be a secret.
impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Variables").field("given", &self.given.keys()).finish_non_exhaustive()
    }
}
