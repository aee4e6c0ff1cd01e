//! GitLab's code quality reports, which are Code Climate's.

use serde_json::Value;

use super::clue::Spot;
use super::shape::{Shape, at, text};
use super::sink::Sink;
use super::source::Source;
use super::{Format, Head, Kind, SURE};
use crate::model::finding::{Finding, Level};

/// GitLab's code quality, <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>,
/// also Code Climate's issues one after another, as its engines write them.
pub static FORMAT: Format = Format { name: "gitlab-codequality", kind: Kind::Lint, recognise, read };

const SHAPE: Shape = Shape {
    tool: "",
    file: &["location.path"],
    line: &["location.lines.begin", "location.positions.begin.line", "location.lines.begin.line"],
    end_line: &["location.lines.end", "location.positions.end.line", "location.lines.end.line"],
    column: &["location.positions.begin.column", "location.lines.begin.column"],
    end_column: &["location.positions.end.column", "location.lines.end.column"],
    message: &["description", "content.body"],
    rule: &["check_name"],
    level: &["severity"],
    default: Level::Warning,
    adjust,
    ..Shape::NONE
};

fn recognise(head: &Head) -> u8 {
    let has = |prefix: &str| {
        let has = |key: &str| head.has(&format!("{prefix}{key}"));
        has("location.path") && has("description") && (has("check_name") || has("fingerprint"))
    };
    if has("[].") || has("") { SURE } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    SHAPE.read(source, sink);
}

/// Code Climate has entries that are measurements and no issues.
fn adjust(entry: &Value, finding: &mut Finding, spot: &mut Spot) -> bool {
    if at(entry, "type") == "measurement" {
        return false;
    }
    // Some tools repeat the rule in front of the text.
    if let Some(rule) = finding.rule.as_deref()
        && let Some(rest) = finding.message.strip_prefix(rule).and_then(|rest| rest.strip_prefix(": "))
    {
        finding.message = rest.to_owned();
    }
    finding.source = text(&entry["engine_name"]).unwrap_or_else(|| "codequality".to_owned());
    spot.end_line = spot.end_line.filter(|end| spot.line.is_some_and(|line| *end >= line));
    true
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn lines_and_positions() {
        let text = r#"[
{"description":"F401: unused","check_name":"F401","fingerprint":"1","severity":"major","location":{"path":"a.py","positions":{"begin":{"line":1,"column":2},"end":{"line":1,"column":5}}}},
{"description":"d","check_name":null,"fingerprint":"2","severity":"blocker","location":{"path":"b.js","lines":{"begin":"3","end":4}}},
{"type":"issue","description":"old","check_name":"R/x","severity":"info","engine_name":"rubocop","location":{"path":"c.rb","lines":{"begin":{"line":5,"column":1}}}},
{"description":"n","check_name":"x","severity":"odd","location":{"path":"d"}}]"#;
        let found = [
            "warning a.py:1:2-1:5 F401: unused",
            "error b.js:3-4:- -: d",
            "notice c.rb:5:1 R/x: old",
            "warning d x: n",
        ];
        check("gitlab-codequality", text, &found);
    }
}
