//! What the tests of lint formats share: one check of a whole report.

use std::io::Cursor;

use super::clue::Spot;
use super::{FileReport, Options, read};
use crate::model::finding::Level;

/// Reads a report without being told its format, and compares the format and every finding:
/// `error base>path:1:5-2:9 rule: message`, with `-` for what is not known. Problems come last:
/// `! message @17`. Then truncations are read, which must not panic.
pub fn check(format: &str, text: &str, found: &[&str]) {
    let report = parse(text.as_bytes());
    assert_eq!(report.format, format, "the format of {text}");
    assert_eq!(describe(&report), found, "{text}");
    for end in (0..text.len()).step_by(text.len() / 60 + 1) {
        parse(&text.as_bytes()[..end]);
    }
}

/// That no format claims the text.
pub fn check_unknown(text: &str) {
    assert_eq!(parse(text.as_bytes()).format, "", "{text}");
}

fn parse(bytes: &[u8]) -> FileReport {
    read(Box::new(Cursor::new(bytes.to_vec())), "r", None, &Options::default())
}

fn describe(report: &FileReport) -> Vec<String> {
    let mut lines = Vec::new();
    for (finding, clue) in &report.findings {
        let level = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        };
        let place: Vec<_> = clue.spots.iter().map(place).collect();
        let place = if place.is_empty() { "-".to_owned() } else { place.join(" ") };
        let rule = finding.rule.as_deref().unwrap_or("-");
        lines.push(format!("{level} {place} {rule}: {}", finding.message));
    }
    lines.extend(report.red.iter().map(|red| format!("red: {}", red.message)));
    for trouble in &report.problems {
        let offset = trouble.offset.map_or(String::new(), |offset| format!(" @{offset}"));
        lines.push(format!("{} {}{offset}", if trouble.grave { "!" } else { "?" }, trouble.message));
    }
    lines
}

fn place(spot: &Spot) -> String {
    let show = |number: Option<u32>| number.map_or("-".to_owned(), |number| number.to_string());
    let mut place = spot.base.as_ref().map_or(String::new(), |base| format!("{base}>"));
    place.push_str(&spot.path);
    if spot.line.is_some() {
        place.push_str(&format!(":{}", show(spot.line)));
    }
    if spot.column.is_some() {
        place.push_str(&format!(":{}", show(spot.column)));
    }
    if spot.end_line.is_some() || spot.end_column.is_some() {
        place.push_str(&format!("-{}:{}", show(spot.end_line), show(spot.end_column)));
    }
    place
}
