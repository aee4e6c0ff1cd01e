//! The job's summary: its page for the runner, and its section of the comment
//! on the pull request.
//!
//! The runner refuses a summary of more than 1 MiB as a whole, so ours stays
//! well below, the command's own included.

use std::time::Duration;

use super::annotations::Level;
use super::markdown::{Inline, Page};
use crate::codes::Code;
use crate::masks::Masks;
use crate::model::artifact::DeploymentArtifact;
use crate::model::configuration::Environment;
use crate::model::event::DeploymentEvent;
use crate::model::finding::amount;
use crate::model::job::{JobType, Status};
use crate::model::{Choice, rules};
use crate::problem::{Place, Problem};

/// How long the summary of a step may be, in bytes of UTF-8.
pub const LARGEST: usize = 1_000_000;

/// How long a job's section of the comment may be, in bytes of UTF-8.
pub const LARGEST_SECTION: usize = 16_000;

/// How much of it is kept for the events, the ledger and the artifacts.
const LARGEST_RECORD: usize = 100_000;

/// How much of it a command's own summary can count on.
const LARGEST_SHARE: usize = 300_000;

/// What a job has to tell. Texts need not be masked or escaped.
pub struct JobSummary<'a> {
    /// The job's type; nothing where the input was none.
    pub job_type: Option<JobType>,
    /// The environment; nothing where the input was none.
    pub environment: Option<Environment>,
    /// How it ended.
    pub status: Status,
    /// How long it took.
    pub duration: Duration,
    /// What went wrong.
    pub code: Option<&'static Code>,
    /// What went wrong, in the words of the failure; may be empty.
    pub reason: &'a str,
    /// What the user has to mend.
    pub problems: &'a [Problem],
    /// Counts with their names, as `(12, "tests")`; a count of none is shown too.
    pub totals: &'a [(u64, &'a str)],
    /// What else is worth a line, as that the comment could not be written.
    pub notes: &'a [String],
    /// The middle of the page, the most important first, as those of a report.
    pub sections: &'a [&'a dyn Fn(&mut Page)],
    /// The job's events so far, in order.
    pub events: &'a [DeploymentEvent],
    /// The ledger.
    pub ledger: Option<Ledger<'a>>,
    /// What the job made.
    pub artifacts: &'a [DeploymentArtifact],
}

/// Where the ledger is and how far it reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ledger<'a> {
    /// Its path.
    pub path: &'a str,
    /// The hash of its last line.
    pub head: &'a str,
    /// How many lines it has.
    pub count: u64,
}

/// The page for the runner: ours, then the command's own, as far as there is
/// room, which it says where there is none.
pub fn page(job: &JobSummary, own: &[u8], masks: &Masks) -> Vec<u8> {
    let own = masks.mask_bytes(own);
    let mut record = Page::new(masks, LARGEST_RECORD);
    self::record(job, &mut record);
    let record = record.finish();
    let mut page = Page::new(masks, LARGEST - record.len() - own.len().min(LARGEST_SHARE));
    verdict(job, &mut page);
    job.sections.iter().for_each(|section| section(&mut page));
    let mut page = page.finish().into_bytes();
    page.extend_from_slice(record.as_bytes());
    append(&own, LARGEST, &mut page);
    page
}

/// The job's section of the comment: the verdict and the middle of the page,
/// with less of it. Its first paragraph says how the job ended.
pub fn section(job: &JobSummary, masks: &Masks) -> String {
    let mut page = Page::new(masks, LARGEST_SECTION);
    verdict(job, &mut page);
    job.sections.iter().for_each(|section| section(&mut page));
    page.finish()
}

/// A duration for a person, as `850 ms`, `3.2 s` or `2 min 5 s`.
pub fn duration_text(duration: Duration) -> String {
    match duration.as_millis() as u64 {
        milliseconds @ 0..1000 => format!("{milliseconds} ms"),
        milliseconds @ 1000..60_000 => format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100),
        milliseconds => format!("{} min {} s", milliseconds / 60_000, milliseconds / 1000 % 60),
    }
}

/// A size for a person, as `512 B` or `3.4 MiB`.
pub fn size_text(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let exponent = (63 - bytes.leading_zeros()) / 10;
    let tenths = (u128::from(bytes) * 10) >> (10 * exponent);
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[exponent as usize - 1])
}

fn verdict(job: &JobSummary, page: &mut Page) {
    let (mark, ended) = match job.status {
        Status::Success => ("✅", "succeeded"),
        Status::Failure => ("❌", "failed"),
        Status::Cancelled => ("⚪", "was cancelled"),
        Status::Pending | Status::Running => ("⏳", "is running"),
    };
    let name = [job.job_type.map(JobType::word), job.environment.map(Environment::word)];
    let name: Vec<_> = name.into_iter().flatten().collect();
    let name = if name.is_empty() { "the job".to_owned() } else { name.join(" · ") };
    page.heading(2, &format!("{mark} {name} {ended} in {}", duration_text(job.duration)));
    let totals = job.totals.iter().enumerate().flat_map(|(at, (count, what))| {
        let separator = if at == 0 { "" } else { " · " };
        [Inline::text(separator), Inline::bold(count.to_string()), Inline::text(format!(" {what}"))]
    });
    page.paragraph(&[Inline::All(totals.collect())]);
    if let Some(code) = job.code {
        let reason = if job.reason.is_empty() { code.title } else { job.reason };
        page.paragraph(&[Inline::All(vec![Inline::bold(code.id), Inline::text(format!(" {reason}"))])]);
        page.paragraph(&[Inline::text(format!("What to do: {}.", code.mend))]);
    }
    problems(job.problems, page);
    let notes: Vec<_> = job.notes.iter().map(|note| vec![Inline::text(note.clone())]).collect();
    page.list(&notes);
}

fn problems(problems: &[Problem], page: &mut Page) {
    if problems.is_empty() {
        return;
    }
    page.heading(3, &format!("{} to mend", amount(problems.len() as u64, "problem")));
    let row = |problem: &Problem| {
        let place = match &problem.place {
            Place::File { path, line, column, key } if key.is_empty() => format!("{path}:{line}:{column}"),
            Place::File { path, line, key, .. } => format!("{path}:{line} {key}"),
            place => place.to_string(),
        };
        vec![
            Inline::code(place),
            Inline::text(problem.wanted.clone()),
            Inline::text(problem.found.clone()),
            Inline::text(problem.hint.clone().unwrap_or_default()),
            Inline::text(problem.code.id),
        ]
    };
    let rows: Vec<_> = problems.iter().map(row).collect();
    page.table(&["Place", "Wanted", "Found", "Hint", "Code"], &rows, "problems");
}

fn record(job: &JobSummary, page: &mut Page) {
    if !job.artifacts.is_empty() {
        page.heading(3, "Artifacts");
        let row = |artifact: &DeploymentArtifact| {
            vec![
                Inline::text(artifact.artifact_type.word()),
                Inline::code(artifact.storage_path.clone()),
                Inline::text(size_text(artifact.size)),
                Inline::code(artifact.checksum.clone()),
                Inline::text(rules::date_text(artifact.expires_at)[..10].to_owned()),
            ]
        };
        let rows: Vec<_> = job.artifacts.iter().map(row).collect();
        page.table(&["Type", "Path", "Size", "SHA-256", "Expires"], &rows, "artifacts");
    }
    if job.events.is_empty() && job.ledger.is_none() {
        return;
    }
    page.details(&amount(job.events.len() as u64, "event"), |page| {
        let row = |event: &DeploymentEvent| {
            vec![
                Inline::text(rules::date_text(event.timestamp)[11..23].to_owned()),
                Inline::code(event.event_type.word()),
                Inline::text(event.message.clone()),
            ]
        };
        let rows: Vec<_> = job.events.iter().map(row).collect();
        page.table(&["Time (UTC)", "Event", "Message"], &rows, "events");
        if let Some(ledger) = job.ledger {
            page.paragraph(&[Inline::All(vec![
                Inline::text("Ledger "),
                Inline::code(ledger.path),
                Inline::text(format!(", {}, head ", amount(ledger.count, "line"))),
                Inline::code(ledger.head),
            ])]);
        }
    });
}

/// Adds the command's own summary: whole lines, as many as there is room for.
fn append(own: &[u8], limit: usize, page: &mut Vec<u8>) {
    const NOTE: &[u8] = b"\n\n... The rest of the command's own summary is left out: there is no more room here.\n";
    if own.is_empty() {
        return;
    }
    // A heading or a list of the command's needs a blank line before it.
    page.push(b'\n');
    let room = limit.saturating_sub(page.len());
    if own.len() <= room {
        return page.extend_from_slice(own);
    }
    let start = &own[..room.saturating_sub(NOTE.len())];
    let end = start.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    page.extend_from_slice(&start[..end]);
    page.extend_from_slice(NOTE);
}

/// The level, with a sign.
pub fn mark(level: Level) -> &'static str {
    match level {
        Level::Error => "❌ error",
        Level::Warning => "⚠️ warning",
        Level::Notice => "ℹ️ notice",
    }
}

#[cfg(test)]
mod tests;
