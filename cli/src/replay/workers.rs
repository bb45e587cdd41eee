//! Decides a log on several cores, and keeps its order.
//!
//! ```text
//!                      ┌──► worker 0 ──┐
//! log ──► reader ──────┼──► worker 1 ──┼──────► delivery
//!            ▲         └──► worker 2 ──┘           in the order of the log
//!            └── empty blocks ◄──┘
//! ```
//!
//! Block n goes to worker n modulo their number, and delivery receives from the workers in the same
//! order. Each worker has a few blocks, and waits before it gets far ahead of delivery, so memory
//! depends on the number of workers, not on the log. There is no deadlock: the block that is delivered
//! next was read before all others that are not delivered.

use std::io::Read;
use std::num::NonZeroUsize;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread::{self, Scope, ScopedJoinHandle};

use crate::failure::Failure;
use crate::log::blocks::{Block, Blocks, Unreadable};
use crate::replay::decider::{Decided, Decider};

/// How many blocks there are for each worker: one being read, one waiting, one being decided.
const BLOCKS: usize = 3;

/// How many parts of results a worker sends before they are received. `None` follows the last part of
/// a block.
const AHEAD: usize = 4;

/// Why a log was not decided to its end.
pub(crate) enum Stopped {
    Unreadable(Unreadable),
    Failed(Failure),
}

/// Delivery has failed, or the output was closed.
struct ReceiverGone;

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
            let (parts, output) = mpsc::sync_channel(AHEAD);
            let empty = empty.clone();
            spawn(scope, move || work(decider, &blocks, &parts, &empty))?;
            inputs.push(input);
            outputs.push(output);
        }
        // The reader ends after all workers have ended.
        drop(empty);
        let reading = spawn(scope, move || read(Blocks::new(reader), &empties, &inputs))?;
        let delivered = collect(&outputs, deliver);
        // Workers that are still running find their channel closed.
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

fn work(decider: &Decider<'_>, blocks: &Receiver<Block>, parts: &SyncSender<Option<Decided>>, empty: &Sender<Block>) {
    for block in blocks {
        let send = |part| parts.send(part).map_err(|_| ReceiverGone);
        let decided = decider.decide(&block, |decided| send(Some(decided)));
        // The reader may have ended.
        let _ = empty.send(block);
        if decided.and_then(|()| send(None)).is_err() {
            return;
        }
    }
}

fn collect(
    workers: &[Receiver<Option<Decided>>],
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
