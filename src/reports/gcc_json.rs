//! GCC's JSON, `-fdiagnostics-format=json`.

use serde_json::Value;

use super::clue::{Columns, Spot};
use super::shape::{Shape, at, number, text};
use super::sink::Sink;
use super::source::Source;
use super::{Format, Head, Kind, SURE};
use crate::model::finding::{Finding, Level};

/// GCC's JSON, <https://gcc.gnu.org/onlinedocs/gcc-14.2.0/gcc/Diagnostic-Message-Formatting-Options.html>:
/// one list for each compilation.
pub static FORMAT: Format = Format { name: "gcc-json", kind: Kind::Lint, recognise, read };

const SHAPE: Shape = Shape {
    tool: "gcc",
    file: &["locations.0.caret.file", "locations.0.start.file"],
    line: &["locations.0.caret.line", "locations.0.start.line"],
    column: &["locations.0.caret.column", "locations.0.start.column"],
    message: &["message"],
    rule: &["option"],
    level: &["kind"],
    default: Level::Error,
    columns: Columns::Bytes,
    adjust,
    ..Shape::NONE
};

fn recognise(head: &Head) -> u8 {
    if head.has_all(&["[].kind", "[].message", "[].locations"]) { SURE } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    SHAPE.read(source, sink);
}

fn adjust(entry: &Value, finding: &mut Finding, spot: &mut Spot) -> bool {
    // A column counts cells of a terminal; where those are not bytes, nobody knows what it is.
    let caret = at(entry, "locations.0.caret");
    if let (Some(bytes), Some(cells)) = (number(&caret["byte-column"]), number(&caret["display-column"]))
        && bytes != cells
    {
        spot.column = None;
    }
    if number(&entry["column-origin"]) == Some(0) {
        spot.column = spot.column.map(|column| column.saturating_add(1));
    }
    notes(&entry["children"], &mut finding.message, 3);
    true
}

/// Adds the notes that belong to a message.
fn notes(children: &Value, message: &mut String, depth: u32) {
    for child in children.as_array().into_iter().flatten() {
        if let Some(note) = text(&child["message"]) {
            let kind = text(&child["kind"]).unwrap_or_else(|| "note".to_owned());
            message.push_str(&format!("\n{kind}: {note}"));
        }
        if depth > 0 {
            notes(&child["children"], message, depth - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn notes_belong_to_their_message() {
        let text = r#"[{"kind":"warning","locations":[{"caret":{"file":"a.c","line":7,"display-column":13,"byte-column":13,"column":13}}],"column-origin":1,"option":"-Wparentheses","children":[{"kind":"note","message":"here","locations":[{"caret":{"file":"b.h","line":1,"column":1}}]}],"message":"m"}]
make: *** [a.o] Error 1
[{"kind":"fatal error","locations":[{"caret":{"file":"b.c","line":2,"display-column":17,"byte-column":3,"column":17}}],"children":null,"message":"no header"},{"kind":"error","locations":[],"message":"ld"}]
[]"#;
        let found = ["warning a.c:7:13 -Wparentheses: m\nnote: here", "error b.c:2 -: no header", "error - -: ld"];
        check("gcc-json", text, &found);
    }
}
