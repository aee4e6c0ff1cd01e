//! What a path and a link in an artifact may be, so that unpacking it gives the
//! same tree everywhere and writes nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use super::PackedKind;
use super::pack::Member;
use crate::codes;
use crate::problem::Failure;

/// How long a path may be, in bytes.
pub const LONGEST_PATH: usize = 1024;
/// How long one name of it may be, in bytes: what nearly every file system has.
pub const LONGEST_NAME: usize = 255;
/// How many folders may lie in one another.
pub const DEEPEST: usize = 64;
/// How many links may lead to one another.
const MOST_HOPS: usize = 40;

/// Everything that is wrong with the names and the links of members, which are in order.
pub fn check(members: &[Member]) -> Vec<Failure> {
    let mut wrong: Vec<Failure> = members.iter().filter_map(|member| check_path(&member.path).err()).collect();
    wrong.extend(collisions(members));
    wrong.extend(links(members));
    wrong
}

/// Refuses a path that is not plain: relative, with `/`, each part a name.
pub fn check_path(path: &str) -> Result<(), Failure> {
    let refuse = |code, why: &str| Err(Failure::new(code, format!("`{}` {why}", path.escape_debug())));
    if path.len() > LONGEST_PATH || path.split('/').any(|name| name.len() > LONGEST_NAME) {
        return refuse(&codes::TREE_LIMIT, "is too long a name");
    }
    if path.matches('/').count() > DEEPEST {
        return refuse(&codes::TREE_LIMIT, "lies too deep");
    }
    if path.chars().any(|character| character.is_control() || character == '\u{fffd}') {
        return refuse(&codes::NAME_REFUSED, "has a control character or is not UTF-8");
    }
    if path.contains('\\') {
        return refuse(&codes::NAME_REFUSED, "has a `\\`, which is a folder's end on Windows");
    }
    match path.split('/').any(|name| matches!(name, "" | "." | "..")) || drive(path) {
        true => refuse(&codes::LEAVES_ROOT, "is no plain path"),
        false => Ok(()),
    }
}

fn drive(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.len() > 1 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':'
}

/// Names that a system which ignores case takes for one, folders' too.
fn collisions(members: &[Member]) -> Vec<Failure> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut before = "";
    for Member { path, .. } in members {
        for at in path.match_indices('/').map(|(at, _)| at).chain([path.len()]) {
            let part = &path[..at];
            // Members are in order, so a folder's come one after another.
            let is_known = at < path.len() && before.starts_with(part) && before[at..].starts_with('/');
            if is_known {
                continue;
            }
            if let Some(other) = seen.insert(folded(part), part) {
                let message = if other == part {
                    "is there twice".to_owned()
                } else {
                    format!("and `{other}` differ only in case")
                };
                wrong.push(Failure::new(&codes::COLLISION, format!("`{part}` {message}")));
            }
        }
        before = path;
    }
    wrong
}

/// Simple case folding: by way of upper case, so that `ſ` and `s`, `ς` and `σ` are one.
fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// Names that are legal here and impossible or another elsewhere, for a note.
pub fn doubtful(members: &[Member]) -> Vec<String> {
    let names = |wanted: &dyn Fn(&str) -> bool, why: &str| {
        let mut found = members.iter().filter(|member| member.path.split('/').any(wanted)).map(|member| &member.path);
        let first = found.next()?;
        let more = match found.count() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Some(format!("`{first}`{more}: {why}"))
    };
    let combining = |name: &str| name.chars().any(|character| ('\u{300}'..='\u{36f}').contains(&character));
    [
        names(&is_foreign_to_windows, "no file can have this name on Windows"),
        names(&combining, "an accent stands by itself in the name (it is not in Unicode's form NFC), and a browser asks for the other form"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Source: Microsoft, "Naming Files, Paths, and Namespaces".
fn is_foreign_to_windows(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = |start: &str| stem.strip_prefix(start).is_some_and(|rest| matches!(rest.as_bytes(), [b'1'..=b'9']));
    name.contains(['<', '>', ':', '"', '|', '?', '*'])
        || name.ends_with(['.', ' '])
        || matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
        || numbered("com")
        || numbered("lpt")
}

/// Links that lead out of the tree, nowhere, or into a folder that they lie in.
fn links(members: &[Member]) -> Vec<Failure> {
    let links: BTreeMap<&str, &str> = members
        .iter()
        .filter_map(|member| match &member.kind {
            PackedKind::Link(target) => Some((member.path.as_str(), target.as_str())),
            _ => None,
        })
        .collect();
    if links.is_empty() {
        return Vec::new();
    }
    let mut files = BTreeSet::new();
    let mut folders = BTreeSet::new();
    for Member { path, .. } in members {
        files.insert(path.as_str());
        folders.extend(path.match_indices('/').map(|(at, _)| &path[..at]));
    }
    let tree = Tree { links: &links, files: &files, folders: &folders };
    let wrong = |(link, why): (&str, String)| Failure::new(&codes::LEAVES_ROOT, format!("the link `{link}` {why}"));
    links.iter().filter_map(|(link, target)| Some((*link, tree.follow(link, target).err()?))).map(wrong).collect()
}

struct Tree<'a> {
    links: &'a BTreeMap<&'a str, &'a str>,
    files: &'a BTreeSet<&'a str>,
    folders: &'a BTreeSet<&'a str>,
}

impl Tree<'_> {
    /// Goes where the link goes, name by name and through other links, as the system would.
    fn follow(&self, link: &str, target: &str) -> Result<(), String> {
        if target.is_empty() || target.len() > LONGEST_PATH || target.chars().any(char::is_control) {
            return Err("has an impossible target".to_owned());
        }
        let shown = format!("to `{target}`");
        let mut place: Vec<&str> = link.split('/').collect();
        place.pop();
        let mut ahead: Vec<&str> = Vec::new();
        let mut next = Some(target);
        let mut hops = 0;
        loop {
            if let Some(target) = next.take() {
                if target.starts_with('/') || target.contains('\\') || drive(target) {
                    return Err(format!("leads {shown}, and only a relative path stays inside everywhere"));
                }
                ahead.extend(target.split('/').rev());
                hops += 1;
                if hops > MOST_HOPS {
                    return Err(format!("{shown} leads in a circle"));
                }
            }
            let Some(name) = ahead.pop() else { break };
            match name {
                "" | "." => continue,
                ".." if place.pop().is_some() => continue,
                ".." => return Err(format!("leads out of what is packed, {shown}")),
                name => place.push(name),
            }
            let path = place.join("/");
            if let Some(&target) = self.links.get(path.as_str()) {
                place.pop();
                next = Some(target);
                continue;
            }
            let is_last = ahead.iter().all(|name| matches!(*name, "" | "."));
            let is_there = self.folders.contains(path.as_str()) || (is_last && self.files.contains(path.as_str()));
            if !is_there {
                return Err(format!("leads nowhere, {shown}: there is no `{path}` in what is packed"));
            }
        }
        let end = place.join("/");
        let is_inside_itself = end.is_empty() || link.strip_prefix(&end).is_some_and(|rest| rest.starts_with('/'));
        if is_inside_itself { Err(format!("leads {shown}, a folder that it lies in itself")) } else { Ok(()) }
    }
}
