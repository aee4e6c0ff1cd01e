//! stylelint's JSON.

use serde_json::Value;

use super::clue::{Columns, Spot};
use super::shape::Shape;
use super::sink::Sink;
use super::source::Source;
use super::{Format, Head, Kind, SURE};
use crate::model::finding::{Finding, Level};

/// stylelint's JSON, <https://stylelint.io/user-guide/options/#formatter>.
pub static FORMAT: Format = Format { name: "stylelint-json", kind: Kind::Lint, recognise, read };

const SHAPE: Shape = Shape {
    tool: "stylelint",
    inner: &["warnings", "parseErrors"],
    file: &["source"],
    line: &["line"],
    column: &["column"],
    end_line: &["endLine"],
    end_column: &["endColumn"],
    message: &["text"],
    rule: &["rule", "stylelintType"],
    level: &["severity"],
    default: Level::Error,
    columns: Columns::Utf16,
    adjust,
    ..Shape::NONE
};

fn recognise(head: &Head) -> u8 {
    if head.has_all(&["[].source", "[].warnings"]) { SURE } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    SHAPE.read(source, sink);
}

/// The text ends with the rule.
fn adjust(_: &Value, finding: &mut Finding, spot: &mut Spot) -> bool {
    if let Some(rule) = &finding.rule
        && let Some(text) = finding.message.strip_suffix(&format!(" ({rule})"))
    {
        finding.message = text.to_owned();
    }
    spot.end_line = spot.end_line.filter(|end| spot.line.is_some_and(|line| *end >= line));
    true
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn every_file_has_its_warnings() {
        let text = r#"[{"source":"/w/a.css","deprecations":[],"invalidOptionWarnings":[],"parseErrors":[{"stylelintType":"parseError","line":9,"column":1,"text":"Cannot parse selector"}],"errored":true,"warnings":[
{"line":2,"column":3,"endLine":2,"endColumn":8,"rule":"no-dup","severity":"error","text":"Duplicate \"a\" (no-dup)"},
{"line":29,"column":1,"endLine":20,"endColumn":10,"rule":"p","severity":"warning","text":"t"}]},{"source":"/w/b.css","warnings":[]}]"#;
        let found = [
            "error /w/a.css:2:3-2:8 no-dup: Duplicate \"a\"",
            "warning /w/a.css:29:1--:10 p: t",
            "error /w/a.css:9:1 parseError: Cannot parse selector",
        ];
        check("stylelint-json", text, &found);
    }
}
