//! The middle of the summary of lint and test: what failed, grouped by what it
//! says, and what is worth a look besides. Everything is bounded, and what is
//! left out is counted.

use std::collections::HashMap;
use std::time::Duration;

use super::findings::{Base, Shown, case_name};
use super::markdown::{Inline, Page};
use super::summary::{duration_text, mark};
use crate::model::finding::{Case, Finding, Report, ReportFile, Status, Suite, Totals, Trouble, amount};
use crate::model::order;
use crate::reports::choose::shape;
use crate::reports::excerpt::shorten;

/// A page with less room than this gets the most important only, as a section of the comment.
const SMALL: usize = 64_000;
/// How many tests of one message are named.
const NAMED: usize = 10;
/// How many of the failures' whole texts are shown, and how much of each, in bytes.
const DETAILS: (usize, usize) = (50, 8 * 1024);
/// How many rows the lesser tables have: flaky tests, suites, files.
const ROWS: usize = 50;
/// How many rows every table has in the comment.
const FEW: usize = 20;

/// The sections of a report. `url` gives a file's page at the commit.
pub fn sections(report: &Report, shown: &Shown, url: &dyn Fn(&str) -> String, page: &mut Page) {
    let small = page.room() < SMALL;
    let most = if small { shown.failures.min(FEW) } else { shown.failures };
    against(report, shown, page);
    if !has_anything(report) {
        return;
    }
    // Whatever failed leaves room for the rest.
    let share = page.room() / 2;
    page.part(share, &mut |page| failures(report, most, small, url, page));
    let share = page.room() / 4 * 3;
    page.part(share, &mut |page| findings(report, most, url, page));
    unread(report, if small { FEW } else { ROWS }, page);
    flaky(report, if small { FEW } else { ROWS }, url, page);
    if !small {
        slowest(report, shown.slow, page);
        suites(report, page);
        files(report, page);
    }
}

/// Whether a file was read, or could not be.
fn has_anything(report: &Report) -> bool {
    let Report { files, cases, findings, red, problems, suites, slowest, .. } = report;
    let lists = [files.len(), cases.len(), findings.len(), red.len(), problems.len(), suites.len(), slowest.len()];
    report.totals != Totals::default() || lists.iter().any(|&length| length > 0)
}

/// The counts as they differ from those of the base branch.
fn against(report: &Report, shown: &Shown, page: &mut Page) {
    if let Some(base) = &shown.base {
        differences(report, base, page);
    }
}

#[inline(never)]
fn differences(report: &Report, base: &Base, page: &mut Page) {
    let (now, then) = (&report.totals, &base.totals);
    let red = |totals: &Totals| totals.failed + totals.errors;
    let counts = [
        (now.tests, then.tests, "tests"),
        (red(now), red(then), "failed"),
        (now.skipped, then.skipped, "skipped"),
        (now.flaky, then.flaky, "flaky"),
        (now.error, then.error, "errors"),
        (now.warning, then.warning, "warnings"),
        (now.notice, then.notice, "notices"),
    ];
    let mut line = vec![Inline::text("Against "), Inline::code(base.name.clone()), Inline::text(": ")];
    for (now, then, what) in counts.into_iter().filter(|(now, then, _)| now != then) {
        if line.len() > 3 {
            line.push(Inline::text(" · "));
        }
        let sign = if now > then { "+" } else { "−" };
        line.push(Inline::bold(format!("{sign}{}", now.abs_diff(then))));
        line.push(Inline::text(format!(" {what}")));
    }
    if line.len() == 3 {
        line.push(Inline::text("the same counts"));
    }
    page.paragraph(&[Inline::All(line)]);
}

/// Tests that failed, those of one message together, the largest group first.
fn failures(report: &Report, most: usize, small: bool, url: &dyn Fn(&str) -> String, page: &mut Page) {
    let red: Vec<&Case> = report.cases.iter().filter(|case| case.status.is_red()).collect();
    let total = (report.totals.failed + report.totals.errors).max(red.len() as u64);
    if total == 0 {
        return;
    }
    page.heading(3, "Failing tests");
    let shown = &red[..red.len().min(most)];
    let groups = grouped(shown);
    for group in groups.iter().filter(|group| group.len() > 1) {
        let first = group[0];
        page.paragraph(&[Inline::All(vec![
            Inline::bold(amount(group.len() as u64, "test")),
            Inline::text(format!(": {}", first_line(&first.message))),
        ])]);
        let mut points: Vec<_> = group.iter().take(NAMED).map(|case| named(case, url)).collect();
        if group.len() > NAMED {
            points.push(vec![Inline::text(format!("and {} more", group.len() - NAMED))]);
        }
        page.list(&points);
    }
    let row = |group: &Vec<&Case>| {
        let case = group[0];
        let place = place(case.file.as_deref(), case.line, url);
        vec![Inline::code(case_name(case)), place, Inline::text(first_line(&case.message))]
    };
    let rows: Vec<_> = groups.iter().filter(|group| group.len() == 1).map(row).collect();
    page.table(&["Test", "Place", "Message"], &rows, "failing tests");
    more(total - shown.len() as u64, "failing test", page);
    if small {
        return;
    }
    for group in groups.iter().take(DETAILS.0) {
        let case = group[0];
        let details = case.details.as_deref().unwrap_or_default();
        if !details.trim().is_empty() && details.trim() != case.message.trim() {
            page.details(&case_name(case), |page| page.block(&shorten(details.to_owned(), DETAILS.1)));
        }
    }
}

/// The cases by their message, without what differs from run to run.
fn grouped<'a>(cases: &[&'a Case]) -> Vec<Vec<&'a Case>> {
    let mut groups: Vec<Vec<&Case>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for case in cases {
        let wording = shape(&case.message, true);
        match known.get(&wording).and_then(|at| groups.get_mut(*at)) {
            Some(group) if !wording.is_empty() => group.push(case),
            _ => {
                known.insert(wording, groups.len());
                groups.push(vec![case]);
            }
        }
    }
    order::sort(&mut groups, &|one, other| other.len().cmp(&one.len()));
    groups
}

/// What linters found, the gravest first, but for what the baseline knows.
fn findings(report: &Report, most: usize, url: &dyn Fn(&str) -> String, page: &mut Page) {
    let known = report.findings.iter().filter(|finding| finding.known).count() as u64;
    let total = report.totals.findings.saturating_sub(known);
    if report.totals.findings == 0 {
        return;
    }
    page.heading(3, if known > 0 { "New findings" } else { "Findings" });
    let mut new: Vec<&Finding> = report.findings.iter().filter(|finding| !finding.known).collect();
    order::sort(&mut new, &|one, other| other.level.cmp(&one.level));
    new.truncate(most);
    let row = |finding: &&Finding| {
        let place = match (&finding.file, &finding.place) {
            (None, Some(named)) => Inline::code(named.clone()),
            (file, _) => place(file.as_deref(), finding.line, url),
        };
        let rule = Inline::code(finding.rule.clone().unwrap_or_default());
        vec![Inline::text(mark(finding.level)), place, rule, Inline::text(finding.message.clone())]
    };
    let rows: Vec<_> = new.iter().map(row).collect();
    page.table(&["Level", "Place", "Rule", "Message"], &rows, "findings");
    more(total.saturating_sub(new.len() as u64), "finding", page);
    if known > 0 {
        let findings = amount(known, "finding");
        page.paragraph(&[Inline::text(format!("Not counted: {findings} of the baseline."))]);
    }
}

fn unread(report: &Report, most: usize, page: &mut Page) {
    if report.problems.is_empty() {
        return;
    }
    page.heading(3, "What could not be read");
    let point = |trouble: &Trouble| {
        let at = trouble.offset.map(|offset| format!(" (byte {offset})")).unwrap_or_default();
        vec![Inline::All(vec![file_name(&trouble.file), Inline::text(format!(": {}{at}", trouble.message))])]
    };
    page.list(&report.problems.iter().take(most).map(point).collect::<Vec<_>>());
    more(report.problems.len().saturating_sub(most) as u64, "problem", page);
}

fn flaky(report: &Report, most: usize, url: &dyn Fn(&str) -> String, page: &mut Page) {
    if report.totals.flaky == 0 {
        return;
    }
    page.heading(3, "Flaky tests");
    let row = |case: &Case| {
        let attempts = case.attempts.map(|attempts| attempts.to_string()).unwrap_or_default();
        let place = place(case.file.as_deref(), case.line, url);
        let message = Inline::text(first_line(&case.message));
        vec![Inline::code(case_name(case)), Inline::text(attempts), place, message]
    };
    let flaky = report.cases.iter().filter(|case| case.status == Status::Flaky);
    let rows: Vec<_> = flaky.take(most).map(row).collect();
    page.table(&["Test", "Attempts", "Place", "Before it passed"], &rows, "flaky tests");
    more(report.totals.flaky.saturating_sub(rows.len() as u64), "flaky test", page);
}

fn slowest(report: &Report, slow: Duration, page: &mut Page) {
    let slow = slow.as_secs_f64() * 1000.0;
    let rows: Vec<_> = report
        .slowest
        .iter()
        .filter(|one| one.duration_ms >= slow)
        .map(|one| {
            let case = Case { name: one.name.clone(), suite: one.suite.clone(), ..Case::default() };
            vec![Inline::code(case_name(&case)), Inline::text(time(one.duration_ms))]
        })
        .collect();
    if !rows.is_empty() {
        page.details("Slowest tests", |page| page.table(&["Test", "Time"], &rows, "tests"));
    }
}

/// The suites one by one, where there are several: the red ones first, then the slowest.
fn suites(report: &Report, page: &mut Page) {
    if report.suites.len() < 2 {
        return;
    }
    let mut suites: Vec<&Suite> = report.suites.iter().collect();
    order::sort(&mut suites, &|one, next| {
        let red = |suite: &Suite| suite.totals.failed + suite.totals.errors;
        red(next).cmp(&red(one)).then(next.duration_ms.total_cmp(&one.duration_ms))
    });
    let listed: u64 = suites.iter().map(|suite| suite.totals.tests).sum();
    let row = |suite: &&Suite| {
        let Totals { tests, passed, failed, errors, skipped, .. } = suite.totals;
        let count = |count: u64| Inline::text(if count == 0 { String::new() } else { count.to_string() });
        let counts = [tests, passed, failed + errors, skipped].map(count);
        let mut row = vec![Inline::code(suite.name.clone())];
        row.extend(counts);
        row.push(Inline::text(time(suite.duration_ms)));
        row
    };
    let rows: Vec<_> = suites.iter().take(ROWS).map(row).collect();
    page.details(&amount(suites.len() as u64, "suite"), |page| {
        page.table(&["Suite", "Tests", "Passed", "Failed", "Skipped", "Time"], &rows, "suites");
        more(suites.len().saturating_sub(ROWS) as u64, "suite", page);
        let others = report.totals.tests.saturating_sub(listed);
        if others > 0 {
            let tests = amount(others, "test");
            page.paragraph(&[Inline::text(format!("{tests} of no suite, or of one too many, are not in this table."))]);
        }
    });
}

fn files(report: &Report, page: &mut Page) {
    if report.files.is_empty() {
        return;
    }
    page.details(&amount(report.files.len() as u64, "report"), |page| {
        let point = |file: &ReportFile| {
            let dialect = file.dialect.as_ref().map(|dialect| format!(" of {dialect}")).unwrap_or_default();
            vec![Inline::All(vec![file_name(&file.path), Inline::text(format!(": {}{dialect}", file.format))])]
        };
        page.list(&report.files.iter().take(ROWS).map(point).collect::<Vec<_>>());
        more(report.files.len().saturating_sub(ROWS) as u64, "report", page);
    });
}

fn file_name(path: &str) -> Inline {
    match path {
        "" => Inline::text("the command's output"),
        path => Inline::code(path),
    }
}

/// Says how many more there are than are shown.
fn more(left: u64, what: &str, page: &mut Page) {
    if left > 0 {
        page.paragraph(&[Inline::text(format!(
            "… and {} that {} not listed here.",
            amount(left, &format!("more {what}")),
            if left == 1 { "is" } else { "are" }
        ))]);
    }
}

fn named(case: &Case, url: &dyn Fn(&str) -> String) -> Vec<Inline> {
    let mut parts = vec![Inline::code(case_name(case))];
    if case.file.is_some() {
        parts.extend([Inline::text(" "), place(case.file.as_deref(), case.line, url)]);
    }
    vec![Inline::All(parts)]
}

/// A place of the repository, linked where the page is known.
fn place(file: Option<&str>, line: Option<u32>, url: &dyn Fn(&str) -> String) -> Inline {
    let Some(file) = file else { return Inline::text("–") };
    let page = url(file);
    match line {
        Some(line) if !page.is_empty() => {
            Inline::link(Inline::code(format!("{file}:{line}")), format!("{page}#L{line}"))
        }
        Some(line) => Inline::code(format!("{file}:{line}")),
        None => Inline::link(Inline::code(file), page),
    }
}

/// The first line of a message; one that ends with a colon only announces the
/// next one, which is then added.
fn first_line(message: &str) -> String {
    let mut lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    match lines.next().filter(|_| first.ends_with(':')) {
        Some(next) => format!("{first} {next}"),
        None => first.to_owned(),
    }
}

fn time(milliseconds: f64) -> String {
    // Casting stops at the ends of the range.
    duration_text(Duration::from_millis(milliseconds as u64))
}

#[cfg(test)]
mod tests;
