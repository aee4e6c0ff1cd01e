//! What lint and test found, as annotations and as sections of the summary.

use super::annotations::Annotation;
use super::markdown::{Inline, Page};
use super::summary::{FindingRow, Spot, TestRow, failing_tests, findings};
use crate::model::finding::{Case, Report};
use crate::reports::choose::{Choice, Chosen};

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

fn case_name(case: &Case) -> String {
    match &case.suite {
        Some(suite) if !case.name.starts_with(suite.as_str()) => format!("{suite} › {}", case.name),
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
    }
    found
}

/// The sections of the summary. `url` gives a file's page at the commit.
pub fn sections(report: &Report, url: &dyn Fn(&str) -> String, page: &mut Page) {
    let spot = |file: &Option<String>, line: Option<u32>, place: Option<&String>| match file {
        Some(file) => Spot { path: file.clone(), line, url: url(file) },
        None => Spot { path: place.cloned().unwrap_or_default(), line, url: String::new() },
    };
    let tests = report.cases.iter().filter(|case| case.status.is_red()).map(|case| TestRow {
        name: case_name(case),
        spot: spot(&case.file, case.line, None),
        message: case.message.lines().next().unwrap_or_default().to_owned(),
        details: case.details.clone().unwrap_or_default(),
    });
    failing_tests(&tests.collect::<Vec<_>>(), page);
    let mut rows: Vec<_> = report
        .findings
        .iter()
        .map(|finding| FindingRow {
            level: finding.level,
            spot: spot(&finding.file, finding.line, finding.place.as_ref()),
            rule: finding.rule.clone().unwrap_or_default(),
            message: finding.message.clone(),
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.level));
    findings(&rows, page);
    let troubles: Vec<_> = report
        .problems
        .iter()
        .map(|trouble| {
            let at = trouble.offset.map(|offset| format!(" (byte {offset})")).unwrap_or_default();
            vec![Inline::code(trouble.file.clone()), Inline::text(format!(" {}{at}", trouble.message))]
        })
        .collect();
    if !troubles.is_empty() {
        page.heading(3, "What could not be read");
        page.list(&troubles);
    }
}

/// What mode `plan` would do.
pub fn steps(steps: &[String], page: &mut Page) {
    if !steps.is_empty() {
        page.heading(3, "Plan: nothing was run, and nothing was changed");
        page.list(&steps.iter().map(|step| vec![Inline::text(step.clone())]).collect::<Vec<_>>());
    }
}
