//! One `testcase`, put together from its pieces.

use super::dialect::Dialect;
use crate::model::finding::{Case, Status};
use crate::reports::clue::{Clue, Spot, Trust};
use crate::reports::excerpt::Excerpt;
use crate::reports::sink::DETAILS;
use crate::reports::xml::Element;

/// How many failures of one case are kept apart.
const FAILURES: usize = 20;

/// How much of a case's own output is kept, in bytes.
const OUTPUT: usize = 16 * 1024;

/// What a case came to.
pub enum Outcome {
    /// It passed or was skipped.
    Plain(Status),
    /// It failed, erred or was flaky.
    Kept(Box<(Case, Clue)>),
    /// It was no case, but a failure of the suite.
    Suite(String),
}

/// The case that is being read. Its memory serves all cases of the file.
#[derive(Default)]
pub struct Builder {
    /// The case's name.
    pub name: String,
    /// Its `classname`.
    pub class: String,
    /// Its `file`, as written.
    pub file: String,
    /// Its `line`, as written.
    pub line: Option<i64>,
    column: Option<u32>,
    time: String,
    status: String,
    result: String,
    for_suite: bool,
    failures: Vec<Failure>,
    skipped: bool,
    /// Runs before the last one, as Surefire lists them.
    former: u32,
    output: Excerpt,
    /// What each open element inside the case is.
    open: Vec<Part>,
    /// Where text goes, if anywhere.
    target: Target,
    unused: Vec<Excerpt>,
}

struct Failure {
    error: bool,
    /// A failure of a run that was repeated.
    former: bool,
    message: String,
    kind: String,
    file: String,
    line: Option<i64>,
    text: Excerpt,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Failure,
    Output,
    Other,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Target {
    #[default]
    Nowhere,
    Failure,
    Output,
}

impl Builder {
    /// Begins a case.
    pub fn begin(&mut self, element: &Element) {
        self.reset();
        element.each(|key, value| match key {
            "name" => self.name.push_str(&value),
            "classname" | "class" | "className" if self.class.is_empty() => self.class.push_str(&value),
            "file" | "filepath" | "filename" if self.file.is_empty() => self.file.push_str(&value),
            "line" | "lineno" | "linenumber" => self.line = value.trim().parse().ok(),
            "column" | "col" => self.column = value.trim().parse().ok(),
            "time" | "duration" => self.time.push_str(&value),
            "status" => self.status.push_str(&value),
            "result" => self.result.push_str(&value),
            _ => {}
        });
    }

    /// Begins a failure that belongs to a suite as a whole.
    pub fn begin_for_suite(&mut self, name: &str, element: &Element) {
        self.reset();
        self.for_suite = true;
        self.open(name, element);
    }

    /// An element inside the case.
    pub fn open(&mut self, name: &str, element: &Element) {
        let nested = self.open.iter().any(|part| *part != Part::Other);
        let part = match name {
            "failure" | "error" | "flakyFailure" | "flakyError" | "rerunFailure" | "rerunError" if !nested => {
                self.open_failure(name, element);
                Part::Failure
            }
            "skipped" | "skip" | "ignored" | "disabled" if !nested => {
                self.skipped = true;
                Part::Other
            }
            "system-out" | "system-err" if !nested => Part::Output,
            // Surefire puts the trace of a repeated run into an element of its own.
            "stackTrace" if nested => Part::Failure,
            _ => Part::Other,
        };
        self.open.push(part);
        self.target = match part {
            Part::Failure => Target::Failure,
            Part::Output => Target::Output,
            Part::Other => Target::Nowhere,
        };
    }

    /// The end of an element; whether it was the end of the case.
    pub fn close(&mut self, name: &str) -> bool {
        if name == "testcase" || self.open.pop().is_none() {
            return true;
        }
        self.target = match self.open.last() {
            Some(Part::Failure) => Target::Failure,
            Some(Part::Output) => Target::Output,
            _ => Target::Nowhere,
        };
        self.for_suite && self.open.is_empty()
    }

    /// Text inside the case.
    pub fn text(&mut self, text: &str) {
        match self.target {
            Target::Failure => {
                if let Some(failure) = self.failures.last_mut() {
                    failure.text.push(text);
                }
            }
            Target::Output => self.output.push(text),
            Target::Nowhere => {}
        }
    }

    /// Whether a cut case has already said that it failed.
    pub fn is_telling(&self) -> bool {
        !self.failures.is_empty()
    }

    /// How long the case took, in milliseconds.
    pub fn duration(&self) -> Option<f64> {
        seconds(&self.time).map(|time| time * 1000.0)
    }

    /// What the case belongs to.
    pub fn suite<'a>(&'a self, suite: &'a str) -> &'a str {
        if self.class.is_empty() { suite } else { &self.class }
    }

    /// What the case came to. `suite` and `suite_file` are those of the suite around it.
    pub fn finish(&mut self, dialect: Dialect, suite: &str, suite_file: &str) -> Outcome {
        if self.for_suite {
            let (message, _) = self.texts();
            let line = message.lines().next().unwrap_or_default();
            return Outcome::Suite(format!("suite `{suite}` failed as a whole: {line}"));
        }
        let status = self.status();
        if matches!(status, Status::Passed | Status::Skipped) {
            return Outcome::Plain(status);
        }
        let clue = self.clue(dialect, suite, suite_file);
        let (message, details) = self.texts();
        let attempts = (self.former > 0).then_some(self.former + 1);
        let suite = self.suite(suite).to_owned();
        let case = Case {
            name: self.name.clone(),
            suite: (!suite.is_empty()).then_some(suite),
            status,
            duration_ms: self.duration(),
            message,
            details,
            attempts,
            ..Case::default()
        };
        Outcome::Kept(Box::new((case, clue)))
    }

    fn status(&self) -> Status {
        let failed = self.failures.iter().any(|failure| !failure.former && !failure.error);
        let erred = self.failures.iter().any(|failure| !failure.former && failure.error);
        if erred {
            return Status::Error;
        }
        if self.skipped {
            // A failure besides is one that was expected: todo, xfail, `!shouldfail`.
            return Status::Skipped;
        }
        if failed {
            return Status::Failed;
        }
        if self.former > 0 {
            return Status::Flaky;
        }
        if self.status.is_empty() && self.result.is_empty() {
            return Status::Passed;
        }
        let word = self.status.trim().to_ascii_lowercase();
        let result = self.result.trim().to_ascii_lowercase();
        match (word.as_str(), result.as_str()) {
            ("notrun" | "disabled" | "skipped" | "skip" | "ignored" | "pending" | "inactive", _) => Status::Skipped,
            (_, "skipped" | "suppressed" | "disabled" | "ignored") => Status::Skipped,
            ("failed" | "fail" | "failure", _) | (_, "failed" | "fail" | "failure") => Status::Failed,
            ("error", _) | (_, "error") => Status::Error,
            _ => Status::Passed,
        }
    }

    /// The message in short, and the whole text.
    fn texts(&mut self) -> (String, Option<String>) {
        let current = self.failures.iter().any(|failure| !failure.former);
        let mut message = String::new();
        let mut details = String::new();
        for failure in self.failures.iter_mut().filter(|failure| failure.former != current) {
            let text = failure.text.text();
            let text = text.trim_matches(['\n', '\r']).trim_end();
            if message.is_empty() {
                message = failure.headline(text, &self.name);
            }
            if !failure.message.trim().is_empty() && !text.contains(failure.message.trim()) {
                separate(&mut details);
                details.push_str(failure.message.trim());
            }
            if !text.is_empty() {
                separate(&mut details);
                details.push_str(text);
            }
        }
        let bare = self.failures.iter().all(|failure| failure.text.is_blank());
        if bare && !self.output.is_blank() {
            let output = self.output.text();
            if is_hollow(&message, &self.name) {
                message = told_by(&output, &self.name);
            }
            separate(&mut details);
            details.push_str(output.trim());
        }
        let details = (!details.trim().is_empty() && details.trim() != message.trim()).then_some(details);
        (message, details)
    }

    fn clue(&mut self, dialect: Dialect, suite: &str, suite_file: &str) -> Clue {
        let mut spots = Vec::new();
        for failure in self.failures.iter().filter(|failure| failure.line.is_some_and(|line| line > 0)) {
            let path = if failure.file.is_empty() { &self.file } else { &failure.file };
            let path = if path.is_empty() { suite_file } else { path };
            let mut spot = Spot::new(path, failure.line.and_then(|line| u32::try_from(line).ok()), Trust::Exact);
            spot.columns = dialect.columns();
            spots.push(spot);
        }
        let line = self.line.map(|line| line + i64::from(dialect.counts_lines_from_zero()));
        let line = line.and_then(|line| u32::try_from(line).ok());
        if !self.file.is_empty() {
            let trust = if dialect.names_the_very_line() { Trust::Exact } else { Trust::Definition };
            let mut spot = Spot::new(self.file.as_str(), line, trust);
            spot.column = self.column.filter(|_| trust == Trust::Exact);
            spots.push(spot);
        }
        if !suite_file.is_empty() {
            spots.push(Spot::new(suite_file, None, Trust::File));
        }
        let mut classes = vec![self.class.clone(), suite.to_owned(), self.name.clone()];
        classes.retain(|class| !class.is_empty());
        classes.dedup();
        let bare = self.failures.iter().all(|failure| failure.text.is_blank());
        let text = if bare { String::new() } else { self.output.text() };
        Clue { spots, text, classes, columns: dialect.columns() }
    }

    fn open_failure(&mut self, name: &str, element: &Element) {
        let former = name.starts_with("flaky") || name.starts_with("rerun");
        if former {
            self.former += 1;
        }
        if self.failures.len() >= FAILURES {
            return;
        }
        let error = name == "error" || name.ends_with("Error");
        let mut text = self.unused.pop().unwrap_or_else(|| Excerpt::new(DETAILS));
        text.clear();
        let mut failure = Failure {
            error,
            former,
            message: String::new(),
            kind: String::new(),
            file: String::new(),
            line: None,
            text,
        };
        element.each(|key, value| match key {
            "message" => failure.message = value.into_owned(),
            "type" => failure.kind = value.into_owned(),
            "file" => failure.file = value.into_owned(),
            "line" => failure.line = value.trim().parse().ok(),
            _ => {}
        });
        self.failures.push(failure);
    }

    fn reset(&mut self) {
        for text in
            [&mut self.name, &mut self.class, &mut self.file, &mut self.time, &mut self.status, &mut self.result]
        {
            text.clear();
        }
        self.line = None;
        self.column = None;
        self.for_suite = false;
        self.unused.extend(self.failures.drain(..).map(|failure| failure.text));
        self.skipped = false;
        self.former = 0;
        if self.output.is_unset() {
            self.output = Excerpt::new(OUTPUT);
        }
        self.output.clear();
        self.open.clear();
        self.target = Target::Nowhere;
    }
}

impl Failure {
    /// What says most in short: the message without lines that only repeat the name or the
    /// place, else the first such line of the text.
    fn headline(&self, text: &str, name: &str) -> String {
        let message = self.message.trim();
        let mut rest = message;
        while let Some(line) = rest.lines().next().filter(|line| is_hollow(line, name)) {
            rest = rest[line.len()..].trim_start();
        }
        if !rest.is_empty() {
            return without_place(rest).to_owned();
        }
        let telling = text.lines().map(str::trim).find(|line| !is_hollow(line, name)).map(without_place);
        let first = || text.lines().map(str::trim).find(|line| !line.is_empty());
        let found = telling.or(Some(message)).filter(|line| !line.is_empty()).or_else(first);
        found.unwrap_or(&self.kind).to_owned()
    }
}

/// Whether a line says nothing but that it failed, who, or where.
fn is_hollow(line: &str, name: &str) -> bool {
    let line = line.trim();
    let words = [
        "failed",
        "failed:",
        "failure",
        "failure:",
        "assert",
        "error",
        "error:",
        "fail",
        "test failed",
        "unknown file",
    ];
    line.is_empty()
        || words.iter().any(|word| line.eq_ignore_ascii_case(word))
        || line == name
        || ["=== ", "--- FAIL", "--- SKIP", "(in test file ", "running 1 test"]
            .iter()
            .any(|start| line.starts_with(start))
        || line.starts_with("thread '") && line.contains(" panicked at ")
        || !name.is_empty() && line.contains("::") && line.split("::").nth(1).is_some_and(|rest| rest.starts_with(name))
        || !line.contains(char::is_whitespace) && without_place(line).is_empty()
}

/// A line without the `path:12: ` that it begins with.
fn without_place(line: &str) -> &str {
    let Some((path, rest)) = line.split_once(':') else { return line };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let is_place = path.contains('.') && !path.contains(char::is_whitespace) && digits > 0;
    let rest = rest[digits..].trim_start_matches(|c: char| c == ':' || c.is_ascii_digit());
    if is_place && (rest.is_empty() || rest.starts_with(' ')) { rest.trim_start() } else { line }
}

fn separate(text: &mut String) {
    if !text.is_empty() {
        text.push('\n');
    }
}

/// What a case's own output says of its failure: what follows a panic, else its last line.
fn told_by(output: &str, name: &str) -> String {
    let mut lines = output.lines().map(str::trim).filter(|line| !line.is_empty());
    let panicked = lines.clone().skip_while(|line| !line.contains(" panicked at ")).nth(1);
    let last = || lines.rfind(|line| !is_hollow(line, name));
    panicked.or_else(last).unwrap_or_default().to_owned()
}

/// Seconds as writers have them: `1.5`, `1,234.5`, `0,5`, `1.5s`; not a number is nothing.
fn seconds(text: &str) -> Option<f64> {
    let text = text.trim().trim_end_matches('s').trim();
    if let Ok(number) = text.parse::<f64>() {
        return (number.is_finite() && number >= 0.0).then_some(number);
    }
    let plain = match (text.rfind(','), text.rfind('.')) {
        (Some(comma), Some(point)) if comma < point => text.replace(',', ""),
        (Some(_), Some(_)) => text.replace('.', "").replace(',', "."),
        (Some(_), None) => text.replace(',', "."),
        _ => return None,
    };
    plain.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0)
}
