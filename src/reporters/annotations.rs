//! Workflow commands. Nothing else in Waybill writes one, so that escaping,
//! masking and the runner's quotas cannot be forgotten.
//!
//! The grammar is that of GitHub's documentation ("Workflow commands for GitHub
//! Actions"), the limits are those of the runner's sources: it keeps ten
//! annotations a level and step, drops the rest in silence, and cuts a message
//! at 4096 UTF-16 units.

use std::fmt::Write;

use super::{utf16_start, without_controls};
use crate::masks::Masks;
use crate::problem::{Place, Problem};

mod plain;

pub use crate::model::finding::Level;
pub use plain::plain;

/// The longest message that the runner keeps, in UTF-16 units.
const LONGEST_MESSAGE: usize = 4096;

/// The longest title that GitHub keeps, in UTF-16 units.
const LONGEST_TITLE: usize = 255;

/// How many annotations of a level the runner keeps in one step.
const MOST_OF_A_LEVEL: usize = 10;

/// The level as the command's name.
pub fn name(level: Level) -> &'static str {
    match level {
        Level::Notice => "notice",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

/// One remark, at a place of the repository or at the run as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// How bad it is.
    pub level: Level,
    /// In a few words: an event's type, a rule, a code; may be empty. Cut at 255 UTF-16 units.
    pub title: String,
    /// The text, plain, of any number of lines. Cut at 4096 UTF-16 units.
    pub message: String,
    /// The file, relative to the repository's root. A path that leads out of
    /// the repository is put into the message instead.
    pub file: Option<String>,
    /// The first line, from 1. Without a file it means nothing.
    pub line: Option<u32>,
    /// The last line.
    pub end_line: Option<u32>,
    /// The first column, from 1. GitHub shows columns only within one line.
    pub column: Option<u32>,
    /// The last column.
    pub end_column: Option<u32>,
}

impl Annotation {
    /// A remark on the run as a whole.
    pub fn new(level: Level, title: impl Into<String>, message: impl Into<String>) -> Self {
        Annotation {
            level,
            title: title.into(),
            message: message.into(),
            file: None,
            line: None,
            end_line: None,
            column: None,
            end_column: None,
        }
    }

    /// A problem at its place in the file, with its code as the title.
    pub fn of_problem(problem: &Problem) -> Self {
        let mut annotation = Annotation::new(Level::Error, problem.code.id, problem.to_string());
        if let Place::File { path, line, column, .. } = &problem.place {
            annotation.file = Some(path.clone());
            annotation.line = Some(*line);
            annotation.column = Some(*column);
        }
        annotation
    }

    /// The command, escaped, with every secret replaced.
    pub fn command(&self, masks: &Masks) -> Vec<u8> {
        let clean = |text: &str| without_controls(&masks.mask_text(text));
        let title = clean(&self.title).replace(['\r', '\n'], " ");
        let mut message = clean(&self.message);
        let mut properties = Properties::default();
        properties.text("title", &cut(title.trim(), LONGEST_TITLE));
        match self.file.as_deref().map(|file| (file, repository_path(file))) {
            Some((_, Some(path))) => {
                properties.text("file", &clean(&path));
                self.place(&mut properties);
            }
            Some((file, None)) if !file.trim().is_empty() => {
                let line = self.line.map(|line| format!(":{line}")).unwrap_or_default();
                message.insert_str(0, &format!("{}{line}: ", clean(file)));
            }
            _ => {}
        }
        if message.trim().is_empty() {
            // The runner makes no annotation of a blank message.
            message = if title.trim().is_empty() { "no message".to_owned() } else { title };
        }
        command(name(self.level), &properties.0, &cut(&message, LONGEST_MESSAGE))
    }

    /// Only what the runner accepts together; it would drop more than we do.
    fn place(&self, properties: &mut Properties) {
        let valid = |number: Option<u32>| number.filter(|number| (1..=i32::MAX as u32).contains(number));
        let Some(line) = valid(self.line.or(self.end_line)) else { return };
        let end_line = valid(self.end_line).filter(|end| *end >= line);
        properties.number("line", Some(line));
        properties.number("endLine", end_line);
        if end_line.is_none_or(|end| end == line) {
            let column = valid(self.column.or(self.end_column));
            properties.number("col", column);
            properties.number("endColumn", valid(self.end_column).filter(|end| Some(*end) >= column));
        }
    }
}

/// Prints annotations and keeps count of them, for one step. Of the ten of a
/// level one is kept for the line that says how many are left out and one for
/// an event still to come; findings and earlier events share the rest.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    printed: [usize; 3],
}

impl Writer {
    /// Nothing printed yet.
    pub fn new() -> Self {
        Writer::default()
    }

    /// An event: its type is the title. Where the level's annotations are used
    /// up it is printed as an ordinary line.
    pub fn event(&mut self, level: Level, kind: &str, message: &str, masks: &Masks) -> Vec<u8> {
        let printed = &mut self.printed[level as usize];
        if *printed >= MOST_OF_A_LEVEL {
            return plain(&masks.mask_text(&format!("{kind}: {message}")));
        }
        *printed += 1;
        Annotation::new(level, kind, message).command(masks)
    }

    /// Which of the findings, the most important first, [`Writer::findings`]
    /// would print.
    pub fn choose(&self, ranked: &[Annotation]) -> Vec<bool> {
        let room = [Level::Notice, Level::Warning, Level::Error].map(|level| {
            let wanted = ranked.iter().filter(|finding| finding.level == level).count();
            let room = (MOST_OF_A_LEVEL - 1).saturating_sub(self.printed[level as usize]);
            // The last place is the overflow line's, if there is one.
            if wanted > room { room.saturating_sub(1) } else { wanted }
        });
        let mut taken = [0; 3];
        let choose = |finding: &Annotation| {
            let level = finding.level as usize;
            taken[level] += 1;
            taken[level] <= room[level]
        };
        ranked.iter().map(choose).collect()
    }

    /// Findings, the most important first, and for each level one honest line
    /// on what is left out. To be called once in a step; what a later call has
    /// no room for is said in an ordinary line.
    pub fn findings(&mut self, ranked: &[Annotation], masks: &Masks) -> Vec<u8> {
        let mut out = Vec::new();
        let mut left_out = [0; 3];
        for (finding, chosen) in ranked.iter().zip(self.choose(ranked)) {
            match chosen {
                true => {
                    out.extend(finding.command(masks));
                    self.printed[finding.level as usize] += 1;
                }
                false => left_out[finding.level as usize] += 1,
            }
        }
        for level in [Level::Error, Level::Warning, Level::Notice] {
            let left_out = left_out[level as usize];
            if left_out == 0 {
                continue;
            }
            let plural = if left_out == 1 { "" } else { "s" };
            let message = format!("{left_out} more {}{plural}, see the summary", name(level));
            if self.printed[level as usize] + 1 < MOST_OF_A_LEVEL {
                self.printed[level as usize] += 1;
                out.extend(Annotation::new(level, "", message).command(masks));
            } else {
                out.extend(plain(&message));
            }
        }
        out
    }
}

/// Has the runner hide a value. It also hides every line of it by itself, so
/// give it what [`Masks::add`] says, which never is blank.
pub fn add_mask(value: &str) -> Vec<u8> {
    command("add-mask", "", value)
}

/// The token that ends a stretch of output in which no command takes effect.
/// It must be made of 128 bits that nobody can guess.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct StopToken([u8; 16]);

impl StopToken {
    /// Of these random bits.
    pub fn new(random: [u8; 16]) -> Self {
        StopToken(random)
    }

    /// Has the runner take every line as text until [`StopToken::resume`].
    pub fn stop(&self) -> Vec<u8> {
        command("stop-commands", "", &self.text())
    }

    /// Has the runner obey again.
    pub fn resume(&self) -> Vec<u8> {
        command(&self.text(), "", "")
    }

    fn text(&self) -> String {
        self.0.iter().fold(String::with_capacity(32), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// Folds what follows, up to [`end_group`], under this title. Groups do not nest.
pub fn group(title: &str, masks: &Masks) -> Vec<u8> {
    command("group", "", &without_controls(&masks.mask_text(title)))
}

/// Ends the group.
pub fn end_group() -> Vec<u8> {
    command("endgroup", "", "")
}

/// A line that is shown only where debugging is on.
pub fn debug(message: &str, masks: &Masks) -> Vec<u8> {
    command("debug", "", &without_controls(&masks.mask_text(message)))
}

/// Takes away the problem matcher of this owner, which another action left
/// behind; that there is none is fine.
pub fn remove_matcher(owner: &str) -> Vec<u8> {
    let mut properties = Properties::default();
    properties.text("owner", owner);
    command("remove-matcher", &properties.0, "")
}

/// The properties of a command, `key=value,key=value`.
#[derive(Default)]
struct Properties(String);

impl Properties {
    /// Adds one; a blank value must not be written.
    fn text(&mut self, key: &str, value: &str) {
        if value.trim().is_empty() {
            return;
        }
        if !self.0.is_empty() {
            self.0.push(',');
        }
        self.0.push_str(key);
        self.0.push('=');
        escape(value, true, &mut self.0);
    }

    fn number(&mut self, key: &str, value: Option<u32>) {
        if let Some(value) = value {
            self.text(key, &value.to_string());
        }
    }
}

fn command(name: &str, properties: &str, data: &str) -> Vec<u8> {
    let mut line = String::with_capacity(name.len() + properties.len() + data.len() + 8);
    line.push_str("::");
    line.push_str(name);
    if !properties.is_empty() {
        line.push(' ');
        line.push_str(properties);
    }
    line.push_str("::");
    escape(data, false, &mut line);
    line.push('\n');
    line.into_bytes()
}

fn escape(text: &str, property: bool, out: &mut String) {
    for c in text.chars() {
        match c {
            '%' => out.push_str("%25"),
            '\r' => out.push_str("%0D"),
            '\n' => out.push_str("%0A"),
            ':' if property => out.push_str("%3A"),
            ',' if property => out.push_str("%2C"),
            c => out.push(c),
        }
    }
}

/// The path as GitHub matches it against the diff: relative to the repository's
/// root, with `/`; nothing for one that leads out of it.
pub fn repository_path(path: &str) -> Option<String> {
    let path = path.trim().replace('\\', "/");
    let absolute = path.starts_with('/') || path.as_bytes().get(1) == Some(&b':');
    let segments: Vec<&str> = path.split('/').filter(|segment| !matches!(*segment, "" | ".")).collect();
    (!absolute && !segments.is_empty() && !segments.contains(&"..")).then(|| segments.join("/"))
}

/// The text, or its start with an ending that says that it was cut.
fn cut(text: &str, most: usize) -> String {
    let units = text.encode_utf16().count();
    if units <= most {
        return text.to_owned();
    }
    let ending = if most > LONGEST_TITLE { format!("… (cut: {units} characters in all)") } else { "…".to_owned() };
    let start = utf16_start(text, most - ending.encode_utf16().count());
    format!("{start}{ending}")
}

#[cfg(test)]
mod tests;
