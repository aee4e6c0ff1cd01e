//! bats' pretty formatter. Source: `bats-format-pretty`.

use super::{Console, Counts, Failure, counted, first_line, sure_of};
use crate::model::finding::Status;
use crate::reports::ansi::plain;
use crate::reports::lines::{Lines, number};
use crate::reports::{Format, Head, Kind, SURE, Sink, Source};

/// bats' pretty text.
pub static FORMAT: Format = Format { name: "bats", kind: Kind::Test, recognise, read };

fn recognise(head: &Head) -> u8 {
    let marks = head.lines().any(|line| line.contains(" ✓ ") || line.contains(" ✗ "));
    let counts = sure_of(head, |line| if summary(line).is_some() { SURE - 10 } else { 0 });
    let place = head.lines().any(|line| line.trim_start().starts_with("(in test file "));
    match (marks, counts, place) {
        (true, 1.., _) | (true, _, true) => SURE - 10,
        _ => 0,
    }
}

/// `4 tests, 2 failures, 1 skipped in 1 seconds`
fn summary(line: &str) -> Option<Counts> {
    let line = line.trim();
    let line = line.rsplit_once(" in ").filter(|(_, time)| time.ends_with("seconds")).map_or(line, |(line, _)| line);
    let (tests, rest) = number(line)?;
    if !(rest.starts_with(" tests, ") || rest.starts_with(" test, ")) {
        return None;
    }
    let known = ["failure", "failures", "skipped", "not run", "timed out"];
    let parts = || line.split(", ").skip(1).filter_map(number);
    if !parts().any(|(_, word)| word.trim().starts_with("failure"))
        || !parts().all(|(_, word)| known.contains(&word.trim()))
    {
        return None;
    }
    let failed = counted(line, &["failure", "failures"]);
    let missing = counted(line, &["not run"]);
    let skipped = counted(line, &["skipped"]);
    let passed = tests.saturating_sub(failed + skipped + missing);
    Some(Counts { passed, failed: failed + missing, errors: 0, skipped })
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut console = Console::default();
    let mut lines = Lines::new(source);
    while lines.next_line().is_some() {
        // What is printed over does not count: the cursor goes back to the first column.
        let shown = lines.raw().rsplit("\u{1B}[1G").next().unwrap_or_default();
        line(&mut console, &plain(shown));
    }
    let end = lines.end();
    console.finish(sink, end, headline);
}

fn line(console: &mut Console, line: &str) {
    if let Some(counts) = summary(line) {
        console.count(counts);
    } else if let Some(name) = line.strip_prefix(" ✗ ") {
        let failure = Failure { name: untimed(name).to_owned(), status: Status::Failed, ..Failure::default() };
        console.fail(failure);
    } else if let Some(name) = line.strip_prefix(" ✓ ") {
        console.current = None;
        console.named.push((untimed(name).to_owned(), Status::Passed, None));
    } else if let Some(name) = line.strip_prefix(" - ") {
        console.current = None;
        console.named.push((untimed(name).to_owned(), Status::Skipped, None));
    } else if let Some(text) = line.strip_prefix("   ") {
        console.text(text);
    } else {
        console.current = None;
    }
}

/// With `--timing` the milliseconds stand behind the name.
fn untimed(name: &str) -> &str {
    let name = name.trim_end();
    match name.strip_suffix(']').and_then(|rest| rest.rsplit_once(" [")) {
        Some((name, time)) if time.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => name,
    }
}

fn headline(text: &str) -> String {
    let said = text.lines().map(str::trim).find(|line| line.ends_with("failed") || line.contains("failed with status"));
    said.map_or_else(|| first_line(text), str::to_owned)
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    #[test]
    fn marks_are_results() {
        let text = "a.bats\n\u{1B}[1G   fails\u{1B}[K\u{1B}[77G2/4\u{1B}[2G\u{1B}[31;1m\u{1B}[1G ✗ fails # x\u{1B}[K\n   (in test file a.bats, line 5)\n     `[ 1 -eq 2 ]' failed\n ✓ ok\n - later (skipped: no)\n\n3 tests, 1 failure, 1 skipped in 1 seconds\n";
        assert_eq!(outline(text, "bats"), "3: 1 passed 1 failed 1 skipped\nfailed fails # x: `[ 1 -eq 2 ]' failed\n");
        check_cuts(" ✓ ok\n\n1 test, 0 failures\n", " 0 failures");
    }
}
