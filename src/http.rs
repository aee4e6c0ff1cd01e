//! HTTP as plain data: what a client wants sent and what came back. Sending is
//! the [`Host`](crate::host::Host)'s.

use std::time::Duration;

/// The method of a [`Request`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads; always repeatable.
    Get,
    /// Reads the headers alone; always repeatable.
    Head,
    /// Creates; repeatable only where the service says so.
    Post,
    /// Replaces as a whole.
    Put,
    /// Changes in part.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// The method as it stands on the request line.
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

/// One request. Redirects are never followed by the host: a client that wants
/// to follow one decides which headers go along.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: String,
    /// Header names (any case) and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: Body,
    /// How long to wait for the whole answer.
    pub timeout: Duration,
    /// The largest answer that is read, in bytes; a longer one is an error.
    pub limit: u64,
    /// Where the body of an answer with a status of 200 to 299 is written, instead of into the reply.
    pub save: Option<String>,
}

/// What a request carries.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// These bytes.
    Bytes(Vec<u8>),
    /// A part of a file, read while it is sent.
    File {
        /// The file.
        path: String,
        /// Its first byte that is sent.
        from: u64,
        /// How many bytes are sent.
        length: u64,
    },
}

impl Body {
    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        match self {
            Body::Bytes(bytes) => bytes.len() as u64,
            Body::File { length, .. } => *length,
        }
    }

    /// The bytes, where they are held in memory; none of a file.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Body::Bytes(bytes) => bytes,
            Body::File { .. } => &[],
        }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Body {
        Body::Bytes(bytes)
    }
}

impl std::fmt::Debug for Request {
    /// Names the request without its headers and body, which hold credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ({} body bytes)", self.method.name(), self.url, self.body.size())
    }
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body, whole.
    pub body: Vec<u8>,
    /// What was written instead, where [`Request::save`] asked for it.
    pub saved: Option<Saved>,
}

/// The body of an answer that was written into a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Its bytes.
    pub size: u64,
    /// Its SHA-256, in lower-case hex.
    pub sha256: String,
}

impl Reply {
    /// The first header of this name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Why there is no [`Reply`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendError {
    /// The request never reached the service: no address, refused, no TLS.
    NotSent(String),
    /// It may have reached the service, but no whole answer came.
    Unknown(String),
    /// The answer is longer than the request's limit.
    TooLarge,
    /// No whole answer within the request's time.
    TimedOut,
    /// The answer came, but could not be written where [`Request::save`] asked for it.
    NotSaved(String),
}
