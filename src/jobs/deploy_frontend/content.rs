//! What is uploaded: the verified artifact's files, each a part of the archive,
//! or the archive itself in parts.

use std::io::Read;

use crate::artifact::pack::{self, Content as Place, Layout, Member};
use crate::artifact::{PackedFile, PackedKind, unpack};
use crate::clients::vercel::{PART, Upload, UploadFile};
use crate::codes;
use crate::host::{Coding, Host, Piece, Wanted};
use crate::jobs::verifying::Taken;
use crate::problem::Failure;

/// The folder of a prebuilt output (Build Output API, version 3).
pub const OUTPUT: &str = ".vercel/output/";

/// The mode of a symbolic link.
const LINK_MODE: u32 = 0o120_777;

/// A verified artifact, ready to be uploaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The archive.
    pub archive: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub digest: String,
    /// The commit that it was built from.
    pub commit: String,
    /// What is in it, sorted by the bytes of the paths.
    pub files: Vec<PackedFile>,
    /// Where in the archive each file's content begins; of a link, its target.
    pub starts: Vec<u64>,
}

impl Content {
    /// The upload file by file. Paths are those of a deployment: below `.vercel/output/`.
    pub fn upload(&self) -> Result<Upload, Failure> {
        let prefix = self.prefix()?;
        let file = |(file, from): (&PackedFile, &u64)| UploadFile {
            path: format!("{prefix}{}", file.path),
            sha1: file.sha1.clone(),
            size: file.size,
            mode: match file.kind {
                PackedKind::Plain => 0o100_644,
                PackedKind::Executable => 0o100_755,
                PackedKind::Link(_) => LINK_MODE,
            },
            source: self.archive.clone(),
            from: *from,
        };
        Ok(Upload { files: self.files.iter().zip(&self.starts).map(file).collect() })
    }

    /// What a path in the artifact is prefixed with in the deployment. Without a
    /// `config.json` it is no prebuilt output, and would be built at Vercel.
    pub fn prefix(&self) -> Result<&'static str, Failure> {
        let has = |path: &str| self.files.binary_search_by(|file| file.path.as_str().cmp(path)).is_ok();
        if has(".vercel/output/config.json") {
            Ok("")
        } else if has("config.json") {
            Ok(OUTPUT)
        } else {
            let message = "the artifact holds no `config.json` of a prebuilt output (Build Output API, version 3)";
            Err(Failure::new(&codes::UPLOAD_SET, message))
        }
    }

    /// The upload as one gzip archive in parts, made below `folder`.
    pub async fn archive(&self, host: &dyn Host, folder: &str) -> Result<Upload, Failure> {
        if !self.prefix()?.is_empty() {
            let message = "an archive must hold its files below `.vercel/output/`, as `vercel build` leaves them";
            return Err(Failure::new(&codes::UPLOAD_SET, message));
        }
        let failed = |error: crate::host::StreamError| {
            Failure::new(&codes::UPLOAD_SET, format!("the archive cannot be compressed: {error}"))
        };
        let whole = Piece::range(&self.archive, 0, self.size);
        let plain = host.stream(&[whole], None, Wanted { crc32: true, ..Wanted::default() }).await.map_err(failed)?;
        let crc32 = plain.ranges.first().map_or(0, |range| range.crc32);
        let path = format!("{folder}/source.tgz");
        let pieces = [
            // RFC 1952: deflate, no name, no time, no system.
            Piece::Bytes(vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]),
            Piece::Range { path: self.archive.clone(), from: 0, length: self.size, coding: Coding::Deflate },
            Piece::Bytes([crc32.to_le_bytes(), (self.size as u32).to_le_bytes()].concat()),
        ];
        let packed = host.stream(&pieces, Some(&path), Wanted::default()).await.map_err(failed)?;
        let starts = (0..packed.size).step_by(PART as usize);
        let parts: Vec<_> = starts.map(|from| Piece::range(&path, from, PART.min(packed.size - from))).collect();
        let digests = host.stream(&parts, None, Wanted { sha1: true, ..Wanted::default() }).await.map_err(failed)?;
        let file = |(at, range): (usize, &crate::host::RangeDigest)| UploadFile {
            path: format!(".vercel/source.tgz.part{}", at + 1),
            sha1: range.sha1.clone(),
            size: range.coded_size,
            mode: 0o100_666,
            source: path.clone(),
            from: at as u64 * PART,
        };
        Ok(Upload { files: digests.ranges.iter().enumerate().map(file).collect() })
    }
}

/// A verified artifact, with where each of its files begins.
pub fn open(host: &dyn Host, taken: Taken) -> Result<Content, Failure> {
    let Taken { path, waybill, .. } = taken;
    let mut read_at = |from: u64, length: usize| {
        let mut bytes = vec![0; length];
        let mut reader = host.open_at(&path, from).map_err(|error| error.to_string())?;
        reader.read_exact(&mut bytes).map_err(|error| error.to_string())?;
        Ok(bytes)
    };
    let size = waybill.artifact.size;
    let refused = |message: String| Failure::new(&codes::UPLOAD_SET, message);
    let members = unpack::read(&path, size, &mut read_at)
        .map_err(|wrong| wrong.into_iter().next().unwrap_or_else(|| refused(format!("`{path}` cannot be read"))))?;
    // What was verified file by file is what is uploaded.
    if members.len() != waybill.files.len()
        || members.iter().zip(&waybill.files).any(|(one, file)| one.path != file.path)
    {
        return Err(refused(format!("`{path}` holds other files than its waybill names")));
    }
    let layout = pack::layout(&members);
    let starts = starts(&members, &layout);
    Ok(Content {
        archive: path,
        size,
        digest: waybill.artifact.checksum.clone(),
        commit: waybill.source.commit,
        files: waybill.files,
        starts,
    })
}

/// Where in the archive each member's content begins.
fn starts(members: &[Member], layout: &Layout) -> Vec<u64> {
    let mut inner = layout.inner.iter();
    let start = |member: &Member| match &member.content {
        Place::Part { from, .. } => *from,
        Place::Text(_) | Place::Target => inner.next().map_or(0, |(from, _)| *from),
    };
    members.iter().map(start).collect()
}
