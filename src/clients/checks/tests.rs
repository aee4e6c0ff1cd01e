use chrono::TimeDelta;

use super::*;
use crate::clients::retry::Rules;
use crate::host::Host;
use crate::host::fake::{Fake, block_on};
use crate::http::SendError;
use crate::secret::Secret;

const LIST: &str = "GET https://api.example.com/repos/o/r/commits/c0ffee/check-runs?check_name=lint%20%C2%B7%20staging&filter=latest&per_page=100";
const POST: &str = "POST https://api.example.com/repos/o/r/check-runs";
const PATCH: &str = "PATCH https://api.example.com/repos/o/r/check-runs/7";
const THERE: &str = "GET https://api.example.com/repos/o/r/check-runs/7/annotations?per_page=100&page=";

fn remark(line: u32) -> Remark {
    Remark { level: Level::Error, path: "a".to_owned(), line: Some(line), message: "m".to_owned(), ..Remark::default() }
}

fn run(remarks: u32) -> CheckRun {
    CheckRun {
        name: "lint · staging".to_owned(),
        external_id: "job".to_owned(),
        commit: "c0ffee".to_owned(),
        failed: true,
        url: String::new(),
        title: "t".to_owned(),
        summary: "s".to_owned(),
        remarks: (1..=remarks).map(remark).collect(),
    }
}

fn listed(external_id: &str) -> String {
    json!({"total_count": 1, "check_runs": [{"id": 7, "external_id": external_id}]}).to_string()
}

fn none() -> String {
    json!({"total_count": 0, "check_runs": []}).to_string()
}

fn there(lines: std::ops::RangeInclusive<u32>) -> String {
    Value::from(lines.map(|line| annotation(&remark(line))).collect::<Vec<_>>()).to_string()
}

/// Publishes against the script, and gives the note and how many annotations each write had.
fn check(fake: &Fake, run: &CheckRun, update_only: bool, note: &str, written: &[usize]) {
    let github = GitHub::new("https://api.example.com", "o/r", &Secret::new("t")).unwrap();
    let client = Client::new(fake, Rules::GitHub, fake.now() + TimeDelta::seconds(60));
    let result = block_on(publish(&client, &github, run, update_only));
    assert_eq!(result.err().unwrap_or_default(), note);
    let sent = fake.sent();
    let writes = sent.iter().filter(|request| request.method != Method::Get);
    let body = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
    let counts: Vec<_> =
        writes.map(|request| body(request.body.bytes())["output"]["annotations"].as_array().unwrap().len()).collect();
    assert_eq!(counts, written);
}

#[test]
fn a_new_one_is_made_and_filled_in_slices() {
    let fake = Fake::new().reply(LIST, 200, &none()).reply(POST, 201, "{\"id\":7}");
    let fake = fake.reply(PATCH, 200, "{}").reply(PATCH, 200, "{}");
    check(&fake, &run(120), false, "", &[50, 50, 20]);
    let first: Value = serde_json::from_slice(fake.sent()[1].body.bytes()).unwrap();
    assert_eq!(
        (&first["name"], &first["head_sha"], &first["external_id"], &first["status"], &first["conclusion"]),
        (&json!("lint · staging"), &json!("c0ffee"), &json!("job"), &json!("completed"), &json!("failure"))
    );
    let expected = json!({"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "failure", "message": "m"});
    assert_eq!(first["output"]["annotations"][0], expected);
    let fake = (0..9).fold(Fake::new().reply(LIST, 200, &none()).reply(POST, 201, "{\"id\":7}"), |fake, _| {
        fake.reply(PATCH, 200, "{}")
    });
    check(&fake, &run(600), false, "", &[50; 10]);
}

#[test]
fn a_second_attempt_adds_only_what_is_new() {
    let fake = Fake::new().reply(LIST, 200, &listed("job")).reply(&format!("{THERE}1"), 200, &there(1..=2));
    check(&fake.reply(PATCH, 200, "{}"), &run(5), false, "", &[3]);
    let fake = Fake::new().reply(LIST, 200, &listed("job")).reply(&format!("{THERE}1"), 200, &there(1..=5));
    check(&fake.reply(PATCH, 200, "{}"), &run(5), false, "", &[0]);
    let full = (1..=5).fold(Fake::new().reply(LIST, 200, &listed("job")), |fake, page| {
        fake.reply(&format!("{THERE}{page}"), 200, &there(page * 100 + 1..=page * 100 + 100))
    });
    check(&full.reply(PATCH, 200, "{}"), &run(5), false, "", &[0]);
}

#[test]
fn another_jobs_one_is_left_alone_and_nothing_is_made_for_nothing() {
    check(&Fake::new().reply(LIST, 200, &none()), &run(0), true, "", &[]);
    let fake = Fake::new().reply(LIST, 200, &listed("another")).reply(POST, 201, "{\"id\":8}");
    check(&fake, &run(1), false, "", &[1]);
}

#[test]
fn a_write_whose_outcome_is_unknown_is_looked_up() {
    let fake = Fake::new().reply(LIST, 200, &none()).answer(POST, Err(SendError::TimedOut));
    let fake = fake.reply(LIST, 200, &listed("job")).reply(&format!("{THERE}1"), 200, &there(1..=50));
    check(&fake.reply(PATCH, 200, "{}"), &run(60), false, "", &[50, 10]);
}

#[test]
fn without_the_permission_it_is_left_out_with_a_note() {
    let refused = "{\"message\":\"Resource not accessible by integration\"}";
    for (status, words) in [(403, ", `Resource not accessible by integration`"), (404, "")] {
        let fake = Fake::new().reply(LIST, 200, &none());
        let fake = fake.reply(POST, status, if words.is_empty() { "" } else { refused });
        let note = format!(
            "the annotations that the step has no room for are left out: GitHub refused with {status}{words}; a check \
             run needs the permission `checks: write`, which a pull request from a fork does not get"
        );
        check(&fake, &run(1), false, &note, &[1]);
    }
}

#[test]
fn only_what_github_takes_is_sent() {
    let wide = Remark { column: Some(3), end_column: Some(2), title: "x".repeat(300), ..remark(4) };
    let found = annotation(&wide);
    assert_eq!((&found["start_column"], &found["end_column"]), (&json!(3), &json!(3)));
    assert_eq!(found["title"].as_str().map(str::len), Some(255));
    let tall = annotation(&Remark { end_line: Some(9), column: Some(3), message: " ".to_owned(), ..remark(4) });
    let level = "failure";
    let expected =
        json!({"path": "a", "start_line": 4, "end_line": 9, "annotation_level": level, "message": "no message"});
    assert_eq!(tall, expected);
    assert_eq!(annotation(&Remark { line: None, column: Some(2), ..remark(1) })["start_line"], json!(1));
}
