//! Pyright's and basedpyright's JSON.

use super::clue::Columns;
use super::shape::Shape;
use super::sink::Sink;
use super::source::Source;
use super::{Format, Head, Kind, SURE};
use crate::model::finding::Level;

/// Pyright's JSON, <https://microsoft.github.io/pyright/#/command-line?id=json-output>. Lines and
/// columns count from 0.
pub static FORMAT: Format = Format { name: "pyright-json", kind: Kind::Lint, recognise, read };

const SHAPE: Shape = Shape {
    tool: "pyright",
    lists: &["generalDiagnostics"],
    file: &["file"],
    line: &["range.start.line"],
    column: &["range.start.character"],
    end_line: &["range.end.line"],
    end_column: &["range.end.character"],
    message: &["message"],
    rule: &["rule"],
    level: &["severity"],
    default: Level::Error,
    first_line: 0,
    first_column: 0,
    columns: Columns::Utf16,
    ..Shape::NONE
};

fn recognise(head: &Head) -> u8 {
    if head.has("generalDiagnostics") { SURE } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    SHAPE.read(source, sink);
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn counting_from_0() {
        let text = r#"No configuration file found.
{"version":"1.1","generalDiagnostics":[
{"file":"/w/a.py","severity":"error","message":"m\n  n","range":{"start":{"line":8,"character":15},"end":{"line":8,"character":29}},"rule":"reportX"},
{"file":"/w/a.py","severity":"information","message":"i","range":{"start":{"line":0,"character":0},"end":null}},
{"file":"/w/b.py","severity":null,"message":"no range"}],"summary":{"errorCount":1}}"#;
        let found = ["error /w/a.py:9:16-9:30 reportX: m\n  n", "notice /w/a.py:1:1 -: i", "error /w/b.py -: no range"];
        check("pyright-json", text, &found);
    }
}
