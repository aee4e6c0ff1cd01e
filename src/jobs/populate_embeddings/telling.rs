//! What the run tells: annotations, outputs, the summary.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, json};

use super::collection::Place;
use super::corpus::Corpus;
use super::embedding::Embedding;
use super::forecast::{cost, dollars, time};
use super::reconcile::Changes;
use super::settings::Options;
use crate::clients::qdrant::StoredPoint;
use crate::codes;
use crate::documents::{Chunk, Unreadable};
use crate::jobs::{Done, End, Work};
use crate::model::finding::Level;
use crate::problem::Failure;
use crate::reporters::annotations::Annotation;

/// How many files the summary lists.
const MOST_FILES: usize = 100;

/// What is known so far.
#[derive(Debug, Default)]
pub struct Told {
    /// Where it works.
    pub place: Option<Place>,
    /// What is worth a line.
    pub notes: Vec<String>,
    /// Estimated tokens of what is to be embedded.
    pub estimated: u64,
    /// Texts that were embedded.
    pub embedded: usize,
    /// Points that were written with a new vector.
    pub stored: usize,
    /// Points that were removed.
    pub deleted: usize,
    /// Chunks that the service does not take, and its words.
    pub denied: Vec<(Chunk, String)>,
    files: usize,
    chunks: usize,
    left_out: usize,
    unreadable: Vec<(String, Unreadable)>,
    counts: Counts,
    by_file: BTreeMap<String, Counts>,
    billed: u64,
    calls: Vec<Duration>,
    refused: u64,
    waited: Duration,
}

/// How many chunks of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    unchanged: usize,
    refreshed: usize,
    moved: usize,
    embedded: usize,
    deleted: usize,
}

impl Told {
    /// What the files held.
    pub fn read(&mut self, corpus: &Corpus) {
        self.files = corpus.files;
        self.chunks = corpus.chunks.len();
        self.left_out = corpus.left_out.len();
        self.unreadable = corpus.unreadable.clone();
    }

    /// What the collection lacks.
    pub fn compare(&mut self, corpus: &Corpus, stored: &[StoredPoint], changes: &Changes) {
        let mut by_file: BTreeMap<String, Counts> = BTreeMap::new();
        let mut count = |path: &String, add: fn(&mut Counts)| add(by_file.entry(path.clone()).or_default());
        let path = |place: &usize| &corpus.chunks[*place].path;
        changes.refreshed.iter().for_each(|place| count(path(place), |counts| counts.refreshed += 1));
        changes.moved.iter().for_each(|(place, _)| count(path(place), |counts| counts.moved += 1));
        changes.repeated.iter().for_each(|(place, _)| count(path(place), |counts| counts.moved += 1));
        changes.embedded.iter().for_each(|place| count(path(place), |counts| counts.embedded += 1));
        changes.deleted.iter().for_each(|(_, path)| count(path, |counts| counts.deleted += 1));
        self.by_file = by_file;
        self.counts = Counts {
            unchanged: changes.unchanged,
            refreshed: changes.refreshed.len(),
            moved: changes.moved.len() + changes.repeated.len(),
            embedded: changes.embedded.len(),
            deleted: changes.deleted.len(),
        };
        if changes.newer > 0 {
            self.notes.push(format!("{} chunks were written by a later run and stay as they are", changes.newer));
        }
        if !stored.is_empty() && !corpus.unreadable.is_empty() {
            self.notes.push("the chunks of files that cannot be read are kept".to_owned());
        }
    }

    /// What the service did.
    pub fn account(&mut self, embedding: &Embedding<'_>) {
        self.billed = embedding.billed;
        self.calls = embedding.calls.clone();
        self.calls.sort();
        self.refused = embedding.pace.refused;
        self.waited = embedding.pace.waited;
        self.notes.extend(embedding.warnings.iter().map(|warning| format!("Cohere warns: {warning}")));
    }

    /// The end of a run in which nothing broke: what could not be read or embedded fails it now.
    pub fn ending(&self) -> End {
        if let Some((path, unreadable)) = self.unreadable.first() {
            let message = match self.unreadable.len() {
                1 => format!("`{path}` cannot be read: {}", unreadable.message),
                count => format!("{count} documents cannot be read, the first is `{path}`: {}", unreadable.message),
            };
            return End::Failed(Failure::new(&codes::DOCUMENT, message));
        }
        if let Some((chunk, words)) = self.denied.first() {
            let count = self.denied.len();
            let message = format!(
                "Cohere does not take {count} of the chunks, the first at `{}:{}`: `{words}`",
                chunk.path, chunk.first_line
            );
            return End::Failed(Failure::new(&codes::COHERE_TEXT, message));
        }
        End::Succeeded
    }

    fn annotations(&self, options: &Options, work: &Work<'_>) -> Vec<Annotation> {
        let place = |path: &str| work.context.relative(&format!("{}/{path}", options.directory)).to_owned();
        let unreadable = self.unreadable.iter().map(|(path, unreadable)| Annotation {
            file: Some(place(path)),
            line: Some(unreadable.line),
            column: Some(unreadable.column),
            ..Annotation::new(Level::Error, "a document cannot be read", unreadable.message.clone())
        });
        let denied = self.denied.iter().map(|(chunk, words)| Annotation {
            file: Some(place(&chunk.path)),
            line: Some(chunk.first_line),
            end_line: Some(chunk.last_line),
            ..Annotation::new(Level::Error, "Cohere does not take this text", words.clone())
        });
        unreadable.chain(denied).collect()
    }

    fn lines(&self, options: &Options, plan: bool) -> Vec<String> {
        let Counts { unchanged, refreshed, moved, embedded, deleted } = self.counts;
        let would = if plan { "would be " } else { "" };
        let mut lines =
            vec![format!("{} chunks of {} files; {} files left out", self.chunks, self.files, self.left_out)];
        if let Some(place) = &self.place {
            let state = match (place.exists, place.repoint) {
                (_, false) => "in step with",
                (true, true) => "gone on with, built beside the old one:",
                (false, true) => "built anew, and the alias moved to it:",
            };
            lines.push(format!("the collection {would}{state} `{}`", place.name));
        }
        lines.push(format!(
            "{unchanged} unchanged, {embedded} to embed, {moved} with a vector that is there, {refreshed} moved in their file, {deleted} to remove"
        ));
        let cost_of = |tokens| dollars(cost(tokens, options.price));
        match plan {
            true => {
                let minutes = Duration::from_millis(60_000 * embedded as u64 / options.rate.max(1));
                lines.push(format!(
                    "about {} tokens, {}, at least {} at {} texts a minute",
                    self.estimated,
                    cost_of(self.estimated),
                    time(minutes),
                    options.rate
                ));
            }
            false if !self.calls.is_empty() => {
                let at = |share: usize| self.calls[(self.calls.len() - 1) * share / 100].as_millis();
                lines.push(format!(
                    "{} tokens billed, {}; {} requests, half of them within {} ms and 95% within {} ms; {} refused, {} waited",
                    self.billed,
                    cost_of(self.billed),
                    self.calls.len(),
                    at(50),
                    at(95),
                    self.refused,
                    time(self.waited)
                ));
            }
            false => {}
        }
        lines
    }

    /// A table of the files in which something changed, in Markdown.
    fn table(&self) -> String {
        if self.by_file.is_empty() {
            return String::new();
        }
        let mut table = String::from("| file | embedded | vector kept | moved | removed |\n|---|--:|--:|--:|--:|\n");
        for (path, counts) in self.by_file.iter().take(MOST_FILES) {
            let name: String = path.chars().filter(|c| !matches!(c, '`' | '|' | '\n' | '\r' | '<' | '>')).collect();
            table.push_str(&format!(
                "| `{name}` | {} | {} | {} | {} |\n",
                counts.embedded, counts.moved, counts.refreshed, counts.deleted
            ));
        }
        if self.by_file.len() > MOST_FILES {
            table.push_str(&format!("\n{} more files\n", self.by_file.len() - MOST_FILES));
        }
        table
    }
}

/// A run that had to stop in the middle says how far it came.
pub fn interrupted(failure: Failure, told: &Told, chunks: &[&Chunk]) -> Failure {
    let left = chunks.len() - told.embedded;
    let message = format!(
        "{}; {} chunks were embedded and stored, {left} are left, and the next run goes on from there",
        failure.message, told.stored
    );
    Failure { message, ..failure }
}

/// All of it.
pub fn done(told: Told, options: &Options, work: &Work<'_>, end: End, plan: bool) -> Done {
    let lines = told.lines(options, plan);
    lines.iter().chain(&told.notes).for_each(|line| work.log.line(line));
    let Counts { unchanged, refreshed, moved, embedded, deleted } = told.counts;
    let counts = if plan { (embedded, deleted) } else { (told.embedded, told.deleted) };
    let tokens = if plan { told.estimated } else { told.billed };
    let outputs = vec![
        ("chunks", told.chunks.to_string()),
        ("embedded", counts.0.to_string()),
        ("reused", (unchanged + refreshed + moved).to_string()),
        ("deleted", counts.1.to_string()),
        ("tokens", tokens.to_string()),
    ];
    let mut metadata = Map::new();
    for (name, value) in &outputs {
        metadata.insert((*name).to_owned(), json!(value.parse::<u64>().unwrap_or(0)));
    }
    let annotations = told.annotations(options, work);
    let summary = told.table().into_bytes();
    let steps = if plan { lines.clone() } else { Vec::new() };
    let notes = if plan { told.notes } else { [lines, told.notes].concat() };
    Done { annotations, outputs, metadata, summary, steps, notes, ..Done::of(end) }
}
