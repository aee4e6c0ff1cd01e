//! Asks until the gate has seen enough.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::address::Address;
use super::identity::Identity;
use super::pace::{Count, Next, Pace, next};
use super::seen::{Ailment, Seen, classify};
use crate::host::Host;
use crate::http::{Method, Request};
use crate::secret::Secret;

/// How many redirects are followed, as browsers' tools do by default.
const MOST_REDIRECTS: u32 = 5;

/// The largest answer that is read, in bytes.
const LARGEST: u64 = 4 << 20;

/// What the gate asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// The path that is asked, with its query.
    pub path: String,
    /// The statuses that are healthy, as ranges with both ends.
    pub statuses: Vec<(u16, u16)>,
    /// What must show the deployed version; empty where nothing can.
    pub identities: Vec<Identity>,
    /// How often.
    pub pace: Pace,
    /// How long one try may take.
    pub try_timeout: Duration,
    /// How long all may take.
    pub timeout: Duration,
}

/// Where the gate looks, and what it shows at the door.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visit {
    /// The URL without the gate's path, as `https://shop.example.com`, or whole where `whole` says so.
    pub url: String,
    /// Whether the URL has its path already.
    pub whole: bool,
    /// The hosts, with port where it is not the usual one, that secrets may go to:
    /// those that the service's own API named.
    pub trusted: Vec<String>,
    /// Headers that get through the service's protection.
    pub passes: Vec<Pass>,
    /// Whether to ask past every cache.
    pub fresh: bool,
}

/// A header that gets through a protection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// The header's name.
    pub name: String,
    /// Its value.
    pub value: Secret,
    /// Whether it goes along with a redirect on the same host.
    pub along: bool,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The URL that was asked.
    pub url: String,
    /// How often it was asked.
    pub tries: u32,
    /// How long it took.
    pub took: Duration,
    /// What is not right; nothing where the gate passed.
    pub ailment: Option<Ailment>,
}

impl Checked {
    /// Whether the gate passed.
    pub fn passed(&self) -> bool {
        self.ailment.is_none()
    }
}

impl std::fmt::Display for Checked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (url, tries, seconds) = (&self.url, self.tries, self.took.as_secs_f64());
        match &self.ailment {
            None => write!(f, "`{url}` is healthy ({tries} tries in {seconds:.1} s)"),
            Some(ailment) => write!(f, "`{url}` is not healthy after {tries} tries in {seconds:.1} s: {ailment}"),
        }
    }
}

/// Looks again and again until the gate passes, its time or `deadline` is over.
/// `say` is told whenever something else is seen than before.
pub async fn wait(host: &dyn Host, gate: &Gate, visit: &Visit, deadline: DateTime<Utc>, say: &dyn Fn(&str)) -> Checked {
    let begun = host.now();
    let end = deadline.min(begun + TimeDelta::from_std(gate.timeout).unwrap_or(TimeDelta::MAX));
    let left = || (end - host.now()).to_std().unwrap_or_default();
    let mut count = Count::default();
    let mut told = None;
    loop {
        let seen = look(host, gate, visit, left()).await;
        count = count.after(&seen);
        if let Seen::Unwell(ailment) = &seen
            && told.as_ref() != Some(ailment)
        {
            say(&format!("not healthy yet: {ailment}"));
            told = Some(ailment.clone());
        }
        let passed = match next(&gate.pace, &count, left(), host.random()[0]) {
            Next::Wait(time) => {
                host.sleep(time).await;
                continue;
            }
            Next::Passed => true,
            Next::Failed => false,
        };
        let took = (host.now() - begun).to_std().unwrap_or_default();
        let ailment = if passed { None } else { Some(count.last.clone().unwrap_or(Ailment::TimedOut)) };
        return Checked { url: url_of(gate, visit), tries: count.tries, took, ailment };
    }
}

/// Looks once, following redirects on the same host.
pub async fn look(host: &dyn Host, gate: &Gate, visit: &Visit, left: Duration) -> Seen {
    let Some(mut at) = Address::read(&url_of(gate, visit)) else { return Seen::Unwell(Ailment::Redirects) };
    if visit.fresh {
        let chance: String = host.random()[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        at = at.with_parameter("waybill", &chance);
    }
    for redirects in 0..=MOST_REDIRECTS {
        let request = request(gate, visit, &at, redirects > 0, left);
        match classify(&at, &host.send(&request).await, &gate.statuses, &gate.identities) {
            Seen::Follow(to) => at = to,
            Seen::Unwell(Ailment::Protected(how)) if redirects > 0 && visit.passes.iter().any(|pass| !pass.along) => {
                let hint =
                    format!("{how}; no identity token goes along with a redirect: give its end as `health-path`");
                return Seen::Unwell(Ailment::Protected(hint));
            }
            seen => return seen,
        }
    }
    Seen::Unwell(Ailment::Redirects)
}

/// The URL that is asked.
pub fn url_of(gate: &Gate, visit: &Visit) -> String {
    match Address::read(&visit.url) {
        Some(address) if !visit.whole => address.with_path(&gate.path).url(),
        Some(address) => address.url(),
        None => visit.url.clone(),
    }
}

/// One request. What gets through a protection goes only where it may: to a
/// trusted host, and along with a redirect only what may.
fn request(gate: &Gate, visit: &Visit, at: &Address, is_redirected: bool, left: Duration) -> Request {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut headers = vec![header("Accept", "*/*"), header("User-Agent", "waybill")];
    if visit.fresh {
        headers.extend([header("Cache-Control", "no-cache"), header("Pragma", "no-cache")]);
    }
    if visit.trusted.contains(&at.authority) {
        let shown = visit.passes.iter().filter(|pass| pass.along || !is_redirected);
        headers.extend(shown.map(|pass| header(&pass.name, pass.value.expose())));
    }
    Request {
        method: Method::Get,
        url: at.url(),
        headers,
        body: Vec::new().into(),
        timeout: gate.try_timeout.min(left.max(Duration::from_millis(1))),
        limit: LARGEST,
        save: None,
    }
}
