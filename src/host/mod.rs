//! The only way out: files, processes, HTTP, the clock, chance and the runner's
//! log. `node` implements the port on Node for wasm32, `fake` for tests.

use std::collections::BTreeMap;
use std::future::Future;
use std::io::Read;
use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::http::{Reply, Request, SendError};

pub use bulk::{Coding, Piece, RangeDigest, StreamError, Streamed, Wanted};

mod bulk;
#[cfg(test)]
pub mod fake;
#[cfg(test)]
mod fake_socket;
#[cfg(target_arch = "wasm32")]
pub mod node;
#[cfg(target_arch = "wasm32")]
mod node_socket;
pub mod socket;

/// Work that finishes later, on the one thread that there is.
pub type Task<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// What a job may do to the world, and nothing else. Paths are absolute or
/// relative to the process's working directory, with `/` on every platform.
pub trait Host {
    /// The arguments after the program's own name.
    fn arguments(&self) -> Vec<String>;

    /// The environment as it was when the process started.
    fn environment(&self) -> BTreeMap<String, String>;

    /// The operating system.
    fn platform(&self) -> Platform;

    /// The time, to the millisecond.
    fn now(&self) -> DateTime<Utc>;

    /// 128 bits that nobody can guess.
    fn random(&self) -> [u8; 16];

    /// Waits.
    fn sleep(&self, time: Duration) -> Task<'_, ()>;

    /// Ends when the process is asked to stop; pending for ever otherwise.
    fn cancelled(&self) -> Task<'_, Signal>;

    /// Writes to the runner's log, whole and in order, before it returns.
    fn print(&self, bytes: &[u8]);

    /// Opens a file to be read from its start, in pieces of the reader's choice.
    fn open(&self, path: &str) -> Result<Box<dyn Read>, FileError>;

    /// As [`Host::open`], from this byte on; beyond the end there is nothing to read.
    fn open_at(&self, path: &str, from: u64) -> Result<Box<dyn Read>, FileError>;

    /// Where a symbolic link points, as it stands in the link, with `/`.
    fn read_link(&self, path: &str) -> Result<String, FileError>;

    /// Reads pieces one after another and says their digests; where `into`
    /// names a file, all that was read is written there, whole or not at all.
    fn stream<'a>(
        &'a self,
        pieces: &'a [Piece],
        into: Option<&'a str>,
        wanted: Wanted,
    ) -> Task<'a, Result<Streamed, StreamError>>;

    /// Writes a file, making the folders above it.
    fn write(&self, path: &str, bytes: &[u8], how: Writing) -> Result<(), FileError>;

    /// Removes a file or a folder with all that is in it; nothing there is fine.
    fn remove(&self, path: &str) -> Result<(), FileError>;

    /// What lies in a folder, sorted by name. Links are named, not followed.
    fn list(&self, path: &str) -> Result<Vec<Entry>, FileError>;

    /// The path with every link followed, absolute, with `/`.
    fn real_path(&self, path: &str) -> Result<String, FileError>;

    /// Starts a child process in a process group of its own, with no input.
    fn start<'a>(&'a self, command: &'a Command) -> Task<'a, Result<Box<dyn Child>, StartError>>;

    /// Signs with the ed25519 key of this seed (RFC 8032): its public key and the
    /// signature. None where this Node cannot.
    fn sign<'a>(&'a self, seed: &'a [u8; 32], message: &'a [u8]) -> Task<'a, Option<([u8; 32], Vec<u8>)>>;

    /// Whether an ed25519 signature holds.
    fn verify<'a>(&'a self, public: &'a [u8; 32], message: &'a [u8], signature: &'a [u8]) -> Task<'a, bool>;

    /// Sends one request, with no retry and no redirect.
    fn send<'a>(&'a self, request: &'a Request) -> Task<'a, Result<Reply, SendError>>;

    /// The way to servers that speak something other than HTTP.
    fn network(&self) -> &dyn socket::Network;
}

/// An operating system, as far as it makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Linux and other Unix systems.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

/// How the process, or a child of ours, is asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT: the runner's first request, also Ctrl-C.
    Interrupt,
    /// SIGTERM: the runner's second request.
    Terminate,
    /// SIGKILL: cannot be ignored. Only ever sent, never received.
    Kill,
}

/// How [`Host::write`] treats what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// Fails with [`FileError::Exists`] if the file is there: a lock, a marker.
    New,
    /// Replaces the file in one step: readers see the old or the new one.
    Replace,
    /// Adds at the end in one write.
    Append,
}

/// Something that lies in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name, without the folder.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// Bytes, for a file; 0 otherwise.
    pub size: u64,
    /// When a file's content last changed, in microseconds since 1970; 0 otherwise.
    pub modified: u64,
    /// Whether a file may be executed by its owner; never on Windows, which does not know.
    pub executable: bool,
}

/// What an [`Entry`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Directory,
    /// A symbolic link, wherever it points.
    Link,
    /// A socket, a device, a pipe.
    Other,
}

/// Why a file could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileError {
    /// Nothing is there.
    Missing,
    /// Something is there already, and [`Writing::New`] was asked for.
    Exists,
    /// A folder where a file was wanted, or the other way round.
    WrongKind,
    /// The system refused: permissions, a read-only disk, no space.
    Refused(String),
}

impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FileError::Missing => f.write_str("no such file"),
            FileError::Exists => f.write_str("the file exists already"),
            FileError::WrongKind => f.write_str("not a regular file"),
            FileError::Refused(reason) => write!(f, "the system refused: {reason}"),
        }
    }
}

/// A child process to start: an argument list, never a shell string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program, looked up in the `PATH` of [`Command::environment`].
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its working directory.
    pub directory: String,
    /// Its whole environment.
    pub environment: BTreeMap<String, String>,
}

/// A running child. Its two output streams come as one, in order of arrival.
pub trait Child {
    /// The next thing that happens. Reading stops while nobody asks, so a child
    /// that writes faster than we print waits for us. Giving up the wait loses
    /// nothing: the next one goes on.
    fn next(&mut self) -> Task<'_, ChildEvent>;

    /// Sends a signal to the child's whole process group; gone is fine.
    fn signal(&mut self, signal: Signal);
}

/// What a [`Child`] does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChildEvent {
    /// A piece of output, at most 64 KiB, cut anywhere.
    Output(Vec<u8>),
    /// The child ended and its output is read to the end.
    Exited(ExitStatus),
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// By itself, with this code.
    Code(i32),
    /// By this signal number.
    Signal(i32),
}

impl ExitStatus {
    /// Whether the child ended by itself with code 0.
    pub fn is_success(self) -> bool {
        self == ExitStatus::Code(0)
    }
}

/// Why a child could not be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartError {
    /// No such program in the `PATH`.
    NoProgram,
    /// The working directory does not exist.
    NoDirectory,
    /// The system refused.
    Refused(String),
}
