//! The text of `cargo test`: one test binary after another, what they print and
//! what cargo says between. Source: `library/test/src/formatters`; cargo's `ops/cargo_test.rs`.

use std::collections::HashMap;

use super::panic::{clue, headline};
use crate::model::finding::{Case, Finding, Level, Status};
use crate::reports::broken::broken;
use crate::reports::clue::{Clue, Spot, Trust};
use crate::reports::excerpt::Excerpt;
use crate::reports::lines::{Lines, number};
use crate::reports::sink::DETAILS;
use crate::reports::{Format, Head, Kind, LIKELY, SURE, Sink, Source};

/// The text of `cargo test`.
pub static FORMAT: Format = Format { name: "cargo-test", kind: Kind::Test, recognise, read };

/// How much is kept of what a binary prints between its results, in bytes.
const OUTPUT: usize = 8 * 1024;

fn recognise(head: &Head) -> u8 {
    let mut sureness = 0;
    for line in head.lines() {
        if summary(line).is_some() || running(line).is_some() && line.starts_with("running ") {
            return SURE;
        }
        if binary(line).is_some() {
            sureness = LIKELY + 10;
        }
    }
    sureness
}

/// `running 7 tests`
fn running(line: &str) -> Option<u64> {
    let (count, rest) = number(line.strip_prefix("running ")?)?;
    matches!(rest, " test" | " tests").then_some(count)
}

/// `     Running unittests src/lib.rs (target/debug/deps/engine-36f621fef3e15691)`, `   Doc-tests engine`
fn binary(line: &str) -> Option<String> {
    let inner = line.trim_start();
    if inner.len() == line.len() {
        return None;
    }
    if let Some(name) = inner.strip_prefix("Doc-tests ") {
        return Some(format!("{} (doc)", name.trim()));
    }
    let rest = inner.strip_prefix("Running ")?;
    let path = match rest.rsplit_once(" (") {
        Some((_, path)) => path.trim_end_matches(')'),
        None => rest,
    };
    let stem = path.trim_matches('`').rsplit(['/', '\\']).next().unwrap_or_default();
    let (name, hash) = stem.trim_end_matches(".exe").rsplit_once('-')?;
    (hash.len() >= 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| name.to_owned())
}

/// The counts of `test result: FAILED. 1 passed; 5 failed; 1 ignored; 0 measured; …`.
fn summary(line: &str) -> Option<[u64; 4]> {
    let rest = line.strip_prefix("test result: ")?;
    let (word, rest) = rest.split_once(". ")?;
    if !matches!(word, "ok" | "FAILED") {
        return None;
    }
    let mut counts = [0; 4];
    for part in rest.split("; ") {
        let (count, what) = number(part)?;
        let at = ["passed", "failed", "ignored", "measured"].iter().position(|known| what.trim_start() == *known);
        if let Some(at) = at {
            counts[at] = count;
        }
        if at == Some(3) {
            return Some(counts);
        }
    }
    None
}

/// What a test line says behind ` ... `.
enum Outcome {
    Is(Status, Option<f64>),
    /// The test's own output stands in between.
    Later,
}

/// `test tests::a - should panic ... FAILED`
fn result(line: &str) -> Option<(&str, Outcome)> {
    let (name, outcome) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let name = [" - should panic", " - compile fail", " - compile"]
        .iter()
        .fold(name, |name, suffix| name.trim_end_matches(suffix));
    Some((name, self::outcome(outcome).map_or(Outcome::Later, |(status, time)| Outcome::Is(status, time))))
}

fn outcome(word: &str) -> Option<(Status, Option<f64>)> {
    let (word, time) = match word.trim_end().rsplit_once(" <") {
        Some((word, time)) => (word, time.strip_suffix("s>").and_then(|time| time.parse::<f64>().ok())),
        None => (word.trim_end(), None),
    };
    let status = match word {
        "ok" => Status::Passed,
        "FAILED" => Status::Failed,
        _ if word == "ignored" || word.starts_with("ignored, ") => Status::Skipped,
        _ if word.starts_with("FAILED (") => Status::Failed,
        _ if word.starts_with("bench: ") => Status::Passed,
        _ => return None,
    };
    Some((status, time.map(|seconds| seconds * 1000.0)))
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut lines = Lines::new(source);
    let mut reader = Reader {
        sink,
        suite: String::new(),
        open: None,
        binaries: 0,
        compiler: None,
        output: Excerpt::new(OUTPUT),
        unbuilt: false,
    };
    while let Some(line) = lines.next_line() {
        reader.line(line);
    }
    let end = lines.end();
    reader.finish(end);
}

struct Reader<'s> {
    sink: &'s mut Sink,
    suite: String,
    open: Option<Binary>,
    binaries: u32,
    /// A compiler's error whose place comes on the next line.
    compiler: Option<String>,
    /// What is printed between the results.
    output: Excerpt,
    unbuilt: bool,
}

/// A test binary that runs.
#[derive(Default)]
struct Binary {
    planned: u64,
    /// Name, result, milliseconds.
    tests: Vec<(String, Status, Option<f64>)>,
    /// A test whose result comes behind its output.
    pending: Option<String>,
    /// The failures' output, by name.
    texts: HashMap<String, Excerpt>,
    /// Whose output comes.
    current: Option<String>,
    /// What panics said as they came, for want of capturing: a thread is named after its test.
    panics: HashMap<String, String>,
    panicking: Option<String>,
    /// Whether the names of failures are listed.
    listing: bool,
}

impl Reader<'_> {
    fn line(&mut self, line: &str) {
        if let Some(planned) = running(line) {
            self.abandon();
            self.output.clear();
            self.open = Some(Binary { planned, ..Binary::default() });
            return;
        }
        if let Some(name) = binary(line) {
            self.abandon();
            self.suite = name;
            self.binaries += 1;
            return;
        }
        let Some(open) = &mut self.open else { return self.between(line) };
        if let Some(counts) = summary(line) {
            if let Some(open) = self.open.take() {
                self.end_binary(open, Some(counts));
            }
            return;
        }
        if !open.line(line) {
            self.output.push(line);
            self.output.push("\n");
        }
    }

    /// A line of cargo's or the compiler's.
    fn between(&mut self, line: &str) {
        if let Some(place) = line.trim_start().strip_prefix("--> ")
            && let Some(message) = self.compiler.take()
        {
            let mut parts = place.rsplitn(3, ':');
            let column = parts.next().and_then(|column| column.parse().ok());
            let line = parts.next().and_then(|line| line.parse().ok());
            let mut spot = Spot::new(parts.next().unwrap_or_default(), line, Trust::Exact);
            spot.column = column;
            let finding = Finding { level: Level::Error, message, source: "rustc".to_owned(), ..Finding::default() };
            self.sink.finding(finding, Clue::at(spot));
        } else if line.starts_with("error: could not compile ") {
            self.sink.red(line["error: ".len()..].trim_end_matches("; see below").to_owned());
            self.unbuilt = true;
        } else if let Some(rest) = line.strip_prefix("error")
            && let Some((code, message)) = rest.split_once(": ")
            && (code.is_empty() || code.starts_with('['))
        {
            let tests = message.contains("test failed, to rerun") || message.contains("targets failed");
            self.compiler = (!tests).then(|| message.to_owned());
        } else if line.trim().is_empty() {
            self.compiler = None;
        }
    }

    /// The binary that is open has ended without a result.
    fn abandon(&mut self) {
        let Some(open) = self.open.take() else { return };
        let (seen, planned) = (open.tests.len(), open.planned);
        let output = self.output.text();
        let name =
            if self.suite.is_empty() { "a test binary".to_owned() } else { format!("test binary `{}`", self.suite) };
        let words = output.lines().rev().map(str::trim).find(|line| {
            line.starts_with("process didn't exit successfully")
                || line.starts_with("Caused by")
                || line.contains("signal")
        });
        let words = words.and_then(|line| line.rsplit_once(" (")).map_or("", |(_, why)| why.trim_end_matches(')'));
        let why = if words.is_empty() { String::new() } else { format!(": {words}") };
        self.end_binary(open, None);
        let reason = format!("{name} ended without a result, {seen} of {planned} tests have one{why}");
        broken(self.sink, "cargo test", &reason, &output, Clue::default());
    }

    fn end_binary(&mut self, mut open: Binary, counts: Option<[u64; 4]>) {
        let suite = std::mem::take(&mut self.suite);
        let mut left = counts.map(|[passed, failed, ignored, measured]| [passed + measured, failed, ignored]);
        let tests = std::mem::take(&mut open.tests);
        for (name, status, time) in &tests {
            let at = match status {
                Status::Passed => 0,
                Status::Failed => 1,
                _ => 2,
            };
            if let Some(left) = &mut left {
                if left[at] == 0 {
                    // More than the binary itself counts: some test has printed it.
                    continue;
                }
                left[at] -= 1;
            }
            self.hand_over(name, *status, *time, &suite, &mut open);
        }
        // Quiet formats name only what failed.
        let mut unnamed: Vec<String> = open.texts.keys().cloned().collect();
        unnamed.retain(|name| !tests.iter().any(|(known, ..)| known == name));
        unnamed.sort();
        let [passed, failed, ignored] = left.unwrap_or_default();
        for at in 0..failed {
            let name = unnamed.get(at as usize).cloned().unwrap_or_else(|| "a test without a name".to_owned());
            self.hand_over(&name, Status::Failed, None, &suite, &mut open);
        }
        for (count, status) in [(passed, Status::Passed), (ignored, Status::Skipped)] {
            (0..count.min(10_000_000)).for_each(|_| {
                self.sink.tally(status, &suite, "", None);
            });
        }
    }

    fn hand_over(&mut self, name: &str, status: Status, duration_ms: Option<f64>, suite: &str, open: &mut Binary) {
        if status != Status::Failed {
            self.sink.tally(status, suite, name, duration_ms);
            return;
        }
        let mut details = open.texts.get_mut(name).map(Excerpt::text).unwrap_or_default().trim().to_owned();
        if let Some(panic) = open.panics.get(name).filter(|_| !details.contains("panicked at ")) {
            details = format!("{}{details}", panic);
        }
        let mut message = headline(&details);
        if message.is_empty() {
            message = "failed without saying why".to_owned();
        }
        let clue = clue(name, suite.trim_end_matches(" (doc)"));
        let case = Case {
            name: name.to_owned(),
            suite: (!suite.is_empty()).then(|| suite.to_owned()),
            status,
            duration_ms,
            message,
            details: (!details.is_empty()).then_some(details),
            ..Case::default()
        };
        self.sink.case(case, clue);
    }

    fn finish(mut self, end: u64) {
        let open = self.open.is_some();
        self.abandon();
        if open {
            self.sink.lost("cut short: a test binary has no result", Some(end));
        } else if self.sink.totals().tests == 0 && self.binaries > 0 && !self.suite.is_empty() && !self.unbuilt {
            self.sink.lost("cut short: no test binary has a result", Some(end));
        }
    }
}

impl Binary {
    /// Takes a line; `false` when it is nothing of libtest's.
    fn line(&mut self, line: &str) -> bool {
        if let Some(name) = line.strip_prefix("---- ")
            && let Some(name) = name.strip_suffix(" stdout ----").or_else(|| name.strip_suffix(" stderr ----"))
        {
            self.texts.entry(name.to_owned()).or_insert_with(|| Excerpt::new(DETAILS));
            self.current = Some(name.to_owned());
            return true;
        }
        if line == "failures:" || line == "successes:" {
            // The second time the names are listed.
            self.listing = self.current.is_some() || self.listing;
            self.current = None;
            return true;
        }
        if let Some(name) = &self.current {
            if let Some(text) = self.texts.get_mut(name) {
                text.push(line);
                text.push("\n");
            }
            return true;
        }
        if self.listing {
            return true;
        }
        if let Some((name, outcome)) = result(line) {
            match outcome {
                Outcome::Is(status, time) => self.tests.push((name.to_owned(), status, time)),
                Outcome::Later => self.pending = Some(name.to_owned()),
            }
            return true;
        }
        if let Some((status, time)) = outcome(line)
            && let Some(name) = self.pending.take()
        {
            self.tests.push((name, status, time));
            return true;
        }
        self.overhear(line);
        false
    }

    /// Keeps the first lines of each panic that is not captured.
    fn overhear(&mut self, line: &str) {
        if let Some((name, _)) = line.strip_prefix("thread '").and_then(|rest| rest.split_once('\''))
            && line.contains(" panicked at ")
        {
            self.panicking = Some(name.to_owned());
        } else if line.trim().is_empty() || line.starts_with("stack backtrace:") || line.starts_with("note: ") {
            self.panicking = None;
        }
        if let Some(name) = &self.panicking
            && self.panics.len() < 10_000
        {
            let text = self.panics.entry(name.clone()).or_default();
            if text.len() < 4096 {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    fn check(text: &str, wanted: &str) {
        assert_eq!(outline(text, "cargo-test"), wanted, "{text}");
    }

    const RUNNING: &str =
        "     Running unittests src/lib.rs (target/debug/deps/eng-36f621fef3e15691)\n\nrunning 4 tests\n";
    const DONE: &str = "0 measured; 0 filtered out; finished in 0.00s\n";

    #[test]
    fn binaries_are_read_one_by_one() {
        check(
            &format!(
                "{RUNNING}test t::a ... ok\ntest t::b - should panic ... FAILED\ntest t::c ... ignored, slow\ntest t::d ... ok <0.5s>\n\nfailures:\n\n---- t::b stdout ----\n\nthread 't::b' panicked at src/lib.rs:3:1:\ntest x ... ok\n\n\nfailures:\n    t::b\n\ntest result: FAILED. 2 passed; 1 failed; 1 ignored; {DONE}\nerror: test failed, to rerun pass `--lib`\n   Doc-tests eng\n\nrunning 1 test\ntest src/lib.rs - add (line 9) ... FAILED\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored; {DONE}"
            ),
            "5: 2 passed 2 failed 1 skipped\nfailed eng / t::b: test x ... ok\nfailed eng (doc) / src/lib.rs - add (line 9): failed without saying why @ src/lib.rs:9\n",
        );
    }

    #[test]
    fn the_summary_is_what_counts() {
        // Quiet, and a test that prints what looks like a result.
        check(
            &format!(
                "running 3 tests\n..F\nfailures:\n\n---- t::b stdout ----\nError: no\n\nfailures:\n    t::b\n\ntest result: FAILED. 2 passed; 1 failed; 0 ignored; {DONE}"
            ),
            "3: 2 passed 1 failed\nfailed t::b: Error: no\n",
        );
        check(
            &format!(
                "running 1 test\ntest a ... test forged ... ok\nmore\nok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; {DONE}"
            ),
            "1: 1 passed\n",
        );
    }

    #[test]
    fn a_binary_without_a_result_is_red() {
        check(
            &format!(
                "{RUNNING}test t::a ... ok\nthread 'x' panicked at src/lib.rs:3:1:\nno\nerror: test failed, to rerun pass `--lib`\n\nCaused by:\n  process didn't exit successfully: `/w/eng` (signal: 6, SIGABRT: process abort signal)\n     Running tests/it.rs (target/debug/deps/it-36f621fef3e15691)\n\nrunning 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; {DONE}"
            ),
            "1: 1 passed\nfinding Error: test binary `eng` ended without a result, 1 of 4 tests have one: signal: 6, SIGABRT: process abort signal @ src/lib.rs:3:1\n\
             red: test binary `eng` ended without a result, 1 of 4 tests have one: signal: 6, SIGABRT: process abort signal\n",
        );
        check(
            &format!(
                "running 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; {DONE}error[E0308]: mismatched types\n --> src/lib.rs:3:5\n  |\nerror: could not compile `eng` (lib test) due to 1 previous error\n"
            ),
            "0:\nfinding Error: mismatched types @ src/lib.rs:3:5\nred: could not compile `eng` (lib test) due to 1 previous error\n",
        );
        check_cuts(
            &format!("{RUNNING}test t::a ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; {DONE}"),
            "d; 0 failed",
        );
    }
}
