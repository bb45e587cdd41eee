//! Reads a document once: the files, their content, and their signatures from before they were opened.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use corsac::document::{self, Document, Format, ListError, Loaded, MAX_DOCUMENT, MAX_LIST};
use corsac::{Code, ConfigError};

use crate::digest::{Content, Digest, Part};
use crate::document_path::DocumentPath;
use crate::file::{self, ReadError};
use crate::signature::Signature;

/// A document and those of its list files that have been read so far.
pub(crate) struct Reading<'a> {
    name: String,
    format: Format,
    document: Result<Cow<'a, [u8]>, ReadError>,
    part: Part,
    lists: Lists,
}

/// List files in the order in which they were first requested.
#[derive(Default)]
struct Lists {
    /// The base of relative paths; without it there are no list files.
    folder: Option<PathBuf>,
    read: Vec<List>,
    /// The index of each list in `read`, by its name.
    places: HashMap<String, usize>,
    /// Each file that was opened or missing, with its signature from before.
    files: Vec<(PathBuf, Signature)>,
    is_transient: bool,
}

struct List {
    name: String,
    part: Part,
    /// `None` after it was handed to the loader.
    content: Option<Result<Vec<u8>, ListError>>,
}

impl Reading<'static> {
    /// Reads the document at `path`; its lists when they are needed.
    pub(crate) fn of_file(path: &DocumentPath) -> Self {
        let mut lists = Lists { folder: Some(path.folder().to_owned()), ..Lists::default() };
        let document = lists.open(path.absolute(), MAX_DOCUMENT).map(Cow::Owned);
        Self::new(path.name(), path.format(), document, lists)
    }
}

impl<'a> Reading<'a> {
    /// Takes a document from memory; list files are relative to `folder`, if it has one.
    pub(crate) fn of_text(folder: Option<&Path>, name: &str, bytes: &'a [u8], format: Format) -> Self {
        let lists = Lists { folder: folder.map(Path::to_owned), ..Lists::default() };
        Self::new(name.to_owned(), format, Ok(Cow::Borrowed(bytes)), lists)
    }

    fn new(name: String, format: Format, document: Result<Cow<'a, [u8]>, ReadError>, lists: Lists) -> Self {
        let part = match &document {
            Ok(bytes) => Ok(Digest::of(bytes)),
            Err(error) => Err(error.reason()),
        };
        Self { name, format, document, part, lists }
    }

    /// The document's name in diagnostics.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether this equals `content`. Reads the lists of `content` if the document is the same, because
    /// then it names the same lists.
    pub(crate) fn holds(&mut self, content: &Content) -> bool {
        if self.format != content.format || self.part != content.document {
            return false;
        }
        content.lists.iter().all(|(name, part)| self.lists.part(name) == *part)
    }

    /// Reads the lists that have not been read yet, then checks and compiles the document.
    pub(crate) fn load(&mut self) -> Result<Loaded, ConfigError> {
        let Self { name, format, document, lists, .. } = self;
        let bytes = match document {
            Ok(bytes) => bytes,
            Err(ReadError::TooLarge) => return Err(document::too_large(name)),
            Err(ReadError::Io(error)) => return Err(unreadable(name, error)),
        };
        document::load(&Document { name, bytes, format: *format }, &mut |list| lists.take(list))
    }

    /// The content that was read.
    pub(crate) fn content(&self) -> Content {
        let lists = self.lists.read.iter().map(|list| (list.name.clone(), list.part.clone())).collect();
        Content { format: self.format, document: self.part.clone(), lists }
    }

    /// The files that were opened or missing, the document first, with their signatures from before.
    pub(crate) fn files(&self) -> &[(PathBuf, Signature)] {
        &self.lists.files
    }

    /// The paths of these files.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.files().iter().map(|(path, _)| path)
    }

    /// Whether a file changed while it was being read: then the content may be a mixture of two
    /// versions.
    pub(crate) fn is_torn(&self) -> bool {
        self.files().iter().any(|(path, signature)| Signature::of(path) != *signature)
    }

    /// Whether a file could not be read for a reason that may be temporary.
    pub(crate) fn is_transient(&self) -> bool {
        self.lists.is_transient
    }
}

impl Lists {
    fn open(&mut self, path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
        self.files.push((path.to_owned(), Signature::of(path)));
        let content = file::read(path, limit);
        self.is_transient |= content.as_ref().is_err_and(ReadError::is_transient);
        content
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, ListError> {
        let Some(folder) = &self.folder else {
            return Err(ListError::Unreadable("a document loaded from memory cannot use list files".to_owned()));
        };
        let path = folder.join(name);
        self.open(&path, MAX_LIST).map_err(|error| match error {
            ReadError::TooLarge => ListError::TooLarge,
            ReadError::Io(error) => ListError::Unreadable(file::reason(&error)),
        })
    }

    /// The list of this name, read if it has not been.
    fn get(&mut self, name: &str) -> Option<&mut List> {
        let place = match self.places.get(name) {
            Some(place) => *place,
            None => {
                let content = self.read(name);
                let part = match &content {
                    Ok(bytes) => Ok(Digest::of(bytes)),
                    Err(ListError::Unreadable(why)) => Err(why.clone()),
                    Err(ListError::TooLarge) => Err("it is too large".to_owned()),
                };
                self.places.insert(name.to_owned(), self.read.len());
                self.read.push(List { name: name.to_owned(), part, content: Some(content) });
                self.read.len() - 1
            }
        };
        self.read.get_mut(place)
    }

    fn part(&mut self, name: &str) -> Part {
        self.get(name).map_or_else(|| Err(String::new()), |list| list.part.clone())
    }

    /// Hands the list over. The loader requests each list once.
    fn take(&mut self, name: &str) -> Result<Vec<u8>, ListError> {
        let content = self.get(name).and_then(|list| list.content.take());
        content.unwrap_or_else(|| Err(ListError::Unreadable("it was requested twice".to_owned())))
    }
}

fn unreadable(name: &str, error: &io::Error) -> ConfigError {
    let message = format!("the document cannot be read: {}", file::reason(error));
    let help = "give the path of a readable policy document";
    ConfigError::unavailable(name, Code::DocumentUnreadable, message, help)
}
