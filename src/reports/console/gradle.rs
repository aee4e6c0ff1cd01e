//! What Gradle prints of tests. Source: Gradle's `TestEventLogger` and `AbstractTestTask`.

use super::{Console, Counts, Failure, counted, first_line, read};
use crate::model::finding::Status;
use crate::reports::clue::Clue;
use crate::reports::lines::number;
use crate::reports::{Format, Head, Kind, LIKELY, SURE};

/// The text of Gradle's tests.
pub static FORMAT: Format = Format {
    name: "gradle",
    kind: Kind::Test,
    recognise,
    read: |source, sink| {
        let mut reader = Reader::default();
        read(source, sink, &mut |console, line| reader.line(console, line), first_line);
    },
};

fn recognise(head: &Head) -> u8 {
    let task = head.lines().any(|line| line.starts_with("> Task :"));
    let result = head.lines().any(|line| event(line).is_some());
    match (task, result) {
        (true, true) => SURE,
        _ if head.lines().any(|line| summary(line).is_some()) => SURE - 10,
        (false, true) => LIKELY,
        _ => 0,
    }
}

/// `CalcTest > adds() FAILED`
fn event(line: &str) -> Option<(&str, &str, Status)> {
    if line.starts_with([' ', '>']) {
        return None;
    }
    let (name, word) = line.rsplit_once(' ')?;
    let status = match word {
        "FAILED" => Status::Failed,
        "PASSED" => Status::Passed,
        "SKIPPED" => Status::Skipped,
        _ => return None,
    };
    let (class, test) = name.split_once(" > ")?;
    Some((class, test, status))
}

/// `8 tests completed, 2 failed, 1 skipped`
fn summary(line: &str) -> Option<Counts> {
    let (tests, rest) = number(line)?;
    if !(rest.starts_with(" tests completed, ") || rest.starts_with(" test completed, ")) {
        return None;
    }
    let (failed, skipped) = (counted(line, &["failed"]), counted(line, &["skipped"]));
    Some(Counts { passed: tests.saturating_sub(failed + skipped), failed, errors: 0, skipped })
}

/// Counts of the task that runs.
#[derive(Default)]
struct Reader {
    seen: Counts,
}

impl Reader {
    fn line(&mut self, console: &mut Console, line: &str) {
        if let Some(counts) = summary(line) {
            self.seen = Counts::default();
            console.count(counts);
        } else if let Some((class, test, status)) = event(line) {
            console.current = None;
            match status {
                Status::Failed => {
                    self.seen.failed += 1;
                    let clue = Clue { classes: vec![class.to_owned()], ..Clue::default() };
                    let (name, suite) = (test.to_owned(), class.to_owned());
                    console.fail(Failure { name, suite, status, clue, ..Failure::default() });
                }
                Status::Skipped => self.seen.skipped += 1,
                _ => self.seen.passed += 1,
            }
            if status != Status::Failed {
                console.named.push((format!("{class} > {test}"), status, None));
            }
        } else if line.starts_with("> Task :") || line.starts_with("BUILD ") {
            // Without a failure there is no sum.
            let seen = std::mem::take(&mut self.seen);
            if seen != Counts::default() || line.starts_with("BUILD ") {
                console.count(seen);
            }
            console.current = None;
        } else if line.starts_with("FAILURE: ") {
            console.current = None;
        } else {
            console.text(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    #[test]
    fn events_are_results() {
        let text = "> Task :compileJava\n> Task :test FAILED\n\nCalcTest > adds() PASSED\n\nCalcTest > adds wrong FAILED\n    org.opentest4j.AssertionFailedError at CalcTest.java:12\n\n3 tests completed, 1 failed, 1 skipped\n\nFAILURE: Build failed with an exception.\n\nBUILD FAILED in 2s\n";
        assert_eq!(
            outline(text, "gradle"),
            "3: 1 passed 1 failed 1 skipped\nfailed CalcTest / adds wrong: org.opentest4j.AssertionFailedError at CalcTest.java:12\n"
        );
        check_cuts("> Task :test\n\nCalcTest > adds() PASSED\n\nBUILD SUCCESSFUL in 2s\n", "BUILD ");
    }
}
