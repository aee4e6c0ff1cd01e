//! Reads a corpus of real report files and compares with what people counted
//! and looked up by hand. The folder comes from `WAYBILL_CORPUS`: an
//! `expected.json` and the files that it names.
#![allow(clippy::disallowed_methods, reason = "a test reads its own files and environment")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a test prints its table")]

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use waybill::model::finding::{Level, Report};
use waybill::reports::clue::Columns;
use waybill::reports::columns::Sources;
use waybill::reports::locate::{Location, Locator, Settings};
use waybill::reports::tracked::Tracked;
use waybill::reports::{FORMATS, Options, read};

/// Files that are not read right, each with the reason.
const KNOWN: &[(&str, &str)] = &[
    (
        "other/dorny-golang.json",
        "a recovered panic is logged at calculator_test.go:76, which is as good a place as any",
    ),
    (
        "other/dorny-mocha.json",
        "the message names the test's file by another checkout's path: it is the only one of that name",
    ),
];

/// What one file came to.
#[derive(Default)]
struct Row {
    format: String,
    totals: bool,
    wanted: usize,
    located: usize,
    notes: Vec<String>,
}

#[test]
fn corpus() {
    let Ok(folder) = std::env::var("WAYBILL_CORPUS") else {
        println!("SKIPPED corpus: WAYBILL_CORPUS names no folder");
        return;
    };
    let folder = Path::new(&folder);
    let expected = std::fs::read_to_string(folder.join("expected.json")).expect("expected.json is there");
    let expected: Value = serde_json::from_str(&expected).expect("expected.json is JSON");
    let widgets = std::fs::read_to_string(folder.join("widgets-tracked.txt")).unwrap_or_default();
    let (mut files, mut totals, mut wanted, mut located, mut bad) = (0, 0, 0, 0, Vec::new());
    for (path, truth) in expected.as_object().expect("an object") {
        if truth["kind"] == "coverage" {
            continue;
        }
        let bytes = std::fs::read(folder.join(path)).unwrap_or_default();
        let row = check(folder, path, bytes, truth, &widgets);
        let right = row.totals && row.located == row.wanted && row.notes.is_empty();
        println!(
            "{} {path:50} {:20} {} {}/{}",
            if right { "    " } else { "BAD " },
            row.format,
            if row.totals { "totals" } else { "TOTALS WRONG" },
            row.located,
            row.wanted
        );
        row.notes.iter().for_each(|note| println!("         {note}"));
        files += 1;
        totals += usize::from(row.totals);
        wanted += row.wanted;
        located += row.located;
        if !right && !KNOWN.iter().any(|(known, _)| known == path) {
            bad.push(path.clone());
        }
    }
    println!("{totals} of {files} totals, {located} of {wanted} places");
    let only = std::env::var("WAYBILL_CORPUS_ONLY").unwrap_or_default();
    bad.retain(|path| path.contains(&only));
    assert!(bad.is_empty(), "not right: {bad:#?}");
}

fn check(folder: &Path, path: &str, bytes: Vec<u8>, truth: &Value, widgets: &str) -> Row {
    let file = read(Box::new(std::io::Cursor::new(bytes)), path, None, &Options::default());
    let tracked = Tracked::new(&tracked_files(truth, widgets));
    let text = |key: &str| truth[key].as_str().unwrap_or_default().to_owned();
    let (root, cwd) = (text("root"), text("cwd"));
    let mut settings = Settings { workspace: root.clone(), directory: cwd.clone(), ..Settings::default() };
    if root.ends_with("/widgets/widgets") {
        settings.repository = "widgets".to_owned();
    }
    if let Some(module) = truth["go_module"].as_str() {
        settings.modules.push((module.to_owned(), cwd));
    }
    let format = file.format.clone();
    let sources = folder.join("widgets-src");
    let mut source =
        |file: &str| std::fs::read_to_string(sources.join(file)).ok().filter(|_| truth["repo"] == "widgets");
    let report = Locator::new(&tracked, &settings).report(vec![file], 10, &mut source);
    let mut row = Row { format, ..Row::default() };
    match truth["kind"].as_str() {
        Some("test") => check_test(&report, truth, &mut row),
        Some("lint") => check_lint(&report, truth, &mut source, &mut row),
        _ => {
            row.totals = report.is_red() && (!report.problems.is_empty() || tolerates(&report, truth));
            if !row.totals {
                row.notes.push(format!("not said to be broken: {:?} {:?}", report.totals, report.problems));
            }
        }
    }
    row
}

/// A malformed file that is read on, as it should be then.
fn tolerates(report: &Report, truth: &Value) -> bool {
    ["if_tolerant", "acceptable"].iter().any(|key| counts(report, &truth[key]))
}

fn counts(report: &Report, wanted: &Value) -> bool {
    let totals = &report.totals;
    let found = [
        ("tests", totals.tests),
        ("passed", totals.passed),
        ("failed", totals.failed),
        ("errors", totals.errors),
        ("skipped", totals.skipped),
    ];
    wanted.is_object() && found.iter().all(|(key, value)| wanted[key].as_u64() == Some(*value))
}

fn check_test(report: &Report, truth: &Value, row: &mut Row) {
    let alternatives = truth["counts_alt"].as_array().cloned().unwrap_or_default();
    row.totals = counts(report, &truth["counts"]) || alternatives.iter().any(|other| counts(report, other));
    if !row.totals {
        row.notes.push(format!("wanted {} found {:?} {:?}", truth["counts"], report.totals, report.problems));
    }
    if let Some(names) = truth["flaky"].as_array()
        && report.totals.flaky != names.len() as u64
    {
        row.notes.push(format!("wanted {} flaky, found {}", names.len(), report.totals.flaky));
    }
    if truth["run_failed"] == true && !report.is_red() {
        row.notes.push("the run failed and that is not said".to_owned());
    }
    if truth["counts"]["failed"] == 0 && truth["counts"]["errors"] == 0 && truth["run_failed"] != true {
        let empty = truth["counts"]["tests"] == 0;
        if report.is_red() && !empty {
            row.notes.push(format!("red: {:?} {:?}", report.red, report.problems));
        }
    }
    let mut used = BTreeSet::new();
    for failure in truth["failures"].as_array().into_iter().flatten() {
        let name = failure["name"].as_str().unwrap_or_default();
        let all = || report.cases.iter().enumerate().filter(|(at, case)| case.status.is_red() && !used.contains(at));
        let plain = |name: &str| name.split('\u{FFFD}').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("?");
        let found = all().find(|(_, case)| plain(&case.name) == plain(name)).or_else(|| {
            // Formats differ in how they join the names of suites and cases.
            all().find(|(_, case)| name.ends_with(&case.name) || case.name.ends_with(name))
        });
        let Some((at, case)) = found.map(|(at, case)| (at, case.clone())) else {
            row.wanted += 1;
            row.notes.push(format!("no failure {name:?}"));
            continue;
        };
        used.insert(at);
        row.wanted += 1;
        let place = (case.file.clone(), case.line);
        let right = match &failure["file"] {
            Value::Null => place.0.is_none(),
            _ => accepts(failure).any(|(file, line)| {
                place.0.as_deref() == Some(file)
                    && (line.is_none() && matches!(place.1, None | Some(1)) || place.1 == line)
            }),
        };
        row.located += usize::from(right);
        if !right {
            row.notes.push(format!("{name:?} is at {place:?}, wanted {} or {}", failure["file"], failure["accept"]));
        }
    }
}

fn accepts(failure: &Value) -> impl Iterator<Item = (&str, Option<u32>)> {
    let line = |value: &Value| value.as_u64().map(|line| line as u32);
    let first = failure["file"].as_str().map(|file| (file, line(&failure["line"])));
    let others = failure["accept"].as_array().into_iter().flatten();
    first.into_iter().chain(others.filter_map(move |pair| Some((pair[0].as_str()?, line(&pair[1])))))
}

/// The column as the tool counts it, and in UTF-16 units, whatever the tool counts.
fn columns(finding: &Value, sources: &mut Sources) -> Vec<u32> {
    let number = |key: &str| finding[key].as_u64().map(|number| number as u32);
    let units = [Columns::Utf16, Columns::Points, Columns::Bytes];
    let convert = |columns| {
        let file = finding["file"].as_str().unwrap_or_default().to_owned();
        let mut place = Location { file, line: number("line"), column: number("col"), columns, ..Location::default() };
        sources.convert(&mut place);
        place.column
    };
    units.into_iter().filter_map(convert).collect()
}

fn check_lint(report: &Report, truth: &Value, source: &mut dyn FnMut(&str) -> Option<String>, row: &mut Row) {
    let mut sources = Sources::new(source);
    let totals = &report.totals;
    let wanted = |key: &str| truth["counts"][key].as_u64().unwrap_or(0);
    let mut total = vec![truth["total"].as_u64().unwrap_or(0)];
    total.extend(truth["total_alt"].as_array().into_iter().flatten().filter_map(Value::as_u64));
    let spare = wanted("unspecified");
    let level = |found: u64, key: &str| found >= wanted(key) && found <= wanted(key) + spare;
    let levels = level(totals.error, "error") && level(totals.warning, "warning") && level(totals.notice, "notice");
    row.totals = total.contains(&totals.findings) && (levels || totals.findings != total[0]);
    if !row.totals {
        row.notes
            .push(format!("wanted {} {} found {:?} {:?}", truth["total"], truth["counts"], totals, report.problems));
    }
    let findings = truth["findings"].as_array().or(truth["findings_sample"].as_array());
    let mut used = BTreeSet::new();
    for finding in findings.into_iter().flatten() {
        row.wanted += 1;
        let columns = columns(finding, &mut sources);
        let right = report.findings.iter().enumerate().find(|(at, found)| {
            let line = |key: &str| finding[key].as_u64().map(|line| line as u32);
            let file = finding["file"].as_str();
            let place = found.place.as_deref().map(|place| place.rsplit_once(':').map_or(place, |(path, _)| path));
            !used.contains(at)
                && (found.file.as_deref() == file || found.file.is_none() && place == file)
                && (found.line == line("line") || found.file.is_none())
                && (found.column.is_none_or(|column| columns.contains(&column)) || line("col").is_none())
                && levels_agree(found.level, &finding["severity"])
                && finding["rule"].as_str().is_none_or(|rule| rule == found.rule.as_deref().unwrap_or_default())
                && finding["message"].as_str().is_none_or(|text| {
                    let start: String = text.chars().take(20).collect();
                    // ESLint's text leaves out the full stop that its JSON has.
                    found.message.contains(start.trim_end_matches('.'))
                })
        });
        match right {
            Some((at, _)) => {
                used.insert(at);
                row.located += 1;
            }
            None if row.notes.len() < 6 => {
                let near: Vec<_> = report
                    .findings
                    .iter()
                    .filter(|f| f.line.map(u64::from) == finding["line"].as_u64())
                    .take(3)
                    .collect();
                row.notes.push(format!("no finding {finding}; near: {near:?}"));
            }
            None => {}
        }
    }
}

fn levels_agree(found: Level, severity: &Value) -> bool {
    match severity.as_str() {
        Some("error") => found == Level::Error,
        Some("warning") => found == Level::Warning,
        Some("notice") => found == Level::Notice,
        _ => true,
    }
}

/// What `git ls-files` would print: the sample repository's list, or the files that are known.
fn tracked_files(truth: &Value, widgets: &str) -> String {
    if truth["repo"] == "widgets" {
        return widgets.to_owned();
    }
    let mut files: BTreeSet<String> = BTreeSet::new();
    files.extend(truth["tracked"].as_array().into_iter().flatten().filter_map(|file| file.as_str().map(str::to_owned)));
    for failure in truth["failures"].as_array().into_iter().flatten() {
        files.extend(accepts(failure).map(|(file, _)| file.to_owned()));
    }
    for key in ["findings", "findings_sample"] {
        for finding in truth[key].as_array().into_iter().flatten() {
            files.extend(finding["file"].as_str().filter(|file| !file.starts_with('/')).map(str::to_owned));
        }
    }
    files.into_iter().collect::<Vec<_>>().join("\n")
}

#[test]
fn every_truncation_is_survived() {
    let Ok(folder) = std::env::var("WAYBILL_CORPUS") else {
        println!("SKIPPED truncations: WAYBILL_CORPUS names no folder");
        return;
    };
    for folder in ["junit", "lint", "tap", "other"].map(|name| Path::new(&folder).join(name)) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let bytes = std::fs::read(entry.path()).unwrap_or_default();
            let step = (bytes.len() / 300).max(1);
            for end in (0..bytes.len()).step_by(step) {
                let cut = bytes[..end].to_vec();
                let report = read(Box::new(std::io::Cursor::new(cut)), "cut", None, &Options::default());
                assert!(report.format.is_empty() || FORMATS.iter().any(|format| format.name == report.format));
            }
        }
    }
}
