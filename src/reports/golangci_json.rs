//! golangci-lint's JSON.

use serde_json::Value;

use super::clue::{Columns, Spot};
use super::shape::{Shape, at, number};
use super::sink::Sink;
use super::source::Source;
use super::{Format, Head, Kind, SURE};
use crate::model::finding::{Finding, Level};

/// golangci-lint's JSON, <https://golangci-lint.run/docs/configuration/file/#output-configuration>.
pub static FORMAT: Format = Format { name: "golangci-json", kind: Kind::Lint, recognise, read };

const SHAPE: Shape = Shape {
    tool: "golangci-lint",
    lists: &["Issues"],
    file: &["Pos.Filename"],
    line: &["Pos.Line"],
    column: &["Pos.Column"],
    message: &["Text"],
    rule: &["FromLinter"],
    level: &["Severity"],
    // What golangci-lint itself says where it must name a level.
    default: Level::Error,
    columns: Columns::Bytes,
    adjust,
    ..Shape::NONE
};

fn recognise(head: &Head) -> u8 {
    let empty = head.has("Issues") && (head.has("Report") || head.has("Report.Linters"));
    if empty || head.has("Issues[].FromLinter") || head.has("Issues[].Pos.Filename") { SURE } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    SHAPE.read(source, sink);
}

/// Some linters give a range of lines, and then the position may be none.
fn adjust(entry: &Value, _: &mut Finding, spot: &mut Spot) -> bool {
    let range = |key: &str| number(at(entry, key)).filter(|line| *line > 0);
    spot.line = spot.line.or_else(|| range("LineRange.From"));
    spot.end_line = range("LineRange.To").filter(|end| spot.line.is_some_and(|line| *end > line));
    spot.column = spot.column.filter(|column| *column > 0);
    true
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn positions_and_ranges() {
        let text = r#"level=warning msg="x"
{"Issues":[{"FromLinter":"errcheck","Text":"not checked","Severity":"","SourceLines":["\tf()"],"Pos":{"Filename":"a/b.go","Offset":1,"Line":7,"Column":2}},
{"FromLinter":"dupl","Text":"dup","Severity":"warning","LineRange":{"From":3,"To":9},"Pos":{"Filename":"c.go","Offset":0,"Line":0,"Column":0}},
{"FromLinter":"gosec","Text":"G1","Severity":"high","Pos":{"Filename":"c.go","Line":"5"}}],"Report":{"Linters":[{"Name":"a"}]}}
1 issues:
* errcheck: 1"#;
        let found =
            ["error a/b.go:7:2 errcheck: not checked", "warning c.go:3-9:- dupl: dup", "error c.go:5 gosec: G1"];
        check("golangci-json", text, &found);
        check("golangci-json", r#"{"Issues":null,"Report":{"Linters":[]}}"#, &[]);
    }
}
