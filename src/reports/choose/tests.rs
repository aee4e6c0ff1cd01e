use super::*;
use crate::model::finding::Totals;

fn case(status: Status, name: &str, file: &str, line: u32, message: &str) -> Case {
    Case {
        name: name.into(),
        status,
        file: (!file.is_empty()).then(|| file.into()),
        line: (line > 0).then_some(line),
        message: message.into(),
        ..Case::default()
    }
}

fn failed(name: &str, file: &str, line: u32, message: &str) -> Case {
    case(Status::Failed, name, file, line, message)
}

fn finding(level: Level, file: &str, line: u32, message: &str) -> Finding {
    Finding {
        level,
        file: Some(file.into()),
        line: (line > 0).then_some(line),
        message: message.into(),
        source: "lint".into(),
        ..Finding::default()
    }
}

fn report(cases: Vec<Case>, findings: Vec<Finding>) -> Report {
    let mut totals = Totals::default();
    cases.iter().for_each(|case| totals.count(case.status));
    findings.iter().for_each(|finding| totals.find(finding.level));
    Report { totals, cases, findings, ..Report::default() }
}

fn changed(files: &[(&str, &[(u32, u32)])]) -> Changed {
    Changed(files.iter().map(|(file, ranges)| (file.to_string(), ranges.to_vec())).collect())
}

/// `level file:line title` of each, in order, and the counts of what is left out.
fn check(report: &Report, changed: Option<&Changed>, annotate: Annotate, wanted: &[&str], counts: [u64; 3]) -> Choice {
    let choice = choose(report, changed, annotate);
    let line = |line: Option<u32>| line.map(|line| format!(":{line}")).unwrap_or_default();
    let level = |level| match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "notice",
    };
    let found: Vec<String> = choice
        .chosen
        .iter()
        .map(|one| format!("{} {}{} {}", level(one.level), one.file, line(one.line), one.title))
        .collect();
    assert_eq!(found, wanted);
    assert_eq!([choice.duplicates, choice.outside, choice.unplaced], counts);
    choice
}

#[test]
fn what_the_change_touches_comes_first() {
    let report = report(
        vec![
            failed("rest", "a.rs", 1, "one"),
            failed("file", "b.rs", 9, "two"),
            failed("line", "b.rs", 2, "three"),
            case(Status::Error, "", "c.rs", 1, "cannot load"),
            case(Status::Flaky, "shaky", "a.rs", 5, "four"),
            failed("nowhere", "", 0, "five"),
            case(Status::Skipped, "s", "a.rs", 5, ""),
        ],
        vec![finding(Level::Error, "d.rs", 3, "does not compile")],
    );
    let diff = changed(&[("b.rs", &[(1, 3)])]);
    let all = [
        "error c.rs:1 ",
        "error d.rs:3 lint",
        "error b.rs:2 line",
        "error b.rs:9 file",
        "error a.rs:1 rest",
        "warning a.rs:5 flaky: shaky",
    ];
    check(&report, Some(&diff), Annotate::All, &all, [0, 0, 1]);
    check(&report, Some(&diff), Annotate::Changed, &all[..5], [0, 1, 1]);
    check(&report, Some(&diff), Annotate::None, &[], [0, 0, 0]);
}

#[test]
fn findings_outside_of_the_change_are_left_out_when_wanted() {
    let mut wide = finding(Level::Warning, "a.rs", 1, "wide");
    wide.end_line = Some(7);
    let findings = vec![
        finding(Level::Error, "a.rs", 9, "far"),
        wide,
        finding(Level::Notice, "a.rs", 0, "whole file"),
        finding(Level::Error, "z.rs", 1, "elsewhere"),
    ];
    let report = report(Vec::new(), findings);
    let diff = changed(&[("a.rs", &[(5, 6)])]);
    check(&report, Some(&diff), Annotate::Changed, &["warning a.rs:1 lint", "notice a.rs lint"], [0, 2, 0]);
    let all = ["warning a.rs:1 lint", "error a.rs:9 lint", "notice a.rs lint", "error z.rs:1 lint"];
    check(&report, Some(&diff), Annotate::All, &all, [0, 0, 0]);
    let unknown = ["error a.rs:9 lint", "error z.rs:1 lint", "warning a.rs:1 lint", "notice a.rs lint"];
    check(&report, None, Annotate::Changed, &unknown, [0, 0, 0]);
}

#[test]
fn files_take_turns() {
    let mut cases: Vec<Case> = (1..=5).map(|at| failed(&format!("a{at}"), "a.rs", at, &format!("m{at}"))).collect();
    cases.push(failed("b1", "b.rs", 1, "x"));
    cases.push(failed("b2", "b.rs", 2, "y"));
    let wanted = [
        "error a.rs:1 a1",
        "error b.rs:1 b1",
        "error a.rs:2 a2",
        "error b.rs:2 b2",
        "error a.rs:3 a3",
        "error a.rs:4 a4",
        "error a.rs:5 a5",
    ];
    check(&report(cases, Vec::new()), None, Annotate::All, &wanted, [0, 0, 0]);
}

#[test]
fn rows_of_one_place_are_one() {
    let cases = vec![
        failed("row 1", "a.rs", 4, "expected 1, got 2"),
        failed("row 2", "a.rs", 4, "expected 3, got 44"),
        failed("other", "a.rs", 4, "panicked"),
        failed("far", "a.rs", 5, "expected 1, got 2"),
    ];
    let wanted = ["error a.rs:4 row 1", "error a.rs:4 other", "error a.rs:5 far"];
    let choice = check(&report(cases, Vec::new()), None, Annotate::All, &wanted, [1, 0, 0]);
    assert_eq!(choice.chosen[0].message, "expected 1, got 2\n\nThe same in 1 other test here: `row 2`");
}

#[test]
fn a_crowd_is_one() {
    let crowd = |count: u32| {
        let message = |at: u32| format!("connection refused\n after {at}ms at 0x7f00aa{at:02}");
        (1..=count).map(|at| failed(&format!("t{at}"), &format!("f{at}.rs"), at, &message(at))).collect::<Vec<_>>()
    };
    let three = ["error f1.rs:1 t1", "error f2.rs:2 t2", "error f3.rs:3 t3"];
    check(&report(crowd(3), Vec::new()), None, Annotate::All, &three, [0, 0, 0]);
    let diff = changed(&[("f9.rs", &[])]);
    let choice = check(&report(crowd(37), Vec::new()), Some(&diff), Annotate::All, &["error f9.rs:9 t9"], [36, 0, 0]);
    assert_eq!(
        choice.chosen[0].message,
        "connection refused\n after 9ms at 0x7f00aa09\n\n\
         The same in 36 other tests: `t1`, `t2`, `t3`, `t4`, `t5` and 31 more"
    );
}

#[test]
fn findings_are_apart_unless_they_are_the_same() {
    let findings = (1..=5).map(|line| finding(Level::Warning, "a.rs", line, "line too long"));
    let findings: Vec<_> = findings.clone().chain(findings).collect();
    let wanted: Vec<String> = (1..=5).map(|line| format!("warning a.rs:{line} lint")).collect();
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    check(&report(Vec::new(), findings), None, Annotate::All, &wanted, [5, 0, 0]);
}

#[test]
fn titles_say_who() {
    let mut one = failed("adds", "a.rs", 1, "\u{1b}[31mno\u{1b}[0m");
    one.suite = Some("calc".into());
    let mut two = case(Status::Flaky, "calc adds\nup", "a.rs", 2, "no");
    (two.suite, two.attempts) = (Some("calc".into()), Some(3));
    let mut three = finding(Level::Notice, "a.rs", 3, "");
    (three.rule, three.end_line, three.end_column) = (Some("R1".into()), Some(4), Some(7));
    let choice = choose(&report(vec![one, two], vec![three]), None, Annotate::All);
    let texts: Vec<_> = choice.chosen.iter().map(|one| (one.title.as_str(), one.message.as_str())).collect();
    assert_eq!(
        texts,
        [
            ("calc › adds", "no"),
            ("flaky: calc adds up", "passed only at attempt 3; before: no"),
            ("lint: R1", "lint: R1")
        ]
    );
    assert_eq!((choice.chosen[2].end_line, choice.chosen[2].end_column), (Some(4), Some(7)));
}
