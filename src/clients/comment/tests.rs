use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::clients::retry::Rules;
use crate::host::Host;
use crate::host::fake::{Fake, block_on};
use crate::secret::Secret;

const COMMENTS: &str = "https://api.example.com/repos/o/r/issues/5/comments";
const ONE: &str = "https://api.example.com/repos/o/r/issues/comments/";

fn section(key: &str, order: u64, text: &str) -> Section {
    Section { key: key.to_owned(), order, text: text.to_owned() }
}

fn ours() -> Section {
    section("01-lint", 100, "lint is fine")
}

fn body(sections: &[(&str, u64, &str)]) -> String {
    sections.iter().fold(String::new(), |body, (key, order, text)| merge(&body, &section(key, *order, text)))
}

fn comment(id: u64, writer: &str, body: &str) -> Value {
    let kind = if writer.ends_with("[bot]") { "Bot" } else { "User" };
    json!({"id": id, "body": body, "user": {"login": writer, "type": kind}})
}

fn list(comments: &[Value]) -> String {
    Value::from(comments.to_vec()).to_string()
}

fn get_list() -> String {
    format!("GET {COMMENTS}?per_page=100&page=1")
}

/// Runs against the script, and gives the note and the bodies that were written.
fn check(fake: &Fake, note: &str, written: &[String]) {
    let github = GitHub::new("https://api.example.com", "o/r", &Secret::new("t")).unwrap();
    let client = Client::new(fake, Rules::GitHub, fake.now() + TimeDelta::seconds(60));
    let result = block_on(update(&client, &github, 5, &ours()));
    assert_eq!(result.err().unwrap_or_default(), note);
    let sent = fake.sent();
    let bodies: Vec<_> = sent
        .iter()
        .filter(|request| !request.body.bytes().is_empty())
        .map(|request| text(&serde_json::from_slice::<Value>(request.body.bytes()).unwrap()["body"]))
        .collect();
    assert_eq!(bodies, written);
}

#[test]
fn a_comment_is_made_where_there_is_none() {
    let new = body(&[("01-lint", 100, "lint is fine")]);
    let others = [comment(1, "octocat", "hello"), comment(2, "x[bot]", "a bot")];
    let fake = Fake::new()
        .reply(&get_list(), 200, &list(&others))
        .reply(&format!("POST {COMMENTS}"), 201, "{\"id\":7}")
        .reply(&get_list(), 200, &list(&[comment(7, "github-actions[bot]", &new)]));
    check(&fake, "", std::slice::from_ref(&new));
    assert_eq!(
        new,
        "<!-- waybill:comment -->\n### Deployment pipeline\n\n<!-- waybill:section 01-lint 100 -->\nlint is fine\n<!-- waybill:end -->"
    );
}

#[test]
fn our_section_is_updated_and_the_others_stay() {
    let before = body(&[("01-lint", 99, "lint failed"), ("02-test", 99, "# test\n\nis fine")]).replace('\n', "\r\n");
    let after = body(&[("01-lint", 100, "lint is fine"), ("02-test", 99, "# test\n\nis fine")]);
    let fake = Fake::new()
        .reply(&get_list(), 200, &list(&[comment(7, "github-actions[bot]", &before)]))
        .reply(&format!("PATCH {ONE}7"), 200, "{}")
        .reply(&format!("GET {ONE}7"), 200, &comment(7, "github-actions[bot]", &after).to_string());
    check(&fake, "", &[after]);
}

#[test]
fn nothing_new_is_not_written() {
    for order in [100, 101] {
        let before = body(&[("01-lint", order, "lint is fine")]);
        let fake = Fake::new().reply(&get_list(), 200, &list(&[comment(7, "github-actions[bot]", &before)]));
        check(&fake, "", &[]);
    }
}

#[test]
fn a_section_that_another_job_overwrote_is_put_back_once() {
    let (before, other) = (body(&[("03-build", 100, "a")]), body(&[("02-test", 100, "b"), ("03-build", 100, "a")]));
    let both = merge(&other, &ours());
    let fake = Fake::new()
        .reply(&get_list(), 200, &list(&[comment(7, "github-actions[bot]", &before)]))
        .reply(&format!("PATCH {ONE}7"), 200, "{}")
        .reply(&format!("GET {ONE}7"), 200, &comment(7, "", &other).to_string())
        .reply(&format!("PATCH {ONE}7"), 200, "{}")
        .reply(&format!("GET {ONE}7"), 200, &comment(7, "", &both).to_string());
    check(&fake, "", &[merge(&before, &ours()), both]);
}

#[test]
fn of_two_comments_made_at_once_the_first_stays() {
    let first = body(&[("02-test", 100, "b")]);
    let both = merge(&first, &ours());
    let made = merge("", &ours());
    let comments = [comment(8, "github-actions[bot]", &first), comment(9, "github-actions[bot]", &made)];
    let fake = Fake::new()
        .reply(&get_list(), 200, "[]")
        .reply(&format!("POST {COMMENTS}"), 201, "{\"id\":9}")
        .reply(&get_list(), 200, &list(&comments))
        .reply(&format!("DELETE {ONE}9"), 403, "")
        .reply(&format!("PATCH {ONE}8"), 200, "{}")
        .reply(&format!("GET {ONE}8"), 200, &comment(8, "", &both).to_string());
    check(&fake, "", &[made, both]);
}

#[test]
fn a_comment_whose_making_is_unknown_is_looked_up() {
    let made = merge("", &ours());
    let fake = Fake::new()
        .reply(&get_list(), 200, "[]")
        .answer(&format!("POST {COMMENTS}"), Err(crate::http::SendError::TimedOut))
        .reply(&get_list(), 200, &list(&[comment(9, "github-actions[bot]", &made)]));
    check(&fake, "", &[made]);
}

#[test]
fn a_comment_that_only_looks_like_ours_is_left_alone() {
    let made = merge("", &ours());
    let others = [comment(1, "mallory", MARKER), comment(2, "mallory", MARKER)];
    let mine = comment(3, "me", &merge("", &section("01-lint", 1, "old")));
    let fake = Fake::new()
        .reply(&get_list(), 200, &list(&others))
        .reply("GET https://api.example.com/user", 403, "")
        .reply(&format!("POST {COMMENTS}"), 201, "{\"id\":3}")
        .reply(&get_list(), 200, &list(&[comment(3, "github-actions[bot]", &made)]));
    check(&fake, "", std::slice::from_ref(&made));
    let fake = Fake::new()
        .reply(&get_list(), 200, &list(&[others[0].clone(), mine]))
        .reply("GET https://api.example.com/user", 200, "{\"login\":\"me\"}")
        .reply(&format!("PATCH {ONE}3"), 200, "{}")
        .reply(&format!("GET {ONE}3"), 200, &comment(3, "me", &made).to_string());
    check(&fake, "", &[made]);
}

#[test]
fn a_token_that_may_not_write_is_a_note() {
    let fake = Fake::new().reply(&get_list(), 200, "[]").reply(
        &format!("POST {COMMENTS}"),
        403,
        "{\"message\":\"Resource not accessible by integration\"}",
    );
    check(
        &fake,
        "the comment on the pull request is left out: GitHub refused with 403, `Resource not accessible by integration`; \
         the job needs the permission `pull-requests: write`, which a pull request from a fork does not get",
        &[merge("", &ours())],
    );
    let fake = Fake::new().reply(&get_list(), 500, "");
    check(&fake, "the comment on the pull request is left out: GitHub's answer was not understood: status 500", &[]);
}

#[test]
fn what_does_not_fit_keeps_its_first_paragraph() {
    let long = format!("## verdict\n\n{}", "line\n".repeat(9000));
    let mut text = String::new();
    for n in 0..4 {
        text = merge(&text, &section(&format!("{n}"), 1, &long));
    }
    assert!(units(&text) <= LONGEST);
    let found = sections(&text);
    assert_eq!(found.iter().filter(|section| is_short(&section.text)).count(), 3);
    assert!(found.iter().all(|section| section.text.starts_with("## verdict\n")));
    let mut text = String::new();
    for n in 0..40 {
        text = merge(&text, &section(&format!("{n}"), 1, &"x".repeat(5000)));
    }
    assert!(units(&text) <= LONGEST && text.ends_with("which did not fit here."), "{}", units(&text));
}

#[test]
fn keys_differ_by_leg() {
    let one = key(1, "lint", "staging", "{\"node\":20}");
    assert!(one.starts_with("01-lint-staging-") && one.len() == 28, "{one}");
    assert_ne!(one, key(1, "lint", "staging", "{\"node\":24}"));
}

fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(MARKER.to_owned()),
        Just(format!("\n{END}\n")),
        Just(format!("\n{START}01-lint 999 -->\n")),
        Just("\r\n\n".to_owned()),
        "\\PC{0,12}",
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_section_is_read_back_and_others_stay(others in prop::collection::vec(("[0-9]{2}-[a-z]{1,4}", 0u64..9, texts()), 0..5), text in texts(), garbage in texts()) {
        let mut body = String::new();
        for (key, order, text) in &others {
            body = merge(&body, &section(key, *order, text));
        }
        let before = sections(&body);
        let ours = section("01-lint-staging", 10, &text);
        let merged = merge(&body, &ours);
        prop_assert_eq!(&merge(&merged, &ours), &merged);
        prop_assert_eq!(&merge(&merged.replace('\n', "\r\n"), &ours), &merged);
        let mut after = sections(&merged);
        let own: Vec<_> = after.extract_if(.., |section| section.key == ours.key).collect();
        prop_assert_eq!(own.len(), 1);
        let expected = defused(&text);
        prop_assert_eq!(own[0].text.trim(), expected.trim());
        prop_assert_eq!(after, before);
        // Whatever somebody made of the comment, the result is well formed.
        let merged = merge(&format!("{MARKER}\n{garbage}"), &ours);
        prop_assert_eq!(merge(&merged, &ours), merged);
    }
}
