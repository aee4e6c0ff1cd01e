use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;
use crate::model::configuration::Environment;
use crate::model::event::{EventType, Origin};
use crate::model::job::JobType;
use crate::model::{Choice, rules};

pub fn now() -> DateTime<Utc> {
    rules::date("2026-11-22T10:00:00.000Z").unwrap()
}

pub fn origin(job: char) -> Origin {
    Origin {
        deployment_id: "23-staging".to_owned(),
        configuration_id: "c".repeat(64),
        environment: Environment::Staging,
        job_id: job.to_string().repeat(64),
        job_type: JobType::DeployFrontend,
    }
}

fn events() -> Vec<DeploymentEvent> {
    let at = |second| now() + TimeDelta::seconds(second);
    vec![
        origin('a').pipeline_started(at(0)).unwrap(),
        origin('a').job_started(at(0)).unwrap(),
        origin('a').job_failed("WB2001", "the command ended with \"1\"\n", at(2)).unwrap(),
    ]
}

fn written(events: &[DeploymentEvent]) -> (String, Ledger) {
    let mut ledger = Ledger::new();
    let lines = events.iter().filter_map(|event| ledger.append(event)).collect();
    (lines, ledger)
}

/// What `verify` says, in words.
fn check(text: &str, head: Option<&str>, count: Option<u64>, wanted: &str) {
    let found = match verify(text.as_bytes(), Anchor { head, count }) {
        Ok(verified) => format!("{} lines, {:?}", verified.ledger.count(), verified.assurance),
        Err(broken) => broken.to_string(),
    };
    assert_eq!(found, wanted);
}

#[test]
fn a_line_is_an_envelope_with_the_hash_of_the_line_before() {
    let event = origin('a').job_started(now()).unwrap();
    let second = origin('a').job_completed(Map::new(), now()).unwrap();
    let (text, ledger) = written(&[event.clone(), second.clone()]);
    let line = format!(r#"{{"sequence":1,"previous":"{NOTHING}","event":{}}}"#, event.to_value());
    let next =
        format!(r#"{{"sequence":2,"previous":"{}","event":{}}}"#, id::sha256(line.as_bytes()), second.to_value());
    assert_eq!(text, format!("{line}\n{next}\n"));
    assert_eq!((ledger.head(), ledger.count()), (id::sha256(next.as_bytes()).as_str(), 2));
}

#[test]
fn the_same_event_appended_twice_is_one() {
    let (text, mut ledger) = written(&[events(), events()].concat());
    assert_eq!(text.lines().count(), 3);
    // Even when another writer tells it later and in other words.
    assert_eq!(ledger.append(&origin('b').pipeline_started(now() + TimeDelta::days(1)).unwrap()), None);
    check(&text, Some(ledger.head()), Some(3), "3 lines, Anchored");
}

#[test]
fn the_first_line_that_does_not_hold_is_named() {
    let (text, _) = written(&events());
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let [one, two, three] = lines[..] else { panic!("three events are three lines") };
    check(&text, None, None, "3 lines, AccidentsOnly");
    check("", None, None, "0 lines, AccidentsOnly");
    check(&text[..text.len() - 1], None, None, "line 3 does not hold: the file ends within it");
    check(&format!("{one}{three}"), None, None, "line 2 does not hold: its `sequence` is not the next one");
    check(&format!("{two}{three}"), None, None, "line 1 does not hold: its `sequence` is not the next one");
    let changed = one.replace("2026", "2025");
    check(
        &format!("{changed}{two}{three}"),
        None,
        None,
        "line 2 does not hold: its `previous` is not the hash of the line before it",
    );
    check(
        &format!("{one}\n{two}"),
        None,
        None,
        "line 2 does not hold: it is not JSON: EOF while parsing a value at line 1 column 0",
    );
    check(
        &format!("{one}[]\n"),
        None,
        None,
        "line 2 does not hold: it is not an object with exactly `sequence`, `previous` and `event`",
    );
    let more = one.replacen('{', r#"{"more":1,"#, 1);
    check(
        &more,
        None,
        None,
        "line 1 does not hold: it is not an object with exactly `sequence`, `previous` and `event`",
    );
    let broken = one.replace("2026-11-22", "2026-11-32");
    check(
        &broken,
        None,
        None,
        "line 1 does not hold: its event breaks rules; timestamp: wanted a date as `2026-11-22T10:00:00.000Z`, found `2026-11-32T10:00:00.000Z`",
    );
    let mut twice = Ledger::new();
    let first = twice.append(&events()[0]).unwrap();
    let again = format!("{}{}}}\n", twice.next_start(), events()[0].to_value());
    check(&format!("{first}{again}"), None, None, "line 2 does not hold: its event stands in an earlier line already");
    let long = format!("{one}{}\n", " ".repeat(LONGEST_LINE + 1));
    check(&long, None, None, "line 2 does not hold: the line or the file is too long");
    check(&"[".repeat(100_000), None, None, "line 1 does not hold: the file ends within it");
    let deep = verify(format!("{}\n", "[".repeat(100_000)).as_bytes(), Anchor::default());
    assert!(matches!(deep.unwrap_err().reason, Reason::NotJson(_)));
}

#[test]
fn with_the_anchor_a_rewritten_or_cut_ledger_is_found() {
    let (text, ledger) = written(&events());
    let (head, count) = (Some(ledger.head()), Some(3));
    let cut = written(&events()[..2]).0;
    check(&cut, None, None, "2 lines, AccidentsOnly");
    check(&cut, head, count, "line 3 does not hold: it was recorded, and is not there");
    check(&cut, None, count, "line 3 does not hold: it was recorded, and is not there");
    let rewritten_text = "line 2 does not hold: up to here the chain holds, but it does not end in the recorded head: lines were rewritten or cut";
    check(&cut, head, None, rewritten_text);
    check("", head, count, "line 1 does not hold: it was recorded, and is not there");
    let other = [events()[0].clone(), events()[1].clone(), origin('a').job_completed(Map::new(), now()).unwrap()];
    let rewritten = written(&other).0;
    check(&rewritten, None, None, "3 lines, AccidentsOnly");
    check(&rewritten, None, count, "3 lines, AccidentsOnly");
    check(&rewritten, head, count, &rewritten_text.replace('2', "3"));
    let early = written(&events()[..2]).1;
    check(&text, Some(early.head()), Some(2), "line 3 does not hold: it was added after the head was recorded");
    check(&text, Some(early.head()), None, "line 3 does not hold: it was added after the head was recorded");
    check("", Some(NOTHING), Some(0), "0 lines, Anchored");
}

#[test]
fn the_largest_event_fits_into_a_line() {
    let metadata = json!({ "long": "\u{1}".repeat(rules::LARGEST_METADATA - 500) });
    let message = "\u{1f600}".repeat(2 * rules::LONGEST_MESSAGE);
    let event =
        origin('a').event(EventType::JobFailed, &message, metadata.as_object().unwrap().clone(), now()).unwrap();
    let (text, ledger) = written(&[event]);
    check(&text, Some(ledger.head()), Some(1), "1 lines, Anchored");
}

fn some_events() -> impl Strategy<Value = Vec<DeploymentEvent>> {
    let event = (0..4_u8, proptest::sample::select(EventType::ALL.to_vec()), 0..3_i64, "[a-z]{1,2}");
    proptest::collection::vec(event, 0..12).prop_map(|events| {
        let build = |(job, kind, second, message): (u8, EventType, i64, String)| {
            let at = now() + TimeDelta::seconds(second);
            origin(char::from(b'a' + job)).event(kind, &message, Map::new(), at).unwrap()
        };
        events.into_iter().map(build).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_verifies_and_no_change_of_it_does(events in some_events(), at in any::<prop::sample::Index>(), bit in 0..8_u8, cut in any::<prop::sample::Index>()) {
        let (text, ledger) = written(&events);
        let anchor = Anchor { head: Some(ledger.head()), count: Some(ledger.count()) };
        let verified = verify(text.as_bytes(), anchor).unwrap();
        prop_assert_eq!(verified, Verified { ledger: ledger.clone(), assurance: Assurance::Anchored });
        if !text.is_empty() {
            let mut changed = text.clone().into_bytes();
            changed[at.index(text.len())] ^= 1 << bit;
            prop_assert!(verify(&changed, anchor).is_err());
            prop_assert!(verify(&text.as_bytes()[..cut.index(text.len())], anchor).is_err());
        }
    }

    #[test]
    fn no_bytes_make_verify_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = verify(&bytes, Anchor::default());
    }

    #[test]
    fn merging_does_not_depend_on_the_order(ledgers in proptest::collection::vec(some_events(), 0..4), seed in any::<prop::sample::Index>()) {
        let merged = merge(ledgers.clone());
        let mut turned = ledgers.clone();
        if !turned.is_empty() {
            let by = seed.index(turned.len());
            turned.rotate_left(by);
        }
        prop_assert_eq!(&merge(turned), &merged);
        prop_assert_eq!(&merge([merged.clone(), merged.clone()]), &merged);
        prop_assert!(merged.is_sorted_by_key(|event| (event.timestamp, event.id.clone())));
        let mut ids: Vec<_> = merged.iter().map(|event| event.id.clone()).collect();
        let mut wanted: Vec<_> = ledgers.iter().flatten().map(|event| event.id.clone()).collect();
        for ids in [&mut ids, &mut wanted] {
            ids.sort();
        }
        wanted.dedup();
        prop_assert_eq!(ids, wanted);
    }
}
