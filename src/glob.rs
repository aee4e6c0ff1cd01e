//! Globs over paths with `/`: `*` and `?` within a name, `**` across folders,
//! `[a-z]` and `{one,other}` as GitHub's own `hashFiles` and every shell knows
//! them. A leading `./` is ignored.

use crate::host::{EntryKind, FileError, Host};

/// How many alternatives of `{…}` a pattern may have in all.
const ALTERNATIVES: usize = 64;
/// How many entries are looked at for one list of patterns.
const ENTRIES: usize = 200_000;
/// How deep folders are walked.
const DEPTH: usize = 64;

/// One pattern, with its alternatives spelled out.
#[derive(Clone, Debug)]
pub struct Glob {
    alternatives: Vec<Vec<String>>,
}

impl Glob {
    /// Any text is a pattern; one with too many alternatives matches as if its
    /// braces were literal.
    pub fn new(pattern: &str) -> Glob {
        let pattern = pattern.trim_start_matches("./");
        let mut spelled = Vec::new();
        if !spell_out(pattern, &mut spelled) {
            spelled = vec![pattern.to_owned()];
        }
        let names = |pattern: String| pattern.split('/').map(str::to_owned).collect();
        Glob { alternatives: spelled.into_iter().map(names).collect() }
    }

    /// Whether the whole path matches.
    pub fn matches(&self, path: &str) -> bool {
        let path: Vec<&str> = path.trim_start_matches("./").split('/').collect();
        self.alternatives.iter().any(|names| matches_path(names, &path))
    }

    /// The folder that every match lies in, as far as the pattern says it.
    fn folder(&self) -> String {
        let fixed = |names: &Vec<String>| {
            let fixed = names.iter().take(names.len() - 1).take_while(|name| !is_wild(name));
            fixed.cloned().collect::<Vec<_>>().join("/")
        };
        match self.alternatives.as_slice() {
            [only] => fixed(only),
            _ => String::new(),
        }
    }

    /// Whether the pattern is a plain path.
    pub fn is_plain(&self) -> bool {
        self.alternatives.len() == 1 && self.alternatives[0].iter().all(|name| !is_wild(name))
    }
}

/// The files below `root` that match, relative to it, sorted. Folders named
/// `.git` and `node_modules` are walked only when a pattern names them, and
/// links to folders never, so that a walk ends.
pub fn find(host: &dyn Host, root: &str, pattern: &str) -> Result<Vec<String>, FileError> {
    let glob = Glob::new(pattern);
    if glob.is_plain() {
        let path = pattern.trim_start_matches("./");
        return match host.open(&join(root, path)) {
            Ok(_) => Ok(vec![path.to_owned()]),
            Err(FileError::Missing) => Ok(Vec::new()),
            Err(error) => Err(error),
        };
    }
    let mut found = Vec::new();
    let mut left = ENTRIES;
    let mut folders = vec![(glob.folder(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let entries = match host.list(&join(root, &folder)) {
            Ok(entries) => entries,
            Err(FileError::Missing | FileError::WrongKind) => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            left = left.checked_sub(1).ok_or_else(|| FileError::Refused("too many files to look at".to_owned()))?;
            let path = join_relative(&folder, &entry.name);
            let skipped = matches!(entry.name.as_str(), ".git" | "node_modules") && !pattern.contains(&entry.name);
            match entry.kind {
                EntryKind::Directory if !skipped && depth < DEPTH => folders.push((path, depth + 1)),
                EntryKind::File | EntryKind::Link if glob.matches(&path) => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    Ok(found)
}

fn join(root: &str, path: &str) -> String {
    match path {
        "" => root.to_owned(),
        path if crate::context::is_absolute(path) => path.to_owned(),
        path => format!("{}/{path}", root.trim_end_matches('/')),
    }
}

fn join_relative(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn is_wild(name: &str) -> bool {
    name.contains(['*', '?', '['])
}

/// Spells out the first `{…}` and then the rest; false when there are too many.
fn spell_out(pattern: &str, spelled: &mut Vec<String>) -> bool {
    let braces = pattern.find('{').and_then(|open| Some((open, open + pattern[open..].find('}')?)));
    let Some((open, close)) = braces else {
        spelled.push(pattern.to_owned());
        return spelled.len() <= ALTERNATIVES;
    };
    let (before, choices, after) = (&pattern[..open], &pattern[open + 1..close], &pattern[close + 1..]);
    choices.split(',').all(|choice| spell_out(&format!("{before}{choice}{after}"), spelled))
}

/// `**` is tried at every depth; the rest is decided name by name. The table
/// of what is reachable keeps this linear in both, whatever the pattern.
fn matches_path(names: &[String], path: &[&str]) -> bool {
    let mut reachable = vec![false; path.len() + 1];
    reachable[0] = true;
    for name in names {
        if name == "**" {
            let first = reachable.iter().position(|&here| here).unwrap_or(reachable.len());
            reachable[first..].fill(true);
        } else {
            for at in (0..path.len()).rev() {
                reachable[at + 1] = reachable[at] && matches_name(name, path[at]);
            }
            reachable[0] = false;
        }
    }
    reachable[path.len()]
}

/// One name against one pattern, going back to the last `*` at most.
fn matches_name(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        let taken = match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
                continue;
            }
            Some('?') => Some(1),
            Some('[') => matches_class(&pattern[p..], name[n]).or(Some(1).filter(|_| name[n] == '[')),
            Some(&other) => Some(1).filter(|_| other == name[n]),
            None => None,
        };
        match (taken, star) {
            (Some(length), _) => {
                p += length;
                n += 1;
            }
            (None, Some((at, from))) => {
                star = Some((at, from + 1));
                (p, n) = (at + 1, from + 1);
            }
            (None, None) => return false,
        }
    }
    pattern[p..].iter().all(|&rest| rest == '*')
}

/// The length of the class when it holds the character: `[abc]`, `[a-z]`, `[!a]`.
fn matches_class(pattern: &[char], found: char) -> Option<usize> {
    let close = pattern.iter().skip(2).position(|&character| character == ']')? + 2;
    let mut class = &pattern[1..close];
    let negated = matches!(class.first(), Some('!' | '^'));
    if negated {
        class = &class[1..];
    }
    let mut held = false;
    while let [first, rest @ ..] = class {
        match rest {
            ['-', last, after @ ..] => {
                held |= (*first..=*last).contains(&found);
                class = after;
            }
            _ => {
                held |= *first == found;
                class = rest;
            }
        }
    }
    (held != negated).then_some(close + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fake::Fake;

    #[test]
    fn patterns_match_as_in_a_shell() {
        let rows = [
            ("*.xml", "a.xml", true),
            ("*.xml", "folder/a.xml", false),
            ("**/*.xml", "a.xml", true),
            ("**/*.xml", "one/two/a.xml", true),
            ("one/**", "one/two/a.xml", true),
            ("one/**/a.xml", "one/a.xml", true),
            ("./one/?.xml", "one/a.xml", true),
            ("report-[0-9].{xml,json}", "report-7.json", true),
            ("report-[!0-9].xml", "report-7.xml", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("[", "[", true),
        ];
        for (pattern, path, expected) in rows {
            assert_eq!(Glob::new(pattern).matches(path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_time() {
        let pattern = "**/".repeat(60) + &"*a".repeat(60) + &"{a,b}".repeat(40);
        assert!(!Glob::new(&pattern).matches(&("a/".repeat(100) + &"a".repeat(2000))));
    }

    #[test]
    fn finding_walks_what_the_pattern_names() {
        let fake = Fake::new()
            .file("root/a.xml", "")
            .file("root/out/b.xml", "")
            .file("root/out/deep/c.xml", "")
            .file("root/node_modules/d.xml", "")
            .file("root/.git/e.xml", "");
        let find = |pattern: &str| find(&fake, "root", pattern).unwrap().join(" ");
        assert_eq!(find("**/*.xml"), "a.xml out/b.xml out/deep/c.xml");
        assert_eq!(find("out/*.xml"), "out/b.xml");
        assert_eq!(find("./a.xml"), "a.xml");
        assert_eq!(find("b.xml"), "");
        assert_eq!(find("node_modules/*.xml"), "node_modules/d.xml");
    }
}
