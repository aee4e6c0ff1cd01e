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

/// The message of the first case with this failure.
fn check_message(name: &str, attribute: &str, text: &str, message: &str) {
    let xml = format!(
        "<testsuite><testcase name='{name}'><failure message='{attribute}'>{text}</failure></testcase></testsuite>"
    );
    assert_eq!(read_text(&xml).cases[0].0.message, message);
}

#[test]
fn messages_say_what_is_wrong() {
    check_message("t", "expected 1&#10;got 2", "trace", "expected 1\ngot 2");
    check_message("t", "Failed", "=== RUN   t\n    x_test.go:16: real failure\n--- FAIL: t", "real failure");
    check_message(
        "t",
        "thread &apos;t&apos; (7) panicked at src/x.rs:3:9",
        "thread 't' panicked at src/x.rs:3:9:\nleft",
        "left",
    );
    check_message("testA", "", "N\\C::testA with data set #0\nFailed asserting.\n\n/w/C.php:3", "Failed asserting.");
    check_message("t", "test/t.cpp:6&#10;Expected", "", "Expected");
    check_message("t", "Failed", "", "Failed");
    check_message("t", "std::bad_alloc: no", "", "std::bad_alloc: no");
    check_message("t", "", "", "");
}

#[test]
fn a_new_document_ends_the_one_before() {
    let report = read_text(
        "<?xml version='1.0'?><testsuites><testsuite><testcase name='a'><failure>x</failure></testcase><testcase name='b'>\
         <?xml version='1.0'?><testsuites><testsuite><testcase name='c'/></testsuite></testsuites>",
    );
    assert_eq!((report.totals.tests, report.totals.failed, report.problems[0].grave), (2, 1, true));
}

#[test]
fn what_the_root_says_failed_is_not_green() {
    let report = check("<testsuites tests=\"0\" failures=\"0\" errors=\"1\" time=\"1\"></testsuites>", [0; 6]);
    assert_eq!(
        report.red[0].message,
        "the run had 1 error outside of every test: a package that could not be built, mostly"
    );
    let report = check(
        "<testsuites failures='2'><testsuite name='s'><testcase name='a'/></testsuite></testsuites>",
        [1, 1, 0, 0, 0, 0],
    );
    assert_eq!(report.red[0].message, "the file says that 2 failed, and lists none");
    let skipped = "<testsuites failures='2'><testcase name='a'><skipped/><failure/></testcase></testsuites>";
    assert!(check(skipped, [1, 0, 0, 0, 1, 0]).red.is_empty());
}

#[test]
fn equal_names_are_reruns_only_where_a_writer_repeats_runs() {
    let twice = "<testcase name='a' classname='c'/><testcase name='a' classname='c'><failure/></testcase>";
    check(
        &format!("<testsuites name=\"jest tests\"><testsuite tests='1'>{twice}</testsuite></testsuites>"),
        [2, 1, 1, 0, 0, 0],
    );
    let jest = "<testsuite name='x' errors='0' failures='1' skipped='0' timestamp='t' time='1' tests='1'>";
    check(&format!("<testsuites name='mine'>{jest}{twice}</testsuite></testsuites>"), [2, 1, 1, 0, 0, 0]);
    let again = "<testcase name='a' classname='c'><failure/></testcase>".repeat(3);
    let go =
        "<testsuites tests='3'><testsuite tests='3'><properties><property name=\"go.version\" value='1'/></properties>";
    check(&format!("{go}{again}</testsuite></testsuites>"), [1, 0, 1, 0, 0, 0]);
    check(&format!("{go}{again}<testcase name='a' classname='c'/></testsuite></testsuites>"), [1, 1, 0, 0, 0, 1]);
    let pytest =
        "<testsuites><testsuite name=\"pytest\" tests='2'><testcase name='a'/><testcase name='a'/><testcase name='a'/>";
    check(&format!("{pytest}<testcase name='b'/></testsuite></testsuites>"), [2, 2, 0, 0, 0, 1]);
}
