//! `corsac watch`: keeps a policy document loaded until a signal ends the command.
//!
//! ```text
//! files ───► watching thread ──┐
//!                              ├──► events, in the order of arrival ──► output
//! signals ─► signal thread ────┘
//! ```

use std::io::{self, BufWriter};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};

use clap::{Args, ValueHint};
use corsac::ConfigError;
use corsac::diff::Diff;
use corsac_source::{Poll, Source};

use crate::argument::is_stdin;
use crate::environment::Environment;
use crate::failure::{ExitStatus, Failure};
use crate::show::events::{Event, TimedEvent};
use crate::show::format::OutputFormat;
use crate::show::output::Output;

const EXAMPLES: &str = "\
Examples:
  corsac watch policy.toml
  corsac watch policy.toml --format json >> events.ndjson    one object per line
  kill -HUP PID                                              reload now

Loads the document and its lists as a service does: completely or not at all, once
the files have stopped changing. Each reload is reported with its changes, as
`corsac diff` shows them. Each refused load is reported with its errors, and the last
good document stays in use. The digest is that of `corsac check --verbose`: the same
for the same files on every machine.

Exit status: 0 stopped by SIGINT or SIGTERM; 2 the command could not run, or the
document had errors at the start.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Options {
    /// The policy document: JSON if its name ends in `.json`, otherwise TOML
    #[arg(value_name = "POLICY", value_hint = ValueHint::FilePath)]
    pub(crate) document: PathBuf,

    /// Read list files only from the document's folder and below, after symbolic links are resolved
    #[arg(long)]
    pub(crate) restrict_paths: bool,

    #[command(flatten)]
    environment: Environment,

    /// Output format [default: human on a terminal, otherwise json]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<OutputFormat>,
}

pub(crate) fn run(options: &Options, stdout: &mut Output<'_>) -> Result<ExitStatus, Failure> {
    if is_stdin(&options.document) {
        let message = "standard input can be read only once and cannot be watched; give a file";
        return Err(Failure::Usage(message.to_owned()));
    }
    let (sender, receiver) = mpsc::channel();
    // Before the first line is written, because its reader may send a signal.
    let signals = Signals::listen()?;
    let source = options
        .environment
        .load_options(options.restrict_paths)?
        .open(&options.document)
        .map(Arc::new)
        .map_err(|error| Failure::Config { error, policy: options.document.clone() })?;
    let of_files = sender.clone();
    let watch = source.watch(move |poll| report(&of_files, poll)).map_err(Failure::Threads)?;
    let _ = sender.send(TimedEvent::now(Event::Started(source.status(), source.diagnostics())));
    let of_signals = Arc::clone(&source);
    let listening = signals.start(move |signal| match signal {
        Signal::Reload => {
            report(&sender, &of_signals.reload());
            of_signals.sweep();
        }
        Signal::End(name) => drop(sender.send(TimedEvent::now(Event::Ended(name)))),
    })?;
    let written = report_all(receiver.iter(), &source, options, stdout);
    drop(listening);
    drop(watch);
    Failure::unless_closed(written)?;
    Ok(ExitStatus::Fine)
}

/// Reports the result of polling the files, unless nothing has changed.
fn report(sender: &Sender<TimedEvent>, poll: &Poll) {
    let event = match poll {
        Poll::Reloaded(reloaded) => Event::Reloaded {
            generation: reloaded.generation,
            digest: reloaded.digest,
            diagnostics: reloaded.diagnostics.clone(),
            diff: Diff::between(&reloaded.previous, &reloaded.policies),
        },
        Poll::Refused(error) => Event::Refused(ConfigError::clone(error)),
        Poll::Unchanged => Event::Unchanged,
        // Files that are still being written are polled again.
        _ => return,
    };
    // The receiver may have ended.
    let _ = sender.send(TimedEvent::now(event));
}

fn report_all(
    events: impl Iterator<Item = TimedEvent>,
    source: &Source,
    options: &Options,
    stdout: &mut Output<'_>,
) -> io::Result<()> {
    let format = options.format.unwrap_or(OutputFormat::for_stream(stdout));
    let (colors, palette) = (stdout.has_colors(), stdout.palette());
    for event in events {
        let mut out = BufWriter::new(&mut *stdout);
        match format {
            OutputFormat::Human => event.write_human(&mut out, colors, palette, &options.document, source)?,
            OutputFormat::Json => event.write_json(&mut out, &options.document, source)?,
        }
        if matches!(event.event, Event::Ended(_)) {
            break;
        }
    }
    Ok(())
}

/// A request by signal.
#[derive(Clone, Copy, Debug)]
enum Signal {
    Reload,
    /// With the signal's name.
    End(&'static str),
}

#[cfg(unix)]
mod listening {
    use std::thread::{self, JoinHandle};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Handle;

    use super::{Failure, Signal};

    /// Signals whose default action is replaced by a handler.
    pub(super) struct Signals(signal_hook::iterator::Signals);

    /// A thread that receives signals; dropping it ends the thread.
    pub(super) struct Listening {
        handle: Handle,
        thread: Option<JoinHandle<()>>,
    }

    impl Signals {
        pub(super) fn listen() -> Result<Self, Failure> {
            signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM]).map(Self).map_err(Failure::Signals)
        }

        pub(super) fn start(mut self, mut receive: impl FnMut(Signal) + Send + 'static) -> Result<Listening, Failure> {
            let handle = self.0.handle();
            let listen = move || {
                for signal in self.0.forever() {
                    receive(match signal {
                        SIGHUP => Signal::Reload,
                        SIGINT => Signal::End("SIGINT"),
                        _ => Signal::End("SIGTERM"),
                    });
                }
            };
            let thread = thread::Builder::new().spawn(listen).map_err(Failure::Threads)?;
            Ok(Listening { handle, thread: Some(thread) })
        }
    }

    impl Drop for Listening {
        fn drop(&mut self) {
            self.handle.close();
            if let Some(thread) = self.thread.take() {
                let _ = thread.join();
            }
        }
    }
}

#[cfg(not(unix))]
mod listening {
    use super::{Failure, Signal};

    /// No signal requests a reload on this system; its own signals end the process.
    pub(super) struct Signals;

    /// Keeps the receiver alive.
    pub(super) struct Listening(#[allow(dead_code, reason = "kept, not called")] Box<dyn FnMut(Signal) + Send>);

    impl Signals {
        pub(super) fn listen() -> Result<Self, Failure> {
            Ok(Self)
        }

        pub(super) fn start(self, receive: impl FnMut(Signal) + Send + 'static) -> Result<Listening, Failure> {
            let (_, _) = (Signal::Reload, Signal::End(""));
            Ok(Listening(Box::new(receive)))
        }
    }
}

use listening::Signals;
