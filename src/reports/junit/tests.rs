use crate::model::finding::{Status, Totals};
use crate::reports::{FileReport, Options, read};

fn read_text(xml: &str) -> FileReport {
    read(Box::new(std::io::Cursor::new(xml.as_bytes().to_vec())), "r.xml", None, &Options::default())
}

/// Tests, passed, failed, errors, skipped, flaky.
fn check(xml: &str, counts: [u64; 6]) -> FileReport {
    let report = read_text(xml);
    let [tests, passed, failed, errors, skipped, flaky] = counts;
    assert_eq!(report.totals, Totals { tests, passed, failed, errors, skipped, flaky, ..Totals::default() }, "{xml}");
    report
}

#[test]
fn cases_are_counted_by_their_children() {
    check(
        "<testsuites tests='99'><testcase/><testsuite><testcase name='a'><failure/><error/></testcase>\
         <testcase name='b'><skipped/><failure/></testcase><testcase name='c' status='disabled'/>\
         <testsuite><testcase name='d'><failure/><failure/></testcase></testsuite></testsuite></testsuites>",
        [5, 1, 1, 1, 2, 0],
    );
    check(
        "<testsuite><testcase name='a'><system-out>&lt;failure/></system-out></testcase></testsuite>",
        [1, 1, 0, 0, 0, 0],
    );
}

#[test]
fn reruns_are_one_case() {
    let flaky = check(
        "<testsuite><testcase name='a' classname='c'><flakyFailure message='m'>x<stackTrace>at c.A(A.java:1)</stackTrace>\
         </flakyFailure></testcase></testsuite>",
        [1, 1, 0, 0, 0, 1],
    );
    assert_eq!(flaky.cases[0].0.attempts, Some(2));
    assert_eq!(flaky.cases[0].0.message, "m");
    assert!(flaky.cases[0].0.details.as_deref().is_some_and(|details| details.contains("A.java:1")));
    check(
        "<testsuite tests='1'><testcase name='a'/><testcase name='a'><failure/></testcase></testsuite>",
        [1, 0, 1, 0, 0, 0],
    );
    check(
        "<testsuite tests='2'><testcase name='a'><failure/></testcase><testcase name='a'/></testsuite>",
        [1, 1, 0, 0, 0, 1],
    );
    // Two failures under one name may be two rows of a table.
    check(
        "<testsuite tests='2'><testcase name='a'><failure/></testcase><testcase name='a'><failure/></testcase></testsuite>",
        [2, 0, 2, 0, 0, 0],
    );
    check("<testsuite tests='2'><testcase name='a'/><testcase name='a'/></testsuite>", [2, 2, 0, 0, 0, 0]);
}

#[test]
fn a_suite_that_broke_is_red() {
    let report = check("<testsuites><testsuite name='pkg' tests='0' errors='2'/></testsuites>", [0; 6]);
    assert_eq!(report.red[0].message, "suite `pkg` says that it has failures, and lists no case");
    let report = check("<testsuite name='s'><error message='no set-up'>x</error></testsuite>", [0; 6]);
    assert_eq!(report.red[0].message, "suite `s` failed as a whole: no set-up");
}

#[test]
fn a_cut_file_gives_what_was_read() {
    let report = check("<testsuite><testcase name='a'/><testcase name='b'><failure>boo", [2, 1, 1, 0, 0, 0]);
    assert_eq!(report.cases[0].0.status, Status::Failed);
    assert_eq!(report.cases[0].0.message, "boo");
    assert!(report.problems[0].grave);
}
