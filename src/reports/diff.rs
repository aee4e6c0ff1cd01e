//! What a change touches: the output of `git diff`, or GitHub's list of a pull
//! request's files, becomes [`Changed`]. Also the module's path in a `go.mod`.

use serde::Deserialize;

use super::locate::Changed;

/// The arguments of git whose output [`parse`] reads, without the two commits: whatever is
/// configured, no colours, no outside program, no other prefixes.
pub const ARGUMENTS: &[&str] = &[
    "diff",
    "--unified=0",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--find-renames",
    "--ignore-submodules",
    "--src-prefix=a/",
    "--dst-prefix=b/",
];

/// How many files are kept; of a change larger than that no person looks at every file.
const FILES: usize = 50_000;

/// How many ranges of one file are kept; a file with more is changed as a whole.
const RANGES: usize = 5_000;

/// A range that holds no line: the file is changed, but no line of it is new.
const NOTHING: (u32, u32) = (0, 0);

/// Reads the output of `git diff`, with any number of lines around the changes. Lines count in
/// the new file; a deleted file is left out, one that was only renamed has no changed lines.
pub fn parse(text: &str) -> Changed {
    let mut changed = Changed::default();
    let mut file: Option<String> = None;
    let mut hunk = Hunk::default();
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').filter(|_| !hunk.is_open()).unwrap_or(line);
        if hunk.is_open() {
            hunk.take(line);
            if !hunk.is_open()
                && let Some(file) = &file
            {
                add(&mut changed, file, &hunk.ranges);
            }
        } else if let Some(names) = line.strip_prefix("diff --git ") {
            file = same_names(names);
            touch(&mut changed, file.as_deref());
        } else if let Some(name) = line.strip_prefix("diff --cc ").or(line.strip_prefix("diff --combined ")) {
            // Of a merge with several parents the lines are not to be had: all of the file.
            whole(&mut changed, &unquote(name));
            file = None;
        } else if let Some(name) = line.strip_prefix("rename to ").or(line.strip_prefix("copy to ")) {
            file = Some(unquote(name));
            touch(&mut changed, file.as_deref());
        } else if let Some(name) = line.strip_prefix("+++ ") {
            let named = without_prefix(&unquote(name.trim_end_matches('\t')));
            if named.is_none()
                && let Some(file) = &file
            {
                changed.0.remove(file);
            }
            file = named;
            touch(&mut changed, file.as_deref());
        } else if line.starts_with("deleted file mode") {
            if let Some(file) = file.take() {
                changed.0.remove(&file);
            }
        } else if line.starts_with("@@ ") {
            hunk = Hunk::open(line);
            if !hunk.is_open()
                && let Some(file) = &file
            {
                add(&mut changed, file, &hunk.ranges);
            }
        }
    }
    if let Some(file) = file.filter(|_| hunk.is_open()) {
        add(&mut changed, &file, &hunk.ranges);
    }
    changed
}

/// Adds one page of GitHub's list of changed files: of a pull request, or of a comparison. How
/// many files the page has; `None` when it is no such list. A file whose patch GitHub leaves out
/// for its size is changed as a whole.
pub fn add_page(changed: &mut Changed, json: &str) -> Option<usize> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Page {
        List(Vec<Entry>),
        Comparison { files: Vec<Entry> },
    }
    #[derive(Deserialize)]
    struct Entry {
        filename: String,
        #[serde(default)]
        status: String,
        #[serde(default)]
        patch: Option<String>,
        #[serde(default)]
        additions: u64,
    }
    let entries = match serde_json::from_str(json).ok()? {
        Page::List(entries) | Page::Comparison { files: entries } => entries,
    };
    for entry in &entries {
        match &entry.patch {
            _ if entry.status == "removed" => {}
            Some(patch) => add_patch(changed, &entry.filename, patch),
            None if entry.additions > 0 => whole(changed, &entry.filename),
            None => touch(changed, Some(&entry.filename)),
        }
    }
    Some(entries.len())
}

/// The path of the module that a `go.mod` declares (The Go Modules Reference, "module directive").
pub fn go_module(text: &str) -> Option<String> {
    let mut lines = text.lines().map(|line| line.split("//").next().unwrap_or_default().trim());
    let rest = lines.by_ref().find_map(|line| {
        let rest = line.strip_prefix("module")?;
        rest.starts_with([' ', '\t', '(', '"', '`']).then(|| rest.trim())
    })?;
    let path = match rest {
        "(" => lines.find(|line| !line.is_empty())?,
        rest => rest,
    };
    let path = path.trim_matches(['"', '`', '(', ')', ' ']);
    (!path.is_empty() && !path.contains(char::is_whitespace)).then(|| path.to_owned())
}

/// The hunks of one file, as GitHub's `patch` has them.
fn add_patch(changed: &mut Changed, file: &str, patch: &str) {
    touch(changed, Some(file));
    let mut hunk = Hunk::default();
    for line in patch.split('\n') {
        if hunk.is_open() {
            hunk.take(line);
        } else if line.starts_with("@@ ") {
            add(changed, file, &hunk.ranges);
            hunk = Hunk::open(line);
        }
    }
    add(changed, file, &hunk.ranges);
}

/// The lines between two headers.
#[derive(Default)]
struct Hunk {
    /// How many lines of the old and of the new file are still to come.
    old: u32,
    new: u32,
    /// The next line of the new file.
    line: u32,
    ranges: Vec<(u32, u32)>,
}

impl Hunk {
    /// From `@@ -1,2 +3,4 @@ …`; a hunk without lines when it is anything else.
    fn open(header: &str) -> Self {
        let side = |mark: char| {
            let word = header.split(' ').skip(1).take(2).find_map(|word| word.strip_prefix(mark))?;
            let (line, count) = word.split_once(',').unwrap_or((word, "1"));
            Some((line.parse::<u32>().ok()?, count.parse::<u32>().ok()?))
        };
        let (Some((_, old)), Some((line, new))) = (side('-'), side('+')) else { return Hunk::default() };
        Hunk { old, new, line, ranges: vec![NOTHING] }
    }

    fn is_open(&self) -> bool {
        self.old > 0 || self.new > 0
    }

    fn take(&mut self, line: &str) {
        match line.bytes().next() {
            Some(b'+') => {
                self.new = self.new.saturating_sub(1);
                match self.ranges.last_mut() {
                    Some(last) if last.1 > 0 && last.1.checked_add(1) == Some(self.line) => last.1 = self.line,
                    _ => self.ranges.push((self.line, self.line)),
                }
                self.line = self.line.saturating_add(1);
            }
            Some(b'-') => self.old = self.old.saturating_sub(1),
            Some(b'\\') => {}
            // An editor may have taken the blank of an empty line away.
            Some(b' ') | None => {
                self.old = self.old.saturating_sub(1);
                self.new = self.new.saturating_sub(1);
                self.line = self.line.saturating_add(1);
            }
            // Not what the header promised: no more of this hunk.
            Some(_) => (self.old, self.new) = (0, 0),
        }
    }
}

/// Notes that a file is changed.
fn touch(changed: &mut Changed, file: Option<&str>) {
    if let Some(file) = file.filter(|file| !file.is_empty())
        && (changed.0.len() < FILES || changed.0.contains_key(file))
    {
        changed.0.entry(file.to_owned()).or_insert_with(|| vec![NOTHING]);
    }
}

/// Notes that all lines of a file are changed.
fn whole(changed: &mut Changed, file: &str) {
    touch(changed, Some(file));
    if let Some(ranges) = changed.0.get_mut(file) {
        ranges.clear();
    }
}

fn add(changed: &mut Changed, file: &str, more: &[(u32, u32)]) {
    touch(changed, Some(file));
    let Some(ranges) = changed.0.get_mut(file).filter(|ranges| !ranges.is_empty()) else { return };
    ranges.extend(more.iter().filter(|range| **range != NOTHING));
    if ranges.len() > 1 {
        ranges.retain(|range| *range != NOTHING);
    }
    if ranges.len() > RANGES {
        ranges.clear();
    }
}

/// `b/src/x` without its prefix; nothing for `/dev/null`.
fn without_prefix(name: &str) -> Option<String> {
    if name == "/dev/null" {
        return None;
    }
    Some(name.split_once('/').filter(|(prefix, _)| prefix.len() == 1).map_or(name, |(_, rest)| rest).to_owned())
}

/// The name in `a/NAME b/NAME`, when both are the same; other names follow on lines of their own.
fn same_names(names: &str) -> Option<String> {
    if names.starts_with('"') {
        let second = names.rfind(" \"").map(|at| &names[at + 1..])?;
        return without_prefix(&unquote(second));
    }
    let half = names.len().checked_sub(1)? / 2;
    let (one, other) = (names.get(..half)?, names.get(half + 1..)?);
    let (one, other) = (without_prefix(one)?, without_prefix(other)?);
    (one == other).then_some(other)
}

/// A name as git quotes it: in quotes, with the escapes of C, when it has unusual characters.
fn unquote(name: &str) -> String {
    let Some(inner) = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return name.to_owned() };
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next() {
            Some(b'a') => 7,
            Some(b'b') => 8,
            Some(b't') => b'\t',
            Some(b'n') => b'\n',
            Some(b'v') => 11,
            Some(b'f') => 12,
            Some(b'r') => b'\r',
            Some(digit @ b'0'..=b'7') => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    if let Some(digit @ b'0'..=b'7') = rest.clone().next() {
                        rest.next();
                        value = value * 8 + u32::from(digit - b'0');
                    }
                }
                value as u8
            }
            Some(other) => other,
            None => b'\\',
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests;
