//! The port's streams on Node: what `js-shim/socket.mjs` offers.

use std::cell::RefCell;
use std::time::Duration;

use js_sys::{JsString, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::Task;
use super::node::{Node, Shim, cause, error_code};
use super::socket::{Endpoint, Network, Peer, Socket, SocketError, Tls, Verify};

#[wasm_bindgen]
extern "C" {
    /// The same module as [`Shim`], seen as what this file needs of it.
    type Streams;
    #[wasm_bindgen(method, catch, js_name = connectSocket)]
    async fn connect_socket(
        this: &Streams,
        host: &str,
        port: u16,
        path: Option<&str>,
        milliseconds: f64,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = deriveKey)]
    async fn derive_key(this: &Streams, password: &[u8], salt: &[u8], iterations: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, js_name = normalizedText)]
    fn normalized_text(this: &Streams, text: &str) -> JsString;

    type Stream;
    #[wasm_bindgen(method)]
    fn read(this: &Stream) -> Promise;
    #[wasm_bindgen(method)]
    fn write(this: &Stream, bytes: &[u8]) -> Promise;
    #[wasm_bindgen(method, catch, js_name = startTls)]
    async fn start_tls(
        this: &Stream,
        server_name: &str,
        authorities: Option<&str>,
        verify: &str,
        protocol: Option<&str>,
        milliseconds: f64,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method)]
    fn close(this: &Stream);
}

fn streams(shim: &Shim) -> &Streams {
    shim.unchecked_ref()
}

impl Network for Node {
    fn connect<'a>(
        &'a self,
        endpoint: &'a Endpoint,
        patience: Duration,
    ) -> Task<'a, Result<Box<dyn Socket>, SocketError>> {
        let (host, port, path) = match endpoint {
            Endpoint::Tcp(host, port) => (host.as_str(), *port, None),
            Endpoint::Unix(path) => ("", 0, Some(path.as_str())),
        };
        Box::pin(async move {
            let opened = streams(&self.shim).connect_socket(host, port, path, patience.as_millis() as f64).await;
            let stream = opened.map_err(|error| match error_code(&error).as_str() {
                "LATE" => SocketError::TimedOut,
                code => SocketError::NotReached(code.to_owned()),
            })?;
            Ok(Box::new(NodeSocket { stream: stream.unchecked_into(), asked: RefCell::new(None) }) as Box<dyn Socket>)
        })
    }

    fn derive_key<'a>(&'a self, password: &'a [u8], salt: &'a [u8], iterations: u32) -> Task<'a, [u8; 32]> {
        Box::pin(async move {
            let mut key = [0; 32];
            match streams(&self.shim).derive_key(password, salt, iterations).await {
                Ok(derived) => Uint8Array::from(derived).copy_to(&mut key),
                Err(error) => panic!("node:crypto refuses: {}", cause(&error)),
            }
            key
        })
    }

    fn normalized(&self, text: &str) -> String {
        streams(&self.shim).normalized_text(text).into()
    }
}

/// A stream. What was asked for and not yet waited for to the end is kept, or
/// the piece that answers it would be lost.
struct NodeSocket {
    stream: Stream,
    asked: RefCell<Option<Promise>>,
}

impl Socket for NodeSocket {
    fn read(&self) -> Task<'_, Result<Vec<u8>, SocketError>> {
        Box::pin(async {
            let asked = self.asked.borrow_mut().get_or_insert_with(|| self.stream.read()).clone();
            let piece = JsFuture::from(asked).await;
            *self.asked.borrow_mut() = None;
            match piece {
                Ok(piece) if piece.is_undefined() => Ok(Vec::new()),
                Ok(piece) => Ok(Uint8Array::from(piece).to_vec()),
                Err(error) => Err(SocketError::Broken(error_code(&error))),
            }
        })
    }

    fn write<'a>(&'a self, bytes: &'a [u8]) -> Task<'a, Result<(), SocketError>> {
        // Handed over at once: the shim copies before it waits.
        let written = self.stream.write(bytes);
        Box::pin(async {
            let written = JsFuture::from(written).await;
            written.map(|_| ()).map_err(|error| SocketError::Broken(error_code(&error)))
        })
    }

    fn start_tls<'a>(&'a self, tls: &'a Tls) -> Task<'a, Result<Peer, SocketError>> {
        let verify = match tls.verify {
            Verify::Nothing => "nothing",
            Verify::Authority => "authority",
            Verify::Full => "full",
        };
        Box::pin(async move {
            let patience = tls.patience.as_millis() as f64;
            let secure =
                self.stream.start_tls(&tls.server_name, tls.authorities.as_deref(), verify, tls.protocol, patience);
            let certificate = secure.await.map_err(|error| tls_error(&error))?;
            Ok(Peer { certificate: Uint8Array::from(certificate).to_vec() })
        })
    }
}

impl Drop for NodeSocket {
    fn drop(&mut self) {
        self.stream.close();
    }
}

/// OpenSSL's names of what is wrong with a certificate, as Node passes them on;
/// all others are the handshake's or the network's.
fn tls_error(error: &JsValue) -> SocketError {
    const PARTS: [&str; 6] = ["CERT", "ISSUER", "SIGNATURE", "CRL", "PATH_LENGTH", "INVALID_CA"];
    let code = error_code(error);
    match code.as_str() {
        "LATE" => SocketError::TimedOut,
        "ECONNRESET" | "EPIPE" | "ETIMEDOUT" => SocketError::Broken(code),
        "EARLY" => SocketError::Tls("bytes came before it".to_owned()),
        _ if PARTS.iter().any(|part| code.contains(part)) => {
            SocketError::Certificate(format!("{code}: {}", cause(error)))
        }
        _ => SocketError::Tls(format!("{code}: {}", cause(error))),
    }
}
