//! Places as tools write them at the start of a line.

use crate::reports::clue::{Columns, Spot, Trust};

/// A place at the start of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'l> {
    /// The path as it stands there.
    pub path: &'l str,
    /// The line, from 1.
    pub line: u32,
    /// The column.
    pub column: Option<u32>,
    /// The last line.
    pub end_line: Option<u32>,
    /// The last column itself.
    pub end_column: Option<u32>,
    /// What follows, from the first character that is no digit on.
    pub rest: &'l str,
}

impl<'l> Place<'l> {
    /// As a spot, columns from 1.
    pub fn spot(&self, columns: Columns) -> Spot {
        let mut spot = Spot::new(self.path, Some(self.line), Trust::Exact);
        spot.column = self.column.filter(|column| *column > 0);
        spot.end_line = self.end_line;
        spot.end_column = self.end_column.and_then(|column| column.checked_add(1));
        spot.columns = columns;
        spot
    }

    /// What follows `: ` or `:`.
    pub fn message(&self) -> Option<&'l str> {
        Some(self.rest.strip_prefix(':')?.trim())
    }

    /// Whether nothing but a file would be written so: no blanks, and an extension or a folder.
    pub fn is_plain(&self) -> bool {
        is_file(self.path)
    }
}

/// `path:12`, `path:12:3`, `path:12:3:12:9`, `path:12:3-9`, `path:12:3-14:9` at the start.
pub fn colon(line: &str) -> Option<Place<'_>> {
    let mut from = 0;
    while let Some(at) = line[from..].find(':').map(|at| from + at) {
        from = at + 1;
        let Some((number, after)) = number(&line[at + 1..]) else { continue };
        let path = &line[..at];
        if number == 0 || !may_be_path(path) {
            continue;
        }
        let mut place = Place { path, line: number, column: None, end_line: None, end_column: None, rest: after };
        if let Some((column, after)) = after.strip_prefix(':').and_then(self::number) {
            (place.column, place.rest) = (Some(column), after);
            if let Some((end, after)) = after.strip_prefix(':').and_then(self::number)
                && let Some((end_column, after)) = after.strip_prefix(':').and_then(self::number)
            {
                (place.end_line, place.end_column, place.rest) = (Some(end), Some(end_column), after);
            } else if let Some((end, after)) = after.strip_prefix('-').and_then(self::number) {
                (place.end_line, place.end_column, place.rest) = (Some(number), Some(end), after);
                if let Some((end_column, after)) = after.strip_prefix(':').and_then(self::number) {
                    (place.end_line, place.end_column, place.rest) = (Some(end), Some(end_column), after);
                }
            }
        }
        if ends(place.rest) {
            return Some(place);
        }
    }
    None
}

/// Whether a place may end before this.
fn ends(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with([':', ' ', '\t'])
}

/// `path(12)`, `path(12,3)`, `path(12,3-9)`, `path(12,3,12,9)`, `path (12, 3)` at the start; `rest`
/// follows the bracket.
pub fn bracket(line: &str) -> Option<Place<'_>> {
    let mut from = 0;
    while let Some(at) = line[from..].find('(').map(|at| from + at) {
        from = at + 1;
        let path = line[..at].trim_end_matches(' ');
        let end = at + line[at..].find(')')?;
        let mut numbers = [None; 4];
        let mut count = 0;
        let whole = line[at + 1..end].split([',', '-', ':']).all(|part| {
            let value = number(part.trim()).filter(|(_, rest)| rest.is_empty()).map(|(value, _)| value);
            if count < 4 {
                numbers[count] = value;
            }
            count += 1;
            value.is_some() && count <= 4
        });
        let Some(first) = numbers[0].filter(|first| whole && *first > 0 && may_be_path(path) && ends(&line[end + 1..]))
        else {
            continue;
        };
        let mut place =
            Place { path, line: first, column: None, end_line: None, end_column: None, rest: &line[end + 1..] };
        // `(12-14)` is two lines, `(12,3-9)` one line, `(12,3-14,9)` and `(12,3,14,9)` two.
        if line[at + 1..end].find('-').is_some_and(|dash| !line[at + 1..at + 1 + dash].contains(',')) {
            (place.end_line, place.column) = (numbers[1], None);
        } else {
            place.column = numbers[1];
            (place.end_line, place.end_column) =
                if numbers[3].is_some() { (numbers[2], numbers[3]) } else { (None, numbers[2]) };
        }
        return Some(place);
    }
    None
}

/// Digits at the start and what follows; a line or a column has few of them.
fn number(text: &str) -> Option<(u32, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let value = text[..length].parse().ok().filter(|_| length <= 8)?;
    Some((value, &text[length..]))
}

/// Whether the text can be a path, with blanks or without.
fn may_be_path(path: &str) -> bool {
    let date = path.len() >= 10 && path.as_bytes()[..4].iter().all(u8::is_ascii_digit) && path.as_bytes()[4] == b'-';
    !path.is_empty()
        && path.len() < 1_000
        && path.trim() == path
        && path.contains(|c: char| c.is_alphabetic() || c == '_')
        && !path.ends_with(['/', '\\', ':'])
        && !path.contains(": ")
        && !path.contains("] ")
        && !path.contains("::")
        && (!path.contains("://") || path.starts_with("file://"))
        && (!date || path.contains(['/', '\\']))
}

/// Whether nothing but a file would be written so.
pub fn is_file(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let blank = path.contains(|c: char| c.is_whitespace() || "\"'`<>|()=,;*?".contains(c));
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let host = ["com", "org", "net", "io", "local", "internal"].contains(&extension) && name.len() == path.len();
    let known =
        ["Makefile", "GNUmakefile", "makefile", "Dockerfile", "Containerfile", "Jenkinsfile", "Gemfile", "Rakefile"];
    let extended = extension.starts_with(|c: char| c.is_ascii_alphabetic()) && extension.len() <= 12;
    !blank && !host && (extended || path.len() > name.len() && !name.is_empty() || known.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(found: Option<Place>, wanted: Option<(&str, &str)>) {
        let show = |number: Option<u32>| number.map_or("-".to_owned(), |number| number.to_string());
        let found = found.map(|place| {
            let end = format!("{}:{}", show(place.end_line), show(place.end_column));
            (format!("{} {}:{} {end}", place.path, place.line, show(place.column)), place.rest.to_owned())
        });
        assert_eq!(found, wanted.map(|(place, rest)| (place.to_owned(), rest.to_owned())));
    }

    #[test]
    fn places_with_colons() {
        check(colon("a.c:4: x"), Some(("a.c 4:- -:-", ": x")));
        check(colon("fo:oo.cpp:4:39: error: x"), Some(("fo:oo.cpp 4:39 -:-", ": error: x")));
        check(colon("C:\\a b\\x.c:4:3: x"), Some(("C:\\a b\\x.c 4:3 -:-", ": x")));
        check(colon("a.py:1:10:2:12: error"), Some(("a.py 1:10 2:12", ": error")));
        check(colon("a.py:1:10-12: x"), Some(("a.py 1:10 1:12", ": x")));
        check(colon("a.py:1:10-3:12 x"), Some(("a.py 1:10 3:12", " x")));
        check(colon("a.js:1:2"), Some(("a.js 1:2 -:-", "")));
        for none in ["2022-06-03 11:02:17: x", "http://h:80/x:1:2: x", "11:02:17 x", "a.c:0: x", "a.c:4x", "", ":1: x"]
        {
            check(colon(none), None);
        }
    }

    #[test]
    fn places_with_brackets() {
        check(bracket("a.cs(4,3): x"), Some(("a.cs 4:3 -:-", ": x")));
        check(bracket("a b (4): x"), Some(("a b 4:- -:-", ": x")));
        check(bracket("a(1)/x.c(4,3,5,6) : x"), Some(("a(1)/x.c 4:3 5:6", " : x")));
        check(bracket("x.c(4,3-9): x"), Some(("x.c 4:3 -:9", ": x")));
        check(bracket("x.c(4-9): x"), Some(("x.c 4:- 9:-", ": x")));
        check(bracket("f(x) is (1)"), Some(("f(x) is 1:- -:-", "")));
        check(bracket("x.c(4"), None);
        check(bracket("x.c(4,,5): x"), None);
    }

    #[test]
    fn files_are_known_by_their_names() {
        for file in ["a.c", "src/a", "./Makefile", "C:\\a\\b.cs", ".env", "Dockerfile", "a.b/c.d.e"] {
            assert!(is_file(file), "{file}");
        }
        for other in ["localhost", "example.com", "127.0.0.1", "2022-06-03", "make a.c", "Error", "a=b.c", "x."] {
            assert!(!is_file(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_line_is_survived(line in "[a-z:(),.0-9 \u{e9}：/\\\\\\[\\]-]{0,40}") {
            colon(&line);
            bracket(&line);
        }
    }
}
