//! From nothing to a server that waits for the first statement: TLS, the
//! password, the server's greeting (PostgreSQL manual, "Message Flow").

use bytes::BytesMut;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::message::frontend;

use super::certificate::end_point_hash;
use super::error::ConnectError;
use super::message::{Authentication, Incoming, Message, Status};
use super::saslprep::prepared;
use super::scram::{Answer, Binding, Scram};
use super::target::{BindingRule, Encryption, Server, Target};
use crate::host::Host;
use crate::host::socket::{Peer, Socket, SocketError, Tls};

/// A stream on which the server waits for us.
pub struct Session {
    /// The stream.
    pub socket: Box<dyn Socket>,
    /// What came and was not read yet.
    pub incoming: Incoming,
    /// The server's process and the secret that cancels what it does; poolers make them up.
    pub key: Option<(i32, i32)>,
    /// Whether a transaction is open.
    pub status: Status,
    /// The server's version, as `15.18`; empty where it does not say.
    pub version: String,
    /// Whether TLS is spoken.
    pub is_encrypted: bool,
    /// What the server said beside.
    pub notices: Vec<String>,
}

/// Opens a stream to a server and turns it to TLS as decided. Gives its certificate.
pub async fn open(
    host: &dyn Host,
    target: &Target,
    server: &Server,
) -> Result<(Box<dyn Socket>, Option<Peer>), ConnectError> {
    let socket = host.network().connect(&server.endpoint, target.patience).await.map_err(ConnectError::Socket)?;
    let tls = Tls {
        server_name: server.name.clone(),
        authorities: target.authorities.clone(),
        verify: server.verify,
        protocol: target.direct.then_some("postgresql"),
        patience: target.patience,
    };
    let wants_tls = match server.encryption {
        Encryption::Never => false,
        Encryption::Always if target.direct => true,
        Encryption::Always | Encryption::IfOffered => {
            let mut request = BytesMut::new();
            frontend::ssl_request(&mut request);
            socket.write(&request).await.map_err(ConnectError::Socket)?;
            match socket.read().await.map_err(ConnectError::Socket)?.as_slice() {
                b"S" => true,
                b"N" if server.encryption == Encryption::Always => return Err(ConnectError::NoTls),
                b"N" if target.production && !server.is_local => return Err(ConnectError::PlainInProduction),
                b"N" => false,
                [] => return Err(ConnectError::Socket(ended())),
                // More than one byte: somebody in between has put plain bytes in front of TLS.
                _ => return Err(ConnectError::Protocol("a strange answer to the request for TLS".to_owned())),
            }
        }
    };
    let peer = match wants_tls {
        true => Some(socket.start_tls(&tls).await.map_err(ConnectError::Socket)?),
        false => None,
    };
    Ok((socket, peer))
}

/// The end of a stream that should have gone on.
pub fn ended() -> SocketError {
    SocketError::Broken("END".to_owned())
}

/// Connects to a server, as far as its greeting.
pub async fn start(host: &dyn Host, target: &Target, server: &Server) -> Result<Session, ConnectError> {
    let (socket, peer) = open(host, target, server).await?;
    let mut start = Start {
        host,
        target,
        server,
        session: Session {
            socket,
            incoming: Incoming::default(),
            key: None,
            status: Status::Idle,
            version: String::new(),
            is_encrypted: peer.is_some(),
            notices: Vec::new(),
        },
        peer,
    };
    start.greet().await?;
    start.authenticate().await?;
    start.wait().await?;
    Ok(start.session)
}

struct Start<'a> {
    host: &'a dyn Host,
    target: &'a Target,
    server: &'a Server,
    session: Session,
    peer: Option<Peer>,
}

fn unsendable(error: std::io::Error) -> ConnectError {
    ConnectError::Protocol(error.to_string())
}

impl Start<'_> {
    /// Who we are. What Neon and poolers would refuse is set by statements later.
    async fn greet(&mut self) -> Result<(), ConnectError> {
        let target = self.target;
        let mut parameters = vec![
            ("user", target.user.as_str()),
            ("database", target.database.as_str()),
            ("client_encoding", "UTF8"),
            ("application_name", target.application.as_str()),
        ];
        if let Some(options) = &target.options {
            parameters.push(("options", options));
        }
        let mut bytes = BytesMut::new();
        frontend::startup_message(parameters, &mut bytes).map_err(unsendable)?;
        self.send(&bytes).await
    }

    async fn send(&self, bytes: &[u8]) -> Result<(), ConnectError> {
        self.session.socket.write(bytes).await.map_err(ConnectError::Socket)
    }

    async fn password(&self, password: &[u8]) -> Result<(), ConnectError> {
        let mut bytes = BytesMut::new();
        frontend::password_message(password, &mut bytes).map_err(unsendable)?;
        self.send(&bytes).await
    }

    /// The next message that is no notice.
    async fn next(&mut self) -> Result<Message, ConnectError> {
        loop {
            match self.session.incoming.next(false).map_err(ConnectError::Protocol)? {
                Some(Message::Error(error)) => return Err(ConnectError::Server(error)),
                Some(Message::Notice(notice)) => self.session.notices.push(notice.message),
                Some(message) => return Ok(message),
                None => {
                    let piece = self.session.socket.read();
                    let late = self.host.sleep(self.target.patience);
                    let piece = match futures_util::future::select(piece, late).await {
                        futures_util::future::Either::Left((piece, _)) => piece.map_err(ConnectError::Socket)?,
                        futures_util::future::Either::Right(_) => {
                            return Err(ConnectError::Socket(SocketError::TimedOut));
                        }
                    };
                    if piece.is_empty() {
                        return Err(ConnectError::Socket(ended()));
                    }
                    self.session.incoming.push(&piece);
                }
            }
        }
    }

    async fn authentication(&mut self) -> Result<Authentication, ConnectError> {
        match self.next().await? {
            Message::Authentication(asked) => Ok(asked),
            _ => Err(ConnectError::Protocol("something else while it should let us in".to_owned())),
        }
    }

    async fn authenticate(&mut self) -> Result<(), ConnectError> {
        let is_bound = match self.authentication().await? {
            Authentication::Ok => return self.unbound(),
            Authentication::Sasl(mechanisms) => self.sasl(&mechanisms).await?,
            Authentication::Cleartext => {
                self.unbound()?;
                let password = self.plain_password("as it is")?;
                self.password(&password).await?;
                false
            }
            Authentication::Md5(salt) => {
                self.unbound()?;
                let password = self.plain_password("hashed with MD5")?;
                let hash = md5_hash(self.target.user.as_bytes(), &password, salt);
                self.password(hash.as_bytes()).await?;
                false
            }
            Authentication::Other(method) => {
                return Err(ConnectError::Method(format!("it wants {method}, which is not spoken here")));
            }
            Authentication::SaslContinue(_) | Authentication::SaslFinal(_) => {
                return Err(ConnectError::Protocol("the end of an exchange that has not begun".to_owned()));
            }
        };
        if !is_bound {
            self.unbound()?;
        }
        match self.authentication().await? {
            Authentication::Ok => Ok(()),
            _ => Err(ConnectError::Protocol("a second question for the password".to_owned())),
        }
    }

    /// Lets us in without a binding, unless one is wanted.
    fn unbound(&self) -> Result<(), ConnectError> {
        match self.target.binding {
            BindingRule::Always => Err(ConnectError::NoBinding("the server lets in without it")),
            _ => Ok(()),
        }
    }

    fn secret(&self) -> Result<&str, ConnectError> {
        self.target.password.as_ref().map(|password| password.expose()).ok_or(ConnectError::NoPassword)
    }

    /// The password, for a way that whoever listens could use again.
    fn plain_password(&self, how: &str) -> Result<Vec<u8>, ConnectError> {
        if self.peer.is_none() && !self.server.is_local {
            return Err(ConnectError::Method(format!(
                "it wants the password {how} over a connection without TLS, where anybody could listen"
            )));
        }
        Ok(self.secret()?.as_bytes().to_vec())
    }

    /// Whether the exchange was bound.
    async fn sasl(&mut self, mechanisms: &[String]) -> Result<bool, ConnectError> {
        let binding = self.binding(mechanisms)?;
        let is_bound = matches!(binding, Binding::ServerEndPoint(_));
        let mechanism = binding.mechanism();
        if !mechanisms.iter().any(|offered| offered == mechanism) {
            return Err(ConnectError::Method(format!(
                "it offers none of the ways to prove the password that are spoken here, but `{}`",
                mechanisms.join("`, `")
            )));
        }
        let password = prepared(self.secret()?, |text| self.host.network().normalized(text));
        let scram = Scram::new(binding, self.host.random());
        let mut bytes = BytesMut::new();
        frontend::sasl_initial_response(mechanism, scram.first_message().as_bytes(), &mut bytes).map_err(unsendable)?;
        self.send(&bytes).await?;
        let wrong = |what: &str| ConnectError::Protocol(what.to_owned());
        let Authentication::SaslContinue(challenge) = self.authentication().await? else {
            return Err(wrong("no challenge"));
        };
        let challenge = scram.challenge(&challenge).map_err(wrong)?;
        let key = self.host.network().derive_key(password.as_bytes(), &challenge.salt, challenge.iterations).await;
        let answer: Answer = challenge.answer(&key);
        let mut bytes = BytesMut::new();
        frontend::sasl_response(answer.message.as_bytes(), &mut bytes).map_err(unsendable)?;
        self.send(&bytes).await?;
        let Authentication::SaslFinal(last) = self.authentication().await? else {
            return Err(wrong("no proof that it knows the password"));
        };
        answer.verify(&last).map_err(wrong)?;
        Ok(is_bound)
    }

    /// What the exchange is bound to, by what is wanted and what is offered.
    fn binding(&self, mechanisms: &[String]) -> Result<Binding, ConnectError> {
        let is_needed = self.target.binding == BindingRule::Always;
        let refuse = |reason| if is_needed { Err(ConnectError::NoBinding(reason)) } else { Ok(()) };
        if self.target.binding == BindingRule::Never {
            return Ok(Binding::None);
        }
        let Some(peer) = &self.peer else {
            refuse("the connection does not speak TLS")?;
            return Ok(Binding::None);
        };
        if !mechanisms.iter().any(|offered| offered == "SCRAM-SHA-256-PLUS") {
            refuse("the server does not offer SCRAM-SHA-256-PLUS")?;
            return Ok(Binding::NotOffered);
        }
        match end_point_hash(&peer.certificate) {
            Some(hash) => Ok(Binding::ServerEndPoint(hash)),
            None => {
                refuse("the signature of the server's certificate has no hash function to bind by")?;
                Ok(Binding::None)
            }
        }
    }

    /// The server's greeting.
    async fn wait(&mut self) -> Result<(), ConnectError> {
        loop {
            match self.next().await? {
                Message::Ready(status) => {
                    self.session.status = status;
                    return Ok(());
                }
                Message::Key(process, secret) => self.session.key = Some((process, secret)),
                Message::Parameter(name, value) if name == "server_version" => self.session.version = value,
                _ => {}
            }
        }
    }
}
