use std::time::Duration;

use proptest::prelude::*;

use super::address::{Redirect, redirect};
use super::identity::Identity;
use super::pace::{Count, Next, Pace, next};
use super::seen::{Ailment, classify};
use super::*;
use crate::host::Host;
use crate::host::fake::{Fake, block_on};
use crate::http::{Reply, SendError};
use crate::secret::Secret;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> Result<Reply, SendError> {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Ok(Reply { status, headers, body: body.into(), ..Reply::default() })
}

fn gate(identities: Vec<Identity>) -> Gate {
    Gate {
        path: "/health".to_owned(),
        statuses: vec![(200, 299)],
        identities,
        pace: Pace { successes: 3, interval: Duration::from_secs(2) },
        try_timeout: Duration::from_secs(10),
        timeout: Duration::from_secs(60),
    }
}

fn check(answer: Result<Reply, SendError>, identities: &[Identity], expected: &str) {
    let at = Address::read("https://shop.example.com/a/b?c").unwrap();
    let found = match classify(&at, &answer, &[(200, 299)], identities) {
        Seen::Well => "well".to_owned(),
        Seen::Follow(to) => format!("follow {}", to.url()),
        Seen::Unwell(ailment) => format!("{}: {ailment}", ailment.word()),
    };
    assert_eq!(found, expected, "{answer:?}");
}

#[test]
fn what_is_seen_is_told_apart() {
    check(reply(204, &[], ""), &[], "well");
    check(reply(503, &[], ""), &[], "server-error: server error 503");
    check(reply(404, &[], ""), &[], "status: status 404");
    let gone = "platform-page: the platform says that nothing is deployed there (DEPLOYMENT_NOT_FOUND)";
    check(reply(404, &[("x-vercel-error", "DEPLOYMENT_NOT_FOUND")], ""), &[], gone);
    let protected = "protected: it is protected (status 401), which says nothing about its health";
    check(reply(401, &[], ""), &[], protected);
    let login = "protected: it is protected (it sends to `vercel.com` to log in), which says nothing about its health";
    check(reply(302, &[("location", "https://vercel.com/sso-api?url=x")], ""), &[], login);
    check(reply(307, &[("location", "/login?next=%2F")], ""), &[], "follow https://shop.example.com/login?next=%2F");
    check(reply(301, &[("location", "d")], ""), &[], "follow https://shop.example.com/a/d");
    check(reply(301, &[("location", "?d")], ""), &[], "follow https://shop.example.com/a/b?d");
    let elsewhere = "redirect: it sends to another host, `example.com`, which is not followed";
    check(reply(301, &[("location", "https://example.com/")], ""), &[], elsewhere);
    check(reply(301, &[("location", "//example.com/")], ""), &[], elsewhere);
    let downgrade = "redirect: it sends to another host, `shop.example.com`, which is not followed";
    check(reply(301, &[("location", "http://shop.example.com/")], ""), &[], downgrade);
    check(reply(301, &[], ""), &[], "redirects: its redirects lead nowhere");
    let no = |reason: &str| Err(SendError::NotSent(reason.to_owned()));
    check(no("getaddrinfo ENOTFOUND x"), &[], "dns: the host's name has no address (DNS)");
    check(no("connect ECONNREFUSED 127.0.0.1:1"), &[], "tcp: no connection (TCP): connect ECONNREFUSED 127.0.0.1:1");
    check(no("self-signed certificate"), &[], "tls: no secure connection (TLS): self-signed certificate");
    check(Err(SendError::TimedOut), &[], "timeout: no answer in time");
    check(Err(SendError::Unknown("reset".to_owned())), &[], "connection: the connection broke: reset");
}

#[test]
fn only_what_is_deployed_is_well() {
    let header = [Identity::Header("X-Commit".to_owned(), COMMIT.to_owned())];
    check(reply(200, &[("x-commit", COMMIT)], ""), &header, "well");
    check(reply(200, &[("x-commit", "0123456")], ""), &header, "well");
    let other = "other-version: another version still serves: it says `012345`";
    check(reply(200, &[("x-commit", "012345")], ""), &header, other);
    let none = "no-identity: it does not show which version it is: no header `X-Commit`";
    check(reply(200, &[], ""), &header, none);
    let pointer = [Identity::Pointer("/version/commit".to_owned(), COMMIT.to_owned())];
    check(reply(200, &[], &format!("{{\"version\":{{\"commit\":\"{COMMIT}\"}}}}")), &pointer, "well");
    check(reply(200, &[], "<html>"), &pointer, "not-json: the answer is not JSON");
    let absent = "no-identity: it does not show which version it is: no text at `/version/commit`";
    check(reply(200, &[], "{\"version\":[]}"), &pointer, absent);
    let count = [Identity::Pointer("/build".to_owned(), "42".to_owned())];
    check(reply(200, &[], "{\"build\":42}"), &count, "well");
}

#[test]
fn a_failure_begins_the_successes_anew_and_waits_grow() {
    let pace = Pace { successes: 2, interval: Duration::from_secs(2) };
    let unwell = Seen::Unwell(Ailment::ServerError(500));
    let mut count = Count::default();
    let mut waits = Vec::new();
    let seen = [&Seen::Well, &unwell, &unwell, &unwell, &unwell, &unwell, &unwell, &Seen::Well, &Seen::Well];
    for seen in seen {
        count = count.after(seen);
        waits.push(next(&pace, &count, Duration::from_secs(60), 0));
    }
    let milliseconds = |time| Next::Wait(Duration::from_millis(time));
    let expected = [2000, 800, 1600, 3200, 6400, 8000, 8000, 2000].map(milliseconds);
    assert_eq!(waits[..8], expected);
    assert_eq!(waits[8], Next::Passed);
    assert_eq!(next(&pace, &count, Duration::ZERO, 0), Next::Passed);
}

#[test]
fn a_protection_that_stays_ends_the_wait() {
    let pace = Pace { successes: 2, interval: Duration::from_secs(2) };
    let protected = Seen::Unwell(Ailment::Protected("status 401".to_owned()));
    let count = (0..3).fold(Count::default(), |count, _| count.after(&protected));
    assert_eq!(next(&pace, &count, Duration::from_secs(60), 0), Next::Failed);
}

#[test]
fn the_gate_waits_for_the_new_version() {
    let get = "GET https://shop.example.com/health?waybill=*";
    let identities = vec![Identity::Header("x-commit".to_owned(), COMMIT.to_owned())];
    let mut fake = Fake::new();
    for commit in ["old", "old", COMMIT, COMMIT, COMMIT] {
        fake = fake.answer(get, reply(200, &[("x-commit", commit)], ""));
    }
    let visit = Visit { url: "https://shop.example.com".to_owned(), fresh: true, ..Visit::default() };
    let said = std::cell::RefCell::new(Vec::new());
    let deadline = fake.now() + chrono::TimeDelta::seconds(600);
    let checked =
        block_on(wait(&fake, &gate(identities), &visit, deadline, &|text| said.borrow_mut().push(text.to_owned())));
    assert_eq!((checked.passed(), checked.tries), (true, 5));
    assert_eq!(said.into_inner(), ["not healthy yet: another version still serves: it says `old`"]);
    assert!(fake.sent().iter().all(|request| request.headers.iter().any(|(name, _)| name == "Cache-Control")));
}

#[test]
fn a_pass_goes_to_trusted_hosts_only_and_not_along_with_a_redirect() {
    let pass = |name: &str, along| Pass { name: name.to_owned(), value: Secret::new("s"), along };
    let visit = |trusted: &[&str]| Visit {
        url: "https://new-abc.vercel.app".to_owned(),
        trusted: trusted.iter().map(|&host| host.to_owned()).collect(),
        passes: vec![pass("bypass", true), pass("token", false)],
        ..Visit::default()
    };
    let passes = |trusted: &[&str]| {
        let fake = Fake::new()
            .answer("GET https://new-abc.vercel.app/health", reply(308, &[("location", "/en")], ""))
            .reply("GET https://new-abc.vercel.app/en", 200, "");
        block_on(look(&fake, &gate(Vec::new()), &visit(trusted), Duration::from_secs(9)));
        let named = |(name, _): &(String, String)| name == "bypass" || name == "token";
        fake.sent()
            .iter()
            .map(|request| request.headers.iter().filter(|header| named(header)).count())
            .collect::<Vec<_>>()
    };
    assert_eq!(passes(&["new-abc.vercel.app"]), [2, 1]);
    assert_eq!(passes(&["new-abc.vercel.app:8443", "vercel.app"]), [0, 0]);
}

#[test]
fn redirects_that_go_round_end() {
    let get = "GET https://shop.example.com/health";
    let fake = (0..6).fold(Fake::new(), |fake, _| fake.answer(get, reply(302, &[("location", "/health")], "")));
    let visit = Visit { url: "https://shop.example.com/".to_owned(), ..Visit::default() };
    let seen = block_on(look(&fake, &gate(Vec::new()), &visit, Duration::from_secs(9)));
    assert_eq!(seen, Seen::Unwell(Ailment::Redirects));
}

proptest! {
    #[test]
    fn no_wait_outlasts_what_is_left(failures in 0u32..2000, left in 0u64..100_000, interval in 0u64..100_000, chance: u8) {
        let pace = Pace { successes: 3, interval: Duration::from_millis(interval) };
        let count = Count { failures, ..Count::default() };
        let left = Duration::from_millis(left);
        if let Next::Wait(wait) = next(&pace, &count, left, chance) {
            prop_assert!(wait < left && wait <= pace.interval.mul_f64(6.1));
        }
    }

    #[test]
    fn a_redirect_never_takes_secrets_to_another_host(location in "\\PC{0,40}") {
        let from = Address::read("https://shop.example.com/a").unwrap();
        if let Redirect::Same(to) = redirect(&from, &location) {
            prop_assert_eq!((to.authority.as_str(), to.scheme.as_str()), ("shop.example.com", "https"));
        }
    }
}
