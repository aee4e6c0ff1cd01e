//! reviewdog's diagnostic format, rdjson.

use serde_json::Value;

use super::clue::{Columns, Spot};
use super::json::{Json, Next};
use super::shape::{Shape, at, give, text};
use super::sink::{Sink, level};
use super::source::Source;
use super::{Format, Head, Kind, SURE};
use crate::model::finding::{Finding, Level};

/// rdjson, <https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>.
pub static FORMAT: Format = Format { name: "rdjson", kind: Kind::Lint, recognise, read };

/// A diagnostic, here and in rdjsonl.
pub const SHAPE: Shape = Shape {
    tool: "rdjson",
    file: &["location.path"],
    line: &["location.range.start.line"],
    column: &["location.range.start.column"],
    end_line: &["location.range.end.line"],
    end_column: &["location.range.end.column"],
    message: &["message"],
    rule: &["code.value"],
    level: &["severity"],
    // The numbers of the protocol.
    words: &[("1", Level::Error), ("2", Level::Warning), ("3", Level::Notice)],
    columns: Columns::Bytes,
    adjust,
    ..Shape::NONE
};

fn recognise(head: &Head) -> u8 {
    let wrong = head.has("diagnostics[].category") || head.has("diagnostics[].filename");
    if head.has_all(&["diagnostics[].message", "diagnostics[].location.path"]) && !wrong {
        SURE
    } else if head.has("diagnostics") && !wrong {
        // A clean run.
        SURE / 2
    } else {
        0
    }
}

/// The level and the source that hold for all diagnostics may come after them.
fn read(source: &mut Source, sink: &mut Sink) {
    let kept = sink.options().max_kept;
    let mut json = Json::new(source);
    loop {
        let mut default = None;
        let mut tool = None;
        let mut waiting: Vec<(Finding, Spot, bool)> = Vec::new();
        json.object(&mut |json, key| match key {
            "severity" => default = json.text().and_then(|word| level(&word)),
            "source" => tool = json.value().and_then(|source| text(&source["name"])),
            "diagnostics" => {
                json.array(&mut |json| {
                    let Some(entry) = (json.peek() == Next::Object).then(|| json.value()).flatten() else { return };
                    let Some((finding, spot)) = SHAPE.find(&entry, None) else { return };
                    if waiting.len() < kept {
                        waiting.push((finding, spot, entry["severity"].is_null()));
                    } else {
                        give(finding, spot, sink);
                    }
                });
            }
            _ => {}
        });
        for (mut finding, spot, unsaid) in waiting {
            if unsaid {
                finding.level = default.unwrap_or(finding.level);
            }
            if let Some(tool) = tool.as_ref().filter(|_| finding.source == SHAPE.tool) {
                finding.source.clone_from(tool);
            }
            give(finding, spot, sink);
        }
        if !json.next_document() {
            break;
        }
    }
    json.tell(sink);
}

fn adjust(entry: &Value, finding: &mut Finding, spot: &mut Spot) -> bool {
    if let Some(tool) = text(at(entry, "source.name")) {
        finding.source = tool;
    }
    spot.end_line = spot.end_line.filter(|end| spot.line.is_some_and(|line| *end >= line));
    true
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn defaults_may_come_last() {
        let text = r#"{"diagnostics":[
{"message":"m","location":{"path":"a.py","range":{"start":{"line":1,"column":2},"end":{"line":1,"column":5}}},"code":{"value":"F401","url":"u"}},
{"message":"n","location":{"path":"b.py","range":{"start":{"line":3}}},"severity":"ERROR","suggestions":[]},
{"message":"o","location":{"path":"c.py"},"severity":3}],"severity":"INFO","source":{"name":"ruff"}}"#;
        check("rdjson", text, &["notice a.py:1:2-1:5 F401: m", "error b.py:3 -: n", "notice c.py -: o"]);
        check("rdjson", "{\"source\":{\"name\":\"x\"},\"diagnostics\":[]}", &[]);
    }
}
