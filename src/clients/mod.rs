//! Services over HTTP: what to send and how to read the answers. This file
//! sends; the others decide.

pub mod checks;
pub mod cohere;
pub mod comment;
pub mod deployments;
pub mod github;
pub mod neon;
pub mod oidc;
pub mod postgres;
pub mod qdrant;
pub mod retry;
pub mod vercel;

use std::cell::Cell;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::host::Host;
use crate::http::{Method, Reply, Request, SendError};
use retry::{Repeat, Rules, wait_after};

/// GitHub asks for a second between two writes.
const PAUSE: Duration = Duration::from_secs(1);

/// A request and whether it may be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The request.
    pub request: Request,
    /// Whether it may be sent again.
    pub repeat: Repeat,
}

/// Sends calls to one service, one after the other, with the only retry loop
/// that there is. No attempt starts after the deadline.
pub struct Client<'h> {
    host: &'h dyn Host,
    rules: Rules,
    deadline: DateTime<Utc>,
    last_write: Cell<Option<DateTime<Utc>>>,
}

impl<'h> Client<'h> {
    /// A client that gives up at the deadline.
    pub fn new(host: &'h dyn Host, rules: Rules, deadline: DateTime<Utc>) -> Self {
        Client { host, rules, deadline, last_write: Cell::new(None) }
    }

    /// Sends, and sends again after a wait where that may help and is allowed.
    /// Gives the last answer, whatever its status.
    pub async fn send(&self, call: &Call) -> Result<Reply, SendError> {
        let mut attempt = 1;
        loop {
            if !matches!(call.request.method, Method::Get | Method::Head) {
                self.pause().await;
            }
            let Some(request) = self.in_time(&call.request) else { return Err(SendError::TimedOut) };
            let answer = self.host.send(&request).await;
            let now = self.host.now();
            if !matches!(call.request.method, Method::Get | Method::Head) {
                self.last_write.set(Some(now));
            }
            match wait_after(self.rules, call.repeat, attempt, &answer, now, self.left()) {
                Some(wait) => self.host.sleep(wait).await,
                None => return answer,
            }
            attempt += 1;
        }
    }

    /// The request with no more time than there is left.
    fn in_time(&self, request: &Request) -> Option<Request> {
        let left = self.left();
        let timeout = request.timeout.min(left);
        (!left.is_zero()).then(|| Request { timeout, ..request.clone() })
    }

    fn left(&self) -> Duration {
        (self.deadline - self.host.now()).to_std().unwrap_or_default()
    }

    async fn pause(&self) {
        let Some(last) = self.last_write.get().filter(|_| self.rules == Rules::GitHub) else { return };
        let since = (self.host.now() - last).to_std().unwrap_or_default();
        if since < PAUSE {
            self.host.sleep(PAUSE - since).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fake::{Fake, block_on};

    fn call(method: Method, repeat: Repeat) -> Call {
        let request = Request {
            method,
            url: "https://api.example.com/x".to_owned(),
            headers: Vec::new(),
            body: Vec::new().into(),
            timeout: Duration::from_secs(30),
            limit: 1000,
            save: None,
        };
        Call { request, repeat }
    }

    fn client(fake: &Fake, seconds: i64) -> Client<'_> {
        Client::new(fake, Rules::GitHub, fake.now() + chrono::TimeDelta::seconds(seconds))
    }

    #[test]
    fn a_busy_service_is_asked_again_until_it_answers() {
        let get = "GET https://api.example.com/x";
        let fake = Fake::new().reply(get, 502, "").answer(get, Err(SendError::TimedOut)).reply(get, 200, "done");
        let start = fake.now();
        let reply = block_on(client(&fake, 600).send(&call(Method::Get, Repeat::Always))).unwrap();
        assert_eq!((reply.status, reply.body), (200, b"done".to_vec()));
        assert_eq!((fake.now() - start).num_seconds(), 3);
    }

    #[test]
    fn a_write_whose_outcome_is_unknown_is_not_sent_again() {
        let post = "POST https://api.example.com/x";
        let fake = Fake::new().answer(post, Err(SendError::TimedOut));
        assert_eq!(block_on(client(&fake, 600).send(&call(Method::Post, Repeat::IfUndone))), Err(SendError::TimedOut));
    }

    #[test]
    fn no_attempt_outlasts_the_deadline() {
        let get = "GET https://api.example.com/x";
        let fake = Fake::new().reply(get, 429, "").reply(get, 429, "");
        let client = client(&fake, 100);
        assert_eq!(block_on(client.send(&call(Method::Get, Repeat::Always))).unwrap().status, 429);
        assert_eq!(fake.sent().iter().map(|request| request.timeout.as_secs()).collect::<Vec<_>>(), [30, 30]);
        block_on(fake.sleep(Duration::from_secs(40)));
        assert_eq!(block_on(client.send(&call(Method::Get, Repeat::Always))), Err(SendError::TimedOut));
    }

    #[test]
    fn a_second_lies_between_two_writes() {
        let patch = "PATCH https://api.example.com/x";
        let fake = Fake::new().reply(patch, 200, "").reply(patch, 200, "");
        let (start, client) = (fake.now(), client(&fake, 600));
        for _ in 0..2 {
            block_on(client.send(&call(Method::Patch, Repeat::Always))).unwrap();
        }
        assert_eq!((fake.now() - start).num_seconds(), 1);
    }
}
