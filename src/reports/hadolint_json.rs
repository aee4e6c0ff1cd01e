//! hadolint's JSON.

use super::shape::Shape;
use super::sink::Sink;
use super::source::Source;
use super::{Format, Head, Kind, SURE};

/// hadolint's JSON, <https://github.com/hadolint/hadolint#cli>.
pub static FORMAT: Format = Format { name: "hadolint-json", kind: Kind::Lint, recognise, read };

const SHAPE: Shape = Shape {
    tool: "hadolint",
    file: &["file"],
    line: &["line"],
    column: &["column"],
    message: &["message"],
    rule: &["code"],
    level: &["level"],
    ..Shape::NONE
};

fn recognise(head: &Head) -> u8 {
    let keys = ["[].file", "[].level", "[].code", "[].message"];
    if head.has_all(&keys) && !head.has("[].endLine") { SURE - 10 } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    SHAPE.read(source, sink);
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn a_list() {
        let text = r#"[{"line":15,"code":"DL3008","message":"Pin","column":1,"file":"Dockerfile","level":"warning"},{},{"level":"error"},
{"line":35,"code":"SC2006","message":"Use","column":1,"file":"Dockerfile","level":"style"},{"message":"m","file":"D","level":"XXX"}]"#;
        let found = ["warning Dockerfile:15:1 DL3008: Pin", "notice Dockerfile:35:1 SC2006: Use", "warning D -: m"];
        check("hadolint-json", text, &found);
    }
}
