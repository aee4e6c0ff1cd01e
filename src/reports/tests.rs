use super::*;
use crate::model::finding::{Level, Status, Totals};

/// A report read from text.
pub fn read_text(text: &str) -> FileReport {
    read(Box::new(std::io::Cursor::new(text.as_bytes().to_vec())), "r", None, &Options::default())
}

/// The format, the counts of tests, passed, failed, errors, skipped and flaky, and each kept case
/// as `suite|name|status|message`.
pub fn check_cases(text: &str, format: &str, counts: [u64; 6], cases: &[&str]) -> FileReport {
    let report = read_text(text);
    let [tests, passed, failed, errors, skipped, flaky] = counts;
    assert_eq!(report.format, format, "{text}");
    assert_eq!(report.totals, Totals { tests, passed, failed, errors, skipped, flaky, ..Totals::default() }, "{text}");
    let status = |status| match status {
        Status::Passed => "passed",
        Status::Skipped => "skipped",
        Status::Flaky => "flaky",
        Status::Failed => "failed",
        Status::Error => "error",
    };
    let found: Vec<String> = report
        .cases
        .iter()
        .map(|(case, _)| {
            let suite = case.suite.as_deref().unwrap_or_default();
            format!("{suite}|{}|{}|{}", case.name, status(case.status), case.message)
        })
        .collect();
    assert_eq!(found, cases, "{text}");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    report
}

/// The format, and each finding as `level|path:line:column-end line:end column|rule|message|source`.
pub fn check_findings(text: &str, format: &str, findings: &[&str]) -> FileReport {
    let report = read_text(text);
    assert_eq!(report.format, format, "{text}");
    let level = |level| match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "notice",
    };
    let number = |number: Option<u32>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
    let place = |clue: &clue::Clue| match clue.spots.first() {
        None => String::new(),
        Some(spot) => {
            let start = format!("{}:{}:{}", spot.path, number(spot.line), number(spot.column));
            match (spot.end_line, spot.end_column) {
                (None, None) => start,
                (line, column) => format!("{start}-{}:{}", number(line), number(column)),
            }
        }
    };
    let found: Vec<String> = report
        .findings
        .iter()
        .map(|(finding, clue)| {
            let rule = finding.rule.as_deref().unwrap_or_default();
            format!("{}|{}|{rule}|{}|{}", level(finding.level), place(clue), finding.message, finding.source)
        })
        .collect();
    assert_eq!(found, findings, "{text}");
    report
}

#[test]
fn formats_have_names_of_their_own() {
    for (at, format) in FORMATS.iter().enumerate() {
        assert!(format.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
        assert!(FORMATS[at + 1..].iter().all(|other| other.name != format.name), "{}", format.name);
    }
}

fn check_problem(bytes: &[u8], message: &str) {
    let report = read(Box::new(std::io::Cursor::new(bytes.to_vec())), "r", None, &Options::default());
    let problem = &report.problems[0];
    assert_eq!((problem.message.as_str(), problem.grave), (message, true));
}

#[test]
fn what_nobody_knows_is_never_green() {
    check_problem(b"", "the file is empty");
    check_problem(b" \n", "the file is blank");
    check_problem(b"<suites/>", "no known report format: it starts with `<suites/>`");
    check_problem(b"\xFF\xFE", "the file is empty");
}
