//! An image, read and proved through the host: documents in the module, large
//! blobs as streams, side by side.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::task::Poll;

use futures_util::future::{Either, select};

use super::Work;
use crate::artifact::oci_layout::write::{self, Content, Part};
use crate::artifact::oci_layout::{self, Check, Coding, Found, Layout, Member, Place, Platform, docker};
use crate::codes;
use crate::host::{self, EntryKind, FileError, Host, Piece, Signal, StreamError, Task, Wanted};
use crate::problem::Failure;

/// How many entries of a folder with a layout are looked at.
const MOST_ENTRIES: usize = 20_000;
/// How deep such a folder is walked.
const DEEPEST: usize = 8;

/// An archive that holds: everything in it is proved.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The OCI archive.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, in lower-case hex.
    pub sha256: String,
    /// What is in it, with the place of every blob in the archive.
    pub layout: Layout,
}

/// Why there is no [`Verified`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// These reasons, the first the gravest; never empty.
    Refused(Vec<Failure>),
    /// The process was asked to stop.
    Cancelled(Signal),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Stopped {
        Stopped::Refused(vec![failure])
    }
}

/// Proves the OCI archive at `path` to its last byte, for this platform and
/// every other one that it holds. Holds no layer in memory.
pub async fn verify(host: &dyn Host, path: &str, platform: &Platform) -> Result<Verified, Stopped> {
    let size = size(host, path)?;
    let members = oci_layout::members(path, size, &mut |place| read_at(host, place))?;
    let files = oci_layout::files(members)?;
    let layout = oci_layout::read(&files, platform, &mut |place| read_at(host, place))?;
    let sha256 = unless_cancelled(host, prove(host, path, size, &layout.checks)).await??;
    Ok(Verified { path: path.to_owned(), size, sha256, layout })
}

/// The image at `path` as an OCI archive: one that is there as it is, a folder
/// or what `docker save` wrote as a new one at `into`. Gives its path and what
/// was made of what, if anything.
pub async fn as_archive(
    host: &dyn Host,
    path: &str,
    into: &str,
    platform: &Platform,
) -> Result<(String, Option<&'static str>), Stopped> {
    let (files, how) = match kind(host, path)? {
        EntryKind::Directory => {
            let files = folder(host, path)?;
            if docker::is_saved(&files) {
                (saved(host, &files).await?, "the folder of `docker save`")
            } else {
                let files = oci_layout::files(files)?;
                // Before anything is copied; what is copied is proved afterwards.
                let layout = oci_layout::read(&files, platform, &mut |place| read_at(host, place))?;
                (of_layout(files, &layout), "the layout's folder")
            }
        }
        EntryKind::File => {
            let members = oci_layout::members(path, size(host, path)?, &mut |place| read_at(host, place))?;
            if !docker::is_saved(&members) {
                return Ok((path.to_owned(), None));
            }
            (saved(host, &members).await?, "the archive of `docker save`")
        }
        _ => return Err(missing(path, &FileError::WrongKind).into()),
    };
    let pieces: Vec<Piece> = write::archive(files).into_iter().map(piece).collect();
    unless_cancelled(host, host.stream(&pieces, Some(into), Wanted::default())).await?.map_err(unreadable)?;
    Ok((into.to_owned(), Some(how)))
}

/// Every check, and the SHA-256 of the whole file, side by side.
async fn prove(host: &dyn Host, path: &str, size: u64, checks: &[Check]) -> Result<String, Stopped> {
    let mut ordered: Vec<&Check> = checks.iter().collect();
    // The longest first, so that the last ones are short wherever they run.
    crate::model::order::sort(&mut ordered, &|one, other| other.place.size.cmp(&one.place.size));
    let mut tasks: Vec<Task<'_, Found<String>>> = vec![Box::pin(whole(host, path, size))];
    tasks.extend(ordered.into_iter().map(|check| Box::pin(proved(host, check)) as Task<'_, Found<String>>));
    let mut digest = String::new();
    let mut failures = Vec::new();
    for (index, proved) in all(tasks).await.into_iter().enumerate() {
        match proved {
            Ok(whole) if index == 0 => digest = whole,
            Ok(_) => {}
            Err(failure) => failures.push(failure),
        }
    }
    if failures.is_empty() { Ok(digest) } else { Err(Stopped::Refused(failures)) }
}

/// Every task's value, in order; they go on side by side.
async fn all<T>(tasks: Vec<Task<'_, T>>) -> Vec<T> {
    let mut left: Vec<(Option<Task<'_, T>>, Option<T>)> = tasks.into_iter().map(|task| (Some(task), None)).collect();
    std::future::poll_fn(|context| {
        let mut is_done = true;
        for (task, value) in &mut left {
            let Some(running) = task else { continue };
            match running.as_mut().poll(context) {
                Poll::Ready(ready) => (*task, *value) = (None, Some(ready)),
                Poll::Pending => is_done = false,
            }
        }
        if is_done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    left.into_iter().filter_map(|(_, value)| value).collect()
}

async fn whole(host: &dyn Host, path: &str, size: u64) -> Found<String> {
    let pieces = [Piece::range(path, 0, size)];
    let streamed =
        host.stream(&pieces, None, Wanted { sha256: true, ..Wanted::default() }).await.map_err(unreadable)?;
    Ok(streamed.ranges.into_iter().next().unwrap_or_default().sha256)
}

async fn proved(host: &dyn Host, check: &Check) -> Found<String> {
    let limit = check.limit;
    let coding = match check.coding {
        Coding::Plain => host::Coding::Plain,
        Coding::Gzip => host::Coding::Gunzip { limit },
        Coding::Zstd => host::Coding::Unzstd { limit },
    };
    let Place { path, from, size: length } = check.place.clone();
    let pieces = [Piece::Range { path, from, length, coding }];
    let streamed = host.stream(&pieces, None, Wanted { sha256: true, ..Wanted::default() }).await;
    let streamed = streamed.map_err(|error| match error {
        StreamError::Corrupt(_, reason) => check.corrupt(&reason),
        StreamError::TooLarge(_) => check.too_large(),
        StreamError::Unsupported => check.unsupported(),
        error => unreadable(error),
    })?;
    let range = streamed.ranges.into_iter().next().unwrap_or_default();
    check.judge(&range.sha256, &range.coded_sha256)?;
    Ok(range.sha256)
}

async fn saved(host: &dyn Host, members: &BTreeMap<String, Member>) -> Result<BTreeMap<String, Content>, Stopped> {
    let saved = docker::read(members, &mut |place| read_at(host, place))?;
    let pieces: Vec<Piece> = saved.layers().cloned().map(|place| piece(Part::File(place))).collect();
    let wanted = Wanted { sha256: true, ..Wanted::default() };
    let streamed = unless_cancelled(host, host.stream(&pieces, None, wanted)).await?.map_err(unreadable)?;
    let digests: Vec<String> = streamed.ranges.into_iter().map(|range| range.sha256).collect();
    Ok(saved.layout(&digests))
}

/// What belongs to the image, and nothing else of the folder.
fn of_layout(files: BTreeMap<String, Place>, layout: &Layout) -> BTreeMap<String, Content> {
    let documents = layout.documents.iter().map(|document| &document.digest);
    let wanted: Vec<String> =
        layout.blobs.keys().chain(documents).map(|digest| oci_layout::blob_path(digest)).collect();
    let is_wanted = |name: &String| matches!(name.as_str(), "oci-layout" | "index.json") || wanted.contains(name);
    files.into_iter().filter(|(name, _)| is_wanted(name)).map(|(name, place)| (name, Content::File(place))).collect()
}

/// The files below a folder, by their paths in it.
fn folder(host: &dyn Host, root: &str) -> Found<BTreeMap<String, Member>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![(String::new(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let path = if folder.is_empty() { root.to_owned() } else { format!("{root}/{folder}") };
        for entry in host.list(&path).map_err(|error| missing(&path, &error))? {
            let name = if folder.is_empty() { entry.name.clone() } else { format!("{folder}/{}", entry.name) };
            let path = format!("{root}/{name}");
            match entry.kind {
                EntryKind::File => {
                    found.insert(name, Member::File(Place { path, from: 0, size: entry.size }));
                }
                EntryKind::Link => {
                    let target = host.read_link(&path).map_err(|error| missing(&path, &error))?;
                    found.insert(name, Member::Link(target));
                }
                EntryKind::Directory if depth < DEEPEST => folders.push((name, depth + 1)),
                EntryKind::Directory => {}
                EntryKind::Other => return Err(oci_layout::unsafe_member(&name, "no file")),
            }
            if found.len() + folders.len() > MOST_ENTRIES {
                let message = format!("`{root}` holds more than {MOST_ENTRIES} files");
                return Err(Failure::new(&codes::IMAGE_LIMIT, message));
            }
        }
    }
    Ok(found)
}

fn piece(part: Part) -> Piece {
    match part {
        Part::Bytes(bytes) => Piece::Bytes(bytes),
        Part::File(Place { path, from, size }) => Piece::range(path, from, size),
    }
}

/// What lies at a path, with links followed.
fn kind(host: &dyn Host, path: &str) -> Found<EntryKind> {
    if host.list(path).is_ok() {
        return Ok(EntryKind::Directory);
    }
    host.open(path).map(|_| EntryKind::File).map_err(|error| missing(path, &error))
}

fn size(host: &dyn Host, path: &str) -> Found<u64> {
    let real = host.real_path(path).map_err(|error| missing(path, &error))?;
    let (folder, name) = real.rsplit_once('/').unwrap_or((".", &real));
    let folder = if folder.is_empty() { "/" } else { folder };
    let entries = host.list(folder).map_err(|error| missing(path, &error))?;
    let entry = entries.into_iter().find(|entry| entry.name == name && entry.kind == EntryKind::File);
    entry.map(|entry| entry.size).ok_or_else(|| missing(path, &FileError::WrongKind))
}

fn read_at(host: &dyn Host, place: &Place) -> Found<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = host.open_at(&place.path, place.from).map_err(|error| missing(&place.path, &error))?;
    let read = file.take(place.size).read_to_end(&mut bytes);
    match read {
        Ok(_) if bytes.len() as u64 == place.size => Ok(bytes),
        Ok(_) => Err(unreadable(StreamError::Short(place.path.clone()))),
        Err(error) => Err(unreadable(StreamError::File(place.path.clone(), FileError::Refused(error.to_string())))),
    }
}

fn missing(path: &str, error: &FileError) -> Failure {
    match error {
        FileError::Missing => Failure::new(&codes::IMAGE_MISSING, format!("there is nothing at `{path}`")),
        FileError::WrongKind => Failure::new(&codes::IMAGE_MISSING, format!("`{path}` is neither a file nor a folder")),
        error => Failure::new(&codes::IMAGE_UNREADABLE, format!("cannot read `{path}`: {error}")),
    }
}

fn unreadable(error: StreamError) -> Failure {
    Failure::new(&codes::IMAGE_UNREADABLE, error.to_string())
}

/// The work's end, unless the process is asked to stop before.
async fn unless_cancelled<T>(host: &dyn Host, work: impl Future<Output = T>) -> Result<T, Stopped> {
    match select(host.cancelled(), std::pin::pin!(work)).await {
        Either::Left((signal, _)) => Err(Stopped::Cancelled(signal)),
        Either::Right((done, _)) => Ok(done),
    }
}

/// Where a job keeps a file that goes when the job ends.
pub fn draft(work: &Work<'_>, name: &str) -> String {
    format!("{}/waybill-{}/{name}", work.context.temporary, &work.job.id[..12])
}

/// What tells whether the image at a path was written anew; nothing where none is.
pub fn stamp(host: &dyn Host, path: &str) -> Option<Vec<(u64, u64)>> {
    let entry = |folder: &str, name: &str| {
        let entries = host.list(folder).ok()?;
        let found = entries.into_iter().find(|entry| entry.name == name)?;
        Some((found.size, found.modified))
    };
    let (folder, name) = path.rsplit_once('/')?;
    let inside = ["index.json", "manifest.json"].into_iter().filter_map(|name| entry(path, name));
    let stamps: Vec<_> = inside.chain(entry(folder, name).filter(|(size, _)| *size > 0)).collect();
    (!stamps.is_empty()).then_some(stamps)
}
