//! SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677, RFC 5929), as
//! Postgres speaks them. The slow step in the middle, PBKDF2, is the caller's:
//! [`Scram::challenge`] says what is to be derived, [`Challenge::answer`] takes it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// The most iterations that a server may ask for. It could keep us busy for
/// ever otherwise; Postgres's own default is 4,096.
pub const MOST_ITERATIONS: u32 = 1_000_000;

/// How the exchange is bound to the TLS connection that it goes over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// We could not bind to anything: no TLS, or not wanted.
    None,
    /// We could, and the server does not offer it. If it does and somebody in
    /// between has hidden that, it will notice.
    NotOffered,
    /// To the hash of the server's certificate.
    ServerEndPoint(Vec<u8>),
}

impl Binding {
    /// The name of the mechanism.
    pub fn mechanism(&self) -> &'static str {
        match self {
            Binding::ServerEndPoint(_) => "SCRAM-SHA-256-PLUS",
            Binding::None | Binding::NotOffered => "SCRAM-SHA-256",
        }
    }

    fn header(&self) -> &'static str {
        match self {
            Binding::None => "n,,",
            Binding::NotOffered => "y,,",
            Binding::ServerEndPoint(_) => "p=tls-server-end-point,,",
        }
    }
}

/// The exchange, as far as our first message.
pub struct Scram {
    binding: Binding,
    nonce: String,
}

/// What the server asks for.
#[derive(Debug)]
pub struct Challenge {
    /// The salt of the password's key.
    pub salt: Vec<u8>,
    /// The iterations of the password's key.
    pub iterations: u32,
    /// Our last message, but for its proof.
    without_proof: String,
    /// What all of us have said.
    conversation: String,
}

/// Our last message, and what the server has to answer it.
#[derive(Debug)]
pub struct Answer {
    /// The message.
    pub message: String,
    signature: [u8; 32],
}

impl Scram {
    /// An exchange with random bytes that were never used before.
    pub fn new(binding: Binding, random: [u8; 16]) -> Scram {
        Scram { binding, nonce: STANDARD.encode(random) }
    }

    /// The first message. The user was named at the start of the connection.
    pub fn first_message(&self) -> String {
        format!("{}n=,r={}", self.binding.header(), self.nonce)
    }

    /// Reads the server's challenge. An error says what is wrong with it.
    pub fn challenge(&self, challenge: &[u8]) -> Result<Challenge, &'static str> {
        let text = std::str::from_utf8(challenge).map_err(|_| "a challenge that is no text")?;
        let mut parts = text.split(',');
        let nonce = parts.next().and_then(|part| part.strip_prefix("r=")).ok_or("a challenge without a nonce")?;
        if !nonce.starts_with(&self.nonce) || nonce.len() == self.nonce.len() {
            return Err("a challenge whose nonce does not go on from ours");
        }
        let salt = parts.next().and_then(|part| part.strip_prefix("s=")).ok_or("a challenge without a salt")?;
        let salt = STANDARD.decode(salt).map_err(|_| "a challenge whose salt is no base64")?;
        let iterations = parts.next().and_then(|part| part.strip_prefix("i=")).and_then(|text| text.parse().ok());
        let iterations = iterations.filter(|count| (1..=MOST_ITERATIONS).contains(count));
        let iterations = iterations.ok_or("a challenge without a sensible count of iterations")?;
        let mut bound = self.binding.header().as_bytes().to_vec();
        if let Binding::ServerEndPoint(hash) = &self.binding {
            bound.extend(hash);
        }
        let without_proof = format!("c={},r={nonce}", STANDARD.encode(bound));
        let conversation = format!("n=,r={},{text},{without_proof}", self.nonce);
        Ok(Challenge { salt, iterations, without_proof, conversation })
    }
}

impl Challenge {
    /// Our last message, from the key derived of the password.
    pub fn answer(&self, key: &[u8; 32]) -> Answer {
        let client_key = mac(key, b"Client Key");
        let stored_key: [u8; 32] = Sha256::digest(client_key).into();
        let mut proof = mac(&stored_key, self.conversation.as_bytes());
        proof.iter_mut().zip(client_key).for_each(|(byte, key)| *byte ^= key);
        let server_key = mac(key, b"Server Key");
        Answer {
            message: format!("{},p={}", self.without_proof, STANDARD.encode(proof)),
            signature: mac(&server_key, self.conversation.as_bytes()),
        }
    }
}

impl Answer {
    /// Checks the server's last message: only who knows the password's key can
    /// make it. An error says what is wrong with it.
    pub fn verify(&self, last: &[u8]) -> Result<(), &'static str> {
        let text = std::str::from_utf8(last).map_err(|_| "a last message that is no text")?;
        let first = text.split(',').next().unwrap_or_default();
        let signature = first.strip_prefix("v=").ok_or("a last message without a signature")?;
        let signature = STANDARD.decode(signature).map_err(|_| "a last message whose signature is no base64")?;
        // Nobody learns anything from how long this takes: the connection is over either way.
        match signature == self.signature {
            true => Ok(()),
            false => Err("a last message that only somebody who does not know the password would make"),
        }
    }
}

fn mac(key: &[u8; 32], text: &[u8]) -> [u8; 32] {
    // A key may have any length, so this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    mac.update(text);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> [u8; 32] {
        [7; 32]
    }

    /// What a server that holds the same key says, for any client message.
    fn server(scram: &Scram, iterations: &str) -> (Vec<u8>, String) {
        let challenge = format!("r={}server,s={},i={iterations}", scram.nonce, STANDARD.encode(b"salt"));
        (challenge.clone().into_bytes(), challenge)
    }

    #[test]
    fn the_exchange_binds_and_proves() {
        for (binding, first, bound) in [
            (Binding::None, "n,,n=,r=AQEBAQEBAQEBAQEBAQEBAQ==", "biws"),
            (Binding::NotOffered, "y,,n=,r=AQEBAQEBAQEBAQEBAQEBAQ==", "eSws"),
            (
                Binding::ServerEndPoint(vec![1, 2]),
                "p=tls-server-end-point,,n=,r=AQEBAQEBAQEBAQEBAQEBAQ==",
                "cD10bHMtc2VydmVyLWVuZC1wb2ludCwsAQI=",
            ),
        ] {
            let scram = Scram::new(binding, [1; 16]);
            assert_eq!(scram.first_message(), first);
            let challenge = scram.challenge(&server(&scram, "4096").0).unwrap();
            assert_eq!((challenge.salt.as_slice(), challenge.iterations), (&b"salt"[..], 4096));
            let answer = challenge.answer(&key());
            assert!(answer.message.starts_with(&format!("c={bound},r={}server,p=", scram.nonce)), "{}", answer.message);
            let last = format!("v={}", STANDARD.encode(answer.signature));
            assert_eq!(answer.verify(last.as_bytes()), Ok(()));
            assert!(answer.verify(b"v=AAAA").is_err());
            assert!(answer.verify(b"e=other-error").is_err());
        }
    }

    #[test]
    fn a_server_that_does_not_play_along_is_refused() {
        let scram = Scram::new(Binding::None, [1; 16]);
        let nonce = &scram.nonce;
        for challenge in [
            "".to_owned(),
            "r=other,s=c2FsdA==,i=1".to_owned(),
            format!("r={nonce},s=c2FsdA==,i=1"),
            format!("r={nonce}x,s=***,i=1"),
            format!("r={nonce}x,s=c2FsdA=="),
            format!("r={nonce}x,s=c2FsdA==,i=0"),
            format!("r={nonce}x,s=c2FsdA==,i=99999999999"),
            format!("r={nonce}x,s=c2FsdA==,i=1000001"),
        ] {
            assert!(scram.challenge(challenge.as_bytes()).is_err(), "{challenge}");
        }
        assert!(scram.challenge(b"\xff").is_err());
    }

    /// RFC 7677, section 3, with its key and its conversation.
    #[test]
    fn the_example_of_the_specification_holds() {
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let key = crate::host::fake::Fake::new();
        use crate::host::socket::Network;
        let key = crate::host::fake::block_on(key.derive_key(b"pencil", &salt, 4096));
        let challenge = Challenge {
            salt,
            iterations: 4096,
            without_proof: "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0".to_owned(),
            conversation: "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                           s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
                .to_owned(),
        };
        let answer = challenge.answer(&key);
        assert!(answer.message.ends_with(",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
        assert_eq!(answer.verify(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), Ok(()));
    }
}
