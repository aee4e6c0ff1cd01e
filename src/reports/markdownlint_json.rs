//! markdownlint's JSON, as its command lines write it.

use serde_json::Value;

use super::clue::{Columns, Spot};
use super::shape::{Shape, at, number, text};
use super::sink::Sink;
use super::source::Source;
use super::{Format, Head, Kind, SURE};
use crate::model::finding::{Finding, Level};

/// markdownlint's JSON, <https://github.com/DavidAnson/markdownlint#result>.
pub static FORMAT: Format = Format { name: "markdownlint-json", kind: Kind::Lint, recognise, read };

const SHAPE: Shape = Shape {
    tool: "markdownlint",
    file: &["fileName"],
    line: &["lineNumber"],
    column: &["errorRange.0"],
    message: &["ruleDescription"],
    rule: &["ruleNames.0"],
    level: &["severity"],
    default: Level::Error,
    columns: Columns::Utf16,
    adjust,
    ..Shape::NONE
};

fn recognise(head: &Head) -> u8 {
    if head.has_all(&["[].fileName", "[].lineNumber", "[].ruleDescription"]) { SURE } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    SHAPE.read(source, sink);
}

fn adjust(entry: &Value, finding: &mut Finding, spot: &mut Spot) -> bool {
    let length = number(at(entry, "errorRange.1"));
    spot.end_column = spot.column.zip(length).and_then(|(column, length)| column.checked_add(length));
    if let Some(detail) = text(&entry["errorDetail"]) {
        finding.message.push_str(&format!(" [{detail}]"));
    }
    if let Some(context) = text(&entry["errorContext"]) {
        finding.message.push_str(&format!(" [Context: \"{context}\"]"));
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn a_list() {
        let text = r##"[{"fileName":"a.md","lineNumber":1,"ruleNames":["MD018","no-x"],"ruleDescription":"No space","errorDetail":null,"errorContext":"#Bad","errorRange":[1,2],"severity":"error"},
{"fileName":"a.md","lineNumber":3,"ruleNames":["MD012"],"ruleDescription":"Blanks","errorDetail":"Expected: 1","errorRange":null,"severity":"warning"}]"##;
        let found =
            ["error a.md:1:1--:3 MD018: No space [Context: \"#Bad\"]", "warning a.md:3 MD012: Blanks [Expected: 1]"];
        check("markdownlint-json", text, &found);
    }
}
