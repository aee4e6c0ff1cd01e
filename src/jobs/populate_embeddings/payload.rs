//! What is stored with a vector.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::reconcile::Wanted;
use crate::documents::Chunk;
use crate::model::id::hex;

/// A chunk and what stands beside its text.
pub struct Entry<'c> {
    /// The chunk.
    pub chunk: &'c Chunk,
    /// The payload without text and run.
    about: Value,
    /// SHA-256 of it.
    pub hash: String,
}

impl<'c> Entry<'c> {
    /// The entry of a chunk of this source.
    pub fn new(chunk: &'c Chunk, source: &str) -> Entry<'c> {
        let about = json!({
            "source": source,
            "path": chunk.path,
            "title": chunk.title,
            "headings": chunk.headings,
            "anchor": chunk.anchor,
            "url": chunk.url,
            "first_line": chunk.first_line,
            "last_line": chunk.last_line,
            "ordinal": chunk.ordinal,
            "text_hash": chunk.text_hash,
        });
        // Keys are sorted, so the same content has the same text.
        let hash = hex(&Sha256::digest(about.to_string().as_bytes()));
        Entry { chunk, about, hash }
    }

    /// As it is compared.
    pub fn wanted(&self) -> Wanted<'_> {
        let Chunk { id, path, text_hash, .. } = self.chunk;
        Wanted { id, path, text_hash, payload_hash: self.hash.clone() }
    }

    /// As it is stored.
    pub fn payload(&self, run: u64) -> Value {
        let mut payload = self.about.clone();
        payload["text"] = self.chunk.text.as_str().into();
        payload["payload_hash"] = self.hash.as_str().into();
        payload["run"] = run.into();
        payload
    }

    /// The point in JSON.
    pub fn point(&self, vector: &[f32], run: u64) -> String {
        json!({ "id": self.chunk.id, "vector": vector, "payload": self.payload(run) }).to_string()
    }
}
