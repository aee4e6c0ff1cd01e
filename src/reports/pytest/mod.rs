//! pytest's terminal output, quiet or not: `pytest -q` just works. The last line
//! gives the counts, the short summary the names, the sections the texts.

mod line;

use std::collections::{BTreeMap, BTreeSet};

use self::line::{Named, Totals, dots, heading, progress, section, stop, summary, totals};
use super::broken::broken;
use super::clue::{Clue, Spot, Trust};
use super::excerpt::{Excerpt, first};
use super::lines::Lines;
use super::sink::DETAILS;
use super::{Format, Head, Kind, LIKELY, SURE, Sink, Source};
use crate::model::finding::{Case, Status};

/// pytest's terminal output.
pub static FORMAT: Format = Format { name: "pytest", kind: Kind::Test, recognise, read };

fn recognise(head: &Head) -> u8 {
    let mut sureness = 0;
    for line in head.lines() {
        let title = section(line).unwrap_or_default();
        if matches!(title, "test session starts" | "short test summary info") {
            return SURE;
        }
        if totals(line).is_some() || matches!(title, "FAILURES" | "ERRORS") {
            sureness = sureness.max(SURE - 10);
        } else if dots(line).is_some_and(|_| line.ends_with("%]")) {
            sureness = sureness.max(LIKELY);
        }
    }
    sureness
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut lines = Lines::new(source);
    let mut reader = Reader::new(sink);
    while let Some(line) = lines.next_line() {
        reader.line(line);
    }
    let end = lines.end();
    reader.finish(end);
}

/// Where in the output we are.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Progress,
    Errors,
    Failures,
    Summary,
    Other,
}

/// The text of one failure.
struct Block {
    title: String,
    error: bool,
    text: Excerpt,
}

/// A failure as the summary has it.
struct Entry {
    error: bool,
    /// One of several checks of a test that goes on.
    sub: bool,
    node: String,
    message: String,
}

struct Reader<'s> {
    sink: &'s mut Sink,
    part: Part,
    blocks: Vec<Block>,
    /// `--tb=line`: all there is of a failure is a line.
    bare: Vec<String>,
    entries: Vec<Entry>,
    /// Results by name, in order: the last one counts.
    named: BTreeMap<String, String>,
    order: Vec<String>,
    reruns: BTreeSet<String>,
    dots: Option<Totals>,
    whole: bool,
    totals: Option<Totals>,
    stopped: String,
    internal: String,
    usage: String,
}

impl<'s> Reader<'s> {
    fn new(sink: &'s mut Sink) -> Self {
        Reader {
            sink,
            part: Part::Progress,
            blocks: Vec::new(),
            bare: Vec::new(),
            entries: Vec::new(),
            named: BTreeMap::new(),
            order: Vec::new(),
            reruns: BTreeSet::new(),
            dots: None,
            whole: false,
            totals: None,
            stopped: String::new(),
            internal: String::new(),
            usage: String::new(),
        }
    }

    fn line(&mut self, line: &str) {
        if let Some(totals) = totals(line) {
            self.totals = Some(totals);
            self.part = Part::Other;
            return;
        }
        if let Some(title) = section(line) {
            self.part = match title {
                "ERRORS" => Part::Errors,
                "FAILURES" => Part::Failures,
                "short test summary info" => Part::Summary,
                "test session starts" => Part::Progress,
                _ => Part::Other,
            };
            return;
        }
        if let Some(reason) = stop(line) {
            self.stopped = reason.to_owned();
            return;
        }
        if let Some(rest) = line.strip_prefix("INTERNALERROR> ") {
            if self.internal.len() < DETAILS {
                self.internal.push_str(rest);
                self.internal.push('\n');
            }
            return;
        }
        if let Some(rest) = line.strip_prefix("ERROR: ") {
            self.usage = first(rest, 500);
        }
        match self.part {
            Part::Errors | Part::Failures => self.section_line(line),
            Part::Progress | Part::Other => self.progress_line(line),
            Part::Summary => {
                if let Some(named) = summary(line) {
                    self.name(&named, true);
                }
            }
        }
    }

    fn section_line(&mut self, line: &str) {
        let error = self.part == Part::Errors;
        if let Some(title) = heading(line) {
            self.blocks.push(Block { title: title.to_owned(), error, text: Excerpt::new(DETAILS) });
        } else if let Some(block) = self.blocks.last_mut().filter(|block| block.error == error) {
            block.text.push(line);
            block.text.push("\n");
        } else if !line.trim().is_empty() && self.bare.len() < 10_000 {
            self.bare.push(first(line, 2000));
        }
    }

    fn progress_line(&mut self, line: &str) {
        if let Some(named) = progress(line) {
            self.name(&named, false);
        } else if self.part == Part::Progress
            && let Some((dots, whole)) = dots(line)
        {
            self.whole |= whole;
            let totals = self.dots.get_or_insert_default();
            for dot in dots.chars() {
                match dot {
                    '.' | 'X' => totals.passed += 1,
                    'F' | 'u' => totals.failed += 1,
                    'E' => totals.errors += 1,
                    's' | 'x' => totals.skipped += 1,
                    _ => {}
                }
            }
        }
    }

    fn name(&mut self, named: &Named, in_summary: bool) {
        let sub = named.word.starts_with("SUBFAIL");
        match named.word {
            "RERUN" => {
                self.reruns.insert(named.node.to_owned());
            }
            "FAILED" | "ERROR" | "SUBFAIL" | "SUBFAILED" if in_summary => self.entries.push(Entry {
                error: named.word == "ERROR",
                sub,
                node: named.node.to_owned(),
                message: named.message.to_owned(),
            }),
            _ if sub => {}
            word => {
                if self.named.insert(named.node.to_owned(), word.to_owned()).is_none() {
                    self.order.push(named.node.to_owned());
                }
            }
        }
    }

    fn finish(mut self, end: u64) {
        self.complete();
        let quiet = self.dots.filter(|_| self.whole || self.totals.is_some());
        let cut = self.totals.is_none() && quiet.is_none();
        let mut totals = self.totals.or(quiet).unwrap_or_default();
        // An error in the end of a test, and a check that failed in one, are about a test that is
        // counted besides.
        let failed: BTreeSet<String> =
            self.entries.iter().filter(|entry| !entry.error && !entry.sub).map(|entry| entry.node.clone()).collect();
        let mut again: BTreeSet<&String> = BTreeSet::new();
        let ends: Vec<String> =
            self.blocks.iter().filter(|block| block.error).map(|block| block.title.clone()).collect();
        let late = |node: &str| {
            let title = format!("ERROR at teardown of {}", title_of(node));
            let passed = self.named.get(node).is_some_and(|word| word == "PASSED");
            passed || ends.iter().any(|block| plain(block) == plain(&title))
        };
        let mut both = 0;
        for entry in &self.entries {
            if (entry.sub || entry.error && late(&entry.node)) && again.insert(&entry.node) {
                if failed.contains(&entry.node) {
                    both += u64::from(entry.error);
                } else {
                    totals.passed = totals.passed.saturating_sub(1);
                }
            }
        }
        let skip: BTreeSet<String> = if both > 0 {
            self.entries
                .iter()
                .filter(|entry| entry.error && late(&entry.node))
                .map(|entry| entry.node.clone())
                .collect()
        } else {
            BTreeSet::new()
        };
        let entries = std::mem::take(&mut self.entries);
        for entry in entries {
            let (failed, errors) = (totals.failed, totals.errors);
            totals.failed = failed.saturating_sub(u64::from(!entry.error));
            totals.errors = errors.saturating_sub(u64::from(entry.error));
            if !entry.error && skip.contains(&entry.node) {
                // It failed and broke: one case, an error.
                continue;
            }
            self.hand_over(entry);
        }
        // What is counted and not named.
        for (count, status) in [(totals.failed, Status::Failed), (totals.errors, Status::Error)] {
            for _ in 0..count.min(100_000) {
                let message = "pytest counts it and does not name it".to_owned();
                self.sink.case(Case { name: "a test".to_owned(), status, message, ..Case::default() }, Clue::default());
            }
        }
        self.tally(totals);
        self.tell(cut, end);
    }

    /// Without a short summary, the sections name what failed.
    fn complete(&mut self) {
        if !self.entries.is_empty() {
            return;
        }
        for block in &self.blocks {
            let title = ["ERROR collecting ", "ERROR at setup of ", "ERROR at teardown of "];
            let node = title.iter().find_map(|start| block.title.strip_prefix(start)).unwrap_or(&block.title);
            let known = self.order.iter().find(|name| plain(title_of(name)) == plain(node));
            let node = known.cloned().unwrap_or_else(|| node.to_owned());
            self.entries.push(Entry { error: block.error, sub: false, node, message: String::new() });
        }
    }

    /// Counts what passed and what was skipped, by name as far as names are known.
    fn tally(&mut self, mut totals: Totals) {
        for node in std::mem::take(&mut self.order) {
            let flaky = self.reruns.contains(&node);
            let (left, status) = match self.named[&node].as_str() {
                "PASSED" | "XPASS" if flaky => (&mut totals.passed, Status::Flaky),
                "PASSED" | "XPASS" => (&mut totals.passed, Status::Passed),
                "SKIPPED" | "XFAIL" => (&mut totals.skipped, Status::Skipped),
                _ => continue,
            };
            if *left == 0 {
                continue;
            }
            *left -= 1;
            let (path, name) = split(&node);
            if status == Status::Flaky {
                let case = Case {
                    name: name.to_owned(),
                    suite: Some(path.to_owned()),
                    status,
                    message: "it passed when it was run again".to_owned(),
                    ..Case::default()
                };
                self.sink.case(case, Clue::at(Spot::new(path, None, Trust::File)));
            } else {
                self.sink.tally(status, path, name, None);
            }
        }
        for (count, status) in [(totals.passed, Status::Passed), (totals.skipped, Status::Skipped)] {
            (0..count.min(10_000_000)).for_each(|_| {
                self.sink.tally(status, "", "", None);
            });
        }
    }

    /// Says what no case shows.
    fn tell(self, cut: bool, end: u64) {
        let tests = self.sink.totals().tests;
        let failed = self.sink.totals().failed + self.sink.totals().errors;
        if !self.internal.is_empty() {
            let last = self.internal.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
            broken(
                self.sink,
                "pytest",
                &format!("pytest itself broke: {}", last.trim()),
                &self.internal,
                Clue::default(),
            );
        }
        if !self.usage.is_empty() && tests == 0 {
            self.sink.red(self.usage);
        } else if self.stopped.contains("KeyboardInterrupt") || !self.stopped.is_empty() && failed == 0 {
            self.sink.red(format!("the run was stopped: {}", self.stopped));
        } else if tests == 0 && self.totals.is_some() {
            self.sink.red("no tests ran");
        }
        if cut {
            self.sink.lost("cut short: the run has no last line with its counts", Some(end));
        }
    }

    fn hand_over(&mut self, entry: Entry) {
        let wanted = plain(title_of(&entry.node));
        let at = self.blocks.iter().position(|block| {
            let title = ["ERROR collecting ", "ERROR at setup of ", "ERROR at teardown of "]
                .iter()
                .find_map(|start| block.title.strip_prefix(start))
                .unwrap_or(&block.title);
            let title = plain(title);
            block.error == entry.error
                && (title == wanted
                    || entry.sub && title.starts_with(&wanted)
                    || block.title.starts_with("ERROR collecting ") && title == plain(&entry.node))
        });
        let mut details = match at {
            Some(at) => self.blocks.remove(at).text.text().trim_matches('\n').trim_end().to_owned(),
            None => self.bare_line(&entry.message),
        };
        let mut message = message_of(&details);
        // `--tb=line` has the place in front.
        if let Some((path, rest)) = message.split_once(".py:")
            && let Some((line, said)) = rest.split_once(": ")
            && line.parse::<u32>().is_ok()
            && !path.contains(' ')
        {
            message = said.to_owned();
        }
        if message.is_empty() {
            message = entry.message;
        }
        if details.is_empty() {
            details = message.clone();
        }
        let (path, name) = split(&entry.node);
        let case = Case {
            name: name.to_owned(),
            suite: (name != path).then(|| path.to_owned()),
            status: if entry.error { Status::Error } else { Status::Failed },
            message,
            details: (!details.is_empty()).then_some(details),
            ..Case::default()
        };
        let spots = if path.contains(".py") { vec![Spot::new(path, None, Trust::File)] } else { Vec::new() };
        self.sink.case(case, Clue { spots, ..Clue::default() });
    }

    /// With `--tb=line`: the line that says the same as the summary, which may be cut.
    fn bare_line(&mut self, message: &str) -> String {
        let start = message.trim_end_matches("...");
        let at = self.bare.iter().position(|line| {
            line.split_once(".py:")
                .and_then(|(_, rest)| rest.split_once(": "))
                .is_some_and(|(_, said)| said.starts_with(start))
        });
        at.filter(|_| !start.is_empty()).map(|at| self.bare.remove(at)).unwrap_or_default()
    }
}

/// The file and the test in it.
fn split(node: &str) -> (&str, &str) {
    node.split_once("::").unwrap_or((node, node))
}

/// What the heading of a test's section says.
fn title_of(node: &str) -> &str {
    split(node).1
}

/// Names compare without regard to how their parts are joined.
fn plain(name: &str) -> String {
    name.replace("::", ".")
}

/// What failed, from the lines that begin with `E`: of several exceptions the last one, which is
/// what the test ended with.
fn message_of(text: &str) -> String {
    let mut groups: Vec<Vec<&str>> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let Some(rest) = line.strip_prefix('E').filter(|rest| rest.is_empty() || rest.starts_with("  ")) else {
            open = false;
            continue;
        };
        if !open {
            groups.push(Vec::new());
        }
        open = true;
        if let Some(group) = groups.last_mut() {
            group.push(rest);
        }
    }
    let Some(group) = groups.last() else {
        // `--tb=native` ends with the exception; what is expected to fail has a line alone.
        let lines: Vec<&str> = text.lines().take_while(|line| !line.starts_with("----")).collect();
        let start = lines.iter().rposition(|line| line.starts_with("  ")).map_or(0, |at| at + 1);
        return first(lines[start..].join("\n").trim(), 1000);
    };
    let margin = |line: &&&str| !line.trim().is_empty();
    let indent = group.iter().filter(margin).map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let lines: Vec<&str> = group.iter().map(|line| line.get(indent..).unwrap_or_default().trim_end()).collect();
    first(lines.join("\n").trim(), 2000)
}

#[cfg(test)]
mod tests;
