//! `prove` without `-v`: a line a file, what the tests say on stderr, and a report.
//! Source: Test::Harness' `TAP::Formatter::Base`.

use super::{Console, Counts, Failure, counted, read, sure_of};
use crate::model::finding::Status;
use crate::reports::lines::number;
use crate::reports::{Format, Head, Kind, SURE};

/// The text of `prove`.
pub static FORMAT: Format = Format {
    name: "prove",
    kind: Kind::Test,
    recognise,
    read: |source, sink| {
        let mut reader = Reader::default();
        read(source, sink, &mut |console, line| reader.line(console, line), headline);
    },
};

fn recognise(head: &Head) -> u8 {
    sure_of(head, |line| match () {
        () if files(line).is_some() || matches!(line, "Result: PASS" | "Result: FAIL" | "Result: NOTESTS") => SURE - 10,
        () => 0,
    })
}

/// `Files=2, Tests=9,  0 wallclock secs (…)`
fn files(line: &str) -> Option<u64> {
    let (_, rest) = number(line.strip_prefix("Files=")?)?;
    Some(number(rest.strip_prefix(", Tests=")?)?.0)
}

#[derive(Default)]
struct Reader {
    tests: Option<u64>,
    failed: u64,
    skipped: u64,
    /// Files that broke though no test of theirs failed, and why.
    broken: Vec<String>,
    file: String,
}

impl Reader {
    fn line(&mut self, console: &mut Console, line: &str) {
        if let Some(tests) = files(line) {
            self.tests = Some(tests);
            console.current = None;
        } else if let Some(verdict) = line.strip_prefix("Result: ") {
            let failed = self.failed.max(console.failures.len() as u64).min(self.tests.unwrap_or(u64::MAX));
            let tests = self.tests.take().unwrap_or(0);
            let passed = tests.saturating_sub(failed + self.skipped);
            console.count(Counts {
                passed,
                failed,
                errors: 0,
                skipped: self.skipped.min(tests.saturating_sub(failed)),
            });
            console.red.append(&mut self.broken);
            if verdict == "FAIL" && failed == 0 && console.red.is_empty() {
                console.red.push("prove says that the run failed, and no test did".to_owned());
            } else if verdict == "NOTESTS" {
                console.red.push("no tests ran".to_owned());
            }
        } else if let Some(text) = line.strip_prefix('#') {
            self.comment(console, text);
        } else if let Some((path, rest)) = line.split_once(" (Wstat: ") {
            path.clone_into(&mut self.file);
            let failed = rest.rsplit_once("Failed: ").and_then(|(_, rest)| number(rest)).map_or(0, |(count, _)| count);
            self.failed += failed;
            if failed == 0 && !rest.starts_with("0 ") {
                self.broken.push(format!("`{path}` failed though none of its tests did"));
            }
        } else if let Some(error) = line.trim_start().strip_prefix("Parse errors: ") {
            self.broken.push(format!("`{}`: {error}", self.file));
        } else if let Some(rest) = line.trim_start().strip_prefix("(less ") {
            self.skipped +=
                counted(rest.split(':').next().unwrap_or_default(), &["skipped subtests", "skipped subtest"]);
        } else {
            console.current = None;
        }
    }

    fn comment(&mut self, console: &mut Console, text: &str) {
        let inner = text.trim_start();
        if let Some(rest) = inner.strip_prefix("Failed test") {
            let name =
                rest.split_once('\'').and_then(|(_, name)| name.rsplit_once('\'')).map_or("a test", |(name, _)| name);
            console.fail(Failure { name: name.to_owned(), status: Status::Failed, ..Failure::default() });
        } else if inner.starts_with("Looks like ") || inner.starts_with("Failed (TODO)") {
            console.current = None;
        } else {
            console.text(inner);
        }
    }
}

fn headline(text: &str) -> String {
    let lines: Vec<&str> =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("at ")).take(4).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    #[test]
    fn the_report_is_what_counts() {
        let text = "\n#   Failed test 'x'\n#   at t/a.t line 3.\n#          got: '4'\n#     expected: '5'\n# Looks like you failed 1 test of 4.\nt/a.t .. \nDubious, test returned 1 (wstat 256, 0x100)\nFailed 1/4 subtests \n\t(less 1 skipped subtest: 2 okay)\n\nTest Summary Report\n-------------------\nt/a.t (Wstat: 256 (exited 1) Tests: 4 Failed: 1)\n  Failed test:  2\n  Non-zero exit status: 1\nt/b.t (Wstat: 512 (exited 2) Tests: 2 Failed: 0)\n  Parse errors: Bad plan.  You planned 5 tests but ran 2.\nFiles=2, Tests=6,  0 wallclock secs\nResult: FAIL\n";
        assert_eq!(
            outline(text, "prove"),
            "6: 4 passed 1 failed 1 skipped\nfailed x: got: '4'\nred: `t/b.t` failed though none of its tests did\nred: `t/b.t`: Bad plan.  You planned 5 tests but ran 2.\n"
        );
        check_cuts("t/a.t .. ok\nAll tests successful.\nFiles=1, Tests=6,  0 wallclock secs\nResult: PASS\n", ": PASS");
    }
}
