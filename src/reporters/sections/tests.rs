use proptest::prelude::*;

use super::*;
use crate::masks::Masks;
use crate::model::finding::{Level, Slow};
use crate::reporters::findings::Base;
use crate::reporters::summary::{LARGEST, LARGEST_SECTION};

fn url(path: &str) -> String {
    format!("https://github.com/o/r/blob/c0ffee/{path}")
}

fn render(report: &Report, shown: &Shown, limit: usize) -> String {
    let masks = Masks::new();
    let mut page = Page::new(&masks, limit);
    sections(report, shown, &url, &mut page);
    page.finish()
}

fn check(report: &Report, shown: &Shown, expected: &str) {
    assert_eq!(render(report, shown, LARGEST), expected);
}

fn shown() -> Shown {
    Shown::plan(None, None)
}

fn case(name: &str, status: Status, line: u32, message: &str) -> Case {
    Case {
        name: name.to_owned(),
        suite: Some("shop".to_owned()),
        status,
        file: Some("t/cart.js".to_owned()),
        line: Some(line),
        message: message.to_owned(),
        ..Case::default()
    }
}

fn report(cases: Vec<Case>, findings: Vec<Finding>) -> Report {
    let mut report = Report { cases, findings, ..Report::default() };
    report.cases.iter().for_each(|case| report.totals.count(case.status));
    report.findings.iter().for_each(|finding| report.totals.find(finding.level));
    report
}

#[test]
fn failures_of_one_message_stand_together() {
    let refused = "connect refused at 0x7f00aa11bb22\n  more";
    let mut cases = vec![case("adds", Status::Failed, 14, "expected 1, found 2")];
    cases[0].details = Some("Error: expected 1, found 2\n at t/cart.js:14".to_owned());
    cases.extend((1..=12).map(|at| case(&format!("@db {at}"), Status::Error, at, refused)));
    cases[12].file = None;
    check(
        &report(cases, Vec::new()),
        &shown(),
        &format!(
            "### Failing tests\n\n<b>12 tests</b>: connect refused at 0x7f00aa11bb22\n\n{}- and 2 more\n\n\
             | Test | Place | Message |\n| --- | --- | --- |\n\
             | `shop › adds` | [`t/cart.js:14`](https://github.com/o/r/blob/c0ffee/t/cart.js#L14) | expected 1, found 2 |\n\n\
             <details><summary>shop › adds</summary>\n\n```text\nError: expected 1, found 2\n at t/cart.js:14\n```\n\n</details>\n\n",
            (1..=10)
                .map(|at| format!(
                    "- `shop › @db {at}` [`t/cart.js:{at}`](https://github.com/o/r/blob/c0ffee/t/cart.js#L{at})\n"
                ))
                .collect::<String>()
        ),
    );
}

#[test]
fn findings_are_sorted_and_known_ones_counted() {
    let finding = |level, line, known| Finding {
        level,
        file: Some("src/a b.ts".to_owned()),
        line,
        rule: Some("no-eval".to_owned()),
        message: "a | @x".to_owned(),
        known,
        ..Finding::default()
    };
    let place = Some("/usr/include/x.h:3".to_owned());
    let outside = Finding { file: None, place, ..finding(Level::Notice, None, false) };
    let findings = vec![
        outside,
        finding(Level::Warning, None, false),
        finding(Level::Error, Some(3), false),
        finding(Level::Error, Some(4), true),
    ];
    check(
        &report(Vec::new(), findings),
        &shown(),
        "### New findings\n\n| Level | Place | Rule | Message |\n| --- | --- | --- | --- |\n\
         | ❌ error | [`src/a b.ts:3`](https://github.com/o/r/blob/c0ffee/src/a%20b.ts#L3) | `no-eval` | a &#124; @&#8203;x |\n\
         | ⚠️ warning | [`src/a b.ts`](https://github.com/o/r/blob/c0ffee/src/a%20b.ts) | `no-eval` | a &#124; @&#8203;x |\n\
         | ℹ️ notice | `/usr/include/x.h:3` | `no-eval` | a &#124; @&#8203;x |\n\n\
         Not counted: 1 finding of the baseline.\n\n",
    );
}

#[test]
fn what_is_worth_a_look_besides() {
    let mut report = report(vec![case("blinks", Status::Flaky, 7, "timed out")], Vec::new());
    report.cases[0].attempts = Some(3);
    report.totals.tests = 9;
    report.totals.passed = 9;
    let slow = |name: &str, duration_ms| Slow { name: name.to_owned(), suite: None, duration_ms };
    report.slowest = vec![slow("waits", 61_000.0), slow("thinks", 1_000.0), slow("runs", 999.0)];
    let suite = |name: &str, status, duration_ms| {
        let mut totals = Totals::default();
        totals.count(status);
        Suite { name: name.to_owned(), totals, duration_ms }
    };
    report.suites = vec![
        suite("quick", Status::Passed, 5.0),
        suite("slow", Status::Passed, 50.0),
        suite("red", Status::Error, 1.0),
    ];
    report.files = vec![
        ReportFile { path: "a.xml".into(), format: "junit".into(), dialect: Some("pytest".into()) },
        ReportFile { path: String::new(), format: "tap".into(), dialect: None },
    ];
    report.problems = vec![Trouble { file: "a.xml".into(), message: "cut".into(), offset: Some(9), grave: false }];
    let base = Base { name: "main".into(), totals: Totals { tests: 6, failed: 1, flaky: 1, ..Totals::default() } };
    check(
        &report,
        &Shown { base: Some(base), ..shown() },
        "Against `main`: <b>&#43;3</b> tests · <b>−1</b> failed\n\n\
         ### What could not be read\n\n- `a.xml`: cut (byte 9)\n\n\
         ### Flaky tests\n\n| Test | Attempts | Place | Before it passed |\n| --- | --- | --- | --- |\n\
         | `shop › blinks` | 3 | [`t/cart.js:7`](https://github.com/o/r/blob/c0ffee/t/cart.js#L7) | timed out |\n\n\
         <details><summary>Slowest tests</summary>\n\n| Test | Time |\n| --- | --- |\n| `waits` | 1 min 1 s |\n| `thinks` | 1.0 s |\n\n</details>\n\n\
         <details><summary>3 suites</summary>\n\n| Suite | Tests | Passed | Failed | Skipped | Time |\n| --- | --- | --- | --- | --- | --- |\n\
         | `red` | 1 |  | 1 |  | 1 ms |\n| `slow` | 1 | 1 |  |  | 50 ms |\n| `quick` | 1 | 1 |  |  | 5 ms |\n\n\
         6 tests of no suite, or of one too many, are not in this table.\n\n</details>\n\n\
         <details><summary>2 reports</summary>\n\n- `a.xml`: junit of pytest\n- the command&#39;s output: tap\n\n</details>\n\n"
            .replace("&#39;", "'")
            .as_str(),
    );
}

#[test]
fn what_is_left_out_is_counted() {
    let cases = (0..30).map(|at| case(&format!("t{at}"), Status::Failed, at, &format!("m{at}"))).collect();
    let mut report = report(cases, Vec::new());
    report.totals.failed = 40;
    let text = render(&report, &Shown { failures: 3, ..shown() }, LARGEST);
    assert_eq!(text.matches("| `shop › t").count(), 3);
    assert!(text.ends_with("\n… and 37 more failing tests that are not listed here.\n\n"), "{text}");
    let section = render(&report, &shown(), LARGEST_SECTION);
    assert_eq!(section.matches("| `shop › t").count(), FEW);
    assert!(section.contains("… and 20 more failing tests that are not listed here."), "{section}");
}

#[test]
fn no_failure_takes_the_room_of_the_rest() {
    let huge = "x".repeat(30_000);
    let mut cases: Vec<_> = (0..5_000).map(|at| case(&format!("t{at}"), Status::Failed, at, &huge)).collect();
    for (at, case) in cases.iter_mut().enumerate() {
        case.message.push_str(&format!(" w{at}"));
        case.details = Some(huge.clone());
    }
    cases.push(case("blinks", Status::Flaky, 1, &huge));
    let findings = (0..5_000).map(|_| Finding { message: huge.clone(), ..Finding::default() }).collect();
    let text = render(&report(cases, findings), &Shown { failures: 10_000, ..shown() }, LARGEST);
    assert!(text.len() <= LARGEST, "{}", text.len());
    for part in ["### Failing tests", "### Findings", "### Flaky tests", "`shop › blinks`"] {
        assert!(text.contains(part), "{part}");
    }
}

proptest! {
    #[test]
    fn a_page_keeps_its_limit_whatever_it_says(
        limit in 400usize..40_000,
        texts in prop::collection::vec("\\PC{0,200}", 0..40),
        failures in 0usize..50,
    ) {
        let cases = texts.iter().map(|text| Case { details: Some(text.clone()), ..case(text, Status::Failed, 1, text) });
        let findings = texts.iter().map(|text| Finding { message: text.clone(), ..Finding::default() });
        let text = render(&report(cases.collect(), findings.collect()), &Shown { failures, ..shown() }, limit);
        prop_assert!(text.len() <= limit);
        prop_assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    }
}
