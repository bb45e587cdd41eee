//! The output format of a command.

use clap::ValueEnum;

use crate::show::output::Output;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// Text for people
    Human,
    /// JSON for tools
    Json,
}

impl OutputFormat {
    /// The default of most commands: text on a terminal, otherwise JSON.
    pub(crate) fn for_stream(stdout: &Output<'_>) -> Self {
        if stdout.is_terminal() { Self::Human } else { Self::Json }
    }
}
