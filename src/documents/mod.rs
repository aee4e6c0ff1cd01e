//! Documents: what populate-embeddings reads, cut into chunks that can be found
//! again. Reading goes file → [`Document`] of sections and blocks → [`Chunk`]s;
//! the same bytes always give the same chunks.
//!
//! A new kind of file is one file here and one line in [`KINDS`].

mod anchors;
mod chunks;
mod front_matter;
mod html;
mod markdown;
mod mdx;
mod plain;
mod split;
#[cfg(test)]
mod tests;
mod tokens;

use std::borrow::Cow;

pub use anchors::AnchorStyle;
pub use chunks::{Chunk, Chunking, chunk, fingerprint};

/// The largest file that is read, in bytes.
pub const LARGEST: usize = 16 << 20;

/// The kinds of files: endings, and what reads them.
static KINDS: &[(&[&str], Reader)] = &[
    (&["md", "markdown"], markdown::read),
    (&["mdx"], mdx::read),
    (&["html", "htm"], html::read),
    (&["txt", "text", "rst", "adoc"], plain::read),
];

/// Reads the text after the front matter; `first_line` is the line on which it begins.
type Reader = for<'t> fn(&'t str, u32) -> Result<Vec<Section<'t>>, Unreadable>;

/// A file as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// What its front matter says.
    pub about: About,
    /// The text, with `\n` and without a byte order mark or front matter.
    pub text: String,
    /// The line of the file on which the text begins, from 1.
    pub first_line: u32,
}

/// What a front matter says, as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The page's title.
    pub title: Option<String>,
    /// A sentence about it.
    pub description: Option<String>,
    /// Its path on the site, instead of the file's.
    pub slug: Option<String>,
    /// Not published: no chunk is made of it.
    pub draft: bool,
    /// Published, but not to be found: no chunk is made of it.
    pub noindex: bool,
}

/// Why a file could not be read. Its old chunks are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
}

/// A heading and what follows it up to the next heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section<'t> {
    /// The heading's level, 1 to 6; 0 for what stands before the first heading.
    pub level: u8,
    /// The heading's text without markup; empty at level 0.
    pub title: String,
    /// An id that the heading gives itself, as `{#install}`.
    pub id: Option<String>,
    /// The heading's line, from 1.
    pub line: u32,
    /// What follows.
    pub blocks: Vec<Block<'t>>,
}

/// A part of a section that is kept together if it can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block<'t> {
    /// How it may be cut.
    pub kind: BlockKind,
    /// Its text.
    pub text: Cow<'t, str>,
    /// Its first line, from 1.
    pub first_line: u32,
    /// Its last line, from 1.
    pub last_line: u32,
}

/// What a [`Block`] is, as far as it matters to where it may be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// Prose: at sentences.
    Prose,
    /// A list: at items, which begin with the list's own indentation.
    List,
    /// Code between fences: at empty lines, the fence opened again.
    Fence,
    /// A table: at rows, the head repeated.
    Table,
}

/// The kind of file that a path names; none for other files.
pub fn is_known(path: &str) -> bool {
    kind(path).is_some()
}

fn kind(path: &str) -> Option<Reader> {
    let ending = path.rsplit_once('.')?.1.to_ascii_lowercase();
    KINDS.iter().find(|(endings, _)| endings.contains(&ending.as_str())).map(|(_, reader)| *reader)
}

/// Reads a file's bytes: UTF-8, with or without a byte order mark, with any line ends.
pub fn read(bytes: &[u8]) -> Result<Document, Unreadable> {
    let start = |message: String| Unreadable { line: 1, column: 1, message };
    if bytes.len() > LARGEST {
        return Err(start(format!("the file has {} bytes, and {LARGEST} are read at most", bytes.len())));
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(start("the file is in UTF-16; save it as UTF-8".to_owned()));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned();
        let column = good.rsplit('\n').next().unwrap_or_default().chars().count() as u32 + 1;
        let line = lines_of(&good) + 1;
        Unreadable { line, column, message: "a byte here is not UTF-8".to_owned() }
    })?;
    let text = match text.contains('\r') {
        true => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
        false => Cow::Borrowed(text),
    };
    let (about, at) = front_matter::read(&text)?;
    let first_line = lines_of(&text[..at]) + 1;
    Ok(Document { about, text: text[at..].to_owned(), first_line })
}

/// The sections of a document whose kind its path says.
pub fn sections<'t>(path: &str, document: &'t Document) -> Result<Vec<Section<'t>>, Unreadable> {
    match kind(path) {
        Some(reader) => reader(&document.text, document.first_line),
        None => plain::read(&document.text, document.first_line),
    }
}

/// How many lines end in a text.
fn lines_of(text: &str) -> u32 {
    memchr::memchr_iter(b'\n', text.as_bytes()).count() as u32
}

/// Counts lines on the way through a text, without going back.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u32,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str, first_line: u32) -> Lines<'t> {
        Lines { text, at: 0, line: first_line }
    }

    /// The line of this byte. A byte before the last one asked for counts from the start again.
    fn at(&mut self, byte: usize, first_line: u32) -> u32 {
        if byte < self.at {
            (self.at, self.line) = (0, first_line);
        }
        self.line += lines_of(&self.text[self.at..byte]);
        self.at = byte;
        self.line
    }
}
