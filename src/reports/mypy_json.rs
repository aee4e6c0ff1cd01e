//! mypy's JSON Lines.

use serde_json::Value;

use super::clue::{Columns, Spot};
use super::shape::{Shape, text};
use super::sink::Sink;
use super::source::Source;
use super::{Format, Head, Kind, SURE};
use crate::model::finding::{Finding, Level};

/// mypy's JSON Lines, <https://mypy.readthedocs.io/en/stable/command_line.html#cmdoption-mypy-output>.
/// Columns count from 0.
pub static FORMAT: Format = Format { name: "mypy-json", kind: Kind::Lint, recognise, read };

const SHAPE: Shape = Shape {
    tool: "mypy",
    file: &["file"],
    line: &["line"],
    column: &["column"],
    end_line: &["end_line"],
    end_column: &["end_column"],
    message: &["message"],
    rule: &["code"],
    level: &["severity"],
    default: Level::Error,
    first_column: 0,
    // Python's own syntax tree counts bytes.
    columns: Columns::Bytes,
    adjust,
    ..Shape::NONE
};

fn recognise(head: &Head) -> u8 {
    if head.has_all(&["file", "line", "message", "hint", "code"]) { SURE } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    SHAPE.read_lines(source, sink);
}

/// A hint is a note that belongs to the error. What is not known has the column -1.
fn adjust(entry: &Value, finding: &mut Finding, _: &mut Spot) -> bool {
    if let Some(hint) = text(&entry["hint"]) {
        finding.message.push_str("\nnote: ");
        finding.message.push_str(&hint);
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn lines_with_text_between() {
        let text = r#"{"file": "a.py", "line": 2, "column": 4, "end_line": 2, "end_column": 9, "message": "Bad", "hint": "Use -> None", "code": "misc", "severity": "error"}
warning: x
{"file": "a.py", "line": 3, "column": -1, "message": "Revealed", "hint": null, "code": null, "severity": "note"}
{"file": "a.py", "line": 4, "colu"#;
        let found = [
            "error a.py:2:5-2:10 misc: Bad\nnote: Use -> None",
            "notice a.py:3 -: Revealed",
            "! cut short: a line that begins as JSON @308",
        ];
        check("mypy-json", text, &found);
    }
}
