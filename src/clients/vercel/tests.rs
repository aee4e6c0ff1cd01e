use serde_json::json;

use super::*;
use crate::http::Reply;

fn vercel(team: &str) -> Vercel {
    Vercel::new("https://api.example.com/", team, &Secret::new("t0ken"), Duration::from_secs(30))
}

#[test]
fn a_call_names_the_team_as_it_is_given() {
    let url = |team: &str| vercel(team).project("my shop").request.url;
    assert_eq!(url("team_1"), "https://api.example.com/v9/projects/my%20shop?rollbackInfo=true&teamId=team_1");
    assert_eq!(url("acme"), "https://api.example.com/v9/projects/my%20shop?rollbackInfo=true&slug=acme");
    assert_eq!(url(""), "https://api.example.com/v9/projects/my%20shop?rollbackInfo=true");
}

#[test]
fn an_upload_has_both_digests_and_may_be_repeated() {
    let call = vercel("").upload("abc", b"hello".to_vec().into());
    let named: Vec<_> = call.request.headers.iter().filter(|(name, _)| name.starts_with("x-")).collect();
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let expected = [header("x-vercel-digest", "abc"), header("x-now-digest", "abc"), header("x-now-size", "5")];
    assert_eq!(named, expected.iter().collect::<Vec<_>>());
    assert_eq!(call.repeat, Repeat::Always);
}

#[test]
fn a_creation_says_what_vercels_own_command_line_says() {
    let create = Create {
        project: "prj_1".to_owned(),
        name: "shop".to_owned(),
        target: "production".to_owned(),
        without_domains: true,
        meta: vec![("waybillRun".to_owned(), "7".to_owned())],
        git: Some(Git { commit: "c".to_owned(), ..Git::default() }),
    };
    let file = UploadFile {
        path: ".vercel/output/config.json".to_owned(),
        sha1: "s".to_owned(),
        size: 13,
        mode: 0o100644,
        source: String::new(),
        from: 0,
    };
    let call = vercel("").create(&create, &[file]);
    assert_eq!(call.repeat, Repeat::IfUndone);
    assert_eq!(
        serde_json::from_slice::<Value>(call.request.body.bytes()).unwrap(),
        json!({
            "name": "shop",
            "project": "prj_1",
            "target": "production",
            "version": 2,
            "source": "cli",
            "meta": { "waybillRun": "7" },
            "projectSettings": { "sourceFilesOutsideRootDirectory": true, "rootDirectory": null },
            "autoAssignCustomDomains": false,
            "gitMetadata":
                { "remoteUrl": "", "commitRef": "", "commitSha": "c", "commitAuthorName": "", "dirty": false },
            "files": [{ "file": ".vercel/output/config.json", "sha": "s", "size": 13, "mode": 33188 }],
        })
    );
    let custom = body(&Create { target: "qa".to_owned(), ..create.clone() }, &[]);
    assert_eq!((&custom["target"], &custom["customEnvironmentSlugOrId"]), (&Value::Null, &json!("qa")));
}

fn check_trouble(status: u16, body: &str, expected: &str) {
    let headers = vec![("x-vercel-id".to_owned(), "fra1::x".to_owned())];
    let reply = Reply { status, headers, body: body.into(), ..Reply::default() };
    assert_eq!(read(Ok(reply)).map_err(|trouble| trouble.to_string()), Err(expected.to_owned()));
}

#[test]
fn troubles_are_told_apart() {
    let forbidden = r#"{"error":{"code":"forbidden","message":"Not authorized"}}"#;
    check_trouble(403, forbidden, "Vercel refused with 403, `Not authorized (request fra1::x)`");
    let missing = r#"{"error":{"code":"missing_files","message":"Missing files","missing":["a","b"]}}"#;
    check_trouble(400, missing, "2 files are missing although they were uploaded");
    check_trouble(
        400,
        r#"{"error":{"code":"missing_files"}}"#,
        "Vercel's answer was not understood: it misses files and names none",
    );
    check_trouble(500, "<html>", "Vercel gave no whole answer: status 500, ` (request fra1::x)`");
    check_trouble(
        400,
        r#"{"err":{"code":"bad_request","message":"x"}}"#,
        "Vercel refused with 400 `bad_request`, `x (request fra1::x)`",
    );
    let html = "Vercel's answer was not understood: no JSON: expected value at line 1 column 1 (request fra1::x)";
    check_trouble(200, "<html>", html);
}

fn check_outcome(deployment: Value, wanted: Wanted, target: &str, expected: Outcome) {
    let deployment = Deployment::read(&deployment).unwrap();
    assert_eq!(outcome(&deployment, wanted, target), expected, "{deployment:?}");
}

#[test]
fn ready_is_not_live() {
    let ready = |more: Value| {
        let mut value = json!({ "id": "dpl_1", "readyState": "READY" });
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        value
    };
    let pending = Outcome::Pending("READY, its domains are being assigned".to_owned());
    check_outcome(ready(json!({})), Wanted::Live, "", pending.clone());
    check_outcome(ready(json!({ "aliasAssigned": null })), Wanted::Live, "", pending);
    check_outcome(ready(json!({ "aliasAssigned": 1_700_000_000_000_i64 })), Wanted::Live, "", Outcome::Reached);
    let error = json!({ "aliasAssigned": true, "aliasError": { "code": "cert_missing", "message": "no certificate" } });
    let not_assigned = Outcome::NotAssigned("cert_missing: no certificate".to_owned());
    check_outcome(ready(error), Wanted::Live, "", not_assigned);
    check_outcome(ready(json!({ "readySubstate": "STAGED" })), Wanted::Staged, "", Outcome::Reached);
    check_outcome(ready(json!({ "target": "production" })), Wanted::Live, "", Outcome::BecameProduction);
    let failed = Outcome::Failed("Vercel's checks failed".to_owned());
    check_outcome(ready(json!({ "checks": { "deployment-alias": { "state": "failed" } } })), Wanted::Live, "", failed);
}

#[test]
fn every_state_has_its_outcome() {
    let state = |state: &str| json!({ "id": "dpl_1", "readyState": state });
    for pending in ["QUEUED", "INITIALIZING", "ANALYZING", "BUILDING", "DEPLOYING"] {
        check_outcome(state(pending), Wanted::Live, "", Outcome::Pending(pending.to_owned()));
    }
    let error = json!({ "id": "d", "readyState": "ERROR", "errorCode": "BUILD_FAILED", "errorMessage": "no" });
    check_outcome(error, Wanted::Staged, "", Outcome::Failed("BUILD_FAILED: no".to_owned()));
    check_outcome(state("BUILD_ERROR"), Wanted::Staged, "", Outcome::Failed("BUILD_ERROR".to_owned()));
    check_outcome(state("CANCELED"), Wanted::Live, "", Outcome::Cancelled);
    check_outcome(state("SLEEPING"), Wanted::Live, "", Outcome::Odd("SLEEPING".to_owned()));
    check_outcome(json!({ "id": "d" }), Wanted::Live, "", Outcome::Odd(String::new()));
}

#[test]
fn a_switch_is_done_when_the_newest_one_says_so() {
    let job = |status: &str, requested_at| AliasJob {
        to: "new".to_owned(),
        kind: "promote".to_owned(),
        status: status.to_owned(),
        requested_at,
    };
    let found = |job: Option<&AliasJob>, serves| switched(job, serves, "new", "promote", 1_000_000);
    assert_eq!(found(Some(&job("succeeded", 1_000_001)), "old"), Switch::Done);
    assert_eq!(found(Some(&job("in-progress", 1_000_001)), "old"), Switch::Pending);
    assert_eq!(found(Some(&job("failed", 1_000_001)), "new"), Switch::Failed);
    assert_eq!(found(Some(&job("skipped", 1_000_001)), "old"), Switch::Failed);
    assert_eq!(found(Some(&job("failed", 1)), "old"), Switch::Pending);
    assert_eq!(found(None, "new"), Switch::Done);
    assert_eq!(found(Some(&job("eh", 1_000_001)), "old"), Switch::Odd("eh".to_owned()));
}

#[test]
fn a_project_tells_what_serves_and_whether_it_is_pinned() {
    let project = Project::read(&json!({
        "id": "prj_1",
        "name": "shop",
        "accountId": "team_1",
        "targets": { "production": { "id": "dpl_1", "url": "shop-1.vercel.app", "alias": ["shop.example.com"] } },
        "lastAliasRequest": { "toDeploymentId": "dpl_1", "type": "rollback", "jobStatus": "succeeded", "requestedAt": 5 },
    }))
    .unwrap();
    assert!(project.is_pinned && !project.has_rolling_release);
    assert_eq!(project.production.unwrap().aliases, ["shop.example.com"]);
    assert!(Project::read(&json!({ "error": 1 })).is_err());
}

#[test]
fn each_content_is_uploaded_once() {
    let file = |path: &str, sha1: &str| UploadFile {
        path: path.to_owned(),
        sha1: sha1.to_owned(),
        size: 5,
        mode: 0,
        source: String::new(),
        from: 0,
    };
    let upload = Upload { files: vec![file("a", "1"), file("b", "1"), file("c", "2")] };
    let paths = |hashes: &[&str]| {
        let hashes: Vec<_> = hashes.iter().map(|&hash| hash.to_owned()).collect();
        upload.of(&hashes).iter().map(|file| file.path.clone()).collect::<Vec<_>>()
    };
    assert_eq!(paths(&["1", "2", "9"]), ["a", "c"]);
    assert_eq!(upload.size(), 10);
}
