//! What the tests of the formats share: a report in a few lines, and its cuts.

use super::{FileReport, Options, read};

/// Reads a report and says everything that came of it, a line each: counts, suites aside; cases
/// with their first place; findings; why it is red; what could not be read.
pub fn outline(text: &str, format: &str) -> String {
    let report = read_text(text);
    assert_eq!(report.format, format, "{text}");
    let totals = &report.totals;
    let mut lines = format!("{}:", totals.tests);
    let counts = [
        (totals.passed, "passed"),
        (totals.flaky, "flaky"),
        (totals.failed, "failed"),
        (totals.errors, "errors"),
        (totals.skipped, "skipped"),
    ];
    for (count, word) in counts.iter().filter(|(count, _)| *count > 0) {
        lines.push_str(&format!(" {count} {word}"));
    }
    lines.push('\n');
    for (case, clue) in &report.cases {
        let suite = case.suite.as_ref().map(|suite| format!("{suite} / ")).unwrap_or_default();
        let message = case.message.lines().next().unwrap_or_default();
        lines.push_str(&format!("{} {suite}{}: {message}", format!("{:?}", case.status).to_lowercase(), case.name));
        if let Some(attempts) = case.attempts {
            lines.push_str(&format!(" x{attempts}"));
        }
        lines.push_str(&place(clue.spots.first()));
        lines.push('\n');
    }
    for (finding, clue) in &report.findings {
        lines.push_str(&format!("finding {:?}: {}{}\n", finding.level, finding.message, place(clue.spots.first())));
    }
    report.red.iter().for_each(|red| lines.push_str(&format!("red: {}\n", red.message)));
    for problem in &report.problems {
        let kind = if problem.grave { "lost" } else { "odd" };
        lines.push_str(&format!("{kind}: {}\n", problem.message));
    }
    lines
}

/// Cuts a green report at every byte: none of it may be green that ends before the last `last`
/// begins its line's content.
pub fn check_cuts(text: &str, last: &str) {
    assert!(!is_red(&read_text(text)), "not green: {:?}", read_text(text));
    let must = text.rfind(last).unwrap_or(text.len());
    for end in (0..=must).filter(|end| text.is_char_boundary(*end)) {
        assert!(is_red(&read_text(&text[..end])), "green: {:?}", &text[..end]);
    }
}

/// Reads a report that is text.
pub fn read_text(text: &str) -> FileReport {
    read(Box::new(std::io::Cursor::new(text.as_bytes().to_vec())), "r", None, &Options::default())
}

fn is_red(report: &FileReport) -> bool {
    report.totals.failed + report.totals.errors > 0
        || !report.red.is_empty()
        || report.problems.iter().any(|problem| problem.grave)
}

fn place(spot: Option<&super::clue::Spot>) -> String {
    let Some(spot) = spot else { return String::new() };
    let number = |number: Option<u32>| number.map(|number| format!(":{number}")).unwrap_or_default();
    format!(" @ {}{}{}", spot.path, number(spot.line), number(spot.column))
}

/// Pieces of the lines that readers look for, to be put together at random.
#[cfg(test)]
mod random {
    use proptest::prelude::*;

    use crate::reports::{FORMATS, Kind, Options, read};

    const PIECES: &[&str] = &[
        "\n",
        "\n",
        "\n",
        " ",
        "  ",
        "    ",
        "\t",
        ": ",
        " - ",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "'",
        "\"",
        "€",
        "ü",
        "#",
        "|",
        "1",
        "12",
        "0",
        "18446744073709551616",
        "a.rs:1:2",
        "t/a.py::test_b",
        "/w/a.js",
        "A::b",
        "A#b",
        "1)",
        "1..2",
        "ok",
        "not ok",
        " # SKIP",
        " # TODO",
        "---",
        "...",
        "TAP version 13",
        "Bail out!",
        "# Subtest: x",
        "message:",
        "at:",
        "file: a.js",
        "=== RUN   A",
        "--- FAIL: A (0.00s)",
        "FAIL\tp\t0.1s",
        "ok  \tp\t0.1s",
        "panic: x",
        "running 1 test",
        "test a ... ",
        "FAILED",
        "---- a stdout ----",
        "failures:",
        "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured",
        "     Running x (target/debug/deps/x-0123456789abcdef)",
        "thread 'a' panicked at ",
        "Summary [",
        "1 test run: 1 passed",
        "PASS [   0.1s] a b",
        "TRY 2 FAIL [   0.1s] a b",
        "FLAKY 2/2 [   0.1s] a b",
        "##teamcity[",
        "testStarted name='",
        "|0x",
        "' ]",
        "=== FAILURES ===",
        "___ test_a ___",
        "E   x",
        "=== short test summary info ===",
        "FAILED t/a.py::test_b - x",
        "SUBFAILED",
        "1 failed, 2 passed in 0.1s",
        "!!! x !!!",
        "==========================================================================",
        "FAIL: a (b.c)",
        "Ran 1 test in 0.1s",
        "OK",
        "(failures=1)",
        "Failure:",
        "A#b [a.rb:1]:",
        "1 runs, 2 assertions, 0 failures, 0 errors, 0 skips",
        "There was 1 failure:",
        "Tests: 1, Assertions: 1, Failures: 1.",
        " ✘ a",
        "   │ x",
        "Failures:",
        "1 example, 0 failures",
        "rspec ./a.rb:1 # a",
        " ✗ a",
        " ✓ a",
        "1 test, 1 failure",
        "1/2 Test #1: a ...***Failed 0.1 sec",
        "50% tests passed, 1 tests failed out of 2",
        "Failed!  - Failed: 1, Passed: 2, Skipped: 0, Total: 3",
        "  Failed A.b [1 ms]",
        "Total tests: 1",
        "Passed: 1",
        "  1) test a (B)",
        "DONE 1 tests in 0.1s",
        "=== FAIL: p A (0.1s)",
        "[ RUN      ] A.b",
        "[  FAILED  ] A.b (0 ms)",
        "[==========] 1 test ran.",
        "FAIL a.test.js",
        "  ● a › b",
        "Tests:       1 failed, 1 total",
        " FAIL  a.ts > b",
        "      Tests  1 failed (1)",
        "  1 passing (1ms)",
        "  1 failing",
        "ℹ tests 1",
        "ℹ duration_ms 1",
        "✖ failing tests:",
        "test at a.js:1:1",
        "✖ a (1ms)",
        "  1 passed (1s)",
        "1) a.js:1:2 › b",
        "Result: FAIL",
        "Files=1, Tests=1",
        "a.t (Wstat: 1 Tests: 1 Failed: 1)",
        "\u{1B}[1G",
        "\u{1B}[31m",
        "\r",
        r#"{"type":"test","event":"failed","name":"a$b#2"}"#,
        r#"{"Action":"fail","Package":"p","Test":"A/b"}"#,
        r#"{"testResults":[{"assertionResults":[{"status":"failed"}]}]}"#,
        r#"["pass",{"title":"a"}]"#,
        r#"{"stats":{"tests":1},"failures":[{}]}"#,
        r#"{"suites":[{"specs":[{"tests":[{"results":[{}]}]}]}]}"#,
        r#"{"examples":[{"status":"failed"}],"summary":{}}"#,
        r#"{"testsuites":[{"testsuite":[{"failures":[{"failure":"x"}]}]}]}"#,
        r#"{"test":{"id":1},"type":"testStart"}"#,
        r#"{"testID":1,"type":"testDone","result":"error"}"#,
    ];

    fn text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            8 => prop::sample::select(PIECES).prop_map(str::to_owned),
            3 => prop::sample::select(PIECES).prop_map(|piece| format!("{piece}\n")),
            1 => "[a-z€: ./()\\[\\]#|-]{0,6}",
        ];
        prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        // Each case is read in every format.
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_text_is_survived_in_any_format(text in text()) {
            for format in FORMATS.iter().filter(|format| format.kind == Kind::Test) {
                let report = read(Box::new(std::io::Cursor::new(text.clone().into_bytes())), "r", Some(format.name), &Options::default());
                let totals = &report.totals;
                prop_assert_eq!(totals.tests, totals.passed + totals.failed + totals.errors + totals.skipped, "{}", format.name);
            }
        }
    }
}
