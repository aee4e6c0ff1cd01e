//! The JSON of jest, and of vitest, which follows it. Source: jest's
//! `formatTestResults`, and what its result processors get; vitest's `JsonReporter`.

use super::broken::broken;
use super::clue::{Clue, Spot, Trust};
use super::json::Json;
use super::stack::headline;
use super::{Format, Head, Kind, SURE, Sink, Source, ansi};
use crate::model::finding::{Case, Status};

/// jest's and vitest's JSON.
pub static FORMAT: Format = Format { name: "jest-json", kind: Kind::Test, recognise, read };

/// How many failures of one case are kept.
const FAILURES: usize = 20;

fn recognise(head: &Head) -> u8 {
    let totals = head.has("numTotalTests") && head.has("numTotalTestSuites");
    let results = head.has("testResults[].assertionResults");
    if totals || results { SURE } else { 0 }
}

/// A file of tests.
#[derive(Default)]
struct Suite {
    path: String,
    status: String,
    message: String,
    cases: Vec<Assertion>,
}

/// One `it` or `test`.
#[derive(Default)]
struct Assertion {
    name: String,
    title: String,
    above: Vec<String>,
    status: String,
    duration_ms: Option<f64>,
    failures: Vec<String>,
    line: Option<u32>,
    column: Option<u32>,
    invocations: u32,
}

/// What the whole run says of itself.
#[derive(Default)]
struct Verdict {
    success: Option<bool>,
    interrupted: bool,
    broken_suites: u64,
    failed: u64,
    told: u64,
    complete: bool,
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut json = Json::new(source);
    let mut any = false;
    loop {
        let mut run = Verdict::default();
        json.object(&mut |json, key| match key {
            "success" => run.success = json.boolean(),
            "wasInterrupted" => run.interrupted = json.boolean() == Some(true),
            "numRuntimeErrorTestSuites" => run.broken_suites = json.number().unwrap_or(0.0) as u64,
            "numFailedTests" => run.failed = json.number().unwrap_or(0.0) as u64,
            "testResults" => {
                run.complete = true;
                json.array(&mut |json| read_suite(json, sink, &mut run));
            }
            _ => {}
        });
        any |= run.complete;
        run.tell(sink);
        if !json.next_document() {
            break;
        }
    }
    json.tell(sink);
    if !any {
        sink.lost("no `testResults` in it", None);
    }
}

impl Verdict {
    /// Says what no case shows.
    fn tell(&self, sink: &mut Sink) {
        if !self.complete {
            return;
        }
        let failed = sink.totals().failed;
        if self.interrupted {
            sink.red("the run was interrupted");
        } else if self.broken_suites > self.told {
            sink.red(format!("{} test files failed to run", self.broken_suites));
        } else if self.failed > failed {
            sink.red(format!("the run counts {} failed tests, and lists {failed}", self.failed));
        } else if self.success == Some(false) && failed == 0 && self.told == 0 {
            sink.red("the run says that it failed, and no test did");
        }
    }
}

fn read_suite(json: &mut Json, sink: &mut Sink, run: &mut Verdict) {
    let mut suite = Suite::default();
    json.object(&mut |json, key| match key {
        "name" | "testFilePath" => suite.path = json.text().unwrap_or_default(),
        "status" => suite.status = json.text().unwrap_or_default(),
        "message" | "failureMessage" => suite.message = json.text().unwrap_or_default(),
        "assertionResults" | "testResults" => {
            json.array(&mut |json| suite.cases.push(read_assertion(json)));
        }
        _ => {}
    });
    let failed = suite.cases.iter().any(|case| case.status == "failed");
    for case in std::mem::take(&mut suite.cases) {
        case.hand_over(&suite.path, sink);
    }
    let plain = ansi::plain(&suite.message);
    let silent = plain.trim().is_empty();
    if !failed && (suite.status == "failed" || suite.status.is_empty() && !silent) {
        run.told += 1;
        let said = plain.trim().trim_start_matches("● Test suite failed to run").trim_start();
        let why = headline(said);
        let why = why.lines().next().unwrap_or_default();
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        let clue = Clue::at(Spot::new(suite.path.as_str(), None, Trust::File));
        broken(sink, "jest", &format!("test file `{}` failed to run{why}", suite.path), said, clue);
    }
}

fn read_assertion(json: &mut Json) -> Assertion {
    let mut case = Assertion::default();
    json.object(&mut |json, key| match key {
        "fullName" => case.name = json.text().unwrap_or_default(),
        "title" => case.title = json.text().unwrap_or_default(),
        "ancestorTitles" => {
            json.array(&mut |json| case.above.extend(json.text()));
        }
        "status" => case.status = json.text().unwrap_or_default(),
        "duration" => case.duration_ms = json.number(),
        "invocations" => case.invocations = json.place().unwrap_or(0),
        "failureMessages" => {
            json.array(&mut |json| {
                let text = json.text();
                if case.failures.len() < FAILURES {
                    case.failures.extend(text);
                }
            });
        }
        "location" => {
            json.object(&mut |json, key| match key {
                "line" => case.line = json.place(),
                "column" => case.column = json.place(),
                _ => {}
            });
        }
        _ => {}
    });
    case
}

impl Assertion {
    fn hand_over(mut self, path: &str, sink: &mut Sink) {
        let again = self.invocations > 1 || !self.failures.is_empty();
        let status = match self.status.as_str() {
            // Both keep what failed before the last try.
            "passed" if again => Status::Flaky,
            "passed" | "focused" => Status::Passed,
            "failed" => Status::Failed,
            _ => Status::Skipped,
        };
        if self.name.is_empty() {
            self.above.push(std::mem::take(&mut self.title));
            self.name = self.above.join(" ");
        }
        let name = self.name.trim().to_owned();
        if matches!(status, Status::Passed | Status::Skipped) {
            sink.tally(status, path, &name, self.duration_ms);
            return;
        }
        let tries = match status {
            Status::Flaky => self.invocations.max(self.failures.len() as u32 + 1),
            _ => self.invocations,
        };
        let failures: Vec<_> = self.failures.iter().map(|text| ansi::plain(text)).collect();
        let details = failures.join("\n\n");
        let mut spot = Spot::new(path, self.line, if self.line.is_some() { Trust::Definition } else { Trust::File });
        spot.column = self.column;
        let case = Case {
            name,
            suite: (!path.is_empty()).then(|| path.to_owned()),
            status,
            duration_ms: self.duration_ms,
            message: failures.first().map(|text| headline(text)).unwrap_or_default(),
            details: (!details.trim().is_empty()).then_some(details),
            attempts: (tries > 1).then_some(tries),
            ..Case::default()
        };
        let spots = if path.is_empty() { Vec::new() } else { vec![spot] };
        sink.case(case, Clue { spots, ..Clue::default() });
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    fn check(json: &str, wanted: &str) {
        assert_eq!(outline(json, "jest-json"), wanted, "{json}");
    }

    const GREEN: &str = r#"{"numFailedTests":0,"numTotalTestSuites":1,"numTotalTests":3,"success":true,"testResults":[
        {"assertionResults":[{"fullName":"a b","status":"passed","invocations":1},{"fullName":"a c","status":"pending"},
        {"fullName":"a d","status":"todo"}],"message":"","name":"/w/a.test.js","status":"passed"}]}"#;

    #[test]
    fn assertions_are_cases() {
        check(GREEN, "3: 1 passed 2 skipped\n");
        check(
            r#"> jest --json
{"numTotalTests":3,"numTotalTestSuites":1,"testResults":[{"name":"/w/a.test.js","status":"failed","assertionResults":[
            {"ancestorTitles":["a"],"title":"b","status":"failed","location":{"line":3,"column":1},"failureMessages":["Error: no\n    at f (/w/a.test.js:4:2)"]},
            {"fullName":"c","status":"passed","invocations":3,"failureMessages":[]},
            {"fullName":"d","status":"passed","failureMessages":["Error: once"]}]}]}"#,
            "3: 2 passed 2 flaky 1 failed\nfailed /w/a.test.js / a b: Error: no @ /w/a.test.js:3:1\nflaky /w/a.test.js / c:  x3 @ /w/a.test.js\nflaky /w/a.test.js / d: Error: once x2 @ /w/a.test.js\n",
        );
    }

    #[test]
    fn what_no_test_shows_is_red() {
        let head = r#""numTotalTests":0,"numTotalTestSuites":1"#;
        check(
            &format!(
                r#"{{{head},"success":false,"testResults":[{{"assertionResults":[],"message":"  ● Test suite failed to run\n\n    SyntaxError: no\n","name":"/w/a.js","status":"failed"}}]}}"#
            ),
            "0:\nfinding Error: test file `/w/a.js` failed to run: SyntaxError: no @ /w/a.js\nred: test file `/w/a.js` failed to run: SyntaxError: no\n",
        );
        check(
            &format!(r#"{{{head},"success":false,"testResults":[]}}"#),
            "0:\nred: the run says that it failed, and no test did\n",
        );
        check(&format!(r#"{{{head},"wasInterrupted":true,"testResults":[]}}"#), "0:\nred: the run was interrupted\n");
        check(
            &format!(r#"{{{head},"numRuntimeErrorTestSuites":2,"testResults":[]}}"#),
            "0:\nred: 2 test files failed to run\n",
        );
        check(&format!("{{{head}}}"), "0:\nlost: no `testResults` in it\n");
        check_cuts(GREEN, "}");
    }
}
