//! The run itself: read, compare, embed, store, check, point.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::{Either, join, select};

use super::collection::{Place, Speaking};
use super::corpus::{self, Corpus};
use super::embedding::{Embedding, batches, exceeds};
use super::forecast::{cost, dollars, time};
use super::payload::Entry;
use super::reconcile::{Changes, Wanted, reconcile};
use super::settings::Options;
use super::telling::{self, Told};
use crate::clients::Client;
use crate::clients::cohere::Cohere;
use crate::clients::retry::Rules;
use crate::codes;
use crate::documents::Chunk;
use crate::jobs::{Done, End, Work};
use crate::problem::Failure;

/// How often the log says how far it is.
const PROGRESS: Duration = Duration::from_secs(10);
/// How many new chunks have to find themselves.
const SAMPLE: usize = 5;
/// How many vectors are read at once, to be stored under another id.
const CARRIED: usize = 200;

/// Mode `plan`: what would be done, changing nothing.
pub async fn preview(options: &Options, work: &Work<'_>) -> Done {
    let mut told = Told::default();
    let end = match until_cancelled(work, Box::pin(look(options, work, &mut told))).await {
        Ok(Ok(())) => told.ending(),
        Ok(Err(failure)) => End::Failed(failure),
        Err(signal) => End::Cancelled(signal),
    };
    telling::done(told, options, work, end, true)
}

/// Mode `apply`.
pub async fn run(options: &Options, work: &Work<'_>) -> Done {
    let mut told = Told::default();
    let end = match until_cancelled(work, Box::pin(apply(options, work, &mut told))).await {
        Ok(Ok(())) => told.ending(),
        Ok(Err(failure)) => End::Failed(failure),
        Err(signal) => End::Cancelled(signal),
    };
    telling::done(told, options, work, end, false)
}

async fn until_cancelled<T>(
    work: &Work<'_>,
    task: std::pin::Pin<Box<impl Future<Output = T>>>,
) -> Result<T, crate::host::Signal> {
    match select(task, work.host.cancelled()).await {
        Either::Left((done, _)) => Ok(done),
        Either::Right((signal, _)) => Err(signal),
    }
}

/// The number that orders runs: a later run's points are never overwritten.
fn run_number(work: &Work<'_>) -> u64 {
    let digits: String = work.context.run_id.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

async fn look(options: &Options, work: &Work<'_>, told: &mut Told) -> Result<(), Failure> {
    let corpus = corpus::read(options, work).await?;
    told.read(&corpus);
    let deadline = work.host.now() + TimeDelta::from_std(options.deadline).unwrap_or_default();
    let client = Client::new(work.host, Rules::Common, deadline);
    let stored = match &options.target {
        Some(target) => {
            let speaking = Speaking::new(&client, target, options);
            let place = speaking.find().await?;
            told.place = Some(place.clone());
            if place.exists { speaking.stored(&place.name).await? } else { Vec::new() }
        }
        None => {
            told.notes.push("no collection was asked: all of it is counted as new".to_owned());
            Vec::new()
        }
    };
    let entries: Vec<Entry> = corpus.chunks.iter().map(|chunk| Entry::new(chunk, &options.chunking.source)).collect();
    let wanted: Vec<Wanted> = entries.iter().map(Entry::wanted).collect();
    let changes = reconcile(&wanted, &stored, &corpus.kept(), run_number(work));
    told.compare(&corpus, &stored, &changes);
    guard(&changes, stored.len(), options)?;
    told.estimated = tokens(&corpus, &changes);
    match options.budget {
        Some(budget) => exceeds(budget, told.estimated, options.price),
        None => Ok(()),
    }
}

fn tokens(corpus: &Corpus, changes: &Changes) -> u64 {
    changes.embedded.iter().map(|place| corpus.chunks[*place].tokens as u64).sum()
}

fn guard(changes: &Changes, stored: usize, options: &Options) -> Result<(), Failure> {
    if !changes.removes_more_than(options.max_delete, stored) {
        return Ok(());
    }
    let files: BTreeSet<&String> = changes.deleted.iter().map(|(_, path)| path).collect();
    let message = format!(
        "{} of {stored} stored chunks, of {} files, would be removed, and `max-delete` is {}%",
        changes.deleted.len(),
        files.len(),
        options.max_delete
    );
    Err(Failure::new(&codes::MASS_DELETE, message))
}

async fn apply(options: &Options, work: &Work<'_>, told: &mut Told) -> Result<(), Failure> {
    let corpus = corpus::read(options, work).await?;
    told.read(&corpus);
    let deadline = work.host.now() + TimeDelta::from_std(options.deadline).unwrap_or_default();
    let client = Client::new(work.host, Rules::Common, deadline);
    let paced = Client::new(work.host, Rules::Paced, deadline);
    let (Some(target), Some((api, key))) = (&options.target, &options.cohere) else { return Ok(()) };
    let speaking = Speaking::new(&client, target, options);
    let place = speaking.find().await?;
    told.place = Some(place.clone());
    let run = run_number(work);
    let stored = if place.exists { speaking.stored(&place.name).await? } else { Vec::new() };
    let entries: Vec<Entry> = corpus.chunks.iter().map(|chunk| Entry::new(chunk, &options.chunking.source)).collect();
    let wanted: Vec<Wanted> = entries.iter().map(Entry::wanted).collect();
    let changes = reconcile(&wanted, &stored, &corpus.kept(), run);
    told.compare(&corpus, &stored, &changes);
    guard(&changes, stored.len(), options)?;
    guard_swap(&speaking, &place, wanted.len(), options).await?;
    told.estimated = tokens(&corpus, &changes);
    if let Some(budget) = options.budget {
        exceeds(budget, told.estimated, options.price)?;
    }
    if changes.is_empty() && !place.repoint {
        work.log.line("the collection is in step already");
        return Ok(());
    }
    speaking.prepare(&place, run).await?;
    let storing = Storing { speaking: &speaking, place: &place, entries: &entries, run };
    storing.refresh(&changes).await?;
    storing.carry(&changes).await?;
    let mut embedding = Embedding::new(work.host, &paced, Cohere::new(api, key), options, deadline);
    let embedded = storing.embed(&corpus, &changes, &mut embedding, work, told).await;
    told.account(&embedding);
    let sample = embedded?;
    // Only now: what replaces them is stored.
    let gone: Vec<&str> = changes.deleted.iter().map(|(id, _)| id.as_str()).collect();
    if !gone.is_empty() {
        speaking.delete(&place.name, &gone).await?;
        told.deleted = gone.len();
    }
    let added = changes.moved.len() + changes.embedded.len() + changes.repeated.len() - told.denied.len();
    check(&speaking, &place, stored.len() + added - gone.len(), &sample).await?;
    if place.repoint && told.denied.is_empty() {
        speaking.repoint(&place).await?;
        let gone = speaking.tidy(&place).await?;
        told.notes.extend(gone.iter().map(|name| format!("the former collection `{name}` was removed")));
    }
    Ok(())
}

/// A new collection starts empty, so what would vanish is seen at the alias alone.
async fn guard_swap(speaking: &Speaking<'_>, place: &Place, wanted: usize, options: &Options) -> Result<(), Failure> {
    let Some(former) = &place.former else { return Ok(()) };
    let before = speaking.count(former, Some(&options.chunking.source)).await?;
    let least = before * (100 - options.max_delete) / 100;
    if (wanted as u64) < least {
        let message = format!(
            "the new collection would have {wanted} chunks where `{former}` has {before}, and `max-delete` is {}%",
            options.max_delete
        );
        return Err(Failure::new(&codes::MASS_DELETE, message));
    }
    Ok(())
}

/// Counts agree, and new chunks find themselves.
async fn check(
    speaking: &Speaking<'_>,
    place: &Place,
    expected: usize,
    sample: &[(String, Vec<f32>)],
) -> Result<(), Failure> {
    let found = speaking.count(&place.name, Some(speaking.source())).await?;
    if found != expected as u64 {
        let message = format!("`{}` holds {found} chunks of this source where {expected} were stored", place.name);
        return Err(Failure::new(&codes::SELF_CHECK, message));
    }
    for (text_hash, vector) in sample {
        if !speaking.finds(&place.name, vector, text_hash).await? {
            let message = format!("a chunk that was just stored in `{}` does not find itself", place.name);
            return Err(Failure::new(&codes::SELF_CHECK, message));
        }
    }
    Ok(())
}

struct Storing<'r> {
    speaking: &'r Speaking<'r>,
    place: &'r Place,
    entries: &'r [Entry<'r>],
    run: u64,
}

impl Storing<'_> {
    /// What stands beside the text, where only that changed.
    async fn refresh(&self, changes: &Changes) -> Result<(), Failure> {
        let payload = |place: &usize| (self.entries[*place].chunk.id.as_str(), self.entries[*place].payload(self.run));
        for part in changes.refreshed.chunks(CARRIED) {
            let payloads: Vec<_> = part.iter().map(payload).collect();
            self.speaking.overwrite(&self.place.name, &payloads).await?;
        }
        Ok(())
    }

    /// Texts that are stored already get their vector from there.
    async fn carry(&self, changes: &Changes) -> Result<(), Failure> {
        for part in changes.moved.chunks(CARRIED) {
            let ids: BTreeSet<&str> = part.iter().map(|(_, id)| id.as_str()).collect();
            let ids: Vec<&str> = ids.into_iter().collect();
            let vectors: BTreeMap<String, Vec<f32>> =
                self.speaking.vectors(&self.place.name, &ids).await?.into_iter().collect();
            let mut points = Vec::new();
            for (place, id) in part {
                let lost = || Failure::new(&codes::SELF_CHECK, format!("the vector of `{id}` went while it was read"));
                let vector = vectors.get(id).ok_or_else(lost)?;
                points.push(self.entries[*place].point(vector, self.run));
            }
            self.speaking.upsert(&self.place.name, &points, self.run).await?;
        }
        Ok(())
    }

    /// Embeds and stores, one batch being stored while the next is embedded.
    /// Gives a sample of texts and vectors.
    async fn embed(
        &self,
        corpus: &Corpus,
        changes: &Changes,
        embedding: &mut Embedding<'_>,
        work: &Work<'_>,
        told: &mut Told,
    ) -> Result<Vec<(String, Vec<f32>)>, Failure> {
        let mut repeated: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (place, first) in &changes.repeated {
            repeated.entry(*first).or_default().push(*place);
        }
        let chunks: Vec<&Chunk> = changes.embedded.iter().map(|place| &corpus.chunks[*place]).collect();
        let mut sample = Vec::new();
        let mut waiting: Vec<String> = Vec::new();
        let started = work.host.now();
        let mut said = started;
        for range in batches(&chunks) {
            let stored = self.speaking.upsert(&self.place.name, &waiting, self.run);
            let (vectors, stored) = join(embedding.embed(&chunks[range.clone()]), stored).await;
            stored?;
            told.stored += waiting.len();
            waiting.clear();
            let vectors = match vectors {
                Ok(vectors) => vectors,
                Err(failure) => return Err(telling::interrupted(failure, told, &chunks)),
            };
            for (index, vector) in range.clone().zip(vectors) {
                let place = changes.embedded[index];
                let places = std::iter::once(place).chain(repeated.get(&place).into_iter().flatten().copied());
                match vector {
                    Ok(vector) => {
                        waiting.extend(places.map(|place| self.entries[place].point(&vector, self.run)));
                        if sample.len() < SAMPLE {
                            sample.push((chunks[index].text_hash.clone(), vector));
                        }
                        told.embedded += 1;
                    }
                    Err(words) => told.denied.extend(places.map(|place| (corpus.chunks[place].clone(), words.clone()))),
                }
            }
            let now = work.host.now();
            if (now - said).to_std().unwrap_or_default() >= PROGRESS {
                said = now;
                let left = chunks.len() - range.end;
                let passed = (now - started).num_milliseconds().max(1) as u64;
                work.log.line(&format!(
                    "{} of {} chunks embedded · {} a minute · {} left · {} so far",
                    range.end,
                    chunks.len(),
                    range.end as u64 * 60_000 / passed,
                    time(embedding.pace.forecast(left)),
                    dollars(cost(embedding.billed, self.speaking.price())),
                ));
            }
        }
        self.speaking.upsert(&self.place.name, &waiting, self.run).await?;
        told.stored += waiting.len();
        Ok(sample)
    }
}
