//! The lines of pytest's terminal output, told apart. Source: pytest's `_pytest/terminal.py`.

use crate::reports::lines::{duration, number};

/// The counts of pytest's last line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub passed: u64,
    pub failed: u64,
    pub errors: u64,
    pub skipped: u64,
    pub rerun: u64,
}

/// `== 1 failed, 2 passed in 0.30s (0:01:02) ==`, with or without the `=`; `no tests ran in 0.01s`.
pub fn totals(line: &str) -> Option<Totals> {
    let inner = line.trim().trim_matches('=').trim();
    let (counts, time) = inner.rsplit_once(" in ")?;
    let time = time.split(" (").next().unwrap_or_default();
    duration(time).filter(|_| time.ends_with('s'))?;
    let mut totals = Totals::default();
    if counts == "no tests ran" {
        return Some(totals);
    }
    for part in counts.split(", ") {
        let (count, word) = number(part)?;
        match word.strip_prefix(' ')? {
            "passed" | "xpassed" => totals.passed += count,
            "failed" => totals.failed += count,
            "error" | "errors" => totals.errors += count,
            "skipped" | "xfailed" => totals.skipped += count,
            "rerun" => totals.rerun += count,
            "deselected" | "warning" | "warnings" => {}
            // What plugins count besides.
            word if word.contains("subtest") || word.ends_with("collected") || word.ends_with("snapshots passed") => {}
            _ => return None,
        }
    }
    Some(totals)
}

/// The title of a `==== title ====` line.
pub fn section(line: &str) -> Option<&str> {
    titled(line, '=')
}

/// The title of a `____ title ____` line; the lines `_ _ _` between the entries of a trace are none.
pub fn heading(line: &str) -> Option<&str> {
    let title = titled(line, '_')?;
    title.contains(|c| c != '_' && c != ' ').then_some(title)
}

/// The reason of a `!!!! reason !!!!` line.
pub fn stop(line: &str) -> Option<&str> {
    titled(line, '!')
}

fn titled(line: &str, rule: char) -> Option<&str> {
    let line = line.trim_end();
    let inner = line.strip_prefix(rule)?.trim_start_matches(rule).strip_prefix(' ')?;
    let inner = inner.strip_suffix(rule)?.trim_end_matches(rule).strip_suffix(' ')?;
    (!inner.is_empty()).then_some(inner)
}

/// A result by name: `tests/a.py::test_b PASSED [ 3%]`, `[gw0] [ 3%] PASSED tests/a.py::test_b`,
/// and in the short summary `FAILED tests/a.py::test_b - message`.
#[derive(Debug, PartialEq)]
pub struct Named<'a> {
    pub word: &'a str,
    pub node: &'a str,
    pub message: &'a str,
}

const WORDS: &[&str] = &["PASSED", "FAILED", "ERROR", "SKIPPED", "XFAIL", "XPASS", "RERUN", "SUBFAIL", "SUBFAILED"];

/// A line of the short summary.
pub fn summary(line: &str) -> Option<Named<'_>> {
    let end = line.find([' ', '(', '['])?;
    let word = &line[..end];
    if !WORDS.contains(&word) {
        return None;
    }
    let mut rest = &line[end..];
    if word.starts_with("SUBFAIL") {
        // `SUBFAILED(i=1) node`, `SUBFAILED[message] (i=1) node`: the node is the word with `::`.
        let at = rest.find("::")?;
        let start = rest[..at].rfind(' ').map_or(0, |space| space + 1);
        rest = &rest[start..];
    }
    let (node, message) = split_node(rest.trim_start());
    (node.contains("::") || node.contains(".py")).then_some(Named { word, node, message })
}

/// A line of the verbose progress.
pub fn progress(line: &str) -> Option<Named<'_>> {
    if let Some(rest) = line.strip_prefix("[gw") {
        let (_, rest) = rest.split_once("] ")?;
        let rest = match rest.strip_prefix('[') {
            Some(rest) => rest.split_once("] ")?.1,
            None => rest,
        };
        let (word, node) = rest.split_once(' ')?;
        return WORDS.contains(&word).then(|| Named { word, node: node.trim(), message: "" });
    }
    if !line.contains("::") {
        return None;
    }
    // The word stands behind the node, and a reason and the progress behind the word.
    WORDS.iter().find_map(|word| {
        let at = line.rfind(&format!(" {word}"))?;
        let tail = &line[at + 1 + word.len()..];
        let node = line[..at].trim_end();
        let ends = tail.is_empty() || tail.starts_with(' ');
        (ends && node.contains("::") && !node.starts_with(' ')).then_some(Named { word, node, message: "" })
    })
}

/// The characters of a quiet progress line, and whether it is the last one.
pub fn dots(line: &str) -> Option<(&str, bool)> {
    let (dots, percent) = match line.split_once(" [") {
        Some((dots, percent)) => (dots.trim_end(), Some(percent.trim())),
        None => (line, None),
    };
    let known = !dots.is_empty() && dots.chars().all(|c| ".FEsxXRu,-".contains(c));
    let whole = match percent {
        Some(percent) => percent.strip_suffix("%]")? == "100",
        None => false,
    };
    known.then_some((dots, whole))
}

/// A node and the message behind it; parameters may hold ` - `.
fn split_node(text: &str) -> (&str, &str) {
    let from = match text.find('[').filter(|open| text.find(" - ").is_none_or(|dash| *open < dash)) {
        Some(open) => match text[open..].find("] - ") {
            Some(close) => open + close,
            None if text.ends_with(']') => text.len(),
            None => open,
        },
        None => 0,
    };
    match text[from..].find(" - ") {
        Some(at) => (&text[..from + at], text[from + at + 3..].trim()),
        None => (text.trim_end(), ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_is_known() {
        let check = |line: &str, wanted: Option<[u64; 5]>| {
            let found = totals(line).map(|t| [t.passed, t.failed, t.errors, t.skipped, t.rerun]);
            assert_eq!(found, wanted, "{line}");
        };
        check(
            "= 11 failed, 13 passed, 1 skipped, 1 xfailed, 1 warning, 2 errors, 4 rerun in 0.10s =",
            Some([13, 11, 2, 2, 4]),
        );
        check("1 error in 0.12s", Some([0, 0, 1, 0, 0]));
        check("2 passed in 62.10s (0:01:02)", Some([2, 0, 0, 0, 0]));
        check("no tests ran in 0.00s", Some([0; 5]));
        check("3 apples in 0.1s", None);
        check("2 passed in total", None);
        check("Ran 7 tests in 0.001s", None);
    }

    #[test]
    fn results_have_names() {
        let check = |found: Option<Named>, word: &str, node: &str, message: &str| {
            assert_eq!(found, Some(Named { word, node, message }));
        };
        check(summary("FAILED t/a.py::test_b - E: x - y"), "FAILED", "t/a.py::test_b", "E: x - y");
        check(summary("FAILED t/a.py::test_b[x - y] - E: z"), "FAILED", "t/a.py::test_b[x - y]", "E: z");
        check(summary("SUBFAILED(i=1) t.py::T::test_sub - E"), "SUBFAILED", "t.py::T::test_sub", "E");
        check(summary("ERROR t/broken.py"), "ERROR", "t/broken.py", "");
        assert_eq!(summary("ERROR: file not found"), None);
        check(progress("t/a.py::test_b PASSED      [  3%]"), "PASSED", "t/a.py::test_b", "");
        check(progress("t/a.py::test_b SKIPPED (not yet)  [  3%]"), "SKIPPED", "t/a.py::test_b", "");
        check(progress("[gw0] [  3%] FAILED t/a.py::test_b "), "FAILED", "t/a.py::test_b", "");
        assert_eq!(progress("t/a.py .F.   [ 3%]"), None);
        assert_eq!(dots(".F.sx  [100%]"), Some((".F.sx", true)));
        assert_eq!(dots("hello"), None);
        assert_eq!((heading("___ a b ___"), heading("_ _ _ _"), section("=== X ===")), (Some("a b"), None, Some("X")));
    }
}
