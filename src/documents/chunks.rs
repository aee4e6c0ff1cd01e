//! Sections to chunks: one section, one chunk, if it fits; else several, each
//! with the section's own heading. A heading with nothing under it is part of
//! the path of those below it and no chunk of its own.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::anchors::{AnchorStyle, Anchors};
use super::split::{Piece, pieces};
use super::tokens::estimate;
use super::{Block, BlockKind, Document, Section};
use crate::model::id::hex;

/// The version of everything that decides what a chunk's text is. A change
/// makes other chunks of the same files, so the collection is built anew.
const VERSION: u32 = 1;
/// The least that is left for a section's text beside its heading, in tokens.
const LEAST: usize = 32;

/// How chunks are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunking {
    /// The name of the corpus: chunks of another are never touched.
    pub source: String,
    /// About how many tokens a chunk has at most.
    pub tokens: usize,
    /// Whose anchors the site has.
    pub anchors: AnchorStyle,
    /// Where the site is; without it chunks have no URL.
    pub base_url: Option<String>,
    /// The folder whose content is the site's root, without a `/` at its end; empty for the workspace.
    pub root: String,
}

/// A part of a document that is embedded and found as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// A UUID made of source, path, headings and text: the same chunk has the same id in every run.
    pub id: String,
    /// The file's path.
    pub path: String,
    /// Its place among the file's chunks, from 0.
    pub ordinal: usize,
    /// The page's title.
    pub title: String,
    /// The headings that it stands under, the page's first, its own last.
    pub headings: Vec<String>,
    /// The section's anchor; empty for none.
    pub anchor: String,
    /// Where to read it; empty without a base URL.
    pub url: String,
    /// Its first line in the file, from 1.
    pub first_line: u32,
    /// Its last line.
    pub last_line: u32,
    /// What is embedded.
    pub text: String,
    /// SHA-256 of the text, in lower-case hex.
    pub text_hash: String,
    /// The estimated tokens of the text.
    pub tokens: usize,
}

/// What tells apart chunks that were made in different ways.
pub fn fingerprint(chunking: &Chunking) -> String {
    format!("chunker-{VERSION}-{}", chunking.tokens)
}

/// The chunks of a document, in order.
pub fn chunk(path: &str, document: &Document, mut sections: Vec<Section<'_>>, chunking: &Chunking) -> Vec<Chunk> {
    describe(&mut sections, document);
    let title = title(path, document, &sections);
    let url = url(path, document, chunking);
    let mut making = Making { path, chunking, title: &title, url: &url, made: Vec::new(), seen: BTreeMap::new() };
    let mut anchors = Anchors::new(chunking.anchors);
    let mut above: Vec<(u8, String)> = Vec::new();
    for section in &sections {
        above.retain(|(level, _)| *level < section.level);
        let mut anchor = String::new();
        if section.level > 0 {
            above.push((section.level, section.title.clone()));
            anchor = anchors.next(&section.title, section.id.as_deref());
        }
        let headings: Vec<String> = above.iter().map(|(_, title)| title.clone()).collect();
        making.section(section, &headings, &anchor);
    }
    making.made
}

/// The description is a sentence about the page: it stands where the page begins.
fn describe(sections: &mut Vec<Section<'_>>, document: &Document) {
    let Some(description) = &document.about.description else { return };
    if sections.first().is_none_or(|first| first.level > 0) {
        sections.insert(0, Section { line: 1, ..Section::default() });
    }
    let text = description.clone().into();
    sections[0].blocks.insert(0, Block { kind: BlockKind::Prose, text, first_line: 1, last_line: 1 });
}

fn title(path: &str, document: &Document, sections: &[Section<'_>]) -> String {
    let first = sections.iter().find(|section| section.level == 1).map(|section| section.title.clone());
    let stem = || {
        let name = path.rsplit('/').next().unwrap_or(path);
        name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned()
    };
    document.about.title.clone().or(first).filter(|title| !title.is_empty()).unwrap_or_else(stem)
}

/// The page's address: its slug, or its path without the ending and without `index` or `README`.
fn url(path: &str, document: &Document, chunking: &Chunking) -> String {
    let Some(base) = &chunking.base_url else { return String::new() };
    let below = path.strip_prefix(&chunking.root).unwrap_or(path).trim_start_matches('/');
    let (folder, name) = below.rsplit_once('/').unwrap_or(("", below));
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let stem = if stem == "index" || stem.eq_ignore_ascii_case("readme") { "" } else { stem };
    let route = match document.about.slug.as_deref() {
        Some(slug) if slug.starts_with('/') => slug.to_owned(),
        Some(slug) => format!("{folder}/{slug}"),
        None => format!("{folder}/{stem}"),
    };
    format!("{}/{}", base.trim_end_matches('/'), encoded(route.trim_start_matches('/')))
}

/// Percent-encoded where a path needs it (RFC 3986).
fn encoded(route: &str) -> String {
    let mut out = String::with_capacity(route.len());
    for byte in route.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

struct Making<'d> {
    path: &'d str,
    chunking: &'d Chunking,
    title: &'d str,
    url: &'d str,
    made: Vec<Chunk>,
    /// How often the same text stands under the same headings.
    seen: BTreeMap<(String, String), usize>,
}

impl Making<'_> {
    fn section(&mut self, section: &Section<'_>, headings: &[String], anchor: &str) {
        let heading = match (section.level, self.title) {
            (0, "") => String::new(),
            (0, title) => format!("# {title}"),
            (level, _) => format!("{} {}", "#".repeat(usize::from(level)), section.title),
        };
        let budget = self.chunking.tokens.saturating_sub(estimate(&heading)).max(LEAST);
        let parts: Vec<Piece> = section.blocks.iter().flat_map(|block| pieces(block, budget)).collect();
        for (index, group) in grouped(&parts, budget).into_iter().enumerate() {
            self.chunk((section, index == 0), &heading, headings, anchor, group);
        }
    }

    fn chunk(
        &mut self,
        (section, is_first): (&Section<'_>, bool),
        heading: &str,
        headings: &[String],
        anchor: &str,
        parts: &[Piece<'_>],
    ) {
        let mut text =
            String::with_capacity(heading.len() + parts.iter().map(|part| part.text.len() + 2).sum::<usize>());
        text.push_str(heading);
        for part in parts {
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            text.push_str(&part.text);
        }
        let first_line = parts.iter().map(|part| part.first_line).min().unwrap_or(section.line);
        let text_hash = hex(&Sha256::digest(text.as_bytes()));
        let occurrence = self.seen.entry((headings.join("\x1f"), text_hash.clone())).or_insert(0);
        let id = id(&[&self.chunking.source, self.path, &headings.join("\x1f"), &text_hash, &occurrence.to_string()]);
        *occurrence += 1;
        let separator = if anchor.is_empty() || self.url.is_empty() { "" } else { "#" };
        let fragment = if self.url.is_empty() { String::new() } else { encoded(anchor) };
        self.made.push(Chunk {
            id,
            path: self.path.to_owned(),
            ordinal: self.made.len(),
            title: self.title.to_owned(),
            headings: headings.to_vec(),
            anchor: anchor.to_owned(),
            url: format!("{}{separator}{fragment}", self.url),
            first_line: if is_first && section.level > 0 { section.line } else { first_line },
            last_line: parts.iter().map(|part| part.last_line).max().unwrap_or(section.line),
            tokens: estimate(&text),
            text,
            text_hash,
        });
    }
}

/// Neighbours that make a chunk together. The sizes are evened out, so that no
/// section ends in a crumb.
fn grouped<'p, 'b>(parts: &'p [Piece<'b>], budget: usize) -> Vec<&'p [Piece<'b>]> {
    let total: usize = parts.iter().map(|part| part.tokens).sum();
    let aim = total.div_ceil(total.div_ceil(budget).max(1));
    let mut groups = Vec::new();
    let (mut start, mut filled) = (0, 0);
    for (index, part) in parts.iter().enumerate() {
        if filled > 0 && (filled >= aim || filled + part.tokens > budget) {
            groups.push(&parts[start..index]);
            (start, filled) = (index, 0);
        }
        filled += part.tokens;
    }
    if start < parts.len() {
        groups.push(&parts[start..]);
    }
    groups
}

/// A UUID of version 8 (RFC 9562): the service's ids are whole numbers or UUIDs.
fn id(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut bytes: [u8; 16] = std::array::from_fn({
        let digest = hash.finalize();
        move |at| digest[at]
    });
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex(&bytes);
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}
