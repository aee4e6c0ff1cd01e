//! The port on Node: what `js-shim/host.mjs` offers, in the port's own types.
//! The entry point of the module is here too. Nothing in this file decides
//! anything about the domain.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Read;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::{Either, select};
use js_sys::{Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::{
    Child, ChildEvent, Command, Entry, EntryKind, ExitStatus, FileError, Host, Piece, Platform, Signal, StartError,
    StreamError, Streamed, Task, Wanted, Writing,
};
use crate::http::{Body, Method, Reply, Request, SendError};

#[wasm_bindgen]
extern "C" {
    /// The module `js-shim/host.mjs`.
    #[derive(Clone)]
    pub type Shim;

    #[wasm_bindgen(method, js_name = programArguments)]
    fn program_arguments(this: &Shim) -> Vec<String>;
    #[wasm_bindgen(method)]
    fn environment(this: &Shim) -> Vec<u8>;
    #[wasm_bindgen(method)]
    fn platform(this: &Shim) -> String;
    #[wasm_bindgen(method)]
    fn random(this: &Shim, bytes: &mut [u8]);
    #[wasm_bindgen(method)]
    fn timer(this: &Shim, milliseconds: f64) -> Timer;
    #[wasm_bindgen(method)]
    async fn cancelled(this: &Shim) -> JsValue;
    #[wasm_bindgen(method)]
    fn print(this: &Shim, bytes: &[u8]);
    #[wasm_bindgen(method, catch)]
    fn open(this: &Shim, path: &str) -> Result<i32, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn read(this: &Shim, descriptor: i32, bytes: &mut [u8], at: f64) -> Result<u32, JsValue>;
    #[wasm_bindgen(method)]
    fn close(this: &Shim, descriptor: i32);
    #[wasm_bindgen(method, catch, js_name = writeNew)]
    fn write_new(this: &Shim, path: &str, bytes: &[u8]) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn append(this: &Shim, path: &str, bytes: &[u8]) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn replace(this: &Shim, path: &str, bytes: &[u8]) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn remove(this: &Shim, path: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn list(this: &Shim, path: &str) -> Result<Vec<String>, JsValue>;
    #[wasm_bindgen(method, catch, js_name = realPath)]
    fn real_path(this: &Shim, path: &str) -> Result<String, JsValue>;
    #[wasm_bindgen(method, catch, js_name = readLink)]
    fn read_link(this: &Shim, path: &str) -> Result<String, JsValue>;
    #[wasm_bindgen(method, catch)]
    // Plain values cross most cheaply.
    async fn stream(
        this: &Shim,
        paths: &str,
        numbers: Vec<f64>,
        bytes: Uint8Array,
        into: Option<&str>,
        whole: bool,
        sha256: bool,
        sha1: bool,
        crc32: bool,
        text: Option<&str>,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn body(this: &Shim, path: &str, from: f64, length: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn save(this: &Shim, response: &web_sys::Response, path: &str, limit: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn start(
        this: &Shim,
        program: &str,
        arguments: Vec<String>,
        directory: &str,
        environment: &[u8],
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn sign(this: &Shim, seed: &[u8], message: &[u8]) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn verify(this: &Shim, public: &[u8], message: &[u8], signature: &[u8]) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, js_name = useProxy)]
    async fn use_proxy(this: &Shim);

    /// Node's own `fetch`. gloo-net's `send` would drop the error's cause, which
    /// alone tells a request that was never sent from one that may have arrived.
    #[wasm_bindgen(catch)]
    async fn fetch(request: &web_sys::Request) -> Result<JsValue, JsValue>;

    type Timer;
    #[wasm_bindgen(method)]
    async fn over(this: &Timer);
    #[wasm_bindgen(method)]
    fn clear(this: &Timer);

    type Started;
    #[wasm_bindgen(method)]
    fn next(this: &Started) -> Promise;
    #[wasm_bindgen(method)]
    async fn status(this: &Started) -> JsValue;
    #[wasm_bindgen(method)]
    fn signal(this: &Started, name: &str);
}

thread_local! {
    /// For the panic hook, which gets no argument of ours.
    static SHIM: RefCell<Option<Shim>> = const { RefCell::new(None) };
}

/// Runs the action and gives the exit status. A test's module has a `main` of its own, hence the name outside.
#[wasm_bindgen(js_name = run)]
pub async fn main(shim: Shim) -> i32 {
    SHIM.with(|place| *place.borrow_mut() = Some(shim.clone()));
    std::panic::set_hook(Box::new(|information| {
        SHIM.with(|shim| {
            if let Some(shim) = &*shim.borrow() {
                shim.print(&crate::run::defect(&information.to_string()));
            }
        });
        console_error_panic_hook::hook(information);
    }));
    crate::run::main(&Node::new(shim)).await.number()
}

/// The port on Node.
pub struct Node {
    pub(super) shim: Shim,
}

impl Node {
    /// The port through this shim.
    pub fn new(shim: Shim) -> Node {
        Node { shim }
    }
}

impl Host for Node {
    fn arguments(&self) -> Vec<String> {
        self.shim.program_arguments()
    }

    fn environment(&self) -> BTreeMap<String, String> {
        let flat = self.shim.environment();
        let flat = String::from_utf8_lossy(&flat);
        let mut flat = flat.split('\0');
        let mut environment = BTreeMap::new();
        // One by one: to collect a map makes a sort of its own for it first.
        while let (Some(name), Some(value)) = (flat.next(), flat.next()) {
            environment.insert(name.to_owned(), value.to_owned());
        }
        environment
    }

    fn platform(&self) -> Platform {
        match self.shim.platform().as_str() {
            "win32" => Platform::Windows,
            "darwin" => Platform::MacOs,
            _ => Platform::Linux,
        }
    }

    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(js_sys::Date::now() as i64).unwrap_or_default()
    }

    fn random(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.shim.random(&mut bytes);
        bytes
    }

    fn sleep(&self, time: Duration) -> Task<'_, ()> {
        let wait = Wait(self.shim.timer(time.as_millis() as f64));
        Box::pin(async move { wait.0.over().await })
    }

    fn cancelled(&self) -> Task<'_, Signal> {
        Box::pin(async {
            match self.shim.cancelled().await.as_string().as_deref() {
                Some("SIGTERM") => Signal::Terminate,
                _ => Signal::Interrupt,
            }
        })
    }

    fn print(&self, bytes: &[u8]) {
        self.shim.print(bytes);
    }

    fn open(&self, path: &str) -> Result<Box<dyn Read>, FileError> {
        self.open_at(path, 0)
    }

    fn open_at(&self, path: &str, from: u64) -> Result<Box<dyn Read>, FileError> {
        let descriptor = self.shim.open(path).map_err(file_error)?;
        Ok(Box::new(OpenFile { shim: self.shim.clone(), descriptor, at: from }))
    }

    fn read_link(&self, path: &str) -> Result<String, FileError> {
        self.shim.read_link(path).map_err(file_error)
    }

    fn stream<'a>(
        &'a self,
        pieces: &'a [Piece],
        into: Option<&'a str>,
        wanted: Wanted,
    ) -> Task<'a, Result<Streamed, StreamError>> {
        Box::pin(bulk::stream(&self.shim, pieces, into, wanted))
    }

    fn write(&self, path: &str, bytes: &[u8], how: Writing) -> Result<(), FileError> {
        match how {
            Writing::New => self.shim.write_new(path, bytes),
            Writing::Replace => self.shim.replace(path, bytes),
            Writing::Append => self.shim.append(path, bytes),
        }
        .map_err(file_error)
    }

    fn remove(&self, path: &str) -> Result<(), FileError> {
        self.shim.remove(path).map_err(file_error)
    }

    fn list(&self, path: &str) -> Result<Vec<Entry>, FileError> {
        let mut flat = self.shim.list(path).map_err(file_error)?.into_iter();
        let mut entries: Vec<Entry> = std::iter::from_fn(|| {
            let (name, kind, size, modified) = (flat.next()?, flat.next()?, flat.next()?, flat.next()?);
            let executable = flat.next()? == "x";
            let kind = match kind.as_str() {
                "f" => EntryKind::File,
                "d" => EntryKind::Directory,
                "l" => EntryKind::Link,
                _ => EntryKind::Other,
            };
            let (size, modified) = (size.parse().unwrap_or(0), modified.parse().unwrap_or(0));
            Some(Entry { name, kind, size, modified, executable })
        })
        .collect();
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(entries)
    }

    fn real_path(&self, path: &str) -> Result<String, FileError> {
        self.shim.real_path(path).map_err(file_error)
    }

    fn start<'a>(&'a self, command: &'a Command) -> Task<'a, Result<Box<dyn Child>, StartError>> {
        Box::pin(async {
            let mut flat = Vec::new();
            for (name, value) in &command.environment {
                for text in [name, value] {
                    flat.extend_from_slice(text.as_bytes());
                    flat.push(0);
                }
            }
            let started = self.shim.start(&command.program, command.arguments.clone(), &command.directory, &flat).await;
            match started {
                Ok(started) => {
                    Ok(Box::new(NodeChild { started: started.unchecked_into(), asked: None }) as Box<dyn Child>)
                }
                Err(error) => Err(match error_code(&error).as_str() {
                    "ENOENT" => StartError::NoProgram,
                    "ENOTDIR" => StartError::NoDirectory,
                    code => StartError::Refused(code.to_owned()),
                }),
            }
        })
    }

    fn sign<'a>(&'a self, seed: &'a [u8; 32], message: &'a [u8]) -> Task<'a, Option<([u8; 32], Vec<u8>)>> {
        Box::pin(async {
            let signed = Uint8Array::from(self.shim.sign(seed, message).await.ok()?).to_vec();
            Some((signed.get(..32)?.try_into().ok()?, signed.get(32..)?.to_vec()))
        })
    }

    fn verify<'a>(&'a self, public: &'a [u8; 32], message: &'a [u8], signature: &'a [u8]) -> Task<'a, bool> {
        Box::pin(async {
            let answer = self.shim.verify(public, message, signature).await;
            answer.is_ok_and(|answer| answer == JsValue::TRUE)
        })
    }

    fn send<'a>(&'a self, request: &'a Request) -> Task<'a, Result<Reply, SendError>> {
        Box::pin(async {
            self.shim.use_proxy().await;
            let abort = web_sys::AbortController::new().map_err(|_| SendError::NotSent("no abort".to_owned()))?;
            let sending = Box::pin(send(&self.shim, request, abort.signal()));
            match select(sending, self.sleep(request.timeout)).await {
                Either::Left((reply, _)) => reply,
                Either::Right(_) => {
                    abort.abort();
                    Err(SendError::TimedOut)
                }
            }
        })
    }

    fn network(&self) -> &dyn super::socket::Network {
        self
    }
}

mod bulk;

/// A timer that does not outlive the wait for it.
struct Wait(Timer);

impl Drop for Wait {
    fn drop(&mut self) {
        self.0.clear();
    }
}

/// An open file descriptor, closed when it is dropped.
struct OpenFile {
    shim: Shim,
    descriptor: i32,
    at: u64,
}

impl Read for OpenFile {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        match self.shim.read(self.descriptor, bytes, self.at as f64) {
            Ok(count) => {
                self.at += u64::from(count);
                Ok(count as usize)
            }
            Err(error) => Err(std::io::Error::other(error_code(&error))),
        }
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        self.shim.close(self.descriptor);
    }
}

/// A child that runs. What was asked for and not yet waited for to the end is
/// kept, or the piece that answers it would be lost.
struct NodeChild {
    started: Started,
    asked: Option<Promise>,
}

impl Child for NodeChild {
    fn next(&mut self) -> Task<'_, ChildEvent> {
        Box::pin(async {
            let asked = self.asked.get_or_insert_with(|| self.started.next()).clone();
            let piece = JsFuture::from(asked).await.unwrap_or_default();
            self.asked = None;
            if !piece.is_undefined() {
                return ChildEvent::Output(Uint8Array::from(piece).to_vec());
            }
            let status = self.started.status().await.as_f64().unwrap_or(-1.0) as i32;
            ChildEvent::Exited(if status < 0 { ExitStatus::Signal(-status) } else { ExitStatus::Code(status) })
        })
    }

    fn signal(&mut self, signal: Signal) {
        self.started.signal(match signal {
            Signal::Interrupt => "SIGINT",
            Signal::Terminate => "SIGTERM",
            Signal::Kill => "SIGKILL",
        });
    }
}

async fn send(shim: &Shim, request: &Request, signal: web_sys::AbortSignal) -> Result<Reply, SendError> {
    use gloo_net::http::{Method as Verb, RequestBuilder};
    let verb = match request.method {
        Method::Get => Verb::GET,
        Method::Head => Verb::HEAD,
        Method::Post => Verb::POST,
        Method::Put => Verb::PUT,
        Method::Patch => Verb::PATCH,
        Method::Delete => Verb::DELETE,
    };
    let mut builder = RequestBuilder::new(&request.url)
        .method(verb)
        .redirect(web_sys::RequestRedirect::Manual)
        .abort_signal(Some(&signal));
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let not_sent = |error: gloo_net::Error| SendError::NotSent(error.to_string());
    let prepared = match &request.body {
        Body::Bytes(bytes) if bytes.is_empty() => builder.build().map_err(not_sent)?,
        Body::Bytes(bytes) => builder.body(Uint8Array::from(bytes.as_slice())).map_err(not_sent)?,
        Body::File { path, from, length } => {
            let part = shim.body(path, *from as f64, *length as f64).await;
            let part = part.map_err(|error| SendError::NotSent(format!("`{path}`: {}", error_code(&error))))?;
            builder.body(part).map_err(not_sent)?
        }
    };
    let response = fetch(&prepared.into()).await.map_err(|error| send_error(&error))?;
    let raw: web_sys::Response = response.unchecked_into();
    let response = gloo_net::http::Response::from(Clone::clone(&raw));
    let mut reply = Reply { status: response.status(), ..Reply::default() };
    reply.headers = response.headers().entries().map(|(name, value)| (name.to_lowercase(), value)).collect();
    if let Some(path) = request.save.as_ref().filter(|_| (200..300).contains(&reply.status)) {
        reply.saved = Some(bulk::save(shim, &raw, path, request.limit).await?);
        return Ok(reply);
    }
    if let Some(body) = response.body() {
        let reader: web_sys::ReadableStreamDefaultReader = body.get_reader().unchecked_into();
        loop {
            let piece = JsFuture::from(reader.read()).await.map_err(|error| SendError::Unknown(cause(&error)))?;
            if Reflect::get(&piece, &"done".into()).is_ok_and(|done| done.is_truthy()) {
                break;
            }
            let value = Reflect::get(&piece, &"value".into()).unwrap_or_default();
            let bytes = Uint8Array::from(value);
            if reply.body.len() as u64 + u64::from(bytes.length()) > request.limit {
                return Err(SendError::TooLarge);
            }
            reply.body.extend(bytes.to_vec());
        }
    }
    Ok(reply)
}

/// Node says `fetch failed` and keeps the reason in the error's cause.
fn send_error(error: &JsValue) -> SendError {
    let reason = Reflect::get(error, &"cause".into()).ok().filter(JsValue::is_object);
    let reason = reason.unwrap_or_else(|| error.clone());
    match error_code(&reason).as_str() {
        "ECONNRESET" | "EPIPE" | "UND_ERR_SOCKET" | "UND_ERR_HEADERS_TIMEOUT" | "UND_ERR_BODY_TIMEOUT" => {
            SendError::Unknown(cause(&reason))
        }
        _ => SendError::NotSent(cause(&reason)),
    }
}

pub(super) fn cause(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    match message {
        Some(message) if !message.is_empty() => message,
        _ => error_code(error),
    }
}

pub(super) fn error_code(error: &JsValue) -> String {
    let code = Reflect::get(error, &"code".into()).ok().and_then(|code| code.as_string());
    code.unwrap_or_else(|| "an unknown error".to_owned())
}

fn file_error(error: JsValue) -> FileError {
    match error_code(&error).as_str() {
        "ENOENT" => FileError::Missing,
        "EEXIST" => FileError::Exists,
        "EISDIR" | "ENOTDIR" => FileError::WrongKind,
        code => FileError::Refused(code.to_owned()),
    }
}
