//! Reads every report file of the fixtures and compares with what was reviewed
//! before. `WAYBILL_BLESS=1` writes the table anew.
#![allow(clippy::disallowed_methods, reason = "a test reads its own files and environment")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use waybill::model::finding::Report;
use waybill::reports::locate::{Locator, Settings};
use waybill::reports::tracked::Tracked;
use waybill::reports::{FORMATS, FileReport, Options, read};

/// Files up to this length are cut at every byte, others at as many places as they have here.
const SHORT: usize = 1_200;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reports")
}

/// A line of the index.
struct Fixture {
    file: String,
    directory: String,
    root: String,
    module: String,
}

fn fixtures() -> Vec<Fixture> {
    let index = std::fs::read_to_string(folder().join("INDEX.tsv")).expect("the index is there");
    let fixture = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let column = |at: usize| columns.get(at).copied().unwrap_or_default().to_owned();
        Fixture { file: column(0), directory: column(3), root: column(4), module: column(5) }
    };
    index.lines().skip(1).map(fixture).collect()
}

fn read_bytes(bytes: &[u8], path: &str) -> FileReport {
    read(Box::new(std::io::Cursor::new(bytes.to_vec())), path, None, &Options::default())
}

/// What a file comes to, in a few lines.
fn outline(fixture: &Fixture, tracked: &Tracked) -> String {
    let bytes = std::fs::read(folder().join(&fixture.file)).expect("the fixture is there");
    let file = read_bytes(&bytes, &fixture.file);
    let (format, dialect) = (file.format.clone(), file.dialect.clone().unwrap_or_default());
    let directory = fixture.directory.trim_start_matches('.').to_owned();
    let mut settings = Settings { workspace: fixture.root.clone(), directory, ..Settings::default() };
    settings.repository = "widgets".to_owned();
    if !fixture.module.is_empty() {
        settings.modules.push((fixture.module.clone(), fixture.directory.clone()));
    }
    // Lines without a wide character: every column counts the same.
    let mut source = |_: &str| Some(format!("{}\n", "x".repeat(200)).repeat(100));
    let report = Locator::new(tracked, &settings).report(vec![file], 3, &mut source);
    let mut text = format!("{} {format} {dialect}\n", fixture.file);
    write_report(&mut text, &report).expect("a string takes everything");
    text
}

fn write_report(text: &mut String, report: &Report) -> std::fmt::Result {
    let totals = serde_json::to_value(report.totals).unwrap_or_default();
    let counts = totals.as_object().into_iter().flatten().filter(|(_, count)| **count != 0);
    let counts: Vec<String> = counts.map(|(name, count)| format!("{count} {name}")).collect();
    writeln!(text, "  {}", counts.join(", "))?;
    let place = |numbers: &[Option<u32>]| {
        numbers.iter().map_while(|number| number.map(|number| format!(":{number}"))).collect::<String>()
    };
    let short = |message: &str| {
        let line = message.lines().next().unwrap_or_default().escape_debug().to_string();
        line.chars().take(60).collect::<String>()
    };
    for case in &report.cases {
        let file = case.file.as_deref().unwrap_or("?");
        let attempts = case.attempts.map(|attempts| format!(" x{attempts}")).unwrap_or_default();
        let status = format!("{:?}", case.status).to_lowercase();
        let place = place(&[case.line, case.column]);
        writeln!(text, "  {status}{attempts} {file}{place} {} | {}", short(&case.name), short(&case.message))?;
    }
    for finding in &report.findings {
        let file = finding.file.as_deref().or(finding.place.as_deref()).unwrap_or("?");
        let rule = finding.rule.as_deref().unwrap_or("-");
        let level = format!("{:?}", finding.level).to_lowercase();
        let (start, end) = (place(&[finding.line, finding.column]), place(&[finding.end_line, finding.end_column]));
        writeln!(text, "  {level} {file}{start} to {end} {rule} {} | {}", finding.source, short(&finding.message))?;
    }
    for red in &report.red {
        writeln!(text, "  red: {}", short(&red.message))?;
    }
    for problem in &report.problems {
        let kind = if problem.grave { "lost" } else { "odd" };
        let at = problem.offset.map(|at| format!(" at {at}")).unwrap_or_default();
        writeln!(text, "  {kind}{at}: {}", short(&problem.message))?;
    }
    Ok(())
}

#[test]
fn every_file_is_read_as_reviewed() {
    let tracked = Tracked::new(&std::fs::read_to_string(folder().join("tracked.txt")).expect("the list is there"));
    let found: String = fixtures().iter().map(|fixture| outline(fixture, &tracked)).collect();
    let path = folder().join("expected.txt");
    if std::env::var("WAYBILL_BLESS").is_ok() {
        std::fs::write(&path, &found).expect("the table can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    for (at, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "expected.txt:{}", at + 1);
    }
    assert_eq!(found.lines().count(), expected.lines().count());
}

#[test]
fn every_file_is_in_the_index() {
    let mut listed: Vec<String> = fixtures().into_iter().map(|fixture| fixture.file).collect();
    for name in ["junit", "lint", "tap", "other"] {
        for entry in std::fs::read_dir(folder().join(name)).into_iter().flatten().flatten() {
            let file = format!("{name}/{}", entry.file_name().to_string_lossy());
            let at = listed.iter().position(|other| *other == file);
            listed.remove(at.unwrap_or_else(|| panic!("{file} is not in the index")));
        }
    }
    assert!(listed.is_empty(), "{listed:?}");
}

fn is_red(report: &FileReport) -> bool {
    report.totals.failed + report.totals.errors > 0
        || report.totals.error > 0
        || !report.red.is_empty()
        || report.problems.iter().any(|problem| problem.grave)
}

#[test]
fn every_cut_is_survived_and_no_cut_document_is_green() {
    for fixture in fixtures() {
        let bytes = std::fs::read(folder().join(&fixture.file)).expect("the fixture is there");
        // XML and JSON show that their end is missing; lines of text may end anywhere.
        let closes = [".xml", ".json", ".sarif"].iter().any(|end| fixture.file.ends_with(end));
        let last = bytes.iter().rposition(|byte| b"}]>".contains(byte)).unwrap_or(0);
        let is_document = closes && bytes.iter().position(|byte| b"{[<".contains(byte)).is_some_and(|at| at < 4);
        let is_lines = bytes.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"{")).count() > 1;
        let step = if bytes.len() <= SHORT { 1 } else { bytes.len() / 40 };
        for end in (0..bytes.len()).step_by(step) {
            let report = read_bytes(&bytes[..end], "cut");
            let totals = &report.totals;
            assert_eq!(totals.tests, totals.passed + totals.failed + totals.errors + totals.skipped);
            assert_eq!(totals.findings, totals.error + totals.warning + totals.notice);
            assert!(report.format.is_empty() || FORMATS.iter().any(|format| format.name == report.format));
            if is_document && !is_lines && end < last {
                assert!(is_red(&report), "{} is green when cut at {end}", fixture.file);
            }
        }
    }
}
