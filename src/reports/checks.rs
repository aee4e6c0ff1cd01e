//! What the tests of the formats share: a report in a few lines, and its cuts.

use super::{FileReport, Options, read};

/// Reads a report and says everything that came of it, a line each: counts, suites aside; cases
/// with their first place; findings; why it is red; what could not be read.
pub fn outline(text: &str, format: &str) -> String {
    let report = read_text(text);
    assert_eq!(report.format, format, "{text}");
    let totals = &report.totals;
    let mut lines = format!("{}:", totals.tests);
    let counts = [
        (totals.passed, "passed"),
        (totals.flaky, "flaky"),
        (totals.failed, "failed"),
        (totals.errors, "errors"),
        (totals.skipped, "skipped"),
    ];
    for (count, word) in counts.iter().filter(|(count, _)| *count > 0) {
        lines.push_str(&format!(" {count} {word}"));
    }
    lines.push('\n');
    for (case, clue) in &report.cases {
        let suite = case.suite.as_ref().map(|suite| format!("{suite} / ")).unwrap_or_default();
        let message = case.message.lines().next().unwrap_or_default();
        lines.push_str(&format!("{} {suite}{}: {message}", format!("{:?}", case.status).to_lowercase(), case.name));
        if let Some(attempts) = case.attempts {
            lines.push_str(&format!(" x{attempts}"));
        }
        lines.push_str(&place(clue.spots.first()));
        lines.push('\n');
    }
    for (finding, clue) in &report.findings {
        lines.push_str(&format!("finding {:?}: {}{}\n", finding.level, finding.message, place(clue.spots.first())));
    }
    report.red.iter().for_each(|red| lines.push_str(&format!("red: {}\n", red.message)));
    for problem in &report.problems {
        let kind = if problem.grave { "lost" } else { "odd" };
        lines.push_str(&format!("{kind}: {}\n", problem.message));
    }
    lines
}

/// Cuts a green report at every byte: none of it may be green that ends before the last `last`
/// begins its line's content.
pub fn check_cuts(text: &str, last: &str) {
    assert!(!is_red(&read_text(text)), "not green: {:?}", read_text(text));
    let must = text.rfind(last).unwrap_or(text.len());
    for end in (0..=must).filter(|end| text.is_char_boundary(*end)) {
        assert!(is_red(&read_text(&text[..end])), "green: {:?}", &text[..end]);
    }
}

/// Reads a report that is text.
pub fn read_text(text: &str) -> FileReport {
    read(Box::new(std::io::Cursor::new(text.as_bytes().to_vec())), "r", None, &Options::default())
}

fn is_red(report: &FileReport) -> bool {
    report.totals.failed + report.totals.errors > 0
        || !report.red.is_empty()
        || report.problems.iter().any(|problem| problem.grave)
}

fn place(spot: Option<&super::clue::Spot>) -> String {
    let Some(spot) = spot else { return String::new() };
    let number = |number: Option<u32>| number.map(|number| format!(":{number}")).unwrap_or_default();
    format!(" @ {}{}{}", spot.path, number(spot.line), number(spot.column))
}
