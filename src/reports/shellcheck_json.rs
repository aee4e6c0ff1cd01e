//! ShellCheck's JSON: a list, and `json1`, which wraps it.

use serde_json::Value;

use super::clue::Spot;
use super::shape::Shape;
use super::sink::Sink;
use super::source::Source;
use super::{Format, Head, Kind, SURE};
use crate::model::finding::Finding;

/// ShellCheck's `json` and `json1`, <https://www.shellcheck.net/wiki/Integration>.
pub static FORMAT: Format = Format { name: "shellcheck-json", kind: Kind::Lint, recognise, read };

const SHAPE: Shape = Shape {
    tool: "shellcheck",
    lists: &["comments"],
    file: &["file"],
    line: &["line"],
    column: &["column"],
    end_line: &["endLine"],
    end_column: &["endColumn"],
    message: &["message"],
    rule: &["code"],
    level: &["level"],
    adjust,
    ..Shape::NONE
};

fn recognise(head: &Head) -> u8 {
    let list = head.has_all(&["[].file", "[].level", "[].code", "[].endLine"]);
    let empty = head.text.trim() == "{\"comments\":[]}";
    if list || empty || head.has_all(&["comments[].file", "comments[].code"]) { SURE } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    SHAPE.read(source, sink);
}

fn adjust(_: &Value, finding: &mut Finding, _: &mut Spot) -> bool {
    let rule = finding.rule.take();
    finding.rule =
        rule.map(|rule| if rule.bytes().all(|byte| byte.is_ascii_digit()) { format!("SC{rule}") } else { rule });
    true
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn both_shapes() {
        let list = r#"[{"file":"a.sh","line":2,"endLine":2,"column":10,"endColumn":21,"level":"error","code":2045,"message":"m","fix":null},
{"file":"a.sh","line":3,"endLine":3,"column":8,"endColumn":10,"level":"style","code":"2006","message":"n","fix":{"replacements":[{"line":1}]}}]"#;
        let found = ["error a.sh:2:10-2:21 SC2045: m", "notice a.sh:3:8-3:10 SC2006: n"];
        check("shellcheck-json", list, &found);
        check("shellcheck-json", &format!("{{\"comments\":{list}}}"), &found);
        check("shellcheck-json", "{\"comments\":[]}\n", &[]);
    }
}
