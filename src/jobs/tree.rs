//! Walks a folder that is to be packed: what is in it, what is left out, and
//! everything that cannot be packed.

use std::collections::BTreeMap;

use crate::artifact::names::DEEPEST;
use crate::artifact::pack::{MOST_BYTES, MOST_FILES};
use crate::codes;
use crate::config::{Kind, Setting, Source};
use crate::glob::Glob;
use crate::host::{Entry, EntryKind, FileError, Host};
use crate::problem::Failure;

/// The setting `exclude`.
pub static EXCLUDE: Setting = Setting {
    name: "exclude",
    kind: Kind::Lines,
    source: Source::Anywhere,
    default: None,
    about: "What is neither packed nor read, as patterns: without a `/` for names at any depth (`*.map`), with one for paths, below `path` in a build; a folder goes with all in it",
};

/// What of a folder is wanted.
pub struct Walk<'a> {
    /// The folder, as the host knows it.
    pub root: &'a str,
    /// What is left out.
    pub exclude: &'a Exclude,
    /// Waybill's own folder, which is always left out, as is `.git`.
    pub state_directory: &'a str,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it lies below the root, with `/`.
    pub path: String,
    /// What it is: never a folder.
    pub entry: Entry,
    /// Where it points, if it is a link.
    pub target: Option<String>,
}

/// What a walk saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// In order of the paths' bytes.
    pub found: Vec<Found>,
    /// What cannot be packed.
    pub wrong: Vec<Failure>,
    /// How many files, links and folders were left out.
    pub excluded: usize,
}

/// Patterns of what is left out. One without a `/` is held against every name;
/// one with a `/` against the path below the root. A folder goes with all in it.
#[derive(Clone, Debug, Default)]
pub struct Exclude {
    names: Vec<Glob>,
    paths: Vec<Glob>,
}

impl Exclude {
    /// Of these patterns; one that ends with `/` or `/**` means the folder itself.
    pub fn new(patterns: &[String]) -> Exclude {
        let mut exclude = Exclude::default();
        for pattern in patterns {
            let pattern = pattern.strip_suffix("/**").unwrap_or(pattern).trim_end_matches('/');
            match pattern.contains('/') {
                true => exclude.paths.push(Glob::new(pattern.trim_start_matches('/'))),
                false => exclude.names.push(Glob::new(pattern)),
            }
        }
        exclude
    }

    /// Whether something with this path is left out, not regarding the folders above it.
    pub fn holds(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or_default();
        self.names.iter().any(|glob| glob.matches(name)) || self.paths.iter().any(|glob| glob.matches(path))
    }

    /// Whether something with this path is left out, with one of the folders above it or alone.
    pub fn holds_within(&self, path: &str) -> bool {
        path.match_indices('/').map(|(at, _)| &path[..at]).chain([path]).any(|path| self.holds(path))
    }
}

impl Walk<'_> {
    /// Walks it. Links are named, not followed.
    pub fn walk(&self, host: &dyn Host) -> Tree {
        let mut tree = Tree::default();
        let mut bytes = 0u64;
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            let place = join(self.root, &folder);
            let entries = match host.list(&place) {
                Ok(entries) => entries,
                Err(error) => {
                    tree.wrong.push(unreadable(if folder.is_empty() { "." } else { &folder }, &error));
                    continue;
                }
            };
            for entry in entries {
                let path = if folder.is_empty() { entry.name.clone() } else { format!("{folder}/{}", entry.name) };
                let source = join(self.root, &path);
                if entry.name == ".git" || source == self.state_directory || self.exclude.holds(&path) {
                    tree.excluded += 1;
                    continue;
                }
                match entry.kind {
                    EntryKind::Directory if folder.matches('/').count() + 1 < DEEPEST => folders.push(path),
                    EntryKind::Directory => {
                        tree.wrong.push(Failure::new(&codes::TREE_LIMIT, format!("`{path}` lies too deep")));
                    }
                    EntryKind::Other => {
                        let message = format!("`{path}` is a socket, a pipe or a device");
                        tree.wrong.push(Failure::new(&codes::SPECIAL_FILE, message));
                    }
                    EntryKind::Link => match host.read_link(&source) {
                        Ok(target) => tree.found.push(Found { path, entry, target: Some(target) }),
                        Err(error) => tree.wrong.push(unreadable(&path, &error)),
                    },
                    EntryKind::File => {
                        bytes = bytes.saturating_add(entry.size);
                        tree.found.push(Found { path, entry, target: None });
                    }
                }
                if tree.found.len() + folders.len() > MOST_FILES || bytes > MOST_BYTES {
                    tree.wrong.push(too_large(tree.found.len(), bytes));
                    return tree;
                }
            }
        }
        tree.found.sort_by(|one, other| one.path.cmp(&other.path));
        tree
    }
}

/// The entries of single files, asked for by path: each folder is listed once.
#[derive(Default)]
pub struct Lookup {
    folders: BTreeMap<String, Vec<Entry>>,
}

impl Lookup {
    /// The entry of the file at this path; what a link leads to is not looked at.
    pub fn entry(&mut self, host: &dyn Host, path: &str) -> Result<Entry, FileError> {
        let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
        if !self.folders.contains_key(folder) {
            self.folders.insert(folder.to_owned(), host.list(folder)?);
        }
        let entries = self.folders.get(folder).map_or(&[][..], Vec::as_slice);
        entries.iter().find(|entry| entry.name == name).cloned().ok_or(FileError::Missing)
    }
}

/// A path below a folder.
pub fn join(folder: &str, path: &str) -> String {
    if path.is_empty() { folder.to_owned() } else { format!("{}/{path}", folder.trim_end_matches('/')) }
}

/// The failure of what cannot be read.
pub fn unreadable(path: &str, error: &FileError) -> Failure {
    Failure::new(&codes::NOT_READABLE, format!("`{path}` cannot be read: {error}"))
}

fn too_large(files: usize, bytes: u64) -> Failure {
    let limit = format!("at most {MOST_FILES} files and {} GiB are packed", MOST_BYTES >> 30);
    Failure::new(&codes::TREE_LIMIT, format!("{files} files and {bytes} bytes so far; {limit}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fake::Fake;

    fn check(fake: &Fake, exclude: &[&str], expected: &str) {
        let exclude = Exclude::new(&exclude.iter().map(|&pattern| pattern.to_owned()).collect::<Vec<_>>());
        let walk = Walk { root: "/w/dist", exclude: &exclude, state_directory: "/w/dist/.waybill" };
        let tree = walk.walk(fake);
        let line = |found: &Found| match &found.target {
            Some(target) => format!("{} -> {target}", found.path),
            None => found.path.clone(),
        };
        let wrong = tree.wrong.iter().map(|failure| format!("{} {}", failure.code.id, failure.message));
        assert_eq!(tree.found.iter().map(line).chain(wrong).collect::<Vec<_>>().join("\n"), expected);
    }

    fn tree() -> Fake {
        Fake::new()
            .file("/w/dist/index.html", "")
            .file("/w/dist/index.html.map", "")
            .file("/w/dist/.well-known/security.txt", "")
            .file("/w/dist/a/b/deep.js.map", "")
            .file("/w/dist/a.js", "")
            .file("/w/dist/.git/config", "")
            .file("/w/dist/.waybill/ledger.jsonl", "")
            .link("/w/dist/a/same.html", "../index.html")
    }

    #[test]
    fn everything_is_found_in_order_hidden_files_too() {
        let all =
            ".well-known/security.txt\na.js\na/b/deep.js.map\na/same.html -> ../index.html\nindex.html\nindex.html.map";
        check(&tree(), &[], all);
    }

    #[test]
    fn what_is_excluded_is_left_out_with_all_in_it() {
        check(&tree(), &["*.map", ".well-known/"], "a.js\na/same.html -> ../index.html\nindex.html");
        check(&tree(), &["a/**", "/index.html.map"], ".well-known/security.txt\na.js\nindex.html");
        check(&tree(), &["./*.map", "a/b"], ".well-known/security.txt\na.js\na/same.html -> ../index.html\nindex.html");
    }

    #[test]
    fn a_folder_that_is_not_there_is_said() {
        check(&Fake::new(), &[], "WB4002 `.` cannot be read: no such file");
    }
}
