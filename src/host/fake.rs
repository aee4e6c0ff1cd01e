//! A strict Host for tests. Files live in memory; every process and every
//! request is scripted. A call that the script does not hold fails the test at
//! once, and so does a script line left over when the fake is dropped.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::{pending, ready};
use std::io::{Cursor, Read};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::fake_socket::{FakeSocket, Scripted};
use super::socket::{Endpoint, Network, Socket, SocketError};
use super::{
    Child, ChildEvent, Command, Entry, EntryKind, ExitStatus, FileError, Host, Piece, Platform, Signal, StartError,
    StreamError, Streamed, Task, Wanted, Writing,
};
use crate::http::{Reply, Request, Saved, SendError};

mod bulk;

/// The moment at which every fake starts: 2026-11-22T10:00:00Z.
const START: i64 = 1_795_341_600_000;

/// Runs a future that only ever waits for the fake, which never waits.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the job waits for something that the script does not hold"),
    }
}

/// One expected call.
enum Line {
    Start { expected: String, answer: Result<Vec<ChildEvent>, StartError>, leaves: Vec<(String, Vec<u8>)> },
    Send { expected: String, answer: Result<Reply, SendError> },
    Connect { expected: String, answer: Result<Scripted, SocketError> },
}

/// A Host that reads a script.
#[derive(Default)]
pub struct Fake {
    arguments: Vec<String>,
    environment: BTreeMap<String, String>,
    script: RefCell<VecDeque<Line>>,
    files: RefCell<BTreeMap<String, Vec<u8>>>,
    modified: RefCell<BTreeMap<String, u64>>,
    links: RefCell<BTreeMap<String, String>>,
    executable: RefCell<BTreeSet<String>>,
    printed: RefCell<Vec<u8>>,
    elapsed: Cell<Duration>,
    drawn: Cell<u8>,
    signal: Cell<Option<Signal>>,
    signals: Rc<RefCell<Vec<Signal>>>,
    sent: RefCell<Vec<Request>>,
    started: RefCell<Vec<Command>>,
    written: Rc<RefCell<Vec<u8>>>,
}

impl Fake {
    /// Nothing in it, and nothing expected.
    pub fn new() -> Self {
        Fake::default()
    }

    /// With these arguments on the command line.
    pub fn arguments(mut self, arguments: &[&str]) -> Self {
        self.arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        self
    }

    /// With this variable in the environment.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// With this file.
    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.files.borrow_mut().insert(path.to_owned(), content.as_ref().to_vec());
        self
    }

    /// With this file, which may be executed.
    pub fn executable(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.executable.borrow_mut().insert(path.to_owned());
        self.file(path, content)
    }

    /// With this symbolic link.
    pub fn link(self, path: &str, target: &str) -> Self {
        self.links.borrow_mut().insert(path.to_owned(), target.to_owned());
        self
    }

    /// Asked to stop by this signal as soon as somebody looks.
    pub fn cancelled_by(self, signal: Signal) -> Self {
        self.signal.set(Some(signal));
        self
    }

    /// Expects a child: its program and arguments, separated by blanks, with
    /// `*` at the end standing for any rest. It prints `output` and ends.
    pub fn child(self, expected: &str, output: impl AsRef<[u8]>, status: i32) -> Self {
        self.child_leaving(expected, output, status, &[])
    }

    /// As [`Fake::child`], leaving these files behind.
    pub fn child_leaving(self, expected: &str, output: impl AsRef<[u8]>, status: i32, leaves: &[(&str, &str)]) -> Self {
        let mut events: Vec<_> =
            output.as_ref().chunks(64 * 1024).map(|piece| ChildEvent::Output(piece.to_vec())).collect();
        events.push(ChildEvent::Exited(ExitStatus::Code(status)));
        let leaves = leaves.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        self.line(Line::Start { expected: expected.to_owned(), answer: Ok(events), leaves })
    }

    /// Expects a child that runs until a signal ends it.
    pub fn hanging_child(self, expected: &str) -> Self {
        self.line(Line::Start { expected: expected.to_owned(), answer: Ok(Vec::new()), leaves: Vec::new() })
    }

    /// Expects a child that cannot be started.
    pub fn no_child(self, expected: &str, error: StartError) -> Self {
        self.line(Line::Start { expected: expected.to_owned(), answer: Err(error), leaves: Vec::new() })
    }

    /// Expects a request, as `GET https://…`, and answers it.
    pub fn reply(self, expected: &str, status: u16, body: &str) -> Self {
        let reply = Reply { status, body: body.as_bytes().to_vec(), ..Reply::default() };
        self.answer(expected, Ok(reply))
    }

    /// Expects a request and gives any answer.
    pub fn answer(self, expected: &str, answer: Result<Reply, SendError>) -> Self {
        self.line(Line::Send { expected: expected.to_owned(), answer })
    }

    /// Expects a stream to be opened, as `db.example.com:5432`; each reading of
    /// it gives one of the pieces, and then its end.
    pub fn connection(self, expected: &str, pieces: &[&[u8]]) -> Self {
        let pieces = pieces.iter().map(|piece| piece.to_vec()).collect();
        self.line(Line::Connect {
            expected: expected.to_owned(),
            answer: Ok(Scripted { pieces, ..Scripted::default() }),
        })
    }

    /// As [`Fake::stream`], with what becomes of TLS on it.
    pub fn tls_stream(self, expected: &str, pieces: &[&[u8]], tls: Result<&[u8], SocketError>) -> Self {
        let pieces = pieces.iter().map(|piece| piece.to_vec()).collect();
        let tls = Some(tls.map(<[u8]>::to_vec));
        self.line(Line::Connect { expected: expected.to_owned(), answer: Ok(Scripted { pieces, tls }) })
    }

    /// Expects a stream that cannot be opened.
    pub fn no_stream(self, expected: &str, error: SocketError) -> Self {
        self.line(Line::Connect { expected: expected.to_owned(), answer: Err(error) })
    }

    /// All that was written to streams, one after the other.
    pub fn written(&self) -> Vec<u8> {
        self.written.borrow().clone()
    }

    /// Every writing is later than the one before it.
    fn touch(&self, path: &str) {
        let mut modified = self.modified.borrow_mut();
        let latest = modified.values().max().copied().unwrap_or(0);
        modified.insert(path.to_owned(), latest + 1);
    }

    fn line(self, line: Line) -> Self {
        self.script.borrow_mut().push_back(line);
        self
    }

    /// All that was printed so far.
    pub fn printed(&self) -> String {
        String::from_utf8_lossy(&self.printed.borrow()).into_owned()
    }

    /// A file's content, if it is there.
    pub fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        self.files.borrow().get(path).cloned()
    }

    /// A file's content as text, if it is there.
    pub fn text(&self, path: &str) -> Option<String> {
        self.files.borrow().get(path).map(|content| String::from_utf8_lossy(content).into_owned())
    }

    /// The paths of all files.
    pub fn paths(&self) -> Vec<String> {
        self.files.borrow().keys().cloned().collect()
    }

    /// The signals that children got.
    pub fn signals(&self) -> Vec<Signal> {
        self.signals.borrow().clone()
    }

    /// The requests that were sent.
    pub fn sent(&self) -> Vec<Request> {
        self.sent.borrow().clone()
    }

    /// The commands that were started.
    pub fn started(&self) -> Vec<Command> {
        self.started.borrow().clone()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let left: Vec<_> = self.script.get_mut().iter().map(Line::expected).collect();
        assert!(left.is_empty(), "the script has lines that nobody used: {left:?}");
    }
}

impl Line {
    fn expected(&self) -> &str {
        match self {
            Line::Start { expected, .. } | Line::Send { expected, .. } | Line::Connect { expected, .. } => expected,
        }
    }
}

fn assert_expected(expected: &str, found: &str) {
    let holds = match expected.strip_suffix('*') {
        Some(start) => found.starts_with(start),
        None => found == expected,
    };
    assert!(holds, "the script expects `{expected}`, the job did `{found}`");
}

impl Host for Fake {
    fn arguments(&self) -> Vec<String> {
        self.arguments.clone()
    }

    fn environment(&self) -> BTreeMap<String, String> {
        self.environment.clone()
    }

    fn platform(&self) -> Platform {
        Platform::Linux
    }

    fn now(&self) -> DateTime<Utc> {
        let start = DateTime::from_timestamp_millis(START).unwrap_or_default();
        start + TimeDelta::from_std(self.elapsed.get()).unwrap_or_default()
    }

    /// Never the same twice, and the same in every run: 1, 2, 3…
    fn random(&self) -> [u8; 16] {
        self.drawn.set(self.drawn.get() + 1);
        [self.drawn.get(); 16]
    }

    fn sleep(&self, time: Duration) -> Task<'_, ()> {
        Box::pin(async move { self.elapsed.set(self.elapsed.get() + time) })
    }

    fn cancelled(&self) -> Task<'_, Signal> {
        match self.signal.get() {
            Some(signal) => Box::pin(ready(signal)),
            None => Box::pin(pending()),
        }
    }

    fn print(&self, bytes: &[u8]) {
        self.printed.borrow_mut().extend(bytes);
    }

    fn open(&self, path: &str) -> Result<Box<dyn Read>, FileError> {
        self.open_at(path, 0)
    }

    fn open_at(&self, path: &str, from: u64) -> Result<Box<dyn Read>, FileError> {
        match self.files.borrow().get(path) {
            Some(content) => Ok(Box::new(Cursor::new(content[content.len().min(from as usize)..].to_vec()))),
            None if self.list(path).is_ok() => Err(FileError::WrongKind),
            None => Err(FileError::Missing),
        }
    }

    fn read_link(&self, path: &str) -> Result<String, FileError> {
        self.links.borrow().get(path).cloned().ok_or(FileError::Missing)
    }

    fn stream<'a>(
        &'a self,
        pieces: &'a [Piece],
        into: Option<&'a str>,
        wanted: Wanted,
    ) -> Task<'a, Result<Streamed, StreamError>> {
        let read = bulk::stream(&self.files.borrow(), pieces, wanted);
        let answer = read.map(|(streamed, written)| {
            if let Some(into) = into {
                self.touch(into);
                self.files.borrow_mut().insert(into.to_owned(), written);
            }
            streamed
        });
        Box::pin(ready(answer))
    }

    fn write(&self, path: &str, bytes: &[u8], how: Writing) -> Result<(), FileError> {
        self.touch(path);
        let mut files = self.files.borrow_mut();
        match how {
            Writing::New if files.contains_key(path) => return Err(FileError::Exists),
            Writing::New | Writing::Replace => {
                files.insert(path.to_owned(), bytes.to_vec());
            }
            Writing::Append => files.entry(path.to_owned()).or_default().extend(bytes),
        }
        Ok(())
    }

    fn remove(&self, path: &str) -> Result<(), FileError> {
        let below = format!("{path}/");
        self.files.borrow_mut().retain(|file, _| file != path && !file.starts_with(&below));
        Ok(())
    }

    fn list(&self, path: &str) -> Result<Vec<Entry>, FileError> {
        let files = self.files.borrow();
        let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
        for (file, content) in files.iter() {
            let rest = match path {
                "." => Some(file.as_str()),
                _ => file.strip_prefix(path).and_then(|rest| rest.strip_prefix('/')),
            };
            let Some(rest) = rest else { continue };
            let (name, kind, size) = match rest.split_once('/') {
                Some((folder, _)) => (folder, EntryKind::Directory, 0),
                None => (rest, EntryKind::File, content.len() as u64),
            };
            let modified = self.modified.borrow().get(file).copied().unwrap_or(0);
            let executable = self.executable.borrow().contains(file);
            entries.insert(name.to_owned(), Entry { name: name.to_owned(), kind, size, modified, executable });
        }
        for (link, _) in self.links.borrow().iter() {
            let folder = link.rsplit_once('/').map_or(".", |(folder, _)| folder);
            let name = link.rsplit('/').next().unwrap_or_default().to_owned();
            if folder == path {
                let entry =
                    Entry { name: name.clone(), kind: EntryKind::Link, size: 0, modified: 0, executable: false };
                entries.insert(name, entry);
            }
        }
        match entries.is_empty() {
            true => Err(if files.contains_key(path) { FileError::WrongKind } else { FileError::Missing }),
            false => Ok(entries.into_values().collect()),
        }
    }

    fn real_path(&self, path: &str) -> Result<String, FileError> {
        Ok(path.to_owned())
    }

    fn start<'a>(&'a self, command: &'a Command) -> Task<'a, Result<Box<dyn Child>, StartError>> {
        let line = self.script.borrow_mut().pop_front();
        let found = [vec![command.program.clone()], command.arguments.clone()].concat().join(" ");
        let Some(Line::Start { expected, answer, leaves }) = line else {
            panic!("the script does not hold a child `{found}` here");
        };
        assert_expected(&expected, &found);
        self.started.borrow_mut().push(command.clone());
        for (path, content) in leaves {
            self.touch(&path);
            self.files.borrow_mut().insert(path, content);
        }
        let child = answer.map(|events| {
            Box::new(FakeChild { events: events.into(), signals: self.signals.clone() }) as Box<dyn Child>
        });
        Box::pin(ready(child))
    }

    /// No arithmetic: the digest of key and message, which a change of either changes.
    fn sign<'a>(&'a self, seed: &'a [u8; 32], message: &'a [u8]) -> Task<'a, Option<([u8; 32], Vec<u8>)>> {
        Box::pin(ready(Some((*seed, bulk::sha256(&[seed, message].concat()).into_bytes()))))
    }

    fn verify<'a>(&'a self, public: &'a [u8; 32], message: &'a [u8], signature: &'a [u8]) -> Task<'a, bool> {
        Box::pin(ready(bulk::sha256(&[public, message].concat()).as_bytes() == signature))
    }

    fn send<'a>(&'a self, request: &'a Request) -> Task<'a, Result<Reply, SendError>> {
        let line = self.script.borrow_mut().pop_front();
        let found = format!("{} {}", request.method.name(), request.url);
        let Some(Line::Send { expected, answer }) = line else {
            panic!("the script does not hold a request `{found}` here");
        };
        assert_expected(&expected, &found);
        self.sent.borrow_mut().push(request.clone());
        let answer = answer.map(|mut reply| {
            if let Some(path) = request.save.as_ref().filter(|_| (200..300).contains(&reply.status)) {
                let body = std::mem::take(&mut reply.body);
                reply.saved = Some(Saved { size: body.len() as u64, sha256: bulk::sha256(&body) });
                self.touch(path);
                self.files.borrow_mut().insert(path.clone(), body);
            }
            reply
        });
        Box::pin(ready(answer))
    }

    fn network(&self) -> &dyn Network {
        self
    }
}

impl Network for Fake {
    fn connect<'a>(&'a self, endpoint: &'a Endpoint, _: Duration) -> Task<'a, Result<Box<dyn Socket>, SocketError>> {
        let line = self.script.borrow_mut().pop_front();
        let found = endpoint.to_string();
        let Some(Line::Connect { expected, answer }) = line else {
            panic!("the script does not hold a stream to `{found}` here");
        };
        assert_expected(&expected, &found);
        let socket = |scripted| Box::new(FakeSocket::new(scripted, self.written.clone())) as Box<dyn Socket>;
        Box::pin(ready(answer.map(socket)))
    }

    /// The real thing, slowly.
    fn derive_key<'a>(&'a self, password: &'a [u8], salt: &'a [u8], iterations: u32) -> Task<'a, [u8; 32]> {
        Box::pin(ready(super::fake_socket::derived(password, salt, iterations)))
    }

    fn normalized(&self, text: &str) -> String {
        text.to_owned()
    }
}

/// A child that plays its events; without any it hangs until it is killed.
struct FakeChild {
    events: VecDeque<ChildEvent>,
    signals: Rc<RefCell<Vec<Signal>>>,
}

impl Child for FakeChild {
    fn next(&mut self) -> Task<'_, ChildEvent> {
        match self.events.pop_front() {
            Some(event) => Box::pin(ready(event)),
            None => Box::pin(pending()),
        }
    }

    fn signal(&mut self, signal: Signal) {
        self.signals.borrow_mut().push(signal);
        if signal == Signal::Kill {
            self.events.push_back(ChildEvent::Exited(ExitStatus::Signal(9)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "lines that nobody used")]
    fn a_script_line_left_unused_fails() {
        drop(Fake::new().reply("GET https://example.com/", 200, ""));
    }

    #[test]
    #[should_panic(expected = "does not hold a child")]
    fn an_unscripted_call_fails() {
        let command = Command {
            program: "true".to_owned(),
            arguments: Vec::new(),
            directory: ".".to_owned(),
            environment: BTreeMap::new(),
        };
        let _ = block_on(Fake::new().start(&command));
    }

    #[test]
    fn files_are_written_as_the_port_says() {
        let fake = Fake::new().file("folder/one", "1");
        assert_eq!(fake.write("folder/one", b"2", Writing::New), Err(FileError::Exists));
        assert_eq!(fake.write("folder/one", b"2", Writing::Append), Ok(()));
        assert_eq!(fake.text("folder/one").as_deref(), Some("12"));
        assert_eq!(fake.open("folder").err(), Some(FileError::WrongKind));
        assert_eq!(fake.list("folder").unwrap().len(), 1);
        assert_eq!(fake.remove("folder"), Ok(()));
        assert_eq!(fake.open("folder/one").err(), Some(FileError::Missing));
    }
}
