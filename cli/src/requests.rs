//! `corsac decide --requests`: a log of requests, line by line, on one core.

use std::io::Read;
use std::path::Path;

use corsac::Policies;

use crate::arguments::{DecideOptions, Format};
use crate::blocks::{Block, Blocks};
use crate::decider::Decider;
use crate::delivery::Delivery;
use crate::failure::{Failure, Status};
use crate::log::Log;
use crate::output::Output;

pub(crate) fn run(
    options: &DecideOptions,
    log: &Path,
    policies: &Policies,
    stdin: &mut (dyn Read + Send),
    stdout: &mut Output<'_>,
    stderr: &mut Output<'_>,
) -> Result<Status, Failure> {
    let format = options.format.unwrap_or(Format::of_log(stdout));
    let Log { name, reader, .. } = Log::open(log, stdin)?;
    let decider = Decider::new(policies, format);
    let mut delivery = Delivery::new(name.clone(), format, stdout, stderr);
    let ended = decide_all(name, Blocks::new(reader), &decider, &mut delivery);
    delivery.end(ended, options.verbose)
}

fn decide_all(
    name: String,
    mut blocks: Blocks<impl Read>,
    decider: &Decider<'_>,
    delivery: &mut Delivery<'_, '_, '_>,
) -> Result<(), Failure> {
    let mut block = Block::default();
    while blocks.fill(&mut block).map_err(|unreadable| Failure::Log { name: name.clone(), unreadable })? {
        decider.decide(&block, |decided| delivery.deliver(decider, decided))?;
    }
    Ok(())
}
