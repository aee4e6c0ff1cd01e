use crate::reports::checks::{check_cuts, outline};

fn check(text: &str, wanted: &str) {
    assert_eq!(outline(text, "pytest"), wanted, "{text}");
}

const FAILURES: &str = "=== FAILURES ===\n___ TestA.test_b ___\n\n    def test_b(self):\n>       assert 1 == 2\nE       assert 1 == 2\n\nt/test_a.py:17: AssertionError\n";

#[test]
fn quiet_output_is_enough() {
    check(
        &format!(
            "..F.sx [100%]\n{FAILURES}=== short test summary info ===\nFAILED t/test_a.py::TestA::test_b - assert 1 == 2\n1 failed, 3 passed, 1 skipped, 1 xfailed in 0.30s\n"
        ),
        "6: 3 passed 1 failed 2 skipped\nfailed t/test_a.py / TestA::test_b: assert 1 == 2 @ t/test_a.py\n",
    );
    check("..  [100%]\n2 passed, 1 warning in 0.10s\n", "2: 2 passed\n");
    // `-qq` has no counts, and `-r` may take away the summary.
    check("..  [100%]\n", "2: 2 passed\n");
    check(
        &format!(".F  [100%]\n{FAILURES}1 failed, 1 passed in 0.1s\n"),
        "2: 1 passed 1 failed\nfailed TestA.test_b: assert 1 == 2\n",
    );
}

#[test]
fn errors_are_no_failures() {
    check(
        "=== ERRORS ===\n___ ERROR collecting t/test_a.py ___\nt/test_a.py:2: in <module>\n    import x\nE   ModuleNotFoundError: no x\n=== short test summary info ===\nERROR t/test_a.py\n!!! Interrupted: 1 error during collection !!!\n1 error in 0.12s\n",
        "1: 1 errors\nerror t/test_a.py: ModuleNotFoundError: no x @ t/test_a.py\n",
    );
    // What breaks after a test had passed takes the pass away.
    check(
        ".E [100%]\n=== ERRORS ===\n___ ERROR at teardown of test_a ___\nE   ValueError: no\n\nt.py:5: ValueError\n=== short test summary info ===\nERROR t.py::test_a - ValueError: no\n1 passed, 1 error in 0.12s\n",
        "1: 1 errors\nerror t.py / test_a: ValueError: no @ t.py\n",
    );
    check(
        "no tests ran in 0.00s\nERROR: file or directory not found: x.py\n",
        "0:\nred: file or directory not found: x.py\n",
    );
    check("no tests ran in 0.00s\n", "0:\nred: no tests ran\n");
    check(
        "INTERNALERROR> Traceback\nINTERNALERROR>   File \"/w/conftest.py\", line 3, in f\nINTERNALERROR> ValueError: no\n\n1 passed in 0.1s\n",
        "1: 1 passed\nfinding Error: pytest itself broke: ValueError: no @ /w/conftest.py:3\nred: pytest itself broke: ValueError: no\n",
    );
}

#[test]
fn verbose_output_has_names() {
    check(
        "=== test session starts ===\ncollected 4 items\n\nt.py::test_a RERUN   [ 25%]\nt.py::test_a PASSED  [ 25%]\nt.py::test_b[x y] PASSED [ 50%]\nt.py::test_c SKIPPED (no)  [ 75%]\nt.py::test_d FAILED  [100%]\n\n=== FAILURES ===\n___ test_d ___\nE   assert 0\n\nt.py:9: AssertionError\n=== 1 failed, 2 passed, 1 skipped, 1 rerun in 0.1s ===\n",
        "4: 2 passed 1 flaky 1 failed 1 skipped\nfailed t.py / test_d: assert 0 @ t.py\nflaky t.py / test_a: it passed when it was run again @ t.py\n",
    );
    check(
        "=== short test summary info ===\nSUBFAILED(i=1) t.py::T::test_sub - AssertionError: 1 == 1\n1 failed, 2 passed, 2 subtests passed in 0.04s\n",
        "2: 1 passed 1 failed\nfailed t.py / T::test_sub: AssertionError: 1 == 1 @ t.py\n",
    );
}

#[test]
fn traces_may_be_short() {
    check(
        "F [100%]\n=== FAILURES ===\n/w/t.py:5: AssertionError: maths is hard\n=== short test summary info ===\nFAILED t.py::test_a - AssertionError: maths ...\n1 failed in 0.1s\n",
        "1: 1 failed\nfailed t.py / test_a: AssertionError: maths is hard @ t.py\n",
    );
    check(
        "F [100%]\n=== FAILURES ===\n___ test_a ___\nTraceback (most recent call last):\n  File \"/w/t.py\", line 5, in test_a\nKeyError: 'x'\n=== 1 failed in 0.1s ===\n",
        "1: 1 failed\nfailed test_a: KeyError: 'x'\n",
    );
}

#[test]
fn every_cut_is_red() {
    check(
        "=== test session starts ===\ncollected 2 items\n\nt.py .",
        "0:\nlost: cut short: the run has no last line with its counts\n",
    );
    check_cuts(
        "=== test session starts ===\ncollected 1 item\n\nt.py .  [100%]\n\n=== 1 passed in 0.10s ===\n",
        "s ===",
    );
}
