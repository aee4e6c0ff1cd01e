//! The lines of TAP, told apart.

use crate::reports::lines::{duration, number};

/// What a line of TAP is, its indent taken away.
#[derive(Debug, PartialEq)]
pub enum Line<'a> {
    /// `TAP version 13`, `KTAP version 1`
    Version,
    /// `1..4`, with a reason where everything is skipped.
    Plan { count: u64, skipped: bool },
    /// `ok 1 - name`
    Point(Point<'a>),
    /// `Bail out!` and why.
    Bail(&'a str),
    /// `# …`
    Comment(&'a str),
    /// `pragma +strict`
    Pragma,
    /// The end of a subtest in braces.
    Close,
    /// Anything else.
    Other,
}

/// A test point.
#[derive(Debug, Default, PartialEq)]
pub struct Point<'a> {
    pub ok: bool,
    pub number: Option<u64>,
    /// Still escaped.
    pub name: &'a str,
    /// `SKIP` or `TODO`.
    pub directive: bool,
    pub duration_ms: Option<f64>,
    /// Whether a subtest in braces follows.
    pub brace: bool,
}

/// Tells what a line without its indent is.
pub fn read(line: &str) -> Line<'_> {
    if let Some(rest) = line.strip_prefix('#') {
        return Line::Comment(rest.strip_prefix(' ').unwrap_or(rest));
    }
    if let Some(rest) = line.strip_prefix("not ok") {
        return point(false, rest).map_or(Line::Other, Line::Point);
    }
    if let Some(rest) = line.strip_prefix("ok") {
        return point(true, rest).map_or(Line::Other, Line::Point);
    }
    if let Some(plan) = plan(line) {
        return plan;
    }
    if line.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("Bail out!")) {
        return Line::Bail(line[9..].trim());
    }
    if let Some(rest) = line.strip_prefix("TAP version ").or_else(|| line.strip_prefix("KTAP version "))
        && number(rest).is_some_and(|(_, rest)| rest.trim().is_empty())
    {
        return Line::Version;
    }
    if line.starts_with("pragma +") || line.starts_with("pragma -") {
        return Line::Pragma;
    }
    if line.trim_end() == "}" { Line::Close } else { Line::Other }
}

/// Puts back what a writer had to escape.
pub fn unescape(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('#' | '\\')) => text.extend(chars.next()),
            _ => text.push(c),
        }
    }
    text
}

fn plan(line: &str) -> Option<Line<'_>> {
    let (first, rest) = number(line)?;
    let (last, rest) = number(rest.strip_prefix("..")?)?;
    let rest = rest.trim();
    if first > 1 || !rest.is_empty() && !rest.starts_with('#') {
        return None;
    }
    let skipped =
        rest.trim_start_matches('#').trim_start().get(..4).is_some_and(|word| word.eq_ignore_ascii_case("skip"));
    Some(Line::Plan { count: if first == 1 { last } else { last + 1 }, skipped: skipped || last == 0 })
}

fn point(ok: bool, rest: &str) -> Option<Point<'_>> {
    let mut point = Point { ok, ..Point::default() };
    if rest.is_empty() {
        return Some(point);
    }
    // `ok` is a word of many languages; in TAP one blank follows it.
    let mut rest = match rest.strip_prefix(' ') {
        Some(rest) => rest.trim_start_matches(' '),
        None => rest.strip_prefix('-').map(|_| rest)?,
    };
    if rest.starts_with('\t') {
        return None;
    }
    if let Some((value, after)) = number(rest)
        && (after.is_empty() || after.starts_with([' ', '\t', '-']))
    {
        point.number = Some(value);
        rest = after.trim_start();
    }
    rest = match rest.strip_prefix('-') {
        Some(after) if !after.starts_with('-') => after.trim_start(),
        _ => rest,
    };
    rest = rest.trim_end();
    if let Some(before) = rest.strip_suffix('{').filter(|before| before.is_empty() || before.ends_with(' ')) {
        point.brace = true;
        rest = before.trim_end();
    }
    // Directives and times stand behind the last `#`s that are not escaped; a name may hold others.
    while let Some((name, tail)) = last_hash(rest) {
        let word = tail.trim_start();
        if is_directive(word) {
            point.directive = true;
        } else if let Some(time) = word.strip_prefix("time=") {
            point.duration_ms = duration(time);
        } else {
            break;
        }
        rest = name.trim_end();
    }
    if !point.directive {
        // A reason may hold a `#` of its own.
        if let Some(at) = first_directive(rest) {
            point.directive = true;
            rest = rest[..at].trim_end();
        }
    }
    point.name = rest;
    Some(point)
}

/// What stands before and behind the last `#` that is not escaped and opens a word.
fn last_hash(text: &str) -> Option<(&str, &str)> {
    let at = text.rfind('#')?;
    let before = &text[..at];
    (before.is_empty() || before.ends_with([' ', '\t'])).then(|| (before, &text[at + 1..]))
}

fn first_directive(text: &str) -> Option<usize> {
    text.match_indices('#').map(|(at, _)| at).find(|at| {
        let word = text[at + 1..].trim_start();
        (*at == 0 || text[..*at].ends_with([' ', '\t'])) && is_directive(word)
    })
}

/// `SKIP`, `skipped`, `TODO`, but not `todoist`.
fn is_directive(word: &str) -> bool {
    let starts = |with: &str| word.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(with));
    starts("skip") || starts("todo") && !word[4..].starts_with(|c: char| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, ok: bool, number: Option<u64>, name: &str, directive: bool) {
        let Line::Point(point) = read(line) else { panic!("no point: {line}") };
        assert_eq!((point.ok, point.number, point.name, point.directive), (ok, number, name, directive), "{line}");
    }

    #[test]
    fn points_are_read() {
        check("ok", true, None, "", false);
        check("not ok 2 - maths \\# hash", false, Some(2), "maths \\# hash", false);
        check("ok 4 # skip no net", true, Some(4), "", true);
        check("ok 4 calc skipped # SKIP -", true, Some(4), "calc skipped", true);
        check("not ok 3 - x # TODO", false, Some(3), "x", true);
        check("not ok 3 - x # todo see #12 # here", false, Some(3), "x", true);
        check("not ok 2 fails # with hash", false, Some(2), "fails # with hash", false);
        check("ok 2-description 2", true, Some(2), "description 2", false);
        check("not ok-no number", false, None, "no number", false);
        check("not ok 19-# TODO number 19", false, Some(19), "", true);
        check("ok 3 --help works", true, Some(3), "--help works", false);
        check("ok - created", true, None, "created", false);
        check("ok 2 - a > b # time=1.76ms", true, Some(2), "a > b", false);
        check("ok 2 - a # SKIP # time=1ms", true, Some(2), "a", true);
        check("ok 7 3 apples # todoist", true, Some(7), "3 apples # todoist", false);
        let Line::Point(point) = read("not ok 1 - calc # time=25.64ms {") else { panic!() };
        assert_eq!((point.name, point.duration_ms, point.brace), ("calc", Some(25.64), true));
    }

    #[test]
    fn other_lines_are_told_apart() {
        assert_eq!(read("1..4"), Line::Plan { count: 4, skipped: false });
        assert_eq!(read("1..0 # SKIP not supported"), Line::Plan { count: 0, skipped: true });
        assert_eq!(read("Bail out!  disk full"), Line::Bail("disk full"));
        assert_eq!(read("# Subtest: x"), Line::Comment("Subtest: x"));
        assert_eq!(read("TAP version 14"), Line::Version);
        assert_eq!(read("pragma -strict"), Line::Pragma);
        assert_eq!(read("}"), Line::Close);
        for other in ["okay", "ok  \tpkg\t0.003s", "1..4 apples", "TAP version x", "not okay", "2..3"] {
            assert_eq!(read(other), Line::Other, "{other}");
        }
        assert_eq!(unescape("inner \\# hash \\\\ back \\n"), "inner # hash \\ back \\n");
    }
}
