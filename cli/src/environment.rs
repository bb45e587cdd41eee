//! Environment variables that a command passes to a document.

use clap::Args;
use corsac_source::LoadOptions;

use crate::failure::Failure;

#[derive(Debug, Args)]
pub(crate) struct Environment {
    /// The value of a variable that the document names by `env`; it comes before one of the environment. A
    /// document on standard input, and one with `--restrict-paths`, has only these
    #[arg(long = "env", value_name = "NAME=VALUE")]
    variables: Vec<String>,
}

impl Environment {
    pub(crate) fn load_options(&self, restrict_paths: bool) -> Result<LoadOptions, Failure> {
        let mut options = LoadOptions::new().restrict_paths(restrict_paths);
        for variable in &self.variables {
            // The message does not repeat the argument, which may be a secret.
            let usage = || Failure::Usage("`--env` takes a name and a value: write `--env NAME=VALUE`".to_owned());
            let (name, value) = variable.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(usage)?;
            options = options.variable(name, value);
        }
        Ok(options)
    }
}
