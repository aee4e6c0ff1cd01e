//! The start of a report, looked at once, so that every format can say how well
//! it knows it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::ansi;

/// How many different JSON key paths are kept.
const KEYS: usize = 512;

/// How deep JSON keys are kept.
const DEPTH: usize = 8;

/// The start of a report.
pub struct Head<'a> {
    /// The decoded text, at most one window of it.
    pub text: &'a str,
    /// The same without colours.
    pub plain: Cow<'a, str>,
    /// Whether [`Head::text`] is the whole report.
    pub whole: bool,
    /// The first start tag of an XML document, from `<` to `>`, when there is one.
    pub tag: &'a str,
    /// That element's name without its namespace prefix, or nothing.
    pub root: &'a str,
    keys: BTreeSet<String>,
    json: u8,
    inner: bool,
}

impl<'a> Head<'a> {
    /// Looks at the start of a report.
    pub fn new(text: &'a str, whole: bool) -> Self {
        let tag = first_tag(text).unwrap_or_default();
        let name = tag.trim_start_matches('<').split([' ', '\t', '\r', '\n', '/', '>']).next().unwrap_or_default();
        let root = name.rsplit(':').next().unwrap_or_default();
        let plain = ansi::plain(text);
        let mut head = Head { text, plain, whole, tag, root, keys: BTreeSet::new(), json: 0, inner: false };
        if let Some(start) = json_start(text) {
            head.json = text.as_bytes()[start];
            head.sketch(&text.as_bytes()[start..]);
        }
        head
    }

    /// Looks at a later piece of a text, from the start of a line on.
    pub fn inner(text: &'a str) -> Self {
        Head { inner: true, ..Head::new(text, false) }
    }

    /// Whether the JSON of the report has this key path: `runs[].tool`, `[].filePath`; in JSON
    /// Lines each line is a document of its own: `Action`.
    pub fn has(&self, path: &str) -> bool {
        self.keys.contains(path)
    }

    /// Whether the JSON has all of these key paths.
    pub fn has_all(&self, paths: &[&str]) -> bool {
        paths.iter().all(|path| self.has(path))
    }

    /// The key paths of the JSON, in alphabetical order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(String::as_str)
    }

    /// Whether the report is, or begins with, JSON.
    pub fn is_json(&self) -> bool {
        self.json != 0
    }

    /// Whether the report is a JSON array (or, with other text between, holds one first).
    pub fn is_json_array(&self) -> bool {
        self.json == b'['
    }

    /// The lines of the text without colours; the last one may be cut. Nothing for XML and
    /// for a report that is JSON from its first byte, so that no text format claims them.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        let text = if self.is_text() { &self.plain } else { "" };
        text.lines()
    }

    /// Whether the report is neither XML nor JSON from its first byte; text may hold JSON lines, and
    /// lines of code that begin with `<T>`.
    pub fn is_text(&self) -> bool {
        if self.inner {
            return true;
        }
        let start = self.text.trim_start();
        let xml = start.starts_with('<') && !self.root.is_empty();
        let json = start.starts_with('{') || start.starts_with('[') && self.is_json_array();
        !xml && !json
    }

    /// Collects key paths without building anything, whatever the nesting.
    fn sketch(&mut self, text: &[u8]) {
        // Of each open container: whether it is an object, and the path's length there.
        let mut open: Vec<(bool, usize)> = Vec::new();
        let mut path = String::new();
        let mut at = 0;
        while at < text.len() && self.keys.len() < KEYS {
            match text[at] {
                brace @ (b'{' | b'[') => {
                    if brace == b'[' {
                        path.push_str("[]");
                    }
                    open.push((brace == b'{', path.len()));
                }
                b'}' | b']' => {
                    open.pop();
                    path.truncate(open.last().map_or(0, |(_, length)| *length));
                    if open.is_empty() {
                        // On to the next document, which starts a line.
                        let rest = &text[at + 1..];
                        match std::str::from_utf8(rest).ok().and_then(json_start) {
                            Some(start) => at += start,
                            None => return,
                        }
                    }
                }
                b'"' => {
                    let start = at + 1;
                    at = start;
                    while at < text.len() && text[at] != b'"' {
                        at += 1 + usize::from(text[at] == b'\\');
                    }
                    let after = text.get(at + 1..).unwrap_or_default().iter().find(|byte| !byte.is_ascii_whitespace());
                    if let (Some(b':'), Some((true, length))) = (after, open.last()) {
                        path.truncate(*length);
                        if !path.is_empty() {
                            path.push('.');
                        }
                        path.push_str(&String::from_utf8_lossy(&text[start..at.min(text.len())]));
                        if open.len() <= DEPTH && path.len() < 200 {
                            self.keys.insert(path.clone());
                        }
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }
}

/// Where the first JSON container begins that starts a line.
fn json_start(text: &str) -> Option<usize> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let inner = line.trim_start();
        let start = offset + line.len() - inner.len();
        let next = || text[start + 1..].bytes().find(|byte| !byte.is_ascii_whitespace());
        match inner.bytes().next() {
            Some(b'{') if matches!(next(), Some(b'"' | b'}')) => return Some(start),
            Some(b'[') if matches!(next(), Some(b'{' | b']')) => return Some(start),
            _ => offset += line.len(),
        }
    }
    None
}

/// The first start tag, declarations, comments and log lines in front of it passed over.
fn first_tag(text: &str) -> Option<&str> {
    let mut rest = text;
    let mut starts_line = true;
    loop {
        let at = rest.find('<')?;
        starts_line = match rest[..at].rfind('\n') {
            Some(newline) => rest[newline + 1..at].trim().is_empty(),
            None => starts_line && rest[..at].trim().is_empty(),
        };
        let tag = &rest[at..];
        let skip = if tag.starts_with("<?") {
            tag.find("?>")? + 2
        } else if tag.starts_with("<!--") {
            tag.find("-->")? + 3
        } else if tag.starts_with("<!") {
            declaration_end(tag)?
        } else if starts_line && tag[1..].starts_with(|c: char| c.is_alphabetic() || c == '_') {
            let end = tag.find('>').map_or(tag.len(), |end| end + 1);
            return Some(&tag[..end]);
        } else {
            starts_line = false;
            1
        };
        rest = tag.get(skip..)?;
    }
}

/// The length of a `<!DOCTYPE …>`, its bracketed part included.
fn declaration_end(tag: &str) -> Option<usize> {
    let mut brackets = 0u32;
    for (at, byte) in tag.bytes().enumerate() {
        match byte {
            b'[' => brackets += 1,
            b']' => brackets = brackets.saturating_sub(1),
            b'>' if brackets == 0 => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_root(text: &str, root: &str) {
        assert_eq!(Head::new(text, true).root, root, "{text}");
    }

    #[test]
    fn the_root_element_is_found() {
        check_root(
            "<?xml version='1.0'?><!-- <a> --><!DOCTYPE t [<!ENTITY a \"<b>\">]>\n<ns:testsuite name='x'>",
            "testsuite",
        );
        check_root("> npm test\n<testsuites/>", "testsuites");
        check_root("text <b>bold</b>", "");
        check_root("{\"a\": \"<b>\"}", "");
    }

    fn check_keys(text: &str, keys: &[&str]) {
        assert_eq!(Head::new(text, true).keys, keys.iter().map(|key| key.to_string()).collect(), "{text}");
    }

    #[test]
    fn json_keys_are_found() {
        check_keys(r#"{"a": [{"b": "\"c\":"}, {"d": 1}], "e": {}}"#, &["a", "a[].b", "a[].d", "e"]);
        check_keys("noise\n{\"a\":1}\nmore {\n{\"b\":2}\n", &["a", "b"]);
        check_keys(r#"[{"filePath": "x", "messages": ["#, &["[].filePath", "[].messages"]);
        check_keys("[INFO] no\n[]", &[]);
        check_keys("{\"cut", &[]);
    }
}
