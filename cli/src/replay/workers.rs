//! Decides a log on several cores, and keeps its order.
//!
//! ```text
//!                      ┌──► worker 0 ──┐
//! log ──► reader ──────┼──► worker 1 ──┼──────► delivery
//!            ▲         └──► worker 2 ──┘           in the order of the log
//!            └── empty blocks ◄──┘
//! ```
//!
//! Block n goes to worker n modulo their number, and delivery asks them in the same turn. There are
//! a few blocks for each worker and no more, and a worker waits before it gets far ahead of
//! delivery: memory depends on their number, not on the log. It cannot be that all wait: the block
//! that is delivered next was read before all others that are not delivered.

use std::io::Read;
use std::num::NonZeroUsize;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread::{self, Scope, ScopedJoinHandle};

use crate::failure::Failure;
use crate::log::blocks::{Block, Blocks, Unreadable};
use crate::replay::decider::{Decided, Decider};

/// How many blocks there are for each worker: one to be read, one to wait, one to be decided.
const BLOCKS: usize = 3;

/// How many parts of an outcome a worker makes before they are asked for.
const AHEAD: usize = 4;

/// Something that came of a block; `None` when nothing more will.
type Outcome = Option<Decided>;

/// Why a log was not decided to its end.
pub(crate) enum Stopped {
    Unreadable(Unreadable),
    Failed(Failure),
}

/// Delivery failed, or its reader has seen enough.
struct NobodyWaits;

/// Decides every line with `threads` workers. `deliver` is called on this thread, in the order of the
/// log.
pub(crate) fn decide_all(
    reader: impl Read + Send,
    decider: &Decider<'_>,
    threads: NonZeroUsize,
    deliver: impl FnMut(Decided) -> Result<(), Failure>,
) -> Result<(), Stopped> {
    thread::scope(|scope| {
        let (empty, empties) = mpsc::channel();
        let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
        for _ in 0..threads.get() {
            for _ in 0..BLOCKS {
                let _ = empty.send(Block::default());
            }
            let (input, blocks) = mpsc::channel();
            let (outcomes, output) = mpsc::sync_channel(AHEAD);
            let empty = empty.clone();
            spawn(scope, move || work(decider, &blocks, &outcomes, &empty))?;
            inputs.push(input);
            outputs.push(output);
        }
        // The reader ends when all workers did.
        drop(empty);
        let reading = spawn(scope, move || read(Blocks::new(reader), &empties, &inputs))?;
        let delivered = collect(&outputs, deliver);
        // Whoever still works finds that nobody waits for it.
        drop(outputs);
        let read = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        delivered.map_err(Stopped::Failed)?;
        read.map_err(Stopped::Unreadable)
    })
}

fn spawn<'s, T: Send + 's>(
    scope: &'s Scope<'s, '_>,
    work: impl FnOnce() -> T + Send + 's,
) -> Result<ScopedJoinHandle<'s, T>, Stopped> {
    thread::Builder::new().spawn_scoped(scope, work).map_err(|error| Stopped::Failed(Failure::Threads(error)))
}

fn read(mut blocks: Blocks<impl Read>, empties: &Receiver<Block>, workers: &[Sender<Block>]) -> Result<(), Unreadable> {
    for worker in workers.iter().cycle() {
        let Ok(mut block) = empties.recv() else { break };
        if !blocks.fill(&mut block)? || worker.send(block).is_err() {
            break;
        }
    }
    Ok(())
}

fn work(decider: &Decider<'_>, blocks: &Receiver<Block>, outcomes: &SyncSender<Outcome>, empty: &Sender<Block>) {
    for block in blocks {
        let send = |outcome| outcomes.send(outcome).map_err(|_| NobodyWaits);
        let decided = decider.decide(&block, |decided| send(Some(decided)));
        // The reader may have come to its end.
        let _ = empty.send(block);
        if decided.and_then(|()| send(None)).is_err() {
            return;
        }
    }
}

fn collect(
    workers: &[Receiver<Outcome>],
    mut deliver: impl FnMut(Decided) -> Result<(), Failure>,
) -> Result<(), Failure> {
    for worker in workers.iter().cycle() {
        loop {
            match worker.recv() {
                Ok(Some(decided)) => deliver(decided)?,
                Ok(None) => break,
                Err(_) => return Ok(()),
            }
        }
    }
    Ok(())
}
