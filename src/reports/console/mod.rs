//! What test runners print for people, each in a file of its own. They have one
//! shape: failures as blocks of text below a heading, and a last line that counts
//! everything. The counts are what counts; the blocks give the failures their names.

mod bats;
mod ctest;
mod dotnet;
mod exunit;
mod gotestsum;
mod gtest;
mod jest;
mod minitest;
mod mocha;
mod node;
mod phpunit;
mod playwright;
mod prove;
mod rspec;
mod unittest;
mod vitest;

pub use self::bats::FORMAT as BATS;
pub use self::ctest::FORMAT as CTEST;
pub use self::dotnet::FORMAT as DOTNET;
pub use self::exunit::FORMAT as EXUNIT;
pub use self::gotestsum::FORMAT as GOTESTSUM;
pub use self::gtest::FORMAT as GTEST;
pub use self::jest::FORMAT as JEST;
pub use self::minitest::FORMAT as MINITEST;
pub use self::mocha::FORMAT as MOCHA;
pub use self::node::FORMAT as NODE;
pub use self::phpunit::FORMAT as PHPUNIT;
pub use self::playwright::FORMAT as PLAYWRIGHT;
pub use self::prove::FORMAT as PROVE;
pub use self::rspec::FORMAT as RSPEC;
pub use self::unittest::FORMAT as UNITTEST;
pub use self::vitest::FORMAT as VITEST;

use super::clue::Clue;
use super::excerpt::Excerpt;
use super::lines::{Lines, number};
use super::sink::DETAILS;
use super::{Head, Sink, Source};
use crate::model::finding::{Case, Status};

/// How many failures of one run are kept.
const FAILURES: usize = 20_000;

/// The counts of a last line. Several runs one after another add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
    errors: u64,
    skipped: u64,
}

/// A failure under its heading.
#[derive(Default)]
struct Failure {
    name: String,
    suite: String,
    status: Status,
    /// Worked out from the text when it is empty.
    message: String,
    text: Option<Excerpt>,
    clue: Clue,
    attempts: Option<u32>,
}

/// A run as far as it is read.
#[derive(Default)]
struct Console {
    failures: Vec<Failure>,
    /// The failure to which lines belong.
    current: Option<usize>,
    /// What the last lines count; `None` until there is one.
    counts: Option<Counts>,
    /// Tests by name that passed or were skipped, as far as they have names.
    named: Vec<(String, Status, Option<f64>)>,
    red: Vec<String>,
}

impl Console {
    /// A heading: the lines after it are its text.
    fn fail(&mut self, failure: Failure) {
        self.current = (self.failures.len() < FAILURES).then_some(self.failures.len());
        if self.current.is_some() {
            self.failures.push(failure);
        }
    }

    /// A line of the current failure's text, if there is one.
    fn text(&mut self, line: &str) {
        if let Some(failure) = self.current.and_then(|at| self.failures.get_mut(at)) {
            let text = failure.text.get_or_insert_with(|| Excerpt::new(DETAILS));
            text.push(line);
            text.push("\n");
        }
    }

    /// The counts of a run, to be added to those of others.
    fn count(&mut self, counts: Counts) {
        let sum = self.counts.get_or_insert_default();
        sum.passed += counts.passed;
        sum.failed += counts.failed;
        sum.errors += counts.errors;
        sum.skipped += counts.skipped;
        self.current = None;
    }

    /// Hands everything over. `headline` finds what failed in a failure's text.
    fn finish(self, sink: &mut Sink, end: u64, headline: fn(&str) -> String) {
        let mut left = self.counts.unwrap_or_default();
        for mut failure in self.failures {
            let count = match failure.status {
                Status::Error if left.errors > 0 => &mut left.errors,
                Status::Flaky | Status::Passed => &mut left.passed,
                Status::Skipped => &mut left.skipped,
                _ if left.failed > 0 => &mut left.failed,
                _ => &mut left.errors,
            };
            *count = count.saturating_sub(1);
            let text = failure.text.as_mut().map(Excerpt::text).unwrap_or_default();
            let details = text.trim_matches('\n').trim_end();
            if failure.message.is_empty() {
                failure.message = headline(details);
            }
            let case = Case {
                name: failure.name,
                suite: (!failure.suite.is_empty()).then_some(failure.suite),
                status: failure.status,
                message: failure.message,
                details: (!details.is_empty()).then(|| details.to_owned()),
                attempts: failure.attempts,
                ..Case::default()
            };
            sink.case(case, failure.clue);
        }
        for (status, count) in [(Status::Failed, left.failed), (Status::Error, left.errors)] {
            for _ in 0..count.min(100_000) {
                let message = "the run counts it and does not name it".to_owned();
                sink.case(Case { name: "a test".to_owned(), status, message, ..Case::default() }, Clue::default());
            }
        }
        for (name, status, duration) in self.named {
            let count = if status == Status::Skipped { &mut left.skipped } else { &mut left.passed };
            if *count > 0 {
                *count -= 1;
                sink.tally(status, "", &name, duration);
            }
        }
        for (status, count) in [(Status::Passed, left.passed), (Status::Skipped, left.skipped)] {
            (0..count.min(10_000_000)).for_each(|_| {
                sink.tally(status, "", "", None);
            });
        }
        self.red.into_iter().for_each(|red| sink.red(red));
        if self.counts.is_none() {
            sink.lost("cut short: the run has no last line with its counts", Some(end));
        }
    }
}

/// Reads a run line by line.
fn read(source: &mut Source, sink: &mut Sink, line: &mut dyn FnMut(&mut Console, &str), headline: fn(&str) -> String) {
    let mut console = Console::default();
    let mut lines = Lines::new(source);
    while let Some(text) = lines.next_line() {
        line(&mut console, text);
    }
    let end = lines.end();
    console.finish(sink, end, headline);
}

/// How sure a format is that has seen as many of its marks in the first lines.
fn sure_of(head: &Head, mark: fn(&str) -> u8) -> u8 {
    head.lines().map(mark).max().unwrap_or(0)
}

/// The sum of the numbers in front of these words: `3 failed, 1 passed`.
fn counted(text: &str, words: &[&str]) -> u64 {
    let parts = text.split([',', '|', ';']).map(str::trim).filter_map(number);
    parts.filter(|(_, word)| words.contains(&word.trim().trim_end_matches('.'))).map(|(count, _)| count).sum()
}

/// The first line that says something.
fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    super::excerpt::first(line, 1000)
}
