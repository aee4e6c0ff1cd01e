//! `go test`, with or without `-v`, as text. A package's results come before
//! its name; without `-v` only failures are there to count.

use super::Run;
use super::build::{Build, is_message};
use crate::model::finding::Status;
use crate::reports::lines::{Lines, duration};
use crate::reports::{Format, Head, Kind, LIKELY, SURE, Sink, Source};

/// The text of `go test`.
pub static FORMAT: Format = Format { name: "go-test", kind: Kind::Test, recognise, read };

fn recognise(head: &Head) -> u8 {
    let mut sureness = 0;
    for line in head.lines() {
        if line.starts_with("=== RUN   ") {
            return SURE;
        }
        if package(line).is_some() {
            sureness = SURE - 10;
        } else if result(line.trim_start()).is_some() {
            sureness = sureness.max(LIKELY);
        }
    }
    sureness
}

/// A result of a package.
struct Package<'a> {
    name: &'a str,
    status: Status,
}

/// `ok  \tpath\t0.1s`, `FAIL\tpath [build failed]`, `?   \tpath\t[no test files]`
fn package(line: &str) -> Option<Package<'_>> {
    let (word, rest) = line.split_once('\t')?;
    let status = match word {
        "ok  " | "ok" => Status::Passed,
        "FAIL" => Status::Failed,
        "?   " => Status::Skipped,
        _ => return None,
    };
    let name = rest.split(['\t', ' ']).next().filter(|name| !name.is_empty())?;
    let tail = rest[name.len()..].trim_start();
    let known = tail.starts_with('[') || tail.starts_with('(') || tail.starts_with(|c: char| c.is_ascii_digit());
    known.then_some(Package { name, status })
}

/// `--- FAIL: TestA/b (0.00s)`
fn result(line: &str) -> Option<(Status, &str, Option<f64>)> {
    let rest = line.strip_prefix("--- ")?;
    let (word, rest) = rest.split_once(": ")?;
    let status = match word {
        "PASS" | "BENCH" => Status::Passed,
        "FAIL" => Status::Failed,
        "SKIP" => Status::Skipped,
        _ => return None,
    };
    let (name, time) = rest.rsplit_once(" (")?;
    let time = time.trim_end().strip_suffix(')')?;
    Some((status, name, duration(time)))
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut lines = Lines::new(source);
    let mut reader = Reader {
        run: Run::new(sink),
        build: Build::default(),
        current: String::new(),
        ended: Vec::new(),
        verdict: None,
    };
    while let Some(line) = lines.next_line() {
        reader.line(line);
    }
    let end = lines.end();
    reader.finish(end);
}

struct Reader<'s> {
    run: Run<'s>,
    build: Build,
    /// The test whose output comes.
    current: String,
    /// Tests of this package that have a result; more output of theirs may follow.
    ended: Vec<(String, Status, Option<f64>)>,
    /// `PASS` or `FAIL` alone on a line: the end of a package's tests.
    verdict: Option<Status>,
}

impl Reader<'_> {
    fn line(&mut self, line: &str) {
        let inner = line.trim_start();
        if let Some(rest) = inner.strip_prefix("=== ")
            && let Some((word, name)) = rest.split_once(' ')
        {
            let name = name.trim();
            match word {
                "RUN" => {
                    if self.verdict.is_some() {
                        self.end_package("");
                    }
                    self.run.begin("", name);
                    self.current = name.to_owned();
                }
                "CONT" | "NAME" => self.current = name.to_owned(),
                _ => {}
            }
            return;
        }
        if let Some((status, name, duration)) = result(inner) {
            if self.run.package("").tests.get(name).is_none_or(|test| test.running.is_none()) {
                self.run.begin("", name);
            }
            self.ended.push((name.to_owned(), status, duration));
            self.current = name.to_owned();
            return;
        }
        if let Some(package) = package(line) {
            let (name, status) = (package.name.to_owned(), package.status);
            self.build.flush(self.run.sink);
            self.end_named(&name, status, line);
            return;
        }
        match line {
            "PASS" => self.verdict = Some(Status::Passed),
            "FAIL" => self.verdict = Some(Status::Failed),
            _ if is_message(line) || line.starts_with("# ") || self.current.is_empty() => {
                if !self.build.line(line, self.run.sink) && !line.trim().is_empty() {
                    self.say(line);
                }
            }
            _ => self.say(line),
        }
    }

    fn say(&mut self, line: &str) {
        if self.run.packages.is_empty() && self.current.is_empty() && self.verdict.is_none() {
            // In front of everything: another program's.
            return;
        }
        let current = if self.verdict.is_some() { "" } else { self.current.as_str() };
        self.run.output("", current, line, false);
    }

    /// The results so far belong to this package.
    fn end_named(&mut self, name: &str, status: Status, line: &str) {
        if self.run.names.contains_key("") {
            let at = self.run.names.remove("").unwrap_or_default();
            // The package is known by its name from now on, or once more.
            match self.run.names.get(name).copied() {
                None => {
                    self.run.packages[at].name = name.to_owned();
                    self.run.names.insert(name.to_owned(), at);
                }
                Some(known) => {
                    let mut nameless = self.run.packages.remove(at);
                    let package = &mut self.run.packages[known];
                    package.begun = package.begun.max(nameless.begun);
                    for (test, entry) in nameless.tests.drain() {
                        let slot = package.tests.entry(test).or_default();
                        (slot.output, slot.claims, slot.running) = (entry.output, entry.claims, entry.running);
                    }
                    package.output.push(&nameless.output.text());
                    package.panicking |= nameless.panicking;
                }
            }
        }
        if status == Status::Failed {
            self.run.output(name, "", line, false);
        }
        let ended = std::mem::take(&mut self.ended);
        // A parent's result stands in front of its subtests'.
        for (test, ..) in ended.iter().filter(|(_, status, _)| *status == Status::Failed) {
            self.run.package(name).fail_parents(test);
        }
        for (test, status, duration) in ended {
            self.run.end(name, &test, status, duration);
        }
        let package = self.run.package(name);
        if status == Status::Skipped && package.runs == 0 {
            package.result = Some(Status::Skipped);
        } else {
            self.run.end_package(name, status);
        }
        self.current.clear();
        self.verdict = None;
    }

    /// The results so far belong to a test binary that was run by itself.
    fn end_package(&mut self, name: &str) {
        let status = self.verdict.unwrap_or(Status::Failed);
        self.end_named(name, status, "");
    }

    fn finish(mut self, end: u64) {
        self.build.flush(self.run.sink);
        let open = self.run.names.contains_key("") || !self.ended.is_empty();
        if open && self.verdict.is_some() {
            self.end_package("");
        } else if open {
            for (test, status, duration) in std::mem::take(&mut self.ended) {
                self.run.end("", &test, status, duration);
            }
        }
        if self.run.packages.is_empty() && self.verdict != Some(Status::Passed) {
            self.run.sink.lost("cut short: no package has a result", Some(end));
        }
        self.run.finish(end);
    }
}
