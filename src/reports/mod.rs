//! Reports of linters and test runners: bytes in, cases and findings out.
//!
//! A report goes through four steps, all pure:
//!
//! 1. [`read`] finds the format by the content and reads the file as a stream
//!    ([`source::Source`] → a reader of [`FORMATS`] → [`sink::Sink`]) into a
//!    [`FileReport`]: counts, failed cases and findings, each with a
//!    [`clue::Clue`] about its place as the report words it.
//! 2. [`locate::Locator`] turns clues into tracked files and lines, and makes
//!    one [`Report`](crate::model::finding::Report) of all files.
//! 3. `choose` ranks and groups what shall be annotated.
//! 4. Writing annotations, summaries and JSON is the reporters' affair.
//!
//! # To add a format
//!
//! Write `src/reports/<name>.rs` with a `pub static FORMAT: Format`, then add its
//! two lines here: `mod <name>;` and `&<name>::FORMAT,` in [`FORMATS`].
//!
//! - `recognise` looks at the [`Head`] and says how sure it is: 0 is no,
//!   [`LIKELY`] for text that looks like it, [`SURE`] for marks that only this
//!   format has; numbers between and above are fine. The surest wins, the
//!   earlier line on a tie. Never by the file's name.
//! - `read` takes the [`Source`] from its first byte (the head is not consumed)
//!   to its end, in one pass, with bounded memory, and hands every case and
//!   finding to the [`Sink`]: [`Sink::tally`] for a case that passed or was
//!   skipped, [`Sink::case`] for the others, [`Sink::finding`], [`Sink::red`]
//!   for a run that failed although no case did, [`Sink::lost`] and
//!   [`Sink::odd`] for what could not be read.
//! - [`xml::read`], [`json::Json`] and [`Source::line`] are the ways to read;
//!   all of them survive any bytes. [`ansi::plain`] strips colours.
//! - A place that the report names goes into a [`Spot`](clue::Spot) as the
//!   report has it; [`locate`] knows roots, folders and tracked files. Texts of
//!   failures go into the case's `details`: [`frames`] finds the stack frames of
//!   all languages in them. No format does that on its own.

pub mod ansi;
pub mod baseline;
pub mod broken;
pub mod choose;
pub mod clue;
pub mod columns;
pub mod diff;
pub mod excerpt;
pub mod frames;
pub mod hash;
pub mod head;
pub mod json;
pub mod lines;
pub mod locate;
pub mod shape;
pub mod sink;
pub mod source;
pub mod stack;
pub mod tracked;
pub mod xml;

mod android_lint;
mod biome_json;
mod biome_text;
mod cargo_json;
mod checkstyle;
mod compact;
mod console;
mod coverage;
mod cppcheck;
mod dart;
mod dotnet;
mod eslint_json;
mod flake8;
mod flat;
mod formatters;
mod gcc;
mod gcc_json;
mod github;
mod gitlab;
mod go;
mod go_text;
mod golangci_json;
mod golangci_text;
mod gtest;
mod hadolint_json;
mod issues_json;
mod javac;
mod jest;
mod jslint;
mod junit;
mod markdownlint_json;
mod markdownlint_text;
mod maven;
mod mocha;
mod msbuild;
mod mypy_json;
mod mypy_text;
mod nunit;
mod oxlint_json;
mod oxlint_text;
mod playwright;
mod pmd;
mod pylint_json;
mod pylint_text;
mod pyright_json;
mod pyright_text;
mod pytest;
mod rdjson;
mod rdjsonl;
mod rspec;
mod rubocop_json;
mod rubocop_text;
mod ruff_json;
mod rust;
mod rust_text;
mod sarif;
mod semgrep_json;
mod shellcheck_json;
mod shellcheck_text;
mod spotbugs;
mod stylecop;
mod stylelint_json;
mod stylish;
mod tap;
mod teamcity;
mod text;
mod trx;
mod tsc;
mod xunit;

use std::io::{Cursor, Read};
use std::rc::Rc;

pub use head::Head;
pub use sink::{FileReport, Sink};
pub use source::Source;

/// Every format of reports. To add one, write its file, then its two lines here.
pub static FORMATS: &[&Format] = &[
    &android_lint::FORMAT,
    &checkstyle::FORMAT,
    &cppcheck::FORMAT,
    &jslint::FORMAT,
    &junit::FORMAT,
    &nunit::FORMAT,
    &pmd::FORMAT,
    &sarif::FORMAT,
    &spotbugs::FORMAT,
    &stylecop::FORMAT,
    &trx::FORMAT,
    &xunit::FORMAT,
    &biome_json::FORMAT,
    &cargo_json::FORMAT,
    &eslint_json::FORMAT,
    &gcc_json::FORMAT,
    &gitlab::FORMAT,
    &golangci_json::FORMAT,
    &hadolint_json::FORMAT,
    &markdownlint_json::FORMAT,
    &mypy_json::FORMAT,
    &oxlint_json::FORMAT,
    &pylint_json::FORMAT,
    &pyright_json::FORMAT,
    &rdjson::FORMAT,
    &rdjsonl::FORMAT,
    &rubocop_json::FORMAT,
    &ruff_json::FORMAT,
    &semgrep_json::FORMAT,
    &shellcheck_json::FORMAT,
    &stylelint_json::FORMAT,
    &tap::FORMAT,
    &go::JSON,
    &go::TEXT,
    &flake8::FORMAT,
    &gcc::FORMAT,
    &go_text::FORMAT,
    &golangci_text::FORMAT,
    &javac::FORMAT,
    &markdownlint_text::FORMAT,
    &maven::FORMAT,
    &msbuild::FORMAT,
    &mypy_text::FORMAT,
    &pylint_text::FORMAT,
    &pyright_text::FORMAT,
    &rubocop_text::FORMAT,
    &stylish::FORMAT,
    &tsc::FORMAT,
    &jest::FORMAT,
    &mocha::FORMAT,
    &mocha::STREAM,
    &playwright::FORMAT,
    &rspec::FORMAT,
    &gtest::FORMAT,
    &biome_text::FORMAT,
    &compact::FORMAT,
    &formatters::FORMAT,
    &github::FORMAT,
    &oxlint_text::FORMAT,
    &rust_text::FORMAT,
    &shellcheck_text::FORMAT,
    &text::FORMAT,
    &issues_json::FORMAT,
    &rust::CARGO,
    &rust::LIBTEST,
    &rust::NEXTEST,
    &dart::FORMAT,
    &teamcity::FORMAT,
    &pytest::FORMAT,
    &console::BATS,
    &console::BUN,
    &console::CTEST,
    &console::DENO,
    &console::DOTNET,
    &console::EXUNIT,
    &console::GOTESTSUM,
    &console::GRADLE,
    &console::GTEST,
    &console::JEST,
    &console::MINITEST,
    &console::MOCHA,
    &console::NODE,
    &console::PHPUNIT,
    &console::PLAYWRIGHT,
    &console::PROVE,
    &console::RSPEC,
    &console::SUREFIRE,
    &console::UNITTEST,
    &console::VITEST,
    &console::XCTEST,
    &coverage::FORMAT,
];

/// A format of reports.
pub struct Format {
    /// Its name, as the setting `report-format` and the machine-readable report have it.
    pub name: &'static str,
    /// What it reports.
    pub kind: Kind,
    /// How sure it is that a report is in this format: 0 to 100.
    pub recognise: fn(&Head) -> u8,
    /// Reads a report to its end.
    pub read: fn(&mut Source, &mut Sink),
}

/// What a format reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Test cases.
    Test,
    /// Findings.
    Lint,
}

/// How much of a window is seen again with the next one, in bytes: marks of several lines.
const OVERLAP: usize = 8 * 1024;

/// What `recognise` says of text that looks like the format.
pub const LIKELY: u8 = 40;

/// What `recognise` says of marks that no other format has.
pub const SURE: u8 = 90;

/// How reports are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Keep every case, not only those that failed or were flaky.
    pub keep_all: bool,
    /// How many of the slowest cases are kept.
    pub slowest: usize,
    /// How much of a file is read, in bytes.
    pub max_bytes: u64,
    /// How many cases, and how many findings, of one file are kept. All are counted.
    pub max_kept: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options { keep_all: false, slowest: 10, max_bytes: 256 << 20, max_kept: 100_000 }
    }
}

/// Reads one report file. `path` only names the file in what is said of it.
/// `forced` is the name of a format (one of [`FORMATS`]), which is then not
/// guessed. What cannot be read is said in [`FileReport::problems`]; a file
/// without any known content has a grave one, so that it cannot be taken for
/// a clean run.
pub fn read(input: Box<dyn Read>, path: &str, forced: Option<&str>, options: &Options) -> FileReport {
    let mut source = Source::new(input, options.max_bytes);
    let mut sink = Sink::new(path, options);
    let format = match forced {
        Some(name) => FORMATS.iter().copied().find(|format| format.name == name),
        None => recognise(&Head::new(source.head(), source.is_short())),
    };
    if let Some(format) = format {
        (format.read)(&mut source, &mut sink);
    } else if source.is_short() && source.head().trim().is_empty() && source.stopped().is_none() {
        let (length, what) = (source.head().len(), if source.head().is_empty() { "empty" } else { "blank" });
        sink.lost(format!("the file is {what}"), Some(length as u64));
    } else if source.stopped().is_none() {
        let start: String = source.head().trim_start().chars().take(60).collect();
        sink.lost(format!("no known report format: it starts with `{}`", start.escape_debug()), Some(0));
    }
    if let Some(offset) = source.first_bad() {
        sink.odd("not valid text in its encoding from here on; such bytes are replaced", Some(offset));
    }
    if let Some((reason, offset)) = source.stopped() {
        sink.lost(reason.to_owned(), Some(offset));
    }
    let mut report = sink.finish();
    report.format = format.map(|format| format.name.to_owned()).unwrap_or_default();
    report
}

/// Reads a command's output for what it is, when it holds any known report: `None` when it does not,
/// which for output is no problem. Otherwise as [`read`].
pub fn read_output(output: Rc<[u8]>, options: &Options) -> Option<FileReport> {
    let format = survey(Box::new(Cursor::new(output.clone())), options)?;
    let mut source = Source::new(Box::new(Cursor::new(output)), options.max_bytes);
    let mut sink = Sink::new("", options);
    (format.read)(&mut source, &mut sink);
    let mut report = sink.finish();
    report.format = format.name.to_owned();
    Some(report)
}

/// The names of all formats, for the setting `report-format`.
pub fn names() -> Vec<&'static str> {
    FORMATS.iter().map(|format| format.name).collect()
}

/// The format that knows a report best by what stands anywhere in it. A log may be long before the
/// tests begin: all of a text is looked at, in windows that overlap. `None` when no format knows it.
pub fn survey(input: Box<dyn Read>, options: &Options) -> Option<&'static Format> {
    let mut source = Source::new(input, options.max_bytes);
    let first = Head::new(source.head(), source.is_short());
    let (mut best, mut sureness) = surest(&first);
    if best.is_some() && !first.is_text() {
        return best;
    }
    loop {
        // Tests that are surely there are what counts, whatever follows.
        if sureness >= SURE && best.is_some_and(|format| format.kind == Kind::Test) {
            return best;
        }
        let seen = source.head().as_bytes();
        let late = seen.len().saturating_sub(OVERLAP);
        let start = seen[late..].iter().position(|byte| *byte == b'\n').map_or(seen.len(), |end| late + end + 1);
        source.advance(start);
        if !source.grow() {
            return best;
        }
        let (format, found) = surest(&Head::inner(source.head()));
        let tests = format.is_some_and(|format| format.kind == Kind::Test);
        if found > sureness || tests && found == sureness {
            (best, sureness) = (format, found);
        }
    }
}

/// The format that knows the report best, if any does.
fn recognise(head: &Head) -> Option<&'static Format> {
    surest(head).0
}

/// The format that knows the report best, and how sure it is.
fn surest(head: &Head) -> (Option<&'static Format>, u8) {
    let mut best = (None, 0);
    for format in FORMATS {
        let found = (format.recognise)(head);
        if found > best.1 {
            best = (Some(*format), found);
        }
    }
    best
}

#[cfg(test)]
mod checks;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
