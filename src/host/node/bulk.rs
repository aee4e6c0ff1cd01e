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
    let mut paths = String::new();
    let mut numbers = Vec::with_capacity(pieces.len() * 4);
    let mut bytes = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        if index > 0 {
            paths.push('\0');
        }
        let (from, length, coding, limit) = match piece {
            Piece::Bytes(piece) => {
                bytes.extend_from_slice(piece);
                (0, piece.len() as u64, 0.0, 0)
            }
            Piece::Range { path, from, length, coding } => {
                paths.push_str(path);
                let (coding, limit) = match *coding {
                    Coding::Plain => (1.0, 0),
                    Coding::Deflate => (2.0, 0),
                    Coding::Inflate { limit } => (3.0, limit),
                    Coding::Gunzip { limit } => (4.0, limit),
                    Coding::Unzstd { limit } => (5.0, limit),
                };
                (*from, *length, coding, limit)
            }
        };
        numbers.extend([from as f64, length as f64, coding, limit as f64]);
    }
    let bytes = Uint8Array::from(bytes.as_slice());
    let Wanted { whole, sha256, sha1, crc32, text } = wanted;
    let answer = shim.stream(&paths, numbers, bytes, into, whole, sha256, sha1, crc32, text);
    let answer = answer.await.map_err(stream_error)?.as_string().unwrap_or_default();
    let mut answer = answer.split(',').map(str::to_owned);
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
            has_text: answer.next().as_deref() == Some("1"),
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
