//! Readers while policies are replaced under them: every field of an answer belongs to one
//! generation, and no answer is older than the reload before it. By readers that stay on a thread,
//! by one that is handed from thread to thread, and by snapshots of one shared handle.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use corsac::{Decision, Engine, OwnedDecision, Policies, PolicyId, Reader};
use corsac_tests::answer::Answer;
use corsac_tests::bytes::Text;
use corsac_tests::editions::{self, Edition, Expected, NAMES, Question};
use corsac_tests::ending::Ending;
use corsac_tests::generate::{self, Dice};

/// Reloads of one round, each of another edition.
const RELOADS: usize = 300;

/// How long any thread waits for the others before it gives up.
const DEADLINE: Duration = Duration::from_secs(60);

/// An engine, the editions that it is given, and the threads' common state.
struct Round {
    engine: Engine,
    questions: Vec<Question>,
    ids: [(&'static str, PolicyId); NAMES.len()],
    /// The numbers of the editions, in the order in which the engine is given them.
    numbers: Vec<u64>,
    /// What each edition answers, by its number.
    expected: BTreeMap<u64, Vec<Expected>>,
    decided: AtomicU64,
    is_over: AtomicBool,
}

impl Round {
    /// A round, and its editions: the first is what the engine has, and has every policy.
    fn new(seed: u64) -> (Self, Vec<Edition>) {
        let has_all = |edition: &Edition| NAMES.iter().all(|name| edition.policies().id(name).is_some());
        let first = (seed..).map(Edition::new).find(has_all).unwrap();
        let rest = first.number() + 1..;
        let editions: Vec<_> = std::iter::once(first).chain(rest.map(Edition::new)).take(RELOADS + 1).collect();
        let questions = editions::questions();
        let expected = editions.iter().map(|edition| (edition.number(), edition.expected(&questions))).collect();
        let numbers = editions.iter().map(Edition::number).collect();
        let engine = Engine::new(editions[0].policies());
        let ids = NAMES.map(|name| (name, engine.policy_id(name).unwrap()));
        let (decided, is_over) = Default::default();
        (Self { engine, questions, ids, numbers, expected, decided, is_over }, editions)
    }

    fn id(&self, name: &str) -> PolicyId {
        self.ids.iter().find(|(known, _)| *known == name).unwrap().1
    }

    /// Holds a decision to an edition, field by field.
    fn judge(&self, question: usize, decision: &Decision<'_>, edition: u64) {
        let expected = &self.expected[&edition][question];
        let differences = expected.differences(decision, |name| self.id(name));
        let asked = &self.questions[question];
        assert!(differences.is_empty(), "{asked:?} by generation {}: {differences:#?}", decision.generation());
        self.decided.fetch_add(1, Ordering::Release);
    }

    /// The edition of a generation, where one thread alone reloads.
    fn edition_of(&self, generation: u64) -> u64 {
        self.numbers[generation as usize - 1]
    }

    /// Asks a reader every question, and gives the newest generation that it answered from.
    fn ask(&self, reader: &mut Reader, mut newest: u64) -> u64 {
        for (index, question) in self.questions.iter().enumerate() {
            newest = newest.max(self.engine.generation());
            let decision = question.ask(|name| self.id(name), |target, request| reader.decide(target, request));
            let generation = decision.generation();
            assert!(generation >= newest, "generation {generation} answered after {newest}");
            self.judge(index, &decision, self.edition_of(generation));
            assert!(generation <= self.engine.generation(), "generation {generation} is yet to come");
            newest = generation;
        }
        newest
    }

    /// A reader that stays on its thread.
    fn read(&self) {
        let mut reader = self.engine.reader();
        let mut newest = 1;
        while !self.is_over.load(Ordering::Acquire) {
            newest = self.ask(&mut reader, newest);
        }
        assert_eq!(self.ask(&mut reader, newest), self.engine.generation());
    }

    /// A reader that is now here, now on another thread; at times it lets go of its set.
    fn read_in_turns(&self, to: &Sender<(Reader, u64)>, from: &Receiver<(Reader, u64)>) {
        while let Ok((mut reader, newest)) = from.recv() {
            let newest = self.ask(&mut reader, newest);
            if newest.is_multiple_of(3) {
                reader.release();
            }
            if self.is_over.load(Ordering::Acquire) || to.send((reader, newest)).is_err() {
                break;
            }
        }
    }

    /// Snapshots of the shared handle: all answers of one are of one generation.
    fn take_snapshots(&self) {
        let mut newest = 1;
        while !self.is_over.load(Ordering::Acquire) {
            newest = newest.max(self.engine.generation());
            let snapshot = self.engine.snapshot();
            let generation = snapshot.policies().generation();
            assert!(generation >= newest, "a snapshot of generation {generation} after {newest}");
            for (index, question) in self.questions.iter().enumerate() {
                let decision = question.ask(|name| self.id(name), |target, request| snapshot.decide(target, request));
                assert_eq!(decision.generation(), generation);
                self.judge(index, &decision, self.edition_of(generation));
            }
            newest = generation;
        }
    }

    /// Gives the engine one set after the other, now at once and now after some decisions.
    fn reload(&self, sets: Vec<Policies>, dice: &mut Dice) {
        let _ending = Ending(&self.is_over);
        for (generation, policies) in (2..).zip(sets) {
            assert_eq!(self.engine.reload(policies).unwrap(), generation);
            assert_eq!(self.engine.generation(), generation);
            self.wait_for(*dice.pick(&[0, 0, 1, 3, 60, 300]));
            if dice.percent(10) {
                self.engine.sweep();
            }
        }
    }

    fn wait_for(&self, decisions: u64) {
        let (until, deadline) = (self.decided.load(Ordering::Acquire) + decisions, Instant::now() + DEADLINE);
        while self.decided.load(Ordering::Acquire) < until {
            assert!(Instant::now() < deadline, "nobody decides any more");
            std::thread::yield_now();
        }
    }
}

#[test]
fn every_answer_is_of_one_generation() {
    let rounds = generate::comparisons(6_000_000) / 2_000_000;
    let mut decided = 0;
    for seed in 0..rounds {
        let (round, editions) = Round::new(1_000_000 * seed);
        let sets = editions[1..].iter().map(Edition::policies).collect();
        let ((there, from_here), (here, from_there)) = (channel(), channel());
        here.send((round.engine.reader(), 1)).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| round.read());
            scope.spawn(|| round.read());
            scope.spawn(|| round.take_snapshots());
            scope.spawn(|| round.take_snapshots());
            let (round, mut dice) = (&round, Dice::new(seed));
            scope.spawn(move || round.read_in_turns(&there, &from_there));
            scope.spawn(move || round.read_in_turns(&here, &from_here));
            round.reload(sets, &mut dice);
        });
        let stats = round.engine.stats();
        assert_eq!(stats.generation(), RELOADS as u64 + 1);
        assert_eq!(stats.total(), round.decided.load(Ordering::Acquire), "decisions were not counted, or twice");
        assert_eq!(stats.iter().map(|(.., count)| count).sum::<u64>(), stats.total());
        assert_eq!((stats.readers(), round.engine.sweep()), (0, 0), "somebody still holds a set");
        decided += stats.total();
    }
    println!("{decided} decisions during {} reloads", rounds * RELOADS as u64);
}

/// Reloads from several threads take turns: every one has a generation of its own, and what is
/// answered under that generation is what was given for it.
#[test]
fn reloads_from_several_threads_take_turns() {
    const WRITERS: usize = 3;
    let (round, editions) = Round::new(77);
    let (given, seen) = (Mutex::new(BTreeMap::from([(1, editions[0].number())])), Mutex::new(BTreeSet::new()));
    let running = AtomicU64::new(WRITERS as u64);
    let read = || {
        let (mut reader, mut last) = (round.engine.reader(), 0);
        while !round.is_over.load(Ordering::Acquire) {
            let decision =
                round.questions[0].ask(|name| round.id(name), |target, request| reader.decide(target, request));
            let (generation, edition) = (decision.generation(), editions::number_of(&decision).unwrap());
            round.judge(0, &decision, edition);
            assert!(generation >= last, "generation {generation} after {last}");
            last = generation;
            seen.lock().unwrap().insert((generation, edition));
        }
    };
    let write = |editions: &[Edition]| {
        let ending = Ending(&round.is_over);
        let sets: Vec<_> = editions.iter().map(|edition| (edition.number(), edition.policies())).collect();
        for (edition, policies) in sets {
            let generation = round.engine.reload(policies).unwrap();
            assert_eq!(given.lock().unwrap().insert(generation, edition), None, "generation {generation} twice");
            round.wait_for(1);
        }
        if running.fetch_sub(1, Ordering::AcqRel) > 1 {
            std::mem::forget(ending);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(read);
        scope.spawn(read);
        editions[1..].chunks(RELOADS / WRITERS).for_each(|chunk| drop(scope.spawn(|| write(chunk))));
    });
    let (given, seen) = (given.into_inner().unwrap(), seen.into_inner().unwrap());
    assert!(given.keys().copied().eq(1..=RELOADS as u64 + 1), "generations are counted one by one");
    assert!(seen.iter().all(|(generation, edition)| given[generation] == *edition), "{seen:?} of {given:?}");
    println!("{} generations seen of {}", seen.len(), given.len());
    assert!(seen.len() > RELOADS / 10, "hardly a reload was seen");
}

/// What is asked tells one edition from the next in every field, or a mixed answer would pass.
#[test]
fn neighbouring_editions_differ_in_every_field() {
    let (round, editions) = Round::new(0);
    let mut tally = BTreeMap::<String, usize>::new();
    for pair in editions.windows(2) {
        let [one, other] = [0, 1].map(|at| &round.expected[&pair[at].number()]);
        let of_question = |(one, other): (&Expected, &Expected)| {
            let mut fields = one.answer.differences(&other.answer);
            fields.extend((one.policy != other.policy).then(|| "policy:".into()));
            fields.into_iter().map(|field| field.split(':').next().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let fields: BTreeSet<String> = one.iter().zip(other).flat_map(of_question).collect();
        fields.into_iter().for_each(|field| *tally.entry(field).or_default() += 1);
    }
    println!("of {RELOADS} pairs so many differ: {tally:?}");
    assert_eq!(tally.len(), 10, "a field is the same in all editions");
    assert_eq!(tally["set"], RELOADS);
    assert!(tally.values().all(|pairs| *pairs > RELOADS / 2), "a field hardly ever changes");
}

/// What an owned decision says, as the corpus writes it.
fn answer_of(owned: &OwnedDecision) -> Answer {
    let text = |value: &[u8]| Text::Plain(String::from_utf8(value.to_vec()).unwrap());
    Answer {
        verdict: owned.verdict().as_str().into(),
        reason: owned.reason().as_str().into(),
        failed: owned.failed().names().map(Into::into).collect(),
        status: owned.status(),
        rule: owned.rule().map(Into::into),
        grant: owned.grant(),
        set: owned.set().map(|(name, value)| (name.into(), text(value))).collect(),
        vary: owned.vary().names().map(Into::into).collect(),
        upstream: owned.upstream().as_str().into(),
    }
}

/// A decision that is still being read while its set is replaced, and replaced again.
#[test]
fn a_decision_outlives_reloads() {
    let (round, editions) = Round::new(5);
    let (mut reader, first) = (round.engine.reader(), editions[0].number());
    for (index, question) in round.questions.iter().enumerate() {
        let before = round.engine.generation();
        let snapshot = round.engine.snapshot();
        let read = question.ask(|name| round.id(name), |target, request| reader.decide(target, request));
        let shared = question.ask(|name| round.id(name), |target, request| snapshot.decide(target, request));
        let owned = read.to_owned_decision();
        round.engine.reload(editions[1].policies()).unwrap();
        round.engine.reload(editions[2].policies()).unwrap();
        assert_eq!(round.engine.sweep(), 1, "the set that decisions borrow from is held, no other");
        round.judge(index, &read, first);
        round.judge(index, &shared, first);
        assert_eq!((read.generation(), shared.generation()), (before, before));
        drop(snapshot);
        round.engine.reload(editions[0].policies()).unwrap();
        assert_eq!(reader.policies().generation(), before + 3);
        assert_eq!(round.engine.sweep(), 0);
        let differences = round.expected[&first][index].answer.differences(&answer_of(&owned));
        assert!(differences.is_empty() && owned.generation() == before, "{differences:?}");
    }
}
