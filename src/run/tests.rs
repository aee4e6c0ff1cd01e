//! Whole runs on the strict fake.

use super::main;
use crate::host::fake::{Fake, block_on};
use crate::host::{Host, Signal};
use crate::problem::Exit;
use crate::store::ledger::{self, Anchor};

mod frontend;
mod images;
mod reports;
mod schema;

const SHELL: &str = "bash --noprofile --norc -e -o pipefail *";
const GREEN: &str = r#"<testsuite name="s"><testcase name="a"/></testsuite>"#;
const RED: &str = r#"<testsuite name="s"><testcase name="a"/><testcase name="b"><failure message="boom">at src/b.js:7:3</failure></testcase></testsuite>"#;

fn runner(job_type: &str) -> Fake {
    Fake::new()
        .variable("GITHUB_ACTIONS", "true")
        .variable("GITHUB_WORKSPACE", "/w")
        .variable("GITHUB_SHA", &"a".repeat(40))
        .variable("GITHUB_REF_NAME", "main")
        .variable("GITHUB_ACTOR", "somebody")
        .variable("GITHUB_RUN_ID", "7")
        .variable("GITHUB_JOB", "check")
        .variable("GITHUB_OUTPUT", "/r/output")
        .variable("GITHUB_STATE", "/r/state")
        .variable("GITHUB_STEP_SUMMARY", "/r/summary")
        .variable("RUNNER_TEMP", "/t")
        .variable("INPUT_JOB-TYPE", job_type)
}

/// Runs the action and compares everything that it prints.
fn check(fake: &Fake, exit: Exit, printed: &[&str]) {
    assert_eq!(block_on(main(fake)), exit, "{}", fake.printed());
    let all = fake.printed();
    // Which problem matchers there are is their table's affair.
    let lines: Vec<&str> = all.lines().filter(|line| !line.starts_with("::remove-matcher ")).collect();
    assert_eq!(lines, printed);
}

/// The last value of an output that the action wrote.
fn output(fake: &Fake, name: &str) -> String {
    let text = fake.text("/r/output").unwrap_or_default();
    let start = text.rfind(&format!("{name}<<")).unwrap_or_else(|| panic!("no output {name} in {text}"));
    text[start..].lines().nth(1).unwrap_or_default().to_owned()
}

fn token(number: u8) -> String {
    format!("{number:02x}").repeat(16)
}

#[test]
fn a_failing_test_is_annotated_at_its_line() {
    let fake = runner("test")
        .variable("INPUT_RUN", "npm test")
        .variable("INPUT_REPORTS", "out/*.xml")
        .child_leaving(SHELL, "1 failed\n", 1, &[("/w/out/r.xml", RED)])
        .child("git ls-files -z", "src/b.js\0", 0);
    check(
        &fake,
        Exit::Failed,
        &[
            "::notice title=pipeline-started::deployment 7-development started",
            "::notice title=job-started::test (development) started",
            "::group::Run npm test",
            &format!("::stop-commands::{}", token(5)),
            "1 failed",
            &format!("::{}::", token(5)),
            "::endgroup::",
            "::error title=s › b,file=src/b.js,line=7,col=3::boom",
            "::error title=job-failed::test (development) failed: 1 of 2 tests failed; the command ended with status 1",
        ],
    );
    assert_eq!((output(&fake, "status"), output(&fake, "code")), ("failure".to_owned(), "WB3003".to_owned()));
    assert_eq!((output(&fake, "tests"), output(&fake, "failed")), ("2".to_owned(), "1".to_owned()));
    let ledger = fake.text(&format!("/w/{}", output(&fake, "ledger"))).unwrap_or_default();
    let (head, count) = (output(&fake, "ledger-head"), output(&fake, "ledger-count").parse().ok());
    let verified = ledger::verify(ledger.as_bytes(), Anchor { head: Some(&head), count });
    assert!(verified.is_ok(), "{verified:?}");
}

fn code(fake: &Fake, exit: Exit) -> String {
    assert_eq!(block_on(main(fake)), exit, "{}", fake.printed());
    output(fake, "code")
}

#[test]
fn no_report_and_an_old_report_are_never_green() {
    let with_run = || runner("test").variable("INPUT_RUN", "true").variable("INPUT_REPORTS", "r.xml");
    assert_eq!(code(&with_run().child(SHELL, "", 0), Exit::Failed), "WB3001");
    assert_eq!(code(&with_run().file("/w/r.xml", GREEN).child(SHELL, "", 0), Exit::Failed), "WB3007");
    let written = with_run().file("/w/r.xml", GREEN).child_leaving(SHELL, "", 0, &[("/w/r.xml", GREEN)]);
    assert_eq!(code(&written, Exit::Success), "");
    // Without a command of ours an earlier step has written it.
    let read_only = runner("test").variable("INPUT_REPORTS", "r.xml").file("/w/r.xml", GREEN);
    assert_eq!(code(&read_only, Exit::Success), "");
    let empty = runner("test").variable("INPUT_REPORTS", "r.xml").file("/w/r.xml", "");
    assert_eq!(code(&empty, Exit::Failed), "WB3002");
}

#[test]
fn neither_command_nor_reports_is_a_problem() {
    assert_eq!(code(&runner("lint"), Exit::Problem), "WB1001");
    assert_eq!(
        code(&runner("lint").variable("INPUT_MODE", "rollback").variable("INPUT_RUN", "x"), Exit::Problem),
        "WB9007"
    );
    assert_eq!(code(&runner("deploy-backend"), Exit::Problem), "WB9005");
    assert_eq!(code(&runner("dance"), Exit::Problem), "WB1002");
}

#[test]
fn a_plan_runs_nothing() {
    let fake = runner("lint").variable("INPUT_MODE", "plan").variable("INPUT_RUN", "npm run lint");
    check(
        &fake,
        Exit::Success,
        &[
            "::notice title=pipeline-started::deployment 7-development started",
            "::notice title=job-started::lint (development) started",
            "plan: nothing is run and nothing is changed; this would be done:",
            "  run `npm run lint` in `/w`",
            "::notice title=job-completed::lint (development) succeeded",
        ],
    );
}

#[test]
fn a_cancelled_job_stops_its_command_and_says_so() {
    let fake = runner("lint").variable("INPUT_RUN", "sleep 99").cancelled_by(Signal::Interrupt).hanging_child(SHELL);
    assert_eq!(block_on(main(&fake)), Exit::Cancelled);
    assert_eq!(fake.signals(), [Signal::Interrupt, Signal::Terminate, Signal::Kill]);
    assert!(
        fake.printed()
            .ends_with("::warning title=job-failed::lint (development) was cancelled: the runner sent SIGINT\n")
    );
    assert_eq!(output(&fake, "status"), "cancelled");
}

#[test]
fn secrets_are_masked_before_anything_is_printed() {
    let secret = ["s3cr3t", "-of-this-", "test"].concat();
    let fake = runner("lint")
        .variable("INPUT_QDRANT-API-KEY", &secret)
        .variable("INPUT_RUN", &format!("echo {secret}"))
        .child(SHELL, format!("{secret}\n"), 1);
    assert_eq!(block_on(main(&fake)), Exit::Failed);
    let printed = fake.printed();
    assert!(printed.starts_with(&format!("::add-mask::{secret}\n")), "{printed}");
    assert_eq!(printed.matches(&secret).count(), 1, "{printed}");
    for path in fake.paths() {
        let text = fake.text(&path).unwrap_or_default();
        assert!(!text.contains(&secret), "{path}: {text}");
    }
}

/// What `main` had written when it was killed: everything up to `job-started`.
fn killed() -> Fake {
    let fake = runner("lint").variable("INPUT_RUN", "x").cancelled_by(Signal::Kill).hanging_child(SHELL);
    assert_eq!(block_on(main(&fake)), Exit::Cancelled);
    let path = fake.paths().into_iter().find(|path| path.ends_with(".jsonl")).expect("there is a ledger");
    let ledger = fake.text(&path).unwrap_or_default();
    let two: String = ledger.split_inclusive('\n').take(2).collect();
    let state = fake.text("/r/state").unwrap_or_default();
    let open = state.lines().filter(|line| line.contains(r#""stage":"open""#)).nth(1).expect("it was saved twice");
    runner("lint").variable("STATE_waybill", open).file(&path, two)
}

#[test]
fn post_ends_what_a_killed_job_left_open() {
    let fake = killed();
    assert_eq!(block_on(main(&fake)), Exit::Success, "{}", fake.printed());
    assert_eq!(
        fake.printed(),
        "::error title=job-failed::lint (development) failed: its process was killed before it could say how it ended\n"
    );
    let path = fake.paths().into_iter().find(|path| path.ends_with(".jsonl")).expect("there is a ledger");
    let ledger = fake.text(&path).unwrap_or_default();
    assert_eq!(ledger::verify(ledger.as_bytes(), Anchor::default()).map(|verified| verified.ledger.count()), Ok(3));
}

#[test]
fn post_adds_nothing_to_a_ledger_that_was_changed() {
    let fake = killed();
    let path = fake.paths().into_iter().find(|path| path.ends_with(".jsonl")).expect("there is a ledger");
    let changed = fake.text(&path).unwrap_or_default().replace("started", "st4rted");
    assert_eq!(fake.write(&path, changed.as_bytes(), crate::host::Writing::Replace), Ok(()));
    assert_eq!(block_on(main(&fake)), Exit::Failed);
    assert!(fake.printed().starts_with("::error title=WB9001::"), "{}", fake.printed());
    assert_eq!(fake.text(&path), Some(changed));
}

#[test]
fn post_has_nothing_to_do_after_a_job_that_ended() {
    check(&runner("lint").variable("STATE_waybill", r#"{"stage":"finished"}"#), Exit::Success, &[]);
}

#[test]
fn the_same_job_run_again_says_how_it_ends() {
    let run = || runner("lint").variable("INPUT_RUN", "false").child(SHELL, "", 1);
    let first = run();
    assert_eq!(block_on(main(&first)), Exit::Failed);
    let mut again = run();
    for path in first.paths().iter().filter(|path| path.starts_with("/w/.waybill")) {
        again = again.file(path, first.text(path).unwrap_or_default());
    }
    assert_eq!(block_on(main(&again)), Exit::Failed);
    let last = "::error title=job-failed::lint (development) failed: the command ended with status 1\n";
    assert!(again.printed().ends_with(last), "{}", again.printed());
}
