//! The part of the port that speaks to servers without HTTP: byte streams that
//! can turn to TLS, and the two things of cryptography and Unicode that such
//! servers ask for and that the host does better than we could.

use std::time::Duration;

use super::Task;

/// The way to other machines, beside HTTP.
pub trait Network {
    /// Opens a stream. Fails with [`SocketError::TimedOut`] after `patience`.
    fn connect<'a>(
        &'a self,
        endpoint: &'a Endpoint,
        patience: Duration,
    ) -> Task<'a, Result<Box<dyn Socket>, SocketError>>;

    /// PBKDF2 (RFC 8018) with HMAC-SHA-256, 32 bytes: slow by design, so that
    /// it is left to native code.
    fn derive_key<'a>(&'a self, password: &'a [u8], salt: &'a [u8], iterations: u32) -> Task<'a, [u8; 32]>;

    /// The text in Unicode's normalization form KC, whose tables are the host's.
    fn normalized(&self, text: &str) -> String;
}

/// Where a stream leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A name or an address, and a port.
    Tcp(String, u16),
    /// The path of a Unix socket.
    Unix(String),
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Endpoint::Tcp(host, port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Endpoint::Tcp(host, port) => write!(f, "{host}:{port}"),
            Endpoint::Unix(path) => f.write_str(path),
        }
    }
}

/// An open stream. Reading and writing may go on at the same time. It is closed
/// when it is dropped; what was written before still goes out.
pub trait Socket {
    /// The next bytes, in pieces of the network's choice; none at the end.
    /// Giving up the wait loses nothing: the next one goes on.
    fn read(&self) -> Task<'_, Result<Vec<u8>, SocketError>>;

    /// Writes all, and is done when the system has taken so much that more may come.
    fn write<'a>(&'a self, bytes: &'a [u8]) -> Task<'a, Result<(), SocketError>>;

    /// Goes on in TLS from here. Bytes that came before are an error: somebody
    /// on the way may have put them there (CVE-2021-23222). Gives the server's certificate.
    fn start_tls<'a>(&'a self, tls: &'a Tls) -> Task<'a, Result<Peer, SocketError>>;
}

/// How TLS is spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// Who the server has to be: goes out as the server name, unless it is an address.
    pub server_name: String,
    /// The authorities to trust, in PEM; the host's own where there are none.
    pub authorities: Option<String>,
    /// What is verified.
    pub verify: Verify,
    /// The protocol to ask for by ALPN, where the server wants to be asked.
    pub protocol: Option<&'static str>,
    /// How long the handshake may take.
    pub patience: Duration,
}

/// What is verified of a server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verify {
    /// Nothing: anybody may answer.
    Nothing,
    /// That an authority has signed it.
    Authority,
    /// That, and that it is for this server's name.
    Full,
}

/// Who answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    /// Its certificate in DER; empty where it showed none.
    pub certificate: Vec<u8>,
}

/// Why a stream does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SocketError {
    /// No stream could be opened; the system's name for the reason, as `ECONNREFUSED`.
    NotReached(String),
    /// It took too long.
    TimedOut,
    /// The server's certificate is not accepted; why.
    Certificate(String),
    /// TLS could not begin for another reason.
    Tls(String),
    /// It broke off; the system's name for the reason, as `ECONNRESET`.
    Broken(String),
}

impl std::fmt::Display for SocketError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SocketError::NotReached(reason) => write!(f, "it cannot be reached ({reason})"),
            SocketError::TimedOut => f.write_str("it did not answer in time"),
            SocketError::Certificate(reason) => write!(f, "its certificate is not accepted ({reason})"),
            SocketError::Tls(reason) => write!(f, "TLS cannot begin ({reason})"),
            SocketError::Broken(reason) => write!(f, "the connection broke ({reason})"),
        }
    }
}
