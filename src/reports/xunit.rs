//! The XML of xUnit.net: version 2 and 3 ("Format: XML v2" and "v3" of its
//! documentation), and that of version 1, which has classes for collections.

use super::clue::{Clue, Spot, Trust};
use super::dotnet::{class_in, texts};
use super::excerpt::Excerpt;
use super::sink::DETAILS;
use super::xml::{Element, Names, Visitor, read as read_xml};
use super::{Format, Head, Kind, SURE, Sink, Source};
use crate::model::finding::{Case, Status};

/// xUnit.net's XML.
pub static FORMAT: Format = Format { name: "xunit", kind: Kind::Test, recognise, read };

fn recognise(head: &Head) -> u8 {
    match head.root {
        "assemblies" => SURE,
        "assembly" if head.tag.contains("test-framework") || head.text.contains("<test ") => SURE,
        _ => 0,
    }
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut reader =
        Reader { sink, names: Names::default(), case: Open::default(), inside: false, error: None, seen: false };
    let ending = read_xml(source, &mut reader);
    reader.end();
    let seen = reader.seen;
    ending.tell(sink);
    if !seen {
        sink.lost("no `assemblies` and no `assembly` in it", None);
    }
}

/// The case that is open. Its memory serves all cases.
#[derive(Default)]
struct Open {
    name: String,
    class: String,
    result: String,
    file: String,
    line: Option<u32>,
    duration: Option<f64>,
    message: Excerpt,
    stack: Excerpt,
    output: Excerpt,
}

/// What broke outside of every test: a fixture, a clean-up.
struct Broken {
    what: String,
    message: Excerpt,
    stack: Excerpt,
}

struct Reader<'s> {
    sink: &'s mut Sink,
    names: Names,
    case: Open,
    inside: bool,
    error: Option<Broken>,
    seen: bool,
}

impl Visitor for Reader<'_> {
    fn open(&mut self, name: &str, element: &Element) {
        self.names.open(name);
        match name {
            "assemblies" | "assembly" => self.seen = true,
            "test" if !self.inside => self.open_case(element),
            "error" if !self.inside => {
                let kind = element.get("type").unwrap_or_default();
                let name = element.get("name").unwrap_or_default();
                let what = [kind, name].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
                self.error = Some(Broken { what, message: Excerpt::new(4 * 1024), stack: Excerpt::new(4 * 1024) });
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        self.names.close();
        match name {
            "test" if self.inside => self.close_case(),
            "error" => self.close_error(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        let name = self.names.at(0);
        if self.inside {
            match name {
                "message" if self.names.at(1) == "failure" => self.case.message.push(text),
                "stack-trace" => self.case.stack.push(text),
                "output" => self.case.output.push(text),
                _ => {}
            }
        } else if let Some(error) = &mut self.error {
            match name {
                "message" => error.message.push(text),
                "stack-trace" => error.stack.push(text),
                _ => {}
            }
        }
    }
}

impl Reader<'_> {
    fn open_case(&mut self, element: &Element) {
        self.inside = true;
        let case = &mut self.case;
        for text in [&mut case.name, &mut case.class, &mut case.result, &mut case.file] {
            text.clear();
        }
        (case.line, case.duration) = (None, None);
        for text in [&mut case.message, &mut case.stack, &mut case.output] {
            if text.is_unset() {
                *text = Excerpt::new(DETAILS);
            }
            text.clear();
        }
        element.each(|name, value| match name {
            "name" => case.name.push_str(&value),
            "type" => case.class.push_str(&value),
            "result" => case.result.push_str(&value),
            "source-file" => case.file.push_str(&value),
            "source-line" => case.line = value.trim().parse().ok(),
            "time" => case.duration = value.trim().parse().ok().map(|time: f64| time * 1000.0),
            _ => {}
        });
        if case.class.is_empty() {
            let class = class_in(&case.name).to_owned();
            case.class = class;
        }
    }

    fn close_case(&mut self) {
        self.inside = false;
        let case = &mut self.case;
        let status = status(&case.result);
        if !status.is_red() {
            self.sink.tally(status, &case.class, &case.name, case.duration);
            return;
        }
        let (mut message, mut details) = texts(&case.message.text(), &case.stack.text());
        let output = case.output.text();
        if message.is_empty() {
            message = format!("the test ended as `{}`", case.result);
        }
        if details.is_none() && !output.trim().is_empty() {
            details = Some(output.trim().to_owned());
        }
        let mut clue = Clue { text: output, ..Clue::default() };
        if !case.file.is_empty() {
            clue.spots.push(Spot::new(case.file.as_str(), case.line, Trust::Definition));
        }
        if !case.class.is_empty() {
            clue.classes.push(case.class.clone());
        }
        let suite = (!case.class.is_empty()).then(|| case.class.clone());
        let duration_ms = case.duration;
        let case = Case { name: case.name.clone(), suite, status, duration_ms, message, details, ..Case::default() };
        self.sink.case(case, clue);
    }

    fn close_error(&mut self) {
        if let Some(mut error) = self.error.take() {
            let (message, _) = texts(&error.message.text(), &error.stack.text());
            self.sink.red(format!("{} failed outside of every test: {message}", error.what));
        }
    }

    /// A cut file leaves a case open.
    fn end(&mut self) {
        if self.inside && status(&self.case.result).is_red() {
            self.close_case();
        }
        self.close_error();
    }
}

fn status(result: &str) -> Status {
    match result {
        "Fail" => Status::Failed,
        "Skip" | "NotRun" => Status::Skipped,
        _ => Status::Passed,
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::tests::check_cases;

    #[test]
    fn tests_are_read() {
        let report = check_cases(
            "<assemblies schema-version='3'><assembly name='/w/x.dll'><errors><error type='test-class-cleanup' name='A.C'>\
             <failure><message>leak</message></failure></error></errors><collection name='c'>\
             <test name='A.B.Adds(x: 1)' type='A.B' method='Adds' time='0.25' result='Fail' source-file='/w/B.cs' source-line='9'>\
             <failure exception-type='E'><message><![CDATA[no]]></message><stack-trace><![CDATA[at A.B.Adds() in /w/B.cs:line 11]]>\
             </stack-trace></failure><output>o</output></test><test name='s' type='A.B' result='Skip'><reason>r</reason></test>\
             <test name='n' result='NotRun'/><test name='p' result='Pass'/></collection></assembly></assemblies>",
            "xunit",
            [4, 1, 1, 0, 2, 0],
            &["A.B|A.B.Adds(x: 1)|failed|no"],
        );
        assert_eq!(report.red[0].message, "test-class-cleanup A.C failed outside of every test: leak");
        let (case, clue) = &report.cases[0];
        assert_eq!(case.details.as_deref(), Some("no\nat A.B.Adds() in /w/B.cs:line 11"));
        assert_eq!((case.duration_ms, clue.spots[0].line), (Some(250.0), Some(9)));
    }

    #[test]
    fn version_1_is_read() {
        check_cases(
            "<assemblies><assembly name='x'><class name='A.B'><test name='A.B.T' type='A.B' result='Fail'><failure>\
             <message>m</message></failure></test><test name='A.B.U' type='A.B' result='Pass'/></class></assembly></assemblies>",
            "xunit",
            [2, 1, 1, 0, 0, 0],
            &["A.B|A.B.T|failed|m"],
        );
    }
}
