//! Pylint's JSON, the old list and the newer `json2`.

use serde_json::Value;

use super::clue::{Columns, Spot};
use super::shape::{Shape, text};
use super::sink::Sink;
use super::source::Source;
use super::{Format, Head, Kind, SURE};
use crate::model::finding::{Finding, Level};

/// Pylint's JSON, <https://pylint.readthedocs.io/en/latest/user_guide/usage/output.html>.
pub static FORMAT: Format = Format { name: "pylint-json", kind: Kind::Lint, recognise, read };

const SHAPE: Shape = Shape {
    tool: "pylint",
    lists: &["messages"],
    file: &["path", "absolutePath"],
    line: &["line"],
    column: &["column"],
    end_line: &["endLine"],
    end_column: &["endColumn"],
    message: &["message"],
    rule: &["symbol", "message-id", "messageId"],
    level: &["type"],
    first_column: 0,
    // Python's own syntax tree counts bytes.
    columns: Columns::Bytes,
    adjust,
    ..Shape::NONE
};

fn recognise(head: &Head) -> u8 {
    let list = head.has_all(&["[].message-id", "[].symbol"]);
    if list || head.has_all(&["messages[].messageId", "messages[].symbol"]) || head.has("statistics.messageTypeCount") {
        SURE
    } else {
        0
    }
}

fn read(source: &mut Source, sink: &mut Sink) {
    SHAPE.read(source, sink);
}

fn adjust(entry: &Value, finding: &mut Finding, _: &mut Spot) -> bool {
    let id = text(&entry["message-id"]).or_else(|| text(&entry["messageId"])).unwrap_or_default();
    if entry["type"].is_null() {
        finding.level = level(&id).unwrap_or(Level::Warning);
    }
    true
}

/// The level that the first letter of a message's id stands for.
pub fn level(id: &str) -> Option<Level> {
    match id.bytes().next()? {
        b'F' | b'E' => Some(Level::Error),
        b'W' => Some(Level::Warning),
        b'C' | b'R' | b'I' => Some(Level::Notice),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn both_shapes() {
        let old = r#"[{"type":"convention","module":"p","obj":"","line":1,"column":0,"endLine":null,"endColumn":null,"path":"p/a.py","symbol":"missing-docstring","message":"Missing","message-id":"C0114"},
            {"line":2,"column":4,"endLine":2,"endColumn":9,"path":"p/a.py","symbol":"x","message":"m","message-id":"E0602"}]"#;
        let found = ["notice p/a.py:1:1 missing-docstring: Missing", "error p/a.py:2:5-2:10 x: m"];
        check("pylint-json", old, &found);
        let new = r#"{"messages":[{"type":"fatal","symbol":"astroid-error","message":"m","messageId":"F0002","line":1,"column":null,"endLine":null,"path":"a.py","absolutePath":"/w/a.py"}],"statistics":{"messageTypeCount":{"fatal":1}}}"#;
        check("pylint-json", new, &["error a.py:1 astroid-error: m"]);
        check("pylint-json", "{\"messages\": [], \"statistics\": {\"messageTypeCount\": {}}}", &[]);
    }
}
