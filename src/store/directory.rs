//! The store in a directory: complete by itself, for local runs, for runners
//! that share a disk, and for tests.
//!
//! ```text
//! .waybill/.gitignore                              ignores the directory in git
//! .waybill/ledgers/<deployment id>/<job id>.jsonl  one ledger a job
//! .waybill/markers/<deployment id>/<name>          what happened once
//! .waybill/artifacts/…                             artifacts, see `parcels`
//! ```

mod parcels;

use std::io::Read;

use super::ledger::{self, Anchor, BrokenChain, Ledger, Reason};
use crate::codes;
use crate::host::{Entry, EntryKind, FileError, Host, Writing};
use crate::model::configuration::Environment;
use crate::model::{Choice, DeploymentEvent, rules};
use crate::problem::Failure;

/// A store in a directory.
pub struct Directory<'a> {
    host: &'a dyn Host,
    root: String,
}

pub use parcels::stream_failure;

/// What writing an event came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The ledger's path.
    pub path: String,
    /// The ledger's head.
    pub head: String,
    /// How many lines it has.
    pub count: u64,
    /// Whether the event is new in it.
    pub added: bool,
    /// Whether a last line that a killed process left unfinished was mended. Worth a warning.
    pub mended: bool,
}

impl<'a> Directory<'a> {
    /// The store under this path, which need not exist.
    pub fn new(host: &'a dyn Host, root: &str) -> Self {
        let root = if root.is_empty() { "." } else { root.trim_end_matches('/') };
        Directory { host, root: root.to_owned() }
    }

    /// Where a job's ledger lies.
    pub fn path(&self, deployment_id: &str, job_id: &str) -> Result<String, Failure> {
        Ok(format!("{}/{}", self.root, ledger_place(deployment_id, job_id)?.join("/")))
    }

    /// Writes an event into its job's ledger. An event that is there already is
    /// not written again; a ledger that is there from an earlier run of the same
    /// job goes on. One that does not verify is left as it is and refused, but
    /// for a last line that was never finished: its writer was killed before
    /// anybody learned its hash, so it is completed where only the line break is
    /// missing and dropped otherwise.
    pub fn append(&self, deployment_id: &str, job_id: &str, event: &DeploymentEvent) -> Result<Receipt, Failure> {
        let place = ledger_place(deployment_id, job_id)?;
        let path = format!("{}/{}", self.root, place.join("/"));
        let known = self.content(&place)?;
        let (mut ledger, mended) =
            mend(known.as_deref().unwrap_or_default()).map_err(|broken| refused(&path, &broken))?;
        let line = ledger.append(event);
        let added = line.is_some();
        let line = line.unwrap_or_default();
        let written = match (&known, &mended) {
            (_, Some(mended)) => self.host.write(&path, &[mended, line.as_bytes()].concat(), Writing::Replace),
            (None, None) => self.prepare().and_then(|()| self.host.write(&path, line.as_bytes(), Writing::New)),
            (Some(_), None) if added => self.host.write(&path, line.as_bytes(), Writing::Append),
            (Some(_), None) => Ok(()),
        };
        written.map_err(|error| unusable(&path, &error))?;
        Ok(Receipt { path, head: ledger.head().to_owned(), count: ledger.count(), added, mended: mended.is_some() })
    }

    /// A job's ledger as it lies there, not verified; `None` where there is none.
    pub fn read(&self, deployment_id: &str, job_id: &str) -> Result<Option<Vec<u8>>, Failure> {
        self.content(&ledger_place(deployment_id, job_id)?)
    }

    /// A job's ledger, verified as far as that goes without its head; empty where there is none.
    pub fn ledger(&self, deployment_id: &str, job_id: &str) -> Result<Ledger, Failure> {
        let bytes = self.read(deployment_id, job_id)?.unwrap_or_default();
        let verified = ledger::verify(&bytes, Anchor::default());
        verified
            .map(|verified| verified.ledger)
            .map_err(|broken| refused(&format!("{deployment_id}/{job_id}"), &broken))
    }

    /// The jobs of a deployment that have a ledger, sorted by id.
    pub fn jobs(&self, deployment_id: &str) -> Result<Vec<String>, Failure> {
        check_deployment(deployment_id)?;
        let entries = self.entries(&["ledgers".to_owned(), deployment_id.to_owned()])?;
        let files = entries.into_iter().filter(|entry| entry.kind == EntryKind::File);
        let ids = files.filter_map(|entry| entry.name.strip_suffix(".jsonl").map(str::to_owned));
        Ok(ids.filter(|id| rules::sha256(id).is_ok()).collect())
    }

    /// The deployments that have a ledger, sorted by id.
    pub fn deployments(&self) -> Result<Vec<String>, Failure> {
        let folders =
            self.entries(&["ledgers".to_owned()])?.into_iter().filter(|entry| entry.kind == EntryKind::Directory);
        Ok(folders.map(|entry| entry.name).filter(|name| check_deployment(name).is_ok()).collect())
    }

    /// All events of a deployment, from the ledgers of all its jobs.
    pub fn events(&self, deployment_id: &str) -> Result<Vec<DeploymentEvent>, Failure> {
        let jobs = self.jobs(deployment_id)?;
        let ledgers: Result<Vec<_>, _> =
            jobs.iter().map(|job| self.ledger(deployment_id, job).map(|ledger| ledger.events().to_vec())).collect();
        Ok(ledger::merge(ledgers?))
    }

    /// Whether this is the first time that something is said to happen in a
    /// deployment, as `pipeline-started`; of several callers at once only one is told so.
    pub fn once(&self, deployment_id: &str, name: &str) -> Result<bool, Failure> {
        check_deployment(deployment_id)?;
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') {
            return Err(Failure::new(&codes::LEDGER_UNAVAILABLE, format!("`{name}` is no name of a marker")));
        }
        let place = ["markers", deployment_id, name].map(str::to_owned);
        let path = format!("{}/{}", self.root, place.join("/"));
        self.guard(&place)?;
        match self.prepare().and_then(|()| self.host.write(&path, b"", Writing::New)) {
            Ok(()) => Ok(true),
            Err(FileError::Exists) => Ok(false),
            Err(error) => Err(unusable(&path, &error)),
        }
    }

    /// Makes git ignore the store, itself included.
    fn prepare(&self) -> Result<(), FileError> {
        match self.host.write(&format!("{}/.gitignore", self.root), b"*\n", Writing::New) {
            Err(FileError::Exists) => Ok(()),
            other => other,
        }
    }

    fn content(&self, place: &[String]) -> Result<Option<Vec<u8>>, Failure> {
        let path = format!("{}/{}", self.root, place.join("/"));
        self.guard(place)?;
        let file = match self.host.open(&path) {
            Ok(file) => file,
            Err(FileError::Missing) => return Ok(None),
            Err(error) => return Err(unusable(&path, &error)),
        };
        let mut bytes = Vec::new();
        // One byte more than a ledger may have: enough to be found too long.
        let read = file.take(ledger::LARGEST as u64 + 1).read_to_end(&mut bytes);
        read.map_err(|error| Failure::new(&codes::LEDGER_UNAVAILABLE, format!("{path}: {error}")))?;
        Ok(Some(bytes))
    }

    fn entries(&self, place: &[String]) -> Result<Vec<Entry>, Failure> {
        self.guard(place)?;
        let path = format!("{}/{}", self.root, place.join("/"));
        match self.host.list(&path) {
            Ok(entries) => Ok(entries),
            Err(FileError::Missing) => Ok(Vec::new()),
            Err(error) => Err(unusable(&path, &error)),
        }
    }

    /// Refuses a place that a link would lead out of the store: a workspace may
    /// hold a prepared one.
    fn guard(&self, place: &[String]) -> Result<(), Failure> {
        let mut folder = self.root.clone();
        for name in place {
            let entries = match self.host.list(&folder) {
                Ok(entries) => entries,
                Err(FileError::Missing) => return Ok(()),
                Err(error) => return Err(unusable(&folder, &error)),
            };
            folder = format!("{folder}/{name}");
            if !is_there(&entries, name, &folder)? {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Whether a folder or a file of this name is there. Where the file system does
/// not tell upper from lower case, neither do we.
fn is_there(entries: &[Entry], name: &str, path: &str) -> Result<bool, Failure> {
    let found = entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name));
    match found.map(|entry| entry.kind) {
        Some(EntryKind::File | EntryKind::Directory) => Ok(true),
        Some(EntryKind::Link | EntryKind::Other) => Err(Failure::new(
            &codes::LEDGER_UNAVAILABLE,
            format!("{path}: a link or a device may lead out of the store"),
        )),
        None => Ok(false),
    }
}

/// The ledger in these bytes, and the bytes that it should be in where they
/// differ because the last line was never finished. Only a beginning of the next
/// line as we would write it counts as that.
fn mend(bytes: &[u8]) -> Result<(Ledger, Option<Vec<u8>>), BrokenChain> {
    let verify = |bytes: &[u8]| ledger::verify(bytes, Anchor::default()).map(|verified| verified.ledger);
    let broken = match verify(bytes) {
        Ok(ledger) => return Ok((ledger, None)),
        Err(broken) if broken.reason == Reason::Cut => broken,
        Err(broken) => return Err(broken),
    };
    let completed = [bytes, b"\n"].concat();
    if let Ok(ledger) = verify(&completed) {
        return Ok((ledger, Some(completed)));
    }
    let (whole, rest) = bytes.split_at(bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1));
    let ledger = verify(whole)?;
    let start = ledger.next_start();
    let length = start.len().min(rest.len());
    match rest[..length] == start.as_bytes()[..length] {
        true => Ok((ledger, Some(whole.to_vec()))),
        false => Err(broken),
    }
}

/// A job's ledger as a place in the store: its folders and its name.
fn ledger_place(deployment_id: &str, job_id: &str) -> Result<[String; 3], Failure> {
    check_deployment(deployment_id)?;
    rules::sha256(job_id).map_err(|wrong| Failure::new(&codes::LEDGER_UNAVAILABLE, format!("job id: {wrong}")))?;
    Ok(["ledgers".to_owned(), deployment_id.to_owned(), format!("{job_id}.jsonl")])
}

fn check_deployment(id: &str) -> Result<(), Failure> {
    let checked = rules::deployment_id(id, Environment::WORDS);
    checked.map_err(|wrong| Failure::new(&codes::LEDGER_UNAVAILABLE, format!("deployment id: {wrong}")))
}

fn refused(path: &str, broken: &BrokenChain) -> Failure {
    Failure::new(&codes::LEDGER_BROKEN, format!("{path}: {broken}"))
}

fn unusable(path: &str, error: &FileError) -> Failure {
    Failure::new(&codes::LEDGER_UNAVAILABLE, format!("{path}: {error}"))
}

#[cfg(test)]
mod tests;
