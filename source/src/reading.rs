//! Reads a document once: the files that it needs, or what is kept of them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use corsac::document::{self, Document, Format, ListError, ListFiles, Loaded, MAX_DOCUMENT, MAX_LIST, Variable};
use corsac::{Code, ConfigError};

use crate::access::Access;
use crate::digest::{Content, Digest, Part};
use crate::document_path::DocumentPath;
use crate::file::ReadError;
use crate::settle::Moment;
use crate::variables::Variables;
use crate::watched_file::{Bytes, WatchedFile};
use crate::watched_files::{Use, WatchedFiles};

/// A document and its list files.
pub(crate) struct Reading<'a> {
    name: String,
    format: Format,
    document: Result<Text<'a>, ReadError>,
    part: Part,
    lists: Lists<'a>,
}

enum Text<'a> {
    Memory(&'a [u8]),
    File(Bytes),
}

/// Where lists and variables come from.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    /// What relative paths are relative to; without it there are no list files.
    pub(crate) folder: Option<PathBuf>,
    /// Whether they must be below the folder.
    pub(crate) is_restricted: bool,
    /// By name, the lists of a document in memory.
    pub(crate) lists: &'a [(&'a str, &'a [u8])],
    pub(crate) variables: Variables,
}

struct Lists<'a> {
    place: Place<'a>,
    files: &'a mut WatchedFiles,
    used: Use,
    now: Moment,
    /// In the order in which they were first requested.
    taken: Vec<(String, PathBuf, Part)>,
    /// The index of each list in `taken`, by its name.
    places: HashMap<String, usize>,
    /// The variables that were requested.
    variables: Vec<(String, Part)>,
    /// Whether a file cannot be used now, so that the result counts for nothing.
    is_blocked: bool,
}

impl<'a> Reading<'a> {
    /// Reads the document at `path`; its lists when they are needed.
    pub(crate) fn of_file(
        path: &DocumentPath,
        access: &Access,
        files: &'a mut WatchedFiles,
        used: (Use, Use),
        now: Moment,
    ) -> Self {
        let (of_document, of_lists) = used;
        let file = WatchedFile::new(path.absolute().to_owned(), MAX_DOCUMENT, None);
        files.add(vec![file], of_document, &now);
        let part = files.prepare(path.absolute(), of_document, &now);
        let document = match &part {
            Some(_) => files.bytes(path.absolute()).map(Text::File),
            None => Err(ReadError::Changing),
        };
        let is_blocked = part.is_none() || matches!(document, Err(ReadError::Changing));
        let (folder, variables) = (Some(path.folder().to_owned()), access.variables_of_file());
        let place = Place { folder, is_restricted: access.is_restricted, lists: &[], variables };
        let lists = Lists { is_blocked, ..Lists::new(place, files, of_lists, now) };
        let part = part.unwrap_or_else(|| Err(String::new()));
        Self { name: path.name(), format: path.format(), document, part, lists }
    }

    /// Takes a document from memory.
    pub(crate) fn of_text(
        place: Place<'a>,
        files: &'a mut WatchedFiles,
        name: &str,
        bytes: &'a [u8],
        format: Format,
    ) -> Self {
        let lists = Lists::new(place, files, Use::Newest, Moment::now());
        let part = Ok(Digest::of(bytes));
        Self { name: name.to_owned(), format, document: Ok(Text::Memory(bytes)), part, lists }
    }

    /// Whether this equals `content`. Reads the lists of `content` if the document is the same, because
    /// then it names the same lists.
    pub(crate) fn holds(&mut self, content: &Content) -> bool {
        if self.lists.is_blocked || self.format != content.format || self.part != content.document {
            return false;
        }
        let mut variables = content.variables.iter();
        if !variables.all(|(name, part)| self.lists.take_variable(name).1 == *part) {
            return false;
        }
        let paths: Vec<_> = content.lists.iter().map(|(name, _)| name.as_str()).collect();
        self.lists.open(&paths);
        content.lists.iter().all(|(name, part)| self.lists.part(name) == *part) && !self.lists.is_blocked
    }

    /// Checks and compiles the document. Counts for nothing if the reading is blocked then.
    pub(crate) fn load(&mut self) -> Result<Loaded, ConfigError> {
        let Self { name, format, document, lists, .. } = self;
        let bytes: Cow<'_, [u8]> = match document {
            Ok(Text::Memory(bytes)) => Cow::Borrowed(bytes),
            Ok(Text::File(bytes)) => Cow::Borrowed(bytes.as_slice()),
            Err(ReadError::TooLarge) => return Err(document::too_large(name)),
            Err(error) => return Err(unreadable(name, error)),
        };
        document::load_with_files(&Document { name, bytes: &bytes, format: *format }, lists)
    }

    /// The content that was read.
    pub(crate) fn content(&self) -> Content {
        let lists = self.lists.taken.iter().map(|(name, _, part)| (name.clone(), part.clone())).collect();
        let variables = self.lists.variables.clone();
        Content { format: self.format, document: self.part.clone(), lists, variables }
    }

    /// The paths of the lists.
    pub(crate) fn list_paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.lists.taken.iter().map(|(_, path, _)| path)
    }

    /// Whether a file is being written, or was replaced so that the files read were never there together.
    pub(crate) fn is_blocked(&self) -> bool {
        self.lists.is_blocked
    }
}

impl<'a> Place<'a> {
    /// There are no list files, but these lists.
    pub(crate) fn memory(lists: &'a [(&'a str, &'a [u8])], variables: &Variables) -> Self {
        Self { folder: None, is_restricted: false, lists, variables: variables.only_given() }
    }

    /// A list that was given with a document in memory.
    fn list(&self, name: &str) -> Option<&'a [u8]> {
        self.lists.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes)
    }

    /// Whether a path cannot be below the folder, wherever its links lead.
    fn is_refused(&self, name: &str) -> bool {
        let is_inside = |step: Component<'_>| matches!(step, Component::Normal(_) | Component::CurDir);
        self.is_restricted && !Path::new(name).components().all(is_inside)
    }
}

impl<'a> Lists<'a> {
    fn new(place: Place<'a>, files: &'a mut WatchedFiles, used: Use, now: Moment) -> Self {
        let (taken, places, variables) = (Vec::new(), HashMap::new(), Vec::new());
        Self { place, files, used, now, taken, places, variables, is_blocked: false }
    }

    /// A variable with its hash.
    fn take_variable(&mut self, name: &str) -> (Variable, Part) {
        let variable = self.place.variables.get(name);
        let part = match &variable {
            Variable::Set(value) => Ok(Digest::of(value)),
            Variable::Unset => Err("not set".to_owned()),
            Variable::NotGiven => Err("not given".to_owned()),
        };
        if !self.variables.iter().any(|(known, _)| known == name) {
            self.variables.push((name.to_owned(), part.clone()));
        }
        (variable, part)
    }

    /// The hash of a list, which is read if it was not.
    fn part(&mut self, name: &str) -> Part {
        if let Some((.., part)) = self.places.get(name).and_then(|place| self.taken.get(*place)) {
            return part.clone();
        }
        let path = self.path(name);
        let part = if self.place.folder.is_none() {
            Some(self.place.list(name).map(Digest::of).ok_or_else(|| "not given".to_owned()))
        } else if self.place.is_refused(name) {
            Some(Err(ReadError::Outside.reason()))
        } else {
            self.files.prepare(&path, self.used, &self.now)
        };
        self.is_blocked |= part.is_none();
        let part = part.unwrap_or_else(|| Err(String::new()));
        self.places.insert(name.to_owned(), self.taken.len());
        self.taken.push((name.to_owned(), path, part.clone()));
        part
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.folder.as_deref().unwrap_or(Path::new("")).join(name)
    }
}

impl ListFiles for Lists<'_> {
    fn open(&mut self, names: &[&str]) {
        let Some(folder) = &self.place.folder else { return };
        let below = self.place.is_restricted.then(|| folder.clone());
        let new = |name: &&str| WatchedFile::new(folder.join(name), MAX_LIST, below.clone());
        let files = names.iter().filter(|name| !self.place.is_refused(name)).map(new).collect();
        self.is_blocked |= !self.files.add(files, self.used, &self.now);
    }

    fn read(&mut self, name: &str) -> Result<Arc<Vec<u8>>, ListError> {
        if self.place.folder.is_none() {
            let _ = self.part(name);
            return self.place.list(name).map(|bytes| Arc::new(bytes.to_vec())).ok_or(ListError::NotGiven);
        }
        if self.place.is_refused(name) {
            return Err(ListError::Outside);
        }
        if !self.is_blocked {
            let _ = self.part(name);
        }
        let content = if self.is_blocked { Err(ReadError::Changing) } else { self.files.bytes(&self.path(name)) };
        self.is_blocked |= matches!(content, Err(ReadError::Changing));
        content.map_err(|error| match error {
            ReadError::TooLarge => ListError::TooLarge,
            ReadError::Outside => ListError::Outside,
            error => ListError::Unreadable(error.reason()),
        })
    }

    fn are_files(&self) -> bool {
        self.place.folder.is_some()
    }

    fn variable(&mut self, name: &str) -> Variable {
        self.take_variable(name).0
    }
}

fn unreadable(name: &str, error: &ReadError) -> ConfigError {
    let message = format!("the document cannot be read: {}", error.reason());
    let help = "give the path of a readable policy document";
    ConfigError::unavailable(name, Code::DocumentUnreadable, message, help)
}
