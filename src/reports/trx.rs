//! TRX, the report of Visual Studio's test platform (`dotnet test --logger trx`),
//! as its schema `vstst.xsd` and the logger's source have it. The class of a
//! test stands apart from its result, mostly after it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::clue::Clue;
use super::dotnet::{class_in, texts};
use super::excerpt::{Excerpt, first};
use super::sink::DETAILS;
use super::xml::{Element, Names, Visitor, read as read_xml};
use super::{Format, Head, Kind, SURE, Sink, Source};
use crate::model::finding::{Case, Status};

/// TRX.
pub static FORMAT: Format = Format { name: "trx", kind: Kind::Test, recognise, read };

/// How deep results may lie in results: ordered tests and rows of data.
const DEPTH: usize = 50;

/// How many results wait for their classes at once.
const PENDING: usize = 200_000;

/// How much of a case's own output is kept, in bytes.
const OUTPUT: usize = 16 * 1024;

fn recognise(head: &Head) -> u8 {
    if head.root == "TestRun" { SURE } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut reader = Reader {
        sink,
        names: Names::default(),
        open: Vec::new(),
        deeper: 0,
        pending: Vec::new(),
        class_of: HashMap::new(),
        classes: Vec::new(),
        definition: 0,
        outcome: String::new(),
        is_error: false,
        reason: Excerpt::new(4 * 1024),
    };
    let ending = read_xml(source, &mut reader);
    reader.end();
    ending.tell(sink);
}

/// A result that is open.
struct Open {
    id: u64,
    name: String,
    outcome: String,
    duration: Option<f64>,
    message: Excerpt,
    stack: Excerpt,
    output: Excerpt,
    /// How many results lie in it, and how many of those are red.
    inner: u64,
    inner_red: u64,
}

/// A result that waits for its class.
struct Pending {
    id: u64,
    status: Status,
    duration: Option<f64>,
    name: String,
    kept: Option<Box<(Case, Clue)>>,
}

struct Reader<'s> {
    sink: &'s mut Sink,
    names: Names,
    open: Vec<Open>,
    deeper: u64,
    pending: Vec<Pending>,
    class_of: HashMap<u64, u32>,
    classes: Vec<String>,
    definition: u64,
    outcome: String,
    is_error: bool,
    reason: Excerpt,
}

impl Visitor for Reader<'_> {
    fn open(&mut self, name: &str, element: &Element) {
        self.names.open(name);
        match name {
            // A result for each row of data or step lies in the `InnerResults` of its test.
            name if name.ends_with("TestResult") || name == "TestResultAggregation" => self.open_result(element),
            "UnitTest" | "OrderedTest" | "ManualTest" | "WebTest" | "GenericTest" => {
                self.definition = element.get("id").map_or(0, |id| key(&id));
            }
            "TestMethod" => {
                let class = element.get("className").unwrap_or_default();
                // Older loggers write the assembly's whole name after it.
                let class = class.split(',').next().unwrap_or_default().trim();
                if !class.is_empty() && self.class_of.len() < PENDING {
                    if self.classes.last().is_none_or(|last| last != class) {
                        self.classes.push(class.to_owned());
                    }
                    self.class_of.insert(self.definition, self.classes.len() as u32 - 1);
                }
            }
            "ResultSummary" => self.outcome = element.get("outcome").unwrap_or_default(),
            "RunInfo" => self.is_error = element.get("outcome").as_deref() == Some("Error"),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if name.ends_with("TestResult") || name == "TestResultAggregation" {
            self.close_result();
        }
        self.names.close();
    }

    fn text(&mut self, text: &str) {
        let within = self.names.at(1);
        match (self.names.at(0), self.open.last_mut()) {
            ("Message", Some(result)) if within == "ErrorInfo" => result.message.push(text),
            ("StackTrace", Some(result)) if within == "ErrorInfo" => result.stack.push(text),
            ("StdOut" | "StdErr" | "DebugTrace", Some(result)) => result.output.push(text),
            ("Text", None) if within == "RunInfo" && self.is_error => self.reason.push(text),
            _ => {}
        }
    }
}

impl Reader<'_> {
    fn open_result(&mut self, element: &Element) {
        if self.open.len() >= DEPTH {
            self.deeper += 1;
            return;
        }
        let mut result = Open {
            id: 0,
            name: String::new(),
            outcome: String::new(),
            duration: None,
            message: Excerpt::new(DETAILS),
            stack: Excerpt::new(DETAILS),
            output: Excerpt::new(OUTPUT),
            inner: 0,
            inner_red: 0,
        };
        element.each(|name, value| match name {
            "testId" => result.id = key(&value),
            "testName" => result.name = value.into_owned(),
            "outcome" => result.outcome = value.into_owned(),
            "duration" => result.duration = duration(&value),
            _ => {}
        });
        self.open.push(result);
    }

    fn close_result(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
            if self.deeper == 0 {
                self.sink.lost(format!("results lie deeper in one another than {DEPTH} levels"), None);
            }
            return;
        }
        let Some(mut result) = self.open.pop() else { return };
        let status = status(&result.outcome);
        // A test of several rows is its rows, unless it failed by itself.
        let counts = result.inner == 0 || status.is_red() && result.inner_red == 0;
        if let Some(outer) = self.open.last_mut() {
            outer.inner += 1;
            outer.inner_red += u64::from(status.is_red() || result.inner_red > 0);
        }
        if !counts {
            return;
        }
        let kept = status.is_red().then(|| {
            let (mut message, mut details) = texts(&result.message.text(), &result.stack.text());
            if message.is_empty() {
                message = format!("the test ended as `{}`", result.outcome);
            }
            let output = result.output.text();
            if details.is_none() && !output.trim().is_empty() {
                details = Some(output.trim().to_owned());
            }
            let duration_ms = result.duration;
            let case = Case { name: result.name.clone(), status, duration_ms, message, details, ..Case::default() };
            Box::new((case, Clue { text: output, ..Clue::default() }))
        });
        self.pending.push(Pending { id: result.id, status, duration: result.duration, name: result.name, kept });
        if self.pending.len() >= PENDING {
            self.flush();
        }
    }

    /// Hands over what waits.
    fn flush(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            let class = self.class_of.get(&pending.id).and_then(|at| self.classes.get(*at as usize));
            // xUnit and NUnit write the class into the name, with the parameters behind it.
            let class = class.map(String::as_str).unwrap_or_else(|| class_in(&pending.name));
            match pending.kept {
                None => {
                    self.sink.tally(pending.status, class, &pending.name, pending.duration);
                }
                Some(kept) => {
                    let (mut case, mut clue) = *kept;
                    if !class.is_empty() {
                        case.suite = Some(class.to_owned());
                        clue.classes.push(class.to_owned());
                    }
                    self.sink.case(case, clue);
                }
            }
        }
    }

    fn end(&mut self) {
        while !self.open.is_empty() {
            // A cut file: what has not ended counts only if it is known to have failed.
            self.deeper = 0;
            if self.open.last().is_some_and(|result| status(&result.outcome).is_red()) {
                self.close_result();
            } else {
                self.open.pop();
            }
        }
        self.flush();
        let totals = self.sink.totals();
        let is_red = totals.failed + totals.errors > 0;
        let broke = matches!(self.outcome.as_str(), "Aborted" | "Error" | "Timeout" | "Disconnected");
        if broke || self.outcome == "Failed" && !is_red {
            let reason = self.reason.text();
            let reason = reason.trim();
            let colon = if reason.is_empty() { "" } else { ": " };
            self.sink.red(format!("the test run ended as `{}`{colon}{}", self.outcome, first(reason, 2_000)));
        }
    }
}

/// What an outcome comes to; the words are those of the schema's `TestOutcome`.
fn status(outcome: &str) -> Status {
    match outcome {
        "Failed" => Status::Failed,
        "Error" | "Timeout" | "Aborted" | "Disconnected" | "NotRunnable" => Status::Error,
        "NotExecuted" | "Inconclusive" | "Pending" | "InProgress" | "Completed" => Status::Skipped,
        _ => Status::Passed,
    }
}

/// Milliseconds in `[d.]hh:mm:ss[.fffffff]`.
fn duration(text: &str) -> Option<f64> {
    let mut parts = text.trim().rsplit(':');
    let seconds: f64 = parts.next()?.parse().ok()?;
    let minutes: f64 = parts.next().map_or(Some(0.0), |part| part.parse().ok())?;
    let (days, hours) = match parts.next() {
        Some(part) => part.split_once('.').unwrap_or(("0", part)),
        None => ("0", "0"),
    };
    let hours = days.parse::<f64>().ok()? * 24.0 + hours.parse::<f64>().ok()?;
    let total = (hours * 3600.0 + minutes * 60.0 + seconds) * 1000.0;
    (total.is_finite() && total >= 0.0).then_some(total)
}

fn key(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::tests::check_cases;

    fn run(results: &str, rest: &str) -> String {
        format!("\u{feff}<?xml version=\"1.0\"?><TestRun xmlns=\"x\"><Results>{results}</Results>{rest}</TestRun>")
    }

    #[test]
    fn outcomes_are_counted() {
        let of = |outcome: &str| format!("<UnitTestResult testName='t' outcome='{outcome}'/>");
        let all: String = ["Passed", "Failed", "Timeout", "NotExecuted", "Warning", "Inconclusive", "Aborted"]
            .iter()
            .map(|outcome| of(outcome))
            .collect();
        let report = check_cases(
            &run(&all, ""),
            "trx",
            [7, 2, 1, 2, 2, 0],
            &[
                "|t|failed|the test ended as `Failed`",
                "|t|error|the test ended as `Timeout`",
                "|t|error|the test ended as `Aborted`",
            ],
        );
        assert!(report.red.is_empty());
    }

    #[test]
    fn classes_come_after_the_results() {
        let results = "<UnitTestResult testId='1' testName='Adds' outcome='Failed' duration='01:00:01.5000000'><Output>\
            <StdOut>noise</StdOut><ErrorInfo><Message>no</Message><StackTrace>   at A.B.Adds() in /_/x/B.cs:line 3\r\n\
            </StackTrace></ErrorInfo></Output></UnitTestResult>\
            <UnitTestResult testId='2' testName='C.D.Works(a: \"x.y\")' outcome='Passed'/>";
        let definitions = "<TestDefinitions><UnitTest id='1' name='Adds'><TestMethod className='A.B, Asm, V=1' name='Adds'/>\
            </UnitTest></TestDefinitions><ResultSummary outcome='Failed'/>";
        let report = check_cases(&run(results, definitions), "trx", [2, 1, 1, 0, 0, 0], &["A.B|Adds|failed|no"]);
        let (case, clue) = &report.cases[0];
        assert_eq!(case.details.as_deref(), Some("no\n   at A.B.Adds() in /_/x/B.cs:line 3"));
        assert_eq!((case.duration_ms, clue.classes[0].as_str()), (Some(3_601_500.0), "A.B"));
        let suites: Vec<_> = report.suites.iter().map(|suite| suite.name.as_str()).collect();
        assert_eq!(suites, ["C.D", "A.B"].iter().rev().copied().collect::<Vec<_>>());
    }

    #[test]
    fn rows_are_the_tests() {
        let rows = "<UnitTestResult testName='T' outcome='Failed' resultType='DataDrivenTest'><InnerResults>\
            <UnitTestResult testName='T (0)' outcome='Passed'/><UnitTestResult testName='T (1)' outcome='Failed'>\
            <Output><ErrorInfo><Message>m</Message></ErrorInfo></Output></UnitTestResult></InnerResults></UnitTestResult>";
        check_cases(&run(rows, ""), "trx", [2, 1, 1, 0, 0, 0], &["|T (1)|failed|m"]);
        let alone = "<UnitTestResult testName='T' outcome='Error'><InnerResults>\
            <UnitTestResult testName='T (0)' outcome='Passed'/></InnerResults></UnitTestResult>";
        check_cases(&run(alone, ""), "trx", [2, 1, 0, 1, 0, 0], &["|T|error|the test ended as `Error`"]);
    }

    #[test]
    fn a_run_that_broke_is_red() {
        let summary = "<ResultSummary outcome='Failed'><RunInfos><RunInfo outcome='Warning'><Text>w</Text></RunInfo>\
            <RunInfo outcome='Error'><Text>host process crashed</Text></RunInfo></RunInfos></ResultSummary>";
        let report = check_cases(&run("", summary), "trx", [0; 6], &[]);
        assert_eq!(report.red[0].message, "the test run ended as `Failed`: host process crashed");
        let none = "<TestRun><ResultSummary outcome='Completed'><RunInfos><RunInfo outcome='Warning'><Text>No test\
            </Text></RunInfo></RunInfos></ResultSummary></TestRun>";
        assert!(check_cases(none, "trx", [0; 6], &[]).red.is_empty());
    }

    #[test]
    fn durations_are_spans() {
        for (text, wanted) in [
            ("00:00:00.0010000", Some(1.0)),
            ("1.02:00:00", Some(93_600_000.0)),
            ("00:01:02", Some(62_000.0)),
            ("2.5", Some(2500.0)),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(duration(text), wanted, "{text}");
        }
    }
}
