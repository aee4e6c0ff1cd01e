//! Texts to vectors, at the service's pace and within the budget and the time.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::forecast::{Budget, Ratio, cost, dollars};
use super::pace::Pace;
use super::settings::Options;
use crate::clients::Client;
use crate::clients::cohere::{self, Cohere, MOST_TEXTS, MOST_TOKENS, Trouble};
use crate::codes;
use crate::documents::Chunk;
use crate::host::Host;
use crate::problem::Failure;

/// What is left at the deadline to end cleanly.
const MARGIN: Duration = Duration::from_secs(10);
/// How often in a row the service may refuse before it is a monthly limit and no minute's.
const MOST_REFUSALS: u64 = 8;

/// The vectors of a batch, in order; none for a text that the service does not take.
pub type Vectors = Vec<Result<Vec<f32>, String>>;

/// Embeds, and keeps the accounts.
pub struct Embedding<'r> {
    host: &'r dyn Host,
    client: &'r Client<'r>,
    cohere: Cohere,
    options: &'r Options,
    deadline: DateTime<Utc>,
    /// The pace.
    pub pace: Pace,
    /// How far estimates are off.
    pub ratio: Ratio,
    /// Tokens that were billed.
    pub billed: u64,
    /// How long each request took.
    pub calls: Vec<Duration>,
    /// What the service warned of.
    pub warnings: Vec<String>,
}

impl<'r> Embedding<'r> {
    /// Begins now.
    pub fn new(
        host: &'r dyn Host,
        client: &'r Client<'r>,
        cohere: Cohere,
        options: &'r Options,
        deadline: DateTime<Utc>,
    ) -> Self {
        let pace = Pace::new(options.rate, host.now());
        let (ratio, calls, warnings) = (Ratio::default(), Vec::new(), Vec::new());
        Embedding { host, client, cohere, options, deadline, pace, ratio, billed: 0, calls, warnings }
    }

    /// The vectors of these chunks. A batch that is too long is halved, and so
    /// is one that holds a text that the service does not take.
    pub async fn embed(&mut self, chunks: &[&Chunk]) -> Result<Vectors, Failure> {
        let mut vectors: Vectors = vec![Err(String::new()); chunks.len()];
        let all = 0..chunks.len();
        let mut open = Vec::from([all]);
        let mut refusals = 0;
        while let Some(range) = open.pop() {
            let batch = &chunks[range.clone()];
            let estimated: u64 = batch.iter().map(|chunk| chunk.tokens as u64).sum();
            self.within_budget(estimated)?;
            let wait = self.pace.wait(batch.len(), self.host.now());
            self.rest(wait).await?;
            let texts: Vec<&str> = batch.iter().map(|chunk| chunk.text.as_str()).collect();
            let call = self.cohere.embed(self.options.model, self.options.dimension, &texts);
            let before = self.host.now();
            let answer = self.client.send(&call).await;
            self.calls.push((self.host.now() - before).to_std().unwrap_or_default());
            let half = || {
                let middle = range.start + range.len() / 2;
                // The first half is taken from the end of the list first.
                [middle..range.end, range.start..middle]
            };
            match cohere::read(answer, batch.len(), self.options.dimension) {
                Ok(embedded) => {
                    refusals = 0;
                    self.billed += embedded.tokens;
                    self.ratio.learn(embedded.tokens, estimated);
                    for (place, vector) in range.zip(embedded.vectors) {
                        vectors[place] = Ok(vector);
                    }
                    self.warnings.extend(embedded.warnings);
                    self.warnings.sort();
                    self.warnings.dedup();
                }
                Err(Trouble::TooLong(_) | Trouble::Denied(_)) if batch.len() > 1 => open.extend(half()),
                Err(Trouble::TooLong(words) | Trouble::Denied(words)) => vectors[range.start] = Err(words),
                Err(Trouble::Busy(asked, words)) => {
                    refusals += 1;
                    if refusals > MOST_REFUSALS {
                        let message = format!("Cohere refuses for longer than its limits last: `{words}`");
                        return Err(Failure::new(&codes::COHERE_BILLING, message));
                    }
                    let wait = self.pace.refuse(asked, self.host.now());
                    self.rest(wait).await?;
                    open.push(range);
                }
                Err(Trouble::Final(failure)) => return Err(failure),
            }
        }
        Ok(vectors)
    }

    fn within_budget(&self, estimated: u64) -> Result<(), Failure> {
        let Some(budget) = self.options.budget else { return Ok(()) };
        exceeds(budget, self.billed + self.ratio.apply(estimated), self.options.price)
    }

    /// Waits, unless the deadline would come first.
    async fn rest(&self, wait: Duration) -> Result<(), Failure> {
        let left = (self.deadline - self.host.now()).to_std().unwrap_or_default();
        if wait + MARGIN > left {
            return Err(Failure::new(&codes::EMBEDDING_DEADLINE, "the deadline is near"));
        }
        if !wait.is_zero() {
            self.host.sleep(wait).await;
        }
        Ok(())
    }
}

/// Whether the budget suffices for these tokens.
pub fn exceeds(budget: Budget, tokens: u64, price: u64) -> Result<(), Failure> {
    match budget.is_exceeded(tokens, price) {
        false => Ok(()),
        true => {
            let spent = dollars(cost(tokens, price));
            Err(Failure::new(
                &codes::BUDGET,
                format!("{tokens} tokens, about {spent}, are more than the budget of {budget}"),
            ))
        }
    }
}

/// Batches as full as the service takes them, as places in the list.
pub fn batches(chunks: &[&Chunk]) -> Vec<std::ops::Range<usize>> {
    let mut batches: Vec<std::ops::Range<usize>> = Vec::new();
    let mut tokens = 0;
    for (place, chunk) in chunks.iter().enumerate() {
        match batches.last_mut() {
            Some(last) if last.len() < MOST_TEXTS && tokens + chunk.tokens <= MOST_TOKENS => {
                last.end = place + 1;
                tokens += chunk.tokens;
            }
            _ => {
                batches.push(place..place + 1);
                tokens = chunk.tokens;
            }
        }
    }
    batches
}
