//! Ruby's minitest, also as Rails prints it, and test-unit.
//! Source: minitest's `minitest.rb`, `rails/test_unit/reporter.rb`, test-unit's console runner.

use super::{Console, Counts, Failure, counted, first_line, read, sure_of};
use crate::model::finding::Status;
use crate::reports::clue::{Clue, Spot, Trust};
use crate::reports::lines::number;
use crate::reports::{Format, Head, Kind, SURE};

/// The text of minitest and test-unit.
pub static FORMAT: Format = Format {
    name: "minitest",
    kind: Kind::Test,
    recognise,
    read: |source, sink| {
        let mut heading = None;
        read(source, sink, &mut |console, text| line(console, &mut heading, text), headline);
    },
};

fn recognise(head: &Head) -> u8 {
    sure_of(head, |line| match () {
        () if summary(line).is_some() => SURE,
        () if line == "# Running:" || line.starts_with("Run options: ") && line.contains("--seed") => SURE - 20,
        () => 0,
    })
}

/// `4 runs, 2 assertions, 1 failures, 1 errors, 1 skips`
fn summary(line: &str) -> Option<Counts> {
    let (tests, rest) = number(line)?;
    if !(rest.starts_with(" runs, ") || rest.starts_with(" tests, "))
        || !rest.contains(" assertions, ")
        || !rest.contains(" errors")
    {
        return None;
    }
    let failed = counted(line, &["failures"]);
    let errors = counted(line, &["errors"]);
    let skipped = counted(line, &["skips", "pendings", "omissions"]);
    Some(Counts { passed: tests.saturating_sub(failed + errors + skipped), failed, errors, skipped })
}

/// `  1) Failure:`, or `Failure:` alone as Rails has it.
fn heading(line: &str) -> Option<Status> {
    let inner = line.trim_start();
    let rest = match number(inner) {
        Some((_, rest)) => rest.strip_prefix(") ")?,
        None => line,
    };
    match rest.trim_end() {
        "Failure:" => Some(Status::Failed),
        "Error:" => Some(Status::Error),
        "Skipped:" => Some(Status::Skipped),
        _ => None,
    }
}

/// test-unit: `Failure: test_wrong(CalcTest)`, `Error: test_error(CalcTest): ZeroDivisionError: …`
fn unit(line: &str) -> Option<(Status, &str, &str, &str)> {
    let (word, rest) = line.split_once(": ")?;
    let status = match word {
        "Failure" => Status::Failed,
        "Error" => Status::Error,
        _ => return None,
    };
    let (name, rest) = rest.split_once('(')?;
    let (class, rest) = rest.split_once(')')?;
    let plain = name.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') && !class.contains(' ');
    plain.then_some((status, name, class, rest.trim_start_matches(':').trim()))
}

fn line(console: &mut Console, waiting: &mut Option<Status>, line: &str) {
    if let Some(counts) = summary(line) {
        console.count(counts);
        return;
    }
    if let Some(status) = waiting.take()
        && let Some((failure, spot)) = title(line)
    {
        console.current = None;
        if status != Status::Skipped {
            let classes = vec![failure.suite.clone()];
            let clue = Clue { spots: spot.into_iter().collect(), classes, ..Clue::default() };
            console.fail(Failure { status, clue, ..failure });
        }
        return;
    }
    if let Some(status) = heading(line) {
        *waiting = Some(status);
        console.current = None;
    } else if let Some((status, name, class, message)) = unit(line) {
        let classes = vec![class.to_owned()];
        console.fail(Failure {
            name: format!("{class}#{name}"),
            suite: class.to_owned(),
            status,
            message: message.to_owned(),
            clue: Clue { classes, ..Clue::default() },
            ..Failure::default()
        });
    } else if line.len() > 60 && line.bytes().all(|byte| byte == b'=') || line.starts_with("bin/rails test ") {
        console.current = None;
    } else if !excerpt(line) {
        console.text(line);
    }
}

/// test-unit quotes the source: `  =>  7:   def test_error; 1/0; end`.
fn excerpt(line: &str) -> bool {
    let inner = line.trim_start().trim_start_matches("=> ").trim_start();
    line.starts_with(' ') && number(inner).is_some_and(|(_, rest)| rest.starts_with(':'))
}

/// `CalcTest#test_wrong [test/calc_test.rb:6]:`, `CalcTest#test_error:`
fn title(line: &str) -> Option<(Failure, Option<Spot>)> {
    let (name, place) = match line.trim_end().strip_suffix(':')?.split_once(" [") {
        Some((name, place)) => (name, place.strip_suffix(']')),
        None => (line.trim_end().trim_end_matches(':'), None),
    };
    let (class, _) = name.split_once('#')?;
    let spot = place.and_then(|place| place.rsplit_once(':')).and_then(|(path, line)| {
        let line = line.parse().ok()?;
        Some(Spot::new(path, Some(line), Trust::Exact))
    });
    Some((Failure { name: name.to_owned(), suite: class.to_owned(), ..Failure::default() }, spot))
}

/// The message up to the frames: an assertion may have several lines.
fn headline(text: &str) -> String {
    let frame = |line: &str| line.contains(":in `") || line.contains(":in '") || line.trim_end().ends_with(".rb");
    let lines: Vec<&str> = text.lines().filter(|line| !frame(line)).take(6).collect();
    let message = lines.join("\n").trim().to_owned();
    if message.is_empty() { first_line(text) } else { message }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    fn check(text: &str, wanted: &str) {
        assert_eq!(outline(text, "minitest"), wanted, "{text}");
    }

    #[test]
    fn failures_have_titles() {
        check(
            "Run options: --seed 1\n\n# Running:\n\nFS.E\n\n  1) Failure:\nA#test_b [test/a_test.rb:6]:\nExpected: 5\n  Actual: 4\n\n  2) Skipped:\nA#test_s [test/a_test.rb:9]:\nlater\n\n  3) Error:\nA#test_e:\nZeroDivisionError: divided by 0\n    lib/a.rb:8:in `/'\n\n4 runs, 2 assertions, 1 failures, 1 errors, 1 skips\n",
            "4: 1 passed 1 failed 1 errors 1 skipped\nfailed A / A#test_b: Expected: 5 @ test/a_test.rb:6\nerror A / A#test_e: ZeroDivisionError: divided by 0\n",
        );
        check(
            "Started\nF\n===============================================================================\nFailure: test_wrong(CalcTest)\n/w/a.rb:5:in `test_wrong'\n  =>  5:   assert_equal 5, 4\n<5> expected but was\n<4>\n===============================================================================\n\n1 tests, 2 assertions, 1 failures, 0 errors, 0 pendings, 0 omissions, 0 notifications\n",
            "1: 1 failed\nfailed CalcTest / CalcTest#test_wrong: <5> expected but was\n",
        );
        check_cuts("# Running:\n\n.\n\n1 runs, 2 assertions, 0 failures, 0 errors, 0 skips\n", "ures, 0 errors");
    }
}
