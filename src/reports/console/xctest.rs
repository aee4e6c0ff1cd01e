//! Swift's tests as `swift test` and `xcodebuild test` print them: XCTest and Swift Testing.
//! Source: swift-corelibs-xctest's `PrintObserver`, swift-testing's `HumanReadableOutputRecorder`.

use super::{Console, Counts, Failure, first_line, read, sure_of};
use crate::model::finding::Status;
use crate::reports::clue::Clue;
use crate::reports::lines::number;
use crate::reports::{Format, Head, Kind, SURE, Sink, Source};

/// The text of Swift's tests.
pub static FORMAT: Format = Format { name: "xctest", kind: Kind::Test, recognise, read: read_all };

fn recognise(head: &Head) -> u8 {
    let run = |line: &str| line.contains("Test run started.") || line.contains("Test run with ");
    sure_of(head, |line| match () {
        () if line.starts_with("Test Suite '") || line.starts_with("Test Case '") => SURE,
        () => 0,
    })
    .max(if head.lines().any(run) { SURE } else { 0 })
}

#[derive(Default)]
struct Reader {
    counts: Counts,
    running: Option<String>,
    ended: bool,
    /// Whether XCTest's sum is still to come: Swift Testing has one of its own.
    open: bool,
}

fn read_all(source: &mut Source, sink: &mut Sink) {
    let mut reader = Reader::default();
    read(source, sink, &mut |console, line| reader.line(console, line), headline);
    if let Some(name) = reader.running {
        sink.lost(format!("cut short: test `{name}` has no result"), None);
    }
}

/// `Test Case '-[AppTests.CalcTests testAdds]' failed (0.101 seconds).`
fn case(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.strip_prefix("Test Case '")?.split_once("' ")?;
    let word = rest.split([' ', '.']).next()?;
    matches!(word, "started" | "passed" | "failed" | "skipped").then_some((name, word))
}

/// `✘ Test wrong() failed after 0.001 seconds with 1 issue.`, with other marks on other machines.
fn modern(line: &str) -> Option<(&str, &str)> {
    let (mark, rest) = line.split_once(' ')?;
    let rest = rest.trim_start().strip_prefix("Test ")?;
    if mark.chars().count() > 2 || rest.starts_with("run ") {
        return None;
    }
    let word = [" passed after ", " failed after ", " skipped"].iter().find(|word| rest.contains(**word))?;
    let (name, _) = rest.split_once(word)?;
    Some((name, word.trim().split(' ').next().unwrap_or_default()))
}

impl Reader {
    fn line(&mut self, console: &mut Console, line: &str) {
        if let Some((name, word)) = case(line) {
            self.open = true;
            if word == "started" {
                self.running = Some(name.to_owned());
                console.current = None;
                return;
            }
            self.running = None;
            self.result(console, name, word);
        } else if let Some((name, word)) = modern(line) {
            self.result(console, name, word);
        } else if let Some((_, rest)) = line.split_once(": error: ")
            && let Some((name, message)) = rest.split_once(" : ")
        {
            // XCTest names the test in the message, before its result comes.
            let name = name.trim_start_matches("-[").trim_end_matches(']');
            self.fail(console, name);
            console.text(&format!("{message}\n{line}"));
        } else if let Some((_, rest)) = line.split_once(" Test ")
            && let Some((name, issue)) = rest.split_once(" recorded an issue at ")
        {
            self.fail(console, name);
            let message = issue.split_once(": ").map_or(issue, |(_, message)| message);
            console.text(&format!("{message}\n{issue}"));
        } else if line.trim_start().starts_with("Executed ") && line.contains(" tests, with ")
            || line.trim_start().starts_with("Executed 1 test, with ")
            || line.contains(" Test run with ") && line.contains(" after ")
        {
            // Sums of suites come again in those above them: the cases are what is counted.
            let total = line.split_once("with ").and_then(|(_, rest)| number(rest));
            if total.is_some() || self.open {
                self.ended = true;
            }
            let counts = std::mem::take(&mut self.counts);
            console.count(counts);
        } else if line.starts_with("Test Suite '") {
            console.current = None;
        }
    }

    /// The failure of this name, made when there is none.
    fn fail(&mut self, console: &mut Console, name: &str) {
        let name = name.trim().trim_matches('"');
        if let Some(at) = console.failures.iter().rposition(|known| known.name == name) {
            console.current = Some(at);
            return;
        }
        let class = name.split([' ', '.']).next().filter(|class| *class != name).unwrap_or_default();
        let classes = if class.is_empty() { Vec::new() } else { vec![class.to_owned()] };
        console.fail(Failure {
            name: name.to_owned(),
            suite: class.to_owned(),
            status: Status::Failed,
            clue: Clue { classes, ..Clue::default() },
            ..Failure::default()
        });
    }

    fn result(&mut self, console: &mut Console, name: &str, word: &str) {
        let name = name.trim_start_matches("-[").trim_end_matches(']').trim_matches('"');
        let status = match word {
            "passed" => Status::Passed,
            "skipped" => Status::Skipped,
            _ => {
                self.fail(console, name);
                self.counts.failed += 1;
                return;
            }
        };
        console.named.push((name.to_owned(), status, None));
        if status == Status::Passed {
            self.counts.passed += 1
        } else {
            self.counts.skipped += 1
        }
        console.current = None;
    }
}

fn headline(text: &str) -> String {
    match first_line(text) {
        line if line.is_empty() => "failed without saying why".to_owned(),
        line => line,
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    fn check(text: &str, wanted: &str) {
        assert_eq!(outline(text, "xctest"), wanted, "{text}");
    }

    #[test]
    fn cases_are_counted() {
        check(
            "Test Suite 'All tests' started at 2026-01-01\nTest Case '-[AppTests.CalcTests testAdds]' started.\nTest Case '-[AppTests.CalcTests testAdds]' passed (0.001 seconds).\nTest Case '-[AppTests.CalcTests testWrong]' started.\n/w/Tests/CalcTests.swift:12: error: -[AppTests.CalcTests testWrong] : XCTAssertEqual failed: (\"4\") is not equal to (\"5\")\nTest Case '-[AppTests.CalcTests testWrong]' failed (0.101 seconds).\nTest Suite 'CalcTests' failed at 2026-01-01\n\t Executed 2 tests, with 1 failure (0 unexpected) in 0.1 (0.2) seconds\nTest Suite 'All tests' failed at 2026-01-01\n\t Executed 2 tests, with 1 failure (0 unexpected) in 0.1 (0.2) seconds\n",
            "2: 1 passed 1 failed\nfailed AppTests.CalcTests / AppTests.CalcTests testWrong: XCTAssertEqual failed: (\"4\") is not equal to (\"5\")\n"
                .replace("failed AppTests.CalcTests /", "failed AppTests /")
                .as_str(),
        );
        check(
            "◇ Test run started.\n◇ Test wrong() started.\n✘ Test wrong() recorded an issue at CalcTests.swift:12:5: Expectation failed: 4 == 5\n✘ Test wrong() failed after 0.001 seconds with 1 issue.\n✔ Test adds() passed after 0.001 seconds.\n✘ Test run with 2 tests failed after 0.002 seconds with 1 issue.\n",
            "2: 1 passed 1 failed\nfailed wrong(): Expectation failed: 4 == 5\n",
        );
        check(
            "Test Case 'A.testB' started at 2026\nFatal error: no\n",
            "0:\nlost: cut short: the run has no last line with its counts\nlost: cut short: test `A.testB` has no result\n",
        );
        check_cuts(
            "Test Suite 'A' started\nTest Case 'A.testB' started at 2026\nTest Case 'A.testB' passed (0.1 seconds)\n\t Executed 1 test, with 0 failures (0 unexpected) in 0.1 seconds\n",
            ", with",
        );
    }
}
