//! The fake's bulk work, on files in memory, with the field's own crates.

use std::collections::BTreeMap;
use std::io::Read;

use sha2::{Digest, Sha256};

use crate::host::{Coding, FileError, Piece, RangeDigest, StreamError, Streamed, Wanted};

/// What was seen, and all that was read after its coding.
pub fn stream(
    files: &BTreeMap<String, Vec<u8>>,
    pieces: &[Piece],
    wanted: Wanted,
) -> Result<(Streamed, Vec<u8>), StreamError> {
    let mut written = Vec::new();
    let mut ranges = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Bytes(bytes) => written.extend(bytes),
            Piece::Range { path, from, length, coding } => {
                let file = files.get(path).ok_or_else(|| StreamError::File(path.clone(), FileError::Missing))?;
                let (start, end) = (*from as usize, (from + length) as usize);
                let before = file.get(start..end).ok_or_else(|| StreamError::Short(path.clone()))?;
                let after = code(path, before, *coding)?;
                let plain = if *coding == Coding::Deflate { before } else { &after };
                let text = |wanted: bool, digest: fn(&[u8]) -> String, bytes: &[u8]| {
                    if wanted { digest(bytes) } else { String::new() }
                };
                ranges.push(RangeDigest {
                    sha256: text(wanted.sha256, sha256, before),
                    sha1: text(wanted.sha1, sha1, before),
                    crc32: if wanted.crc32 { crc32fast::hash(plain) } else { 0 },
                    coded_size: after.len() as u64,
                    coded_sha256: text(wanted.sha256, sha256, &after),
                    has_text: wanted.text.is_some_and(|text| memchr::memmem::find(before, text.as_bytes()).is_some()),
                });
                written.extend(after);
            }
        }
    }
    let sha256 = if wanted.whole { sha256(&written) } else { String::new() };
    Ok((Streamed { size: written.len() as u64, sha256, ranges }, written))
}

/// SHA-256 in lower-case hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn sha1(bytes: &[u8]) -> String {
    hex(&sha1::Sha1::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn code(path: &str, before: &[u8], coding: Coding) -> Result<Vec<u8>, StreamError> {
    use flate2::read::{DeflateDecoder, DeflateEncoder, MultiGzDecoder};
    let (limit, mut reader): (u64, Box<dyn Read + '_>) = match coding {
        Coding::Plain => return Ok(before.to_vec()),
        Coding::Unzstd { .. } => return Err(StreamError::Unsupported),
        Coding::Deflate => (u64::MAX, Box::new(DeflateEncoder::new(before, flate2::Compression::new(6)))),
        Coding::Inflate { limit } => (limit, Box::new(DeflateDecoder::new(before))),
        Coding::Gunzip { limit } => (limit, Box::new(MultiGzDecoder::new(before))),
    };
    let mut after = Vec::new();
    let read = reader.by_ref().take(limit.saturating_add(1)).read_to_end(&mut after);
    read.map_err(|error| StreamError::Corrupt(path.to_owned(), error.to_string()))?;
    if after.len() as u64 > limit { Err(StreamError::TooLarge(path.to_owned())) } else { Ok(after) }
}
