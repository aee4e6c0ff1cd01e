//! Packing: from the members of a tree to the pieces of its archive, and from
//! what the host saw of them to the list that a waybill holds. The same tree
//! gives the same bytes whatever the machine, the times and the owners.

use super::tar;
use super::{PackedFile, PackedKind};
use crate::host::{Piece, RangeDigest};

/// How many files an artifact may hold.
pub const MOST_FILES: usize = 100_000;
/// How many bytes of content, in all. Each file stays below what ustar can say.
pub const MOST_BYTES: u64 = 4 << 30;

/// Something that is packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its path inside the artifact, with `/`.
    pub path: String,
    /// What it is.
    pub kind: PackedKind,
    /// Bytes of the content; of a link, of its target.
    pub size: u64,
    /// Where the content comes from.
    pub content: Content,
}

/// Where a [`Member`]'s content comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A part of a file on the host: [`Member::size`] bytes from this one on.
    Part {
        /// The file.
        file: String,
        /// The first byte.
        from: u64,
    },
    /// These bytes.
    Text(Vec<u8>),
    /// None: the member is a link.
    Target,
}

impl Member {
    /// A link and where it points.
    pub fn link(path: impl Into<String>, target: String) -> Member {
        let size = target.len() as u64;
        Member { path: path.into(), kind: PackedKind::Link(target), size, content: Content::Target }
    }

    /// A file that was made rather than found.
    pub fn text(path: impl Into<String>, text: Vec<u8>) -> Member {
        let size = text.len() as u64;
        Member { path: path.into(), kind: PackedKind::Plain, size, content: Content::Text(text) }
    }
}

/// An archive, laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// What it is written from. The ranges are the members with [`Content::Part`], in order.
    pub pieces: Vec<Piece>,
    /// Where the contents that are no ranges stand in the archive, links'
    /// targets among them: first byte and length, in order.
    pub inner: Vec<(u64, u64)>,
    /// The size of the archive in bytes.
    pub size: u64,
}

/// Puts members in order: by the bytes of their paths.
pub fn sort(members: &mut [Member]) {
    members.sort_by(|one, other| one.path.cmp(&other.path));
}

/// Lays out an archive of members that are in order.
pub fn layout(members: &[Member]) -> Layout {
    let mut pieces = Vec::with_capacity(members.len() * 2 + 1);
    let mut inner = Vec::new();
    let mut waiting: Vec<u8> = Vec::new();
    let mut at = 0;
    for member in members {
        let header = tar::header(&member.path, &member.kind, member.size);
        let content_at = at + header.bytes.len() as u64;
        waiting.extend(&header.bytes);
        let length = match &member.content {
            Content::Target => {
                inner.push((at + header.target_at as u64, member.size));
                0
            }
            Content::Text(text) => {
                inner.push((content_at, member.size));
                waiting.extend(text);
                member.size
            }
            Content::Part { file, from } => {
                pieces.push(Piece::Bytes(std::mem::take(&mut waiting)));
                pieces.push(Piece::range(file, *from, member.size));
                member.size
            }
        };
        let end = content_at + length;
        at = content_at + tar::padded(length);
        waiting.resize(waiting.len() + (at - end) as usize, 0);
    }
    let end = tar::end_after(at);
    waiting.resize(waiting.len() + end as usize, 0);
    pieces.push(Piece::Bytes(waiting));
    Layout { pieces, inner, size: at + end }
}

/// What the members are, by the digests of the ranges of [`Layout::pieces`] and
/// of those of [`Layout::inner`]. None if there are not as many as there should be.
pub fn files(members: &[Member], ranges: Vec<RangeDigest>, inner: Vec<RangeDigest>) -> Option<Vec<PackedFile>> {
    let (mut ranges, mut inner) = (ranges.into_iter(), inner.into_iter());
    let mut files = Vec::with_capacity(members.len());
    for member in members {
        let RangeDigest { sha256, sha1, .. } = match member.content {
            Content::Part { .. } => ranges.next()?,
            Content::Text(_) | Content::Target => inner.next()?,
        };
        files.push(PackedFile {
            path: member.path.clone(),
            kind: member.kind.clone(),
            size: member.size,
            sha256,
            sha1,
        });
    }
    (ranges.next().is_none() && inner.next().is_none()).then_some(files)
}

/// Which members are ranges of [`Layout::pieces`], by their place.
pub fn parts(members: &[Member]) -> impl Iterator<Item = usize> {
    let places = members.iter().enumerate();
    places.filter(|(_, member)| matches!(member.content, Content::Part { .. })).map(|(place, _)| place)
}

/// The ranges of [`Layout::inner`] in the archive at this path.
pub fn inner_pieces(layout: &Layout, archive: &str) -> Vec<Piece> {
    layout.inner.iter().map(|&(from, length)| Piece::range(archive, from, length)).collect()
}
