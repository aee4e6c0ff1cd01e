//! The port's bulk work, handed to `js-shim/bulk.mjs` and read back.

use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use super::{Shim, cause, error_code, file_error};
use crate::host::{Coding, Piece, RangeDigest, StreamError, Streamed, Wanted};
use crate::http::{Saved, SendError};

/// [`Host::stream`](crate::host::Host::stream).
pub async fn stream(
    shim: &Shim,
    pieces: &[Piece],
    into: Option<&str>,
    wanted: Wanted,
) -> Result<Streamed, StreamError> {
    let mut flat = Vec::with_capacity(pieces.len() * 5);
    let mut bytes = Vec::new();
    for piece in pieces {
        let (path, from, length, coding, limit) = match piece {
            Piece::Bytes(piece) => {
                bytes.extend_from_slice(piece);
                ("", 0, piece.len() as u64, "", 0)
            }
            Piece::Range { path, from, length, coding } => {
                let (coding, limit) = match *coding {
                    Coding::Plain => ("plain", 0),
                    Coding::Deflate => ("deflate", 0),
                    Coding::Inflate { limit } => ("inflate", limit),
                    Coding::Gunzip { limit } => ("gunzip", limit),
                    Coding::Unzstd { limit } => ("unzstd", limit),
                };
                (path.as_str(), *from, *length, coding, limit)
            }
        };
        flat.extend([path.to_owned(), from.to_string(), length.to_string(), coding.to_owned(), limit.to_string()]);
    }
    let bytes = Uint8Array::from(bytes.as_slice());
    let Wanted { whole, sha256, sha1, crc32 } = wanted;
    let answer = shim.stream(flat, bytes, into, whole, sha256, sha1, crc32).await.map_err(stream_error)?;
    let mut answer = texts(answer);
    let size = number(answer.next());
    let sha256 = answer.next().unwrap_or_default();
    let mut ranges = Vec::new();
    while let Some(sha256) = answer.next() {
        ranges.push(RangeDigest {
            sha256,
            sha1: answer.next().unwrap_or_default(),
            crc32: number(answer.next()) as u32,
            coded_size: number(answer.next()),
            coded_sha256: answer.next().unwrap_or_default(),
        });
    }
    Ok(Streamed { size, sha256, ranges })
}

/// Writes an answer's body into a file.
pub async fn save(shim: &Shim, response: &web_sys::Response, path: &str, limit: u64) -> Result<Saved, SendError> {
    match shim.save(response, path, limit as f64).await {
        Ok(answer) => {
            let mut answer = texts(answer);
            Ok(Saved { size: number(answer.next()), sha256: answer.next().unwrap_or_default() })
        }
        Err(error) if error_code(&error) == "LARGE" => Err(SendError::TooLarge),
        Err(error) if file_of(&error).is_some() => Err(SendError::NotSaved(format!("`{path}`: {}", file_error(error)))),
        Err(error) => Err(SendError::Unknown(cause(&error))),
    }
}

fn texts(answer: JsValue) -> impl Iterator<Item = String> {
    Array::from(&answer).into_iter().map(|text| text.as_string().unwrap_or_default())
}

fn number(text: Option<String>) -> u64 {
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn file_of(error: &JsValue) -> Option<String> {
    Reflect::get(error, &"file".into()).ok().and_then(|file| file.as_string())
}

fn stream_error(error: JsValue) -> StreamError {
    let file = file_of(&error).unwrap_or_default();
    match error_code(&error).as_str() {
        "SHORT" => StreamError::Short(file),
        "LARGE" => StreamError::TooLarge(file),
        "CORRUPT" => StreamError::Corrupt(file, cause(&error)),
        "UNSUPPORTED" => StreamError::Unsupported,
        _ => StreamError::File(file, file_error(error)),
    }
}
