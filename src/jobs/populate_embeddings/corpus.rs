//! The documents of a run, read and cut.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::time::Duration;

use super::settings::Options;
use crate::codes;
use crate::documents::{self, Chunk, Unreadable};
use crate::glob::{self, Glob};
use crate::host::Host;
use crate::jobs::Work;
use crate::jobs::tree::Exclude;
use crate::problem::Failure;

/// After how many files a signal to stop can be heard.
const BREATH: usize = 50;

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corpus {
    /// All chunks, file by file.
    pub chunks: Vec<Chunk>,
    /// How many files were read.
    pub files: usize,
    /// Files that say themselves that they are not to be found: drafts and the like.
    pub left_out: Vec<String>,
    /// Files that could not be read, and why.
    pub unreadable: Vec<(String, Unreadable)>,
}

impl Corpus {
    /// The files whose old chunks are kept.
    pub fn kept(&self) -> BTreeSet<String> {
        self.unreadable.iter().map(|(path, _)| path.clone()).collect()
    }
}

/// Finds and reads the documents.
pub async fn read(options: &Options, work: &Work<'_>) -> Result<Corpus, Failure> {
    let paths = find(options, work.host)?;
    let mut corpus = Corpus { files: paths.len(), ..Corpus::default() };
    for (index, path) in paths.into_iter().enumerate() {
        if index % BREATH == BREATH - 1 {
            work.host.sleep(Duration::ZERO).await;
        }
        let bytes = bytes(work.host, &format!("{}/{path}", options.directory));
        let read = bytes.and_then(|bytes| documents::read(&bytes)).and_then(|document| {
            if document.about.draft || document.about.noindex {
                return Ok(None);
            }
            let sections = documents::sections(&path, &document)?;
            Ok(Some(documents::chunk(&path, &document, sections, &options.chunking)))
        });
        match read {
            Ok(Some(chunks)) => corpus.chunks.extend(chunks),
            Ok(None) => corpus.left_out.push(path),
            Err(unreadable) => corpus.unreadable.push((path, unreadable)),
        }
    }
    Ok(corpus)
}

fn find(options: &Options, host: &dyn Host) -> Result<Vec<String>, Failure> {
    let exclude = Exclude::new(&options.exclude);
    let mut paths = BTreeSet::new();
    for pattern in &options.paths {
        let found = glob::find(host, &options.directory, pattern);
        let found = found
            .map_err(|error| Failure::new(&codes::NO_DOCUMENTS, format!("`{pattern}` cannot be read: {error}")))?;
        // A file that is named itself is read whatever its ending.
        let named = Glob::new(pattern).is_plain();
        paths.extend(found.into_iter().filter(|path| named || documents::is_known(path)));
    }
    paths.retain(|path| !exclude.holds_within(path));
    match paths.is_empty() {
        true => {
            let patterns = options.paths.join("`, `");
            Err(Failure::new(&codes::NO_DOCUMENTS, format!("no document matches `{patterns}`")))
        }
        false => Ok(paths.into_iter().collect()),
    }
}

fn bytes(host: &dyn Host, path: &str) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    let limit = documents::LARGEST as u64 + 1;
    let unreadable = |message: String| Unreadable { line: 1, column: 1, message };
    let file = host.open(path).map_err(|error| unreadable(error.to_string()))?;
    file.take(limit).read_to_end(&mut bytes).map_err(|error| unreadable(error.to_string()))?;
    Ok(bytes)
}
