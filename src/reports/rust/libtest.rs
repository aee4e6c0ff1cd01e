//! libtest's JSON (`--format json`, unstable), as nextest writes it, too.
//! Source: `library/test/src/formatters/json.rs`; nextest's `libtest.rs`.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;

use super::panic::{clue, headline};
use crate::model::finding::{Case, Status};
use crate::reports::lines::Lines;
use crate::reports::{Format, Head, Kind, SURE, Sink, Source, ansi};

/// libtest's JSON.
pub static FORMAT: Format = Format { name: "libtest-json", kind: Kind::Test, recognise, read };

#[derive(Default, Deserialize)]
#[serde(default)]
struct Event<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    event: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    stdout: Option<Cow<'a, str>>,
    #[serde(borrow)]
    message: Option<Cow<'a, str>>,
    #[serde(borrow)]
    reason: Option<Cow<'a, str>>,
    exec_time: Option<f64>,
    test_count: u64,
    failed: u64,
}

fn recognise(head: &Head) -> u8 {
    let known = ["test_count", "exec_time", "filtered_out", "name"].iter().any(|key| head.has(key));
    // Surer than cargo's own messages, which may stand between.
    if head.has_all(&["type", "event"]) && known && !head.has("testID") { SURE + 5 } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut lines = Lines::new(source);
    let mut running: HashMap<String, u64> = HashMap::new();
    // Failed and open suites; nextest writes the end of one again when another begins.
    let (mut open, mut ended, mut claimed, mut events) = (0u64, 0u64, 0u64, 0u64);
    let mut torn = None;
    while lines.next_line().is_some() {
        let line = lines.raw().trim();
        if !line.starts_with('{') {
            continue;
        }
        let Ok(event) = serde_json::from_str::<Event>(line) else {
            torn = Some(lines.offset());
            continue;
        };
        torn = None;
        match (event.kind.as_ref(), event.event.as_ref()) {
            ("suite", "started") => open += 1,
            ("suite", "ok" | "failed") => {
                ended += 1;
                claimed += event.failed;
            }
            ("test", "started") => {
                events += 1;
                running.insert(event.name.into_owned(), events);
                continue;
            }
            ("test", "timeout") => {}
            ("test" | "bench", _) => {
                running.remove(event.name.as_ref());
                // A retried test has its number of tries behind its name.
                let plain = event.name.rsplit_once('#').filter(|(_, tries)| tries.parse::<u32>().is_ok());
                if let Some((plain, _)) = plain {
                    running.remove(plain);
                }
                hand_over(&event, plain, sink);
            }
            _ => {}
        }
        events += 1;
    }
    let end = lines.end();
    finish(running, end, sink);
    let failed = sink.totals().failed;
    if let Some(offset) = torn {
        sink.lost("cut short: the last line is no whole JSON", Some(offset));
    } else if ended < open || events == 0 {
        sink.lost("cut short: a test binary has no result", Some(end));
    }
    if claimed > 0 && failed == 0 {
        sink.red("a test binary says that tests failed, and none is listed");
    }
}

/// Tests that have begun and have no result.
fn finish(running: HashMap<String, u64>, end: u64, sink: &mut Sink) {
    let mut rest: Vec<_> = running.into_iter().collect();
    rest.sort_by_key(|(_, at)| *at);
    if let Some((name, _)) = rest.first() {
        sink.lost(format!("cut short: test `{name}` has no result"), Some(end));
    }
    for (name, _) in rest {
        let (suite, name) = split(&name);
        let case = Case {
            name: name.to_owned(),
            suite,
            status: Status::Failed,
            message: "the test has no result".to_owned(),
            ..Case::default()
        };
        sink.case(case, Default::default());
    }
}

fn hand_over(event: &Event, plain: Option<(&str, &str)>, sink: &mut Sink) {
    let tries = plain.and_then(|(_, tries)| tries.parse().ok()).filter(|tries| *tries > 1);
    let (suite, name) = split(plain.map_or(event.name.as_ref(), |(plain, _)| plain));
    let duration_ms = event.exec_time.map(|seconds| seconds * 1000.0);
    let status = match event.event.as_ref() {
        "ok" if tries.is_some() => Status::Flaky,
        "ok" | "bench" | "" => Status::Passed,
        "ignored" => Status::Skipped,
        _ => Status::Failed,
    };
    if matches!(status, Status::Passed | Status::Skipped) {
        sink.tally(status, suite.as_deref().unwrap_or_default(), name, duration_ms);
        return;
    }
    let mut details = ansi::plain(event.stdout.as_deref().unwrap_or_default()).trim().to_owned();
    for said in [&event.message, &event.reason].into_iter().flatten() {
        details = format!("{said}\n{details}");
    }
    let mut message = headline(&details);
    if message.is_empty() && status == Status::Failed {
        message = "failed without output: it may have been aborted".to_owned();
    }
    let clue = clue(name, suite.as_deref().unwrap_or_default().split("::").next().unwrap_or_default());
    let details = (!details.trim().is_empty()).then_some(details);
    let case = Case {
        name: name.to_owned(),
        suite,
        status,
        duration_ms,
        message,
        details,
        attempts: tries,
        ..Case::default()
    };
    sink.case(case, clue);
}

/// `crate::binary$test`: what nextest puts in front is the suite.
fn split(name: &str) -> (Option<String>, &str) {
    match name.split_once('$') {
        Some((suite, name)) if !suite.contains(char::is_whitespace) => (Some(suite.to_owned()), name),
        _ => (None, name),
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    fn check(lines: &[&str], wanted: &str) {
        let text: String = lines.iter().map(|line| format!("{{{line}}}\n")).collect();
        assert_eq!(outline(&text, "libtest-json"), wanted, "{text}");
    }

    const BEGIN: &str = r#""type":"suite","event":"started","test_count":2"#;
    const A: &str = r#""type":"test","event":"started","name":"t::a""#;
    const END: &str = r#""type":"suite","event":"ok","passed":1,"failed":0"#;

    #[test]
    fn tests_have_events() {
        check(
            &[
                BEGIN,
                A,
                r#""type":"test","name":"t::a","event":"failed","exec_time":0.5,"stdout":"thread 't::a' panicked at src/lib.rs:3:1:\nno\n""#,
                r#""type":"test","name":"t::b","event":"ignored","message":"later""#,
                r#""type":"test","name":"c::c$t::d#3","event":"ok","exec_time":1.0"#,
                r#""type":"bench","name":"fast","median":1"#,
                r#""type":"suite","event":"failed","passed":1,"failed":1"#,
            ],
            "4: 2 passed 1 flaky 1 failed 1 skipped\nfailed t::a: no\nflaky c::c / t::d:  x3\n",
        );
    }

    #[test]
    fn what_has_no_result_is_red() {
        check(
            &[BEGIN, A],
            "1: 1 failed\nfailed t::a: the test has no result\nlost: cut short: test `t::a` has no result\nlost: cut short: a test binary has no result\n",
        );
        check(
            &[BEGIN, r#""type":"suite","event":"failed","failed":1"#],
            "0:\nred: a test binary says that tests failed, and none is listed\n",
        );
        let green = [BEGIN, A, r#""type":"test","name":"t::a","event":"ok""#, END];
        check_cuts(&green.map(|line| format!("{{{line}}}\n")).concat(), "}");
    }
}
