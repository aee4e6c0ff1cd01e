//! RSpec's JSON formatter. Source: rspec-core's `JsonFormatter`.

use super::broken::broken;
use super::clue::{Clue, Spot, Trust};
use super::json::Json;
use super::{Format, Head, Kind, SURE, Sink, Source, ansi};
use crate::model::finding::amount;
use crate::model::finding::{Case, Status};

/// RSpec's JSON.
pub static FORMAT: Format = Format { name: "rspec-json", kind: Kind::Test, recognise, read };

/// How many messages of the run are kept.
const MESSAGES: usize = 50;

fn recognise(head: &Head) -> u8 {
    let example = head.has_all(&["examples[].full_description", "examples[].status"]);
    let summary = head.has_all(&["examples", "summary.example_count"]);
    if example || summary { SURE } else { 0 }
}

#[derive(Default)]
struct Run {
    messages: Vec<String>,
    outside: u64,
    failures: u64,
    examples: bool,
    summary: bool,
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut json = Json::new(source);
    let mut any = false;
    loop {
        let mut run = Run::default();
        let before = sink.totals().failed;
        json.object(&mut |json, key| match key {
            "messages" => {
                json.array(&mut |json| {
                    let text = json.text();
                    if run.messages.len() < MESSAGES {
                        run.messages.extend(text);
                    }
                });
            }
            "examples" => {
                run.examples = true;
                json.array(&mut |json| read_example(json, sink));
            }
            "summary" => {
                run.summary = true;
                json.object(&mut |json, key| match key {
                    "failure_count" => run.failures = json.number().unwrap_or(0.0) as u64,
                    "errors_outside_of_examples_count" => run.outside = json.number().unwrap_or(0.0) as u64,
                    _ => {}
                });
            }
            _ => {}
        });
        any |= run.examples && run.summary;
        run.tell(sink.totals().failed - before, sink);
        if !json.next_document() {
            break;
        }
    }
    json.tell(sink);
    if !any {
        sink.lost("no `examples` or no `summary` in it", None);
    }
}

impl Run {
    fn tell(&self, failed: u64, sink: &mut Sink) {
        let errors = self.messages.iter().filter(|message| message.contains("An error occurred"));
        let mut told = 0;
        for message in errors {
            told += 1;
            tell_error(message, sink);
        }
        if self.outside > told {
            let text = self.messages.join("\n");
            let reason = format!("{} occurred outside of examples", amount(self.outside - told, "error"));
            broken(sink, "rspec", &reason, &text, Clue::default());
        }
        if self.failures > failed {
            sink.red(format!("the run counts {}, and lists {failed}", amount(self.failures, "failure")));
        }
    }
}

/// An error outside of examples, as RSpec words it.
pub fn tell_error(message: &str, sink: &mut Sink) {
    let plain = ansi::plain(message);
    let mut lines = plain.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default().trim_end_matches('.');
    let first = first.split(" - Did you mean?").next().unwrap_or_default().trim_end_matches('.');
    let mut why = lines.skip_while(|line| !line.ends_with("Error:") && !line.ends_with("Exception:"));
    let kind = why.next().unwrap_or_default();
    let text = why.next().unwrap_or_default();
    let why = if kind.is_empty() { String::new() } else { format!(": {kind} {text}") };
    let mut first = first.to_owned();
    if first.starts_with("An ") {
        first.replace_range(..2, "an");
    }
    // The path in the first line is a hint of its own, and the stack is below.
    let stack: Vec<&str> = plain.lines().filter(|line| line.trim_start().starts_with("# ")).collect();
    let path = message.split("loading ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let spots = path.map(|path| Spot::new(path.trim_end_matches('.'), None, Trust::File)).into_iter().collect();
    broken(sink, "rspec", &format!("{first}{why}"), &stack.join("\n"), Clue { spots, ..Clue::default() });
}

fn read_example(json: &mut Json, sink: &mut Sink) {
    let (mut name, mut short, mut path, mut status) = (String::new(), String::new(), String::new(), String::new());
    let (mut line, mut duration, mut kind, mut message) = (None, None, String::new(), String::new());
    let mut trace: Vec<String> = Vec::new();
    json.object(&mut |json, key| match key {
        "full_description" => name = json.text().unwrap_or_default(),
        "description" => short = json.text().unwrap_or_default(),
        "file_path" => path = json.text().unwrap_or_default(),
        "status" => status = json.text().unwrap_or_default(),
        "line_number" => line = json.place(),
        "run_time" => duration = json.number().map(|seconds| seconds * 1000.0),
        "exception" => {
            json.object(&mut |json, key| match key {
                "class" => kind = json.text().unwrap_or_default(),
                "message" => message = json.text().unwrap_or_default(),
                "backtrace" => {
                    json.array(&mut |json| {
                        let frame = json.text();
                        if trace.len() < 500 {
                            trace.extend(frame);
                        }
                    });
                }
                _ => {}
            });
        }
        _ => {}
    });
    let status = match status.as_str() {
        "passed" => Status::Passed,
        "pending" => Status::Skipped,
        _ => Status::Failed,
    };
    let name = if name.is_empty() { short } else { name };
    if status != Status::Failed {
        sink.tally(status, &path, &name, duration);
        return;
    }
    let message = ansi::plain(&message).trim().to_owned();
    // The names of expectations' own classes say nothing.
    let expected = kind.starts_with("RSpec::") || kind.is_empty() || message.contains(&kind);
    let headline = if expected { message.clone() } else { format!("{kind}: {message}") };
    let details = format!("{headline}\n{}", trace.join("\n"));
    let case = Case {
        name,
        suite: (!path.is_empty()).then(|| path.clone()),
        status,
        duration_ms: duration,
        message: headline,
        details: Some(details),
        ..Case::default()
    };
    let spots = if path.is_empty() { Vec::new() } else { vec![Spot::new(path, line, Trust::Definition)] };
    sink.case(case, Clue { spots, ..Clue::default() });
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    fn check(examples: &str, rest: &str, wanted: &str) {
        let json = format!(
            r#"{{"version":"3.12.0",{rest}"examples":[{examples}],"summary":{{"example_count":1,"failure_count":0}}}}"#
        );
        assert_eq!(outline(&json, "rspec-json"), wanted, "{json}");
    }

    #[test]
    fn examples_are_cases() {
        check(
            r#"{"full_description":"A b","status":"passed","file_path":"./a_spec.rb","line_number":3},
            {"full_description":"A c","status":"pending","file_path":"./a_spec.rb","line_number":4},
            {"full_description":"A d","status":"failed","file_path":"./a_spec.rb","line_number":5,
            "exception":{"class":"ZeroDivisionError","message":"divided by 0","backtrace":["./a_spec.rb:6:in `x'"]}}"#,
            "",
            "3: 1 passed 1 failed 1 skipped\nfailed ./a_spec.rb / A d: ZeroDivisionError: divided by 0 @ ./a_spec.rb:5\n",
        );
    }

    #[test]
    fn errors_outside_of_examples_are_red() {
        check(
            "",
            r#""messages":["\nAn error occurred while loading ./b_spec.rb.\n\nFailure/Error: require 'x'\n\nLoadError:\n  cannot load such file -- x\n# ./b_spec.rb:1:in `<top>'\n"],"#,
            "0:\nfinding Error: an error occurred while loading ./b_spec.rb: LoadError: cannot load such file -- x @ ./b_spec.rb:1\n\
             red: an error occurred while loading ./b_spec.rb: LoadError: cannot load such file -- x\n",
        );
        check_cuts(r#"{"version":"3","examples":[],"summary":{"example_count":0}}"#, "}");
    }
}
