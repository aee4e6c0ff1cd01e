//! Ruff's JSON and JSON Lines.

use serde_json::Value;

use super::clue::{Spot, Trust};
use super::shape::{Shape, number};
use super::sink::Sink;
use super::source::Source;
use super::{Format, Head, Kind, SURE};
use crate::model::finding::{Finding, Level};

/// Ruff's JSON and JSON Lines, <https://docs.astral.sh/ruff/settings/#output-format>.
pub static FORMAT: Format = Format { name: "ruff-json", kind: Kind::Lint, recognise, read };

const SHAPE: Shape = Shape {
    tool: "ruff",
    file: &["filename"],
    line: &["location.row"],
    column: &["location.column"],
    end_line: &["end_location.row"],
    end_column: &["end_location.column"],
    message: &["message"],
    rule: &["code"],
    level: &["severity"],
    // What Ruff itself says in its formats that have levels.
    default: Level::Error,
    adjust,
    ..Shape::NONE
};

fn recognise(head: &Head) -> u8 {
    let lists = head.has_all(&["[].filename", "[].location.row"]) || head.has_all(&["[].filename", "[].noqa_row"]);
    let lines = head.has_all(&["filename", "location.row"]) || head.has_all(&["filename", "noqa_row"]);
    if lists || lines { SURE } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    SHAPE.read(source, sink);
}

/// In a notebook, lines count from the start of a cell.
fn adjust(entry: &Value, finding: &mut Finding, spot: &mut Spot) -> bool {
    if let Some(cell) = number(&entry["cell"]) {
        let line = spot.line.unwrap_or_default();
        finding.message.push_str(&format!(" (cell {cell}, line {line})"));
        *spot = Spot::new(std::mem::take(&mut spot.path), None, Trust::File);
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn lists_and_lines() {
        let entry = r#"{"cell":null,"code":"F401","end_location":{"column":10,"row":1},"filename":"/w/a.py","fix":{"edits":[{"location":{"row":9,"column":9}}]},"location":{"column":8,"row":1},"message":"`os` imported but unused","noqa_row":1,"url":"https://x"}"#;
        let syntax = r#"{"code":null,"end_location":{"column":1,"row":"3"},"filename":"b.py","location":{"column":2,"row":2},"message":"SyntaxError: x","severity":"warning"}"#;
        let notebook = r#"{"cell":2,"code":"E501","filename":"n.ipynb","location":{"column":2,"row":2},"message":"m"}"#;
        let found = [
            "error /w/a.py:1:8-1:10 F401: `os` imported but unused",
            "warning b.py:2:2-3:1 -: SyntaxError: x",
            "error n.ipynb E501: m (cell 2, line 2)",
        ];
        check("ruff-json", &format!("[{entry},\n{syntax},{notebook}]"), &found);
        check("ruff-json", &format!("$ ruff\n{entry}\n{syntax}\n{notebook}\nFound 3 errors.\n"), &found);
    }
}
