use super::*;
use crate::host::fake::Fake;
use crate::store::ledger::tests::{now, origin};

const PATH: &str = ".waybill/ledgers/23-staging/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.jsonl";

fn job() -> String {
    "a".repeat(64)
}

fn started() -> DeploymentEvent {
    origin('a').job_started(now()).unwrap()
}

fn failed() -> DeploymentEvent {
    origin('a').job_failed("WB2001", "killed", now()).unwrap()
}

fn append(fake: &Fake, event: &DeploymentEvent) -> Result<Receipt, Failure> {
    Directory::new(fake, ".waybill/").append("23-staging", &job(), event)
}

fn check_refused<T: std::fmt::Debug>(result: Result<T, Failure>, wanted: &str) {
    let failure = result.unwrap_err();
    assert_eq!(format!("{} {failure}", failure.code.id), wanted);
}

#[test]
fn a_ledger_is_begun_and_goes_on_event_by_event() {
    let fake = Fake::new();
    let first = append(&fake, &started()).unwrap();
    assert_eq!((first.path.as_str(), first.count, first.added, first.mended), (PATH, 1, true, false));
    let second = append(&fake, &failed()).unwrap();
    let again = append(&fake, &failed()).unwrap();
    assert_eq!(again, Receipt { added: false, ..second.clone() });
    assert_eq!(fake.paths(), [".waybill/.gitignore", PATH]);
    assert_eq!(fake.text(".waybill/.gitignore").as_deref(), Some("*\n"));
    let anchor = Anchor { head: Some(&second.head), count: Some(2) };
    let verified = ledger::verify(fake.text(PATH).unwrap().as_bytes(), anchor).unwrap();
    assert_eq!(verified.ledger.events(), [started(), failed()]);
}

#[test]
fn an_unfinished_last_line_is_mended() {
    let fake = Fake::new();
    append(&fake, &started()).unwrap();
    let one = fake.text(PATH).unwrap();
    append(&fake, &failed()).unwrap();
    let two = fake.text(PATH).unwrap();
    for length in 1..two.len() {
        let torn = Fake::new().file(PATH, &two[..length]);
        let receipt = append(&torn, &failed()).unwrap();
        assert_eq!(receipt.mended, length != one.len(), "{length}");
        let events = Directory::new(&torn, ".waybill").events("23-staging").unwrap();
        // Of a first line that was never finished nothing is left to keep.
        let wanted = if length + 1 < one.len() { vec![failed()] } else { ledger::merge([vec![started(), failed()]]) };
        assert_eq!(events, wanted, "{length}");
    }
}

#[test]
fn a_ledger_that_does_not_verify_is_left_as_it_is() {
    let fake = Fake::new();
    append(&fake, &started()).unwrap();
    let changed = fake.text(PATH).unwrap().replace("started", "stopped");
    for content in [changed.as_str(), "anything", "{\"sequence\":2", "\n"] {
        let fake = Fake::new().file(PATH, content);
        let failure = append(&fake, &failed()).unwrap_err();
        assert_eq!(failure.code.id, "WB9001", "{failure}");
        assert_eq!(fake.text(PATH).as_deref(), Some(content));
    }
    check_refused(
        append(&Fake::new().file(PATH, "anything"), &failed()),
        &format!("WB9001 {PATH}: line 1 does not hold: the file ends within it"),
    );
    let folder = Fake::new().file(&format!("{PATH}/x"), "");
    check_refused(append(&folder, &failed()), &format!("WB9002 {PATH}: not a regular file"));
}

#[test]
fn the_ledgers_of_a_deployment_are_found_and_merged() {
    let fake = Fake::new().file(".waybill/ledgers/23-staging/notes.txt", "").file(".waybill/ledgers/other/x.jsonl", "");
    let store = Directory::new(&fake, ".waybill");
    assert_eq!(store.jobs("24-staging"), Ok(Vec::new()));
    for job in ['a', 'b'] {
        let origin = origin(job);
        for event in [origin.pipeline_started(now()), origin.job_started(now())] {
            store.append(&origin.deployment_id, &origin.job_id, &event.unwrap()).unwrap();
        }
    }
    assert_eq!(store.deployments(), Ok(vec!["23-staging".to_owned()]));
    assert_eq!(store.jobs("23-staging"), Ok(vec!["a".repeat(64), "b".repeat(64)]));
    let events = store.events("23-staging").unwrap();
    assert_eq!(events.len(), 3, "the pipeline started once: {events:?}");
    assert_eq!(Directory::new(&Fake::new(), ".waybill").deployments(), Ok(Vec::new()));
}

#[test]
fn what_happens_once_is_told_once() {
    let fake = Fake::new();
    let store = Directory::new(&fake, ".waybill");
    assert_eq!(store.once("23-staging", "pipeline-started"), Ok(true));
    assert_eq!(store.once("23-staging", "pipeline-started"), Ok(false));
    assert_eq!(store.once("23-production", "pipeline-started"), Ok(true));
    check_refused(store.once("23-staging", "../x"), "WB9002 `../x` is no name of a marker");
}

#[test]
fn no_id_leads_out_of_the_store() {
    let fake = Fake::new();
    let store = Directory::new(&fake, ".waybill");
    check_refused(
        store.append("../../x-staging", &job(), &started()),
        "WB9002 deployment id: wanted a deployment id as `<run id>-<environment>`, found `../../x-staging`",
    );
    check_refused(
        store.read("23-staging", "../../../x"),
        "WB9002 job id: wanted a SHA-256 of 64 lower-case hex digits, found `../../../x`",
    );
    assert!(store.jobs("..").is_err() && store.once("..", "x").is_err() && store.path("1-staging", "/etc").is_err());
    assert_eq!(fake.paths(), Vec::<String>::new());
}

#[test]
fn a_link_is_not_followed_whatever_its_case() {
    let entry = |name: &str, kind| Entry { name: name.to_owned(), kind, size: 0, modified: 0, executable: false };
    let entries = [entry("Ledgers", EntryKind::Link), entry("markers", EntryKind::Directory)];
    check_refused(
        is_there(&entries, "ledgers", ".waybill/ledgers"),
        "WB9002 .waybill/ledgers: a link or a device may lead out of the store",
    );
    assert_eq!(is_there(&entries, "markers", ".waybill/markers"), Ok(true));
    assert_eq!(is_there(&entries, "artifacts", ".waybill/artifacts"), Ok(false));
}
