//! gotestsum's own text, in all its formats: what failed, and a last line.
//! Source: gotestsum's `testjson/summary.go`.

use super::{Console, Counts, Failure, counted, read, sure_of};
use crate::model::finding::Status;
use crate::model::finding::amount;
use crate::reports::clue::Clue;
use crate::reports::lines::number;
use crate::reports::{Format, Head, Kind, SURE};

/// gotestsum's text.
pub static FORMAT: Format = Format {
    name: "gotestsum",
    kind: Kind::Test,
    recognise,
    read: |source, sink| {
        let mut reader = Reader::default();
        read(source, sink, &mut |console, line| reader.line(console, line), super::super::go::headline_of);
    },
};

fn recognise(head: &Head) -> u8 {
    // Surer than the text of `go test`, which some of its formats print as well.
    sure_of(head, |line| match () {
        () if summary(line).is_some() || heading(line).is_some() => SURE + 3,
        () => 0,
    })
}

/// `DONE 59 tests, 5 skipped, 12 failures, 1 error in 0.110s`, `DONE 2 runs, 61 tests, …`: whether
/// tests were run again, how many tests, and the counts.
fn summary(line: &str) -> Option<(bool, u64, &str)> {
    let rest = line.strip_prefix("DONE ")?;
    let (again, rest) = match rest.split_once(" runs, ") {
        Some((_, rest)) => (true, rest),
        None => (false, rest),
    };
    let (tests, tail) = number(rest)?;
    let (counts, _) = tail.rsplit_once(" in ")?;
    tail.starts_with(" test").then_some((again, tests, counts))
}

/// `=== FAIL: pkg TestA/b (0.00s)`, `=== FAIL: pkg  (0.00s)` for a package.
fn heading(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix("=== FAIL: ")?;
    let rest = rest.split(" (").next().unwrap_or_default();
    Some(rest.split_once(' ').unwrap_or((rest, "")))
}

#[derive(Default)]
struct Reader {
    /// How many tests there are: the first run has them all.
    tests: Option<u64>,
    failures: u64,
    packages: u64,
}

impl Reader {
    fn line(&mut self, console: &mut Console, line: &str) {
        if let Some((again, tests, counts)) = summary(line) {
            self.end(console, again, tests, counts);
        } else if let Some((package, test)) = heading(line) {
            self.fail(console, package, test.trim());
        } else if line.starts_with("=== ") && !line.starts_with("=== RUN") && !line.starts_with("=== CONT") {
            console.current = None;
        } else {
            console.text(line);
        }
    }

    /// The counts of all runs so far; they take the place of the former ones.
    fn end(&mut self, console: &mut Console, again: bool, tests: u64, counts: &str) {
        let tests = *self.tests.get_or_insert(tests);
        let failures = counted(counts, &["failure", "failures"]);
        let skipped = counted(counts, &["skipped"]);
        let errors = counted(counts, &["error", "errors"]);
        // The last run added no failure: what had failed has passed in the end.
        let recovered = again && failures == self.failures;
        self.failures = failures;
        let listed = console.failures.len() as u64;
        for failure in console.failures.iter_mut().filter(|_| recovered) {
            failure.status = Status::Flaky;
        }
        let failed = match (recovered, listed) {
            (true, _) => 0,
            (false, 0) if !again => failures.saturating_sub(self.packages),
            (false, listed) => listed,
        };
        let passed = tests.saturating_sub(failed + skipped);
        if errors > 0 && failed == 0 && console.red.is_empty() {
            console.red.push(format!("{} outside of tests", amount(errors, "error")));
        }
        console.current = None;
        console.counts = Some(Counts { passed, failed, errors: 0, skipped });
    }

    fn fail(&mut self, console: &mut Console, package: &str, test: &str) {
        console.current = None;
        if test.is_empty() || test == "TestMain" {
            self.packages += 1;
            console.red.push(format!("package `{package}` failed without a failed test"));
            return;
        }
        if let Some(known) = console.failures.iter_mut().find(|known| known.name == test && known.suite == package) {
            known.attempts = Some(known.attempts.unwrap_or(1) + 1);
            return;
        }
        let clue = Clue { classes: vec![package.to_owned()], ..Clue::default() };
        let (name, suite) = (test.to_owned(), package.to_owned());
        console.fail(Failure { name, suite, status: Status::Failed, clue, ..Failure::default() });
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    #[test]
    fn failures_have_headings() {
        let text = "✓  m/good (1ms)\n✖  m/bad (20ms)\n\n=== Skipped\n=== SKIP: m/good TestS (0.00s)\n    a_test.go:23: \n\n=== Failed\n=== FAIL: m/main  (0.00s)\nexit 2\nFAIL\tm/main\t0.001s\n\n=== FAIL: m/bad TestA/b (0.00s)\n    a_test.go:50: no\n\nDONE 4 tests, 1 skipped, 2 failures in 0.110s\n";
        assert_eq!(
            outline(text, "gotestsum"),
            "4: 2 passed 1 failed 1 skipped\nfailed m/bad / TestA/b: no\nred: package `m/main` failed without a failed test\n"
        );
        let again = "=== Failed\n=== FAIL: m/p TestA (0.00s)\n    a_test.go:5: no\n\nDONE 4 tests, 1 failure in 0.1s\n\nDONE 2 runs, 5 tests, 1 failure in 0.1s\n";
        assert_eq!(outline(again, "gotestsum"), "4: 4 passed 1 flaky\nflaky m/p / TestA: no\n");
        check_cuts("✓  m/good (1ms)\n\nDONE 4 tests in 0.110s\n", " in 0");
    }
}
