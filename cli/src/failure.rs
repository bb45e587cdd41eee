//! Exit status and errors of commands.

use std::io::{self, Write};
use std::path::PathBuf;

use corsac::{ConfigError, Diagnostic, Severity};

use crate::argument::display_name;
use crate::show::escape::Text;
use crate::show::numbers::counted;
use crate::show::output::Output;
use crate::show::render::Renderer;

/// The exit status. The numbers are permanent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    Fine,
    Findings,
    CouldNotRun,
}

impl ExitStatus {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Findings => 1,
            Self::CouldNotRun => 2,
        }
    }

    pub(crate) const fn of_findings(any: bool) -> Self {
        if any { Self::Findings } else { Self::Fine }
    }
}

/// Why a command could not run.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The arguments cannot be used together; the text suggests a fix.
    Usage(String),
    /// The policy document has errors.
    Config { error: ConfigError, policy: PathBuf },
    /// The request log cannot be read to its end.
    Log {
        name: String,
        error: io::Error,
        /// How many lines were read before that.
        after: u64,
    },
    /// A thread cannot be started.
    Threads(io::Error),
    /// Signal handlers cannot be installed.
    #[cfg(unix)]
    Signals(io::Error),
    /// Standard output cannot be written.
    Output(io::Error),
}

impl Failure {
    /// A pipe that its reader has closed is not a failure.
    pub(crate) fn unless_closed(written: io::Result<()>) -> Result<(), Self> {
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Self::Output(error)),
            _ => Ok(()),
        }
    }

    pub(crate) fn report(&self, stderr: &mut Output<'_>) -> io::Result<()> {
        let bad = stderr.palette().bad;
        match self {
            Self::Usage(message) => writeln!(stderr, "{bad}error:{bad:#} {message}"),
            Self::Config { error, policy } => {
                let renderer = Renderer::new(stderr.has_colors());
                let error = error.shortened();
                let is_error = |found: &&Diagnostic| found.severity() == Severity::Error;
                let errors = error.diagnostics().iter().filter(is_error);
                for diagnostic in errors.clone() {
                    writeln!(stderr, "{}\n", renderer.render(diagnostic))?;
                }
                let number: usize = errors.map(Diagnostic::count).sum();
                let (policy, errors) = (display_name(policy), counted(number as u64, "error", "errors"));
                writeln!(stderr, "{bad}error:{bad:#} `{}` has {errors}, so it cannot be used", Text(&policy))
            }
            Self::Log { name, error, after } => {
                let after = if *after > 0 { format!(" after line {after}") } else { String::new() };
                let (name, reason) = (Text(name), reason(error));
                writeln!(stderr, "{bad}error:{bad:#} cannot read request log `{name}`{after}: {reason}")
            }
            Self::Threads(error) => {
                let reason = reason(error);
                writeln!(stderr, "{bad}error:{bad:#} cannot start a thread: {reason}; use fewer with `--threads`")
            }
            #[cfg(unix)]
            Self::Signals(error) => {
                let reason = reason(error);
                writeln!(stderr, "{bad}error:{bad:#} cannot install signal handlers: {reason}")
            }
            Self::Output(error) => {
                writeln!(stderr, "{bad}error:{bad:#} cannot write to standard output: {}", reason(error))
            }
        }
    }
}

/// The operating system's error in the style of the other messages.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "is a directory".to_owned(),
        io::ErrorKind::StorageFull => "no space left on the device".to_owned(),
        _ => error.to_string(),
    }
}
