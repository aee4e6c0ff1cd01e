//! Takes a downloaded parcel apart, with no trust in what it says of itself.

use std::io::Read;

use crate::codes;
use crate::host::{Coding, Host, Piece, StreamError, Wanted};
use crate::problem::Failure;
use crate::store::artifacts::{LARGEST_ARTIFACT, MOST_PARTS, check_file};
use crate::store::directory::stream_failure;
use crate::store::zip::{self, Torn};

/// Why a parcel cannot be taken apart.
#[derive(Debug)]
pub enum Wrong {
    /// It is no sound parcel.
    Torn(String),
    /// This machine could not.
    Failed(Failure),
}

impl Wrong {
    /// As a failure of the parcel of this name.
    pub fn failure(self, name: &str) -> Failure {
        match self {
            Wrong::Torn(wrong) => Failure::new(&codes::CHECKSUM, format!("`{name}` is damaged: {wrong}")),
            Wrong::Failed(failure) => failure,
        }
    }
}

impl From<Torn> for Wrong {
    fn from(torn: Torn) -> Wrong {
        Wrong::Torn(torn.0.to_owned())
    }
}

/// Writes the members of a zip file into a folder; their paths.
pub async fn unpack(host: &dyn Host, file: &str, size: u64, folder: &str) -> Result<Vec<String>, Wrong> {
    let tail = read(host, file, size.saturating_sub(zip::TAIL), size.min(zip::TAIL))?;
    let mut wide = |at: u64| read(host, file, at, 56).ok();
    let directory = zip::end_of_directory(&tail, size, &mut wide)?;
    let bytes = read(host, file, directory.offset, directory.size)?;
    let members = zip::members(&bytes, directory)?;
    if members.is_empty() || members.len() > MOST_PARTS {
        return Err(Wrong::Torn(format!("it has {} files", members.len())));
    }
    let mut paths: Vec<String> = Vec::new();
    for member in members {
        if !check_file(&member.name) || member.name == "parcel.zip" {
            let shown = crate::model::forms::shown(&member.name);
            return Err(Wrong::Torn(format!("it holds a file that no parcel may hold: {shown}")));
        }
        let path = format!("{folder}/{}", member.name);
        if paths.iter().any(|known| known.eq_ignore_ascii_case(&path)) {
            return Err(Wrong::Torn(format!("it holds `{}` twice", member.name)));
        }
        if member.size > LARGEST_ARTIFACT {
            return Err(Wrong::Torn(format!("`{}` is too large", member.name)));
        }
        let local = read(host, file, member.offset, 30)?;
        let from = zip::data_start(&local, &member, directory)?;
        let coding = if member.is_deflated { Coding::Inflate { limit: member.size } } else { Coding::Plain };
        let piece = Piece::Range { path: file.to_owned(), from, length: member.coded_size, coding };
        let wanted = Wanted { crc32: true, ..Wanted::default() };
        let streamed = match host.stream(&[piece], Some(&path), wanted).await {
            Ok(streamed) => streamed,
            Err(StreamError::File(path, error)) => {
                return Err(Wrong::Failed(stream_failure(StreamError::File(path, error))));
            }
            Err(error) => return Err(Wrong::Torn(error.to_string())),
        };
        let crc32 = streamed.ranges.first().map(|range| range.crc32);
        if streamed.size != member.size || crc32 != Some(member.crc32) {
            return Err(Wrong::Torn(format!("`{}` has another checksum than it says", member.name)));
        }
        paths.push(path);
    }
    Ok(paths)
}

fn read(host: &dyn Host, file: &str, from: u64, length: u64) -> Result<Vec<u8>, Wrong> {
    let failed = |reason: String| Wrong::Failed(Failure::new(&codes::STORE_UNAVAILABLE, format!("`{file}`: {reason}")));
    let open = host.open_at(file, from).map_err(|error| failed(error.to_string()))?;
    let mut bytes = Vec::new();
    open.take(length).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(Wrong::Torn("it is cut".to_owned())) }
}
