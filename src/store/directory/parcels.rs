//! The artifacts of the directory store.
//!
//! ```text
//! .waybill/artifacts/<run>/<attempt>/<name>/<file>…
//! .waybill/artifacts/<run>/<attempt>/<name>/parcel.json   written last: the parcel is whole
//! ```

use std::io::Read;

use serde_json::{Value, json};

use super::Directory;
use crate::codes;
use crate::host::{EntryKind, FileError, Piece, StreamError, Task, Wanted, Writing};
use crate::model::rules;
use crate::problem::Failure;
use crate::store::artifacts::{Content, Found, Parcel, Store, check_name, check_parcel, is_word};

/// The mark of a whole parcel, with the names, sizes and digests of its files.
const MARK: &str = "parcel.json";
/// The largest mark that is read, in bytes.
const MARK_LIMIT: u64 = 64 << 10;

impl Store for Directory<'_> {
    fn word(&self) -> &'static str {
        "directory"
    }

    fn put<'a>(&'a self, parcel: &'a Parcel) -> Task<'a, Result<(), Failure>> {
        Box::pin(async {
            check_parcel(parcel)?;
            let place = ["artifacts", &parcel.run, &parcel.attempt, &parcel.name].map(str::to_owned);
            let folder = self.at(&place);
            self.safe(&place)?;
            match self.mark(&folder)? {
                Some(mark) if mark["jobId"] != parcel.job_id.as_str() => {
                    let message = format!("another job of this run has stored `{}`", parcel.name);
                    return Err(Failure::new(&codes::ARTIFACT_EXISTS, message));
                }
                _ => self.host.remove(&folder).map_err(|error| unavailable(&folder, &error))?,
            }
            self.prepare().map_err(|error| unavailable(&self.root, &error))?;
            let written = self.write_parts(&folder, parcel).await;
            if written.is_err() {
                // What is left has no mark, so that nobody takes it for whole.
                let _ = self.host.remove(&folder);
            }
            written
        })
    }

    fn find<'a>(&'a self, run: &'a str, name: &'a str) -> Task<'a, Result<Option<Found>, Failure>> {
        Box::pin(async move {
            let all = self.all(run, name)?;
            Ok(all.into_iter().find(|found| found.name == name))
        })
    }

    fn list<'a>(&'a self, run: &'a str, start: &'a str) -> Task<'a, Result<Vec<Found>, Failure>> {
        Box::pin(async move { self.all(run, start) })
    }

    fn fetch<'a>(&'a self, found: &'a Found, _folder: &'a str) -> Task<'a, Result<Vec<String>, Failure>> {
        Box::pin(async {
            let gone = || Failure::new(&codes::ARTIFACT_MISSING, format!("`{}` is not there any more", found.name));
            let mark = self.mark(&found.key)?.ok_or_else(gone)?;
            let names: Vec<&str> = mark["files"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let entries = self.host.list(&found.key).map_err(|error| unavailable(&found.key, &error))?;
            let path = |name: &&str| {
                let there = entries.iter().any(|entry| entry.name == **name && entry.kind == EntryKind::File);
                there.then(|| format!("{}/{name}", found.key))
            };
            names.iter().map(path).collect::<Option<Vec<_>>>().ok_or_else(gone)
        })
    }
}

impl Directory<'_> {
    /// Removes what has expired, and what was never finished or is no parcel;
    /// gives the names of what was removed.
    pub fn prune(&self, now: chrono::DateTime<chrono::Utc>) -> Result<Vec<String>, Failure> {
        let mut removed = Vec::new();
        for place in self.places()? {
            let folder = self.at(&place);
            self.safe(&place)?;
            let mark = self.mark(&folder)?;
            let expires = mark.as_ref().and_then(|mark| rules::date(mark["expiresAt"].as_str()?).ok());
            if expires.is_none_or(|expires| expires <= now) {
                self.host.remove(&folder).map_err(|error| unavailable(&folder, &error))?;
                removed.push(place[1..].join("/"));
            }
        }
        Ok(removed)
    }

    /// The folders that hold, or should hold, a parcel.
    fn places(&self) -> Result<Vec<[String; 4]>, Failure> {
        let mut places = Vec::new();
        for run in self.folders(&["artifacts".to_owned()])? {
            for attempt in self.folders(&["artifacts".to_owned(), run.clone()])? {
                for name in self.folders(&["artifacts".to_owned(), run.clone(), attempt.clone()])? {
                    places.push(["artifacts".to_owned(), run.clone(), attempt.clone(), name]);
                }
            }
        }
        Ok(places)
    }

    fn folders(&self, place: &[String]) -> Result<Vec<String>, Failure> {
        self.safe(place)?;
        let path = self.at(place);
        let entries = match self.host.list(&path) {
            Ok(entries) => entries,
            Err(FileError::Missing) => Vec::new(),
            Err(error) => return Err(unavailable(&path, &error)),
        };
        let folders = entries.into_iter().filter(|entry| entry.kind == EntryKind::Directory);
        Ok(folders.map(|entry| entry.name).collect())
    }

    /// The whole parcels of a run whose names begin so, the newest attempt's of each name.
    fn all(&self, run: &str, start: &str) -> Result<Vec<Found>, Failure> {
        if !is_word(run) {
            return Ok(Vec::new());
        }
        let mut attempts = self.folders(&["artifacts".to_owned(), run.to_owned()])?;
        // Attempts are numbers: a longer one is later.
        crate::model::order::sort(&mut attempts, &|one, other| (other.len(), other).cmp(&(one.len(), one)));
        let mut all: Vec<Found> = Vec::new();
        for attempt in attempts {
            let place = ["artifacts".to_owned(), run.to_owned(), attempt];
            for name in self.folders(&place)? {
                let known = all.iter().any(|found| found.name == name);
                if known || !name.starts_with(start) || check_name(&name).is_err() {
                    continue;
                }
                let key = format!("{}/{name}", self.at(&place));
                if self.mark(&key)?.is_some() {
                    all.push(Found { name, run: run.to_owned(), key, digest: String::new(), size: 0 });
                }
            }
        }
        crate::model::order::sort(&mut all, &|one, other| one.name.cmp(&other.name));
        Ok(all)
    }

    async fn write_parts(&self, folder: &str, parcel: &Parcel) -> Result<(), Failure> {
        for part in &parcel.parts {
            let path = format!("{folder}/{}", part.name);
            match &part.content {
                Content::Bytes(bytes) => {
                    self.host.write(&path, bytes, Writing::New).map_err(|error| unavailable(&path, &error))?;
                }
                Content::File { path: from, size, sha256 } => {
                    let pieces = [Piece::range(from.as_str(), 0, *size)];
                    let wanted = Wanted { whole: true, ..Wanted::default() };
                    let streamed = self.host.stream(&pieces, Some(&path), wanted).await.map_err(stream_failure)?;
                    if streamed.sha256 != *sha256 {
                        let message = format!("`{from}` changed while it was stored");
                        return Err(Failure::new(&codes::STORE_UNAVAILABLE, message));
                    }
                }
            }
        }
        let names: Vec<&str> = parcel.parts.iter().map(|part| part.name.as_str()).collect();
        let mark = json!({
            "files": names, "jobId": parcel.job_id, "expiresAt": rules::date_text(parcel.expires_at),
        });
        let path = format!("{folder}/{MARK}");
        let written = self.host.write(&path, mark.to_string().as_bytes(), Writing::New);
        written.map_err(|error| unavailable(&path, &error))
    }

    /// What the mark of a parcel says; nothing where there is none, or it is broken.
    fn mark(&self, folder: &str) -> Result<Option<Value>, Failure> {
        let path = format!("{folder}/{MARK}");
        let mut bytes = Vec::new();
        match self.host.open(&path) {
            Ok(file) => {
                let read = file.take(MARK_LIMIT).read_to_end(&mut bytes);
                read.map_err(|error| Failure::new(&codes::STORE_UNAVAILABLE, format!("{path}: {error}")))?;
            }
            Err(FileError::Missing | FileError::WrongKind) => return Ok(None),
            Err(error) => return Err(unavailable(&path, &error)),
        }
        Ok(serde_json::from_slice(&bytes).ok())
    }

    fn at(&self, place: &[String]) -> String {
        format!("{}/{}", self.root, place.join("/"))
    }

    fn safe(&self, place: &[String]) -> Result<(), Failure> {
        self.guard(place).map_err(|failure| Failure::new(&codes::STORE_UNAVAILABLE, failure.message))
    }
}

/// What is wrong where bulk could not be read or written.
pub fn stream_failure(error: StreamError) -> Failure {
    Failure::new(&codes::STORE_UNAVAILABLE, error.to_string())
}

fn unavailable(path: &str, error: &FileError) -> Failure {
    Failure::new(&codes::STORE_UNAVAILABLE, format!("`{path}`: {error}"))
}
