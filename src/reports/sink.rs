//! What a format's reader hands over, counted and capped as it comes.

use super::Options;
use super::clue::Clue;
use super::excerpt::{first, shorten};
use super::hash::QuickMap;
use crate::model::finding::{Case, Finding, Level, Red, Slow, Status, Suite, Totals, Trouble};

/// The longest name that is kept, in bytes.
const NAME: usize = 2 * 1024;

/// The longest message that is kept, in bytes.
const MESSAGE: usize = 8 * 1024;

/// The longest text of one failure that is kept, in bytes.
pub const DETAILS: usize = 32 * 1024;

/// All texts of failures together, in bytes; after that only their starts are kept.
const ALL_DETAILS: usize = 12 * 1024 * 1024;

/// How many suites are counted one by one.
const SUITES: usize = 2_000;

/// How many reasons and problems of one file are kept.
const PROBLEMS: usize = 100;

/// How many failures without names are listed.
const NAMELESS: u64 = 20;

/// How many cases a run may claim without listing them.
const MOST: u64 = 1 << 32;

/// One report file as read, its places not yet looked up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileReport {
    /// The file's path as given; empty for a command's output.
    pub path: String,
    /// The format's name; empty when no format knew it.
    pub format: String,
    /// The program that wrote it, where the file shows it.
    pub dialect: Option<String>,
    /// Counts, complete even when not every case or finding is kept.
    pub totals: Totals,
    /// The cases that are kept, in file order, with what may tell their places.
    pub cases: Vec<(Case, Clue)>,
    /// The findings that are kept, in file order, with what may tell their places.
    pub findings: Vec<(Finding, Clue)>,
    /// Why the run is red besides.
    pub red: Vec<Red>,
    /// What could not be read.
    pub problems: Vec<Trouble>,
    /// Counts of each suite, in file order.
    pub suites: Vec<Suite>,
    /// The slowest cases, slowest first.
    pub slowest: Vec<Slow>,
}

impl FileReport {
    /// Whether any place is to be looked up.
    pub fn has_places(&self) -> bool {
        !self.cases.is_empty() || !self.findings.is_empty()
    }
}

/// Takes what a reader finds. Everything is counted; what is kept is capped.
pub struct Sink {
    report: FileReport,
    options: Options,
    details: usize,
    suites: QuickMap<String, usize>,
    /// The suite of the case before: most cases follow one of their own suite.
    suite: Option<usize>,
    /// Kept cases that turned out to be former runs of others.
    dropped: Vec<u32>,
}

/// A counted case, in case that it turns out to be one run of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    status: Status,
    suite: u32,
    kept: u32,
}

impl Ticket {
    /// What became of the case in that run.
    pub fn status(self) -> Status {
        self.status
    }
}

/// No suite, not kept.
const NONE: u32 = u32::MAX;

impl Sink {
    /// An empty one for the file at `path`.
    pub fn new(path: &str, options: &Options) -> Self {
        Sink {
            report: FileReport { path: path.to_owned(), ..FileReport::default() },
            options: options.clone(),
            details: ALL_DETAILS,
            suites: QuickMap::default(),
            suite: None,
            dropped: Vec::new(),
        }
    }

    /// What the caller wants.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Names the program that wrote the report.
    pub fn dialect(&mut self, name: &str) {
        self.report.dialect = Some(name.to_owned());
    }

    /// The counts so far.
    pub fn totals(&self) -> &Totals {
        &self.report.totals
    }

    /// A case of which nothing needs to be kept but the counts: it passed or was skipped.
    /// `suite` may be empty; a duration is in milliseconds.
    pub fn tally(&mut self, status: Status, suite: &str, name: &str, duration_ms: Option<f64>) -> Ticket {
        if self.options.keep_all {
            let suite = (!suite.is_empty()).then(|| suite.to_owned());
            let case = Case { name: name.to_owned(), suite, status, duration_ms, ..Case::default() };
            return self.case(case, Clue::default());
        }
        let suite = self.count(status, suite, name, duration_ms);
        Ticket { status, suite, kept: NONE }
    }

    /// So many cases of which only the number is known. Of those that failed some are kept, so that
    /// they are listed at all. A number that no run can have is not taken at its word.
    pub fn tally_nameless(&mut self, status: Status, suite: &str, count: u64) {
        let listed = if status.is_red() { count.min(NAMELESS) } else { 0 };
        for _ in 0..listed {
            let case = Case {
                name: "a test".to_owned(),
                suite: (!suite.is_empty()).then(|| suite.to_owned()),
                status,
                message: "the run counts it and does not name it".to_owned(),
                ..Case::default()
            };
            self.case(case, Clue::default());
        }
        let rest = count.min(MOST) - listed;
        self.report.totals.count_many(status, rest);
        let at = if suite.is_empty() { None } else { self.suite_at(suite) };
        if let Some(entry) = at.and_then(|at| self.report.suites.get_mut(at)) {
            entry.totals.count_many(status, rest);
        }
    }

    /// A case that failed, erred or was flaky; also any other case, of which then only the counts
    /// are kept unless all are wanted.
    pub fn case(&mut self, mut case: Case, clue: Clue) -> Ticket {
        let status = case.status;
        let suite = self.count(status, case.suite.as_deref().unwrap_or_default(), &case.name, case.duration_ms);
        let worth = self.options.keep_all || matches!(status, Status::Failed | Status::Error | Status::Flaky);
        if !worth || self.report.cases.len() >= self.options.max_kept {
            return Ticket { status, suite, kept: NONE };
        }
        case.name = shorten(case.name, NAME);
        case.duration_ms = case.duration_ms.filter(|time| time.is_finite() && *time >= 0.0);
        case.suite = case.suite.map(|suite| shorten(suite, NAME));
        case.message = shorten(case.message, MESSAGE);
        let limit = if self.details > 0 { DETAILS } else { 1024 };
        case.details = case.details.map(|details| shorten(details, limit));
        self.details = self.details.saturating_sub(case.details.as_ref().map_or(0, String::len) + clue.text.len());
        self.report.cases.push((case, clue));
        Ticket { status, suite, kept: self.report.cases.len() as u32 - 1 }
    }

    /// Several runs of one case, in order, become one: the last that is red or was kept stands
    /// for all of them, with what became of it in the end. `name` is the case's, in case that
    /// none was kept.
    pub fn merge(&mut self, runs: &[Ticket], status: Status, name: &str, suite: &str) {
        let Some(last) = runs.last() else { return };
        for run in runs {
            self.report.totals.uncount(run.status);
            if let Some(entry) = self.report.suites.get_mut(run.suite as usize) {
                entry.totals.uncount(run.status);
            }
        }
        self.report.totals.count(status);
        if let Some(entry) = self.report.suites.get_mut(last.suite as usize) {
            entry.totals.count(status);
        }
        let red = runs.iter().rev().find(|run| run.kept != NONE && run.status.is_red());
        let stands = red.or(runs.iter().rev().find(|run| run.kept != NONE)).map(|run| run.kept);
        self.dropped.extend(runs.iter().map(|run| run.kept).filter(|kept| *kept != NONE && Some(*kept) != stands));
        let attempts = Some(runs.len() as u32);
        if let Some((case, _)) = stands.and_then(|at| self.report.cases.get_mut(at as usize)) {
            (case.status, case.attempts) = (status, attempts);
        } else if status == Status::Flaky || self.options.keep_all {
            let suite = (!suite.is_empty()).then(|| first(suite, NAME));
            let case = Case { name: first(name, NAME), suite, status, attempts, ..Case::default() };
            self.report.cases.push((case, Clue::default()));
        }
    }

    /// A finding of a linter or a compiler.
    pub fn finding(&mut self, mut finding: Finding, clue: Clue) {
        self.report.totals.find(finding.level);
        if self.report.findings.len() >= self.options.max_kept {
            return;
        }
        finding.message = shorten(finding.message, MESSAGE);
        finding.rule = finding.rule.filter(|rule| !rule.is_empty()).map(|rule| shorten(rule, NAME));
        self.report.findings.push((finding, clue));
    }

    /// A reason why the run is red that is no case and no finding.
    pub fn red(&mut self, message: impl Into<String>) {
        if self.report.red.len() < PROBLEMS {
            let message = first(&message.into(), MESSAGE);
            self.report.red.push(Red { file: self.report.path.clone(), message });
        }
    }

    /// Whether a reason of its own, or a loss, makes the run red so far.
    pub fn is_red(&self) -> bool {
        !self.report.red.is_empty() || self.report.problems.iter().any(|trouble| trouble.grave)
    }

    /// Something that is lost: the job must not be green. The offset is in bytes of the file.
    pub fn lost(&mut self, message: impl Into<String>, offset: Option<u64>) {
        self.trouble(message.into(), offset, true);
    }

    /// Something odd that loses nothing of importance.
    pub fn odd(&mut self, message: impl Into<String>, offset: Option<u64>) {
        self.trouble(message.into(), offset, false);
    }

    /// Everything that was handed over.
    pub fn finish(mut self) -> FileReport {
        if !self.dropped.is_empty() {
            self.dropped.sort_unstable();
            let mut at = 0;
            self.report.cases.retain(|_| {
                at += 1;
                self.dropped.binary_search(&(at - 1)).is_err()
            });
        }
        let kept = self.report.cases.len() as u64;
        let red = self.report.totals.failed + self.report.totals.errors;
        if kept >= self.options.max_kept as u64 && red > kept {
            self.odd(format!("only the first {kept} failed cases are listed"), None);
        }
        let kept = self.report.findings.len() as u64;
        if self.report.totals.findings > kept {
            self.odd(format!("only the first {kept} findings are listed"), None);
        }
        self.report
    }

    fn trouble(&mut self, message: String, offset: Option<u64>, grave: bool) {
        if self.report.problems.len() < PROBLEMS {
            let message = first(&message, MESSAGE);
            self.report.problems.push(Trouble { file: self.report.path.clone(), message, offset, grave });
        }
    }

    fn count(&mut self, status: Status, suite: &str, name: &str, duration_ms: Option<f64>) -> u32 {
        self.report.totals.count(status);
        let duration_ms = duration_ms.filter(|time| time.is_finite() && *time >= 0.0);
        let at = if suite.is_empty() { None } else { self.suite_at(suite) };
        if let Some(entry) = at.and_then(|at| self.report.suites.get_mut(at)) {
            entry.totals.count(status);
            entry.duration_ms += duration_ms.unwrap_or_default();
        }
        if let Some(time) = duration_ms.filter(|time| *time > 0.0) {
            self.slow(suite, name, time);
        }
        at.map_or(NONE, |at| at as u32)
    }

    fn suite_at(&mut self, name: &str) -> Option<usize> {
        let known = self.suite.filter(|at| self.report.suites[*at].name == name);
        let at = known.or_else(|| self.suites.get(name).copied());
        self.suite = at;
        if at.is_none() && self.report.suites.len() < SUITES {
            self.suites.insert(name.to_owned(), self.report.suites.len());
            self.suite = Some(self.report.suites.len());
            self.report.suites.push(Suite { name: first(name, NAME), ..Suite::default() });
        }
        self.suite
    }

    fn slow(&mut self, suite: &str, name: &str, duration_ms: f64) {
        let slowest = &mut self.report.slowest;
        if slowest.len() >= self.options.slowest && slowest.last().is_none_or(|last| last.duration_ms >= duration_ms) {
            return;
        }
        let at = slowest.partition_point(|other| other.duration_ms >= duration_ms);
        let suite = (!suite.is_empty()).then(|| first(suite, NAME));
        slowest.insert(at, Slow { name: first(name, NAME), suite, duration_ms });
        slowest.truncate(self.options.slowest);
    }
}

/// The level that a tool's word stands for; `None` for a word that nobody uses so.
pub fn level(word: &str) -> Option<Level> {
    match word.trim().to_ascii_lowercase().as_str() {
        "error" | "fatal" | "fatal error" | "critical" | "blocker" | "err" | "crash" => Some(Level::Error),
        "warning" | "warn" | "major" | "moderate" | "medium" | "minor" => Some(Level::Warning),
        "note" | "notice" | "info" | "information" | "informational" | "style" | "convention" | "refactor" | "help"
        | "hint" | "suggestion" | "low" | "message" | "performance" | "portability" | "none" => Some(Level::Notice),
        "high" => Some(Level::Error),
        _ => None,
    }
}
