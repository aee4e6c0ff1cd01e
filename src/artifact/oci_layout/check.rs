//! What the host proves of a blob, as a stream: its digest, and of a layer the
//! digest of the tar inside.

use super::{Found, Place, ReadAt, members};
use crate::codes;
use crate::problem::Failure;

/// Up to this size a layer may be of any ratio, in bytes.
const FREE: u64 = 256 << 20;
/// How many bytes a byte of a layer may become. gzip reaches 1032 with nothing but zeros.
const RATIO: u64 = 200;
/// How large a layer may become, in bytes.
const LARGEST_LAYER: u64 = 64 << 30;

/// How a blob is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// As it is.
    Plain,
    /// By gzip.
    Gzip,
    /// By Zstandard.
    Zstd,
}

/// A blob that is still to be proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The digest that it must have.
    pub digest: String,
    /// Where it lies.
    pub place: Place,
    /// How its content is read.
    pub coding: Coding,
    /// The digest that its content must have; of a layer.
    pub diff_id: Option<String>,
    /// How many bytes its content may have.
    pub limit: u64,
}

impl Check {
    /// Of this blob.
    pub fn new(digest: &str, place: Place, coding: Coding, diff_id: Option<&String>) -> Check {
        let limit = place.size.saturating_mul(RATIO).clamp(FREE, LARGEST_LAYER);
        Check { digest: digest.to_owned(), place, coding, diff_id: diff_id.cloned(), limit }
    }

    /// Whether the digests, in hex, of the blob and of its content are the right ones.
    pub fn judge(&self, sha256: &str, content: &str) -> Found<()> {
        same_digest(&self.digest, sha256)?;
        match &self.diff_id {
            Some(diff_id) if diff_id.strip_prefix("sha256:") != Some(content) => {
                Err(other_content(&self.digest, diff_id))
            }
            _ => Ok(()),
        }
    }

    /// The content is none of its format, or ends too early.
    pub fn corrupt(&self, reason: &str) -> Failure {
        Failure::new(&codes::IMAGE_COMPRESSION, format!("the layer `{}` cannot be decompressed: {reason}", self.digest))
    }

    /// The content is more than the limit.
    pub fn too_large(&self) -> Failure {
        let message =
            format!("the layer `{}` of {} bytes expands to more than {}", self.digest, self.place.size, self.limit);
        Failure::new(&codes::IMAGE_EXPANDS, message)
    }

    /// The content cannot be read by this Node.
    pub fn unsupported(&self) -> Failure {
        let message = format!("the layer `{}` is compressed by Zstandard", self.digest);
        Failure::new(&codes::IMAGE_ZSTD, message)
    }
}

/// Whether bytes with this SHA-256 are those of the digest.
pub fn same_digest(digest: &str, sha256: &str) -> Found<()> {
    match digest.strip_prefix("sha256:") == Some(sha256) {
        true => Ok(()),
        false => {
            let message = format!("the blob `{digest}` was changed: it has the digest `sha256:{sha256}`");
            Err(Failure::new(&codes::IMAGE_BLOB_CHANGED, message))
        }
    }
}

/// A layer holds something else.
pub fn other_content(digest: &str, diff_id: &str) -> Failure {
    let message = format!("the layer `{digest}` does not hold `{diff_id}`, which the configuration names");
    Failure::new(&codes::IMAGE_DIFF_ID, message)
}

/// What can be said of a layer that is no compressed one before it is read: its
/// digest is that of its content, and it begins as a tar does.
pub fn plain_layer(place: &Place, digest: &str, diff_id: Option<&String>, read: ReadAt<'_>) -> Found<()> {
    if let Some(diff_id) = diff_id.filter(|diff_id| *diff_id != digest) {
        return Err(other_content(digest, diff_id));
    }
    let start = read(&Place { size: place.size.min(512), ..place.clone() })?;
    match start.len() == 512 && (members::is_header(&start) || start.iter().all(|&byte| byte == 0)) {
        true => Ok(()),
        false => {
            let message = format!("the layer `{digest}` calls itself a tar, and is none");
            Err(Failure::new(&codes::IMAGE_MEDIA_TYPE, message))
        }
    }
}
