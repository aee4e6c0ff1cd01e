//! GoogleTest's JSON (`--gtest_output=json`). Source: `JsonUnitTestResultPrinter`.

use super::clue::{Clue, Columns, Spot, Trust};
use super::json::Json;
use super::lines::duration;
use super::{Format, Head, Kind, SURE, Sink, Source};
use crate::model::finding::amount;
use crate::model::finding::{Case, Status};

/// GoogleTest's JSON.
pub static FORMAT: Format = Format { name: "gtest-json", kind: Kind::Test, recognise, read };

/// How many failures of one test are kept.
const FAILURES: usize = 20;

fn recognise(head: &Head) -> u8 {
    if head.has("testsuites[].testsuite") || head.has_all(&["testsuites", "disabled"]) { SURE } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut json = Json::new(source);
    let (mut any, mut claimed) = (false, 0);
    loop {
        json.object(&mut |json, key| match key {
            "failures" | "errors" => claimed = claimed.max(json.number().unwrap_or(0.0) as u64),
            "testsuites" => {
                any = true;
                json.array(&mut |json| read_suite(json, sink));
            }
            _ => {}
        });
        if !json.next_document() {
            break;
        }
    }
    json.tell(sink);
    let failed = sink.totals().failed;
    if claimed > 0 && failed == 0 {
        sink.red(format!("the run counts {}, and lists none", amount(claimed, "failure")));
    }
    if !any {
        sink.lost("no `testsuites` in it", None);
    }
}

fn read_suite(json: &mut Json, sink: &mut Sink) {
    let mut name = String::new();
    json.object(&mut |json, key| match key {
        "name" => name = json.text().unwrap_or_default(),
        "testsuite" => {
            json.array(&mut |json| read_test(json, &name, sink));
        }
        _ => {}
    });
}

fn read_test(json: &mut Json, suite: &str, sink: &mut Sink) {
    let (mut name, mut file, mut line, mut time) = (String::new(), String::new(), None, None);
    let (mut ran, mut result, mut parameter) = (String::new(), String::new(), String::new());
    let mut failures: Vec<String> = Vec::new();
    json.object(&mut |json, key| match key {
        "name" => name = json.text().unwrap_or_default(),
        "file" => file = json.text().unwrap_or_default(),
        "line" => line = json.place(),
        "time" => time = json.text(),
        "status" => ran = json.text().unwrap_or_default(),
        "result" => result = json.text().unwrap_or_default(),
        "value_param" | "type_param" => parameter = json.text().unwrap_or_default(),
        "failures" => {
            json.array(&mut |json| {
                json.object(&mut |json, key| {
                    if key == "failure" {
                        let text = json.text();
                        if failures.len() < FAILURES {
                            failures.extend(text);
                        }
                    }
                });
            });
        }
        _ => {}
    });
    let skipped = ran == "NOTRUN" || matches!(result.as_str(), "SKIPPED" | "SUPPRESSED");
    let status = match (failures.is_empty(), skipped) {
        (false, _) => Status::Failed,
        (true, true) => Status::Skipped,
        (true, false) => Status::Passed,
    };
    let time = time.and_then(|time| duration(&time));
    if status != Status::Failed {
        sink.tally(status, suite, &name, time);
        return;
    }
    let details = failures.join("\n\n");
    // The first line is the place.
    let message = failures[0].split_once('\n').map_or(failures[0].as_str(), |(_, message)| message).trim().to_owned();
    let message = if parameter.is_empty() { message } else { format!("{message}\n(with {parameter})") };
    let spots = if file.is_empty() { Vec::new() } else { vec![Spot::new(file, line, Trust::Definition)] };
    let case = Case {
        name,
        suite: (!suite.is_empty()).then(|| suite.to_owned()),
        status,
        duration_ms: time,
        message,
        details: Some(details),
        ..Case::default()
    };
    sink.case(case, Clue { spots, columns: Columns::Bytes, ..Clue::default() });
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    const GREEN: &str = r#"{"tests":1,"failures":0,"disabled":0,"testsuites":[{"name":"A","testsuite":[{"name":"b","status":"RUN","result":"COMPLETED","time":"0.1s"}]}]}"#;

    #[test]
    fn tests_have_results() {
        let json = r#"{"tests":4,"failures":1,"testsuites":[{"name":"A","testsuite":[
            {"name":"ok","status":"RUN","result":"COMPLETED","time":"0s"},
            {"name":"off","status":"NOTRUN","result":"SUPPRESSED"},{"name":"skip","status":"RUN","result":"SKIPPED"},
            {"name":"bad/0","value_param":"3","file":"t.cpp","line":5,"status":"RUN","result":"COMPLETED","failures":[{"failure":"t.cpp:6\nno"}]}]}]}"#;
        assert_eq!(outline(json, "gtest-json"), "4: 1 passed 1 failed 2 skipped\nfailed A / bad/0: no @ t.cpp:5\n");
        assert_eq!(outline(GREEN, "gtest-json"), "1: 1 passed\n");
        check_cuts(GREEN, "}");
    }
}
