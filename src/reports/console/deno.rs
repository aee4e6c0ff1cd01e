//! `deno test`. Source: Deno's `cli/tools/test/reporters/pretty.rs`.

use super::{Console, Counts, Failure, counted, read, sure_of};
use crate::model::finding::Status;
use crate::reports::clue::{Clue, Spot, Trust};
use crate::reports::lines::number;
use crate::reports::stack::headline;
use crate::reports::{Format, Head, Kind, SURE};

/// The text of Deno's tests.
pub static FORMAT: Format = Format {
    name: "deno",
    kind: Kind::Test,
    recognise,
    read: |source, sink| {
        let mut errors = false;
        read(source, sink, &mut |console, text| line(console, &mut errors, text), headline);
    },
};

fn recognise(head: &Head) -> u8 {
    sure_of(head, |line| match () {
        () if summary(line).is_some() => SURE,
        () if line.starts_with("running ") && (line.contains(" tests from ") || line.contains(" test from ")) => {
            SURE - 5
        }
        () => 0,
    })
}

/// `FAILED | 1 passed (1 step) | 2 failed (1 step) | 1 ignored (27ms)`
fn summary(line: &str) -> Option<(Counts, bool)> {
    let (word, rest) = line.split_once(" | ")?;
    if !matches!(word, "ok" | "FAILED") || !rest.contains(" passed") || !rest.trim_end().ends_with(')') {
        return None;
    }
    let count = |key: &str| {
        let part =
            rest.split(" | ").find_map(|part| number(part).filter(|(_, word)| word.trim_start().starts_with(key)));
        part.map_or(0, |(count, _)| count)
    };
    let steps = rest.contains("step");
    let counts = Counts { passed: count("passed"), failed: count("failed"), errors: 0, skipped: count("ignored") };
    Some((counts, word == "FAILED" && counts.failed == 0 && !steps))
}

/// `steps ... two => ./deno.test.ts:8:11`
fn heading(line: &str) -> Option<(&str, Spot)> {
    let (name, place) = line.rsplit_once(" => ")?;
    let mut parts = place.trim().rsplitn(3, ':');
    let column = parts.next()?.parse().ok()?;
    let line = parts.next()?.parse().ok()?;
    let mut spot = Spot::new(parts.next()?, Some(line), Trust::Definition);
    spot.column = Some(column);
    Some((name, spot))
}

fn line(console: &mut Console, errors: &mut bool, line: &str) {
    if let Some((mut counts, broken)) = summary(line) {
        if broken {
            console.red.push("the run says that it failed, and no test did".to_owned());
        }
        // A step that failed is told of for itself, its test is not.
        let listed = console.failures.len() as u64;
        if listed > counts.failed && counted(line, &["failed"]) == 0 {
            counts.failed = listed;
        }
        console.count(counts);
        *errors = false;
    } else if line.trim() == "ERRORS" {
        *errors = true;
    } else if line.trim() == "FAILURES" {
        (*errors, console.current) = (false, None);
    } else if *errors && let Some((name, spot)) = heading(line) {
        if name.ends_with("(uncaught error)") {
            console.current = None;
            console.red.push(format!("`{}` failed outside of any test", spot.path));
            return;
        }
        let suite = spot.path.clone();
        let clue = Clue { spots: vec![spot], ..Clue::default() };
        console.fail(Failure { name: name.to_owned(), suite, status: Status::Failed, clue, ..Failure::default() });
    } else {
        console.text(line.strip_prefix("error: ").unwrap_or(line));
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    #[test]
    fn errors_have_headings() {
        let text = "running 4 tests from ./d.test.ts\nadds ... ok (16ms)\nwrong ... FAILED (2ms)\nskipped ... ignored (0ms)\nsteps ...\n  two ... FAILED (1ms)\nsteps ... FAILED (due to 1 failed step) (1ms)\n\n ERRORS \n\nwrong => ./d.test.ts:2:6\nerror: Error: boom\n    at file:///w/d.test.ts:3:9\n\nsteps ... two => ./d.test.ts:8:11\nerror: Error: in step\n\n FAILURES \n\nwrong => ./d.test.ts:2:6\nsteps ... two => ./d.test.ts:8:11\n\nFAILED | 1 passed | 2 failed (1 step) | 1 ignored (27ms)\n";
        assert_eq!(
            outline(text, "deno"),
            "4: 1 passed 2 failed 1 skipped\nfailed ./d.test.ts / wrong: Error: boom @ ./d.test.ts:2:6\nfailed ./d.test.ts / steps ... two: Error: in step @ ./d.test.ts:8:11\n"
        );
        check_cuts("running 1 test from ./d.test.ts\nadds ... ok (16ms)\n\nok | 1 passed | 0 failed (27ms)\n", "27ms)");
    }
}
