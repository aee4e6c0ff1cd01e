//! Semgrep's and Opengrep's JSON.

use serde_json::Value;

use super::clue::Spot;
use super::shape::{Shape, at, entries, text};
use super::sink::Sink;
use super::source::Source;
use super::{Format, Head, Kind, SURE};
use crate::model::finding::{Finding, Level};

/// Semgrep's JSON, <https://semgrep.dev/docs/semgrep-appsec-platform/json-and-sarif>.
pub static FORMAT: Format = Format { name: "semgrep-json", kind: Kind::Lint, recognise, read };

const SHAPE: Shape = Shape {
    tool: "semgrep",
    file: &["path"],
    line: &["start.line"],
    column: &["start.col"],
    end_line: &["end.line"],
    end_column: &["end.col"],
    message: &["extra.message"],
    rule: &["check_id"],
    level: &["extra.severity"],
    words: &[("INVENTORY", Level::Notice), ("EXPERIMENT", Level::Notice)],
    adjust,
    ..Shape::NONE
};

fn recognise(head: &Head) -> u8 {
    if head.has("results[].check_id") || head.has_all(&["results", "errors", "paths"]) { SURE } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    entries(source, sink, &["results", "errors"], &mut |sink, list, entry| match list {
        "errors" => {
            // What Semgrep could not scan.
            let message = text(&entry["message"]).or_else(|| text(&entry["long_msg"])).unwrap_or_default();
            sink.odd(message.lines().next().unwrap_or_default(), None);
        }
        _ => SHAPE.entry(&entry, sink),
    });
}

/// What a comment in the source waves through is no finding.
fn adjust(entry: &Value, _: &mut Finding, _: &mut Spot) -> bool {
    at(entry, "extra.is_ignored") != true
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn results_and_errors() {
        let text = r#"{"errors":[{"code":3,"level":"warn","message":"Syntax error\nmore","path":"x"}],"paths":{"scanned":["a"]},"results":[
{"check_id":"r.sql","path":"A.java","start":{"line":33,"col":24,"offset":1},"end":{"line":33,"col":86},"extra":{"message":"m","severity":"ERROR","is_ignored":false}},
{"check_id":"r.x","path":"B.py","start":{"line":1,"col":1},"end":{"line":2,"col":3},"extra":{"message":"n","severity":"INFO"}},
{"check_id":"r.y","path":"B.py","start":{"line":1,"col":1},"extra":{"message":"o","severity":"INFO","is_ignored":true}}]}"#;
        let found = ["error A.java:33:24-33:86 r.sql: m", "notice B.py:1:1-2:3 r.x: n", "? Syntax error"];
        check("semgrep-json", text, &found);
    }
}
