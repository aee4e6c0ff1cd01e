//! The events of `dart test --reporter json` and `flutter test --machine`.
//! Source: the test package's `doc/json_reporter.md`.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::clue::{Clue, Spot, Trust};
use super::excerpt::Excerpt;
use super::lines::Lines;
use super::sink::DETAILS;
use super::{Format, Head, Kind, SURE, Sink, Source, ansi};
use crate::model::finding::{Case, Status};

/// Dart's and Flutter's events.
pub static FORMAT: Format = Format { name: "dart-json", kind: Kind::Test, recognise, read };

/// How much of a test's own prints is kept, in bytes.
const PRINTS: usize = 16 * 1024;

fn recognise(head: &Head) -> u8 {
    let start = head.has_all(&["protocolVersion", "runnerVersion"]);
    let tests = head.has_all(&["type", "time"]) && (head.has("testID") || head.has("test.suiteID"));
    if start || tests { SURE } else { 0 }
}

/// A test that has begun.
#[derive(Default)]
struct Test {
    name: String,
    suite: String,
    spot: Option<Spot>,
    began: f64,
    message: String,
    text: Option<Excerpt>,
    prints: Option<Excerpt>,
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut lines = Lines::new(source);
    let mut suites: HashMap<u64, String> = HashMap::new();
    let mut tests: BTreeMap<u64, Test> = BTreeMap::new();
    let mut verdict: Option<Value> = None;
    while lines.next_line().is_some() {
        let line = lines.raw().trim();
        if !line.starts_with('{') {
            continue;
        }
        let Ok(event) = serde_json::from_str::<Value>(line) else { continue };
        let id = event["testID"].as_u64();
        match event["type"].as_str() {
            Some("suite") => {
                let suite = &event["suite"];
                if let (Some(id), Some(path)) = (suite["id"].as_u64(), suite["path"].as_str()) {
                    suites.insert(id, path.to_owned());
                }
            }
            Some("testStart") => {
                if let Some(id) = event["test"]["id"].as_u64() {
                    tests.insert(id, begin(&event, &suites));
                }
            }
            Some("error") => {
                if let Some(test) = id.and_then(|id| tests.get_mut(&id)) {
                    test.error(&event);
                }
            }
            Some("print") => {
                if let Some(test) = id.and_then(|id| tests.get_mut(&id)) {
                    let prints = test.prints.get_or_insert_with(|| Excerpt::new(PRINTS));
                    prints.push(event["message"].as_str().unwrap_or_default());
                    prints.push("\n");
                }
            }
            Some("testDone") => {
                if let Some(test) = id.and_then(|id| tests.remove(&id)) {
                    test.end(&event, sink);
                }
            }
            Some("done") => verdict = Some(event["success"].clone()),
            _ => {}
        }
    }
    let end = lines.end();
    let failed = sink.totals().failed;
    match verdict {
        Some(Value::Bool(true)) => {}
        Some(Value::Bool(false)) if failed > 0 => {}
        Some(Value::Bool(false)) => sink.red("the run says that it failed, and no test did"),
        Some(_) => sink.red("the run was stopped before its end"),
        None => sink.lost("cut short: the run has no `done`", Some(end)),
    }
    for (_, mut test) in tests {
        if test.message.is_empty() {
            test.message = "the test has no result".to_owned();
        }
        test.hand_over(Status::Failed, None, sink);
    }
}

fn begin(event: &Value, suites: &HashMap<u64, String>) -> Test {
    let test = &event["test"];
    let text = |key: &str| test[key].as_str().filter(|text| !text.is_empty());
    let number = |key: &str| test[key].as_u64().and_then(|number| u32::try_from(number).ok());
    let suite = test["suiteID"].as_u64().and_then(|id| suites.get(&id)).cloned().unwrap_or_default();
    // A test that a helper defines has its place in the file that calls the helper in `root_…`.
    let (url, line, column) = match text("root_url") {
        Some(url) => (Some(url), number("root_line"), number("root_column")),
        None => (text("url"), number("line"), number("column")),
    };
    let spot = url.map(|url| {
        let mut spot = Spot::new(url, line, Trust::Definition);
        spot.column = column;
        spot
    });
    Test {
        name: text("name").unwrap_or_default().to_owned(),
        spot: spot.or_else(|| (!suite.is_empty()).then(|| Spot::new(suite.as_str(), None, Trust::File))),
        suite,
        began: event["time"].as_f64().unwrap_or(0.0),
        ..Test::default()
    }
}

impl Test {
    fn error(&mut self, event: &Value) {
        let error = ansi::plain(event["error"].as_str().unwrap_or_default()).trim().to_owned();
        let stack = event["stackTrace"].as_str().unwrap_or_default();
        let text = self.text.get_or_insert_with(|| Excerpt::new(DETAILS));
        text.push(&format!("{error}\n{}\n", ansi::plain(stack).trim_end()));
        if self.message.is_empty() {
            self.message = error;
        }
    }

    fn end(self, event: &Value, sink: &mut Sink) {
        let result = event["result"].as_str();
        if event["hidden"] == Value::Bool(true) && result == Some("success") {
            // Loading a file, setting up: no test.
            return;
        }
        let status = match result {
            _ if event["skipped"] == Value::Bool(true) => Status::Skipped,
            Some("success") => Status::Passed,
            _ => Status::Failed,
        };
        let took = event["time"].as_f64().map(|time| time - self.began);
        self.hand_over(status, took, sink);
    }

    fn hand_over(mut self, status: Status, duration_ms: Option<f64>, sink: &mut Sink) {
        if status != Status::Failed {
            sink.tally(status, &self.suite, &self.name, duration_ms);
            return;
        }
        let prints = self.prints.as_mut().map(Excerpt::text).unwrap_or_default();
        // Flutter prints what is wrong, and the error only says so.
        if self.message.starts_with("Test failed. See exception logs above")
            && let Some((_, said)) = prints.split_once("The following ")
        {
            let said = said.split("When the exception was thrown").next().unwrap_or_default();
            let said = said.split_once('\n').map_or(said, |(_, said)| said);
            self.message = said.trim().to_owned();
        }
        let details = self.text.as_mut().map(Excerpt::text).unwrap_or_default().trim_end().to_owned();
        let case = Case {
            name: self.name,
            suite: (!self.suite.is_empty()).then_some(self.suite),
            status,
            duration_ms,
            message: self.message,
            details: (!details.is_empty()).then_some(details),
            ..Case::default()
        };
        sink.case(case, Clue { spots: self.spot.into_iter().collect(), text: prints, ..Clue::default() });
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    fn check(lines: &[&str], wanted: &str) {
        let text = lines.join("\n");
        assert_eq!(outline(&text, "dart-json"), wanted, "{text}");
    }

    const START: &str = r#"{"protocolVersion":"0.1.1","runnerVersion":"1.15.4","type":"start","time":0}
{"suite":{"id":0,"path":"test/a_test.dart"},"type":"suite","time":0}
{"test":{"id":1,"name":"loading test/a_test.dart","suiteID":0},"type":"testStart","time":1}
{"testID":1,"result":"success","skipped":false,"hidden":true,"type":"testDone","time":3}
{"test":{"id":2,"name":"A b","suiteID":0,"line":7,"column":5,"url":"file:///w/test/a_test.dart"},"type":"testStart","time":10}"#;

    fn done(success: &str) -> String {
        format!(r#"{{"success":{success},"type":"done","time":60}}"#)
    }

    #[test]
    fn tests_have_events() {
        check(
            &[
                START,
                "not JSON",
                r#"{"testID":2,"error":"Expected: <2>\n  Actual: <1>\n","stackTrace":"test/a_test.dart 8:9  main\n","isFailure":true,"type":"error","time":20}"#,
                r#"{"testID":2,"result":"failure","skipped":false,"hidden":false,"type":"testDone","time":20}"#,
                r#"{"test":{"id":3,"name":"A c","suiteID":0},"type":"testStart","time":20}"#,
                r#"{"testID":3,"result":"success","skipped":true,"hidden":false,"type":"testDone","time":21}"#,
                &done("false"),
            ],
            "2: 1 failed 1 skipped\nfailed test/a_test.dart / A b: Expected: <2> @ file:///w/test/a_test.dart:7:5\n",
        );
        check(
            &[
                START,
                r#"{"testID":2,"messageType":"print","message":"==| EXCEPTION |==\nThe following TestFailure was thrown:\nExpected: one\n\nWhen the exception was thrown, this was the stack:\n#4 main (file:///w/test/a_test.dart:19:5)","type":"print","time":20}"#,
                r#"{"testID":2,"error":"Test failed. See exception logs above.\nThe test description was: A b","stackTrace":"","isFailure":false,"type":"error","time":20}"#,
                r#"{"testID":2,"result":"error","skipped":false,"hidden":false,"type":"testDone","time":20}"#,
                &done("false"),
            ],
            "1: 1 failed\nfailed test/a_test.dart / A b: Expected: one @ file:///w/test/a_test.dart:7:5\n",
        );
    }

    #[test]
    fn a_run_that_was_not_finished_is_red() {
        let passed = r#"{"testID":2,"result":"success","skipped":false,"hidden":false,"type":"testDone","time":20}"#;
        check(&[START, passed], "1: 1 passed\nlost: cut short: the run has no `done`\n");
        check(&[START, passed, &done("null")], "1: 1 passed\nred: the run was stopped before its end\n");
        check(&[START, passed, &done("false")], "1: 1 passed\nred: the run says that it failed, and no test did\n");
        check(
            &[START, &done("true")],
            "1: 1 failed\nfailed test/a_test.dart / A b: the test has no result @ file:///w/test/a_test.dart:7:5\n",
        );
        check_cuts(&[START, passed, &done("true")].join("\n"), "}");
    }
}
