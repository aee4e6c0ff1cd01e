use serde_json::Value;

use super::*;
use crate::reports::{FileReport, Options};

fn read_value(value: &Value) -> FileReport {
    let text = value.to_string();
    super::super::read(Box::new(std::io::Cursor::new(text.into_bytes())), "r", None, &Options::default())
}

/// Level, rule, message, path, line of each finding.
fn check(run: Value, findings: &[(Level, &str, &str, &str, u32)]) {
    let report = read_value(&serde_json::json!({"version": "2.1.0", "$schema": "sarif", "runs": [run]}));
    let found: Vec<_> = report
        .findings
        .iter()
        .map(|(finding, clue)| {
            let spot = clue.spots.first().cloned().unwrap_or_default();
            let path = spot.base.unwrap_or_default() + &spot.path;
            let rule = finding.rule.clone().unwrap_or_default();
            (finding.level, rule, finding.message.clone(), path, spot.line.unwrap_or_default())
        })
        .collect();
    let wanted: Vec<_> = findings
        .iter()
        .map(|(level, rule, message, path, line)| {
            (*level, rule.to_string(), message.to_string(), path.to_string(), *line)
        })
        .collect();
    assert_eq!(found, wanted);
}

#[test]
fn rules_may_come_before_or_after() {
    let results = serde_json::json!([
        {"ruleIndex": 0, "message": {"id": "m", "arguments": ["x"]},
         "locations": [{"physicalLocation": {"artifactLocation": {"index": 0}, "region": {"startLine": 3}}}]},
        {"ruleId": "R1/sub", "level": null, "kind": "FAIL", "message": {"text": "t"}},
        {"ruleId": "R1", "level": "ERROR", "message": {"text": "e"}, "suppressions": [{"status": "rejected"}]},
        {"ruleId": "R1", "message": {"text": "moot"}, "suppressions": [{}]},
        {"ruleId": "R1", "message": {"text": "moot"}, "kind": "pass"},
    ]);
    let tool = serde_json::json!({"driver": {"name": "T", "rules": [
        {"id": "R1", "defaultConfiguration": {"level": "note"}, "messageStrings": {"m": {"text": "is {0}"}}}]}});
    let artifacts = serde_json::json!([{"location": {"uri": "a.c", "uriBaseId": "ROOT"}}]);
    let bases = serde_json::json!({"ROOT": {"uri": "src/", "uriBaseId": "TOP"}, "TOP": {"uri": "file:///w/"}});
    let wanted = [
        (Level::Notice, "R1", "is x", "file:///w/src/a.c", 3),
        (Level::Notice, "R1/sub", "t", "", 0),
        (Level::Error, "R1", "e", "", 0),
    ];
    check(
        serde_json::json!({"tool": tool, "results": results, "artifacts": artifacts, "originalUriBaseIds": bases}),
        &wanted,
    );
}

#[test]
fn missing_parts_lose_only_themselves() {
    check(serde_json::json!({"results": null}), &[]);
    check(serde_json::json!({"results": [null, 7, {}]}), &[(Level::Warning, "", "", "", 0)]);
    assert!(read_value(&serde_json::json!({"$schema": "sarif", "runs": null})).problems[0].grave);
}
