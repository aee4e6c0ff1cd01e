//! `bun test`. Source: Bun's `cli/test_command.zig`.

use super::{Console, Counts, Failure, counted, read, sure_of};
use crate::model::finding::Status;
use crate::reports::clue::{Clue, Spot, Trust};
use crate::reports::excerpt::Excerpt;
use crate::reports::lines::duration;
use crate::reports::sink::DETAILS;
use crate::reports::stack;
use crate::reports::{Format, Head, Kind, SURE};

/// The text of Bun's tests.
pub static FORMAT: Format = Format {
    name: "bun",
    kind: Kind::Test,
    recognise,
    read: |source, sink| {
        let mut reader = Reader::default();
        read(source, sink, &mut |console, line| reader.line(console, line), headline);
    },
};

fn recognise(head: &Head) -> u8 {
    sure_of(head, |line| {
        let banner = line.starts_with("bun test v");
        if banner || line.starts_with("(fail) ") || line.starts_with("(pass) ") { SURE } else { 0 }
    })
}

/// Bun quotes the source in front of the error.
fn headline(text: &str) -> String {
    let at = text.match_indices("error").map(|(at, _)| at).find(|at| *at == 0 || text[..*at].ends_with('\n'));
    stack::headline(&text[at.unwrap_or(0)..])
}

/// `(fail) calc > adds [0.12ms]`, `✗ calc > adds [0.12ms]`
fn result(line: &str) -> Option<(Status, &str, Option<f64>)> {
    let marks = [
        ("(pass) ", Status::Passed),
        ("✓ ", Status::Passed),
        ("(fail) ", Status::Failed),
        ("✗ ", Status::Failed),
        ("(skip) ", Status::Skipped),
        ("» ", Status::Skipped),
        ("(todo) ", Status::Skipped),
        ("✎ ", Status::Skipped),
    ];
    let (status, rest) = marks.iter().find_map(|(mark, status)| Some((*status, line.strip_prefix(mark)?)))?;
    let timed = rest.strip_suffix(']').and_then(|rest| rest.rsplit_once(" ["));
    let timed = timed.and_then(|(name, time)| Some((name, duration(time)?)));
    Some(timed.map_or((status, rest, None), |(name, time)| (status, name, Some(time))))
}

#[derive(Default)]
struct Reader {
    path: String,
    /// What is printed before a result belongs to it.
    text: Option<Excerpt>,
    counts: Counts,
}

impl Reader {
    fn line(&mut self, console: &mut Console, line: &str) {
        if let Some((status, name, time)) = result(line) {
            let text = self.text.take();
            if status != Status::Failed {
                console.named.push((name.to_owned(), status, time));
            } else if !console.failures.iter().any(|known| known.name == name && known.suite == self.path) {
                // At its end Bun lists what failed once more.
                let spots = vec![Spot::new(self.path.as_str(), None, Trust::File)];
                let (name, suite) = (name.to_owned(), self.path.clone());
                console.fail(Failure {
                    name,
                    suite,
                    status,
                    text,
                    clue: Clue { spots, ..Clue::default() },
                    ..Failure::default()
                });
                console.current = None;
            }
        } else if let Some(path) = line.strip_suffix(':').filter(|path| path.contains('.') && !path.contains(' ')) {
            path.clone_into(&mut self.path);
            self.text = None;
        } else if line.starts_with("Ran ") && line.contains(" tests across ") || line.contains(" test across ") {
            console.count(std::mem::take(&mut self.counts));
        } else if line.starts_with(' ')
            && let Some((_, word)) = crate::reports::lines::number(line.trim_start())
            && matches!(word, " pass" | " fail" | " skip" | " todo" | " error" | " errors")
        {
            self.counts.passed += counted(line, &["pass"]);
            self.counts.failed += counted(line, &["fail"]);
            self.counts.skipped += counted(line, &["skip", "todo"]);
            if counted(line, &["error", "errors"]) > 0 {
                console.red.push("errors occurred outside of tests".to_owned());
            }
        } else {
            let text = self.text.get_or_insert_with(|| Excerpt::new(DETAILS));
            text.push(line);
            text.push("\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    #[test]
    fn texts_come_first() {
        let text = "bun test v1.4.5\n\ntest/calc.test.js:\n(pass) calc > adds [0.12ms]\n8 |     expect(4).toBe(5);\n                  ^\nerror: expect(received).toBe(expected)\n\nExpected: 5\n      at <anonymous> (/w/test/calc.test.js:8:30)\n(fail) calc > adds wrong [0.50ms]\n(skip) calc > later\n\n 1 pass\n 1 skip\n 1 fail\n 2 expect() calls\nRan 3 tests across 1 file. [12.00ms]\n";
        assert_eq!(
            outline(text, "bun"),
            "3: 1 passed 1 failed 1 skipped\nfailed test/calc.test.js / calc > adds wrong: error: expect(received).toBe(expected) @ test/calc.test.js\n"
        );
        check_cuts(
            "bun test v1.4.5\n\na.test.js:\n(pass) a\n\n 1 pass\n 0 fail\nRan 1 tests across 1 files. [12.00ms]\n",
            " tests across",
        );
    }
}
