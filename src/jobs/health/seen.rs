//! What one look at a URL showed.

use super::address::{Address, Redirect, redirect};
use super::identity::{Identity, shown};
use crate::http::{Reply, SendError};

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// What is deployed answers, healthy.
    Well,
    /// Look there instead.
    Follow(Address),
    /// Something is not right, or not yet.
    Unwell(Ailment),
}

/// What is not right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ailment {
    /// The host's name has no address.
    NoAddress,
    /// Nobody takes the connection.
    NoConnection(String),
    /// The certificate or the handshake is refused.
    NoTls(String),
    /// No whole answer in the time for one try.
    TimedOut,
    /// The connection broke.
    Broken(String),
    /// The answer is larger than is read.
    TooLarge,
    /// A protection stands before it: the status, or where it sends to log in.
    Protected(String),
    /// The host's own page says that nothing is deployed there.
    NothingThere(String),
    /// 500 to 599.
    ServerError(u16),
    /// Another status than is expected.
    Status(u16),
    /// It sends to another host, which is not followed.
    Elsewhere(String),
    /// It sends on and on, or nowhere.
    Redirects,
    /// Another version than the one that is deployed: the old one still serves.
    Other(String),
    /// Nothing shows which version it is.
    NoIdentity(String),
    /// The body should be JSON and is not.
    NotJson,
}

impl Ailment {
    /// Whether waiting cannot help.
    pub fn is_hopeless(&self) -> bool {
        matches!(self, Ailment::Protected(_))
    }

    /// One word for it, stable, for records.
    pub fn word(&self) -> &'static str {
        match self {
            Ailment::NoAddress => "dns",
            Ailment::NoConnection(_) => "tcp",
            Ailment::NoTls(_) => "tls",
            Ailment::TimedOut => "timeout",
            Ailment::Broken(_) => "connection",
            Ailment::TooLarge => "too-large",
            Ailment::Protected(_) => "protected",
            Ailment::NothingThere(_) => "platform-page",
            Ailment::ServerError(_) => "server-error",
            Ailment::Status(_) => "status",
            Ailment::Elsewhere(_) => "redirect",
            Ailment::Redirects => "redirects",
            Ailment::Other(_) => "other-version",
            Ailment::NoIdentity(_) => "no-identity",
            Ailment::NotJson => "not-json",
        }
    }
}

impl std::fmt::Display for Ailment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Ailment::NoAddress => f.write_str("the host's name has no address (DNS)"),
            Ailment::NoConnection(reason) => write!(f, "no connection (TCP): {reason}"),
            Ailment::NoTls(reason) => write!(f, "no secure connection (TLS): {reason}"),
            Ailment::TimedOut => f.write_str("no answer in time"),
            Ailment::Broken(reason) => write!(f, "the connection broke: {reason}"),
            Ailment::TooLarge => f.write_str("the answer is too large to be a health check's"),
            Ailment::Protected(how) => write!(f, "it is protected ({how}), which says nothing about its health"),
            Ailment::NothingThere(how) => write!(f, "the platform says that nothing is deployed there ({how})"),
            Ailment::ServerError(status) => write!(f, "server error {status}"),
            Ailment::Status(status) => write!(f, "status {status}"),
            Ailment::Elsewhere(host) => write!(f, "it sends to another host, `{host}`, which is not followed"),
            Ailment::Redirects => f.write_str("its redirects lead nowhere"),
            Ailment::Other(found) => write!(f, "another version still serves: it says `{found}`"),
            Ailment::NoIdentity(what) => write!(f, "it does not show which version it is: {what}"),
            Ailment::NotJson => f.write_str("the answer is not JSON"),
        }
    }
}

/// Headers by which a platform says that the page is its own, and that no
/// deployment answers: Vercel, Render, Heroku and Fly.
const PLATFORM_HEADERS: [(&str, &[&str]); 3] = [
    (
        "x-vercel-error",
        &["DEPLOYMENT_NOT_FOUND", "DEPLOYMENT_DELETED", "DEPLOYMENT_NOT_READY_REDIRECTING", "DEPLOYMENT_DISABLED"],
    ),
    ("x-render-routing", &["no-server", "suspend", "not-found"]),
    ("fly-error", &["no-instances"]),
];

/// Where Vercel sends those whom it does not know.
const LOGIN: [&str; 2] = ["/sso-api", "/login"];

/// What an answer says. `statuses` are ranges, both ends included.
pub fn classify(
    at: &Address,
    answer: &Result<Reply, SendError>,
    statuses: &[(u16, u16)],
    identities: &[Identity],
) -> Seen {
    let reply = match answer {
        Ok(reply) => reply,
        Err(error) => return Seen::Unwell(unreachable(error)),
    };
    if statuses.iter().any(|(least, most)| (*least..=*most).contains(&reply.status)) {
        return match identities.iter().find_map(|identity| identity.check(reply)) {
            Some(ailment) => Seen::Unwell(ailment),
            None => Seen::Well,
        };
    }
    Seen::Unwell(match reply.status {
        300..=399 => match redirect(at, reply.header("location").unwrap_or_default()) {
            Redirect::Same(to) => return Seen::Follow(to),
            Redirect::Other(to) if is_login(&to) => {
                Ailment::Protected(format!("it sends to `{}` to log in", to.host()))
            }
            Redirect::Other(to) => Ailment::Elsewhere(shown(&to.authority)),
            Redirect::Broken => Ailment::Redirects,
        },
        status @ (401 | 407) => Ailment::Protected(format!("status {status}")),
        404..=599 if let Some(word) = platform_word(reply) => Ailment::NothingThere(word),
        status @ 500..=599 => Ailment::ServerError(status),
        status => Ailment::Status(status),
    })
}

fn is_login(to: &Address) -> bool {
    let vercel = to.host() == "vercel.com" || to.host().ends_with(".vercel.com");
    (vercel || to.rest.contains("sso-api")) && LOGIN.iter().any(|path| to.rest.starts_with(path))
}

fn platform_word(reply: &Reply) -> Option<String> {
    let says = |(header, words): &(&str, &[&str])| {
        let value = reply.header(header)?;
        words.iter().any(|word| value.contains(word)).then(|| shown(value))
    };
    PLATFORM_HEADERS.iter().find_map(says)
}

/// Sorted by what Node and its TLS say.
fn unreachable(error: &SendError) -> Ailment {
    match error {
        SendError::TimedOut => Ailment::TimedOut,
        SendError::TooLarge | SendError::NotSaved(_) => Ailment::TooLarge,
        SendError::Unknown(reason) => Ailment::Broken(shown(reason)),
        SendError::NotSent(reason) => {
            let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
            if says(&["ENOTFOUND", "EAI_"]) {
                Ailment::NoAddress
            } else if says(&["certificate", "altnames", "SSL", "TLS", "EPROTO"]) {
                Ailment::NoTls(shown(reason))
            } else {
                Ailment::NoConnection(shown(reason))
            }
        }
    }
}
