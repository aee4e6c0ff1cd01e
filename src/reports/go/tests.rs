use crate::reports::checks::{check_cuts, outline};

/// Events as `package test action output`, `-` for none.
fn events(lines: &[&str]) -> String {
    let mut text = String::new();
    for line in lines {
        let mut words = line.splitn(4, ' ').map(|word| if word == "-" { "" } else { word });
        let mut next = || words.next().unwrap_or_default().to_owned();
        let (package, test, action, output) = (next(), next(), next(), next());
        let event = serde_json::json!({"Action": action, "Package": package, "Test": test, "Output": output + "\n"});
        text.push_str(&format!("{event}\n"));
    }
    text
}

fn check(lines: &[&str], wanted: &str) {
    assert_eq!(outline(&events(lines), "go-test-json"), wanted, "{lines:?}");
}

fn check_text(text: &str, wanted: &str) {
    assert_eq!(outline(text, "go-test"), wanted, "{text}");
}

#[test]
fn tests_and_their_parents_are_counted() {
    check(
        &["p A run", "p A/x run", "p A/x output     a_test.go:3: no", "p A/x fail", "p A fail", "p B skip", "p - fail"],
        "3: 2 failed 1 skipped\nfailed p / A/x: no @ a_test.go:3\nfailed p / A: a subtest failed\n",
    );
    check(&["p BenchmarkA run", "p BenchmarkA bench", "p - pass"], "1: 1 passed\n");
}

#[test]
fn a_package_without_a_result_or_with_a_bad_one_is_red() {
    check(
        &["p A run", "p A pass", "p - output exit status 3", "p - fail"],
        "1: 1 passed\nred: package `p` failed without a failed test: exit status 3\n",
    );
    check(
        &["p A run", "p A output panic: test timed out after 1s", "p - output FAIL\tp\t1s", "p - fail"],
        "1: 1 failed\nfailed p / A: panic: test timed out after 1s\n",
    );
    check(&["p A run", "p A pass"], "1: 1 passed\nlost: cut short: package `p` has no result\n");
    check(
        &["p A run"],
        "1: 1 failed\nfailed p / A: failed without saying why\nlost: cut short: package `p` has no result\n",
    );
    // Before Go 1.20, output without a line's end hides the result.
    check(&["p A run", "p A output hello--- PASS: A (0.00s)", "p - pass"], "1: 1 passed\n");
    check(
        &["p A run", "p A/b run", "p A pass", "p - fail"],
        "2: 2 passed\nred: package `p` failed without a failed test\n",
    );
}

#[test]
fn reruns_are_one_test() {
    let runs = ["p A run", "p A fail", "p B run", "p B pass", "p - fail", "p A run"];
    let again = |last: &'static [&'static str]| [&runs[..], last].concat();
    check(&again(&["p A pass", "p - pass"]), "2: 2 passed 1 flaky\nflaky p / A: failed without saying why x2\n");
    check(&again(&["p A fail", "p - fail"]), "2: 1 passed 1 failed\nfailed p / A: failed without saying why x2\n");
    // `-count=2` wants both.
    check(
        &["p A run", "p A fail", "p A run", "p A pass", "p - fail"],
        "1: 1 failed\nfailed p / A: failed without saying why x2\n",
    );
}

#[test]
fn what_does_not_compile_is_found() {
    let json = "{\"ImportPath\":\"m/p [m/p.test]\",\"Action\":\"build-output\",\"Output\":\"# m/p [m/p.test]\\n\"}\n\
                {\"ImportPath\":\"m/p [m/p.test]\",\"Action\":\"build-output\",\"Output\":\"p/a_test.go:3:8: undefined: x\\n\"}\n\
                {\"ImportPath\":\"m/p [m/p.test]\",\"Action\":\"build-fail\"}\n";
    assert_eq!(
        outline(json, "go-test-json"),
        "0:\nfinding Error: undefined: x @ p/a_test.go:3:8\nred: `m/p [m/p.test]` does not compile\n"
    );
    let text = "# m/p\nvet: p/a.go:3:8: undefined: x\n\tmore\nFAIL\tm/p [build failed]\nok  \tm/q\t0.1s\n";
    check_text(
        text,
        "0:\nfinding Error: undefined: x\nmore @ p/a.go:3:8\nred: package `m/p` failed without a failed test: build failed\n",
    );
    let merged = format!("{text}{}", events(&["m/q A run", "m/q A pass", "m/q - pass"]));
    assert_eq!(
        outline(&merged, "go-test-json"),
        "1: 1 passed\nfinding Error: undefined: x\nmore @ p/a.go:3:8\nred: package `m/p` failed without a failed test: build failed\n"
    );
}

#[test]
fn text_is_read_like_events() {
    check_text(
        "=== RUN   A\n=== RUN   A/x\n    a_test.go:3: no\n--- FAIL: A (0.10s)\n    --- FAIL: A/x (0.10s)\n=== RUN   B\n    a_test.go:9: \
         later\n--- SKIP: B (0.00s)\nFAIL\nFAIL\tm/p\t0.2s\n=== RUN   A\n--- PASS: A (0.00s)\nPASS\nok  \tm/q\t0.2s\n?   \tm/r\t[no test files]\n",
        "4: 1 passed 2 failed 1 skipped\nfailed m/p / A: a subtest failed\nfailed m/p / A/x: no @ a_test.go:3\n",
    );
    check_text(
        "--- FAIL: A (0.00s)\n    a_test.go:3: no\nFAIL\nexit status 1\nFAIL\tm/p\t0.2s\n",
        "1: 1 failed\nfailed m/p / A: no @ a_test.go:3\n",
    );
    check_text("=== RUN   A\n--- PASS: A (0.00s)\nPASS\n", "1: 1 passed\n");
    check_text("=== RUN   A\n--- PASS: A (0.00s)\n", "1: 1 passed\nlost: cut short: the run has no result\n");
    check_text(
        "=== RUN   A\npanic: boom\n\ngoroutine 1 [running]:\n",
        "1: 1 failed\nfailed A: panic: boom\nlost: cut short: the run has no result\n",
    );
}

#[test]
fn every_cut_is_red() {
    check_cuts(&events(&["p A run", "p A output x", "p A pass", "p - pass"]), "}");
    check_cuts("=== RUN   A\n--- PASS: A (0.00s)\nPASS\nok  \tm/p\t0.2s\n", "PASS");
}
