//! Archives on the host: writes one from members, and reads one back with the
//! digests of all that is in it. The bytes stay in the host.

use std::io::Read;

use crate::artifact::PackedFile;
use crate::artifact::pack::{self, Member};
use crate::artifact::secrets::KEY_MARK;
use crate::artifact::unpack;
use crate::codes;
use crate::host::{EntryKind, FileError, Host, Piece, StreamError, Streamed, Wanted};
use crate::problem::Failure;

/// How much of an archive is read at once for its headers; small files go by
/// without being asked for one by one.
const WINDOW: usize = 128 << 10;

/// What a stream over an archive computes.
const DIGESTS: Wanted = Wanted { whole: false, sha256: true, sha1: true, crc32: false, text: None };

/// An archive, with what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, in lower-case hex.
    pub sha256: String,
    /// What is in it, in order.
    pub files: Vec<PackedFile>,
    /// What may hold a private key, as places in [`Archive::files`].
    pub marked: Vec<usize>,
}

/// Packs members, which are in order, into a new file: whole or not at all.
pub async fn write(host: &dyn Host, members: &[Member], into: &str) -> Result<Archive, Failure> {
    let layout = pack::layout(members);
    let wanted = Wanted { whole: true, text: Some(KEY_MARK), ..DIGESTS };
    let streamed = host.stream(&layout.pieces, Some(into), wanted).await.map_err(|error| unstreamed(&error, into))?;
    finish(host, members, &layout, into, streamed).await
}

/// Reads an archive that was packed: its members, for packing it again or for
/// sending them one by one, and what is in it, all of one reading of its bytes.
/// Any deviation from what packing writes is refused, and named.
pub async fn read(host: &dyn Host, path: &str) -> Result<(Vec<Member>, Archive), Vec<Failure>> {
    let size = size_of(host, path).map_err(|error| vec![unread(path, &error)])?;
    let mut window = Window { host, path, size, start: 0, bytes: Vec::new() };
    let members = unpack::read(path, size, &mut |at, length| window.read(at, length))?;
    // What was just read of headers is written anew here, so the whole digest
    // is that of the very bytes whose files are listed.
    let layout = pack::layout(&members);
    let wanted = Wanted { whole: true, text: Some(KEY_MARK), ..DIGESTS };
    let streamed = host.stream(&layout.pieces, None, wanted).await;
    let streamed = streamed.map_err(|error| vec![Failure::new(&codes::ARCHIVE_BROKEN, error.to_string())])?;
    let archive = finish(host, &members, &layout, path, streamed).await.map_err(|failure| vec![failure])?;
    Ok((members, archive))
}

async fn finish(
    host: &dyn Host,
    members: &[Member],
    layout: &pack::Layout,
    archive: &str,
    streamed: Streamed,
) -> Result<Archive, Failure> {
    let marked = pack::parts(members).zip(&streamed.ranges).filter(|(_, range)| range.has_text);
    let marked = marked.map(|(place, _)| place).collect();
    let inner: Vec<Piece> = pack::inner_pieces(layout, archive);
    let inner = match inner.is_empty() {
        true => Streamed::default(),
        false => host.stream(&inner, None, DIGESTS).await.map_err(|error| unstreamed(&error, archive))?,
    };
    let files = pack::files(members, streamed.ranges, inner.ranges);
    let files = files.ok_or_else(|| Failure::new(&codes::DEFECT, "the host lost a file while packing"))?;
    Ok(Archive { size: streamed.size, sha256: streamed.sha256, files, marked })
}

/// The size of a file.
pub fn size_of(host: &dyn Host, path: &str) -> Result<u64, FileError> {
    let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
    let entry = host.list(if folder.is_empty() { "/" } else { folder })?.into_iter().find(|entry| entry.name == name);
    match entry {
        Some(entry) if entry.kind == EntryKind::File => Ok(entry.size),
        Some(_) => Err(FileError::WrongKind),
        None => Err(FileError::Missing),
    }
}

fn unread(path: &str, error: &FileError) -> Failure {
    Failure::new(&codes::NOT_READABLE, format!("`{path}` cannot be read: {error}"))
}

/// What came in between is told as what it means for packing.
fn unstreamed(error: &StreamError, into: &str) -> Failure {
    match error {
        StreamError::File(path, error) if path == into => {
            Failure::new(&codes::CANNOT_WRITE, format!("`{path}` cannot be written: {error}"))
        }
        StreamError::File(path, FileError::Missing) | StreamError::Short(path) => {
            Failure::new(&codes::TREE_CHANGED, format!("`{path}` became shorter or vanished while it was packed"))
        }
        StreamError::File(path, error) => unread(path, error),
        other => Failure::new(&codes::NOT_READABLE, other.to_string()),
    }
}

/// A part of a file that was read ahead.
struct Window<'a> {
    host: &'a dyn Host,
    path: &'a str,
    size: u64,
    start: u64,
    bytes: Vec<u8>,
}

impl Window<'_> {
    fn read(&mut self, at: u64, length: usize) -> Result<Vec<u8>, String> {
        let held = at.checked_sub(self.start).map(|from| from as usize);
        if let Some(bytes) = held.and_then(|from| self.bytes.get(from..from + length)) {
            return Ok(bytes.to_vec());
        }
        let ahead = (self.size.saturating_sub(at)).min(length.max(WINDOW) as u64);
        let file = self.host.open_at(self.path, at).map_err(|error| error.to_string())?;
        self.bytes.clear();
        self.start = at;
        file.take(ahead).read_to_end(&mut self.bytes).map_err(|error| error.to_string())?;
        Ok(self.bytes[..self.bytes.len().min(length)].to_vec())
    }
}
