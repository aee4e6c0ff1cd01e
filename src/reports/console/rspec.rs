//! RSpec's progress and documentation formatters.
//! Source: rspec-core's `summary_notification` and `exception_presenter`.

use crate::model::finding::amount;
use std::collections::HashMap;

use super::{Console, Counts, Failure, counted, first_line, sure_of};
use crate::model::finding::Status;
use crate::reports::clue::{Clue, Spot, Trust};
use crate::reports::lines::number;
use crate::reports::{Format, Head, Kind, SURE, Sink, Source};

/// The text of RSpec.
pub static FORMAT: Format = Format { name: "rspec", kind: Kind::Test, recognise, read: read_all };

fn recognise(head: &Head) -> u8 {
    sure_of(head, |line| match () {
        () if summary(line).is_some() => SURE,
        () if line.starts_with("An error occurred while loading ") || line.starts_with("An error occurred in a") => {
            SURE - 10
        }
        () if line.trim_start().starts_with("Failure/Error: ") => SURE - 10,
        () => 0,
    })
}

/// `10 examples, 7 failures, 2 pending, 1 error occurred outside of examples`
fn summary(line: &str) -> Option<(Counts, u64)> {
    let (examples, rest) = number(line)?;
    if !(rest.starts_with(" examples, ") || rest.starts_with(" example, ")) {
        return None;
    }
    let failed = counted(line, &["failure", "failures"]);
    let skipped = counted(line, &["pending"]);
    let outside = counted(line, &["error occurred outside of examples", "errors occurred outside of examples"]);
    Some((Counts { passed: examples.saturating_sub(failed + skipped), failed, errors: 0, skipped }, outside))
}

#[derive(Default)]
struct Reader {
    failures: bool,
    /// An error outside of examples that is being read.
    error: Option<String>,
    errors: Vec<String>,
    outside: u64,
    /// Where examples are defined, by their names.
    places: HashMap<String, (String, u32)>,
}

fn read_all(source: &mut Source, sink: &mut Sink) {
    let mut reader = Reader::default();
    let mut console = Console::default();
    let mut lines = crate::reports::lines::Lines::new(source);
    while let Some(text) = lines.next_line() {
        reader.line(&mut console, text);
    }
    let end = lines.end();
    reader.close_error();
    for failure in &mut console.failures {
        if let Some((path, line)) = reader.places.get(&failure.name) {
            failure.clue.spots.push(Spot::new(path.as_str(), Some(*line), Trust::Definition));
        }
    }
    let told = reader.errors.len() as u64;
    if reader.outside > told {
        console.red.push(format!("{} occurred outside of examples", amount(reader.outside, "error")));
    }
    for error in &reader.errors {
        crate::reports::rspec::tell_error(error, sink);
    }
    read_done(console, sink, end);
}

fn read_done(console: Console, sink: &mut Sink, end: u64) {
    console.finish(sink, end, headline);
}

impl Reader {
    fn line(&mut self, console: &mut Console, line: &str) {
        if let Some((counts, outside)) = summary(line) {
            console.count(counts);
            self.outside += outside;
            self.failures = false;
        } else if line.starts_with("An error occurred ") {
            self.close_error();
            self.error = Some(line.to_owned());
        } else if line == "Failures:" {
            self.close_error();
            self.failures = true;
        } else if line.starts_with("Finished in ") {
            self.close_error();
            (self.failures, console.current) = (false, None);
        } else if let Some(rest) = line.strip_prefix("rspec ")
            && let Some((place, name)) = rest.split_once(" # ")
        {
            if let Some((path, line)) = place.rsplit_once(':')
                && let Ok(line) = line.parse()
            {
                self.places.insert(name.to_owned(), (path.to_owned(), line));
            }
        } else if let Some(error) = &mut self.error {
            if error.len() < 16 * 1024 {
                error.push('\n');
                error.push_str(line);
            }
        } else if self.failures {
            match heading(line) {
                Some(name) => console.fail(Failure {
                    name: name.trim_end_matches(" FIXED").to_owned(),
                    status: Status::Failed,
                    clue: Clue::default(),
                    ..Failure::default()
                }),
                // Who includes a shared example is not who fails.
                None if line.trim_start().starts_with("Shared Example Group: ") => {}
                None => console.text(line),
            }
        }
    }

    fn close_error(&mut self) {
        self.errors.extend(self.error.take());
    }
}

/// `  1) Calc adds wrong`
fn heading(line: &str) -> Option<&str> {
    let inner = line.strip_prefix("  ")?.trim_start();
    let (_, rest) = number(inner)?;
    rest.strip_prefix(") ")
}

/// What stands between the quoted code and the frames.
fn headline(text: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("# ") {
            break;
        }
        if line.is_empty() || parts.is_empty() {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut().filter(|_| !line.is_empty()) {
            if !part.is_empty() {
                // `ZeroDivisionError:` stands on a line of its own.
                part.push(if part.ends_with(':') && !part.contains('\n') { ' ' } else { '\n' });
            }
            part.push_str(line);
        }
    }
    parts.retain(|part| !part.is_empty());
    let quoted = parts.first().is_some_and(|part| part.starts_with("Failure/Error:"));
    let message = if quoted && parts.len() > 1 { parts[1..].join("\n") } else { parts.join("\n") };
    if message.is_empty() { first_line(text) } else { message }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    fn check(text: &str, wanted: &str) {
        assert_eq!(outline(text, "rspec"), wanted, "{text}");
    }

    #[test]
    fn failures_are_numbered() {
        check(
            ".F*\n\nFailures:\n\n  1) Calc adds\n     Failure/Error: expect(4).to eq(5)\n\n       expected: 5\n            got: 4\n     # ./spec/calc_spec.rb:13:in `block'\n\nFinished in 0.2 seconds (files took 0.08 seconds to load)\n3 examples, 1 failure, 1 pending\n\nFailed examples:\n\nrspec ./spec/calc_spec.rb:12 # Calc adds\n",
            "3: 1 passed 1 failed 1 skipped\nfailed Calc adds: expected: 5 @ ./spec/calc_spec.rb:12\n",
        );
        check(
            "\nAn error occurred while loading ./spec/b_spec.rb.\nFailure/Error: require 'x'\n\nLoadError:\n  cannot load such file -- x\n# ./spec/b_spec.rb:1:in `<top>'\n\nFinished in 0.2 seconds\n0 examples, 0 failures, 1 error occurred outside of examples\n",
            "0:\nfinding Error: an error occurred while loading ./spec/b_spec.rb: LoadError: cannot load such file -- x @ ./spec/b_spec.rb:1\n\
             red: an error occurred while loading ./spec/b_spec.rb: LoadError: cannot load such file -- x\n",
        );
        check_cuts("..\n\nFinished in 0.2 seconds\n2 examples, 0 failures\n", " 0 failures");
    }
}
