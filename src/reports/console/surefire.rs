//! What Maven's Surefire and Failsafe print. Source: surefire's `ConsoleReporter` and
//! `DefaultReporterFactory`, versions 2.12 to 3.5.

use super::{Console, Counts, Failure, read, sure_of};
use crate::model::finding::Status;
use crate::reports::clue::Clue;
use crate::reports::lines::number;
use crate::reports::{Format, Head, Kind, SURE};

/// The text of Surefire.
pub static FORMAT: Format = Format {
    name: "surefire",
    kind: Kind::Test,
    recognise,
    read: |source, sink| {
        let mut reader = Reader::default();
        read(source, sink, &mut |console, line| reader.line(console, line), headline);
    },
};

fn recognise(head: &Head) -> u8 {
    sure_of(head, |line| match untagged(line) {
        text if counts(text).is_some() || text == "T E S T S" => SURE,
        text if text.trim() == "T E S T S" => SURE,
        _ => 0,
    })
}

/// The line without Maven's `[ERROR] `.
fn untagged(line: &str) -> &str {
    match line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some(("INFO" | "ERROR" | "WARNING", text)) => text.strip_prefix(' ').unwrap_or(text),
        _ => line,
    }
}

/// `Tests run: 8, Failures: 2, Errors: 1, Skipped: 1`, and whether it is a module's sum.
fn counts(text: &str) -> Option<(Counts, bool)> {
    let rest = text.strip_prefix("Tests run: ")?;
    let value = |key: &str| {
        let value = text.split_once(key).map_or("", |(_, value)| value);
        number(value).map(|(value, _)| value)
    };
    let (tests, _) = number(rest)?;
    let (failed, errors, skipped) = (value("Failures: ")?, value("Errors: ")?, value("Skipped: ")?);
    let counts = Counts { passed: tests.saturating_sub(failed + errors + skipped), failed, errors, skipped };
    Some((counts, !text.contains("Time elapsed:")))
}

/// `com.acme.CalcTest.adds -- Time elapsed: 0.004 s <<< FAILURE!`, `adds(com.acme.CalcTest)  Time elapsed: …`
fn heading(text: &str) -> Option<(Status, &str, &str)> {
    let (name, rest) = text.split_once("Time elapsed:")?;
    let status = match rest.split_once("<<< ")?.1.trim() {
        "FAILURE!" => Status::Failed,
        "ERROR!" => Status::Error,
        _ => return None,
    };
    let name = name.trim().trim_end_matches("--").trim();
    if let Some((method, class)) = name.strip_suffix(')').and_then(|name| name.rsplit_once('('))
        && class.contains('.')
    {
        return Some((status, class, method));
    }
    // Parameters may hold points.
    let plain = name.split(['(', '[', '{', ' ']).next().unwrap_or_default();
    match plain.rfind('.') {
        Some(at) => Some((status, &name[..at], &name[at + 1..])),
        None => Some((status, "", name)),
    }
}

#[derive(Default)]
struct Reader {
    /// The names of tests that passed in the end come.
    flaky: bool,
    /// Whether a module's results come: only then a line without a time is their sum.
    results: bool,
}

impl Reader {
    fn line(&mut self, console: &mut Console, line: &str) {
        let text = untagged(line);
        if let Some((counts, sum)) = counts(text) {
            console.current = None;
            if sum && self.results {
                *self = Reader::default();
                console.count(counts);
            }
        } else if let Some((status, class, name)) = heading(text) {
            if let Some(known) = console.failures.iter().position(|known| known.name == name && known.suite == class) {
                // It was run again.
                console.failures[known].attempts = Some(console.failures[known].attempts.unwrap_or(1) + 1);
                console.current = None;
                return;
            }
            let clue = Clue { classes: vec![class.to_owned()], ..Clue::default() };
            console.fail(Failure {
                name: name.to_owned(),
                suite: class.to_owned(),
                status,
                clue,
                ..Failure::default()
            });
        } else if matches!(text.trim(), "Results:" | "Results :") {
            (self.results, console.current) = (true, None);
        } else if matches!(text.trim(), "Failures:" | "Failed tests:" | "Errors:" | "Tests in error:" | "Flakes:") {
            console.current = None;
            self.flaky = text.trim() == "Flakes:";
        } else if self.flaky
            && let Some((class, name)) = text.trim().rsplit_once('.')
        {
            let flaky = |known: &&mut Failure| known.name == name && known.suite.ends_with(class);
            if let Some(known) = console.failures.iter_mut().find(flaky) {
                known.status = Status::Flaky;
            }
        } else if line.starts_with("[INFO]") || line.starts_with("Running ") || text.trim().is_empty() {
            console.current = None;
        } else {
            console.text(text);
        }
    }
}

/// The exception's own line.
fn headline(text: &str) -> String {
    let lines = text.lines().take_while(|line| !line.trim_start().starts_with("at "));
    lines.take(6).collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    fn check(text: &str, wanted: &str) {
        assert_eq!(outline(text, "surefire"), wanted, "{text}");
    }

    #[test]
    fn modules_have_sums() {
        check(
            "[INFO]  T E S T S\n[INFO] Running com.acme.CalcTest\n[ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 1, Time elapsed: 0.05 s <<< FAILURE! -- in com.acme.CalcTest\n[ERROR] com.acme.CalcTest.adds -- Time elapsed: 0.004 s <<< FAILURE!\njava.lang.AssertionError: expected:<5> but was:<4>\n\tat com.acme.CalcTest.adds(CalcTest.java:12)\n\n[INFO] Results:\n[INFO] \n[ERROR] Failures: \n[ERROR]   CalcTest.adds:12 expected:<5> but was:<4>\n[INFO] \n[ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 1\n",
            "3: 1 passed 1 failed 1 skipped\nfailed com.acme.CalcTest / adds: java.lang.AssertionError: expected:<5> but was:<4>\n",
        );
        check(
            "Running com.acme.CalcTest\nTests run: 1, Failures: 0, Errors: 1, Skipped: 0, Time elapsed: 0.05 sec <<< FAILURE!\nadds(com.acme.CalcTest)  Time elapsed: 0.004 sec  <<< ERROR!\njava.lang.IllegalStateException: no\n\nResults :\n\nTests run: 1, Failures: 0, Errors: 1, Skipped: 0\n",
            "1: 1 errors\nerror com.acme.CalcTest / adds: java.lang.IllegalStateException: no\n",
        );
        check_cuts(
            "[INFO]  T E S T S\n[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 1, Time elapsed: 0.05 s\n[INFO] Results:\n[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 1\n",
            "1\n",
        );
    }
}
