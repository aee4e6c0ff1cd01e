//! reviewdog's diagnostic format with a diagnostic a line, rdjsonl.

use super::rdjson::SHAPE;
use super::sink::Sink;
use super::source::Source;
use super::{Format, Head, Kind, SURE};

/// rdjsonl, <https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>.
pub static FORMAT: Format = Format { name: "rdjsonl", kind: Kind::Lint, recognise, read };

fn recognise(head: &Head) -> u8 {
    let place = head.has("location.range.start.line") || head.has("code.value") || head.has("source.name");
    if head.has_all(&["message", "location.path"]) && place { SURE - 5 } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    SHAPE.read_lines(source, sink);
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn a_diagnostic_a_line() {
        let text = r#"{"message":"m","location":{"path":"a.sh","range":{"start":{"line":14,"column":15}}},"severity":"INFO","source":{"name":"shellcheck"}}
log
{"message":"n","location":{"path":"b.sh"}}"#;
        check("rdjsonl", text, &["notice a.sh:14:15 -: m", "warning b.sh -: n"]);
    }
}
