//! What a document may reach beside itself.

use crate::variables::Variables;

/// Which list files and variables a document may name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Access {
    /// Whether list files must be below the document's folder.
    pub(crate) is_restricted: bool,
    pub(crate) variables: Variables,
}

impl Access {
    /// With the variables of the process as they are now.
    pub(crate) fn with_process(&self) -> Self {
        Self { variables: self.variables.with_process(), ..*self }
    }

    /// The variables of a document on disk.
    pub(crate) fn variables_of_file(&self) -> Variables {
        if self.is_restricted { self.variables.only_given() } else { self.variables.clone() }
    }
}
