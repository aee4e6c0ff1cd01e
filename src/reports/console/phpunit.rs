//! PHPUnit, with its usual printer and with `--testdox`.
//! Source: PHPUnit's `TextUI` printers, versions 8 to 12.

use super::{Console, Counts, Failure, counted, first_line, read, sure_of};
use crate::model::finding::Status;
use crate::reports::clue::Clue;
use crate::reports::lines::number;
use crate::reports::{Format, Head, Kind, SURE};

/// The text of PHPUnit.
pub static FORMAT: Format = Format {
    name: "phpunit",
    kind: Kind::Test,
    recognise,
    read: |source, sink| {
        let mut reader = Reader::default();
        read(source, sink, &mut |console, line| reader.line(console, line), headline);
    },
};

fn recognise(head: &Head) -> u8 {
    // TeamCity's messages may follow, and say more.
    sure_of(head, |line| {
        let banner = line.starts_with("PHPUnit ") && line.contains(" by Sebastian Bergmann");
        if banner || summary(line).is_some() { SURE - 5 } else { 0 }
    })
}

#[derive(Default)]
struct Reader {
    /// What the entries of this part are.
    part: Option<Status>,
    /// The class whose tests `--testdox` lists.
    class: String,
    listed: bool,
}

/// `Tests: 10, Assertions: 5, Errors: 2, Failures: 3.`, `OK (10 tests, 12 assertions)`
fn summary(line: &str) -> Option<Counts> {
    if let Some(rest) = line.strip_prefix("OK (") {
        let passed = counted(rest, &["test", "tests"]);
        return rest.contains(" assertion").then_some(Counts { passed, ..Counts::default() });
    }
    let rest = line.strip_prefix("Tests: ")?;
    if !rest.contains("Assertions: ") || !rest.trim_end().ends_with('.') {
        return None;
    }
    let count = |key: &str| {
        let part = line.split(", ").find_map(|part| part.trim_end_matches('.').strip_prefix(key)?.strip_prefix(": "));
        part.and_then(|value| value.trim().parse::<u64>().ok()).unwrap_or(0)
    };
    let (tests, failed, errors) = (count("Tests"), count("Failures"), count("Errors"));
    let skipped = count("Skipped") + count("Incomplete");
    Some(Counts { passed: tests.saturating_sub(failed + errors + skipped), failed, errors, skipped })
}

/// `There were 2 errors:`, `There was 1 risky test:`
fn part(line: &str) -> Option<Option<Status>> {
    let rest = line.strip_prefix("There was ").or_else(|| line.strip_prefix("There were "))?;
    let (_, what) = number(rest)?;
    Some(match what.trim_end_matches(':').trim() {
        "error" | "errors" => Some(Status::Error),
        "failure" | "failures" => Some(Status::Failed),
        _ => None,
    })
}

impl Reader {
    fn line(&mut self, console: &mut Console, line: &str) {
        if let Some(counts) = summary(line) {
            console.count(counts);
        } else if line == "No tests executed!" {
            console.count(Counts::default());
            console.red.push("no tests executed".to_owned());
        } else if let Some(status) = part(line) {
            (self.part, console.current) = (status, None);
            if status.is_some() && !self.listed {
                // What `--testdox` showed comes again.
                self.listed = true;
                console.failures.clear();
            }
        } else if line == "--" || line.starts_with("FAILURES!") || line.starts_with("ERRORS!") {
            console.current = None;
        } else if let Some((_, rest)) = number(line)
            && let Some(name) = rest.strip_prefix(") ")
            && name.contains("::")
        {
            match self.part {
                Some(status) => console.fail(failure(name, status)),
                None => console.current = None,
            }
        } else if let Some(name) = line.strip_prefix(" ✘ ") {
            console.fail(failure(&format!("{}::{name}", self.class), Status::Failed));
        } else if let Some(text) = line.strip_prefix("   │") {
            console.text(text.strip_prefix(' ').unwrap_or(text));
        } else if let Some((_, class)) = line.strip_suffix(')').and_then(|line| line.rsplit_once(" ("))
            && class.contains('\\')
            && !line.starts_with(' ')
        {
            self.class = class.to_owned();
        } else {
            console.text(line);
        }
    }
}

/// `Widgets\Tests\CalcTest::testRows with data set #0 (3, 4)`
fn failure(name: &str, status: Status) -> Failure {
    let (class, test) = name.split_once("::").unwrap_or(("", name));
    let clue = Clue { classes: vec![class.to_owned()], ..Clue::default() };
    Failure { name: test.to_owned(), suite: class.to_owned(), status, clue, ..Failure::default() }
}

/// What stands above the frames.
fn headline(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().take_while(|line| !line.is_empty()).take(6).collect();
    if lines.is_empty() { first_line(text) } else { lines.join("\n") }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    fn check(text: &str, wanted: &str) {
        assert_eq!(outline(text, "phpunit"), wanted, "{text}");
    }

    #[test]
    fn failures_stand_in_parts() {
        check(
            "PHPUnit 9.6.7 by Sebastian Bergmann and contributors.\n\n.FER  4 / 4 (100%)\n\nThere was 1 error:\n\n1) A\\T::testDiv\nDivisionByZeroError: no\n\n/w/src/C.php:7\n/w/tests/T.php:20\n\n--\n\nThere was 1 failure:\n\n1) A\\T::testRows with data set \"x\" (1, 2)\nmaths\nFailed asserting.\n\n/w/tests/T.php:30\n\n--\n\nThere was 1 risky test:\n\n1) A\\T::testRisky\nThis test did not perform any assertions\n\nERRORS!\nTests: 4, Assertions: 5, Errors: 1, Failures: 1, Risky: 1.\n",
            "4: 2 passed 1 failed 1 errors\nerror A\\T / testDiv: DivisionByZeroError: no\nfailed A\\T / testRows with data set \"x\" (1, 2): maths\n",
        );
        check("OK (10 tests, 12 assertions)\n", "10: 10 passed\n");
        check(
            "OK, but incomplete, skipped, or risky tests!\nTests: 3, Assertions: 5, Skipped: 1, Incomplete: 1.\n",
            "3: 1 passed 2 skipped\n",
        );
        check(
            "PHPUnit 9.6.7 by Sebastian Bergmann and contributors.\n\nCalc (A\\T)\n ✔ Add\n ✘ Add wrong\n   │\n   │ Failed asserting.\n   │\n   │ /w/tests/T.php:15\n   │\n\nFAILURES!\nTests: 2, Assertions: 2, Failures: 1.\n",
            "2: 1 passed 1 failed\nfailed A\\T / Add wrong: Failed asserting.\n",
        );
        check(
            "PHPUnit 9 by Sebastian Bergmann and contributors.\n\nNo tests executed!\n",
            "0:\nred: no tests executed\n",
        );
        check_cuts(
            "PHPUnit 9.6.7 by Sebastian Bergmann and contributors.\n\n..\n\nOK (2 tests, 3 assertions)\n",
            "s, 3 assertions)",
        );
    }
}
