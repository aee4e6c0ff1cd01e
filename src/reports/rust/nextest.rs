//! nextest's own text: a line a test, the output of failures below it, and a
//! summary that repeats the failures. Source: nextest's `reporter/displayer`.

use std::collections::HashMap;

use super::panic::{clue, headline};
use crate::model::finding::{Case, Status};
use crate::reports::clue::Clue;
use crate::reports::excerpt::Excerpt;
use crate::reports::lines::{Lines, number};
use crate::reports::sink::DETAILS;
use crate::reports::{Format, Head, Kind, SURE, Sink, Source};

/// nextest's text.
pub static FORMAT: Format = Format { name: "nextest", kind: Kind::Test, recognise, read };

fn recognise(head: &Head) -> u8 {
    let mut lines = head.lines();
    let known = |line: &str| {
        let inner = line.trim_start();
        inner.starts_with("Nextest run ID ")
            || inner.starts_with("Starting ") && inner.contains(" tests across ")
            || inner.starts_with("Starting ") && inner.contains(" test across ")
            || inner.starts_with("Summary [") && inner.contains(" run: ")
    };
    if lines.any(known) { SURE + 5 } else { 0 }
}

/// A test as far as it is known.
struct Test {
    binary: String,
    name: String,
    status: Status,
    duration_ms: Option<f64>,
    tries: u32,
    word: String,
    text: Option<Excerpt>,
}

/// What a status line says.
struct Line<'a> {
    word: &'a str,
    duration_ms: Option<f64>,
    binary: &'a str,
    name: &'a str,
}

/// `  TRY 2 FAIL [   1.000s] ( 16/100) my-binary-id test_name`
fn status_line(line: &str) -> Option<Line<'_>> {
    let (word, rest) = line.split_once(" [")?;
    let word = word.trim();
    let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || " +-/#".contains(c);
    if word.is_empty()
        || word.len() > 20
        || !word.chars().all(upper)
        || !word.starts_with(|c: char| c.is_ascii_uppercase())
    {
        return None;
    }
    let (time, rest) = rest.split_once("] ")?;
    let time = time.trim();
    if time.starts_with('>') {
        return None;
    }
    let seconds = time.strip_suffix('s').and_then(|time| time.parse::<f64>().ok());
    if seconds.is_none() && !time.is_empty() {
        return None;
    }
    let mut rest = rest.trim_start();
    while rest.starts_with(['(', '[']) {
        rest = rest.split_once([')', ']'])?.1.trim_start();
    }
    let (binary, name) = rest.trim_end().split_once(' ')?;
    Some(Line { word, duration_ms: seconds.map(|seconds| seconds * 1000.0), binary, name: name.trim() })
}

/// What the word of a line means, and which try it was. `None` for what is no result.
fn meaning(word: &str) -> Option<(Status, u32)> {
    let (tries, kind) = match word.strip_prefix("TRY ").and_then(number) {
        Some((tries, kind)) => (tries as u32, kind.trim()),
        None => (1, word),
    };
    let (kind, tries) = match kind.rsplit_once(' ').filter(|(_, ratio)| ratio.contains('/')) {
        Some((kind, ratio)) => (kind, number(ratio).map_or(tries, |(tries, _)| tries as u32)),
        None => (kind, tries),
    };
    let status = match kind {
        "PASS" | "LEAK" | "TIMEOUT-PASS" | "SLOW" | "SLOW + LEAK" | "SLOW+TMPASS" | "PASS + LEAK" | "TMPASS" => {
            Status::Passed
        }
        "FLAKY" => Status::Flaky,
        "SKIP" => Status::Skipped,
        "START" | "RETRY" | "DELAY" | "SETUP" | "TERMINATING" | "TRMNTG" | "RUN" => return None,
        _ if kind.starts_with("SETUP") => return None,
        _ => Status::Failed,
    };
    Some((status, tries))
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut lines = Lines::new(source);
    let mut reader = Reader { sink, tests: Vec::new(), names: HashMap::new(), current: None, summary: None };
    while let Some(line) = lines.next_line() {
        reader.line(line);
    }
    let end = lines.end();
    reader.finish(end);
}

struct Reader<'s> {
    sink: &'s mut Sink,
    tests: Vec<Test>,
    names: HashMap<(String, String), usize>,
    /// The test whose output comes.
    current: Option<usize>,
    summary: Option<String>,
}

impl Reader<'_> {
    fn line(&mut self, line: &str) {
        let inner = line.trim();
        if inner.starts_with("Summary [") && inner.contains(" run") && inner.contains(": ") {
            self.summary = Some(inner.to_owned());
            self.current = None;
        } else if inner.starts_with("SETUP FAIL [") {
            self.current = None;
            self.sink.red(format!("a set-up script failed: {}", inner.split_once("] ").map_or("", |(_, name)| name)));
        } else if let Some(found) = status_line(line) {
            self.status(&found);
        } else if inner.starts_with("────") {
            self.current = None;
        } else if inner == "- test configured to fail if flaky" {
            if let Some(test) = self.tests.last_mut() {
                test.status = Status::Failed;
            }
        } else if let Some(rest) = inner.strip_prefix("error: ") {
            self.current = None;
            if rest.starts_with("could not compile ") || rest.starts_with("no tests to run") {
                self.sink.red(rest.to_owned());
            }
        } else if let Some(at) = self.current {
            let text = self.tests[at].text.get_or_insert_with(|| Excerpt::new(DETAILS));
            text.push(line.strip_prefix("    ").unwrap_or(line));
            text.push("\n");
        }
    }

    fn status(&mut self, line: &Line) {
        self.current = None;
        let Some((status, tries)) = meaning(line.word) else { return };
        let key = (line.binary.to_owned(), line.name.to_owned());
        let at = *self.names.entry(key).or_insert(self.tests.len());
        if at == self.tests.len() {
            self.tests.push(Test {
                binary: line.binary.to_owned(),
                name: line.name.to_owned(),
                status,
                duration_ms: line.duration_ms,
                tries,
                word: line.word.to_owned(),
                text: None,
            });
        } else {
            let test = &mut self.tests[at];
            let again = self.summary.is_none() || matches!(status, Status::Flaky) || line.word.starts_with("FLKY-FL");
            if again {
                let failed_before = test.status.is_red();
                test.status = match status {
                    Status::Passed | Status::Flaky if failed_before || status == Status::Flaky => Status::Flaky,
                    status => status,
                };
                test.tries = test.tries.max(tries);
                test.duration_ms = line.duration_ms.or(test.duration_ms);
                if status.is_red() {
                    test.word = line.word.to_owned();
                    // What the last try printed is what counts.
                    test.text = test.text.take().filter(|_| self.summary.is_some());
                }
            }
        }
        let test = &self.tests[at];
        if status.is_red() && test.text.is_none() {
            self.current = Some(at);
        }
    }

    fn finish(self, end: u64) {
        let Reader { sink, tests, summary, .. } = self;
        let found = tests.len();
        for test in tests {
            hand_over(test, sink);
        }
        let Some(summary) = summary else {
            sink.lost("cut short: the run has no summary", Some(end));
            return;
        };
        let rest = summary.split_once("] ").map_or("", |(_, rest)| rest);
        let (run, rest) = rest.split_once(": ").unwrap_or((rest, ""));
        let counts = |word: &str| {
            let part =
                rest.split([',', ';', '(']).map(str::trim).find(|part| part.trim_end_matches(')').ends_with(word));
            part.and_then(number).map_or(0, |(count, _)| count)
        };
        let plain = rest.split([',', ';']).map(str::trim).filter(|part| !part.contains("exec"));
        let plain_failed =
            plain.filter(|part| part.ends_with(" failed")).filter_map(number).map(|(count, _)| count).sum::<u64>();
        let totals = *sink.totals();
        let passed = counts(" passed").saturating_sub(totals.passed);
        let skipped = counts(" skipped").saturating_sub(totals.skipped);
        for (count, status) in [(passed, Status::Passed), (skipped, Status::Skipped)] {
            (0..count.min(10_000_000)).for_each(|_| {
                sink.tally(status, "", "", None);
            });
        }
        // `exec failed` ends in `failed`, too.
        let failed = counts(" exec failed") + counts(" timed out") + plain_failed;
        if failed > totals.failed && found == 0 || failed > 0 && totals.failed == 0 {
            sink.red(format!("the run counts {failed} failed tests, and lists {}", totals.failed));
        }
        let ran = number(run).map_or(0, |(ran, _)| ran);
        if ran != counts(" passed") + failed && !run.ends_with("iterations") {
            sink.lost("cut short: the summary does not add up", Some(end));
        }
        if let Some((ran, planned)) = run.split(' ').next().and_then(|part| part.split_once('/')) {
            sink.red(format!("only {ran} of {planned} tests were run"));
        }
    }
}

fn hand_over(mut test: Test, sink: &mut Sink) {
    if matches!(test.status, Status::Passed | Status::Skipped) {
        sink.tally(test.status, &test.binary, &test.name, test.duration_ms);
        return;
    }
    let details = test.text.as_mut().map(Excerpt::text).unwrap_or_default();
    let details = details.trim_end().trim_start_matches('\n');
    let mut message = headline(details);
    if message.is_empty() || message.starts_with("(test ") {
        message = match test.word.as_str() {
            "TIMEOUT" => "the test timed out".to_owned(),
            word if word.starts_with("SIG") || word == "ABORT" => format!("the test was aborted: {word}"),
            "XFAIL" => "the test could not be started".to_owned(),
            word => format!("the test failed: {word}"),
        };
    }
    let package = test.binary.split("::").next().unwrap_or_default();
    let clue = Clue { ..clue(&test.name, package) };
    let case = Case {
        name: test.name,
        suite: Some(test.binary),
        status: test.status,
        duration_ms: test.duration_ms,
        message,
        details: (!details.is_empty()).then(|| details.to_owned()),
        attempts: (test.tries > 1).then_some(test.tries),
        ..Case::default()
    };
    sink.case(case, clue);
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    fn check(text: &str, wanted: &str) {
        assert_eq!(outline(text, "nextest"), wanted, "{text}");
    }

    const START: &str = "    Starting 2 tests across 1 binary (1 test skipped)\n";

    #[test]
    fn a_line_is_a_test() {
        check(
            &format!(
                "{START}        PASS [   0.007s] (1/4) eng t::a\n        FAIL [   0.1s] (2/4) eng::it t::b\n  stdout ───\n\n    running 1 test\n\n  stderr ───\n\n    thread 't::b' (7) panicked at src/lib.rs:3:1:\n    no\n    note: x\n\n     SIGABRT [   0.1s] (3/4) eng t::c\n  TRY 1 FAIL [   0.1s] (─) eng t::d\n  stderr ───\n    Error: once\n\n  TRY 2 PASS [   0.1s] (4/4) eng t::d\n────────────\n     Summary [   2.877s] 4 tests run: 2 passed (1 flaky), 2 failed, 1 skipped\n        FAIL [   0.1s] (2/4) eng::it t::b\n   FLAKY 2/2 [   0.1s] (4/4) eng t::d\nerror: test run failed\n"
            ),
            "5: 2 passed 1 flaky 2 failed 1 skipped\nfailed eng::it / t::b: no\nfailed eng / t::c: the test was aborted: SIGABRT\nflaky eng / t::d: Error: once x2\n",
        );
        // Old versions, output at the end, and only failures shown.
        check(
            &format!(
                "{START}     Summary [   2.877s] 4 tests run: 3 passed, 1 failed, 0 skipped\n        FAIL [   0.1s] eng t::b\n\n--- STDOUT:              eng t::b ---\nthread 't::b' panicked at 'no', src/lib.rs:3:1\n"
            ),
            "4: 3 passed 1 failed\nfailed eng / t::b: no\n",
        );
    }

    #[test]
    fn a_run_that_was_not_finished_is_red() {
        check(
            &format!("{START}        PASS [   0.007s] eng t::a\n"),
            "1: 1 passed\nlost: cut short: the run has no summary\n",
        );
        check(
            &format!("{START}     Summary [   1s] 1/2 tests run: 1 passed, 0 skipped\n"),
            "1: 1 passed\nred: only 1 of 2 tests were run\n",
        );
        check(
            &format!("{START}  SETUP FAIL [   0.1s] db: ./up\n     Summary [   1s] 0 tests run: 0 passed, 0 skipped\n"),
            "0:\nred: a set-up script failed: db: ./up\n",
        );
        check_cuts(
            &format!(
                "{START}        PASS [   0.007s] eng t::a\n     Summary [   1s] 1 test run: 1 passed, 0 skipped\n"
            ),
            ": 1 passed",
        );
    }
}
