//! A source of policies whose files change while a reader decides, polled or watched.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use corsac::{Diagnostic, PolicyId, Reader, Request, Severity, Target, Verdict};
use corsac_source::{Digest, Poll, Source, Watch};

use crate::scratch::Scratch;

/// How long anything may take. Nothing waits for so long unless it fails.
const DEADLINE: Duration = Duration::from_secs(60);

/// Every origin that documents here name.
const ORIGINS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// How changes are noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Poll,
    Watch,
}

/// What a source reports about a reload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReloadEvent {
    /// Policies of this generation came into use.
    Reloaded(u64),
    /// The files were rejected; the code of the first error.
    Refused(&'static str),
    /// The files again match the policies in use.
    Recovered,
}

/// A source whose every answer is held against what the test expects of it.
///
/// Sets are written as the letters of the origins that they allow.
#[derive(Debug)]
pub struct Live {
    pub scratch: Scratch,
    pub source: Arc<Source>,
    by: By,
    watch: Option<Watch>,
    reader: Reader,
    policy: PolicyId,
    heard: Arc<Mutex<Vec<ReloadEvent>>>,
    expected: Vec<ReloadEvent>,
    generation: u64,
    /// Of what serves in that generation. Asked for when it began to, for whoever watches may have
    /// seen the next by the time that a test says so.
    digest: Digest,
    serving: String,
}

/// A document that allows these origins, and those of the lists.
pub fn document(origins: &str, lists: &[&str]) -> String {
    let origins = origins.chars().map(|letter| format!("  \"https://{letter}.example\",\n"));
    let lists = lists.iter().map(|list| format!("  {{ file = \"{list}\" }},\n"));
    let rows: String = origins.chain(lists).collect();
    format!("version = 1\n[policy.p]\nallow_origins = [\n{rows}]\n")
}

/// A list of these origins.
pub fn list(origins: &str) -> String {
    origins.chars().map(|letter| format!("https://{letter}.example\n")).collect()
}

impl Live {
    /// Serves a document of one file, which allows `a`.
    pub fn plain(by: By) -> Self {
        let scratch = Scratch::with("policy.toml", document("a", &[]));
        let path = scratch.document().to_owned();
        Self::open(by, scratch, &path, "a")
    }

    /// Serves a document that allows `serving`, and waits until a file that changes without showing
    /// it goes unseen: so that what is seen later is seen by its signs.
    pub fn open(by: By, scratch: Scratch, document: &Path, serving: &str) -> Self {
        let mut live = Self::open_fresh(by, scratch, document, serving);
        live.rests();
        live
    }

    /// The same, while the files are so young that they can change without showing it.
    pub fn open_fresh(by: By, scratch: Scratch, document: &Path, serving: &str) -> Self {
        let mut live = Self::open_unwatched(by, scratch, document, serving);
        live.look();
        live
    }

    /// The same; the first to look is whoever looks next.
    pub fn open_unwatched(by: By, scratch: Scratch, document: &Path, serving: &str) -> Self {
        let source = Arc::new(Source::open(document).unwrap());
        let (reader, policy) = (source.engine().reader(), source.engine().policy_id("p").unwrap());
        let (heard, digest, serving) = (Arc::default(), source.status().digest, serving.to_owned());
        let expected = vec![];
        Self { scratch, source, by, watch: None, reader, policy, heard, expected, generation: 1, digest, serving }
    }

    /// New policies, which allow `serving`, are about to serve, in the next generation.
    pub fn becomes(&mut self, serving: &str) {
        let next = (self.generation + 1, serving);
        self.expected.push(ReloadEvent::Reloaded(next.0));
        self.wait(&format!("{serving} serve"), Some(next), |live| live.heard_all());
        (self.generation, self.serving) = (next.0, serving.to_owned());
        self.check(None);
        let status = self.source.status();
        assert_eq!((status.generation, status.last_error.is_none()), (next.0, true));
        assert_ne!(status.digest, self.digest);
        self.digest = status.digest;
    }

    /// The files are about to be refused, first of all with this code.
    pub fn is_refused(&mut self, code: &'static str) {
        self.expected.push(ReloadEvent::Refused(code));
        self.until(&format!("{code} is found"), Self::heard_all);
        let status = self.source.status();
        let findings = status.last_error.expect("a refusal is shown").findings;
        assert_eq!(first_code(findings.diagnostics()), code);
        assert_eq!(status.generation, self.generation);
    }

    /// The files are about to be what serves, after they were refused.
    pub fn is_recovered(&mut self) {
        self.expected.push(ReloadEvent::Recovered);
        self.until("the error is gone", Self::heard_all);
        assert!(self.source.status().last_error.is_none());
    }

    /// What was changed just now is looked at, and changes nothing.
    pub fn stays(&mut self) {
        let (before, changed_at) = (self.source.status(), SystemTime::now());
        self.until("the change is looked at", |live| live.source.status().checked_at > changed_at);
        let status = self.source.status();
        assert_eq!((status.generation, status.digest), (before.generation, before.digest));
        assert_eq!(status.last_error.map(|error| error.at), before.last_error.map(|error| error.at));
    }

    /// Looks until a file that changes without showing it would go unseen.
    pub fn rests(&mut self) {
        self.until("nothing is in doubt", |live| !live.source.changed() && live.source.poll_in().is_none());
    }

    /// Looks on until all is certain: nothing else happens.
    pub fn ends(mut self) {
        self.rests();
        self.watch = None;
        assert!(!self.source.status().watched);
        self.look_by_polling();
        assert_eq!(self.heard(), self.expected);
        assert_eq!(self.source.engine().generation(), self.generation);
        self.check(None);
    }

    /// Looks once: nothing is to have come of it but what the test said.
    pub fn look(&mut self) {
        self.look_before(None);
    }

    fn look_before(&mut self, next: Option<(u64, &str)>) {
        match self.by {
            By::Poll => self.look_by_polling(),
            By::Watch if self.watch.is_none() => self.watch = Some(self.start()),
            By::Watch => {}
        }
        self.check(next);
        let heard = self.heard();
        assert!(self.expected.starts_with(&heard), "{heard:?} instead of {:?}", self.expected);
    }

    fn start(&self) -> Watch {
        let (heard, source) = (self.heard.clone(), Arc::downgrade(&self.source));
        let watch = self.source.watch(move |poll| {
            let is_recovered = source.upgrade().is_some_and(|source| source.status().last_error.is_none());
            heard.lock().unwrap().extend(event(poll, is_recovered));
        });
        watch.unwrap()
    }

    fn look_by_polling(&mut self) {
        let had_error = self.source.status().last_error.is_some();
        let poll = self.source.poll();
        let has_error = self.source.status().last_error.is_some();
        self.heard.lock().unwrap().extend(event(&poll, had_error && !has_error));
    }

    fn heard(&self) -> Vec<ReloadEvent> {
        self.heard.lock().unwrap().clone()
    }

    fn heard_all(&self) -> bool {
        self.heard().len() >= self.expected.len()
    }

    fn until(&mut self, what: &str, is_done: impl Fn(&Self) -> bool) {
        self.wait(what, None, is_done);
    }

    fn wait(&mut self, what: &str, next: Option<(u64, &str)>, is_done: impl Fn(&Self) -> bool) {
        let started = Instant::now();
        loop {
            self.look_before(next);
            if is_done(self) {
                return;
            }
            if started.elapsed() > DEADLINE {
                panic!("not before the deadline: {what}; {:?}, {:?}", self.heard(), self.source.status());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Every decision is that of a whole set: of the one that serves, or of the next.
    fn check(&mut self, next: Option<(u64, &str)>) {
        for letter in ORIGINS {
            let origin = format!("https://{letter}.example");
            let decision = self.reader.decide(Target::Policy(self.policy), &Request::new("GET").origin(&origin));
            let serving = match next {
                Some((generation, serving)) if decision.generation() == generation => serving,
                _ => {
                    assert_eq!(decision.generation(), self.generation, "{letter}: {:?}", self.heard.lock());
                    &self.serving
                }
            };
            let verdict = if serving.contains(letter) { Verdict::Allowed } else { Verdict::Denied };
            assert_eq!(decision.verdict(), verdict, "{letter} in generation {}", decision.generation());
        }
    }
}

fn event(poll: &Poll, is_recovered: bool) -> Option<ReloadEvent> {
    match poll {
        Poll::Reloaded(reloaded) => Some(ReloadEvent::Reloaded(reloaded.generation)),
        Poll::Refused(error) => Some(ReloadEvent::Refused(first_code(error.diagnostics()))),
        Poll::Unchanged if is_recovered => Some(ReloadEvent::Recovered),
        _ => None,
    }
}

fn first_code(diagnostics: &[Diagnostic]) -> &'static str {
    let mut errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity() == Severity::Error);
    errors.next().expect("a refusal has an error").code().as_str()
}

/// What happens to files, by name.
pub type Scenario = (&'static str, fn(By));

/// Plays all scenarios at once: they spend their time waiting.
pub fn play(by: By, scenarios: &[Scenario]) {
    let failed: Vec<_> = std::thread::scope(|scope| {
        let start = |&(name, scenario): &Scenario| {
            let builder = std::thread::Builder::new().name(format!("{name} by {by:?}"));
            (name, builder.spawn_scoped(scope, move || scenario(by)).unwrap())
        };
        let threads: Vec<_> = scenarios.iter().map(start).collect();
        threads.into_iter().filter_map(|(name, thread)| thread.join().is_err().then_some(name)).collect()
    });
    assert!(failed.is_empty(), "failed by {by:?}: {}", failed.join(", "));
}
