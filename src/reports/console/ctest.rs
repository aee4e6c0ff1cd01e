//! CTest's text. Source: CMake's `cmCTestRunTest` and `cmCTestTestHandler`.

use std::collections::HashMap;

use super::{Console, Counts, Failure, sure_of};
use crate::model::finding::Status;
use crate::reports::excerpt::Excerpt;
use crate::reports::lines::{Lines, number};
use crate::reports::sink::DETAILS;
use crate::reports::{Format, Head, Kind, SURE, Sink, Source};

/// CTest's text.
pub static FORMAT: Format = Format { name: "ctest", kind: Kind::Test, recognise, read };

fn recognise(head: &Head) -> u8 {
    sure_of(head, |line| match () {
        () if result(line).is_some() || summary(line).is_some() => SURE,
        () if line.starts_with("Test project ") => SURE - 30,
        () => 0,
    })
}

/// A test's last line.
struct Result<'a> {
    number: u64,
    name: &'a str,
    word: &'a str,
    milliseconds: Option<f64>,
}

/// `3/8 Test #3: fails ............................***Failed    0.00 sec`
fn result(line: &str) -> Option<Result<'_>> {
    let inner = line.trim_start();
    let (_, rest) = number(inner)?;
    let (_, rest) = number(rest.strip_prefix('/')?)?;
    let rest = rest.trim_start().strip_prefix("Test ")?.trim_start().strip_prefix('#')?;
    let (number, rest) = number(rest)?;
    let rest = rest.strip_prefix(": ")?.trim_end();
    let (rest, milliseconds) = match rest.strip_suffix(" sec").and_then(|rest| rest.rsplit_once(' ')) {
        Some((rest, seconds)) => (rest.trim_end(), seconds.parse::<f64>().ok().map(|seconds| seconds * 1000.0)),
        None => (rest, None),
    };
    // Dots fill the space behind the name.
    let (name, word) = rest.split_once("***").or_else(|| rest.rsplit_once("   ")).or_else(|| rest.rsplit_once(' '))?;
    let name = name.trim_end().trim_end_matches('.').trim_end();
    Some(Result { number, name, word: word.trim(), milliseconds })
}

/// `29% tests passed, 5 tests failed out of 7`
fn summary(line: &str) -> Option<(u64, u64)> {
    let (_, rest) = number(line.trim_start())?;
    let rest = rest.strip_prefix("% tests passed, ")?;
    let (failed, rest) = number(rest)?;
    let (total, _) = number(rest.split_once(" failed out of ")?.1)?;
    Some((failed, total))
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut console = Console::default();
    let mut lines = Lines::new(source);
    let mut reader = Reader::default();
    while let Some(line) = lines.next_line() {
        reader.line(&mut console, line);
    }
    let end = lines.end();
    reader.finish(&mut console);
    console.finish(sink, end, headline);
}

#[derive(Default)]
struct Reader {
    /// Each test's last result, in order.
    results: Vec<(u64, String, Status, Option<f64>, String)>,
    at: HashMap<u64, usize>,
    /// Whether a test failed and then passed.
    tries: HashMap<u64, u32>,
    texts: HashMap<u64, Excerpt>,
    current: Option<u64>,
    summary: Option<(u64, u64)>,
}

impl Reader {
    fn line(&mut self, console: &mut Console, line: &str) {
        if let Some(found) = result(line) {
            let status = match found.word {
                "Passed" => Status::Passed,
                "Skipped" | "Not Run (Disabled)" => Status::Skipped,
                _ => Status::Failed,
            };
            let entry = (found.number, found.name.to_owned(), status, found.milliseconds, found.word.to_owned());
            *self.tries.entry(found.number).or_insert(0) += 1;
            match self.at.get(&found.number) {
                Some(at) => {
                    let failed = self.results[*at].2.is_red();
                    self.results[*at] = entry;
                    if failed && status == Status::Passed {
                        self.results[*at].2 = Status::Flaky;
                    }
                }
                None => {
                    self.at.insert(found.number, self.results.len());
                    self.results.push(entry);
                }
            }
            self.current = Some(found.number);
        } else if let Some(found) = summary(line) {
            let (failed, total) = self.summary.unwrap_or_default();
            self.summary = Some((failed + found.0, total + found.1));
            self.current = None;
        } else if line == "No tests were found!!!" {
            self.summary.get_or_insert_default();
            console.red.push("no tests were found".to_owned());
        } else if line.trim_start().starts_with("Start ") && line.contains(": ") {
            self.current = None;
        } else if let Some((of, rest)) = number(line)
            && let Some(text) = rest.strip_prefix(": ")
        {
            // `-V` puts the number in front.
            self.push(of, text);
        } else if let Some(current) = self.current {
            self.push(current, line);
        }
    }

    fn push(&mut self, test: u64, line: &str) {
        let text = self.texts.entry(test).or_insert_with(|| Excerpt::new(DETAILS));
        text.push(line);
        text.push("\n");
    }

    fn finish(mut self, console: &mut Console) {
        let mut counts = Counts::default();
        for (number, name, status, milliseconds, word) in self.results {
            match status {
                Status::Passed => counts.passed += 1,
                Status::Flaky => counts.passed += 1,
                Status::Skipped => counts.skipped += 1,
                _ => counts.failed += 1,
            }
            if matches!(status, Status::Passed | Status::Skipped) {
                console.named.push((name, status, milliseconds));
                continue;
            }
            let text = self.texts.remove(&number);
            let tries = self.tries.get(&number).copied().filter(|tries| *tries > 1);
            let message = if word == "Failed" { String::new() } else { word };
            console.fail(Failure { name, status, message, text, attempts: tries, ..Failure::default() });
        }
        if let Some((failed, total)) = self.summary {
            // Disabled tests are not in the total, nor are results that are not shown.
            counts.failed = counts.failed.max(failed);
            counts.passed = counts.passed.max(total.saturating_sub(failed + counts.skipped));
            console.count(counts);
        }
    }
}

fn headline(text: &str) -> String {
    let own = ["Test command: ", "Working Directory: ", "Test timeout computed", "Environment variables:"];
    let lines = || text.lines().map(str::trim).filter(|line| !own.iter().any(|start| line.starts_with(start)));
    let said = lines().find(|line| {
        let lower = line.to_ascii_lowercase();
        ["error", "failure", "failed", "assert"].iter().any(|word| lower.contains(word))
    });
    match said {
        Some(line) => line.to_owned(),
        None => lines().find(|line| !line.is_empty()).unwrap_or("failed without output").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    #[test]
    fn tests_have_numbers() {
        let text = "Test project /w/build\n    Start 1: a\n1/4 Test #1: a ...............   Passed    0.01 sec\n    Start 2: b\n2/4 Test #2: b ...............***Failed    0.02 sec\n/w/t.cpp:6: Failure\n\n    Start 3: c\n3/4 Test #3: c ...............***Timeout   1.00 sec\n    Start 4: d\n4/4 Test #4: d ...............***Not Run (Disabled)   0.00 sec\n\n33% tests passed, 2 tests failed out of 3\n\nThe following tests FAILED:\n\t  2 - b (Failed)\n";
        assert_eq!(
            outline(text, "ctest"),
            "4: 1 passed 2 failed 1 skipped\nfailed b: /w/t.cpp:6: Failure\nfailed c: Timeout\n"
        );
        assert_eq!(outline("Test project /w\nNo tests were found!!!\n", "ctest"), "0:\nred: no tests were found\n");
        check_cuts(
            "Test project /w\n    Start 1: a\n1/1 Test #1: a ...   Passed    0.01 sec\n\n100% tests passed, 0 tests failed out of 1\n",
            " 1\n",
        );
    }
}
