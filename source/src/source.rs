//! An engine, and where its policies come from.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use corsac::diagnostic::shortened;
use corsac::document::{Document, Format, Loaded};
use corsac::{ConfigError, Diagnostic, Engine, Policies};

use crate::access::Access;
use crate::digest::{Content, Digest};
use crate::document_path::DocumentPath;
use crate::memory::Memory;
use crate::newest::{read_newest, restless};
use crate::poll::{Poll, Reloaded};
use crate::reading::{Place, Reading};
use crate::settle::Moment;
use crate::status::{LastError, Status};
use crate::watched_files::{Due, Outlook, Use, WatchedFiles};

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
    files: Mutex<WatchedFiles>,
    /// What the files were like when they were last looked at.
    outlook: Mutex<Arc<Outlook>>,
    /// With the variables as they were when the source was created.
    access: Access,
    memory: Memory,
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
    /// Of each code the first ten: a list of a hundred thousand rows can have as many notes.
    diagnostics: Vec<Diagnostic>,
    sources: Vec<PathBuf>,
}

impl Serving {
    fn new(content: Content, diagnostics: Vec<Diagnostic>, sources: Vec<PathBuf>) -> Self {
        let digest = content.digest();
        let diagnostics = shortened(&diagnostics);
        Self { content, digest, loaded_at: SystemTime::now(), diagnostics, sources }
    }
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

/// What was read, and its result.
struct Attempt {
    outcome: Outcome,
    content: Content,
    lists: Vec<PathBuf>,
}

impl Attempt {
    fn sources(&self, document: &DocumentPath) -> Vec<PathBuf> {
        let mut sources = vec![document.absolute().to_owned()];
        sources.extend(self.lists.iter().cloned());
        sources
    }
}

impl Source {
    /// Loads a document from disk and makes an engine of it. A name that ends in `.json` is JSON,
    /// every other is TOML; list files are relative to the document's folder.
    ///
    /// # Errors
    /// Every diagnostic at once; `document/unreadable` if the file cannot be read, or if it or one of its
    /// lists is written in place all the time.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        Self::open_with(path.as_ref(), &Access::default())
    }

    pub(crate) fn open_with(path: &Path, access: &Access) -> Result<Self, ConfigError> {
        let access = access.with_process();
        let path = DocumentPath::new(path);
        let mut files = WatchedFiles::default();
        let (content, sources, loaded) = read_newest(&path, &access, &mut files, |reading| {
            let loaded = reading.load();
            (reading.content(), sources(&path, reading), loaded)
        })
        .ok_or_else(|| restless(&path))?;
        let Loaded { policies, diagnostics, .. } = loaded?;
        let now = Moment::now();
        let read = files.record(&now, None, None);
        files.keep(read);
        let serving = Serving::new(content, diagnostics, sources);
        Ok(Self::with(policies, serving, files, Some(path), access))
    }

    /// Loads a document from memory, with its lists by the names that it writes. It opens no file: a list
    /// that is not among `lists` is the error `list/not-given`. Environment variables are passed by
    /// [`LoadOptions`](crate::LoadOptions). `name` is the document's name in diagnostics.
    ///
    /// # Errors
    /// Every diagnostic at once.
    pub fn from_text(name: &str, bytes: &[u8], format: Format, lists: &[(&str, &[u8])]) -> Result<Self, ConfigError> {
        Self::of_text(&Document { name, bytes, format }, lists, &Access::default())
    }

    pub(crate) fn of_text(text: &Document<'_>, lists: &[(&str, &[u8])], access: &Access) -> Result<Self, ConfigError> {
        let access = access.with_process();
        let mut files = WatchedFiles::default();
        let place = Place::memory(lists, &access.variables);
        let mut reading = Reading::of_text(place, &mut files, text.name, text.bytes, text.format);
        let Loaded { policies, diagnostics, .. } = reading.load()?;
        let serving = Serving::new(reading.content(), diagnostics, Vec::new());
        Ok(Self::with(policies, serving, files, None, access))
    }

    /// Takes policies that were made in code. The digest is that of [`Policies::to_document`].
    #[must_use]
    pub fn from_policies(policies: Policies) -> Self {
        let document = Ok(Digest::of(policies.to_document().as_bytes()));
        let content = Content { format: Format::Toml, document, lists: Vec::new(), variables: Vec::new() };
        let serving = Serving::new(content, Vec::new(), Vec::new());
        Self::with(policies, serving, WatchedFiles::default(), None, Access::default().with_process())
    }

    fn with(
        policies: Policies,
        serving: Serving,
        files: WatchedFiles,
        document: Option<DocumentPath>,
        access: Access,
    ) -> Self {
        let now = Moment::now();
        let outlook = Mutex::new(Arc::new(files.outlook(&now)));
        let state = State { document, serving, refusal: None, checked_at: now.system, watches: 0 };
        Self {
            engine: Engine::new(policies),
            files: Mutex::new(files),
            outlook,
            access,
            memory: Memory::default(),
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

    /// Warnings and notes of the policies in use, in the order of their positions; of each code the first
    /// ten, and how many more there are ([`shortened`]). Never waits for a
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
            pending_since: self.outlook().pending_since,
            watched: state.watches > 0,
        }
    }

    /// Whether [`poll`](Self::poll) may have something to do: a file looks different from when it was read,
    /// or it is time to read one again that was read so soon after it was written that another write may not
    /// be visible in its metadata. That is once after each change: 100 ms later, or 2 s where the file system
    /// has a coarse clock. Reads the metadata of each file but no content; never waits for a load. False for
    /// policies from memory.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.outlook().has_changed()
    }

    /// In how long [`poll`](Self::poll) has something to do even if nothing changes until then: a change
    /// has been seen and may be complete, or a file must be read again. `None` if it has nothing to do until
    /// something changes.
    #[must_use]
    pub fn poll_in(&self) -> Option<Duration> {
        self.outlook().poll_in()
    }

    /// Loads the document if it or one of its lists changed and has been seen unchanged for 100 ms. Does
    /// not wait for that: it blocks only while reading and compiling, and while another load runs.
    /// Frees replaced policies that no reader holds any more.
    ///
    /// Each file settles on its own. One that is written in place again and again is used as it was read
    /// last, and the others are loaded without it, at most 0.4 s after they were first seen to have changed.
    /// What replaces another file by a rename is loaded even if that happens again before it has settled.
    ///
    /// A rejected document is tried again when a file changes. A failure that may be temporary (too
    /// many open files, a server that does not respond) is also tried again every 2 s.
    pub fn poll(&self) -> Poll {
        self.sweep();
        let mut files = lock(&self.files);
        let Some(document) = self.document() else { return Poll::Unchanged };
        let now = Moment::now();
        let poll = match files.observe(&now) {
            Due::Nothing => Poll::Unchanged,
            Due::Later => Poll::Unsettled,
            Due::Verify => {
                files.verify(&now);
                lock(&self.state).checked_at = now.system;
                Poll::Unchanged
            }
            Due::Now => self.load_settled(&document, &mut files, now),
        };
        self.look_out(&files);
        poll
    }

    /// Frees replaced policies that no reader holds any more, and returns how many are still held. Call it
    /// after a reload, once its [`Poll`] is dropped, which holds the replaced policies; otherwise they stay
    /// until the next poll.
    pub fn sweep(&self) -> usize {
        let held = self.engine.sweep();
        self.memory.give_back(held);
        held
    }

    /// Sets what gives freed memory back to the system, where the allocator does so only on request: it is
    /// called by [`sweep`](Self::sweep) and [`poll`](Self::poll) after a load, and after policies were freed.
    pub fn set_trim(&self, trim: fn()) {
        self.memory.set_trim(trim);
    }

    /// Loads the document now, whether or not it changed and whether or not it is still being written.
    /// If its content is already in use, nothing is replaced. [`Poll::Unsettled`] if it changes each
    /// time that it is read, for a second; a later [`poll`](Self::poll) loads it. Does nothing for policies
    /// from memory.
    pub fn reload(&self) -> Poll {
        let mut files = lock(&self.files);
        let Some(document) = self.document() else { return Poll::Unchanged };
        let now = Moment::now();
        let read = read_newest(&document, &self.access, &mut files, |reading| self.outcome(reading, true));
        let poll = read.map_or(Poll::Unsettled, |attempt| self.apply(attempt, &document, None, &mut files, now));
        self.look_out(&files);
        poll
    }

    /// Replaces the policies and the source by this document, if it is accepted; otherwise both stay
    /// as they are, and the error is in [`status`](Self::status). Lists are passed as to
    /// [`from_text`](Self::from_text).
    pub fn reload_text(&self, name: &str, bytes: &[u8], format: Format, lists: &[(&str, &[u8])]) -> Poll {
        let mut files = lock(&self.files);
        let mut none = WatchedFiles::default();
        let place = Place::memory(lists, &self.access.variables);
        let mut reading = Reading::of_text(place, &mut none, name, bytes, format);
        let attempt = self.outcome(&mut reading, true);
        self.become_source(attempt, &mut files, none, name, None)
    }

    /// Replaces the policies and the source by the document at this path, if it is accepted; otherwise
    /// both stay as they are, and the error is in [`status`](Self::status).
    pub fn reload_file(&self, path: impl AsRef<Path>) -> Poll {
        let mut files = lock(&self.files);
        let path = DocumentPath::new(path.as_ref());
        let mut new = WatchedFiles::default();
        match read_newest(&path, &self.access, &mut new, |reading| self.outcome(reading, true)) {
            Some(attempt) => self.become_source(attempt, &mut files, new, &path.name(), Some(path)),
            None => self.refuse(restless(&path), None),
        }
    }

    /// How many times content of the files was read.
    #[cfg(test)]
    pub(crate) fn reads(&self) -> u64 {
        lock(&self.files).reads()
    }

    /// The document and its list files.
    pub(crate) fn watched_files(&self) -> Vec<PathBuf> {
        self.outlook().paths()
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

    fn look_out(&self, files: &WatchedFiles) {
        *lock(&self.outlook) = Arc::new(files.outlook(&Moment::now()));
    }

    /// Taken out, because looking at files can take long.
    fn outlook(&self) -> Arc<Outlook> {
        lock(&self.outlook).clone()
    }

    /// Loads what has settled, with what was last read of files that have not.
    fn load_settled(&self, document: &DocumentPath, files: &mut WatchedFiles, now: Moment) -> Poll {
        let is_waiting = files.is_waiting(document.absolute(), &now);
        let attempt = if is_waiting { None } else { self.attempt(document, files, Use::Settled, now) };
        if let Some(attempt) = attempt {
            return self.apply(attempt, document, None, files, now);
        }
        // The document names a list that is being written. What else has changed waits for it, but not for
        // ever: then the document is used as it was read last.
        if !files.block(document.absolute(), &now) || !files.has_settled_beside(document.absolute(), &now) {
            return Poll::Unsettled;
        }
        match self.attempt(document, files, Use::Last, now) {
            Some(attempt) => self.apply(attempt, document, Some(document.absolute()), files, now),
            None => {
                files.block(document.absolute(), &now);
                Poll::Unsettled
            }
        }
    }

    fn attempt(
        &self,
        document: &DocumentPath,
        files: &mut WatchedFiles,
        of_document: Use,
        now: Moment,
    ) -> Option<Attempt> {
        let used = (of_document, Use::Settled);
        let mut reading = Reading::of_file(document, &self.access, files, used, now);
        if reading.is_blocked() {
            return None;
        }
        let attempt = self.outcome(&mut reading, false);
        (!reading.is_blocked()).then_some(attempt)
    }

    /// Records what was read, and applies its result.
    fn apply(
        &self,
        attempt: Attempt,
        document: &DocumentPath,
        waiting: Option<&Path>,
        files: &mut WatchedFiles,
        now: Moment,
    ) -> Poll {
        let sources = attempt.sources(document);
        let knows_lists = !attempt.lists.is_empty();
        let Attempt { outcome, content, .. } = attempt;
        let is_refused_before = matches!(outcome, Outcome::RefusedBefore);
        let poll = match outcome {
            Outcome::Serving => self.confirm(content, sources.clone()),
            Outcome::RefusedBefore => Poll::Unchanged,
            Outcome::Accepted(loaded) => {
                let own = Some(content.clone());
                self.swap(loaded, content, sources.clone(), &document.name(), own)
            }
            Outcome::Refused(error) => self.refuse(error, Some(content)),
        };
        let is_refused = is_refused_before || matches!(poll, Poll::Refused(_));
        let serving = {
            let mut state = lock(&self.state);
            state.checked_at = now.system;
            if is_refused { state.serving.sources.clone() } else { Vec::new() }
        };
        let known = sources.iter().chain(&serving).map(PathBuf::as_path).collect();
        // A document that cannot be read says nothing about lists.
        let read = files.record(&now, (!is_refused || knows_lists).then_some(&known), waiting);
        files.keep(read);
        poll
    }

    /// Compiles what was read only if that can make a difference. With `is_forced`, rejected content is
    /// compiled again, so that the caller gets its diagnostics.
    fn outcome(&self, reading: &mut Reading<'_>, is_forced: bool) -> Attempt {
        let (serving, refused) = {
            let state = lock(&self.state);
            let refused = state.refusal.as_ref().and_then(|refusal| refusal.content.clone());
            (state.serving.content.clone(), refused.filter(|_| !is_forced))
        };
        let outcome = if reading.holds(&serving) {
            Outcome::Serving
        } else if refused.is_some_and(|refused| reading.holds(&refused)) {
            Outcome::RefusedBefore
        } else {
            self.memory.is_used();
            reading.load().map_or_else(Outcome::Refused, Outcome::Accepted)
        };
        Attempt { outcome, content: reading.content(), lists: reading.list_paths().cloned().collect() }
    }

    /// Replaces the source's document by another, if that is accepted.
    fn become_source(
        &self,
        attempt: Attempt,
        files: &mut WatchedFiles,
        mut new: WatchedFiles,
        name: &str,
        document: Option<DocumentPath>,
    ) -> Poll {
        let sources = document.as_ref().map(|document| attempt.sources(document)).unwrap_or_default();
        let Attempt { outcome, content, .. } = attempt;
        let poll = match outcome {
            Outcome::Refused(error) => self.refuse(error, None),
            Outcome::Accepted(loaded) => self.swap(loaded, content, sources, name, None),
            Outcome::Serving | Outcome::RefusedBefore => self.confirm(content, sources),
        };
        if !matches!(poll, Poll::Refused(_)) {
            let now = Moment::now();
            let read = new.record(&now, None, None);
            new.keep(read);
            self.look_out(&new);
            *files = new;
            let mut state = lock(&self.state);
            state.document = document;
            state.checked_at = now.system;
        }
        poll
    }

    /// Records that this is what is in use.
    fn confirm(&self, content: Content, sources: Vec<PathBuf>) -> Poll {
        let mut state = lock(&self.state);
        state.refusal = None;
        state.serving.content = content;
        state.serving.sources = sources;
        Poll::Unchanged
    }

    /// Uses these policies, unless the engine requires something that they do not have; `own` is then
    /// remembered as the content that was rejected. `name` is the document's in diagnostics.
    fn swap(&self, loaded: Loaded, content: Content, sources: Vec<PathBuf>, name: &str, own: Option<Content>) -> Poll {
        let digest = content.digest();
        if digest == lock(&self.state).serving.digest {
            return self.confirm(content, sources);
        }
        let Loaded { policies, diagnostics, .. } = loaded;
        // Under the lock, so that no status combines one set of policies with the digest of another.
        let mut state = lock(&self.state);
        let previous = self.engine.policies();
        let generation = match self.engine.reload(policies) {
            Ok(generation) => generation,
            Err(missing) => {
                drop(state);
                return self.refuse(ConfigError::missing(name, &missing), own);
            }
        };
        let policies = self.engine.policies();
        state.refusal = None;
        state.serving = Serving::new(content, diagnostics.clone(), sources);
        Poll::Reloaded(Reloaded { generation, digest, diagnostics, previous, policies })
    }

    fn refuse(&self, error: ConfigError, content: Option<Content>) -> Poll {
        let last = LastError { at: SystemTime::now(), message: error.to_string(), findings: error.summary() };
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

fn sources(document: &DocumentPath, reading: &Reading<'_>) -> Vec<PathBuf> {
    let mut sources = vec![document.absolute().to_owned()];
    sources.extend(reading.list_paths().cloned());
    sources
}
