//! Bulk as plain data: what the host shall read, hash, code and write as a
//! stream, without a byte of it passing through the module's memory.

use super::FileError;

/// A part of what [`Host::stream`](super::Host::stream) reads, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// These bytes: a header, a directory, padding.
    Bytes(Vec<u8>),
    /// A part of a file.
    Range {
        /// The file.
        path: String,
        /// Its first byte that is read.
        from: u64,
        /// How many bytes are read; a file that ends before is
        /// [`StreamError::Short`]. What follows is not looked at.
        length: u64,
        /// What is done to them on the way.
        coding: Coding,
    },
}

impl Piece {
    /// A part of a file as it is.
    pub fn range(path: impl Into<String>, from: u64, length: u64) -> Piece {
        Piece::Range { path: path.into(), from, length, coding: Coding::Plain }
    }
}

/// What is done to a [`Piece::Range`] on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Nothing.
    Plain,
    /// Compressed by raw deflate (RFC 1951), ended. The bytes depend on the version of zlib.
    Deflate,
    /// A raw deflate stream is expanded. More than `limit` bytes of result are [`StreamError::TooLarge`].
    Inflate {
        /// The most bytes of result.
        limit: u64,
    },
    /// As [`Coding::Inflate`], for gzip (RFC 1952), of one member or several.
    Gunzip {
        /// The most bytes of result.
        limit: u64,
    },
    /// As [`Coding::Inflate`], for Zstandard (RFC 8878). [`StreamError::Unsupported`] before Node 22.15.
    Unzstd {
        /// The most bytes of result.
        limit: u64,
    },
}

/// Which digests are wanted; the rest is not computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// SHA-256 of everything, after the coding, as it is written.
    pub whole: bool,
    /// SHA-256 of every range, before and after its coding.
    pub sha256: bool,
    /// SHA-1 of every range, before its coding.
    pub sha1: bool,
    /// CRC-32 (ISO 3309, as in zip) of the plain side of every range.
    pub crc32: bool,
    /// Whether every range holds this text before its coding: ASCII, at least two characters.
    pub text: Option<&'static str>,
}

/// What [`Host::stream`](super::Host::stream) saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Streamed {
    /// Bytes of everything, after the coding.
    pub size: u64,
    /// SHA-256 of them, in lower-case hex; empty unless wanted.
    pub sha256: String,
    /// One for each [`Piece::Range`], in order.
    pub ranges: Vec<RangeDigest>,
}

/// What a [`Piece::Range`] held. A digest that was not wanted is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RangeDigest {
    /// SHA-256 before the coding, in lower-case hex.
    pub sha256: String,
    /// SHA-1 before the coding, in lower-case hex.
    pub sha1: String,
    /// CRC-32 of the plain side.
    pub crc32: u32,
    /// Bytes after the coding.
    pub coded_size: u64,
    /// SHA-256 after the coding, in lower-case hex; the same as before for [`Coding::Plain`].
    pub coded_sha256: String,
    /// Whether the wanted text stands in it.
    pub has_text: bool,
}

/// Why a stream did not come to its end. What was being written is removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamError {
    /// This file could not be read or written.
    File(String, FileError),
    /// This file is shorter than the piece: it changed, or a header lies.
    Short(String),
    /// What this file holds is not in the coding's format, or its own checksum is wrong.
    Corrupt(String, String),
    /// What this file holds expands to more than the limit.
    TooLarge(String),
    /// This Node cannot do the coding.
    Unsupported,
}

impl std::fmt::Display for StreamError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StreamError::File(path, error) => write!(f, "`{path}`: {error}"),
            StreamError::Short(path) => write!(f, "`{path}` is shorter than it should be"),
            StreamError::Corrupt(path, reason) => write!(f, "`{path}` is damaged: {reason}"),
            StreamError::TooLarge(path) => write!(f, "`{path}` expands to more than is allowed"),
            StreamError::Unsupported => f.write_str("this version of Node cannot read Zstandard; Node 24 can"),
        }
    }
}
