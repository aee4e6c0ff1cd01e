//! When a request is sent again, and after how long.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::http::{Reply, SendError};

/// How often a request is sent, at most.
const MOST_ATTEMPTS: u32 = 5;

/// GitHub asks for at least a minute where it says no other time.
const GITHUB_PATIENCE: Duration = Duration::from_secs(60);

/// Vercel's own clients wait for no limit that lasts longer.
const VERCEL_PATIENCE: Duration = Duration::from_secs(5 * 60);

/// Whether a request may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Sent twice it does what it does once: a read, a replacement, a removal.
    Always,
    /// Only where it is certain that nothing was done: the service was not
    /// reached, or said that it is too busy. Else the caller looks it up.
    IfUndone,
}

/// Whose rules of waiting hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// The common ones: `Retry-After`, else twice as long each time.
    Common,
    /// GitHub's ("Rate limits for the REST API"): 403 may mean to wait, too.
    GitHub,
    /// Vercel's, as its own clients have them: every 5xx may pass, and a limit
    /// says in the answer's body when it ends.
    Vercel,
    /// The common ones, but a service that is too busy is the caller's to wait
    /// for, who owns the pace; 499 and 500 are asked again as well.
    Paced,
}

/// How long to wait before the next attempt; `None` means give up. `attempt`
/// counts from 1. The service's own word wins, but no wait outlasts what is
/// `left` until the deadline.
pub fn wait_after(
    rules: Rules,
    repeat: Repeat,
    attempt: u32,
    answer: &Result<Reply, SendError>,
    now: DateTime<Utc>,
    left: Duration,
) -> Option<Duration> {
    let backoff = Duration::from_secs(1 << (attempt.clamp(1, 6) - 1));
    let wait = match answer {
        Err(SendError::NotSent(_)) => Some(backoff),
        Err(SendError::Unknown(_) | SendError::TimedOut) => (repeat == Repeat::Always).then_some(backoff),
        Err(SendError::TooLarge | SendError::NotSaved(_)) => None,
        Ok(reply) if is_limited(rules, reply) => match rules {
            Rules::Paced => None,
            Rules::Common => Some(asked_wait(reply, now).unwrap_or(backoff)),
            Rules::GitHub => {
                let patience = GITHUB_PATIENCE.saturating_mul(1 << (attempt.clamp(1, 6) - 1));
                Some(asked_wait(reply, now).unwrap_or(patience))
            }
            Rules::Vercel => {
                let asked = asked_wait(reply, now).or_else(|| vercel_reset(reply, now)).unwrap_or(backoff);
                (asked < VERCEL_PATIENCE && !is_final_limit(reply)).then_some(asked)
            }
        },
        Ok(reply) if may_pass(rules, reply.status) && repeat == Repeat::Always => {
            Some(asked_wait(reply, now).unwrap_or(backoff))
        }
        Ok(_) => None,
    };
    wait.filter(|wait| attempt < MOST_ATTEMPTS && *wait < left)
}

/// Whether an error of the service's own may pass by itself.
fn may_pass(rules: Rules, status: u16) -> bool {
    match rules {
        Rules::Vercel => matches!(status, 500 | 502..=504),
        Rules::Paced => matches!(status, 499 | 500 | 502..=504),
        Rules::Common | Rules::GitHub => matches!(status, 502..=504),
    }
}

/// Whether a limit of Vercel's is one that no wait in a job helps against: of
/// uploads a day, or of builds.
fn is_final_limit(reply: &Reply) -> bool {
    let code = vercel_error(reply)["code"].as_str().unwrap_or_default().to_owned();
    code == "builds_rate_limited" || code.starts_with("api-upload")
}

/// When a limit of Vercel's ends, by the answer's body: documented in seconds,
/// taken as milliseconds by Vercel's own client.
fn vercel_reset(reply: &Reply, now: DateTime<Utc>) -> Option<Duration> {
    let limit = &vercel_error(reply)["limit"];
    let reset = limit["resetMs"].as_i64().or_else(|| limit["reset"].as_i64())?;
    let date = if reset > 100_000_000_000 {
        DateTime::from_timestamp_millis(reset)
    } else {
        DateTime::from_timestamp(reset, 0)
    };
    Some((date? - now).to_std().unwrap_or_default().max(Duration::from_secs(1)))
}

fn vercel_error(reply: &Reply) -> serde_json::Value {
    let body: serde_json::Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    body["error"].clone()
}

/// Whether the service says that it has had too many requests and did not do
/// this one. GitHub says so with 403 too, which otherwise means a missing permission.
pub fn is_limited(rules: Rules, reply: &Reply) -> bool {
    let limited = || {
        reply.header("retry-after").is_some()
            || reply.header("x-ratelimit-remaining").is_some_and(|left| left.trim() == "0")
            || String::from_utf8_lossy(&reply.body[..reply.body.len().min(4096)])
                .to_ascii_lowercase()
                .contains("rate limit")
    };
    reply.status == 429 || (rules == Rules::GitHub && reply.status == 403 && limited())
}

/// What the service asks for: `Retry-After` in seconds or as a date (RFC 9110),
/// else the time at which GitHub's limit is reset. At least a second.
fn asked_wait(reply: &Reply, now: DateTime<Utc>) -> Option<Duration> {
    let until = |date: DateTime<Utc>| (date - now).to_std().unwrap_or_default();
    let asked = match reply.header("retry-after").map(str::trim) {
        Some(text) => match text.parse() {
            Ok(seconds) => Some(Duration::from_secs(seconds)),
            Err(_) => DateTime::parse_from_rfc2822(text).ok().map(|date| until(date.to_utc())),
        },
        None if reply.header("x-ratelimit-remaining").is_some_and(|left| left.trim() == "0") => reply
            .header("x-ratelimit-reset")
            .and_then(|reset| DateTime::from_timestamp(reset.trim().parse().ok()?, 0))
            .map(until),
        None => None,
    };
    asked.map(|wait| wait.max(Duration::from_secs(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_341_600;

    fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> Result<Reply, SendError> {
        let headers = headers.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Ok(Reply { status, headers, body: body.into(), ..Reply::default() })
    }

    /// The waits in seconds: repeatable by the common rules, by GitHub's, and
    /// a write by GitHub's. Half an hour is left.
    fn check(attempt: u32, answer: Result<Reply, SendError>, expected: [Option<u64>; 3]) {
        let now = DateTime::from_timestamp(NOW, 0).unwrap();
        let wait = |rules, repeat| {
            wait_after(rules, repeat, attempt, &answer, now, Duration::from_secs(1800)).map(|wait| wait.as_secs())
        };
        let found = [
            wait(Rules::Common, Repeat::Always),
            wait(Rules::GitHub, Repeat::Always),
            wait(Rules::GitHub, Repeat::IfUndone),
        ];
        assert_eq!(found, expected, "attempt {attempt} {answer:?}");
    }

    #[test]
    fn only_what_may_help_is_sent_again() {
        for status in [200, 201, 304, 400, 401, 403, 404, 422, 500] {
            check(1, reply(status, &[], ""), [None; 3]);
        }
        check(1, reply(502, &[], ""), [Some(1), Some(1), None]);
        check(3, reply(503, &[], ""), [Some(4), Some(4), None]);
        check(5, reply(503, &[], ""), [None; 3]);
        check(1, reply(503, &[("Retry-After", "7")], ""), [Some(7), Some(7), None]);
        check(2, Err(SendError::NotSent("refused".into())), [Some(2); 3]);
        check(2, Err(SendError::TimedOut), [Some(2), Some(2), None]);
        check(2, Err(SendError::Unknown("reset".into())), [Some(2), Some(2), None]);
        check(1, Err(SendError::TooLarge), [None; 3]);
    }

    #[test]
    fn vercel_says_in_the_body_when_a_limit_ends() {
        let wait = |status, headers: &[(&str, &str)], body: String| {
            let (now, left) = (DateTime::from_timestamp(NOW, 0).unwrap(), Duration::from_secs(1800));
            let answer = reply(status, headers, &body);
            [Repeat::Always, Repeat::IfUndone]
                .map(|repeat| wait_after(Rules::Vercel, repeat, 1, &answer, now, left).map(|wait| wait.as_secs()))
        };
        let limit = |fields: String| format!("{{\"error\":{{\"code\":\"rate_limited\",\"limit\":{{{fields}}}}}}}");
        assert_eq!(wait(429, &[], String::new()), [Some(1); 2]);
        assert_eq!(wait(429, &[], limit(format!("\"reset\":{}", NOW + 40))), [Some(40); 2]);
        assert_eq!(wait(429, &[], limit(format!("\"reset\":{}", (NOW + 40) * 1000))), [Some(40); 2]);
        assert_eq!(wait(429, &[("retry-after", "7")], limit(format!("\"reset\":{}", NOW + 40))), [Some(7); 2]);
        assert_eq!(wait(429, &[("retry-after", "301")], String::new()), [None; 2]);
        assert_eq!(wait(429, &[], "{\"error\":{\"code\":\"api-upload-free\"}}".to_owned()), [None; 2]);
        assert_eq!(wait(429, &[], "{\"error\":{\"code\":\"builds_rate_limited\"}}".to_owned()), [None; 2]);
        assert_eq!(wait(500, &[], "<html>".to_owned()), [Some(1), None]);
    }

    #[test]
    fn too_many_requests_are_waited_out_as_asked() {
        check(1, reply(429, &[], ""), [Some(1), Some(60), Some(60)]);
        check(2, reply(429, &[], ""), [Some(2), Some(120), Some(120)]);
        check(1, reply(429, &[("retry-after", "0")], ""), [Some(1); 3]);
        check(1, reply(429, &[("retry-after", "Sun, 22 Nov 2026 10:00:30 GMT")], ""), [Some(30); 3]);
        check(1, reply(429, &[("retry-after", "soon")], ""), [Some(1), Some(60), Some(60)]);
        check(1, reply(429, &[("retry-after", "1800")], ""), [None; 3]);
        check(1, reply(403, &[("retry-after", "9")], ""), [None, Some(9), Some(9)]);
        let reset = (NOW + 100).to_string();
        check(
            1,
            reply(403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &reset)], ""),
            [None, Some(100), Some(100)],
        );
        check(1, reply(403, &[("x-ratelimit-remaining", "9"), ("x-ratelimit-reset", &reset)], ""), [None; 3]);
        check(1, reply(403, &[], "You have exceeded a secondary rate limit"), [None, Some(60), Some(60)]);
        check(
            1,
            reply(403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "99999999999999999999")], ""),
            [None, Some(60), Some(60)],
        );
    }
}
