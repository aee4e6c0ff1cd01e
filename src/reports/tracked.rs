//! The files that git knows, with an index by the ends of their paths.

use std::cmp::Ordering;

/// The tracked files of a checkout.
#[derive(Clone, Debug, Default)]
pub struct Tracked {
    /// All paths, one after another.
    text: String,
    /// Where each path begins and ends, sorted by path.
    ranges: Vec<(u32, u32)>,
    /// Hash of the name up to its first point, and the file; sorted, files of one hash by their
    /// parts from the last one on.
    names: Vec<(u64, u32)>,
    /// Hashes of the names of all folders, sorted.
    folders: Vec<u64>,
}

impl Tracked {
    /// From what `git ls-files -z` prints: paths relative to the root with `/`, each ended by NUL.
    /// Lines do as well, unless a path is quoted.
    pub fn new(listing: &str) -> Self {
        listing.split(['\0', '\n']).collect()
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.ranges.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The path of a file.
    pub fn path(&self, file: u32) -> &str {
        self.ranges.get(file as usize).map_or("", |(start, end)| &self.text[*start as usize..*end as usize])
    }

    /// The file of exactly these parts; of a single one that differs only in case otherwise.
    pub fn find(&self, wanted: &[String]) -> Option<u32> {
        let path = wanted.join("/");
        let at = self.ranges.partition_point(|(start, end)| self.text[*start as usize..*end as usize] < *path);
        if self.path(at as u32) == path {
            return Some(at as u32);
        }
        // A path that has no further parts stands before those that have.
        let found = self.ending(self.named(wanted.last()?), wanted);
        let mut folded =
            found.iter().map(|(_, file)| *file).take(2).filter(|file| self.path(*file).eq_ignore_ascii_case(&path));
        folded.next().filter(|_| folded.next().is_none())
    }

    /// The files that end with these parts, whatever their case.
    pub fn with_suffix(&self, wanted: &[String]) -> impl ExactSizeIterator<Item = u32> + '_ {
        let found = wanted.last().map_or(&self.names[..0], |name| self.ending(self.named(name), wanted));
        found.iter().map(|(_, file)| *file)
    }

    /// The files that have the most of these parts at their end, the name of the file taken without
    /// its extension; and how many parts.
    pub fn with_stem(&self, wanted: &[String]) -> (usize, Vec<u32>) {
        let mut best = (0, Vec::new());
        let Some((name, folders)) = wanted.split_last() else { return best };
        let mut rest = self.named(name);
        let last = |entry: &(u64, u32)| self.path(entry.1).rsplit('/').next().unwrap_or_default();
        while let Some(first) = rest.first() {
            // All files of one name stand together.
            let own = last(first);
            let count = rest.partition_point(|entry| compare(last(entry), own).is_le());
            let (same, after) = rest.split_at(count.max(1));
            rest = after;
            if own.rsplit_once('.').map_or(own, |(stem, _)| stem) != name {
                continue;
            }
            for from in 0..wanted.len() {
                let mut parts = folders[from..].to_vec();
                parts.push(own.to_owned());
                let found = self.ending(same, &parts);
                if !found.is_empty() {
                    if parts.len() > best.0 {
                        best = (parts.len(), Vec::new());
                    }
                    if parts.len() == best.0 {
                        best.1.extend(found.iter().map(|(_, file)| *file));
                    }
                    break;
                }
            }
        }
        best
    }

    /// Whether any folder has this name, whatever its case.
    pub fn has_folder_named(&self, name: &str) -> bool {
        self.folders.binary_search(&hash(name)).is_ok()
    }

    fn index(&mut self) {
        let text = &self.text;
        let path = |range: &(u32, u32)| &text[range.0 as usize..range.1 as usize];
        self.ranges.sort_by(|one, other| path(one).cmp(path(other)));
        self.ranges.dedup_by(|one, other| path(one) == path(other));
        self.names = self.ranges.iter().zip(0..).map(|(range, at)| (hash(stem(path(range))), at)).collect();
        let of = |file: u32| path(&self.ranges[file as usize]);
        self.names.sort_by(|one, other| one.0.cmp(&other.0).then_with(|| backwards(of(one.1), of(other.1))));
        let mut folder = "";
        for range in &self.ranges {
            // Files of one folder follow each other, mostly.
            let next = path(range).rsplit_once('/').map_or("", |(folder, _)| folder);
            if next != folder {
                folder = next;
                self.folders.extend(folder.split('/').map(hash));
            }
        }
        self.folders.sort_unstable();
        self.folders.dedup();
    }

    /// The files whose names agree up to the first point.
    fn named(&self, name: &str) -> &[(u64, u32)] {
        let key = hash(stem(name));
        let start = self.names.partition_point(|(other, _)| *other < key);
        let end = self.names.partition_point(|(other, _)| *other <= key);
        &self.names[start..end]
    }

    /// Those of `files`, sorted by their parts from the last one on, that end with these parts.
    fn ending<'f>(&self, files: &'f [(u64, u32)], wanted: &[String]) -> &'f [(u64, u32)] {
        let order = |file: u32| {
            let mut parts = self.path(file).rsplit('/');
            for wanted in wanted.iter().rev() {
                let order = parts.next().map_or(Ordering::Less, |part| compare(part, wanted));
                if order.is_ne() {
                    return order;
                }
            }
            Ordering::Equal
        };
        let start = files.partition_point(|(_, file)| order(*file).is_lt());
        let end = files.partition_point(|(_, file)| order(*file).is_le());
        &files[start..end]
    }
}

/// The order of two paths by their parts from the last one on, whatever their case.
fn backwards(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one.rsplit('/'), other.rsplit('/'));
    loop {
        let order = match (one.next(), other.next()) {
            (Some(part), Some(wanted)) => compare(part, wanted),
            (part, wanted) => return part.is_some().cmp(&wanted.is_some()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// The order of two parts, whatever their case.
fn compare(one: &str, other: &str) -> Ordering {
    if one == other {
        return Ordering::Equal;
    }
    let lower = |byte: u8| byte.to_ascii_lowercase();
    one.bytes().map(lower).cmp(other.bytes().map(lower))
}

impl<S: AsRef<str>> FromIterator<S> for Tracked {
    /// From paths relative to the root, with `/`.
    fn from_iter<I: IntoIterator<Item = S>>(paths: I) -> Self {
        let mut tracked = Tracked::default();
        for path in paths {
            let path = path.as_ref().trim_end_matches('\r');
            let start = tracked.text.len();
            // More than 4 GiB of paths is no checkout.
            let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(start + path.len())) else { break };
            if !path.is_empty() {
                tracked.text.push_str(path);
                tracked.ranges.push((start, end));
            }
        }
        tracked.index();
        tracked
    }
}

/// The parts of a path or URI: slashes turned, scheme, drive, `.` and what `..` undoes taken
/// away, percent escapes decoded; and whether it is absolute.
pub fn parts(path: &str) -> (bool, Vec<String>) {
    let mut path = path.trim();
    let mut absolute = false;
    for scheme in ["file://localhost", "file://", "file:", "webpack-internal://", "webpack://", "vscode://"] {
        if let Some(rest) = path.strip_prefix(scheme) {
            path = rest;
            absolute = scheme.starts_with("file");
            break;
        }
    }
    if let Some((scheme, rest)) = path.split_once("://")
        && matches!(scheme, "http" | "https" | "ng" | "async" | "app")
    {
        // The address of a server here: its name is no folder. Others serve other people's files.
        let (host, inner) = rest.split_once('/').unwrap_or((rest, ""));
        let is_here = !host.contains('.') || host.starts_with("127.") || host.starts_with("0.0.0.0");
        path = if is_here { inner } else { "" };
    }
    let turned = path.replace('\\', "/");
    let mut path = turned.as_str();
    path = path.strip_prefix("//?/").unwrap_or(path);
    if let Some(query) = path.find('?') {
        path = &path[..query];
    }
    absolute |= path.starts_with('/');
    let decoded = if path.contains('%') { decode(path) } else { path.to_owned() };
    let mut parts: Vec<String> = Vec::new();
    for part in decoded.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part.to_owned()),
        }
    }
    if let Some(drive) = parts.first()
        && drive.len() == 2
        && drive.ends_with(':')
        && drive.starts_with(|c: char| c.is_ascii_alphabetic())
    {
        absolute = true;
    }
    (absolute, parts)
}

fn decode(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = path.get(at + 1..at + 3).filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match (bytes[at], hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(byte)) => {
                plain.push(byte);
                at += 3;
            }
            (byte, _) => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(plain).unwrap_or_else(|_| path.to_owned())
}

/// The name of a path up to its first point.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    match name.find('.') {
        Some(0) | None => name,
        Some(at) => &name[..at],
    }
}

/// FNV-1a over lower case: few bytes, and nothing depends on it being hard to collide.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01B3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, absolute: bool, wanted: &str) {
        let (found, list) = parts(path);
        assert_eq!((found, list.join("/").as_str()), (absolute, wanted), "{path}");
    }

    #[test]
    fn paths_are_taken_apart() {
        check("./a//b/../c.js", false, "a/c.js");
        check("C:\\a\\b c.js", true, "C:/a/b c.js");
        check("file:///C:/a%20b/%E2%82%AC.cs", true, "C:/a b/€.cs");
        check("webpack:///./src/x.js", true, "src/x.js");
        check("../../x", false, "x");
        check("100%.txt", false, "100%.txt");
        check("http://localhost:9876/base/a.js?1f3", false, "base/a.js");
    }

    #[test]
    fn files_are_found() {
        let tracked = Tracked::new("b/x.test.js\0a/x.test.js\0a/Y.java\0");
        let list = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
        let name = |file: Option<u32>| file.map(|file| tracked.path(file).to_owned());
        assert_eq!(name(tracked.find(&list("a/x.test.js"))).as_deref(), Some("a/x.test.js"));
        assert_eq!(name(tracked.find(&list("A/y.java"))).as_deref(), Some("a/Y.java"));
        assert_eq!(name(tracked.find(&list("c/x.test.js"))), None);
        let all = |files: Vec<u32>| files.iter().map(|file| tracked.path(*file).to_owned()).collect::<Vec<_>>();
        assert_eq!(all(tracked.with_suffix(&list("a/X.test.js")).collect()), ["a/x.test.js"]);
        assert_eq!(all(tracked.with_suffix(&list("x.test.js")).collect()), ["a/x.test.js", "b/x.test.js"]);
        assert_eq!(all(tracked.with_suffix(&list("q/a/x.test.js")).collect()), [""; 0]);
        let (common, files) = tracked.with_stem(&list("q/a/Y"));
        assert_eq!((common, all(files)), (2, vec!["a/Y.java".to_owned()]));
        assert!(tracked.has_folder_named("A") && !tracked.has_folder_named("x"));
    }
}
