//! Places that stand in the text of a failure: stack frames, compilers'
//! positions, assertion messages, of all languages alike. Whether a place lies
//! in the repository is for `locate` to say; so a wrong candidate does no harm.

use super::ansi;

/// How many frames of one text are looked at, from its start and from its end.
const FRAMES: usize = 150;

/// How long a line may be to be looked at, in bytes.
const LINE: usize = 2_000;

/// A place in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// What the path may be, likeliest first: with spaces or brackets in it nobody can
    /// tell where it begins. Empty for `line 7, col 28` alone: a place in the test's own file.
    pub paths: Vec<String>,
    /// The line, from 1.
    pub line: u32,
    /// The column, as the text has it.
    pub column: Option<u32>,
    /// The qualified method of a Java frame, `com.acme.CalcTest.adds`, whose file has no folder.
    pub owner: String,
    /// Whether the innermost frame stands last in a trace of this kind, as Python's do.
    pub inner_last: bool,
}

/// The places in a text, in the order of the text.
pub fn frames(text: &str) -> Vec<Frame> {
    let text = ansi::plain(text);
    let mut found = Vec::new();
    for line in text.lines() {
        if line.len() <= LINE && line.bytes().any(|byte| byte.is_ascii_digit()) {
            scan(line, &mut found);
        }
        if found.len() > 4 * FRAMES {
            found.drain(FRAMES..found.len() - FRAMES);
        }
    }
    if found.len() > 2 * FRAMES {
        found.drain(FRAMES..found.len() - FRAMES);
    }
    found
}

/// The words of a text that look like paths of files, without a line.
pub fn paths(text: &str) -> Vec<String> {
    let text = ansi::plain(text);
    let mut found: Vec<String> = Vec::new();
    let has_slash = |line: &&str| memchr::memchr2(b'/', b'\\', line.as_bytes()).is_some();
    for line in text.lines().filter(has_slash) {
        for word in line.split(|c: char| c.is_whitespace() || "\"'`()[]{}<>|,;".contains(c)) {
            let word = word.trim_end_matches([':', '.']);
            if word.contains(['/', '\\']) && word.rfind('.') > word.rfind(['/', '\\']) && found.len() < FRAMES {
                found.push(word.to_owned());
            }
        }
    }
    found
}

fn scan(line: &str, found: &mut Vec<Frame>) {
    // Playwright heads a failure with the place of the test's definition.
    if !line.is_ascii() && line.contains(" › ") {
        return;
    }
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let next = bytes.get(at + 1).copied().unwrap_or_default();
        let hit = match bytes[at] {
            b':' if next.is_ascii_digit() => colon(line, at),
            b'(' if next.is_ascii_digit() => bracket(line, at),
            b'l' if line[at..].starts_with("line ") => word(line, at),
            b' ' | b'\t' if next.is_ascii_digit() => spaced(line, at),
            _ => None,
        };
        at = match hit {
            Some((frame, end)) => {
                found.push(frame);
                end
            }
            None => at + 1,
        };
    }
}

/// `path:12`, `path:12:3`, `(File.java:12)`.
fn colon(line: &str, at: usize) -> Option<(Frame, usize)> {
    let (number, mut end) = number(line, at + 1)?;
    let paths = paths_before(line, at);
    let path = paths.first()?;
    let mut column = None;
    if line[end..].starts_with(':')
        && let Some((value, after)) = self::number(line, end + 1)
    {
        (column, end) = (Some(value), after);
    }
    // Digits that go on are no place: `0:12ms`, `1.2.3:45.6`.
    if line[end..].starts_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let starts_line = line[..at].trim_start().len() == path.len();
    let python = path.ends_with(".py") && starts_line && column.is_none();
    let owner = owner(line, at - path.len());
    Some((Frame { paths, line: number, column, owner, inner_last: python }, end))
}

/// `path(12)`, `path(12,3)`, `path (12:3)`.
fn bracket(line: &str, at: usize) -> Option<(Frame, usize)> {
    let (number, mut end) = number(line, at + 1)?;
    let mut column = None;
    if line[end..].starts_with([',', ':'])
        && let Some((value, after)) = self::number(line, end + 1 + usize::from(line[end + 1..].starts_with(' ')))
    {
        (column, end) = (Some(value), after);
        // `(12,3,12,9)`: MSBuild gives the end as well.
        while line[end..].starts_with([',', '-'])
            && let Some((_, after)) = self::number(line, end + 1)
        {
            end = after;
        }
    }
    if !line[end..].starts_with(')') {
        return None;
    }
    let before = line[..at].trim_end_matches(' ');
    let mut paths = paths_before(line, before.len());
    // `SyntaxError: /w/a.js: Unexpected token (2:12)`, with columns from 0.
    let mut pieces = before.split(": ").skip(usize::from(!is_absolute(before)));
    if line[end + 1..].trim().is_empty()
        && let Some(path) = pieces.next().filter(|piece| is_absolute(piece) && has_extension(piece))
        && pieces.next().is_some()
    {
        (paths, column) = (vec![path.to_owned()], None);
    }
    paths.first()?;
    Some((Frame { paths, line: number, column, ..Frame::default() }, end + 1))
}

/// `File "path", line 12`, `path:line 12`, `path line 12`, `path, line 12`, `path on line 12`, and
/// `line 7, col 28` with no path at all.
fn word(line: &str, at: usize) -> Option<(Frame, usize)> {
    let (number, mut end) = number(line, at + 5)?;
    let rest = line[end..].trim_start_matches([',', ' ']);
    let mut column = None;
    for name in ["column ", "col ", "character ", "char ", "characters "] {
        if let Some(after) = rest.strip_prefix(name)
            && let Some((value, _)) = self::number(after, 0)
        {
            // OCaml counts characters from 0.
            column = Some(if name.starts_with("char") { value + 1 } else { value });
            end = line.len() - after.len();
        }
    }
    let mut before = line[..at].trim_end();
    before = before.strip_suffix(" on").or_else(|| before.strip_suffix(" at")).unwrap_or(before).trim_end();
    before = before.trim_end_matches([',', ':']).trim_end();
    let quoted = before.strip_suffix(['"', '\'', '`']).and_then(|inner| {
        let open = inner.rfind(['"', '\'', '`'])?;
        Some((&inner[open + 1..], inner[..open].trim_end().ends_with("File")))
    });
    let (paths, file) = match quoted {
        Some((path, file)) => (vec![path.to_owned()], file),
        None => (paths_before(line, before.len()), false),
    };
    if paths.is_empty() && column.is_none() {
        return None;
    }
    Some((Frame { paths, line: number, column, inner_last: file, ..Frame::default() }, end))
}

/// `path 12:3`, as Dart has it.
fn spaced(line: &str, at: usize) -> Option<(Frame, usize)> {
    let (number, end) = number(line, at + 1)?;
    let Some(rest) = line[end..].strip_prefix(':') else {
        return localised(&line[..at], number).filter(|_| line[end..].trim().is_empty()).map(|frame| (frame, end));
    };
    let (column, length) = self::number(rest, 0)?;
    if !rest[length..].is_empty() && !rest[length..].starts_with([' ', '\t', ')', ':']) {
        return None;
    }
    let before = line[..at].trim_end();
    let paths = paths_before(line, before.len());
    paths.first().filter(|path| has_extension(path))?;
    Some((Frame { paths, line: number, column: Some(column), ..Frame::default() }, line.len() - rest.len() + length))
}

/// `path:Zeile 12`, as .NET writes it in the language of the machine.
fn localised(before: &str, line: u32) -> Option<Frame> {
    let (path, word) = before.rsplit_once(':')?;
    let is_word = !word.is_empty() && word.chars().all(char::is_alphabetic);
    let paths = paths_before(path, path.len());
    paths.first().filter(|path| is_word && has_extension(path))?;
    Some(Frame { paths, line, ..Frame::default() })
}

/// Digits from `at` on: their value, not 0, and their end.
fn number(line: &str, at: usize) -> Option<(u32, usize)> {
    let digits = line.get(at..)?;
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    let value: u32 = digits[..length].parse().ok()?;
    (value > 0).then_some((value, at + length))
}

/// What may be a path and ends at `end`: the last word, with its brackets, and from the last
/// thing on that may open a path with spaces.
fn paths_before(line: &str, end: usize) -> Vec<String> {
    let before = &line[..end];
    let tight = |c: char| c.is_whitespace() || "\"'`()[]{}<>|,;=❯│".contains(c);
    let loose = |c: char| c.is_whitespace() || "\"'`|;❯│".contains(c);
    // Where an absolute path opens, it goes on to the line's number whatever is in it.
    let mut starts: Vec<usize> = Vec::new();
    for (at, _) in before.match_indices(['(', '"', '\'', ' ']).take(50) {
        let rest = &before[at + 1..];
        if starts.len() < 3 && is_absolute(rest) {
            starts.push(at + 1);
        }
    }
    starts.extend([after_last(before, tight), after_last(before, loose)]);
    starts.push(before.len() - before.trim_start().len());
    let mut paths: Vec<String> = Vec::new();
    for start in starts {
        let path = before[start..].trim_start_matches(['(', '[', '<']).trim();
        if looks_like_path(path) && !paths.iter().any(|known| known == path) {
            paths.push(path.to_owned());
        }
    }
    paths
}

/// Behind the last of these characters.
fn after_last(text: &str, is_one: impl Fn(char) -> bool) -> usize {
    text.rfind(is_one).map_or(0, |at| at + char_length(text, at))
}

fn looks_like_path(path: &str) -> bool {
    path.len() < 1_000
        && path.contains(['.', '/', '\\'])
        && path.contains(|c: char| c.is_alphabetic())
        && !path.ends_with(['.', '/', '\\', ':'])
}

fn is_absolute(path: &str) -> bool {
    let bytes = path.as_bytes();
    path.starts_with('/')
        || path.starts_with("file://")
        || bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && matches!(bytes[2], b'/' | b'\\')
}

fn has_extension(path: &str) -> bool {
    path.rsplit(['/', '\\']).next().is_some_and(|name| name.trim_start_matches('.').contains('.'))
}

/// The method in front of `(`, where no blank is between: Java and its kin.
fn owner(line: &str, start: usize) -> String {
    // A path that was trimmed does not begin there, and has no method in front of it.
    let Some(before) = line.get(..start).and_then(|before| before.strip_suffix('(')) else { return String::new() };
    let from = before.rfind(char::is_whitespace).map_or(0, |at| at + char_length(before, at));
    let method = &before[from..];
    // `app//com.acme.A.b`, `java.base/java.lang.A.b`, `module@1.0/com.acme.A.b`
    method.rsplit('/').next().unwrap_or_default().to_owned()
}

fn char_length(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(1, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// First path, line, column of each frame.
    fn check(text: &str, places: &[(&str, u32, Option<u32>)]) {
        let found = frames(text);
        let found: Vec<_> =
            found.iter().map(|f| (f.paths.first().map_or("", String::as_str), f.line, f.column)).collect();
        assert_eq!(found, places, "{text}");
    }

    #[test]
    fn every_language_has_its_frames() {
        check("  File \"/a b/x.py\", line 5, in f", &[("/a b/x.py", 5, None)]);
        check("tests/t.py:17: AssertionError", &[("tests/t.py", 17, None)]);
        check("    at f (C:\\a\\x.js:10:21)", &[("C:\\a\\x.js", 10, Some(21))]);
        check("\tat com.acme.T.m(T.java:12)", &[("T.java", 12, None)]);
        check("at f in C:\\a\\X.cs:line 33", &[("C:\\a\\X.cs", 33, None)]);
        check(" ❯ src/x.ts:4:11", &[("src/x.ts", 4, Some(11))]);
        check("thread 'a' panicked at src/x.rs:1:2:", &[("src/x.rs", 1, Some(2))]);
        check("#   at t/a.t line 5.", &[("t/a.t", 5, None)]);
        check("# (in test file bats/a.bats, line 5)", &[("bats/a.bats", 5, None)]);
        check("in tests/R.phpt(78) f()", &[("tests/R.phpt", 78, None)]);
        check("a.ts(3,5): error TS1: x", &[("a.ts", 3, Some(5))]);
        check("RULE at /w/php/a.php (6:46)", &[("/w/php/a.php", 6, Some(46))]);
        check("SyntaxError: /w/a b.js: Unexpected token (2:12)", &[("/w/a b.js", 2, None)]);
        let babel = frames("SyntaxError: /w/a.js: Unexpected token (2:12)");
        assert!(babel[0].paths.contains(&"/w/a.js".to_owned()) && babel[0].line == 2, "{babel:?}");
        check("test/x_test.dart 12:5  main", &[("test/x_test.dart", 12, Some(5))]);
        check("line 7, col 28, Error - x", &[("", 7, Some(28))]);
        check("\t/w/p.go:9 +0x1d", &[("/w/p.go", 9, None)]);
        check("./spec/x.rb:13:in `b'", &[("./spec/x.rb", 13, None)]);
        check("at 2022-06-03 11:02:17 it took 0:12ms", &[]);
        check("  calc.spec.js:5:3 › calc › wrong", &[]);
    }

    #[test]
    fn frames_know_their_owner_and_order() {
        let found = frames("at app//com.acme.T$In.lambda$0(T.java:12)\n  File \"x.py\", line 2\n");
        assert_eq!(found[0].owner, "com.acme.T$In.lambda$0");
        assert!(!found[0].inner_last && found[1].inner_last);
    }

    #[test]
    fn paths_may_hold_spaces_and_brackets() {
        let found = frames("at f (/a b/(auth)/[id].tsx:3:1)");
        assert!(found[0].paths.contains(&"/a b/(auth)/[id].tsx".to_owned()), "{found:?}");
        assert_eq!(paths("see (web/test/a.test.js) or x."), ["web/test/a.test.js"]);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "[a/.:(), €line\"'1-9\n]{0,80}") {
            frames(&text);
            paths(&text);
        }
    }
}
