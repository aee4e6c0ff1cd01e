//! Playwright's JSON reporter. One test is a spec in a project; its results are
//! its attempts. Source: Playwright's `JSONReport` types.

use super::broken::broken;
use super::clue::{Clue, Spot, Trust};
use super::json::{Json, Next};
use super::stack::headline;
use super::{Format, Head, Kind, SURE, Sink, Source, ansi};
use crate::model::finding::{Case, Status};

/// Playwright's JSON.
pub static FORMAT: Format = Format { name: "playwright-json", kind: Kind::Test, recognise, read };

/// How many errors of one test are kept.
const ERRORS: usize = 20;

/// How deep groups are followed.
const DEPTH: usize = 60;

fn recognise(head: &Head) -> u8 {
    if head.has("config.rootDir") || head.has("suites[].specs") { SURE } else { 0 }
}

#[derive(Default)]
struct Run {
    root: String,
    unexpected: u64,
    flaky: u64,
    suites: bool,
    broken: bool,
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut json = Json::new(source);
    let mut any = false;
    loop {
        let mut run = Run::default();
        json.object(&mut |json, key| match key {
            "config" => {
                json.object(&mut |json, key| {
                    if key == "rootDir" {
                        run.root = json.text().unwrap_or_default();
                    }
                });
            }
            "suites" => {
                run.suites = true;
                let root = run.root.clone();
                let mut titles = Vec::new();
                json.array(&mut |json| read_suite(json, sink, &root, &mut titles));
            }
            "errors" => {
                json.array(&mut |json| {
                    let error = read_error(json);
                    run.broken = true;
                    let message = error.message();
                    let line = message.lines().next().unwrap_or_default();
                    let clue = Clue { spots: error.spot.iter().cloned().collect(), ..Clue::default() };
                    broken(
                        sink,
                        "playwright",
                        &format!("the run failed outside of any test: {line}"),
                        &error.text,
                        clue,
                    );
                });
            }
            "stats" => {
                json.object(&mut |json, key| match key {
                    "unexpected" => run.unexpected = json.number().unwrap_or(0.0) as u64,
                    "flaky" => run.flaky = json.number().unwrap_or(0.0) as u64,
                    _ => {}
                });
            }
            _ => {}
        });
        any |= run.suites;
        let failed = sink.totals().failed;
        if run.unexpected > failed {
            sink.red(format!("the run counts {} failed tests, and lists {failed}", run.unexpected));
        }
        if !json.next_document() {
            break;
        }
    }
    json.tell(sink);
    if !any {
        sink.lost("no `suites` in it", None);
    }
}

/// A file, or a `describe` in one.
fn read_suite(json: &mut Json, sink: &mut Sink, root: &str, titles: &mut Vec<String>) {
    let depth = titles.len();
    titles.push(String::new());
    json.object(&mut |json, key| match key {
        "title" => titles[depth] = json.text().unwrap_or_default(),
        "specs" => {
            json.array(&mut |json| read_spec(json, sink, root, titles));
        }
        "suites" if depth < DEPTH => {
            json.array(&mut |json| read_suite(json, sink, root, titles));
        }
        "suites" => sink.lost("groups are nested too deep to be read", None),
        _ => {}
    });
    titles.truncate(depth);
}

/// One `test(…)`, in each of its projects.
fn read_spec(json: &mut Json, sink: &mut Sink, root: &str, titles: &[String]) {
    let (mut title, mut file, mut line, mut column) = (String::new(), String::new(), None, None);
    let mut tests = Vec::new();
    json.object(&mut |json, key| match key {
        "title" => title = json.text().unwrap_or_default(),
        "file" => file = json.text().unwrap_or_default(),
        "line" => line = json.place(),
        "column" => column = json.place(),
        "tests" => {
            json.array(&mut |json| tests.push(read_test(json)));
        }
        _ => {}
    });
    // The first title is the file's own.
    let inner = titles.iter().skip(1).filter(|title| !title.is_empty());
    let name = inner.map(String::as_str).chain([title.as_str()]).collect::<Vec<_>>().join(" › ");
    let path = if file.is_empty() { titles.first().cloned().unwrap_or_default() } else { file };
    for test in tests {
        let mut spot = Spot::new(path.as_str(), line, Trust::Definition);
        (spot.column, spot.base) = (column, (!root.is_empty()).then(|| root.to_owned()));
        test.hand_over(&name, &path, spot, sink);
    }
}

/// A spec in one project.
#[derive(Default)]
struct Test {
    project: String,
    status: String,
    expected: String,
    results: u32,
    last: String,
    duration_ms: f64,
    /// Of the last attempt that failed.
    errors: Vec<Error>,
    output: String,
}

#[derive(Default)]
struct Error {
    text: String,
    spot: Option<Spot>,
}

impl Error {
    fn message(&self) -> String {
        headline(&self.text)
    }
}

fn read_test(json: &mut Json) -> Test {
    let mut test = Test::default();
    json.object(&mut |json, key| match key {
        "projectName" => test.project = json.text().unwrap_or_default(),
        "status" => test.status = json.text().unwrap_or_default(),
        "expectedStatus" => test.expected = json.text().unwrap_or_default(),
        "results" => {
            json.array(&mut |json| read_result(json, &mut test));
        }
        _ => {}
    });
    test
}

fn read_result(json: &mut Json, test: &mut Test) {
    let mut errors = Vec::new();
    let mut first = None;
    let mut status = String::new();
    json.object(&mut |json, key| match key {
        "status" => status = json.text().unwrap_or_default(),
        "duration" => test.duration_ms = json.number().unwrap_or(0.0),
        "error" => first = Some(read_error(json)),
        "errors" => {
            json.array(&mut |json| {
                let error = read_error(json);
                if errors.len() < ERRORS {
                    errors.push(error);
                }
            });
        }
        _ => {}
    });
    test.results += 1;
    if let Some(first) = first {
        // Only this one has a stack; the list says the same with an excerpt of the source.
        match errors.first_mut() {
            Some(listed) if !listed.text.contains("\n    at ") => listed.text = first.text,
            Some(_) => {}
            None => errors.push(first),
        }
    }
    if !errors.is_empty() {
        test.errors = errors;
    }
    test.last = status;
}

fn read_error(json: &mut Json) -> Error {
    let (mut message, mut stack, mut error) = (String::new(), String::new(), Error::default());
    match json.peek() {
        Next::Text => message = json.text().unwrap_or_default(),
        _ => {
            json.object(&mut |json, key| match key {
                "message" | "value" => message = json.text().unwrap_or_default(),
                "stack" => stack = json.text().unwrap_or_default(),
                "location" => {
                    let (mut file, mut line, mut column) = (String::new(), None, None);
                    json.object(&mut |json, key| match key {
                        "file" => file = json.text().unwrap_or_default(),
                        "line" => line = json.place(),
                        "column" => column = json.place(),
                        _ => {}
                    });
                    let mut spot = Spot::new(file, line, Trust::Exact);
                    spot.column = column;
                    error.spot = Some(spot);
                }
                _ => {}
            });
        }
    }
    let text = if stack.is_empty() { message } else { stack };
    error.text = ansi::plain(&text).into_owned();
    if let Some(spot) = &error.spot
        && !error.text.contains("\n    at ")
    {
        let (line, column) = (spot.line.unwrap_or(1), spot.column.unwrap_or(1));
        error.text.push_str(&format!("\n    at {}:{line}:{column}", spot.path));
    }
    error
}

impl Test {
    fn status(&self) -> Status {
        match self.status.as_str() {
            "expected" => Status::Passed,
            "unexpected" => Status::Failed,
            "flaky" => Status::Flaky,
            "skipped" => Status::Skipped,
            // Old versions have no sum of the attempts.
            _ if self.results == 0 || self.last == "skipped" => Status::Skipped,
            _ if self.last == self.expected || self.expected.is_empty() && self.last == "passed" => {
                match self.results {
                    1 => Status::Passed,
                    _ => Status::Flaky,
                }
            }
            _ => Status::Failed,
        }
    }

    fn hand_over(self, name: &str, path: &str, spot: Spot, sink: &mut Sink) {
        let status = self.status();
        let suite = if self.project.is_empty() { path.to_owned() } else { format!("[{}] {path}", self.project) };
        let duration = (self.results > 0).then_some(self.duration_ms);
        if matches!(status, Status::Passed | Status::Skipped) {
            sink.tally(status, &suite, name, duration);
            return;
        }
        let texts: Vec<&str> = self.errors.iter().map(|error| error.text.as_str()).collect();
        let message = match self.errors.first() {
            Some(error) => error.message(),
            None => format!("the test was {}, not {} as expected", self.last, self.expected),
        };
        let details = texts.join("\n\n");
        let case = Case {
            name: name.to_owned(),
            suite: Some(suite),
            status,
            duration_ms: duration,
            message,
            details: (!details.is_empty()).then_some(details),
            attempts: (self.results > 1).then_some(self.results),
            ..Case::default()
        };
        sink.case(case, Clue { spots: vec![spot], text: self.output, ..Clue::default() });
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    fn check(specs: &str, rest: &str, wanted: &str) {
        let json = format!(
            r#"{{"config":{{"rootDir":"/w/e2e"}},"suites":[{{"title":"a.spec.js","file":"a.spec.js","specs":[],"suites":[
            {{"title":"calc","specs":[{specs}]}}]}}],{rest}}}"#
        );
        assert_eq!(outline(&json, "playwright-json"), wanted, "{json}");
    }

    fn spec(title: &str, test: &str) -> String {
        format!(r#"{{"title":"{title}","file":"a.spec.js","line":3,"column":1,"tests":[{{{test}}}]}}"#)
    }

    #[test]
    fn attempts_are_one_test() {
        let failed = r#"{"status":"failed","duration":5,"error":{"message":"Error: no","stack":"Error: no\n    at /w/e2e/a.spec.js:4:2"},"errors":[{"message":"Error: no\n\n> 4 | x","location":{"file":"/w/e2e/a.spec.js","line":4,"column":2}}]}"#;
        let passed = r#"{"status":"passed","duration":5,"errors":[]}"#;
        let specs = [
            spec("ok", &format!(r#""status":"expected","results":[{passed}]"#)),
            spec("bad", &format!(r#""projectName":"web","status":"unexpected","results":[{failed},{failed}]"#)),
            spec("shaky", &format!(r#""status":"flaky","results":[{failed},{passed}]"#)),
            spec("later", r#""status":"skipped","results":[{"status":"skipped"}]"#),
            spec(
                "never",
                r#""expectedStatus":"failed","status":"unexpected","results":[{"status":"passed","errors":[]}]"#,
            ),
        ];
        check(
            &specs.join(","),
            r#""errors":[],"stats":{"unexpected":2,"flaky":1}"#,
            "5: 2 passed 1 flaky 2 failed 1 skipped\n\
             failed [web] a.spec.js / calc › bad: Error: no x2 @ a.spec.js:3:1\n\
             flaky a.spec.js / calc › shaky: Error: no x2 @ a.spec.js:3:1\n\
             failed a.spec.js / calc › never: the test was passed, not failed as expected @ a.spec.js:3:1\n",
        );
    }

    #[test]
    fn errors_outside_of_tests_are_red() {
        check(
            "",
            r#""errors":[{"message":"SyntaxError: no","location":{"file":"/w/e2e/b.spec.js","line":2,"column":9}}]"#,
            "0:\nfinding Error: the run failed outside of any test: SyntaxError: no @ /w/e2e/b.spec.js:2:9\n\
             red: the run failed outside of any test: SyntaxError: no\n",
        );
        check("", r#""stats":{"unexpected":1}"#, "0:\nred: the run counts 1 failed tests, and lists 0\n");
        check_cuts(r#"{"config":{"rootDir":"/w"},"suites":[],"errors":[],"stats":{}}"#, "}");
    }
}
