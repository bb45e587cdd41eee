//! The command line of corsac as a library, so that other programs (`python -m corsac`) can provide it.
//!
//! [`run_process`] is the whole program on the process's own streams; [`run`] takes its streams
//! from the caller. Both return the exit status: 0 fine, 1 findings (a diagnostic, a denied
//! request, a bad line), 2 could not run.
//!
//! A command is a file in `command`. It loads documents (`load`), reads logs (`log`), decides them
//! (`replay`), and writes output for people and tools (`show`).

mod argument;
mod command;
mod environment;
mod failure;
mod load;
mod log;
mod names;
mod replay;
mod show;

use std::ffi::OsString;
use std::io::{self, Read, Write as _};

use clap::Parser as _;

use command::Arguments;
use failure::{ExitStatus, Failure};

pub use show::output::Output;

/// Runs the command line on the streams of this process. `arguments` begin with the program's name.
#[must_use]
pub fn run_process(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    // Not locked: another thread may read standard input or report a panic.
    let (mut stdout, mut stderr) = (io::stdout(), io::stderr());
    let (mut stdout, mut stderr) = (Output::of_stream(&mut stdout), Output::of_stream(&mut stderr));
    run(arguments, &mut io::stdin(), &mut stdout, &mut stderr)
}

/// Runs the command line on the given streams and returns the exit status. `arguments` begin with
/// the program's name. Nothing here ends the process.
///
/// ```
/// use corsac_cli::Output;
///
/// let (mut out, mut err) = (Vec::new(), Vec::new());
/// let arguments = ["corsac", "--version"].map(Into::into);
/// let status = corsac_cli::run(arguments, &mut std::io::empty(), &mut Output::new(&mut out), &mut Output::new(&mut err));
/// assert_eq!(status, 0);
/// assert!(out.starts_with(b"corsac "));
/// ```
#[must_use]
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    stdin: &mut (dyn Read + Send),
    stdout: &mut Output<'_>,
    stderr: &mut Output<'_>,
) -> u8 {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return show_clap_message(&error, stdout, stderr),
    };
    stdout.choose_color(arguments.color);
    stderr.choose_color(arguments.color);
    let result = arguments.command.run(stdin, stdout, stderr);
    // Errors of these writes are ignored: there is no other stream to report them on.
    let _ = stdout.flush();
    let status = match result {
        Ok(status) => status,
        Err(failure) => {
            let _ = failure.report(stderr);
            ExitStatus::CouldNotRun
        }
    };
    let _ = stderr.flush();
    status.code()
}

/// Help and version go to standard output, usage errors to standard error.
fn show_clap_message(error: &clap::Error, stdout: &mut Output<'_>, stderr: &mut Output<'_>) -> u8 {
    let (written, status) = if error.use_stderr() {
        (write_clap_message(error, stderr), ExitStatus::CouldNotRun)
    } else {
        (write_clap_message(error, stdout), ExitStatus::Fine)
    };
    match Failure::unless_closed(written) {
        Ok(()) => status.code(),
        Err(_) => ExitStatus::CouldNotRun.code(),
    }
}

fn write_clap_message(error: &clap::Error, output: &mut Output<'_>) -> io::Result<()> {
    let text = error.render();
    let text = if output.has_colors() { text.ansi().to_string() } else { text.to_string() };
    output.write_all(text.as_bytes())?;
    output.flush()
}
