//! vitest's text. Source: vitest's `BaseReporter` and `error.ts`.

use super::{Console, Counts, Failure, counted, sure_of};
use crate::model::finding::Status;
use crate::model::finding::amount;
use crate::reports::broken::broken;
use crate::reports::clue::{Clue, Spot, Trust};
use crate::reports::lines::Lines;
use crate::reports::stack::headline;
use crate::reports::{Format, Head, Kind, SURE, Sink, Source};

/// vitest's text.
pub static FORMAT: Format = Format { name: "vitest", kind: Kind::Test, recognise, read };

fn recognise(head: &Head) -> u8 {
    sure_of(head, |line| match () {
        () if summary(line).is_some() => SURE,
        () if line.trim_start().starts_with("Test Files  ") => SURE,
        () if line.trim_start().starts_with("RUN  v") || line.trim_start().starts_with("DEV  v") => SURE - 10,
        () => 0,
    })
}

/// `      Tests  4 failed | 3 passed | 1 expected fail | 1 skipped | 1 todo (10)`
fn summary(line: &str) -> Option<Counts> {
    let rest = line.trim_start().strip_prefix("Tests  ")?.trim();
    if rest == "no tests" {
        return Some(Counts::default());
    }
    let (counts, total) = rest.rsplit_once(" (")?;
    total.strip_suffix(')')?.parse::<u64>().ok()?;
    Some(Counts {
        passed: counted(counts, &["passed", "expected fail"]),
        failed: counted(counts, &["failed"]),
        errors: 0,
        skipped: counted(counts, &["skipped", "todo"]),
    })
}

#[derive(Default)]
struct Reader {
    suites: Vec<(String, String)>,
    in_suite: bool,
    unhandled: u64,
    failed_files: u64,
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
        let said = headline(text);
        let why = said.lines().next().unwrap_or_default();
        let reason = format!("test file `{path}` failed to run: {why}");
        broken(sink, "vitest", &reason, text, Clue::at(Spot::new(path.as_str(), None, Trust::File)));
    }
    if reader.unhandled > 0 {
        console.red.push(format!("{} not handled", amount(reader.unhandled, "error")));
    } else if reader.failed_files > 0 && reader.suites.is_empty() && console.failures.is_empty() {
        console.red.push(format!("{} failed", amount(reader.failed_files, "test file")));
    }
    console.finish(sink, end, headline);
}

impl Reader {
    fn line(&mut self, console: &mut Console, line: &str) {
        let inner = line.trim_start();
        if let Some(counts) = summary(line) {
            console.count(counts);
            self.in_suite = false;
        } else if let Some(rest) = inner.strip_prefix("Test Files  ") {
            self.failed_files += counted(rest.rsplit_once(" (").map_or(rest, |(counts, _)| counts), &["failed"]);
            (self.in_suite, console.current) = (false, None);
        } else if let Some(rest) = inner.strip_prefix("Errors  ") {
            self.unhandled += counted(rest, &["error", "errors"]);
        } else if inner.starts_with("No test files found, exiting with code 1") {
            console.count(Counts::default());
            console.red.push("no test files found".to_owned());
        } else if inner.starts_with("⎯⎯") {
            (self.in_suite, console.current) = (false, None);
        } else if let Some(title) = inner.strip_prefix("FAIL  ") {
            self.block(console, title.trim());
        } else if self.in_suite {
            if let Some((_, text)) = self.suites.last_mut().filter(|(_, text)| text.len() < 32 * 1024) {
                text.push_str(line);
                text.push('\n');
            }
        } else {
            console.text(line);
        }
    }

    /// `test/a.test.ts > calc > adds`, `|unit| test/a.test.ts > x`, `test/a.test.ts [ test/a.test.ts ]`
    fn block(&mut self, console: &mut Console, title: &str) {
        let title = match title.strip_prefix('|').and_then(|rest| rest.split_once("| ")) {
            Some((_, title)) => title.trim_start(),
            None => title,
        };
        self.in_suite = false;
        let Some((path, name)) = title.split_once(" > ") else {
            let path = title.split(" [ ").next().unwrap_or_default().trim();
            self.suites.push((path.to_owned(), String::new()));
            (self.in_suite, console.current) = (true, None);
            return;
        };
        // A test that fails several times has several blocks, one after another.
        let known = console.failures.iter().rposition(|failure| failure.suite == path && failure.name == name);
        if known.is_some_and(|at| at + 1 == console.failures.len()) {
            console.current = known;
            return;
        }
        console.fail(Failure {
            name: name.to_owned(),
            suite: path.to_owned(),
            status: Status::Failed,
            clue: Clue { spots: vec![Spot::new(path, None, Trust::File)], ..Clue::default() },
            ..Failure::default()
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    #[test]
    fn failures_have_headings() {
        let text = "\n RUN  v4.1.12 /w\n\n⎯⎯⎯⎯ Failed Suites 1 ⎯⎯⎯⎯\n\n FAIL  test/bad.test.ts [ test/bad.test.ts ]\nError: Cannot find module\n ❯ test/bad.test.ts:1:1\n\n⎯⎯⎯⎯[1/3]⎯\n\n⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯⎯\n\n FAIL  test/a.test.ts > calc > soft\nAssertionError: expected 1 to be 2\n ❯ test/a.test.ts:23:22\n\n⎯⎯⎯⎯[2/3]⎯\n\n FAIL  test/a.test.ts > calc > soft\nAssertionError: expected 3 to be 4\n\n⎯⎯⎯⎯[3/3]⎯\n\n Test Files  2 failed (2)\n      Tests  1 failed | 3 passed | 1 expected fail | 1 skipped | 1 todo (7)\n";
        assert_eq!(
            outline(text, "vitest"),
            "7: 4 passed 1 failed 2 skipped\nfailed test/a.test.ts / calc > soft: AssertionError: expected 1 to be 2 @ test/a.test.ts\nfinding Error: test file `test/bad.test.ts` failed to run: Error: Cannot find module @ test/bad.test.ts:1:1\nred: test file `test/bad.test.ts` failed to run: Error: Cannot find module\n"
        );
        check_cuts(
            "\n RUN  v4.1.12 /w\n\n ✓ a.test.ts (2 tests)\n\n Test Files  1 passed (1)\n      Tests  2 passed (2)\n",
            ")\n",
        );
    }
}
