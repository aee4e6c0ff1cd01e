use crate::reports::checks::{check_cuts, outline};

fn check(tap: &str, wanted: &str) {
    assert_eq!(outline(tap, "tap"), wanted, "{tap}");
}

#[test]
fn points_and_their_diagnostics() {
    check(
        "TAP version 13\n1..4\nok 1 - fine\nnot ok 2 - wrong\n  ---\n  message: 'no'\n  at:\n    file: a.js\n    line: 3\n  ...\nnot ok 3 - later # TODO\nok 4 # skip no net\n",
        "4: 1 passed 1 failed 2 skipped\nfailed wrong: no @ a.js:3\n",
    );
    check("1..0 # SKIP not supported\n", "0:\n");
    check("ok\nok\n1..2\n", "2: 2 passed\n");
}

#[test]
fn a_run_that_was_not_finished_is_red() {
    check("1..5\nok 1 - one\nBail out!  disk full\n", "1: 1 passed\nred: the run bailed out: disk full\n");
    check(
        "1..3\nok 1 - only\ndied early at c.t line 1.\n",
        "1: 1 passed\nred: plan not met: 3 planned, 1 ran; last words: died early at c.t line 1.\n",
    );
    check(
        "ok 1 - a\nok 2 - b\n",
        "2: 2 passed\nlost: cut short: no plan, so nobody knows how many tests there should be\n",
    );
    check("1..2\nok 1\nok 2\nok 3\n", "3: 3 passed\nred: plan not met: 2 planned, 3 ran\n");
    check("ok 1\n1..1\nok 1\n1..2\n", "2: 2 passed\nred: plan not met: 2 planned, 1 ran\n");
}

#[test]
fn subtests_are_counted_by_their_writers_rule() {
    // Test::More: a subtest is one test.
    check(
        "# Subtest: inner\n    1..2\n    ok 1 - in ok\n    not ok 2 - in bad\n    #   at a.t line 7.\nnot ok 1 - inner\n1..1\n",
        "1: 1 failed\nfailed inner: in bad\n",
    );
    // node: suites are no tests, tests with subtests are.
    check(
        "TAP version 13\n# Subtest: s\n    # Subtest: a\n    ok 1 - a\n      ---\n      duration_ms: 1\n      ...\n    1..1\nok 1 - s\n  ---\n  duration_ms: 2\n  type: 'suite'\n  ...\n# Subtest: t\n    # Subtest: b\n    ok 1 - b\n    1..1\nok 2 - t\n  ---\n  duration_ms: 2\n  ...\n1..2\n",
        "3: 3 passed\n",
    );
    // vitest: files and groups stand in front of what is in them.
    check(
        "TAP version 13\n1..1\nnot ok 1 - a.test.ts # time=1ms {\n    1..2\n    ok 1 - x # time=1ms\n    not ok 2 - y # time=2ms\n        ---\n        at: \"/w/a.test.ts:1:2\"\n        ...\n}\n",
        "2: 1 passed 1 failed\nfailed a.test.ts / y: y @ /w/a.test.ts:1:2\n",
    );
    check(
        "TAP version 14\n# Subtest: p\n    ok 1 - x\n    1..2\nok 1 - p\n1..1\n",
        "1: 1 passed\nred: plan not met in subtest `p`: 2 planned, 1 ran\n",
    );
}

#[test]
fn other_output_does_no_harm() {
    check(
        "> npm test\n\n1..2\nok  \tpkg\t0.1s\nok 1 a\nnot ok 2 b\n  boom\n      at f (t.js:1:2)\n  ok 1 more\n",
        "2: 1 passed 1 failed\nfailed b: boom\n",
    );
    check(
        "#   Failed test 'x'\n#   at a.t line 3.\n#          got: '4'\na.t .. \n1..1\nnot ok 1 - x\nDubious, test returned 1\n",
        "1: 1 failed\nfailed x: got: '4'\n",
    );
}

#[test]
fn every_cut_is_red() {
    check_cuts(
        "TAP version 14\n1..3\nok 1 - a\n# Subtest: b\n    1..1\n    ok 1 - c\nok 2 - b\nok 3 - d # SKIP x\n",
        "ok 3",
    );
}
