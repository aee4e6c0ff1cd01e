//! Mocha's JSON reporters: one document, or a stream of events. Source: Mocha's
//! `lib/reporters/json.js` and `json-stream.js`.
//!
//! Hooks that failed are among the failures and not among the tests, so the
//! lists of results are counted, and the totals are not relied on.

use crate::model::finding::amount;
use serde_json::Value;

use super::clue::{Clue, Spot, Trust};
use super::json::Json;
use super::lines::Lines;
use super::stack::headline;
use super::{Format, Head, Kind, SURE, Sink, Source, ansi};
use crate::model::finding::{Case, Status};

/// Mocha's `json`.
pub static FORMAT: Format = Format { name: "mocha-json", kind: Kind::Test, recognise, read };

/// Mocha's `json-stream`.
pub static STREAM: Format =
    Format { name: "mocha-json-stream", kind: Kind::Test, recognise: recognise_stream, read: read_stream };

fn recognise(head: &Head) -> u8 {
    if head.has_all(&["stats.suites", "stats.passes", "stats.pending"]) && !head.has("results") { SURE } else { 0 }
}

fn recognise_stream(head: &Head) -> u8 {
    if head.lines().any(|line| line.starts_with("[\"start\",{\"total\":")) { SURE } else { 0 }
}

/// A test or a hook.
#[derive(Default)]
struct Item {
    name: String,
    title: String,
    file: String,
    duration_ms: Option<f64>,
    retries: u32,
    message: String,
    stack: String,
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut json = Json::new(source);
    let mut lists = 0;
    loop {
        let (mut tests, mut failures) = (0, None);
        let before = sink.totals().tests;
        json.object(&mut |json, key| match key {
            "stats" => {
                json.object(&mut |json, key| match key {
                    "tests" => tests = json.number().unwrap_or(0.0) as u64,
                    "failures" => failures = json.number().map(|count| count as u64),
                    _ => {}
                });
            }
            "pending" => {
                lists += 1;
                json.array(&mut |json| read_item(json).hand_over(Status::Skipped, sink));
            }
            "passes" => {
                lists += 1;
                json.array(&mut |json| read_item(json).hand_over(Status::Passed, sink));
            }
            "failures" => {
                lists += 1;
                json.array(&mut |json| read_item(json).hand_over(Status::Failed, sink));
            }
            _ => {}
        });
        let listed = sink.totals().tests - before;
        let (failed, found) = (failures.unwrap_or(0), sink.totals().failed);
        if failed > found {
            sink.red(format!("the run counts {}, and lists {found}", amount(failed, "failure")));
        } else if tests > listed {
            sink.odd(format!("the run counts {}, and lists {listed}", amount(tests, "test")), None);
        }
        if !json.next_document() {
            break;
        }
    }
    json.tell(sink);
    if lists == 0 {
        sink.lost("no `passes` and no `failures` in it", None);
    }
}

fn read_item(json: &mut Json) -> Item {
    let mut item = Item::default();
    json.object(&mut |json, key| match key {
        "fullTitle" => item.name = json.text().unwrap_or_default(),
        "title" => item.title = json.text().unwrap_or_default(),
        "file" => item.file = json.text().unwrap_or_default(),
        "duration" => item.duration_ms = json.number(),
        "currentRetry" => item.retries = json.place().unwrap_or(0),
        "err" => {
            json.object(&mut |json, key| match key {
                "message" => item.message = json.text().unwrap_or_default(),
                "stack" => item.stack = json.text().unwrap_or_default(),
                _ => {}
            });
        }
        _ => {}
    });
    item
}

fn read_stream(source: &mut Source, sink: &mut Sink) {
    let mut lines = Lines::new(source);
    let mut ended = false;
    while let Some(line) = lines.next_line() {
        let Ok(event) = serde_json::from_str::<Value>(line) else { continue };
        let text = |key: &str| event[1][key].as_str().unwrap_or_default().to_owned();
        let number = |key: &str| event[1][key].as_f64();
        let status = match event[0].as_str() {
            Some("pass") => Status::Passed,
            Some("fail") => Status::Failed,
            Some("end") => {
                // Pending tests have no events of their own.
                sink.tally_nameless(Status::Skipped, "", number("pending").unwrap_or(0.0) as u64);
                ended = true;
                continue;
            }
            Some("start") => {
                ended = false;
                continue;
            }
            _ => continue,
        };
        let item = Item {
            name: text("fullTitle"),
            title: text("title"),
            file: text("file"),
            duration_ms: number("duration"),
            retries: number("currentRetry").unwrap_or(0.0) as u32,
            message: text("err"),
            stack: text("stack"),
        };
        item.hand_over(status, sink);
    }
    if !ended {
        sink.lost("cut short: the run has no end", Some(lines.end()));
    }
}

impl Item {
    fn hand_over(self, status: Status, sink: &mut Sink) {
        let status = if status == Status::Passed && self.retries > 0 { Status::Flaky } else { status };
        let name = if self.name.is_empty() { self.title } else { self.name };
        if matches!(status, Status::Passed | Status::Skipped) {
            sink.tally(status, &self.file, &name, self.duration_ms);
            return;
        }
        let (message, stack) = (ansi::plain(&self.message).into_owned(), ansi::plain(&self.stack).into_owned());
        let details = match stack.contains(message.trim()) {
            true => stack,
            false => format!("{message}\n{stack}"),
        };
        let message = if message.trim().is_empty() { headline(&details) } else { message.trim().to_owned() };
        let spots =
            if self.file.is_empty() { Vec::new() } else { vec![Spot::new(self.file.as_str(), None, Trust::File)] };
        let case = Case {
            name,
            suite: (!self.file.is_empty()).then_some(self.file),
            status,
            duration_ms: self.duration_ms,
            message,
            details: (!details.trim().is_empty()).then_some(details),
            attempts: (self.retries > 0).then_some(self.retries + 1),
            ..Case::default()
        };
        sink.case(case, Clue { spots, ..Clue::default() });
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    fn check(json: &str, format: &str, wanted: &str) {
        assert_eq!(outline(json, format), wanted, "{json}");
    }

    #[test]
    fn the_lists_are_counted() {
        let hook = r#"{"title":"h","fullTitle":"a \"before all\" hook","file":"/w/a.js","err":{"message":"boom","stack":"Error: boom\n    at f (a.js:1:2)"}}"#;
        let test = |name: &str, retry: u32| {
            format!(
                r#"{{"title":"t","fullTitle":"{name}","file":"/w/a.js","duration":1,"currentRetry":{retry},"err":{{}}}}"#
            )
        };
        let (one, two, later) = (test("a one", 0), test("a two", 2), test("a later", 0));
        let stats = r#""stats":{"suites":1,"tests":3,"passes":2,"pending":1,"failures":1}"#;
        check(
            &format!(
                r#"{{{stats},"tests":[{one},{two},{later}],"pending":[{later}],"failures":[{hook}],"passes":[{one},{two}]}}"#
            ),
            "mocha-json",
            "4: 2 passed 1 flaky 1 failed 1 skipped\nfailed /w/a.js / a \"before all\" hook: boom @ /w/a.js\nflaky /w/a.js / a two:  x3 @ /w/a.js\n",
        );
        check(
            &format!(r#"{{{stats},"tests":[],"pending":[],"failures":[],"passes":[{one}]}}"#),
            "mocha-json",
            "1: 1 passed\nred: the run counts 1 failure, and lists 0\n",
        );
        let green = r#"{"stats":{"suites":1,"tests":1,"passes":1,"pending":0,"failures":0}"#;
        check_cuts(&format!(r#"{green},"tests":[{one}],"pending":[],"failures":[],"passes":[{one}]}}"#), "}");
    }

    #[test]
    fn a_stream_has_an_end() {
        let stream = "[\"start\",{\"total\":3}]\n[\"pass\",{\"fullTitle\":\"a\",\"duration\":1,\"currentRetry\":0}]\n";
        let end = "[\"end\",{\"suites\":1,\"tests\":3,\"pending\":1}]\n";
        let fail = "[\"fail\",{\"fullTitle\":\"b\",\"file\":\"/w/b.js\",\"err\":\"no\",\"stack\":\"Error: no\"}]\n";
        check(
            &format!("{stream}a log\n{fail}{end}"),
            "mocha-json-stream",
            "3: 1 passed 1 failed 1 skipped\nfailed /w/b.js / b: no @ /w/b.js\n",
        );
        check(stream, "mocha-json-stream", "1: 1 passed\nlost: cut short: the run has no end\n");
    }
}
