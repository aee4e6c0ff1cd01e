//! What lint and test found: one report, whatever the tool and its format.
//! Its JSON form is published; see `schema/`.

use serde::{Deserialize, Serialize};

/// Everything that the report files of one job say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Of the JSON form: 1.
    pub version: u32,
    /// The files that were read, in the order in which they were read.
    pub files: Vec<ReportFile>,
    /// Counts over all files.
    pub totals: Totals,
    /// Every case that failed, erred or was flaky, in file order; with `report-all` every case.
    pub cases: Vec<Case>,
    /// Every finding of a linter, in file order.
    pub findings: Vec<Finding>,
    /// Why the run failed although no case and no finding says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub red: Vec<Red>,
    /// What could not be read.
    pub problems: Vec<Trouble>,
    /// Counts of each suite, as long as there are few enough of them.
    #[serde(skip)]
    pub suites: Vec<Suite>,
    /// The slowest cases that did not fail, slowest first.
    #[serde(skip)]
    pub slowest: Vec<Slow>,
}

/// A report file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportFile {
    /// Its path, relative to the workspace; empty for a command's output.
    pub path: String,
    /// The format's name in the table of formats.
    pub format: String,
    /// The program that wrote it, where the file shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<String>,
}

/// Counts. `tests` is the sum of the four after it; `findings` is the sum of the three levels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Totals {
    /// Test cases, reruns not counted.
    pub tests: u64,
    /// Cases that passed in the end, the flaky ones among them.
    pub passed: u64,
    /// Cases with a failed check.
    pub failed: u64,
    /// Cases that broke in another way.
    pub errors: u64,
    /// Cases that did not run, or failed as they were expected to.
    pub skipped: u64,
    /// Cases that passed after a failure of the same run.
    pub flaky: u64,
    /// Findings of linters and compilers.
    pub findings: u64,
    /// Findings at level error.
    pub error: u64,
    /// Findings at level warning.
    pub warning: u64,
    /// Findings at level notice.
    pub notice: u64,
}

/// What became of a test case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It passed, the first time.
    #[default]
    Passed,
    /// It did not run, or failed as it was expected to.
    Skipped,
    /// It passed after a failure.
    Flaky,
    /// A check of it failed.
    Failed,
    /// It broke in another way.
    Error,
}

impl Status {
    /// Whether it makes the run red.
    pub fn is_red(self) -> bool {
        matches!(self, Status::Failed | Status::Error)
    }
}

/// A test case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Case {
    /// Its name, as the report has it.
    pub name: String,
    /// The class, module, package or suite that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suite: Option<String>,
    /// What became of it.
    pub status: Status,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<f64>,
    /// The tracked file where it failed, relative to the repository's root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column in UTF-16 units, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// What failed, in short; may have several lines.
    pub message: String,
    /// The whole text of the failure, cut in the middle when it is long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    /// How often it ran, when more than once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Information, style, a convention.
    Notice,
    /// Ought to be mended.
    #[default]
    Warning,
    /// Must be mended.
    Error,
}

/// What a linter or a compiler found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Finding {
    /// How grave it is.
    pub level: Level,
    /// The tracked file, relative to the repository's root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The first line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The last line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_line: Option<u32>,
    /// The first column in UTF-16 units, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The column after the last one, as far as the tool says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_column: Option<u32>,
    /// The rule's name or number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What is wrong.
    pub message: String,
    /// The tool.
    pub source: String,
    /// Where the report says it is, when that is no tracked file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Whether the baseline has it already: then it counts for nothing.
    #[serde(skip_serializing_if = "is_false")]
    pub known: bool,
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// A reason why the run is red that is no case and no finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Red {
    /// The report file; empty for a command's output.
    pub file: String,
    /// The reason: lower case, no full stop.
    pub message: String,
}

/// What could not be read in a report file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// The report file; empty for a command's output.
    pub file: String,
    /// What is wrong there: lower case, no full stop.
    pub message: String,
    /// The byte in the file, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// Whether something is lost by it, so that the job must not be green.
    #[serde(skip)]
    pub grave: bool,
}

/// Counts of one suite.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Suite {
    /// Its name.
    pub name: String,
    /// Its counts.
    pub totals: Totals,
    /// The time of its cases together.
    pub duration_ms: f64,
}

/// A slow case.
#[derive(Clone, Debug, PartialEq)]
pub struct Slow {
    /// Its name.
    pub name: String,
    /// The suite that it belongs to.
    pub suite: Option<String>,
    /// How long it took.
    pub duration_ms: f64,
}

impl Default for Report {
    fn default() -> Self {
        Report {
            version: 1,
            files: Vec::new(),
            totals: Totals::default(),
            cases: Vec::new(),
            findings: Vec::new(),
            red: Vec::new(),
            problems: Vec::new(),
            suites: Vec::new(),
            slowest: Vec::new(),
        }
    }
}

/// A count with its noun, as `1 event` or `2 events`.
pub fn amount(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

impl Totals {
    /// Counts one case.
    pub fn count(&mut self, status: Status) {
        self.tests += 1;
        match status {
            Status::Passed => self.passed += 1,
            Status::Flaky => (self.passed, self.flaky) = (self.passed + 1, self.flaky + 1),
            Status::Skipped => self.skipped += 1,
            Status::Failed => self.failed += 1,
            Status::Error => self.errors += 1,
        }
    }

    /// Counts so many cases.
    pub fn count_many(&mut self, status: Status, count: u64) {
        let mut one = Totals::default();
        one.count(status);
        let add = |sum: &mut u64, one: u64| *sum = sum.saturating_add(one * count);
        add(&mut self.tests, one.tests);
        add(&mut self.passed, one.passed);
        add(&mut self.failed, one.failed);
        add(&mut self.errors, one.errors);
        add(&mut self.skipped, one.skipped);
        add(&mut self.flaky, one.flaky);
    }

    /// Takes back one case that was counted.
    pub fn uncount(&mut self, status: Status) {
        let mut one = Totals::default();
        one.count(status);
        self.tests = self.tests.saturating_sub(one.tests);
        self.passed = self.passed.saturating_sub(one.passed);
        self.failed = self.failed.saturating_sub(one.failed);
        self.errors = self.errors.saturating_sub(one.errors);
        self.skipped = self.skipped.saturating_sub(one.skipped);
        self.flaky = self.flaky.saturating_sub(one.flaky);
    }

    /// Counts one finding.
    pub fn find(&mut self, level: Level) {
        self.findings += 1;
        match level {
            Level::Notice => self.notice += 1,
            Level::Warning => self.warning += 1,
            Level::Error => self.error += 1,
        }
    }

    /// Takes back one finding that was counted.
    pub fn unfind(&mut self, level: Level) {
        self.findings = self.findings.saturating_sub(1);
        let count = match level {
            Level::Notice => &mut self.notice,
            Level::Warning => &mut self.warning,
            Level::Error => &mut self.error,
        };
        *count = count.saturating_sub(1);
    }

    /// Adds the counts of another report.
    pub fn add(&mut self, other: &Totals) {
        self.tests += other.tests;
        self.passed += other.passed;
        self.failed += other.failed;
        self.errors += other.errors;
        self.skipped += other.skipped;
        self.flaky += other.flaky;
        self.findings += other.findings;
        self.error += other.error;
        self.warning += other.warning;
        self.notice += other.notice;
    }
}

impl Report {
    /// Takes in another report, after what is there. Of the slowest cases `slow` are kept.
    pub fn merge(&mut self, other: Report, slow: usize) {
        self.files.extend(other.files);
        self.totals.add(&other.totals);
        self.cases.extend(other.cases);
        self.findings.extend(other.findings);
        self.red.extend(other.red);
        self.problems.extend(other.problems);
        self.suites.extend(other.suites);
        self.slowest.extend(other.slowest);
        super::order::sort(&mut self.slowest, &|one, next| next.duration_ms.total_cmp(&one.duration_ms));
        self.slowest.truncate(slow);
    }

    /// Whether anything in it makes the run red, findings aside: a case that failed, a reason of
    /// its own, a file that could not be read to the end.
    pub fn is_red(&self) -> bool {
        self.totals.failed + self.totals.errors > 0
            || !self.red.is_empty()
            || self.problems.iter().any(|trouble| trouble.grave)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_the_published_shape() {
        let mut report = Report::default();
        report.files.push(ReportFile { path: "a.xml".into(), format: "junit".into(), dialect: None });
        report.totals.count(Status::Error);
        report.totals.find(Level::Notice);
        report.cases.push(Case {
            name: "t".into(),
            status: Status::Error,
            duration_ms: Some(1.5),
            line: Some(3),
            ..Case::default()
        });
        report.findings.push(Finding { end_line: Some(2), source: "x".into(), ..Finding::default() });
        report.problems.push(Trouble { file: "a.xml".into(), message: "cut".into(), offset: Some(7), grave: true });
        let json = serde_json::to_string(&report).unwrap_or_default();
        assert_eq!(
            json,
            concat!(
                r#"{"version":1,"files":[{"path":"a.xml","format":"junit"}],"#,
                r#""totals":{"tests":1,"passed":0,"failed":0,"errors":1,"skipped":0,"flaky":0,"#,
                r#""findings":1,"error":0,"warning":0,"notice":1},"#,
                r#""cases":[{"name":"t","status":"error","durationMs":1.5,"line":3,"message":""}],"#,
                r#""findings":[{"level":"warning","endLine":2,"message":"","source":"x"}],"#,
                r#""problems":[{"file":"a.xml","message":"cut","offset":7}]}"#
            )
        );
        let mut back: Report = serde_json::from_str(&json).unwrap_or_default();
        back.problems[0].grave = true;
        assert_eq!(back, report);
    }
}
