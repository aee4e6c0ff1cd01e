//! Python's unittest, and Django's and nose2's runners, which print alike.
//! Source: `unittest/runner.py`.

use std::collections::BTreeMap;

use super::{Console, Counts, Failure, read, sure_of};
use crate::model::finding::Status;
use crate::reports::clue::Clue;
use crate::reports::excerpt::first;
use crate::reports::lines::number;
use crate::reports::{Format, Head, Kind, LIKELY, SURE};

/// The text of unittest.
pub static FORMAT: Format = Format {
    name: "unittest",
    kind: Kind::Test,
    recognise,
    read: |source, sink| {
        let mut reader = Reader::default();
        read(source, sink, &mut |console, line| reader.line(console, line), headline);
    },
};

fn recognise(head: &Head) -> u8 {
    sure_of(head, |line| match () {
        () if ran(line).is_some() || heading(line).is_some_and(|(_, name)| name.ends_with(')')) => SURE - 10,
        () if verbose(line).is_some() => LIKELY + 20,
        () => 0,
    })
}

/// `Ran 7 tests in 0.001s`
fn ran(line: &str) -> Option<u64> {
    let (count, rest) = number(line.strip_prefix("Ran ")?)?;
    (rest.starts_with(" test in ") || rest.starts_with(" tests in ")).then_some(count)
}

/// `FAIL: test_bad (mod.T.test_bad)`
fn heading(line: &str) -> Option<(Status, &str)> {
    let (word, name) = line.split_once(": ")?;
    let status = match word {
        "FAIL" | "UNEXPECTED SUCCESS" => Status::Failed,
        "ERROR" => Status::Error,
        _ => return None,
    };
    Some((status, name))
}

/// `test_ok (mod.T.test_ok) ... ok`
fn verbose(line: &str) -> Option<(&str, Status)> {
    let (name, word) = line.rsplit_once(" ... ")?;
    let status = match word {
        "ok" => Status::Passed,
        "expected failure" => Status::Skipped,
        _ if word.starts_with("skipped ") => Status::Skipped,
        "FAIL" | "ERROR" | "unexpected success" => Status::Failed,
        _ => return None,
    };
    name.contains(" (").then_some((name, status))
}

#[derive(Default)]
struct Reader {
    ran: Option<u64>,
    /// The `=====` line before a heading.
    ruled: bool,
    /// The failure that each test has, in case that it has several.
    tests: BTreeMap<String, usize>,
    /// Failures of set-ups, which no test counts.
    besides: u64,
}

impl Reader {
    fn line(&mut self, console: &mut Console, line: &str) {
        if line.len() > 60 && line.bytes().all(|byte| byte == b'=') {
            (self.ruled, console.current) = (true, None);
            return;
        }
        let ruled = std::mem::take(&mut self.ruled);
        if let Some((status, name)) = heading(line).filter(|_| ruled) {
            self.fail(console, status, name, line.starts_with('U'));
        } else if let Some(count) = ran(line) {
            self.ran = Some(count);
            console.current = None;
        } else if let Some(count) = self.ran
            && let Some(counts) = self.verdict(console, line, count)
        {
            self.ran = None;
            console.count(counts);
        } else if console.current.is_some() {
            if !line.starts_with("-----") {
                console.text(line);
            }
        } else if let Some((name, status)) = verbose(line).filter(|(_, status)| *status != Status::Failed) {
            console.named.push((name.to_owned(), status, None));
        }
    }

    /// `test_bad (mod.T.test_bad)`, `test_sub (mod.T.test_sub) (i=1)`, `setUpClass (mod.T)`
    fn fail(&mut self, console: &mut Console, status: Status, title: &str, surprise: bool) {
        let (name, rest) = title.split_once(" (").unwrap_or((title, ""));
        let class = rest.split(')').next().unwrap_or_default();
        let class = class.strip_suffix(name).and_then(|class| class.strip_suffix('.')).unwrap_or(class);
        let key = format!("{name} ({class}");
        if let Some(at) = self.tests.get(&key) {
            // Another check of the same test: one case, its texts together.
            console.current = Some(*at);
            if let Some(known) = console.failures.get_mut(*at).filter(|_| status == Status::Error) {
                known.status = status;
            }
            return;
        }
        if matches!(name, "setUpClass" | "tearDownClass" | "setUpModule" | "tearDownModule") {
            self.besides += 1;
        }
        self.tests.insert(key, console.failures.len());
        let classes = if class.is_empty() { Vec::new() } else { vec![class.to_owned()] };
        let message = if surprise { "unexpected success".to_owned() } else { String::new() };
        console.fail(Failure {
            message,
            name: name.to_owned(),
            suite: class.to_owned(),
            status,
            clue: Clue { classes, ..Clue::default() },
            ..Failure::default()
        });
    }

    /// `OK (skipped=1)`, `FAILED (failures=2, errors=1, expected failures=1)`
    fn verdict(&self, console: &Console, line: &str, ran: u64) -> Option<Counts> {
        let (word, rest) = line.split_once(" (").unwrap_or((line, ""));
        if !matches!(word, "OK" | "FAILED" | "NO TESTS RAN" | "PASSED") {
            return None;
        }
        let counts = |key: &str| {
            let value =
                rest.trim_end_matches(')').split(", ").find_map(|part| part.strip_prefix(key)?.strip_prefix('='));
            value.and_then(|value| value.parse::<u64>().ok()).unwrap_or(0)
        };
        let red = |status: Status| console.failures.iter().filter(|failure| failure.status == status).count() as u64;
        let (mut failed, mut errors) = (red(Status::Failed), red(Status::Error));
        if console.failures.is_empty() {
            failed = counts("failures") + counts("unexpected successes");
            errors = counts("errors");
        }
        let skipped = counts("skipped") + counts("expected failures") + counts("skips") + counts("expectedFailures");
        let passed = (ran + self.besides).saturating_sub(failed + errors + skipped);
        Some(Counts { passed, failed, errors, skipped })
    }
}

/// The exception: what stands after the frames.
fn headline(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let start = lines.iter().position(|line| line.starts_with("Traceback "));
    let Some(start) = start else { return super::first_line(text) };
    let frame = |line: &&str| line.starts_with("  ");
    let end =
        lines[start..].iter().skip(1).position(|line| !frame(line) && !line.is_empty()).map_or(0, |at| start + 1 + at);
    let message: Vec<&str> = lines[end..].iter().take(8).take_while(|line| !line.is_empty()).copied().collect();
    first(message.join("\n").trim(), 1000)
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    fn check(text: &str, wanted: &str) {
        let text = text.replace("=RULE=", &"=".repeat(70)).replace("-RULE-", &"-".repeat(70));
        assert_eq!(outline(&text, "unittest"), wanted, "{text}");
    }

    #[test]
    fn tests_are_counted_once() {
        check(
            "FE.sFxu\n=RULE=\nERROR: test_err (m.T.test_err)\n-RULE-\nTraceback (most recent call last):\n  File \"/w/m.py\", line 7, in test_err\n    {}[\"k\"]\nKeyError: 'k'\n\n=RULE=\nFAIL: test_sub (m.T.test_sub) (i=1)\n-RULE-\nTraceback (most recent call last):\n  File \"/w/m.py\", line 9, in test_sub\nAssertionError: 1 == 1\n\n=RULE=\nFAIL: test_sub (m.T.test_sub) (i=2)\n-RULE-\nx\n=RULE=\nUNEXPECTED SUCCESS: test_x (m.T.test_x)\n-RULE-\nRan 6 tests in 0.001s\n\nFAILED (failures=2, errors=1, skipped=1, expected failures=1, unexpected successes=1)\n",
            "6: 1 passed 2 failed 1 errors 2 skipped\nerror m.T / test_err: KeyError: 'k'\nfailed m.T / test_sub: AssertionError: 1 == 1\nfailed m.T / test_x: unexpected success\n",
        );
        check("test_a (m.T.test_a) ... ok\n\n-RULE-\nRan 1 test in 0.1s\n\nOK\n", "1: 1 passed\n");
        check(
            "=RULE=\nERROR: setUpClass (m.T)\n-RULE-\nValueError: no\n\n-RULE-\nRan 0 tests in 0.1s\n\nFAILED (errors=1)\n",
            "1: 1 errors\nerror m.T / setUpClass: ValueError: no\n",
        );
        check_cuts("test_a (m.T.test_a) ... ok\n\nRan 1 test in 0.1s\n\nOK\n", "OK");
    }
}
