//! RuboCop's JSON; also that of erb-lint and haml-lint, which follow it.

use serde_json::Value;

use super::clue::Spot;
use super::shape::Shape;
use super::sink::Sink;
use super::source::Source;
use super::{Format, Head, Kind, SURE};
use crate::model::finding::{Finding, Level};

/// RuboCop's JSON, <https://docs.rubocop.org/rubocop/formatters.html#json-formatter>.
pub static FORMAT: Format = Format { name: "rubocop-json", kind: Kind::Lint, recognise, read };

const SHAPE: Shape = Shape {
    tool: "rubocop",
    lists: &["files"],
    inner: &["offenses"],
    file: &["path"],
    line: &["location.start_line", "location.line"],
    column: &["location.start_column", "location.column"],
    end_line: &["location.last_line"],
    end_column: &["location.last_column"],
    message: &["message"],
    rule: &["cop_name", "linter", "linter_name"],
    level: &["severity"],
    default: Level::Warning,
    adjust,
    ..Shape::NONE
};

fn recognise(head: &Head) -> u8 {
    if head.has_all(&["files[].path", "files[].offenses"]) || head.has("metadata.rubocop_version") { SURE } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    SHAPE.read(source, sink);
}

/// The last column is the last one itself.
fn adjust(_: &Value, _: &mut Finding, spot: &mut Spot) -> bool {
    spot.end_column = spot.end_column.map(|column| column.saturating_add(1));
    true
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn every_file_has_its_offenses() {
        let text = r#"{"metadata":{"rubocop_version":"1.39.0"},"files":[{"path":"lib/a.rb","offenses":[
{"severity":"convention","message":"Missing","cop_name":"Style/X","corrected":false,"location":{"start_line":1,"start_column":1,"last_line":1,"last_column":4,"length":4,"line":1,"column":1}},
{"severity":"fatal","message":"old","cop_name":null,"location":{"line":2,"column":3,"length":1}},7]},{"path":"b.rb","offenses":[]}],"summary":{"offense_count":2}}"#;
        check("rubocop-json", text, &["notice lib/a.rb:1:1-1:5 Style/X: Missing", "error lib/a.rb:2:3 -: old"]);
    }
}
