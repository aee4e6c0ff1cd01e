//! Elixir's ExUnit. Source: `ExUnit.CLIFormatter` and `ExUnit.Formatter`.

use super::{Console, Counts, Failure, counted, first_line, read, sure_of};
use crate::model::finding::Status;
use crate::reports::clue::{Clue, Spot, Trust};
use crate::reports::lines::number;
use crate::reports::{Format, Head, Kind, SURE};

/// The text of ExUnit.
pub static FORMAT: Format = Format {
    name: "exunit",
    kind: Kind::Test,
    recognise,
    read: |source, sink| {
        read(source, sink, &mut line, headline);
    },
};

fn recognise(head: &Head) -> u8 {
    sure_of(head, |line| match () {
        () if heading(line).is_some() => SURE,
        () if summary(line).is_some() => SURE - 10,
        () => 0,
    })
}

/// `2 doctests, 5 tests, 3 failures, 1 excluded, 1 invalid, 1 skipped`
fn summary(line: &str) -> Option<Counts> {
    let kinds = ["test", "tests", "doctest", "doctests", "property", "properties", "feature", "features"];
    let others = ["failure", "failures", "skipped", "excluded", "invalid"];
    let words: Vec<&str> = line.split(", ").map(|part| number(part).map_or("", |(_, word)| word.trim())).collect();
    if words.len() < 2 || !kinds.contains(&words[0]) || !words.iter().any(|word| word.starts_with("failure")) {
        return None;
    }
    if !words.iter().all(|word| kinds.contains(word) || others.contains(word)) {
        return None;
    }
    let failed = counted(line, &["failure", "failures"]);
    let errors = counted(line, &["invalid"]);
    let skipped = counted(line, &["skipped", "excluded"]);
    Some(Counts { passed: counted(line, &kinds).saturating_sub(failed + errors + skipped), failed, errors, skipped })
}

/// `  1) test adds wrong (CalcTest)`, `  2) CalcTest: failure on setup_all callback, …`
fn heading(line: &str) -> Option<(&str, &str)> {
    let inner = line.strip_prefix("  ")?.trim_start();
    let (_, rest) = number(inner)?;
    let rest = rest.strip_prefix(") ")?.trim_end();
    if let Some((module, _)) = rest.split_once(": failure on setup_all callback") {
        return Some((rest, module));
    }
    let (name, module) = rest.strip_suffix(')')?.rsplit_once(" (")?;
    let kind = name.split(' ').next().unwrap_or_default();
    let known =
        matches!(kind, "test" | "doctest" | "property" | "feature") && module.starts_with(|c: char| c.is_uppercase());
    known.then_some((name, module))
}

fn line(console: &mut Console, line: &str) {
    if let Some(counts) = summary(line) {
        console.count(counts);
    } else if let Some((name, module)) = heading(line) {
        let clue = Clue { classes: vec![module.to_owned()], ..Clue::default() };
        let status = if name.contains(": failure on setup_all") { Status::Error } else { Status::Failed };
        let failure = Failure { name: name.to_owned(), suite: module.to_owned(), status, clue, ..Failure::default() };
        console.fail(failure);
    } else if line.starts_with("Finished in ") {
        console.current = None;
    } else if let Some(path) = line.strip_prefix("== Compilation error in file ") {
        console.red.push(format!("`{}` does not compile", path.trim_end_matches(" ==")));
    } else if let Some(failure) = console.current.and_then(|at| console.failures.get_mut(at))
        && failure.text.is_none()
        && let Some((path, line)) = line.trim().rsplit_once(':')
        && let Ok(line) = line.parse()
        && !path.contains(' ')
    {
        // The first line is where the test is defined: among the frames it would be taken for one.
        failure.clue.spots.push(Spot::new(path, Some(line), Trust::Definition));
        failure.text.get_or_insert_with(|| crate::reports::excerpt::Excerpt::new(crate::reports::sink::DETAILS));
    } else {
        console.text(line);
    }
}

/// What stands above `code:` and the frames.
fn headline(text: &str) -> String {
    let ends = |line: &str| line.starts_with("stacktrace:");
    let lines: Vec<&str> =
        text.lines().map(str::trim).take_while(|line| !ends(line)).filter(|line| !line.is_empty()).collect();
    let lines: Vec<&str> = lines.into_iter().take(6).collect();
    if lines.is_empty() { first_line(text) } else { lines.join("\n") }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    #[test]
    fn failures_are_numbered() {
        let text = "*\n\n  1) test adds wrong (CalcTest)\n     test/calc_test.exs:6\n     Assertion with == failed\n     code:  assert 4 == 5\n     stacktrace:\n       test/calc_test.exs:7: (test)\n\n.\nFinished in 0.02 seconds (0.00s async, 0.02s sync)\n1 doctest, 3 tests, 1 failure, 1 skipped\n";
        assert_eq!(
            outline(text, "exunit"),
            "4: 2 passed 1 failed 1 skipped\nfailed CalcTest / test adds wrong: Assertion with == failed @ test/calc_test.exs:6\n"
        );
        check_cuts(".\nFinished in 0.02 seconds\n1 test, 0 failures\n", " 0 failures");
    }
}
