//! What lint and test found, as annotations and as counts.

use std::time::Duration;

use super::annotations::Annotation;
use super::markdown::{Inline, Page};
use crate::model::finding::{Case, Report, Totals};
use crate::reports::choose::{Choice, Chosen};

/// From which time on a test is slow, where nothing else is said.
const SLOW: Duration = Duration::from_secs(1);

/// How much of a report the summary shows, and what it compares it with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// How many failing tests, and how many findings.
    pub failures: usize,
    /// From which time on a test is slow.
    pub slow: Duration,
    /// What the report is compared with.
    pub base: Option<Base>,
}

/// The counts of the base branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// Its name.
    pub name: String,
    /// Its counts.
    pub totals: Totals,
}

impl Shown {
    /// Of the settings' values.
    pub fn plan(failures: Option<u64>, slow: Option<Duration>) -> Shown {
        Shown { failures: failures.unwrap_or(200) as usize, slow: slow.unwrap_or(SLOW), base: None }
    }
}

/// What was chosen, as annotations, the best first.
pub fn annotations(choice: &Choice) -> Vec<Annotation> {
    let of = |chosen: &Chosen| Annotation {
        file: Some(chosen.file.clone()),
        line: chosen.line,
        end_line: chosen.end_line,
        column: chosen.column,
        end_column: chosen.end_column,
        ..Annotation::new(chosen.level, &chosen.title, &chosen.message)
    };
    choice.chosen.iter().map(of).collect()
}

/// A test's name with its suite, which many writers repeat in the name.
pub fn case_name(case: &Case) -> String {
    match &case.suite {
        Some(suite) if case.name.is_empty() => suite.clone(),
        Some(suite) if !case.name.starts_with(suite.as_str()) => format!("{suite} › {}", case.name),
        _ if case.name.is_empty() => "(no name)".to_owned(),
        _ => case.name.clone(),
    }
}

/// The counts worth a line.
pub fn totals(report: &Report) -> Vec<(u64, &'static str)> {
    let totals = &report.totals;
    let mut found = Vec::new();
    if totals.tests > 0 || totals.findings == 0 && !report.files.is_empty() {
        found.extend([(totals.tests, "tests"), (totals.passed, "passed"), (totals.failed + totals.errors, "failed")]);
        found.push((totals.skipped, "skipped"));
        found.extend((totals.flaky > 0).then_some((totals.flaky, "flaky")));
    }
    if totals.findings > 0 {
        found.extend([(totals.error, "errors"), (totals.warning, "warnings"), (totals.notice, "notices")]);
        let known = report.findings.iter().filter(|finding| finding.known).count() as u64;
        found.extend((known > 0).then_some((known, "of them known")));
    }
    found
}

/// What mode `plan` would do.
pub fn steps(steps: &[String], page: &mut Page) {
    if !steps.is_empty() {
        page.heading(3, "Plan: nothing was run, and nothing was changed");
        page.list(&steps.iter().map(|step| vec![Inline::text(step.clone())]).collect::<Vec<_>>());
    }
}
