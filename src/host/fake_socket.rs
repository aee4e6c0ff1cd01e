//! The fake's streams: what is read of them is scripted, what is written to
//! them is kept.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::ready;
use std::rc::Rc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Task;
use super::socket::{Peer, Socket, SocketError, Tls};

/// What a stream will do.
#[derive(Default)]
pub struct Scripted {
    /// What each reading gives.
    pub pieces: VecDeque<Vec<u8>>,
    /// What becomes of TLS: the server's certificate. None where it is not expected.
    pub tls: Option<Result<Vec<u8>, SocketError>>,
}

/// A stream that plays its script.
pub struct FakeSocket {
    scripted: RefCell<Scripted>,
    written: Rc<RefCell<Vec<u8>>>,
}

impl FakeSocket {
    /// A stream whose writings are added to these.
    pub fn new(scripted: Scripted, written: Rc<RefCell<Vec<u8>>>) -> FakeSocket {
        FakeSocket { scripted: RefCell::new(scripted), written }
    }
}

impl Socket for FakeSocket {
    fn read(&self) -> Task<'_, Result<Vec<u8>, SocketError>> {
        // Taken when it is waited for: giving up the wait before loses nothing.
        Box::pin(async { Ok(self.scripted.borrow_mut().pieces.pop_front().unwrap_or_default()) })
    }

    fn write<'a>(&'a self, bytes: &'a [u8]) -> Task<'a, Result<(), SocketError>> {
        self.written.borrow_mut().extend(bytes);
        Box::pin(ready(Ok(())))
    }

    fn start_tls<'a>(&'a self, tls: &'a Tls) -> Task<'a, Result<Peer, SocketError>> {
        let Some(answer) = self.scripted.borrow_mut().tls.take() else {
            panic!("the script does not hold TLS with `{}` here", tls.server_name);
        };
        Box::pin(ready(answer.map(|certificate| Peer { certificate })))
    }
}

/// PBKDF2 for tests, by the book.
pub fn derived(password: &[u8], salt: &[u8], iterations: u32) -> [u8; 32] {
    let mac = |parts: &[&[u8]]| -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(password).expect("a key of any length is taken");
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    };
    let mut last = mac(&[salt, &[0, 0, 0, 1]]);
    let mut key = last;
    for _ in 1..iterations {
        last = mac(&[&last]);
        key.iter_mut().zip(last).for_each(|(byte, other)| *byte ^= other);
    }
    key
}
