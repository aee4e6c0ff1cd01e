//! JSON that no tool's own format claims, in which entries name a file, a line
//! and a message: the last resort for JSON.

use serde_json::Value;

use super::clue::Spot;
use super::json::{Json, Next};
use super::lines::is_file;
use super::shape::{Shape, at, give, lines, number, text};
use super::sink::Sink;
use super::source::Source;
use super::{Format, Head, Kind};
use crate::model::finding::{Finding, Level};

/// Lists of entries, plain, below a key, below a file's path or inside an entry for a file: of
/// Bandit, gosec, staticcheck, PHPStan, Psalm, tflint, actionlint, SwiftLint, ktlint and many more.
pub static FORMAT: Format = Format { name: "issues-json", kind: Kind::Lint, recognise, read };

/// The names by which tools call the parts of a finding.
const SHAPE: Shape = Shape {
    tool: "",
    file: &[
        "file",
        "filename",
        "fileName",
        "file_name",
        "file_path",
        "filePath",
        "filepath",
        "path",
        "source",
        "File",
        "Filename",
        "location.path",
        "location.file",
        "location.filename",
        "range.filename",
        "position.filename",
        "position.file",
        "name",
    ],
    line: &[
        "line",
        "Line",
        "lineNumber",
        "line_number",
        "line_no",
        "lineno",
        "startLine",
        "start_line",
        "beginLine",
        "line_from",
        "line_start",
        "row",
        "location.line",
        "location.row",
        "location.start.line",
        "location.lines.begin",
        "start.line",
        "range.start.line",
        "position.line",
        "startPosition.line",
        "start_line_no",
        "Location.Start.LineNumber",
    ],
    end_line: &[
        "endLine",
        "end_line",
        "line_to",
        "line_end",
        "end.line",
        "location.end.line",
        "location.lines.end",
        "range.end.line",
        "endPosition.line",
        "end_line_no",
    ],
    column: &[
        "column",
        "col",
        "Column",
        "columnNumber",
        "column_number",
        "startColumn",
        "start_column",
        "column_from",
        "line_pos",
        "location.column",
        "location.start.column",
        "start.column",
        "start.col",
        "range.start.column",
        "position.column",
        "col_offset",
        "range.start.character",
        "startPosition.character",
        "character",
        "start_line_pos",
        "Location.Start.ColumnNumber",
    ],
    end_column: &["endColumn", "end_column", "column_to", "end.column", "end.col", "range.end.column", "end_line_pos"],
    message: &[
        "message",
        "Message",
        "msg",
        "issue_text",
        "details",
        "reason",
        "failure",
        "text",
        "description",
        "desc",
        "title",
    ],
    rule: &[
        "rule.name",
        "rule.id",
        "Rule.Id",
        "rule",
        "ruleId",
        "rule_id",
        "ruleName",
        "test_id",
        "check_name",
        "check_id",
        "check",
        "Check",
        "code",
        "identifier",
        "cop_name",
        "kind",
        "warning_type",
        "type",
        "symbol",
    ],
    level: &["severity", "Severity", "level", "Level", "issue_severity", "ruleSeverity", "rule.severity", "type"],
    adjust,
    ..Shape::NONE
};

fn recognise(head: &Head) -> u8 {
    if !head.is_json() || ["time", "timestamp", "ts", "@timestamp"].iter().any(|key| head.has(key)) {
        // Not a program's log.
        return 0;
    }
    let entries = head.keys().any(|key| {
        let Some(before) = SHAPE.message.iter().find_map(|name| key.strip_suffix(name)) else { return false };
        if !before.is_empty() && !before.ends_with('.') {
            return false;
        }
        let any = |before: &str, names: &[&str]| names.iter().any(|name| head.has(&format!("{before}{name}")));
        // The entry around the list, or the path that is the list's key.
        let outer = before.trim_end_matches("[].").rsplit_once('.').map_or("", |(outer, _)| outer);
        let named = before.contains('/') || is_file(before.trim_end_matches('.').trim_end_matches("[]"));
        let file = any(before, SHAPE.file) || named || any(&format!("{outer}."), SHAPE.file);
        file && any(before, SHAPE.line)
    });
    if entries { 15 } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    let head = Head::new(source.head(), source.is_short());
    if SHAPE.message.iter().any(|name| head.has(name)) && SHAPE.line.iter().any(|name| head.has(name)) {
        // Each line is an entry.
        lines(source, sink, &mut |sink, entry| {
            one(&entry, None, "", sink);
        });
        return;
    }
    let mut json = Json::new(source);
    loop {
        if json.peek() == Next::Array {
            json.array(&mut |json| whole(json, "", sink));
        } else {
            json.object(&mut |json, key| below(json, key, true, sink));
        }
        if !json.next_document() {
            break;
        }
    }
    json.tell(sink);
}

/// What stands below a key of the document: a list, or a map of files.
fn below(json: &mut Json, key: &str, outermost: bool, sink: &mut Sink) {
    match json.peek() {
        Next::Array => {
            json.array(&mut |json| whole(json, key, sink));
        }
        Next::Object if outermost => {
            json.object(&mut |json, key| below(json, key, false, sink));
        }
        Next::Object => whole(json, key, sink),
        _ => {}
    }
}

/// One entry: a finding, or a file with lists of findings. `key` may be the file's path.
fn whole(json: &mut Json, key: &str, sink: &mut Sink) {
    let Some(entry) = (json.peek() == Next::Object).then(|| json.value()).flatten() else { return };
    if one(&entry, None, key, sink) {
        return;
    }
    for list in entry.as_object().into_iter().flatten().filter_map(|(_, value)| value.as_array()) {
        for inner in list {
            one(inner, Some(&entry), key, sink);
        }
    }
}

fn one(entry: &Value, outer: Option<&Value>, key: &str, sink: &mut Sink) -> bool {
    let Some((finding, mut spot)) = SHAPE.find(entry, outer) else { return false };
    if key.contains(['/', '\\']) || is_file(key) {
        key.clone_into(&mut spot.path);
    }
    let named = is_file(&spot.path.replace(' ', "_"));
    let whole = named && !finding.message.is_empty() && spot.line.is_some();
    if whole {
        give(finding, spot, sink);
    }
    whole
}

fn adjust(entry: &Value, finding: &mut Finding, spot: &mut Spot) -> bool {
    // Those who count characters of a line count lines from 0 as well, as editors do.
    let editor = ["range.start", "startPosition"].iter().find(|path| !at(entry, path)["character"].is_null());
    if editor.is_some() {
        let line = editor.and_then(|path| number(&at(entry, path)["line"]));
        spot.line = line.map(|line| line.saturating_add(1));
        spot.end_line = spot.end_line.map(|line| line.saturating_add(1));
        spot.end_column = None;
    }
    if editor.is_some() || !entry["col_offset"].is_null() {
        spot.column = spot.column.map(|column| column.saturating_add(1));
    }
    spot.column = spot.column.filter(|column| *column > 0);
    // ESLint's numbers.
    if text(&entry["severity"]).is_some_and(|word| word == "2") {
        finding.level = Level::Error;
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::{check, check_unknown};

    #[test]
    fn lists_of_every_kind() {
        let staticcheck = r#"{"code":"SA4006","severity":"error","location":{"file":"a.go","line":42,"column":2},"end":{"file":"a.go","line":42,"column":9},"message":"never used"}
log
{"code":"S1002","location":{"file":"b.go","line":"6","column":3},"message":"omit"}"#;
        check("issues-json", staticcheck, &["error a.go:42:2-42:9 SA4006: never used", "warning b.go:6:3 S1002: omit"]);
        let gosec = r#"{"Golang errors":{},"Issues":[{"severity":"HIGH","rule_id":"G304","details":"inclusion","file":"/w/m.go","line":"42","column":"13"}],"Stats":{"files":1}}"#;
        check("issues-json", gosec, &["error /w/m.go:42:13 G304: inclusion"]);
        let bandit = r#"{"errors":[],"results":[{"filename":"p.py","line_number":11,"col_offset":8,"issue_severity":"LOW","issue_text":"eval","test_id":"B307","test_name":"blacklist"}]}"#;
        check("issues-json", bandit, &["notice p.py:11:9 B307: eval"]);
        let ktlint = r#"[{"file":"A.kt","errors":[{"line":1,"column":2,"message":"m","rule":"r"}]}]"#;
        check("issues-json", ktlint, &["warning A.kt:1:2 r: m"]);
        let phpstan = r#"{"totals":{"errors":0},"files":{"/w/a.php":{"errors":1,"messages":[{"message":"m","line":7,"ignorable":true,"identifier":"x.y"}]}},"errors":[]}"#;
        check("issues-json", phpstan, &["warning /w/a.php:7 x.y: m"]);
        let vale = r#"{"docs/a.md":[{"Check":"V.x","Line":10,"Message":"m","Severity":"suggestion","Span":[1,5]}]}"#;
        check("issues-json", vale, &["notice docs/a.md:10 V.x: m"]);
        let tslint = r#"[{"endPosition":{"character":3,"line":1},"failure":"f","name":"a.ts","ruleName":"semi","ruleSeverity":"ERROR","startPosition":{"character":2,"line":1,"position":9}}]"#;
        check("issues-json", tslint, &["error a.ts:2:3-2:- semi: f"]);
    }

    #[test]
    fn other_json_is_none() {
        check_unknown(r#"{"time":"2026","level":"info","file":"a.go","line":3,"message":"started"}"#);
        check_unknown(r#"[{"name":"a","version":"1","path":"x"}]"#);
        check_unknown(r#"{"message":"Not Found","documentation_url":"https://x"}"#);
    }
}
