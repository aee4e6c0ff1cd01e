//! Biome's JSON.

use serde_json::Value;

use super::clue::{Columns, Spot};
use super::shape::{Shape, at, number, text};
use super::sink::Sink;
use super::source::Source;
use super::{Format, Head, Kind, SURE};
use crate::model::finding::Finding;

/// Biome's JSON, <https://biomejs.dev/reference/reporters/#json>: with lines since 2.4, before that
/// with offsets in bytes and, sometimes, the source.
pub static FORMAT: Format = Format { name: "biome-json", kind: Kind::Lint, recognise, read };

const SHAPE: Shape = Shape {
    tool: "biome",
    lists: &["diagnostics"],
    file: &["location.path", "location.path.file"],
    line: &["location.start.line"],
    column: &["location.start.column"],
    end_line: &["location.end.line"],
    end_column: &["location.end.column"],
    message: &["description", "message", "message.0.content"],
    rule: &["category"],
    level: &["severity"],
    adjust,
    ..Shape::NONE
};

fn recognise(head: &Head) -> u8 {
    let clean = head.has_all(&["summary.unchanged", "diagnostics"]);
    if clean || head.has_all(&["diagnostics[].category", "diagnostics[].location"]) { SURE } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    SHAPE.read(source, sink);
}

fn adjust(entry: &Value, finding: &mut Finding, spot: &mut Spot) -> bool {
    let offset = number(at(entry, "location.span.0")).map(|offset| offset as usize);
    if let (None, Some(offset), Some(source)) = (spot.line, offset, text(at(entry, "location.sourceCode")))
        && let Some(before) = source.get(..offset)
    {
        spot.line = u32::try_from(before.matches('\n').count() + 1).ok();
        spot.column = u32::try_from(offset - before.rfind('\n').map_or(0, |at| at + 1) + 1).ok();
        spot.columns = Columns::Bytes;
    }
    if let Some(parts) = at(entry, "message").as_array()
        && at(entry, "description").is_null()
    {
        finding.message = parts.iter().filter_map(|part| part["content"].as_str()).collect();
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn with_lines_and_with_offsets() {
        let text = r#"{"summary":{"changed":0,"unchanged":6},"diagnostics":[
{"severity":"warning","message":"unused","category":"lint/x","location":{"path":"a.js","start":{"line":1,"column":5},"end":{"line":1,"column":11}},"advices":[]},
{"category":"lint/y","severity":"information","description":"d","message":[{"elements":[],"content":"d"}],"location":{"path":{"file":"b.js"},"span":[7,9],"sourceCode":"let a;\nb()"}},
{"category":"lint/z","severity":"fatal","message":[{"content":"one "},{"content":"two"}],"location":{"path":{"file":"c.js"},"span":[7,9],"sourceCode":null}}],"command":"lint"}"#;
        let found = ["warning a.js:1:5-1:11 lint/x: unused", "notice b.js:2:1 lint/y: d", "error c.js lint/z: one two"];
        check("biome-json", text, &found);
    }
}
