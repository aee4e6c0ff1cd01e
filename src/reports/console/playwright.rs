//! Playwright's list, line and dot reporters. Source: `packages/playwright/src/reporters/base.ts`.

use super::{Console, Counts, Failure, read, sure_of};
use crate::model::finding::Status;
use crate::reports::clue::{Clue, Spot, Trust};
use crate::reports::lines::number;
use crate::reports::stack::headline;
use crate::reports::{Format, Head, Kind, SURE};

/// Playwright's text.
pub static FORMAT: Format = Format {
    name: "playwright",
    kind: Kind::Test,
    recognise,
    read: |source, sink| {
        let mut reader = Reader::default();
        read(source, sink, &mut |console, line| reader.line(console, line), headline);
    },
};

fn recognise(head: &Head) -> u8 {
    sure_of(head, |line| match () {
        () if heading(line).is_some() => SURE,
        () if line.starts_with("Running ") && line.contains(" tests using ") || line.contains(" test using ") => {
            SURE - 10
        }
        () => 0,
    })
}

/// `  1) [web] › test/calc.spec.js:5:3 › calc › wrong ─────`
fn heading(line: &str) -> Option<(String, Spot)> {
    let (_, rest) = number(line.strip_prefix("  ")?.trim_start())?;
    place(rest.strip_prefix(") ")?)
}

/// `[web] › test/calc.spec.js:5:3 › calc › wrong ─────`
fn place(text: &str) -> Option<(String, Spot)> {
    let mut parts: Vec<&str> = text.trim_end().trim_end_matches('─').trim_end().split(" › ").collect();
    let at = parts.iter().position(|part| part.rsplit(':').take(2).all(|number| number.parse::<u32>().is_ok()))?;
    let mut place = parts[at].rsplitn(3, ':');
    let column = place.next().and_then(|column| column.parse().ok());
    let line = place.next().and_then(|line| line.parse().ok());
    let mut spot = Spot::new(place.next()?, line, Trust::Definition);
    spot.column = column;
    let name = parts.split_off(at + 1).join(" › ");
    (!name.is_empty()).then_some((name, spot))
}

/// `  2 failed`, `  2 passed (11.1s)`
fn counts(line: &str) -> Option<(&str, u64)> {
    let (count, rest) = number(line.strip_prefix("  ")?)?;
    let word = rest.strip_prefix(' ')?.trim_end();
    let word = word.split(" (").next().unwrap_or_default();
    let known = ["failed", "flaky", "skipped", "passed", "interrupted", "did not run"];
    known.contains(&word).then_some((word, count))
}

#[derive(Default)]
struct Reader {
    part: String,
}

impl Reader {
    fn line(&mut self, console: &mut Console, line: &str) {
        if let Some((word, count)) = counts(line) {
            self.part = word.to_owned();
            console.count(match word {
                "failed" | "interrupted" => Counts { failed: count, ..Counts::default() },
                "passed" | "flaky" => Counts { passed: count, ..Counts::default() },
                _ => Counts { skipped: count, ..Counts::default() },
            });
        } else if line.starts_with("Running ") && line.contains(" using ") {
            self.part.clear();
        } else if self.part == "flaky"
            && let Some((name, spot)) = place(line.trim_start())
        {
            let same =
                |failure: &&mut Failure| failure.name.starts_with(&name) && failure.clue.spots.first() == Some(&spot);
            if let Some(failure) = console.failures.iter_mut().find(same) {
                failure.status = Status::Flaky;
            }
        } else if let Some((name, spot)) = heading(line) {
            let suite = spot.path.clone();
            let clue = Clue { spots: vec![spot], ..Clue::default() };
            console.fail(Failure { name, suite, status: Status::Failed, clue, ..Failure::default() });
        } else if line.contains("was not a part of any test") || line.contains("were not a part of any test") {
            console.red.push("errors occurred outside of any test".to_owned());
        } else if let Some(rest) = line.trim_start().strip_prefix("Retry #") {
            if let Some(failure) = console.current.and_then(|at| console.failures.get_mut(at)) {
                failure.attempts = number(rest).and_then(|(count, _)| u32::try_from(count + 1).ok());
            }
        } else {
            console.text(line.strip_prefix("    ").unwrap_or(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    #[test]
    fn failures_are_numbered() {
        let text = "Running 4 tests using 1 worker\n\n  ✘  1 [web] › t/a.spec.js:5:3 › calc › wrong (36ms)\n\n  1) [web] › t/a.spec.js:5:3 › calc › wrong › step one ────\n\n    Error: no\n\n    >  7 | x\n        at /w/t/a.spec.js:7:21\n\n    Retry #1 ────\n\n    Error: no\n\n  2) t/a.spec.js:13:3 › calc › flaky ────\n\n    Error: once\n\n  1 failed\n    [web] › t/a.spec.js:5:3 › calc › wrong ────\n  1 flaky\n    t/a.spec.js:13:3 › calc › flaky ────\n  1 skipped\n  1 passed (11.1s)\n";
        assert_eq!(
            outline(text, "playwright"),
            "4: 2 passed 1 flaky 1 failed 1 skipped\nfailed t/a.spec.js / calc › wrong › step one: Error: no x2 @ t/a.spec.js:5:3\nflaky t/a.spec.js / calc › flaky: Error: once @ t/a.spec.js:13:3\n"
        );
        check_cuts("Running 1 test using 1 worker\n  1 passed (11.1s)\n", "assed");
    }
}
