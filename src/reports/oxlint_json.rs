//! oxlint's JSON.

use super::shape::Shape;
use super::sink::Sink;
use super::source::Source;
use super::{Format, Head, Kind, SURE};
use crate::model::finding::Level;

/// oxlint's JSON, <https://oxc.rs/docs/guide/usage/linter/output-formats>. Its older versions wrote
/// only the offset in bytes, from which the line cannot be known.
pub static FORMAT: Format = Format { name: "oxlint-json", kind: Kind::Lint, recognise, read };

const SHAPE: Shape = Shape {
    tool: "oxlint",
    lists: &["diagnostics"],
    file: &["filename"],
    line: &["labels.0.span.line"],
    column: &["labels.0.span.column"],
    message: &["message"],
    rule: &["code"],
    level: &["severity"],
    words: &[("advice", Level::Notice)],
    ..Shape::NONE
};

fn recognise(head: &Head) -> u8 {
    let has = |list: &str| head.has(&format!("{list}[].labels")) && head.has(&format!("{list}[].filename"));
    let empty = head.has("diagnostics") && head.has("number_of_files");
    if empty || has("diagnostics") || has("") { SURE } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    SHAPE.read(source, sink);
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn the_first_label_is_the_place() {
        let text = r#"{ "diagnostics": [{"message": "Unexpected token","severity": "error","filename": "b.js","labels": [{"span": {"offset": 10,"length": 1,"line": 1,"column": 11}}]},
{"message": "unused","code": "eslint(no-unused-vars)","severity": "warning","help": "h","filename": "c.js","labels": [{"label": "here","span": {"offset": 7,"length": 3,"line": 1,"column": 8}},{"span": {"line": 2,"column": 5}}]},
{"message": "old","severity": "advice","filename": "c.js","labels": [{"span": {"offset": 7,"length": 3}}],"related": []}],"number_of_files": 2 }"#;
        let found = [
            "error b.js:1:11 -: Unexpected token",
            "warning c.js:1:8 eslint(no-unused-vars): unused",
            "notice c.js -: old",
        ];
        check("oxlint-json", text, &found);
    }
}
