//! All findings as SARIF 2.1.0 (OASIS), for code scanning and other readers.
//!
//! The limits are those of GitHub's documentation ("SARIF support for code
//! scanning"). A result must have a place there, or the whole file is refused,
//! so a finding without one becomes a notification of its run. The fingerprint
//! that code scanning itself goes by is made of the source's lines, which its
//! uploader adds.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::model::finding::{Finding, Level, Report};
use crate::reports::baseline::identity;

/// How many runs of one file are taken.
const MOST_RUNS: usize = 20;
/// How many results of one run are taken.
const MOST_RESULTS: usize = 25_000;

/// The file, and how many findings it has no room for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sarif {
    /// The JSON.
    pub text: String,
    /// The findings that are left out, the least grave of a tool.
    pub left_out: u64,
}

/// One run a tool, in the order of their first findings.
pub fn sarif(report: &Report) -> Sarif {
    let mut tools: Vec<(&str, Vec<&Finding>)> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for finding in &report.findings {
        let source = finding.source.as_str();
        let at = *known.entry(source).or_insert(tools.len());
        match tools.get_mut(at) {
            Some((_, findings)) => findings.push(finding),
            None => tools.push((source, vec![finding])),
        }
    }
    let mut left_out = report.totals.findings.saturating_sub(report.findings.len() as u64);
    left_out += tools.iter().skip(MOST_RUNS).map(|(_, findings)| findings.len() as u64).sum::<u64>();
    let runs = tools.into_iter().take(MOST_RUNS).map(|(source, findings)| run(source, findings, &mut left_out));
    let runs: Vec<String> = runs.collect();
    let text = format!(
        "{{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{}]}}\n",
        runs.join(",\n")
    );
    Sarif { text, left_out }
}

fn run(source: &str, mut findings: Vec<&Finding>, left_out: &mut u64) -> String {
    if findings.len() > MOST_RESULTS {
        *left_out += (findings.len() - MOST_RESULTS) as u64;
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
        findings.truncate(MOST_RESULTS);
    }
    let mut rules: Vec<Value> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut results = Vec::new();
    let mut notifications = Vec::new();
    let mut equals: HashMap<String, u64> = HashMap::new();
    for finding in findings {
        let Some(file) = &finding.file else {
            notifications.push(notification(finding));
            continue;
        };
        let mut result = json!({
            "level": level(finding.level),
            "message": { "text": words(finding) },
            "locations": [{ "physicalLocation": location(file, finding) }],
        });
        if let Some(rule) = rule(finding) {
            let at = *known.entry(rule).or_insert(rules.len());
            if at == rules.len() {
                rules.push(json!({ "id": rule }));
            }
            result["ruleId"] = json!(rule);
            result["ruleIndex"] = json!(at);
        }
        let id = identity(finding);
        let count = equals.entry(id.clone()).or_default();
        *count += 1;
        result["partialFingerprints"] = json!({ "waybillIdentity/v1": format!("{id}:{count}") });
        results.push(result.to_string());
    }
    let name = if source.trim().is_empty() { "linter" } else { source };
    let mut invocation = json!({ "executionSuccessful": true });
    if !notifications.is_empty() {
        invocation["toolExecutionNotifications"] = Value::Array(notifications);
    }
    format!(
        "{{\"tool\":{},\"columnKind\":\"utf16CodeUnits\",\"invocations\":[{invocation}],\"results\":[\n{}\n]}}",
        json!({ "driver": { "name": name, "rules": rules } }),
        results.join(",\n")
    )
}

fn location(file: &str, finding: &Finding) -> Value {
    let mut place = json!({ "artifactLocation": { "uri": uri(file), "uriBaseId": "%SRCROOT%" } });
    let number = |number: Option<u32>| number.filter(|number| *number > 0);
    if let Some(line) = number(finding.line) {
        let mut region = Map::new();
        let mut add = |name: &str, value: Option<u32>| {
            if let Some(value) = value {
                region.insert(name.to_owned(), json!(value));
            }
        };
        let end_line = number(finding.end_line).filter(|end| *end >= line);
        let column = number(finding.column);
        let end_column = number(finding.end_column)
            .filter(|end| column.is_some_and(|column| *end >= column) || end_line.is_some_and(|end| end > line));
        add("startLine", Some(line));
        add("startColumn", column);
        add("endLine", end_line);
        add("endColumn", end_column);
        place["region"] = Value::Object(region);
    }
    place
}

fn notification(finding: &Finding) -> Value {
    let place = finding.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
    let mut notification = json!({
        "level": level(finding.level),
        "message": { "text": format!("{place}{}", words(finding)) },
    });
    if let Some(rule) = rule(finding) {
        notification["associatedRule"] = json!({ "id": rule });
    }
    notification
}

/// What is wrong; a message must not be empty.
fn words(finding: &Finding) -> &str {
    match finding.message.trim() {
        "" => rule(finding).unwrap_or("no message"),
        _ => &finding.message,
    }
}

fn rule(finding: &Finding) -> Option<&str> {
    finding.rule.as_deref().filter(|rule| !rule.is_empty())
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Notice => "note",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

/// The path as a relative URI (RFC 3986), which a colon must not make absolute.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b if b.is_ascii_alphanumeric() || b"-._~/".contains(&b) => uri.push(char::from(b)),
            b => uri.push_str(&format!("%{b:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reports::locate::{Locator, Settings};
    use crate::reports::tracked::Tracked;
    use crate::reports::{Options, read};

    fn finding(file: &str, line: u32, message: &str) -> Finding {
        Finding {
            level: Level::Error,
            file: Some(file.to_owned()),
            line: Some(line),
            rule: Some("R1".to_owned()),
            message: message.to_owned(),
            source: "tool".to_owned(),
            ..Finding::default()
        }
    }

    fn report(findings: Vec<Finding>) -> Report {
        let mut report = Report { findings, ..Report::default() };
        report.findings.iter().for_each(|finding| report.totals.find(finding.level));
        report
    }

    /// What our own reader makes of it.
    fn read_back(text: &str, tracked: &str) -> Report {
        let file = read(Box::new(std::io::Cursor::new(text.as_bytes().to_vec())), "r", None, &Options::default());
        assert_eq!(file.format, "sarif");
        Locator::new(&Tracked::new(tracked), &Settings::default()).report(vec![file], 0, &mut |_| None)
    }

    #[test]
    fn a_file_is_written_whole() {
        let mut first = finding("src/a b.ts", 3, "no\nluck");
        (first.column, first.end_line, first.end_column) = (Some(5), Some(3), Some(9));
        let lost = Finding { file: None, place: Some("/x.h:3".to_owned()), ..finding("", 1, "x") };
        let found = sarif(&report(vec![first, finding("src/a b.ts", 9, "no luck"), lost]));
        let id = identity(&finding("src/a b.ts", 1, "no luck"));
        let place =
            r#""physicalLocation":{"artifactLocation":{"uri":"src/a%20b.ts","uriBaseId":"%SRCROOT%"},"region":"#;
        let expected = [
            "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[",
            "{\"tool\":{\"driver\":{\"name\":\"tool\",\"rules\":[{\"id\":\"R1\"}]}},\"columnKind\":\"utf16CodeUnits\",",
            "\"invocations\":[{\"executionSuccessful\":true,\"toolExecutionNotifications\":[",
            "{\"associatedRule\":{\"id\":\"R1\"},\"level\":\"error\",\"message\":{\"text\":\"/x.h:3: x\"}}]}],\"results\":[\n",
            "{\"level\":\"error\",\"locations\":[{",
            place,
            "{\"endColumn\":9,\"endLine\":3,\"startColumn\":5,\"startLine\":3}}}],\"message\":{\"text\":\"no\\nluck\"},",
            &format!(
                "\"partialFingerprints\":{{\"waybillIdentity/v1\":\"{id}:1\"}},\"ruleId\":\"R1\",\"ruleIndex\":0}},\n"
            ),
            "{\"level\":\"error\",\"locations\":[{",
            place,
            "{\"startLine\":9}}}],\"message\":{\"text\":\"no luck\"},",
            &format!(
                "\"partialFingerprints\":{{\"waybillIdentity/v1\":\"{id}:2\"}},\"ruleId\":\"R1\",\"ruleIndex\":0}}"
            ),
            "\n]}]}\n",
        ];
        assert_eq!(found, Sarif { text: expected.concat(), left_out: 0 });
    }

    #[test]
    fn no_finding_is_an_empty_file() {
        let found = sarif(&Report::default());
        assert!(found.text.ends_with("\"runs\":[]}\n"));
        assert_eq!(read_back(&found.text, "").totals.findings, 0);
    }

    #[test]
    fn the_limits_keep_the_gravest() {
        let mut findings: Vec<_> = (0..25_001).map(|line| finding("a", line + 1, "x")).collect();
        findings[0].level = Level::Notice;
        findings.extend((0..20).map(|at| Finding { source: format!("t{at}"), ..finding("a", 1, "x") }));
        let found = sarif(&report(findings));
        assert_eq!(found.left_out, 2);
        let back = read_back(&found.text, "a");
        assert_eq!((back.totals.error, back.totals.notice), (25_019, 0));
    }

    proptest! {
        #[test]
        fn our_own_reader_reads_the_same(
            message in "\\PC{1,40}",
            rule in "[a-z/:@0-9-]{0,9}",
            file in "[a-zü %#?&+]{1,9}(/[a-z:.]{1,5}x)?",
            line in 1u32..9_999,
            column in prop::option::of(1u32..99),
            level in 0..3,
        ) {
            let level = [Level::Notice, Level::Warning, Level::Error][level as usize];
            let rule = (!rule.is_empty()).then_some(rule);
            let first = Finding { level, rule, column, ..finding(&file, line, &message) };
            prop_assume!(!message.trim().is_empty());
            let written = report(vec![first, finding(&file, 1, "other")]);
            let back = read_back(&sarif(&written).text, &file);
            prop_assert_eq!(back.findings, written.findings);
        }
    }
}
