//! GoogleTest's text. Source: `PrettyUnitTestResultPrinter`.

use super::{Console, Counts, Failure, counted, first_line, read, sure_of};
use crate::model::finding::Status;
use crate::reports::clue::{Clue, Columns};
use crate::reports::lines::{duration, number};
use crate::reports::{Format, Head, Kind, SURE, Sink, Source};

/// GoogleTest's text.
pub static FORMAT: Format = Format { name: "gtest", kind: Kind::Test, recognise, read: read_all };

fn recognise(head: &Head) -> u8 {
    sure_of(head, |line| if line.starts_with("[==========] ") || line.starts_with("[ RUN      ] ") { SURE } else { 0 })
}

#[derive(Default)]
struct Reader {
    running: Option<String>,
    counts: Counts,
    ended: bool,
}

fn read_all(source: &mut Source, sink: &mut Sink) {
    let mut reader = Reader::default();
    read(source, sink, &mut |console, line| reader.line(console, line), headline);
    if let Some(name) = reader.running {
        sink.lost(format!("cut short: test `{name}` has no result"), None);
    }
}

/// `[  FAILED  ] Nums/P.Even/0, where GetParam() = 1 (0 ms)`
fn result(line: &str) -> Option<(&str, &str)> {
    let (mark, rest) = line.strip_prefix('[')?.split_once("] ")?;
    (mark.len() == 10).then_some((mark.trim(), rest))
}

impl Reader {
    fn line(&mut self, console: &mut Console, line: &str) {
        let Some((mark, rest)) = result(line) else {
            if self.ended
                && let Some(count) = line.trim().strip_prefix("YOU HAVE ").and_then(number)
            {
                // They are no part of the total, and are tests all the same.
                console.count(Counts { skipped: count.0, ..Counts::default() });
            }
            console.text(line);
            return;
        };
        let (name, time) = match rest.rsplit_once(" (").filter(|(_, time)| time.ends_with(')')) {
            Some((name, time)) => (name, duration(time.trim_end_matches(')'))),
            None => (rest, None),
        };
        let name = name.split(", where ").next().unwrap_or_default();
        match mark {
            "RUN" => {
                if let Some(name) = self.running.replace(rest.to_owned()) {
                    console.red.push(format!("test `{name}` has no result"));
                }
                let suite = rest.split('.').next().unwrap_or_default().to_owned();
                console.fail(Failure {
                    name: rest.to_owned(),
                    suite,
                    status: Status::Failed,
                    clue: Clue { columns: Columns::Bytes, ..Clue::default() },
                    ..Failure::default()
                });
            }
            "OK" | "SKIPPED" | "FAILED" if self.running.as_deref() == Some(name) && !self.ended => {
                self.running = None;
                console.current = None;
                let status = match mark {
                    "OK" => Status::Passed,
                    "SKIPPED" => Status::Skipped,
                    _ => {
                        self.counts.failed += 1;
                        return;
                    }
                };
                // It was taken for a failure until now, for the sake of its text.
                console.failures.pop();
                console.named.push((name.to_owned(), status, time));
                if status == Status::Passed { self.counts.passed += 1 } else { self.counts.skipped += 1 }
            }
            "==========" if rest.contains(" ran.") => {
                let total = counted(rest.split(" from ").next().unwrap_or_default(), &["test", "tests"]);
                let known = self.counts.failed + self.counts.passed + self.counts.skipped;
                let mut counts = std::mem::take(&mut self.counts);
                counts.passed += total.saturating_sub(known);
                console.count(counts);
                self.ended = true;
            }
            "==========" => self.ended = false,
            _ => console.current = None,
        }
    }
}

/// What follows the place: `t.cpp:6: Failure`.
fn headline(text: &str) -> String {
    let rest = text.split_once("Failure\n").map_or(text, |(_, rest)| rest);
    let place = |line: &str| line.contains(": Failure");
    let lines: Vec<&str> = rest.lines().take_while(|line| !place(line)).take(8).collect();
    let message = lines.join("\n").trim().to_owned();
    if message.is_empty() { first_line(text) } else { message }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    const BEGIN: &str =
        "[==========] Running 3 tests from 1 test suite.\n[ RUN      ] A.Ok\n[       OK ] A.Ok (0 ms)\n";

    fn check(rest: &str, wanted: &str) {
        assert_eq!(outline(&format!("{BEGIN}{rest}"), "gtest"), wanted, "{rest}");
    }

    #[test]
    fn marks_are_results() {
        check(
            "[ RUN      ] A.Bad/0\n/w/t.cpp:6: Failure\nExpected: 5\n[  FAILED  ] A.Bad/0, where GetParam() = 1 (0 ms)\n[ RUN      ] A.Skip\n/w/t.cpp:9: Skipped\n[  SKIPPED ] A.Skip (0 ms)\n[----------] Global test environment tear-down\n[==========] 3 tests from 1 test suite ran. (0 ms total)\n[  PASSED  ] 1 test.\n[  FAILED  ] 1 test, listed below:\n[  FAILED  ] A.Bad/0, where GetParam() = 1\n\n  YOU HAVE 1 DISABLED TEST\n",
            "4: 1 passed 1 failed 2 skipped\nfailed A / A.Bad/0: Expected: 5\n",
        );
        check(
            "[ RUN      ] A.Crash\n/w/t.cpp:6: boom\nSegmentation fault\n",
            "1: 1 failed\nfailed A / A.Crash: /w/t.cpp:6: boom\nlost: cut short: the run has no last line with its counts\nlost: cut short: test `A.Crash` has no result\n",
        );
        check_cuts(&format!("{BEGIN}[==========] 1 test from 1 test suite ran. (0 ms total)\n"), ". (0");
    }
}
