//! What a server says, as far as a migrator needs it, read from bytes that
//! anybody may have sent: nothing is kept that is not wanted, and nothing may
//! be larger than it has reason to be.

use bytes::{Buf, BytesMut};
use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::{
    COPY_DATA_TAG, DATA_ROW_TAG, ErrorFields, Header, Message as Wire, NOTIFICATION_RESPONSE_TAG,
};

/// The longest message that is kept, in bytes. Errors and notices are texts.
const LONGEST: usize = 4 << 20;
/// The longest row that is kept, in bytes.
const LONGEST_ROW: usize = 16 << 20;
/// The header of a message: its tag and its length.
const HEADER: usize = 5;

/// Whether a transaction is open, from ReadyForQuery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// No transaction.
    Idle,
    /// In a transaction.
    Open,
    /// In a transaction that has failed: only its end is accepted.
    Failed,
}

/// What the server asks for before it lets us in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// Nothing more.
    Ok,
    /// The password as it is.
    Cleartext,
    /// The password hashed with this salt.
    Md5([u8; 4]),
    /// One of these mechanisms.
    Sasl(Vec<String>),
    /// The next step of the mechanism.
    SaslContinue(Vec<u8>),
    /// Its last step.
    SaslFinal(Vec<u8>),
    /// A way that is not spoken here.
    Other(&'static str),
}

/// One message of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// What it asks for before it lets us in.
    Authentication(Authentication),
    /// A setting that it tells of.
    Parameter(String, String),
    /// The process that serves us, and the secret that cancels what it does.
    Key(i32, i32),
    /// It waits for us.
    Ready(Status),
    /// A statement is done; its tag, as `CREATE TABLE`.
    Complete(String),
    /// There was no statement.
    Empty,
    /// A row in text; None for NULL.
    Row(Vec<Option<String>>),
    /// Something went wrong.
    Error(Box<ServerError>),
    /// Something worth saying.
    Notice(Box<ServerError>),
    /// It wants data for `COPY … FROM STDIN`.
    CopyIn,
    /// A step that needs no answer.
    Other,
}

/// An error or a notice, with the fields that tell a person what to do
/// (PostgreSQL manual, "Error and Notice Message Fields").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerError {
    /// `ERROR`, `FATAL`, `NOTICE`…, never translated.
    pub severity: String,
    /// The SQLSTATE.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// More of it.
    pub detail: Option<String>,
    /// What might help.
    pub hint: Option<String>,
    /// Where in the query, in code points from 1.
    pub position: Option<u32>,
    /// Where in the inner query, in code points from 1.
    pub internal_position: Option<u32>,
    /// The inner query, of a function.
    pub internal_query: Option<String>,
    /// The calls that led there, the innermost first.
    pub context: Option<String>,
    /// The table that it is about.
    pub table: Option<String>,
    /// The constraint that it is about.
    pub constraint: Option<String>,
}

impl ServerError {
    /// Whether the connection is over with it.
    pub fn is_fatal(&self) -> bool {
        matches!(self.severity.as_str(), "FATAL" | "PANIC")
    }
}

impl std::fmt::Display for ServerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

/// Bytes on their way to become messages.
#[derive(Default)]
pub struct Incoming {
    bytes: BytesMut,
    /// What is left to come of a message that nobody wants.
    skipping: usize,
}

impl Incoming {
    /// More bytes have come.
    pub fn push(&mut self, bytes: &[u8]) {
        let skipped = self.skipping.min(bytes.len());
        self.skipping -= skipped;
        self.bytes.extend_from_slice(&bytes[skipped..]);
    }

    /// Whether bytes wait here.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.skipping == 0
    }

    /// The next whole message, if it has come. Rows are skipped unless they are
    /// wanted. An error says what is wrong with the bytes; nothing more can be read then.
    pub fn next(&mut self, wants_rows: bool) -> Result<Option<Message>, String> {
        loop {
            let Some(header) = Header::parse(&self.bytes).map_err(|error| error.to_string())? else { return Ok(None) };
            let length = header.len() as usize + 1;
            let is_row = header.tag() == DATA_ROW_TAG;
            if matches!(header.tag(), COPY_DATA_TAG | NOTIFICATION_RESPONSE_TAG) || (is_row && !wants_rows) {
                let here = length.min(self.bytes.len());
                self.bytes.advance(here);
                self.skipping = length - here;
                continue;
            }
            let most = if is_row { LONGEST_ROW } else { LONGEST };
            if length > most + HEADER {
                return Err(format!("a message of {length} bytes, more than the {most} it may have"));
            }
            return match Wire::parse(&mut self.bytes) {
                Ok(Some(message)) => read(message).map(Some).map_err(|error| error.to_string()),
                Ok(None) => Ok(None),
                Err(error) => Err(error.to_string()),
            };
        }
    }
}

fn read(message: Wire) -> std::io::Result<Message> {
    let text = |bytes: &str| bytes.to_owned();
    Ok(match message {
        Wire::AuthenticationOk => Message::Authentication(Authentication::Ok),
        Wire::AuthenticationCleartextPassword => Message::Authentication(Authentication::Cleartext),
        Wire::AuthenticationMd5Password(body) => Message::Authentication(Authentication::Md5(body.salt())),
        Wire::AuthenticationSasl(body) => {
            let names = body.mechanisms().map(|name| Ok(name.to_owned())).collect()?;
            Message::Authentication(Authentication::Sasl(names))
        }
        Wire::AuthenticationSaslContinue(body) => {
            Message::Authentication(Authentication::SaslContinue(body.data().to_vec()))
        }
        Wire::AuthenticationSaslFinal(body) => Message::Authentication(Authentication::SaslFinal(body.data().to_vec())),
        Wire::AuthenticationGss | Wire::AuthenticationGssContinue(_) => {
            Message::Authentication(Authentication::Other("GSSAPI"))
        }
        Wire::AuthenticationSspi => Message::Authentication(Authentication::Other("SSPI")),
        Wire::AuthenticationKerberosV5 => Message::Authentication(Authentication::Other("Kerberos 5")),
        Wire::AuthenticationScmCredential => Message::Authentication(Authentication::Other("SCM credentials")),
        Wire::BackendKeyData(body) => Message::Key(body.process_id(), body.secret_key()),
        Wire::ParameterStatus(body) => Message::Parameter(text(body.name()?), text(body.value()?)),
        Wire::ReadyForQuery(body) => Message::Ready(match body.status() {
            b'T' => Status::Open,
            b'E' => Status::Failed,
            _ => Status::Idle,
        }),
        Wire::CommandComplete(body) => Message::Complete(text(body.tag()?)),
        Wire::EmptyQueryResponse => Message::Empty,
        Wire::DataRow(body) => {
            let buffer = body.buffer();
            let value = |range: Option<std::ops::Range<usize>>| {
                Ok(range.map(|range| String::from_utf8_lossy(&buffer[range]).into_owned()))
            };
            Message::Row(body.ranges().map(value).collect()?)
        }
        Wire::ErrorResponse(body) => Message::Error(Box::new(fields(body.fields())?)),
        Wire::NoticeResponse(body) => Message::Notice(Box::new(fields(body.fields())?)),
        Wire::CopyInResponse(_) => Message::CopyIn,
        _ => Message::Other,
    })
}

fn fields(mut fields: ErrorFields<'_>) -> std::io::Result<ServerError> {
    let mut error = ServerError::default();
    while let Some(field) = fields.next()? {
        // Before it has begun to serve us, a server may speak in any encoding.
        let value = String::from_utf8_lossy(field.value_bytes()).into_owned();
        match field.type_() {
            b'V' => error.severity = value,
            b'S' if error.severity.is_empty() => error.severity = value,
            b'C' => error.code = value,
            b'M' => error.message = value,
            b'D' => error.detail = Some(value),
            b'H' => error.hint = Some(value),
            b'P' => error.position = value.parse().ok(),
            b'p' => error.internal_position = value.parse().ok(),
            b'q' => error.internal_query = Some(value),
            b'W' => error.context = Some(value),
            b't' => error.table = Some(value),
            b'n' => error.constraint = Some(value),
            _ => {}
        }
    }
    Ok(error)
}

#[cfg(test)]
mod tests;
