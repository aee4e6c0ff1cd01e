//! What every store does, tested on both.

use chrono::TimeDelta;

use super::actions::Actions;
use super::actions::tests::{RUN, Serving, service};
use super::artifacts::{Content, Parcel, Part, Store};
use super::directory::Directory;
use crate::codes;
use crate::host::Host;
use crate::host::fake::block_on;
use crate::model::id;
use crate::problem::Failure;

/// More than a block, as it is and deflated.
const LARGE: u32 = 9 << 20;
const SMALL: u32 = 10_000;

/// Runs on a store of each kind, each new, with a file of this size to store.
fn check(size: u32, test: impl Fn(&Serving, &dyn Store)) {
    let large: Vec<u8> = (0..size).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let host = Serving::honest().file("/t/large.tar", &large);
    test(&host, &Directory::new(&host, "/w/.waybill"));
    let host = Serving::honest().file("/t/large.tar", &large);
    let mask = |secret: &str| host.masked(secret);
    let store = Actions {
        host: &host,
        service: service(),
        run: RUN.to_owned(),
        temporary: "/t".to_owned(),
        most_days: Some(10),
        elsewhere: None,
        mask: &mask,
    };
    test(&host, &store);
}

fn parcel(host: &Serving, name: &str, job: char) -> Parcel {
    let large = host.bytes("/t/large.tar");
    Parcel {
        run: RUN.to_owned(),
        attempt: "1".to_owned(),
        name: name.to_owned(),
        job_id: job.to_string().repeat(64),
        parts: vec![
            Part {
                name: "x.tar".to_owned(),
                content: Content::File {
                    path: "/t/large.tar".to_owned(),
                    size: large.len() as u64,
                    sha256: id::sha256(&large),
                },
            },
            Part { name: "x.tar.waybill.json".to_owned(), content: Content::Bytes(b"{}".to_vec()) },
        ],
        expires_at: host.now() + TimeDelta::days(30),
    }
}

fn names(store: &dyn Store, start: &str) -> Vec<String> {
    let list = block_on(store.list(RUN, start)).unwrap();
    list.into_iter().map(|found| found.name).collect()
}

fn code(answer: Result<(), Failure>) -> &'static str {
    answer.unwrap_err().code.id
}

#[test]
fn what_is_stored_is_found_and_comes_back() {
    check(LARGE, |host, store| {
        let given = parcel(host, "frontend", 'a');
        assert_eq!(block_on(store.put(&given)), Ok(()));
        assert_eq!(block_on(store.put(&parcel(host, "frontend two", 'a'))), Ok(()));
        assert_eq!(names(store, ""), ["frontend", "frontend two"]);
        assert_eq!(names(store, "frontend "), ["frontend two"]);
        assert_eq!(names(store, "back"), [""; 0]);
        let found = block_on(store.find(RUN, "frontend")).unwrap().unwrap();
        let paths = block_on(store.fetch(&found, "/t/in")).unwrap();
        let [tar, waybill] = paths.as_slice() else { panic!("{paths:?}") };
        assert!(tar.ends_with("/x.tar") && waybill.ends_with("/x.tar.waybill.json"), "{paths:?}");
        assert!(host.bytes(tar) == host.bytes("/t/large.tar"));
        assert_eq!(host.bytes(waybill), b"{}");
        assert_eq!(block_on(store.find(RUN, "other")).unwrap(), None);
        assert_eq!(host.files_left("/t/waybill-"), 0);
    });
}

#[test]
fn a_name_is_one_jobs_own() {
    check(SMALL, |host, store| {
        block_on(store.put(&parcel(host, "frontend", 'a'))).unwrap();
        assert_eq!(code(block_on(store.put(&parcel(host, "frontend", 'b')))), codes::ARTIFACT_EXISTS.id);
        // Sent once more by the job that made it, as when a step is run again.
        let own = format!("frontend-build-staging-{}", "a".repeat(64));
        block_on(store.put(&parcel(host, &own, 'a'))).unwrap();
        block_on(store.put(&parcel(host, &own, 'a'))).unwrap();
        assert_eq!(names(store, "frontend-"), [own]);
    });
}

#[test]
fn what_is_not_stored_whole_is_not_there() {
    check(SMALL, |host, store| {
        let good = parcel(host, "frontend", 'a');
        let mut changed = good.clone();
        if let Content::File { sha256, .. } = &mut changed.parts[0].content {
            *sha256 = "0".repeat(64);
        }
        assert_eq!(code(block_on(store.put(&changed))), codes::STORE_UNAVAILABLE.id);
        let mut short = good.clone();
        if let Content::File { size, .. } = &mut short.parts[0].content {
            *size += 1;
        }
        assert_eq!(code(block_on(store.put(&short))), codes::STORE_UNAVAILABLE.id);
        assert_eq!(names(store, ""), [""; 0]);
        assert_eq!(block_on(store.put(&good)), Ok(()));
    });
}

#[test]
fn what_no_store_can_hold_is_refused_before_anything_is_written() {
    check(SMALL, |host, store| {
        for name in ["../x", "a/b", "", "con", "a:b"] {
            assert_eq!(code(block_on(store.put(&parcel(host, name, 'a')))), codes::ARTIFACT_NAME.id, "{name}");
        }
        let mut odd = parcel(host, "frontend", 'a');
        odd.parts[0].name = "../x".to_owned();
        assert_eq!(code(block_on(store.put(&odd))), codes::STORE_UNAVAILABLE.id);
        assert_eq!(names(store, ""), [""; 0]);
    });
}
