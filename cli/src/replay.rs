//! `corsac replay`: a log of any size, on all cores.

use std::io::{Read, Write as _};
use std::num::NonZeroUsize;
use std::path::Path;
use std::thread;

use crate::access_log::Fields;
use crate::against::Against;
use crate::arguments::{Format, ReplayOptions};
use crate::decide::bytes_of;
use crate::decider::Decider;
use crate::delivery::Delivery;
use crate::failure::{Failure, Status};
use crate::load;
use crate::log::Log;
use crate::output::Output;
use crate::progress_bar::ProgressBar;
use crate::workers::{self, Stopped};

pub(crate) fn run(
    options: &ReplayOptions,
    stdin: &mut (dyn Read + Send),
    stdout: &mut Output<'_>,
    stderr: &mut Output<'_>,
) -> Result<Status, Failure> {
    let mut inputs: Vec<(&str, &Path)> = vec![("policy", &options.document), ("requests", &options.log)];
    inputs.extend(options.against.as_deref().map(|new| ("`--against`", new)));
    load::refuse_twice_stdin(&inputs)?;
    let fields = options.fields.as_deref().map(Fields::new).transpose().map_err(Failure::Usage)?;
    let format = options.format.unwrap_or(Format::of_log(stdout));
    let loaded = load::usable(&options.document, stdin)?;
    let new = options.against.as_deref().map(|new| load::usable(new, stdin)).transpose()?;
    let mut decider = Decider::new(&loaded.policies, format);
    if let Some(new) = &new {
        decider.compare_with(Against::new(&new.policies, options.samples.into()));
    }
    if let Some(policy) = &options.policy {
        decider.ask(&bytes_of(policy))?;
    }
    if let Some(fields) = fields {
        warn_without_origin(&fields, stderr);
        decider.read_fields(fields)?;
    }
    let Log { name, reader, progress } = Log::open(&options.log, stdin)?;
    // Answers on the same terminal would run into the bar.
    let bar = match format {
        Format::Json if stdout.is_terminal() && new.is_none() => ProgressBar::hidden(),
        Format::Json | Format::Human => ProgressBar::on(stderr, progress),
    };
    let mut delivery = Delivery::new(name.clone(), format, stdout, stderr).with_bar(bar);
    if new.is_some() {
        delivery.compare(options.samples.into());
    } else if format == Format::Human || options.verbose {
        decider.keep_denied_origins();
        delivery.count_denied_origins();
    }
    let ended = workers::decide_all(reader, &decider, threads(options), |decided| delivery.deliver(&decider, decided));
    let ended = ended.map_err(|stopped| match stopped {
        Stopped::Unreadable(unreadable) => Failure::Log { name, unreadable },
        Stopped::Failed(failure) => failure,
    });
    delivery.end(ended, options.verbose)
}

fn threads(options: &ReplayOptions) -> NonZeroUsize {
    let asked = options.threads.and_then(|threads| NonZeroUsize::new(threads.into()));
    asked.unwrap_or_else(|| thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
}

fn warn_without_origin(fields: &Fields, stderr: &mut Output<'_>) {
    if !fields.has_origin() {
        let style = stderr.palette().neutral;
        let _ = writeln!(
            stderr,
            "{style}warning:{style:#} `--fields` has no `$http_origin`: every request is treated as having no `Origin`"
        );
    }
}
