//! jest's text. Source: jest's `DefaultReporter`, `SummaryReporter` and `getSummary`.

use super::{Console, Counts, Failure, counted, sure_of};
use crate::model::finding::Status;
use crate::reports::broken::broken;
use crate::reports::clue::{Clue, Spot, Trust};
use crate::reports::lines::Lines;
use crate::reports::stack::headline;
use crate::reports::{Format, Head, Kind, LIKELY, SURE, Sink, Source};

/// jest's text.
pub static FORMAT: Format = Format { name: "jest", kind: Kind::Test, recognise, read };

fn recognise(head: &Head) -> u8 {
    let file = |line: &str| header(line).is_some();
    let block = head.lines().any(|line| line.starts_with("  ● "));
    let summary =
        sure_of(head, |line| if summary(line).is_some() || line.starts_with("Test Suites: ") { SURE } else { 0 });
    match head.lines().any(file) {
        true if block => SURE,
        true => summary.max(LIKELY),
        false => summary,
    }
}

/// `Tests:       7 failed, 1 skipped, 1 todo, 4 passed, 13 total`
fn summary(line: &str) -> Option<Counts> {
    let rest = line.strip_prefix("Tests: ")?.trim();
    rest.ends_with(" total").then(|| Counts {
        passed: counted(rest, &["passed"]),
        failed: counted(rest, &["failed"]),
        errors: 0,
        skipped: counted(rest, &["skipped", "todo", "pending"]),
    })
}

/// `FAIL test/jest/calc.test.js (5.1 s)`, `PASS web test/a.test.js`
fn header(line: &str) -> Option<(bool, &str)> {
    let (word, rest) = line.split_once(' ')?;
    if !matches!(word, "PASS" | "FAIL") {
        return None;
    }
    let rest = rest.trim().split(" (").next().unwrap_or_default();
    let path = rest.rsplit(' ').next().unwrap_or_default();
    let dot = path.rfind('.').is_some_and(|dot| path[dot..].len() <= 5);
    dot.then_some((word == "FAIL", path))
}

#[derive(Default)]
struct Reader {
    path: String,
    /// `Test suite failed to run`: the text, by file.
    suites: Vec<(String, String)>,
    in_suite: bool,
    failed_suites: u64,
    again: bool,
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut console = Console::default();
    let mut lines = Lines::new(source);
    let mut reader = Reader::default();
    while let Some(line) = lines.next_line() {
        reader.line(&mut console, line);
    }
    let end = lines.end();
    for (path, text) in &reader.suites {
        let said = headline(text.trim_start());
        let why = said.lines().next().unwrap_or_default();
        let reason = format!("test file `{path}` failed to run: {why}");
        broken(sink, "jest", &reason, text, Clue::at(Spot::new(path.as_str(), None, Trust::File)));
    }
    if reader.failed_suites > 0 && reader.suites.is_empty() && console.failures.is_empty() {
        console.red.push(format!("{} test files failed", reader.failed_suites));
    }
    console.finish(sink, end, headline);
}

impl Reader {
    fn line(&mut self, console: &mut Console, line: &str) {
        if let Some(counts) = summary(line) {
            console.count(counts);
            self.in_suite = false;
        } else if let Some(rest) = line.strip_prefix("Test Suites: ") {
            self.failed_suites += counted(rest, &["failed"]);
            (self.in_suite, console.current) = (false, None);
        } else if line.starts_with("Summary of all failing tests") {
            // Everything comes once more.
            self.again = true;
            (self.in_suite, console.current) = (false, None);
        } else if let Some((_, path)) = header(line) {
            self.path = path.to_owned();
            (self.in_suite, console.current) = (false, None);
        } else if let Some(title) = line.strip_prefix("  ● ") {
            (self.in_suite, console.current) = (false, None);
            self.block(console, title.trim_end());
        } else if self.in_suite {
            if let Some((_, text)) = self.suites.last_mut().filter(|(_, text)| text.len() < 32 * 1024) {
                text.push_str(line);
                text.push('\n');
            }
        } else {
            console.text(line);
        }
    }

    fn block(&mut self, console: &mut Console, title: &str) {
        let noise = [
            "Console",
            "Deprecation Warning",
            "Validation ",
            "Multiple configurations",
            "Cannot log after",
            "process.exit called",
        ];
        if self.again || noise.iter().any(|start| title.starts_with(start)) {
            return;
        }
        if title == "Test suite failed to run" {
            self.suites.push((self.path.clone(), String::new()));
            self.in_suite = true;
            return;
        }
        let spots =
            if self.path.is_empty() { Vec::new() } else { vec![Spot::new(self.path.as_str(), None, Trust::File)] };
        console.fail(Failure {
            name: title.to_owned(),
            suite: self.path.clone(),
            status: Status::Failed,
            clue: Clue { spots, ..Clue::default() },
            ..Failure::default()
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    #[test]
    fn failures_have_bullets() {
        let text = "PASS test/ok.test.js\nFAIL test/calc.test.js (5.1 s)\n  ● Console\n\n    console.log\n\n  ● calc › adds\n\n    expect(received).toBe(expected)\n\n    Expected: 5\n\n    >  9 |     x\n\n      at Object.toBe (test/calc.test.js:9:23)\n\nFAIL test/bad.test.js\n  ● Test suite failed to run\n\n    SyntaxError: no\n\nSummary of all failing tests\nFAIL test/calc.test.js\n  ● calc › adds\n\nTest Suites: 2 failed, 1 passed, 3 total\nTests:       1 failed, 1 skipped, 1 todo, 4 passed, 7 total\n";
        assert_eq!(
            outline(text, "jest"),
            "7: 4 passed 1 failed 2 skipped\nfailed test/calc.test.js / calc › adds: expect(received).toBe(expected) @ test/calc.test.js\nfinding Error: test file `test/bad.test.js` failed to run: SyntaxError: no @ test/bad.test.js\nred: test file `test/bad.test.js` failed to run: SyntaxError: no\n"
        );
        check_cuts("PASS test/ok.test.js\n\nTest Suites: 1 passed, 1 total\nTests:       4 passed, 4 total\n", "tal\n");
    }
}
