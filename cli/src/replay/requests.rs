//! `corsac decide --requests`: a log of requests, line by line, on one core.

use std::io::Read;
use std::path::Path;

use corsac::Policies;

use crate::failure::{Failure, Status};
use crate::log::Log;
use crate::log::blocks::{Block, Blocks};
use crate::replay::decider::Decider;
use crate::replay::delivery::Delivery;
use crate::show::format::OutputFormat;
use crate::show::output::Output;

pub(crate) fn run(
    log: &Path,
    format: OutputFormat,
    verbose: bool,
    policies: &Policies,
    stdin: &mut (dyn Read + Send),
    stdout: &mut Output<'_>,
    stderr: &mut Output<'_>,
) -> Result<Status, Failure> {
    let name = crate::argument::display_name(log);
    let Log { reader, .. } =
        Log::open(log, stdin).map_err(|error| Failure::Log { name: name.clone(), error, after: 0 })?;
    let decider = Decider::new(policies, format);
    let mut delivery = Delivery::new(name.clone(), format, stdout, stderr);
    let ended = decide_all(name, Blocks::new(reader), &decider, &mut delivery);
    delivery.end(ended, verbose)
}

fn decide_all(
    name: String,
    mut blocks: Blocks<impl Read>,
    decider: &Decider<'_>,
    delivery: &mut Delivery<'_, '_, '_>,
) -> Result<(), Failure> {
    let mut block = Block::default();
    while blocks.fill(&mut block).map_err(|unreadable| Failure::Log {
        name: name.clone(),
        error: unreadable.error,
        after: unreadable.after,
    })? {
        decider.decide(&block, |decided| delivery.deliver(decider, decided))?;
    }
    Ok(())
}
