//! The documents and list files of a load, written where a loader can find them.

use std::fs::File;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::bytes::unescape;
use crate::corpus::{Directory, Format, ListFile, Load, Size};

/// A folder of its own with a document in it; gone when this is dropped.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
    document: PathBuf,
}

impl Scratch {
    /// Writes a document of this text.
    pub fn with(name: &str, text: impl AsRef<[u8]>) -> Self {
        let scratch = Self::without(name);
        std::fs::write(&scratch.document, text).unwrap();
        scratch
    }

    /// An empty folder, in which a document of this name is missing.
    pub fn without(name: &str) -> Self {
        Self::inside(None, name)
    }

    /// The same, in a folder inside another one than that of temporary files.
    pub fn inside(folder: Option<&Path>, name: &str) -> Self {
        let mut builder = tempfile::Builder::new();
        builder.prefix("corsac-");
        let folder = folder.map_or_else(|| builder.tempdir(), |folder| builder.tempdir_in(folder)).unwrap();
        let document = folder.path().join(name);
        Self { folder, document }
    }

    /// Writes all that a load of the corpus speaks of.
    pub fn of(load: &Load) -> Self {
        let scratch = Self::without(if load.format == Format::Json { "policy.json" } else { "policy.toml" });
        let document = &scratch.document;
        if let Some(text) = &load.text {
            std::fs::write(document, text.to_bytes().unwrap()).unwrap();
        } else if let Some(bytes) = &load.bytes {
            std::fs::write(document, unescape(bytes).unwrap()).unwrap();
        } else if let Some(size) = load.size {
            write_zeros(document, size);
        } else if load.directory {
            std::fs::create_dir(document).unwrap();
        }
        for (name, list) in &load.lists {
            scratch.write_list(name, list);
        }
        scratch
    }

    fn write_list(&self, name: &str, list: &ListFile) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        match list {
            ListFile::Text(text) => std::fs::write(path, text.to_bytes().unwrap()).unwrap(),
            ListFile::Size(Size { size }) => write_zeros(&path, *size),
            ListFile::Directory(Directory { directory }) => {
                assert!(directory, "`{name}`: a list that is no directory is given by its text");
                std::fs::create_dir(path).unwrap();
            }
        }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn document(&self) -> &Path {
        &self.document
    }

    /// Writes a file beside the document.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

/// A sparse file: it takes no space on disk.
pub fn write_zeros(path: &Path, size: u64) {
    File::create(path).unwrap().set_len(size).unwrap();
}
