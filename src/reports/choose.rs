//! Which failures and findings are annotated, and in which order: the ones that
//! a reviewer of the change would have chosen come first, because the runner
//! keeps few of each level and drops the rest.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::ansi;
use super::excerpt::first;
use super::locate::Changed;
use crate::model::finding::{Case, Finding, Level, Report, Status};

/// How many of one file come before every file has had one.
const OF_A_FILE: usize = 3;

/// From how many tests on an equal message makes one annotation wherever they failed. Fewer
/// may well be different failures that are worded alike, and each is shown at its place.
const CROWD: usize = 4;

/// How many of those who share a message are named.
const NAMED: usize = 5;

/// The longest text of an annotation, in bytes; GitHub cuts at about this length.
const TEXT: usize = 3_500;

/// The longest title, in bytes.
const TITLE: usize = 200;

/// The setting `annotate`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Annotate {
    /// What failed, wherever it is, and of the findings of linters those that the change touches.
    /// When it is not known what the change touches, as [`Annotate::All`].
    Changed,
    /// Everything that has a place; what the change touches comes first.
    #[default]
    All,
    /// Nothing.
    None,
}

impl Annotate {
    /// The setting's word.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "changed" => Some(Annotate::Changed),
            "all" => Some(Annotate::All),
            "none" => Some(Annotate::None),
            _ => None,
        }
    }
}

/// What is to be annotated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The annotations, best first over all levels. How many are written is the writer's affair.
    pub chosen: Vec<Chosen>,
    /// How many failures and findings another one of [`Choice::chosen`] stands for.
    pub duplicates: u64,
    /// How many findings lie outside of the change, and are left out for that.
    pub outside: u64,
    /// How many have no place in the repository: only the summary shows them.
    pub unplaced: u64,
}

/// An annotation at a place of the repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// How bad it is.
    pub level: Level,
    /// The test's name, or the tool and the rule.
    pub title: String,
    /// What is wrong, and who else has it.
    pub message: String,
    /// The tracked file, relative to the repository's root.
    pub file: String,
    /// The first line, from 1; `None` when only the file is known.
    pub line: Option<u32>,
    /// The last line.
    pub end_line: Option<u32>,
    /// The first column, from 1, in UTF-16 units.
    pub column: Option<u32>,
    /// The column after the last one.
    pub end_column: Option<u32>,
}

/// How near it is to what a reviewer wants to see; the first comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    /// Nothing could be tested because of it.
    Build,
    /// On a line that the change touches.
    Line,
    /// In a file that the change touches.
    File,
    Rest,
}

/// One that may be annotated.
struct Candidate<'a> {
    tier: Tier,
    level: Level,
    file: &'a str,
    line: Option<u32>,
    what: What<'a>,
    /// Who shares its message or its place, itself left out.
    others: Vec<&'a str>,
    other_count: usize,
    elsewhere: bool,
}

#[derive(Clone, Copy)]
enum What<'a> {
    Case(&'a Case),
    Finding(&'a Finding),
}

/// Ranks what a report holds. `changed` is what the change under test touches, when that is known.
pub fn choose(report: &Report, changed: Option<&Changed>, annotate: Annotate) -> Choice {
    let mut choice = Choice::default();
    if annotate == Annotate::None {
        return choice;
    }
    let only_changed = annotate == Annotate::Changed && changed.is_some();
    let mut candidates = candidates(report, changed, only_changed, &mut choice);
    candidates.sort_by_key(|candidate| (candidate.tier, std::cmp::Reverse(candidate.level)));
    let mut candidates = without_duplicates(candidates, &mut choice);
    spread(&mut candidates);
    choice.chosen = candidates.iter().map(Candidate::chosen).collect();
    choice
}

/// Everything that has a place, in the report's order.
fn candidates<'a>(
    report: &'a Report,
    changed: Option<&Changed>,
    only_changed: bool,
    choice: &mut Choice,
) -> Vec<Candidate<'a>> {
    // Findings among tests are those of the compiler that the tests need.
    let has_tests = report.totals.tests > 0 || !report.cases.is_empty() || !report.red.is_empty();
    let tier = |file: &str, line: Option<u32>, end: Option<u32>| match (changed, line) {
        (Some(changed), Some(line)) if changed.has_lines(file, line, end.unwrap_or(line)) => Tier::Line,
        (Some(changed), _) if changed.has_file(file) => Tier::File,
        _ => Tier::Rest,
    };
    let mut found = Vec::new();
    for case in &report.cases {
        let level = match case.status {
            Status::Failed | Status::Error => Level::Error,
            Status::Flaky => Level::Warning,
            Status::Passed | Status::Skipped => continue,
        };
        let Some(file) = case.file.as_deref() else {
            choice.unplaced += 1;
            continue;
        };
        let near = tier(file, case.line, None);
        if only_changed && near == Tier::Rest && case.status == Status::Flaky {
            choice.outside += 1;
            continue;
        }
        let tier = if is_suite(case) { Tier::Build } else { near };
        found.push(Candidate::new(tier, level, file, case.line, What::Case(case)));
    }
    for finding in report.findings.iter().filter(|finding| !finding.known) {
        let Some(file) = finding.file.as_deref() else {
            choice.unplaced += 1;
            continue;
        };
        let near = tier(file, finding.line, finding.end_line);
        let is_build = has_tests && finding.level == Level::Error;
        let inside = near == Tier::Line || finding.line.is_none() && near == Tier::File;
        if only_changed && !inside && !is_build {
            choice.outside += 1;
            continue;
        }
        let tier = if is_build { Tier::Build } else { near };
        found.push(Candidate::new(tier, finding.level, file, finding.line, What::Finding(finding)));
    }
    found
}

/// Whether the case is no test but a file or a suite that could not be loaded.
fn is_suite(case: &Case) -> bool {
    let name = case.name.as_str();
    let marks = ["collection failure", "Test suite failed to run", "error during collection", "initializationError"];
    case.status == Status::Error
        && (name.is_empty()
            || case.suite.as_deref() == Some(name)
            || case.file.as_deref() == Some(name)
            || marks.iter().any(|mark| case.message.contains(mark) || name == *mark))
}

/// One of each message and place; and one of each message that a crowd of tests has.
fn without_duplicates<'a>(candidates: Vec<Candidate<'a>>, choice: &mut Choice) -> Vec<Candidate<'a>> {
    let mut crowds: HashMap<u64, usize> = HashMap::new();
    for candidate in &candidates {
        if let Some(key) = candidate.wording() {
            *crowds.entry(key).or_default() += 1;
        }
    }
    let mut kept: Vec<Candidate<'a>> = Vec::new();
    let mut places: HashMap<u64, usize> = HashMap::new();
    let mut leaders: HashMap<u64, usize> = HashMap::new();
    for candidate in candidates {
        let place = candidate.shape_and_place();
        let crowd = candidate.wording().filter(|key| crowds.get(key).is_some_and(|count| *count >= CROWD));
        let leader = crowd.and_then(|key| leaders.get(&key)).or_else(|| places.get(&place));
        if let Some(leader) = leader.and_then(|at| kept.get_mut(*at)) {
            leader.join(&candidate);
            choice.duplicates += 1;
            continue;
        }
        places.insert(place, kept.len());
        leaders.extend(crowd.map(|key| (key, kept.len())));
        kept.push(candidate);
    }
    kept
}

/// Takes turns among the files of a tier; the fourth of a file and a level comes after all others.
fn spread(candidates: &mut Vec<Candidate>) {
    let mut turns: HashMap<(Level, String), usize> = HashMap::new();
    let mut keyed: Vec<_> = std::mem::take(candidates)
        .into_iter()
        .map(|candidate| {
            let turn = turns.entry((candidate.level, candidate.file.to_owned())).or_default();
            *turn += 1;
            let key = (*turn > OF_A_FILE, candidate.tier, std::cmp::Reverse(candidate.level), *turn);
            (key, candidate)
        })
        .collect();
    keyed.sort_by_key(|(key, _)| *key);
    candidates.extend(keyed.into_iter().map(|(_, candidate)| candidate));
}

impl<'a> Candidate<'a> {
    fn new(tier: Tier, level: Level, file: &'a str, line: Option<u32>, what: What<'a>) -> Self {
        Candidate { tier, level, file, line, what, others: Vec::new(), other_count: 0, elsewhere: false }
    }

    /// The same kind of failure at the same place: rows of a table, several report files.
    fn shape_and_place(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.level, self.file, self.line).hash(&mut hasher);
        match self.what {
            What::Case(case) => (0u8, shape(&case.message, false)).hash(&mut hasher),
            What::Finding(finding) => {
                (1u8, finding.column, finding.rule.as_deref(), shape(&finding.message, true)).hash(&mut hasher);
            }
        }
        hasher.finish()
    }

    /// The same words, wherever it failed. Findings of linters have a place each, and stay apart.
    fn wording(&self) -> Option<u64> {
        let What::Case(case) = self.what else { return None };
        let text = shape(&case.message, true);
        if text.is_empty() {
            return None;
        }
        let mut hasher = DefaultHasher::new();
        (self.level, text).hash(&mut hasher);
        Some(hasher.finish())
    }

    fn join(&mut self, other: &Candidate<'a>) {
        self.other_count += 1;
        self.elsewhere |= (self.file, self.line) != (other.file, other.line);
        if let What::Case(case) = other.what
            && self.others.len() < NAMED
            && !case.name.is_empty()
        {
            self.others.push(&case.name);
        }
    }

    fn chosen(&self) -> Chosen {
        let mut chosen = Chosen { level: self.level, file: self.file.to_owned(), line: self.line, ..Chosen::default() };
        match self.what {
            What::Case(case) => {
                chosen.column = case.column;
                chosen.title = test_title(case);
                chosen.message = test_message(case);
                if self.other_count > 0 {
                    chosen.message += &self.shared_by();
                }
            }
            What::Finding(finding) => {
                chosen.end_line = finding.end_line;
                (chosen.column, chosen.end_column) = (finding.column, finding.end_column);
                chosen.title = finding_title(finding);
                chosen.message = first(ansi::plain(finding.message.trim()).trim(), TEXT);
            }
        }
        if chosen.message.is_empty() {
            chosen.message.clone_from(&chosen.title);
        }
        chosen
    }

    /// Who else failed so.
    fn shared_by(&self) -> String {
        let tests = if self.other_count == 1 { "test" } else { "tests" };
        let place = if self.elsewhere { "" } else { " here" };
        let names: Vec<String> = self.others.iter().map(|name| format!("`{}`", first(name, 100))).collect();
        let more = self.other_count - names.len();
        let mut list = names.join(", ");
        if more > 0 && !list.is_empty() {
            list += &format!(" and {more} more");
        }
        let colon = if list.is_empty() { "" } else { ": " };
        format!("\n\nThe same in {} other {tests}{place}{colon}{list}", self.other_count)
    }
}

fn test_title(case: &Case) -> String {
    let suite = case.suite.as_deref().unwrap_or_default();
    let name = if case.name.is_empty() { suite } else { &case.name };
    let what = match case.status {
        Status::Flaky => "flaky: ",
        _ => "",
    };
    let title = match suite {
        "" => name.to_owned(),
        // Many writers repeat the suite in the name.
        suite if name.starts_with(suite) => name.to_owned(),
        suite => format!("{suite} › {name}"),
    };
    first(&format!("{what}{}", one_line(&title)), TITLE)
}

fn test_message(case: &Case) -> String {
    let text = ansi::plain(case.message.trim());
    let text = first(text.trim(), TEXT);
    match (case.status, case.attempts) {
        (Status::Flaky, Some(attempts)) => format!("passed only at attempt {attempts}; before: {text}"),
        (Status::Flaky, None) => format!("passed only when it was run again; before: {text}"),
        _ => text,
    }
}

fn finding_title(finding: &Finding) -> String {
    let rule = finding.rule.as_deref().unwrap_or_default();
    let title = match (finding.source.as_str(), rule) {
        (source, "") => source.to_owned(),
        ("", rule) => rule.to_owned(),
        (source, rule) => format!("{source}: {rule}"),
    };
    first(&one_line(&title), TITLE)
}

fn one_line(text: &str) -> String {
    ansi::plain(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text without what differs from run to run: addresses, long hexadecimal numbers, times,
/// blanks; and with `digits` off without any number.
pub fn shape(text: &str, digits: bool) -> String {
    let mut shape = String::new();
    for word in ansi::plain(text).split_whitespace() {
        if !shape.is_empty() {
            shape.push(' ');
        }
        for piece in word.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
            let inner = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            let is_hex = inner.strip_prefix("0x").is_some_and(|rest| rest.len() >= 6)
                || inner.len() >= 8 && inner.bytes().all(|byte| byte.is_ascii_hexdigit());
            let is_time = ["ms", "s", "us", "ns"].iter().any(|unit| {
                inner
                    .strip_suffix(unit)
                    .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
            });
            if is_hex && inner.contains(|c: char| c.is_ascii_digit()) || is_time {
                shape.push('#');
            } else if digits {
                shape.push_str(inner);
            } else {
                let mut number = false;
                for c in inner.chars() {
                    if !c.is_ascii_digit() {
                        shape.push(c);
                    } else if !number {
                        shape.push('#');
                    }
                    number = c.is_ascii_digit();
                }
            }
            shape.push_str(&piece[inner.len()..]);
        }
        if shape.len() > TEXT {
            break;
        }
    }
    shape
}

#[cfg(test)]
mod tests;
