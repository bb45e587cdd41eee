//! An engine, and where its policies come from.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use corsac::document::{Format, Loaded};
use corsac::{Code, ConfigError, Diagnostic, Engine, Policies};

use crate::digest::{Content, Digest};
use crate::document_path::DocumentPath;
use crate::poll::{Poll, Reloaded};
use crate::reading::Reading;
use crate::settle::Moment;
use crate::status::{LastError, Status};
use crate::watched_files::{Due, WatchedFiles};

/// How many times files that change while being read are read again, for callers that do not poll.
const ATTEMPTS: usize = 8;

/// An engine and where its policies come from.
///
/// Shared through an `Arc`. Do not call these methods on the request path: each can wait for files or
/// for a load, unless its documentation says otherwise. Reload the engine only through its source;
/// otherwise [`Source::status`] describes policies that are not in use.
///
/// ```
/// # let folder = std::env::temp_dir().join(format!("corsac-source-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("policy.toml");
/// # std::fs::write(&path, "version = 1\n[policy.api]\nallow_origins = [\"https://a.example\"]\n")?;
/// use std::sync::Arc;
///
/// use corsac_source::{Poll, Source};
///
/// let source = Arc::new(Source::open(&path)?);
/// let reader = source.engine().reader(); // one for each worker
///
/// let watch = source.watch(|poll| match poll {
///     Poll::Reloaded(reloaded) => println!("generation {}", reloaded.generation),
///     Poll::Refused(error) => eprintln!("not reloaded: {error}"),
///     _ => {}
/// })?;
/// println!("{}", source.status().to_json());
/// drop(watch); // ends the thread
/// # drop(reader);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Source {
    engine: Engine,
    /// Held for as long as a load takes, so that there is one at a time.
    loads: Mutex<()>,
    /// Held for as long as it takes to read the files' metadata.
    files: Mutex<WatchedFiles>,
    /// Held for no longer than a swap takes.
    state: Mutex<State>,
}

struct State {
    /// `None` if the policies come from memory.
    document: Option<DocumentPath>,
    serving: Serving,
    refusal: Option<Refusal>,
    checked_at: SystemTime,
    watches: usize,
}

/// The source of the policies in use.
struct Serving {
    content: Content,
    digest: Digest,
    loaded_at: SystemTime,
    diagnostics: Vec<Diagnostic>,
    sources: Vec<PathBuf>,
}

struct Refusal {
    /// The rejected content, if it was the source's own document, so that it is not compiled again.
    content: Option<Content>,
    error: LastError,
}

/// The result of reading a document.
enum Outcome {
    /// Its content is that of the policies in use.
    Serving,
    /// Its content is that of the last rejected load.
    RefusedBefore,
    Accepted(Loaded),
    Refused(ConfigError),
}

impl Source {
    /// Loads a document from disk and makes an engine of it. A name that ends in `.json` is JSON,
    /// every other is TOML; list files are relative to the document's folder.
    ///
    /// # Errors
    /// Every diagnostic at once; `document/unreadable` if the file cannot be read, or changes each
    /// time that it is read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let path = DocumentPath::new(path.as_ref());
        for _ in 0..ATTEMPTS {
            let now = Moment::now();
            let mut reading = Reading::of_file(&path);
            let loaded = reading.load();
            if !reading.is_torn() {
                return Ok(Self::new(loaded?, &reading, Some(path), &now));
            }
        }
        Err(restless(&path))
    }

    /// Loads a document from memory. A document that names list files is rejected, because there are
    /// none in memory. `name` is the document's name in diagnostics.
    ///
    /// # Errors
    /// Every diagnostic at once.
    pub fn from_text(name: &str, bytes: &[u8], format: Format) -> Result<Self, ConfigError> {
        let mut reading = Reading::of_text(None, name, bytes, format);
        Ok(Self::new(reading.load()?, &reading, None, &Moment::now()))
    }

    /// Takes policies that were made in code. The digest is that of [`Policies::to_document`].
    #[must_use]
    pub fn from_policies(policies: Policies) -> Self {
        let document = policies.to_document();
        let reading = Reading::of_text(None, "policies", document.as_bytes(), Format::Toml);
        let loaded = (policies, Vec::new());
        Self::with(loaded, &reading, None, &Moment::now())
    }

    fn new(loaded: Loaded, reading: &Reading<'_>, document: Option<DocumentPath>, now: &Moment) -> Self {
        Self::with((loaded.policies, loaded.diagnostics), reading, document, now)
    }

    fn with(
        (policies, diagnostics): (Policies, Vec<Diagnostic>),
        reading: &Reading<'_>,
        document: Option<DocumentPath>,
        now: &Moment,
    ) -> Self {
        let content = reading.content();
        let digest = content.digest();
        let serving = Serving { content, digest, loaded_at: SystemTime::now(), diagnostics, sources: sources(reading) };
        let state = State { document, serving, refusal: None, checked_at: now.system, watches: 0 };
        Self {
            engine: Engine::new(policies),
            loads: Mutex::new(()),
            files: Mutex::new(files_of(reading, now)),
            state: Mutex::new(state),
        }
    }

    /// The engine, for readers.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The document, as it was named; none for policies from memory.
    #[must_use]
    pub fn path(&self) -> Option<PathBuf> {
        lock(&self.state).document.as_ref().map(|document| document.given().to_owned())
    }

    /// Warnings and notes of the policies in use, in the order of their positions. Never waits for a
    /// load.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        lock(&self.state).serving.diagnostics.clone()
    }

    /// The source's status. Waits at most for the swap at the end of a load, never for the load
    /// itself.
    #[must_use]
    pub fn status(&self) -> Status {
        let state = lock(&self.state);
        Status {
            generation: self.engine.generation(),
            digest: state.serving.digest,
            loaded_at: state.serving.loaded_at,
            checked_at: state.checked_at,
            sources: state.serving.sources.clone(),
            last_error: state.refusal.as_ref().map(|refusal| refusal.error.clone()),
            watched: state.watches > 0,
        }
    }

    /// Whether [`poll`](Self::poll) may have something to do: a file looks different from when it
    /// was read, or was read within 2 s of being written, so that another write may not be visible in
    /// its metadata. Reads the metadata of each file but no content; never waits for a load. False
    /// for policies from memory.
    #[must_use]
    pub fn changed(&self) -> bool {
        lock(&self.files).has_changed()
    }

    /// Loads the document if it or one of its lists changed and has not been written for 100 ms. Does
    /// not wait for that: it blocks only while reading and compiling, and while another load runs.
    /// Frees replaced policies that no reader holds any more.
    ///
    /// A rejected document is tried again when a file changes. A failure that may be temporary (too
    /// many open files, a server that does not respond) is also tried again every 2 s.
    pub fn poll(&self) -> Poll {
        self.engine.sweep();
        let _one_at_a_time = lock(&self.loads);
        let Some(document) = self.document() else { return Poll::Unchanged };
        match lock(&self.files).observe(&Moment::now()) {
            Due::Nothing => return Poll::Unchanged,
            Due::Later => return Poll::Unsettled,
            Due::Now => {}
        }
        self.attempt(&document, false)
    }

    /// Loads the document now, whether or not it changed and whether or not it is still being written.
    /// If its content is already in use, nothing is replaced. [`Poll::Unsettled`] if it changes each
    /// time that it is read; a later [`poll`](Self::poll) loads it. Does nothing for policies from
    /// memory.
    pub fn reload(&self) -> Poll {
        let _one_at_a_time = lock(&self.loads);
        let Some(document) = self.document() else { return Poll::Unchanged };
        for _ in 0..ATTEMPTS {
            lock(&self.files).observe(&Moment::now());
            match self.attempt(&document, true) {
                Poll::Unsettled => {}
                poll => return poll,
            }
        }
        Poll::Unsettled
    }

    /// Replaces the policies and the source by this document, if it is accepted; otherwise both stay
    /// as they are, and the error is in [`status`](Self::status). There are no list files in memory.
    pub fn reload_text(&self, name: &str, bytes: &[u8], format: Format) -> Poll {
        let _one_at_a_time = lock(&self.loads);
        let now = Moment::now();
        let mut reading = Reading::of_text(None, name, bytes, format);
        let outcome = self.outcome(&mut reading, true);
        self.become_source(outcome, &reading, None, &now)
    }

    /// Replaces the policies and the source by the document at this path, if it is accepted; otherwise
    /// both stay as they are, and the error is in [`status`](Self::status).
    pub fn reload_file(&self, path: impl AsRef<Path>) -> Poll {
        let _one_at_a_time = lock(&self.loads);
        let path = DocumentPath::new(path.as_ref());
        for _ in 0..ATTEMPTS {
            let now = Moment::now();
            let mut reading = Reading::of_file(&path);
            let outcome = self.outcome(&mut reading, true);
            if !reading.is_torn() {
                return self.become_source(outcome, &reading, Some(path), &now);
            }
        }
        self.refuse(restless(&path), None)
    }

    /// The document and its list files.
    pub(crate) fn watched_files(&self) -> Vec<PathBuf> {
        lock(&self.files).paths()
    }

    /// Whether files must be read again although their metadata is unchanged.
    pub(crate) fn in_doubt(&self) -> bool {
        lock(&self.files).in_doubt()
    }

    pub(crate) fn has_error(&self) -> bool {
        lock(&self.state).refusal.is_some()
    }

    /// Counts the threads that watch, up or down.
    pub(crate) fn count_watches(&self, count: impl FnOnce(usize) -> usize) {
        let mut state = lock(&self.state);
        state.watches = count(state.watches);
    }

    fn document(&self) -> Option<DocumentPath> {
        lock(&self.state).document.clone()
    }

    /// Reads the document and applies the result. With `is_forced` it may still be being written.
    fn attempt(&self, document: &DocumentPath, is_forced: bool) -> Poll {
        let now = Moment::now();
        let mut reading = Reading::of_file(document);
        let outcome = self.outcome(&mut reading, is_forced);
        let is_torn = reading.is_torn();
        let mut files = lock(&self.files);
        // A list that the document names for the first time can be unsettled too.
        let is_settled = files.observe_read(reading.files(), &now);
        if is_torn || !(is_settled || is_forced) {
            return Poll::Unsettled;
        }
        files.record(&now, reading.is_transient());
        let knows_lists = reading.files().len() > 1 || !matches!(outcome, Outcome::Refused(_) | Outcome::RefusedBefore);
        if knows_lists {
            let sources = lock(&self.state).serving.sources.clone();
            files.keep(&sources.iter().chain(reading.paths()).map(PathBuf::as_path).collect());
        }
        drop(files);
        lock(&self.state).checked_at = now.system;
        match outcome {
            Outcome::Serving => self.confirm(&reading),
            Outcome::RefusedBefore => Poll::Unchanged,
            Outcome::Accepted(loaded) => self.swap(loaded, &reading, Some(reading.content())),
            Outcome::Refused(error) => self.refuse(error, Some(reading.content())),
        }
    }

    /// Compiles what was read only if that can make a difference. With `is_forced`, rejected content is
    /// compiled again, so that the caller gets its diagnostics.
    fn outcome(&self, reading: &mut Reading<'_>, is_forced: bool) -> Outcome {
        let (serving, refused) = {
            let state = lock(&self.state);
            let refused = state.refusal.as_ref().and_then(|refusal| refusal.content.clone());
            (state.serving.content.clone(), refused.filter(|_| !is_forced))
        };
        if reading.holds(&serving) {
            return Outcome::Serving;
        }
        if refused.is_some_and(|refused| reading.holds(&refused)) {
            return Outcome::RefusedBefore;
        }
        reading.load().map_or_else(Outcome::Refused, Outcome::Accepted)
    }

    /// Replaces the source's document by another, if that is accepted.
    fn become_source(
        &self,
        outcome: Outcome,
        reading: &Reading<'_>,
        document: Option<DocumentPath>,
        now: &Moment,
    ) -> Poll {
        let poll = match outcome {
            Outcome::Refused(error) => self.refuse(error, None),
            Outcome::Accepted(loaded) => self.swap(loaded, reading, None),
            Outcome::Serving | Outcome::RefusedBefore => self.confirm(reading),
        };
        if !matches!(poll, Poll::Refused(_)) {
            *lock(&self.files) = files_of(reading, now);
            let mut state = lock(&self.state);
            state.document = document;
            state.checked_at = now.system;
        }
        poll
    }

    /// Records that this reading is what is in use.
    fn confirm(&self, reading: &Reading<'_>) -> Poll {
        let mut state = lock(&self.state);
        state.refusal = None;
        state.serving.content = reading.content();
        state.serving.sources = sources(reading);
        Poll::Unchanged
    }

    /// Uses these policies, unless the engine requires something that they do not have; `own` is then
    /// remembered as the content that was rejected.
    fn swap(&self, loaded: Loaded, reading: &Reading<'_>, own: Option<Content>) -> Poll {
        let content = reading.content();
        let digest = content.digest();
        if digest == lock(&self.state).serving.digest {
            return self.confirm(reading);
        }
        let Loaded { policies, diagnostics, .. } = loaded;
        // Under the lock, so that no status combines one set of policies with the digest of another.
        let mut state = lock(&self.state);
        let previous = self.engine.policies();
        let generation = match self.engine.reload(policies) {
            Ok(generation) => generation,
            Err(missing) => {
                drop(state);
                return self.refuse(ConfigError::missing(reading.name(), &missing), own);
            }
        };
        let policies = self.engine.policies();
        state.refusal = None;
        state.serving = Serving {
            content,
            digest,
            loaded_at: SystemTime::now(),
            diagnostics: diagnostics.clone(),
            sources: sources(reading),
        };
        Poll::Reloaded(Reloaded { generation, digest, diagnostics, previous, policies })
    }

    fn refuse(&self, error: ConfigError, content: Option<Content>) -> Poll {
        let last = LastError { at: SystemTime::now(), error: error.clone() };
        lock(&self.state).refusal = Some(Refusal { content, error: last });
        Poll::Refused(error)
    }
}

/// Without the policies, which can have millions of rows.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("path", &self.path()).field("status", &self.status()).finish_non_exhaustive()
    }
}

/// The data of a poisoned lock is consistent: nothing panics between two changes that belong together.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn sources(reading: &Reading<'_>) -> Vec<PathBuf> {
    reading.paths().cloned().collect()
}

fn files_of(reading: &Reading<'_>, now: &Moment) -> WatchedFiles {
    let mut files = WatchedFiles::default();
    files.observe_read(reading.files(), now);
    files.record(now, reading.is_transient());
    files
}

fn restless(path: &DocumentPath) -> ConfigError {
    let message = "the document or one of its list files keeps changing while it is read";
    let help = "write to a temporary file and rename it into place";
    ConfigError::unavailable(&path.name(), Code::DocumentUnreadable, message, help)
}
