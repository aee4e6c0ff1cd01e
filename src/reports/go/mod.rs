//! `go test`, as JSON events and as text. Both become the same run of packages
//! and tests. Source: the documentation of `cmd/test2json` and its code.
//!
//! A package is judged by its last result, a test by its last run; a test
//! without a result failed, unless its root test passed, which old versions of
//! Go leave to guess.

mod build;
mod json;
mod output;
mod text;

pub use self::json::FORMAT as JSON;
pub use self::text::FORMAT as TEXT;

use std::collections::HashMap;

use self::output::{headline, is_noise, places};
use super::broken::broken;
use super::clue::Clue;
use super::excerpt::Excerpt;
use super::sink::{DETAILS, Sink, Ticket};
use crate::model::finding::{Case, Status};

/// What failed, in short, in the output of a Go test.
pub fn headline_of(output: &str) -> String {
    headline(output, &[])
}

/// How much of a package's own output is kept, in bytes.
const OUTPUT: usize = 16 * 1024;

/// Packages and tests, as they come.
struct Run<'s> {
    sink: &'s mut Sink,
    packages: Vec<Package>,
    names: HashMap<String, usize>,
}

/// A package that is tested.
struct Package {
    name: String,
    tests: HashMap<String, Test>,
    /// Tests that have begun and not ended, in order.
    running: Vec<String>,
    /// How many tests failed in this run of the package.
    failed: u32,
    /// How many runs of the package have ended.
    runs: u32,
    result: Option<Status>,
    /// What the package said that belongs to no test, and every panic.
    output: Excerpt,
    panicking: bool,
}

#[derive(Default)]
struct Test {
    output: Option<Excerpt>,
    /// The line that Go itself marks as the failure.
    marked: Vec<String>,
    /// Each run that has ended: the package's run, and what was counted.
    tickets: Vec<(u32, Ticket)>,
    /// Whether a test below it failed in this run.
    below: bool,
    /// Whether its output says that it passed.
    claims: bool,
}

impl Package {
    /// Notes in all tests above that this one failed.
    fn fail_parents(&mut self, test: &str) {
        for (slash, _) in test.match_indices('/') {
            if let Some(outer) = self.tests.get_mut(&test[..slash]) {
                outer.below = true;
            }
        }
    }
}

impl<'s> Run<'s> {
    fn new(sink: &'s mut Sink) -> Self {
        Run { sink, packages: Vec::new(), names: HashMap::new() }
    }

    fn package(&mut self, name: &str) -> &mut Package {
        let at = match self.names.get(name) {
            Some(at) => *at,
            None => {
                self.names.insert(name.to_owned(), self.packages.len());
                self.packages.push(Package {
                    name: name.to_owned(),
                    tests: HashMap::new(),
                    running: Vec::new(),
                    failed: 0,
                    runs: 0,
                    result: None,
                    output: Excerpt::new(OUTPUT),
                    panicking: false,
                });
                self.packages.len() - 1
            }
        };
        &mut self.packages[at]
    }

    /// A test begins.
    fn begin(&mut self, package: &str, test: &str) {
        let package = self.package(package);
        package.result = None;
        let entry = package.tests.entry(test.to_owned()).or_default();
        entry.below = false;
        entry.claims = false;
        if !package.running.iter().any(|running| running == test) {
            package.running.push(test.to_owned());
        }
    }

    /// Output of a test, or of the package when `test` is empty. `marked` is for what Go calls an error.
    fn output(&mut self, package: &str, test: &str, line: &str, marked: bool) {
        let package = self.package(package);
        let text = line.trim_end_matches('\n');
        if text.starts_with("panic: ") || text.starts_with("fatal error: ") {
            package.panicking = true;
        }
        // Before Go 1.20 a result that does not start its line is lost.
        if let Some((before, rest)) = text.split_once("--- PASS: ")
            && let Some((name, _)) = rest.split_once(" (")
            && (!before.trim().is_empty() || name == test)
            && let Some(entry) = package.tests.get_mut(name)
        {
            entry.claims = true;
        }
        if test.is_empty() || package.panicking {
            package.output.push(text);
            package.output.push("\n");
        }
        if test.is_empty() || is_noise(text) {
            return;
        }
        let entry = package.tests.entry(test.to_owned()).or_default();
        if marked && entry.marked.len() < 20 {
            entry.marked.push(text.to_owned());
        }
        let output = entry.output.get_or_insert_with(|| Excerpt::new(DETAILS));
        output.push(text);
        output.push("\n");
    }

    /// A test has ended.
    fn end(&mut self, package: &str, test: &str, status: Status, duration_ms: Option<f64>) {
        let name = package;
        self.package(name);
        let at = self.names[name];
        let package = &mut self.packages[at];
        package.running.retain(|running| running != test);
        let run = package.runs;
        let mut entry = package.tests.remove(test).unwrap_or_default();
        let mut output = entry.output.take();
        let marked = std::mem::take(&mut entry.marked);
        let ticket = if status == Status::Failed {
            package.failed += 1;
            package.fail_parents(test);
            let mut details = output.as_mut().map(Excerpt::text).unwrap_or_default();
            details.truncate(details.trim_end().len());
            let message = match headline(&details, &marked) {
                message if !message.is_empty() => message,
                _ if entry.below => "a subtest failed".to_owned(),
                _ => "failed without saying why".to_owned(),
            };
            let clue = Clue { spots: places(&details, &marked), classes: vec![name.to_owned()], ..Clue::default() };
            let case = Case {
                name: test.to_owned(),
                suite: (!name.is_empty()).then(|| name.to_owned()),
                status,
                duration_ms,
                message,
                details: (!details.is_empty()).then_some(details),
                ..Case::default()
            };
            self.sink.case(case, clue)
        } else {
            self.sink.tally(status, name, test, duration_ms)
        };
        entry.tickets.push((run, ticket));
        self.packages[at].tests.insert(test.to_owned(), entry);
    }

    /// A package has ended, and with it the tests that did not end themselves.
    fn end_package(&mut self, name: &str, status: Status) {
        let package = self.package(name);
        let running = std::mem::take(&mut package.running);
        let panic = if package.panicking { package.output.text() } else { String::new() };
        for test in running.iter().rev() {
            let package = self.package(name);
            let root = test.split('/').next().unwrap_or_default();
            let passed = |test: &str| {
                let entry = package.tests.get(test);
                entry
                    .and_then(|entry| entry.tickets.last())
                    .is_some_and(|(_, ticket)| ticket.status() == Status::Passed)
            };
            let claims = status == Status::Passed && package.tests.get(test).is_some_and(|entry| entry.claims);
            let guessed = if claims || root != test && passed(root) { Status::Passed } else { Status::Failed };
            let entry = package.tests.entry(test.clone()).or_default();
            if guessed == Status::Failed && !panic.is_empty() && entry.output.is_none() {
                let output = entry.output.get_or_insert_with(|| Excerpt::new(DETAILS));
                output.push(&panic);
            }
            self.end(name, test, guessed, None);
        }
        let package = self.package(name);
        package.runs += 1;
        package.result = Some(status);
        if status != Status::Failed || package.failed > 0 {
            package.output.clear();
        }
        package.failed = 0;
        package.panicking = false;
    }

    /// The end of everything; `offset` is where the file ends.
    fn finish(mut self, offset: u64) {
        for at in 0..self.packages.len() {
            let name = self.packages[at].name.clone();
            let begun = !self.packages[at].running.is_empty() || self.packages[at].result.is_none();
            if begun {
                let what = if name.is_empty() { "the run".to_owned() } else { format!("package `{name}`") };
                self.sink.lost(format!("cut short: {what} has no result"), Some(offset));
                self.end_package(&name, Status::Failed);
                continue;
            }
            let package = &mut self.packages[at];
            let silent = package.result == Some(Status::Failed) && !package.output.is_blank();
            let text = package.output.text();
            let failed = package.tests.values().any(|test| {
                test.tickets.iter().any(|(run, ticket)| run + 1 == package.runs && ticket.status() == Status::Failed)
            });
            if package.result == Some(Status::Failed) && !failed || silent {
                let what = if name.is_empty() { "the run".to_owned() } else { format!("package `{name}`") };
                let reason = output::last_words(&text);
                let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
                broken(
                    self.sink,
                    "go",
                    &format!("{what} failed without a failed test{reason}"),
                    &text,
                    Clue { classes: vec![name], ..Clue::default() },
                );
            }
        }
        for package in &self.packages {
            let mut repeated: Vec<_> = package.tests.iter().filter(|(_, test)| test.tickets.len() > 1).collect();
            repeated.sort_by_key(|(name, _)| name.as_str());
            for (name, test) in repeated {
                let runs: Vec<Ticket> = test.tickets.iter().map(|(_, ticket)| *ticket).collect();
                self.sink.merge(&runs, outcome(&test.tickets), name, &package.name);
            }
        }
    }
}

/// What several runs of a test come to: `-count` runs it again in the same run of the package,
/// and then every run counts; a new run of the package is another try.
fn outcome(tickets: &[(u32, Ticket)]) -> Status {
    let last = tickets.last().map_or(0, |(run, _)| *run);
    let current = || tickets.iter().filter(|(run, _)| *run == last).map(|(_, ticket)| ticket.status());
    if let Some(red) = current().find(|status| status.is_red()) {
        return red;
    }
    let failed_before = tickets.iter().any(|(_, ticket)| ticket.status().is_red());
    match current().max() {
        Some(Status::Passed) if failed_before => Status::Flaky,
        Some(status) => status,
        None => Status::Passed,
    }
}

#[cfg(test)]
mod tests;
