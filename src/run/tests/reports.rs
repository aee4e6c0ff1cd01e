//! What whole runs make of reports.

use serde_json::{Value, json};

use super::schema;
use crate::host::fake::{Fake, block_on};
use crate::problem::Exit;
use crate::run::main;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A step of this job type in a push to `main`, with these inputs.
fn step(job_type: &str, inputs: &[(&str, &str)]) -> Fake {
    let fake = Fake::new()
        .variable("GITHUB_ACTIONS", "true")
        .variable("GITHUB_WORKSPACE", "/w")
        .variable("GITHUB_REPOSITORY", "o/r")
        .variable("GITHUB_RUN_ID", "7")
        .variable("GITHUB_JOB", "check")
        .variable("GITHUB_ACTION", "__waybill")
        .variable("GITHUB_EVENT_NAME", "push")
        .variable("GITHUB_REF_NAME", "main")
        .variable("GITHUB_REF_TYPE", "branch")
        .variable("GITHUB_SHA", COMMIT)
        .variable("GITHUB_ACTOR", "octocat")
        .variable("GITHUB_OUTPUT", "/r/output")
        .variable("GITHUB_STEP_SUMMARY", "/r/summary")
        .variable("INPUT_JOB-TYPE", job_type);
    inputs
        .iter()
        .fold(fake, |fake, (name, value)| fake.variable(&format!("INPUT_{}", name.to_ascii_uppercase()), value))
}

/// A report of so many errors, each with a message of its own.
fn sarif(messages: &[&str]) -> String {
    let result = |(at, message): (usize, &&str)| {
        let place = json!({"artifactLocation": {"uri": "src/a.js"}, "region": {"startLine": at + 1}});
        json!({"ruleId": "R", "level": "error", "message": {"text": message}, "locations": [{"physicalLocation": place}]})
    };
    let results: Vec<_> = messages.iter().enumerate().map(result).collect();
    json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": results}]}).to_string()
}

/// Runs it and checks its report against the schema; its status and its code.
fn run(fake: &Fake) -> (Exit, String) {
    let exit = block_on(main(fake));
    let report = output(fake, "report");
    if !report.is_empty() {
        let text = fake.text(&format!("/w/{report}")).expect("the report is where the output says");
        let schema: Value = serde_json::from_str(include_str!("../../../schema/report.schema.json")).unwrap();
        let value = serde_json::from_str(&text).unwrap();
        assert_eq!(schema::faults(&schema, &value), [] as [String; 0]);
    }
    (exit, output(fake, "code"))
}

fn output(fake: &Fake, name: &str) -> String {
    let text = fake.text("/r/output").unwrap_or_default();
    let mut lines = text.lines();
    let found = lines.find(|line| line.starts_with(&format!("{name}<<")));
    found.and_then(|_| lines.next()).unwrap_or_default().to_owned()
}

fn summary(fake: &Fake) -> String {
    fake.text("/r/summary").unwrap_or_default()
}

/// The record that a run leaves for its branch.
fn record(fake: &Fake) -> Option<(String, String)> {
    let path = fake.paths().into_iter().find(|path| path.starts_with("/w/.waybill/reports/main/"))?;
    let text = fake.text(&path)?;
    Some((path, text))
}

#[test]
fn a_push_leaves_what_a_pull_request_is_compared_with() {
    let inputs = [("reports", "lint.sarif"), ("baseline", "store")];
    let first =
        step("lint", &inputs).file("/w/lint.sarif", sarif(&["one", "two"])).child("git ls-files -z", "src/a.js\0", 0);
    assert_eq!(run(&first), (Exit::Failed, "WB3004".to_owned()));
    assert!(summary(&first).contains("- the store holds no report of the base branch yet: every finding counts\n"));
    let (path, text) = record(&first).expect("a record");

    let second = |messages: &[&str], tracked: &str| {
        step("lint", &inputs)
            .variable("GITHUB_EVENT_NAME", "pull_request")
            .variable("GITHUB_BASE_REF", "main")
            .file(&path, &text)
            .file("/w/lint.sarif", sarif(messages))
            .child("git ls-files -z -- .waybill", tracked, 0)
            .child("git ls-files -z", "src/a.js\0", 0)
    };
    let same = second(&["moved", "two", "one"], "");
    assert_eq!(run(&same), (Exit::Failed, "WB3004".to_owned()));
    assert!(summary(&same).contains("Against `main`: <b>&#43;1</b> errors\n"), "{}", summary(&same));
    assert!(summary(&same).contains("### New findings\n"));
    assert_eq!(same.printed().matches("::error title=t%3A R,").count(), 1);
    let fewer = second(&["two"], "");
    assert_eq!(run(&fewer), (Exit::Success, String::new()));
    assert_eq!(record(&fewer), Some((path.clone(), text.clone())), "a pull request leaves none");
    let brought = second(&["two"], ".waybill/reports/main/x.json\0");
    assert_eq!(run(&brought), (Exit::Failed, "WB3004".to_owned()));
    assert!(summary(&brought).contains("is in the repository, so that nothing in it can be believed"));
}

#[test]
fn new_findings_on_the_branch_itself_do_not_become_known() {
    let inputs = [("reports", "lint.sarif"), ("baseline", "store")];
    let first = step("lint", &inputs).file("/w/lint.sarif", sarif(&["one"])).child("git ls-files -z", "src/a.js\0", 0);
    run(&first);
    let (path, text) = record(&first).unwrap();
    let second = step("lint", &inputs)
        .file(&path, &text)
        .file("/w/lint.sarif", sarif(&["one", "two"]))
        .child("git ls-files -z -- .waybill", "", 0)
        .child("git ls-files -z", "src/a.js\0", 0);
    assert_eq!(run(&second), (Exit::Failed, "WB3004".to_owned()));
    let known = |text: &str| serde_json::from_str::<Value>(text).unwrap()["known"].clone();
    assert_eq!(known(&record(&second).unwrap().1), known(&text));
}

#[test]
fn a_former_report_is_a_baseline() {
    let inputs = [("reports", "lint.sarif"), ("baseline", "old.json"), ("sarif-output", "out/all.sarif")];
    let old = json!({"findings": [{"source": "t", "rule": "R", "file": "src/a.js", "message": "one"}]}).to_string();
    let fake = step("lint", &inputs).file("/w/old.json", &old).file("/w/lint.sarif", sarif(&["one"]));
    let fake = fake.child("git ls-files -z", "src/a.js\0", 0);
    assert_eq!(run(&fake), (Exit::Success, String::new()));
    assert_eq!(output(&fake, "errors"), "1");
    assert!(summary(&fake).contains("Not counted: 1 finding of the baseline."));
    assert!(fake.text("/w/out/all.sarif").is_some_and(|text| text.contains("\"uri\":\"src/a.js\"")));
    for (text, reason) in
        [(Some("[]"), "is no report of Waybill's"), (Some("{"), "cannot be read"), (None, "cannot be read")]
    {
        let fake = step("lint", &inputs).file("/w/lint.sarif", sarif(&["one"]));
        let fake = text.into_iter().fold(fake, |fake, text| fake.file("/w/old.json", text));
        let fake = fake.child("git ls-files -z", "src/a.js\0", 0);
        assert_eq!(run(&fake), (Exit::Failed, "WB3004".to_owned()));
        assert!(summary(&fake).contains(reason), "{}", summary(&fake));
    }
}

#[test]
fn tests_are_reported_as_the_settings_say() {
    let junit = "<testsuite name='s' tests='2'><testcase name='a' classname='c' time='2'/>\
                 <testcase name='b' classname='c'><flakyFailure message='no'>at t.js:1</flakyFailure></testcase></testsuite>";
    let inputs = [("reports", "j.xml"), ("fail-on-flaky", "true"), ("report-all", "true"), ("slow-threshold", "500ms")];
    let fake = step("test", &inputs).file("/w/j.xml", junit).child("git ls-files -z", "t.js\0", 0);
    assert_eq!(run(&fake), (Exit::Failed, "WB3008".to_owned()));
    let report = fake.text(&format!("/w/{}", output(&fake, "report"))).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["cases"].as_array().map(Vec::len), Some(2));
    assert!(summary(&fake).contains("### Flaky tests\n") && summary(&fake).contains("Slowest tests"));
}

#[test]
fn a_command_finds_no_foreign_matcher() {
    let fake = step("test", &[("run", "true")]).child("bash *", "", 0);
    run(&fake);
    let printed = fake.printed();
    let at = |text: &str| printed.find(text).expect("it is printed");
    assert!(at("::remove-matcher owner=tsc::\n") < at("::group::Run true\n"));
    let fake = step("lint", &[("reports", "lint.sarif")]).file("/w/lint.sarif", sarif(&[]));
    run(&fake);
    assert!(!fake.printed().contains("remove-matcher"));
}

#[test]
fn what_the_step_has_no_room_for_goes_into_a_check_run() {
    let messages: Vec<String> = (0..70).map(|at| format!("message {}", "x".repeat(at))).collect();
    let messages: Vec<&str> = messages.iter().map(String::as_str).collect();
    let token = ["t", "0ken"].concat();
    let api = "https://api.github.com/repos/o/r";
    let list = format!(
        "GET {api}/commits/{COMMIT}/check-runs?check_name=lint%20%C2%B7%20development%20%C2%B7%20check%20%2820%29&filter=latest&per_page=100"
    );
    let fake = step("lint", &[("reports", "lint.sarif"), ("github-token", &token), ("matrix", "{\"node\":20}")])
        .file("/w/lint.sarif", sarif(&messages))
        .child("git ls-files -z", "src/a.js\0", 0)
        .reply(&list, 200, "{\"check_runs\":[]}")
        .reply(&format!("POST {api}/check-runs"), 201, "{\"id\":7}")
        .reply(&format!("PATCH {api}/check-runs/7"), 403, "{}");
    assert_eq!(run(&fake), (Exit::Failed, "WB3004".to_owned()));
    let sent = fake.sent();
    let made: Value = serde_json::from_slice(sent[1].body.bytes()).unwrap();
    assert_eq!((&made["name"], &made["conclusion"]), (&json!("lint · development · check (20)"), &json!("failure")));
    assert_eq!(made["output"]["title"], json!("62 more annotations"));
    assert_eq!(made["details_url"], json!("https://github.com/o/r/actions/runs/7"));
    assert!(fake.printed().contains("needs the permission `checks: write`"));
    assert!(summary(&fake).contains("checks: write"));
}

#[test]
fn green_tests_may_print_what_looks_like_a_finding() {
    let noise = "src/a.c:1:2: error: something\n";
    let fake = step("test", &[("run", "make test")]).child("bash *", noise, 0);
    assert_eq!(run(&fake), (Exit::Success, String::new()));
    let fake = step("lint", &[("run", "make lint")]).child("bash *", noise, 0).child("git ls-files -z", "src/a.c\0", 0);
    assert_eq!(run(&fake), (Exit::Failed, "WB3004".to_owned()));
}
