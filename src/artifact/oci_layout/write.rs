//! Writing a layout as one archive: the same files give the same bytes, whoever
//! owns them and whenever they were made.

use std::collections::BTreeMap;

use super::Place;

/// A part of an archive that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// These bytes.
    Bytes(Vec<u8>),
    /// A part of a file.
    File(Place),
}

/// What a member holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// A part of a file.
    File(Place),
}

impl Content {
    fn size(&self) -> u64 {
        match self {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::File(place) => place.size,
        }
    }
}

const BLOCK: u64 = 512;

/// The archive of a layout's files, by their paths of at most 100 bytes: a
/// plain tar, sorted, everything owned by 0 and from 1970.
pub fn archive(files: BTreeMap<String, Content>) -> Vec<Part> {
    let mut parts = Parts::default();
    // Not every reader makes folders by itself.
    for folder in ["blobs/", "blobs/sha256/"] {
        parts.bytes(&header(folder, 0, b'5'));
    }
    for (name, content) in files {
        let size = content.size();
        parts.bytes(&header(&name, size, b'0'));
        match content {
            Content::Bytes(bytes) => parts.bytes(&bytes),
            Content::File(place) => parts.list.push(Part::File(place)),
        }
        parts.bytes(&vec![0; (size.next_multiple_of(BLOCK) - size) as usize]);
    }
    parts.bytes(&[0; 2 * BLOCK as usize]);
    parts.list
}

#[derive(Default)]
struct Parts {
    list: Vec<Part>,
}

impl Parts {
    fn bytes(&mut self, bytes: &[u8]) {
        match self.list.last_mut() {
            Some(Part::Bytes(last)) => last.extend_from_slice(bytes),
            _ => self.list.push(Part::Bytes(bytes.to_vec())),
        }
    }
}

/// A header of POSIX's ustar form.
fn header(name: &str, size: u64, kind: u8) -> Vec<u8> {
    let mut block = vec![0; BLOCK as usize];
    let mut put = |at: usize, text: &[u8]| block[at..at + text.len()].copy_from_slice(text);
    put(0, &name.as_bytes()[..name.len().min(100)]);
    put(100, if kind == b'5' { b"0000755\0" } else { b"0000644\0" });
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    if size < 1 << 33 {
        put(124, format!("{size:011o}\0").as_bytes());
    } else {
        put(124, &[0x80, 0, 0, 0]);
        put(128, &size.to_be_bytes());
    }
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, &[kind]);
    put(257, b"ustar\x0000");
    put(329, b"0000000\0");
    put(337, b"0000000\0");
    let sum: u64 = block.iter().map(|&byte| u64::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}
