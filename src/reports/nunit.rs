//! The XML results of NUnit: version 3 (`test-run`, "Test Result XML Format" of
//! its documentation) and version 2 (`test-results`).

use super::clue::Clue;
use super::dotnet::{class_in, texts};
use super::excerpt::Excerpt;
use super::sink::DETAILS;
use super::xml::{Element, Names, Visitor, read as read_xml};
use super::{Format, Head, Kind, SURE, Sink, Source};
use crate::model::finding::{Case, Status};

/// NUnit's XML.
pub static FORMAT: Format = Format { name: "nunit", kind: Kind::Test, recognise, read };

/// How deep suites are told apart.
const DEPTH: usize = 200;

/// How much of a case's own output is kept, in bytes.
const OUTPUT: usize = 16 * 1024;

fn recognise(head: &Head) -> u8 {
    match head.root {
        "test-run" | "test-results" | "test-suite" | "test-case" => SURE,
        _ => 0,
    }
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut reader = Reader {
        sink,
        names: Names::default(),
        suites: Vec::new(),
        deeper: 0,
        case: Open::default(),
        inside: false,
        seen: false,
    };
    let ending = read_xml(source, &mut reader);
    reader.end();
    let seen = reader.seen;
    ending.tell(sink);
    if !seen {
        sink.lost("no `test-run`, `test-suite` or `test-case` in it", None);
    }
}

/// A suite that is open.
#[derive(Default)]
struct Suite {
    name: String,
    kind: String,
    is_red: bool,
    site: String,
    message: Excerpt,
    stack: Excerpt,
    /// How many red cases there were before it.
    red_before: u64,
}

/// The case that is open. Its memory serves all cases.
#[derive(Default)]
struct Open {
    name: String,
    class: String,
    result: String,
    label: String,
    executed: String,
    success: String,
    duration: Option<f64>,
    message: Excerpt,
    stack: Excerpt,
    output: Excerpt,
}

struct Reader<'s> {
    sink: &'s mut Sink,
    names: Names,
    suites: Vec<Suite>,
    deeper: u64,
    case: Open,
    inside: bool,
    seen: bool,
}

impl Visitor for Reader<'_> {
    fn open(&mut self, name: &str, element: &Element) {
        self.names.open(name);
        match name {
            "test-run" | "test-results" => self.seen = true,
            "test-suite" if !self.inside => self.open_suite(element),
            "test-case" if !self.inside => self.open_case(element),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        self.names.close();
        match name {
            "test-case" if self.inside => self.close_case(),
            "test-suite" if !self.inside => self.close_suite(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        let (name, within) = (self.names.at(0), self.names.at(1));
        if self.inside {
            match (name, within) {
                // An assertion in a block of several stands in `assertions` and, all together, in `failure`.
                ("message", "failure") => self.case.message.push(text),
                ("stack-trace", "failure") => self.case.stack.push(text),
                ("output", _) => self.case.output.push(text),
                _ => {}
            }
        } else if let Some(suite) = self.suites.last_mut() {
            match (name, within) {
                ("message", "failure") => suite.message.push(text),
                ("stack-trace", "failure") => suite.stack.push(text),
                _ => {}
            }
        }
    }
}

impl Reader<'_> {
    fn open_suite(&mut self, element: &Element) {
        self.seen = true;
        if self.suites.len() >= DEPTH {
            self.deeper += 1;
            return;
        }
        let totals = self.sink.totals();
        let mut suite = Suite { red_before: totals.failed + totals.errors, ..Suite::default() };
        let mut full = String::new();
        element.each(|name, value| match name {
            "name" => suite.name = value.into_owned(),
            "fullname" => full = value.into_owned(),
            "type" => suite.kind = value.into_owned(),
            "result" => suite.is_red = matches!(value.as_ref(), "Failed" | "Failure" | "Error" | "Invalid"),
            "site" => suite.site = value.into_owned(),
            _ => {}
        });
        if !full.is_empty() {
            suite.name = full;
        }
        (suite.message, suite.stack) = (Excerpt::new(4 * 1024), Excerpt::new(4 * 1024));
        self.suites.push(suite);
    }

    /// A suite whose own set-up or tear-down failed, or that could not be loaded, is red even when
    /// no case of it is. Otherwise its failure only says that a case failed.
    fn close_suite(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        let Some(mut suite) = self.suites.pop() else { return };
        let totals = self.sink.totals();
        let cases_are_red = totals.failed + totals.errors > suite.red_before;
        let by_itself = match suite.site.as_str() {
            "TearDown" => true,
            "Child" => false,
            _ => !cases_are_red,
        };
        if suite.is_red && by_itself && !suite.message.is_blank() {
            let (message, _) = texts(&suite.message.text(), &suite.stack.text());
            self.sink.red(format!("suite `{}` failed as a whole: {message}", suite.name));
        }
    }

    fn open_case(&mut self, element: &Element) {
        self.seen = true;
        self.inside = true;
        let case = &mut self.case;
        for text in [&mut case.name, &mut case.class, &mut case.result, &mut case.label] {
            text.clear();
        }
        case.executed.clear();
        case.success.clear();
        case.duration = None;
        for text in [&mut case.message, &mut case.stack, &mut case.output] {
            if text.is_unset() {
                *text = Excerpt::new(DETAILS);
            }
            text.clear();
        }
        element.each(|name, value| match name {
            "name" => case.name.push_str(&value),
            "classname" => case.class.push_str(&value),
            "result" => case.result.push_str(&value),
            "label" => case.label.push_str(&value),
            "executed" => case.executed.push_str(&value),
            "success" => case.success.push_str(&value),
            "duration" | "time" => case.duration = value.trim().parse().ok().map(|time: f64| time * 1000.0),
            _ => {}
        });
        if case.class.is_empty() {
            // Version 2 has the class in the name, and in the fixture around it.
            let class = class_in(&case.name).to_owned();
            case.class = class;
        }
    }

    fn close_case(&mut self) {
        self.inside = false;
        let status = self.case.status();
        let fixture = self.suites.iter().rev().find(|suite| suite.kind == "TestFixture").or(self.suites.last());
        let fixture = fixture.map_or("", |suite| suite.name.as_str());
        let class = if self.case.class.is_empty() { fixture } else { &self.case.class };
        if !status.is_red() {
            self.sink.tally(status, class, &self.case.name, self.case.duration);
            return;
        }
        let class = class.to_owned();
        let (mut message, mut details) = texts(&self.case.message.text(), &self.case.stack.text());
        let output = self.case.output.text();
        if message.is_empty() {
            message = format!("the test ended as `{}`", self.case.result);
        }
        if details.is_none() && !output.trim().is_empty() {
            details = Some(output.trim().to_owned());
        }
        let case = Case {
            name: self.case.name.clone(),
            suite: (!class.is_empty()).then(|| class.clone()),
            status,
            duration_ms: self.case.duration,
            message,
            details,
            ..Case::default()
        };
        let text = output.chars().take(OUTPUT).collect();
        let classes = if class.is_empty() { Vec::new() } else { vec![class] };
        self.sink.case(case, Clue { text, classes, ..Clue::default() });
    }

    /// A cut file leaves a case and suites open.
    fn end(&mut self) {
        if self.inside && self.case.status().is_red() {
            self.close_case();
        }
        self.deeper = 0;
        while !self.suites.is_empty() {
            self.close_suite();
        }
    }
}

impl Open {
    fn status(&self) -> Status {
        match (self.result.as_str(), self.label.as_str()) {
            ("Failed" | "Failure", "Error" | "Cancelled" | "Invalid") => Status::Error,
            ("Failed" | "Failure", _) => Status::Failed,
            ("Error" | "Cancelled" | "NotRunnable" | "Invalid", _) => Status::Error,
            ("Skipped" | "Ignored" | "Inconclusive" | "Explicit", _) => Status::Skipped,
            ("Passed" | "Success" | "Warning", _) => Status::Passed,
            // Before 2.5 there is no `result`.
            _ if self.executed.eq_ignore_ascii_case("false") => Status::Skipped,
            _ if self.success.eq_ignore_ascii_case("false") => Status::Failed,
            _ => Status::Passed,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::tests::check_cases;

    #[test]
    fn version_3_is_read() {
        let report = check_cases(
            "<test-run total='6' result='Failed'><test-suite type='Assembly' name='x.dll' result='Failed' site='Child'>\
             <failure><message>One or more child tests had errors</message></failure>\
             <test-suite type='TestFixture' fullname='A.B' result='Failed' site='Child'>\
             <test-case name='Adds(1)' classname='A.B' result='Failed' duration='0.5'><failure><message><![CDATA[no]]></message>\
             <stack-trace><![CDATA[at A.B.Adds() in C:\\w\\B.cs:line 7]]></stack-trace></failure>\
             <assertions><assertion result='Failed'><message>no</message></assertion></assertions></test-case>\
             <test-case name='Throws' classname='A.B' result='Failed' label='Error'><failure><message>boom</message></failure></test-case>\
             <test-case name='S' result='Skipped' label='Ignored'><reason><message>later</message></reason></test-case>\
             <test-case name='I' result='Inconclusive'/><test-case name='W' result='Warning'/><test-case name='P' result='Passed'/>\
             </test-suite></test-suite></test-run>",
            "nunit",
            [6, 2, 1, 1, 2, 0],
            &["A.B|Adds(1)|failed|no", "A.B|Throws|error|boom"],
        );
        assert_eq!(report.cases[0].0.details.as_deref(), Some("no\nat A.B.Adds() in C:\\w\\B.cs:line 7"));
        assert_eq!(report.cases[0].0.duration_ms, Some(500.0));
        assert!(report.red.is_empty());
    }

    #[test]
    fn a_fixture_that_broke_is_red() {
        let suite = |site: &str, case: &str| {
            format!(
                "<test-run><test-suite type='TestFixture' name='F' result='Failed' site='{site}'><failure><message>bad</message>\
                 </failure><test-case name='a' result='{case}'/></test-suite></test-run>"
            )
        };
        let report = check_cases(&suite("TearDown", "Passed"), "nunit", [1, 1, 0, 0, 0, 0], &[]);
        assert_eq!(report.red[0].message, "suite `F` failed as a whole: bad");
        let set_up = suite("SetUp", "Failed");
        assert!(
            check_cases(&set_up, "nunit", [1, 0, 1, 0, 0, 0], &["F|a|failed|the test ended as `Failed`"])
                .red
                .is_empty()
        );
        assert_eq!(check_cases(&suite("", "Skipped"), "nunit", [1, 0, 0, 0, 1, 0], &[]).red.len(), 1);
    }

    #[test]
    fn version_2_is_read() {
        check_cases(
            "<test-results><test-suite type='TestFixture' name='B' result='Failure'><results>\
             <test-case name='A.B.Adds' executed='True' result='Failure' success='False' time='0,1'><failure><message>no</message></failure></test-case>\
             <test-case name='A.B.E' result='Error'><failure><message>e</message></failure></test-case>\
             <test-case name='A.B.I' executed='False' result='Ignored'/><test-case name='A.B.N' executed='False'/>\
             <test-case name='A.B.Old' executed='True' success='False'/><test-case name='A.B.P' executed='True' success='True'/>\
             </results></test-suite></test-results>",
            "nunit",
            [6, 1, 2, 1, 2, 0],
            &["A.B|A.B.Adds|failed|no", "A.B|A.B.E|error|e", "A.B|A.B.Old|failed|the test ended as ``"],
        );
    }
}
