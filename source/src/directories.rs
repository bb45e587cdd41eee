//! The directories to watch for changes of files.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The most symbolic links that lead from one to the next, as in the kernel.
const MAX_LINKS: usize = 40;

/// A directory, whatever it is called: watching one twice by two names would end both watches with
/// the first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Identity {
    #[cfg(unix)]
    Inode(u64, u64),
    #[cfg(not(unix))]
    Path(PathBuf),
}

impl Identity {
    #[cfg(unix)]
    fn of(directory: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let metadata = fs::metadata(directory).ok().filter(fs::Metadata::is_dir)?;
        Some(Self::Inode(metadata.dev(), metadata.ino()))
    }

    #[cfg(not(unix))]
    fn of(directory: &Path) -> Option<Self> {
        directory.is_dir().then(|| Self::Path(directory.to_owned()))
    }
}

/// The directories to watch for changes of these files: those that contain the files, and those that
/// contain a symbolic link in a file's path. If a directory is missing, its nearest existing parent.
pub(crate) fn directories(files: &[PathBuf]) -> BTreeMap<Identity, PathBuf> {
    let mut found = Vec::new();
    files.iter().for_each(|file| walk(file, &mut found));
    let nearest = |directory: PathBuf| {
        let mut existing = directory.ancestors().filter_map(|above| Some((Identity::of(above)?, above.to_owned())));
        existing.next()
    };
    found.into_iter().filter_map(nearest).collect()
}

/// Follows a path link by link. Every directory that is found is free of links itself.
fn walk(file: &Path, found: &mut Vec<PathBuf>) {
    let mut steps = reversed(file);
    let mut at = PathBuf::new();
    let mut links = 0;
    while let Some(step) = steps.pop() {
        match Path::new(&step).components().next() {
            None | Some(Component::CurDir) => {}
            Some(Component::ParentDir) => {
                at.pop();
            }
            Some(Component::RootDir | Component::Prefix(_)) => at.push(&step),
            Some(Component::Normal(name)) => {
                let next = at.join(name);
                let target = fs::read_link(&next).ok().filter(|_| links < MAX_LINKS);
                if target.is_some() || steps.is_empty() {
                    found.push(at.clone());
                }
                let Some(target) = target else {
                    at = next;
                    continue;
                };
                links += 1;
                if target.is_absolute() {
                    at = PathBuf::new();
                }
                steps.extend(reversed(&target));
            }
        }
    }
}

fn reversed(path: &Path) -> Vec<OsString> {
    let mut steps: Vec<_> = path.components().map(|step| step.as_os_str().to_owned()).collect();
    steps.reverse();
    steps
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn watched(files: &[PathBuf]) -> Vec<PathBuf> {
        let mut paths: Vec<_> = directories(files).into_values().collect();
        paths.sort();
        paths
    }

    /// A folder free of links.
    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap();
        (folder, path)
    }

    #[test]
    fn a_plain_file_is_watched_by_its_directory() {
        let (_folder, path) = folder();
        assert_eq!(watched(&[path.join("a"), path.join("b")]), [path]);
    }

    #[test]
    fn every_link_on_the_way_is_watched_where_it_stands() {
        let (_folder, path) = folder();
        for directory in ["here", "there", "data/one"] {
            fs::create_dir_all(path.join(directory)).unwrap();
        }
        symlink("../there/policy", path.join("here/policy")).unwrap();
        symlink(path.join("data/current/policy"), path.join("there/policy")).unwrap();
        symlink("one", path.join("data/current")).unwrap();
        let expected = ["data", "data/one", "here", "there"].map(|directory| path.join(directory));
        assert_eq!(watched(&[path.join("here/policy")]), expected);
    }

    #[test]
    fn what_is_missing_is_watched_from_above() {
        let (_folder, path) = folder();
        assert_eq!(watched(&[path.join("no/such/policy")]), std::slice::from_ref(&path));
        symlink("nowhere/policy", path.join("policy")).unwrap();
        assert_eq!(watched(&[path.join("policy")]), [path]);
    }

    #[test]
    fn links_in_a_circle_end() {
        let (_folder, path) = folder();
        symlink("b", path.join("a")).unwrap();
        symlink("a", path.join("b")).unwrap();
        assert_eq!(watched(&[path.join("a")]), [path]);
    }
}
