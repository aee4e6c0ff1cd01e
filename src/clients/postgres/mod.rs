//! Postgres over its own protocol, version 3: what a migrator needs of it.
//!
//! Frames are made and taken apart by `postgres-protocol`. What that crate does
//! in other ways than we want is done here: the password's exchange (its PBKDF2
//! is the host's, its random numbers too), limits on all that comes, the
//! transaction's status and the tags of statements, `COPY` answered.

pub mod batch;
mod certificate;
pub mod error;
pub mod message;
mod saslprep;
mod scram;
mod startup;
pub mod target;

use std::time::Duration;

use bytes::BytesMut;
use futures_util::future::{Either, select};
use postgres_protocol::message::frontend;

use crate::host::Host;
use crate::host::socket::SocketError;
use batch::{Answer, Batch};
use error::{ConnectError, Lost};
use message::{Message, ServerError, Status};
use startup::Session;
use target::{Server, Target};

/// How many notices are kept between two looks at them.
const MOST_NOTICES: usize = 200;

/// A connection that waits for statements. Dropped, it is closed.
pub struct Connection<'h> {
    host: &'h dyn Host,
    target: &'h Target,
    server: Server,
    session: Session,
    notices: Vec<ServerError>,
    unkept_notices: usize,
}

impl<'h> Connection<'h> {
    /// Connects to the first server of the target that lets us in; the last
    /// one's error where none does. No attempt is repeated here.
    pub async fn open(host: &'h dyn Host, target: &'h Target) -> Result<Connection<'h>, ConnectError> {
        let mut last = ConnectError::Protocol("the URL names no server".to_owned());
        for server in &target.servers {
            match startup::start(host, target, server).await {
                Ok(session) => {
                    let server = server.clone();
                    return Ok(Connection { host, target, server, session, notices: Vec::new(), unkept_notices: 0 });
                }
                Err(error @ ConnectError::Socket(_)) => last = error,
                // A server that answers has answered: as libpq, the next one is not asked.
                Err(error) if !error.may_pass() => return Err(error),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// The server's process, as it says; a pooler or a proxy makes one up.
    pub fn process(&self) -> Option<i32> {
        self.session.key.map(|(process, _)| process)
    }

    /// The server's version, as `15.18 (Debian …)`.
    pub fn version(&self) -> &str {
        &self.session.version
    }

    /// Whether a transaction is open.
    pub fn status(&self) -> Status {
        self.session.status
    }

    /// Whether the connection speaks TLS.
    pub fn is_encrypted(&self) -> bool {
        self.session.is_encrypted
    }

    /// Sends a batch and reads all its answers. What the server refuses stands
    /// in them; an error here means that nothing more can be known on this connection.
    pub async fn send(&mut self, batch: &Batch, wants_rows: bool) -> Result<Vec<Answer>, Lost> {
        self.send_watched(batch, wants_rows, &mut |_| {}).await
    }

    /// As [`Connection::send`]; `watch` sees the answers that are whole, as they come.
    pub async fn send_watched(
        &mut self,
        batch: &Batch,
        wants_rows: bool,
        watch: &mut dyn FnMut(&[Answer]),
    ) -> Result<Vec<Answer>, Lost> {
        let bytes = batch.bytes().map_err(|reason| Lost::Unsendable(reason.to_owned()))?;
        let mut answers = batch.answers();
        let Session { socket, incoming, status, .. } = &mut self.session;
        // The server answers while we still write, and would wait for us for
        // ever if we did not read.
        let mut writing = Some(socket.write(bytes));
        let mut fatal: Option<Box<ServerError>> = None;
        while !answers.are_complete() {
            match incoming.next(wants_rows).map_err(Lost::Protocol)? {
                None => {
                    let reading = socket.read();
                    let piece = match writing.take() {
                        None => reading.await,
                        Some(write) => match select(write, reading).await {
                            Either::Left((written, _)) => {
                                written.map_err(Lost::Socket)?;
                                continue;
                            }
                            Either::Right((piece, write)) => {
                                writing = Some(write);
                                piece
                            }
                        },
                    };
                    match (piece, fatal.take()) {
                        (Ok(piece), kept) if !piece.is_empty() => {
                            incoming.push(&piece);
                            fatal = kept;
                        }
                        (_, Some(error)) => return Err(Lost::Server(error)),
                        (Ok(_), None) => return Err(Lost::Socket(startup::ended())),
                        (Err(error), None) => return Err(Lost::Socket(error)),
                    }
                }
                Some(Message::Notice(notice)) => {
                    if self.notices.len() < MOST_NOTICES {
                        self.notices.push(*notice);
                    } else {
                        self.unkept_notices += 1;
                    }
                }
                Some(Message::Error(error)) if error.is_fatal() => fatal = Some(error),
                Some(Message::CopyIn) => {
                    let mut refusal = BytesMut::new();
                    frontend::copy_fail("a migration has no data to copy: write INSERT", &mut refusal)
                        .map_err(|error| Lost::Protocol(error.to_string()))?;
                    if let Some(writing) = writing.take() {
                        writing.await.map_err(Lost::Socket)?;
                    }
                    socket.write(&refusal).await.map_err(Lost::Socket)?;
                }
                Some(message) => {
                    if let Message::Ready(now) = message {
                        *status = now;
                    }
                    answers.take(message).map_err(|what| Lost::Protocol(what.to_owned()))?;
                    watch(answers.so_far());
                }
            }
        }
        Ok(answers.finish())
    }

    /// One query, alone.
    pub async fn query(&mut self, text: &str) -> Result<Answer, Lost> {
        let answers = self.send(&Batch::new().query(text), true).await?;
        Ok(answers.into_iter().next().unwrap_or_default())
    }

    /// One statement with parameters, alone.
    pub async fn execute(&mut self, statement: &str, parameters: &[Option<&str>]) -> Result<Answer, Lost> {
        let answers = self.send(&Batch::new().step(statement, parameters).sync(), true).await?;
        Ok(answers.into_iter().next().unwrap_or_default())
    }

    /// What the server said beside its answers, since the last look; and how
    /// many more were not kept.
    pub fn take_notices(&mut self) -> (Vec<ServerError>, usize) {
        (std::mem::take(&mut self.notices), std::mem::take(&mut self.unkept_notices))
    }

    /// What asks the server to cancel what it does for this connection.
    pub fn canceller(&self) -> Canceller<'h> {
        Canceller { host: self.host, target: self.target, server: self.server.clone(), key: self.session.key }
    }

    /// Says goodbye.
    pub async fn close(self) {
        let mut bytes = BytesMut::new();
        frontend::terminate(&mut bytes);
        // Whether it arrives or not, the stream ends now.
        let _ = self.session.socket.write(&bytes).await;
    }
}

/// Cancels from beside a connection that is busy.
pub struct Canceller<'h> {
    host: &'h dyn Host,
    target: &'h Target,
    server: Server,
    key: Option<(i32, i32)>,
}

impl Canceller<'_> {
    /// Asks for it. Whether it helps shows only on the connection itself.
    pub async fn cancel(&self, patience: Duration) -> Result<(), ConnectError> {
        let Some((process, secret)) = self.key else { return Ok(()) };
        let mut bytes = BytesMut::new();
        frontend::cancel_request(process, secret, &mut bytes);
        let sending = async {
            let (socket, _) = startup::open(self.host, self.target, &self.server).await?;
            socket.write(&bytes).await.map_err(ConnectError::Socket)?;
            // The server closes when it has passed the request on.
            let _ = socket.read().await;
            Ok(())
        };
        match select(Box::pin(sending), self.host.sleep(patience)).await {
            Either::Left((sent, _)) => sent,
            Either::Right(_) => Err(ConnectError::Socket(SocketError::TimedOut)),
        }
    }
}

#[cfg(test)]
mod tests;
