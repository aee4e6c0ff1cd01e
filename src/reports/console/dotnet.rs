//! `dotnet test`: the VSTest console logger, and the summary of Microsoft.Testing.Platform.
//! Source: vstest's `ConsoleLogger.cs`, testfx's `TerminalTestReporter.cs`.

use super::{Console, Counts, Failure, first_line, read, sure_of};
use crate::model::finding::Status;
use crate::reports::clue::Clue;
use crate::reports::lines::duration;
use crate::reports::{Format, Head, Kind, LIKELY, SURE};

/// The text of `dotnet test`.
pub static FORMAT: Format = Format {
    name: "dotnet-test",
    kind: Kind::Test,
    recognise,
    read: |source, sink| {
        let mut reader = Reader::default();
        read(source, sink, &mut |console, line| reader.line(console, line), headline);
    },
};

fn recognise(head: &Head) -> u8 {
    sure_of(head, |line| match () {
        () if one_line(line).is_some()
            || line.starts_with("Test run summary: ")
            || line.starts_with("Total tests: ") =>
        {
            SURE
        }
        () if line.starts_with("Test run for ") && line.contains(".dll") => SURE,
        () if line.starts_with("  Failed ") && line.ends_with(']') => LIKELY,
        () => 0,
    })
}

/// `Failed!  - Failed:     1, Passed:     2, Skipped:     0, Total:     3, Duration: 12 ms - X.dll (net8.0)`
fn one_line(line: &str) -> Option<Counts> {
    let (verdict, rest) = line.trim_start().split_once("!")?;
    if !matches!(verdict, "Failed" | "Passed" | "Skipped") {
        return None;
    }
    let rest = rest.trim_start().strip_prefix("- ")?;
    rest.contains("Total:").then(|| Counts {
        passed: value(rest, "Passed:"),
        failed: value(rest, "Failed:"),
        errors: 0,
        skipped: value(rest, "Skipped:"),
    })
}

fn value(line: &str, key: &str) -> u64 {
    let rest = line.split_once(key).map_or("", |(_, rest)| rest).trim_start();
    super::number(rest).map_or(0, |(value, _)| value)
}

#[derive(Default)]
struct Reader {
    /// Counts that stand on lines of their own: total, passed, failed, skipped.
    lines: Option<[u64; 4]>,
}

impl Reader {
    fn line(&mut self, console: &mut Console, line: &str) {
        if let Some(counts) = one_line(line) {
            console.count(counts);
            return;
        }
        if line.starts_with("Test run summary: ") || line.starts_with("Total tests: ") {
            self.lines = Some([value(line, "Total tests:"), 0, 0, 0]);
            if line.contains("Passed:") {
                // All on one line, in old versions.
                let [total, ..] = self.lines.unwrap_or_default();
                self.lines = Some([total, value(line, "Passed:"), value(line, "Failed:"), value(line, "Skipped:")]);
                self.settle(console);
            }
            console.current = None;
            return;
        }
        if self.lines.is_some() {
            let inner = line.trim();
            let keys =
                [["total:", "Total:"], ["succeeded:", "Passed:"], ["failed:", "Failed:"], ["skipped:", "Skipped:"]];
            let at = keys.iter().position(|keys| keys.iter().any(|key| inner.starts_with(key)));
            if let (Some(at), Some(lines)) = (at, &mut self.lines) {
                lines[at] = value(inner, ":");
                return;
            }
            if inner.starts_with("Total time:") || inner.starts_with("duration:") || inner.is_empty() {
                self.settle(console);
            }
        }
        if line.starts_with("Test Run Aborted") || line.starts_with("The active test run was aborted") {
            console.current = None;
            console.red.push(line.trim_end_matches('.').to_ascii_lowercase());
        } else if let Some((status, name, took)) = result(line) {
            console.current = None;
            match status {
                Status::Failed => {
                    let class =
                        name.split('(').next().unwrap_or_default().rsplit_once('.').map_or("", |(class, _)| class);
                    let clue = Clue { classes: vec![class.to_owned()], ..Clue::default() };
                    let failure =
                        Failure { name: name.to_owned(), suite: class.to_owned(), status, clue, ..Failure::default() };
                    console.fail(failure);
                }
                status => console.named.push((name.to_owned(), status, took)),
            }
        } else if line.starts_with("[xUnit.net ") || line.starts_with("Results File:") {
            console.current = None;
        } else {
            console.text(line);
        }
    }

    fn settle(&mut self, console: &mut Console) {
        let Some([total, passed, failed, skipped]) = self.lines.take() else { return };
        let passed = passed.max(total.saturating_sub(failed + skipped));
        console.count(Counts { passed, failed, errors: 0, skipped });
    }
}

/// `  Failed A.B.Test [12 ms]`, `failed A.B.Test (12ms)`
fn result(line: &str) -> Option<(Status, &str, Option<f64>)> {
    let (word, rest) = match line.strip_prefix("  ") {
        Some(inner) => inner.split_once(' ')?,
        None => line.split_once(' ')?,
    };
    let status = match word {
        "Failed" | "failed" => Status::Failed,
        "Passed" | "passed" => Status::Passed,
        "Skipped" | "skipped" => Status::Skipped,
        _ => return None,
    };
    let rest = rest.trim_end();
    let (name, time) = match (rest.rsplit_once(" ["), rest.rsplit_once(" (")) {
        (Some((name, time)), _) if time.ends_with(']') => (name, time.trim_end_matches(']')),
        (_, Some((name, time))) if time.ends_with(')') && duration(time.trim_end_matches(')')).is_some() => {
            (name, time.trim_end_matches(')'))
        }
        _ => return None,
    };
    let time = time.trim_start_matches("< ");
    duration(time).map(|time| (status, name.trim(), Some(time)))
}

/// What stands between `Error Message:` and `Stack Trace:`.
fn headline(text: &str) -> String {
    let start = text.split_once("Error Message:").map_or(text, |(_, rest)| rest);
    let message = start.split("Stack Trace:").next().unwrap_or_default();
    let lines: Vec<&str> = message.lines().map(str::trim).filter(|line| !line.is_empty()).take(6).collect();
    let lines: Vec<&str> = lines.into_iter().take_while(|line| !line.starts_with("at ")).collect();
    if lines.is_empty() { first_line(text) } else { lines.join("\n") }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    fn check(text: &str, wanted: &str) {
        assert_eq!(outline(text, "dotnet-test"), wanted, "{text}");
    }

    #[test]
    fn every_logger_has_its_summary() {
        let failed = "  Failed A.B.Wrong(x: 1) [12 ms]\n  Error Message:\n   Assert.Equal() Failure\n   Expected: 5\n  Stack Trace:\n     at A.B.Wrong() in /w/B.cs:line 33\n";
        check(
            &format!(
                "Test run for /w/b.dll (.NETCoreApp,Version=v8.0)\n{failed}\nFailed!  - Failed:     1, Passed:     2, Skipped:     1, Total:     4, Duration: 12 ms - b.dll (net8.0)\n"
            ),
            "4: 2 passed 1 failed 1 skipped\nfailed A.B / A.B.Wrong(x: 1): Assert.Equal() Failure\n",
        );
        check(
            &format!(
                "{failed}  Passed A.B.Ok [< 1 ms]\n\nTest Run Failed.\nTotal tests: 2\n     Passed: 1\n     Failed: 1\n Total time: 1.2 Seconds\n"
            ),
            "2: 1 passed 1 failed\nfailed A.B / A.B.Wrong(x: 1): Assert.Equal() Failure\n",
        );
        check(
            "failed A.B.Wrong (12ms)\n  no\n    at A.B.Wrong() in /w/B.cs:33\n\nTest run summary: Failed!\n  total: 2\n  failed: 1\n  succeeded: 1\n  skipped: 0\n  duration: 1s\n",
            "2: 1 passed 1 failed\nfailed A.B / A.B.Wrong: no\n",
        );
        check_cuts(
            "Test run for /w/b.dll (x)\n\nPassed!  - Failed:     0, Passed:     2, Skipped:     0, Total:     2, Duration: 12 ms - b.dll\n",
            "otal:     2",
        );
    }
}
