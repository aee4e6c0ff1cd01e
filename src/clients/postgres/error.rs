//! Why a connection cannot be had or does not go on, and whether it is worth
//! another attempt.

use super::message::ServerError;
use crate::host::socket::SocketError;

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectError {
    /// The network, or TLS.
    Socket(SocketError),
    /// The server, or what stands in front of it, refuses.
    Server(Box<ServerError>),
    /// The server does not speak TLS, and has to.
    NoTls,
    /// The server does not speak TLS, and this is production.
    PlainInProduction,
    /// The exchange of the password has to be bound to TLS, and cannot be; why.
    NoBinding(&'static str),
    /// The server wants a password, and there is none.
    NoPassword,
    /// The server wants the password in a way that is not done here.
    Method(String),
    /// The server says something that it must not say.
    Protocol(String),
}

impl ConnectError {
    /// Whether the same may succeed in a moment. Nothing was done yet, so that
    /// asking again is safe; what will not change is not asked again.
    pub fn may_pass(&self) -> bool {
        match self {
            ConnectError::Socket(error) => match error {
                SocketError::NotReached(reason) | SocketError::Broken(reason) => {
                    // A name that is not there is not there in a second either, but a resolver may be busy.
                    matches!(
                        reason.as_str(),
                        "ECONNREFUSED"
                            | "ECONNRESET"
                            | "ETIMEDOUT"
                            | "EAI_AGAIN"
                            | "EPIPE"
                            | "ENETUNREACH"
                            | "EHOSTUNREACH"
                            | "ENOENT"
                            | "END"
                    )
                }
                SocketError::TimedOut => true,
                SocketError::Certificate(_) | SocketError::Tls(_) => false,
            },
            ConnectError::Server(error) => server_may_pass(error),
            _ => false,
        }
    }
}

impl std::fmt::Display for ConnectError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ConnectError::Socket(error) => error.fmt(f),
            ConnectError::Server(error) => write!(f, "it refuses: {error}"),
            ConnectError::NoTls => f.write_str("it does not speak TLS, which the URL asks for"),
            ConnectError::PlainInProduction => {
                f.write_str("it does not speak TLS, and in production nothing crosses a network in plain")
            }
            ConnectError::NoBinding(reason) => {
                write!(f, "`channel_binding=require` cannot be kept: {reason}")
            }
            ConnectError::NoPassword => f.write_str("it wants a password, and the URL has none"),
            ConnectError::Method(method) => f.write_str(method),
            ConnectError::Protocol(what) => write!(f, "it does not speak as Postgres does: {what}"),
        }
    }
}

/// What proxies of Neon say that passes (their code 08006 and others say nothing).
const PASSING: &[&str] = &[
    "couldn't connect to compute node",
    "control plane request failed",
    "endpoint is idle",
    "failed to acquire permit",
    "too many connections",
    "project under maintenance",
    "is starting up",
    "is shutting down",
];

/// What they say that stays.
const STAYING: &[&str] = &[
    "quota",
    "cannot be found",
    "endpoint is disabled",
    "not allowed to connect",
    "endpoint id is not specified",
    "inconsistent project name",
    "rate limit",
    "connection is insecure",
];

/// Whether what a server says before the first statement may pass.
fn server_may_pass(error: &ServerError) -> bool {
    let message = error.message.to_ascii_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| message.contains(part));
    if says(STAYING) {
        return false;
    }
    // Shutting down and starting up, crashed, idle too long, the connection itself, too many of them.
    let passes = matches!(error.code.as_str(), "57P03" | "57P01" | "57P02" | "57P05" | "53300")
        || (error.code.starts_with("08") && !matches!(error.code.as_str(), "08P01" | "08004"));
    passes || says(PASSING)
}

/// Why an open connection does not go on. What the server did with the last
/// that was sent is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The network.
    Socket(SocketError),
    /// The server ended it, and says why.
    Server(Box<ServerError>),
    /// The server says something that it must not say.
    Protocol(String),
    /// Nothing was sent: the text cannot be (it has a zero byte).
    Unsendable(String),
}

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Lost::Socket(error) => error.fmt(f),
            Lost::Server(error) => write!(f, "the server ended the connection: {error}"),
            Lost::Protocol(what) => write!(f, "the server does not speak as Postgres does: {what}"),
            Lost::Unsendable(reason) => write!(f, "it cannot be sent: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, message: &str, passes: bool) {
        let error = ServerError { code: code.to_owned(), message: message.to_owned(), ..ServerError::default() };
        assert_eq!(ConnectError::Server(Box::new(error)).may_pass(), passes, "{code} {message}");
    }

    #[test]
    fn what_passes_is_told_from_what_stays() {
        check("57P03", "the database system is starting up", true);
        check("57P01", "terminating connection due to administrator command", true);
        check("53300", "sorry, too many clients already", true);
        check("08006", "Couldn't connect to compute node", true);
        check("XX000", "Control plane request failed", true);
        check("XX000", "Control plane request failed: your project has exceeded the compute time quota", false);
        check("08006", "Your account or project has exceeded the compute time quota. Check your quotas.", false);
        check("28P01", "password authentication failed for user \"u\"", false);
        check("3D000", "database \"d\" does not exist", false);
        check("XX000", "The requested endpoint could not be found, or cannot be found", false);
        check("08P01", "unsupported startup parameter: options", false);
        check("28000", "Endpoint ID is not specified", false);
        for (error, passes) in [
            (SocketError::NotReached("ECONNREFUSED".to_owned()), true),
            (SocketError::NotReached("EAI_AGAIN".to_owned()), true),
            (SocketError::NotReached("ENOTFOUND".to_owned()), false),
            (SocketError::TimedOut, true),
            (SocketError::Certificate("EXPIRED".to_owned()), false),
        ] {
            assert_eq!(ConnectError::Socket(error.clone()).may_pass(), passes, "{error:?}");
        }
    }
}
