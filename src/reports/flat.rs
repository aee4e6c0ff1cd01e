//! Findings that stand in XML as one element each, either in an element of
//! their file or with a path of their own. A format describes itself as a
//! [`Shape`].

use super::clue::{Clue, Columns, Spot, Trust};
use super::excerpt::Excerpt;
use super::sink::Sink;
use super::source::Source;
use super::xml::{Element, Names, Visitor, read as read_xml};
use crate::model::finding::{Finding, Level};

/// The longest text of a finding, in bytes.
const TEXT: usize = 8 * 1024;

/// How a format writes findings.
pub struct Shape {
    /// The tool, unless the file says otherwise.
    pub tool: &'static str,
    /// The element of a file, and its attribute with the path; empty when there is none.
    pub file: (&'static str, &'static str),
    /// The element of a finding.
    pub finding: &'static str,
    /// An element inside the finding that has its place; empty when the finding itself has it.
    pub place: &'static str,
    /// What the attributes of the finding and of its place are.
    pub attributes: &'static [(&'static str, Field)],
    /// The level that a word stands for; `None` for a finding that is switched off.
    pub level: fn(&str) -> Option<Level>,
    /// Elements that say what could not be looked at, with the attributes that say so.
    pub broken: &'static [(&'static str, &'static [&'static str])],
}

/// What an attribute holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The path.
    Path,
    /// The first line, from 1.
    Line,
    /// The last line, from 1.
    EndLine,
    /// The first column, from 1.
    Column,
    /// The last column, from 1; not the one after it.
    LastColumn,
    /// The word for [`Shape::level`].
    Level,
    /// The rule.
    Rule,
    /// The message; text of the element serves when there is no such attribute.
    Message,
}

/// Reads a report of this shape to its end.
pub fn read(source: &mut Source, sink: &mut Sink, shape: &'static Shape) {
    let mut reader = Reader { shape, sink, names: Names::default(), file: String::new(), open: None, broken: None };
    let ending = read_xml(source, &mut reader);
    reader.close_finding();
    ending.tell(sink);
}

/// A finding that is open.
#[derive(Default)]
struct Open {
    depth: u64,
    word: String,
    rule: String,
    message: String,
    text: Excerpt,
    /// The first place; further ones only explain.
    spot: Option<Spot>,
}

struct Reader<'s> {
    shape: &'static Shape,
    sink: &'s mut Sink,
    names: Names,
    file: String,
    open: Option<Open>,
    broken: Option<(u64, Excerpt)>,
}

impl Visitor for Reader<'_> {
    fn open(&mut self, name: &str, element: &Element) {
        self.names.open(name);
        let shape = self.shape;
        if let Some(open) = &mut self.open {
            if name == shape.place && open.spot.is_none() {
                let mut place = Open::default();
                element.each(|key, value| place.take(shape, key, &value));
                open.spot = place.spot;
            }
        } else if name == shape.finding {
            let mut open = Open { depth: self.names.depth(), text: Excerpt::new(TEXT), ..Open::default() };
            element.each(|key, value| open.take(shape, key, &value));
            if !shape.place.is_empty() && open.spot.as_ref().is_some_and(|spot| spot.path.is_empty()) {
                open.spot = None;
            }
            self.open = Some(open);
        } else if name == shape.file.0 {
            self.file = element.get(shape.file.1).unwrap_or_default();
        } else if let Some((_, keys)) = shape.broken.iter().find(|(broken, _)| *broken == name) {
            let mut text = Excerpt::new(TEXT);
            element.each(|key, value| {
                if keys.contains(&key) {
                    text.push(&value);
                    text.push(" ");
                }
            });
            self.broken = Some((self.names.depth(), text));
        }
    }

    fn close(&mut self, name: &str) {
        if self.open.as_ref().is_some_and(|open| open.depth >= self.names.depth()) {
            self.close_finding();
        } else if name == self.shape.file.0 && self.open.is_none() {
            self.file.clear();
        }
        if self.broken.as_ref().is_some_and(|(depth, _)| *depth >= self.names.depth())
            && let Some((_, mut text)) = self.broken.take()
        {
            let text = text.text();
            let line = text.trim().lines().next().unwrap_or_default();
            let file = if self.file.is_empty() { String::new() } else { format!("`{}`: ", self.file) };
            self.sink.lost(format!("the tool could not look at everything: {file}{line}"), None);
        }
        self.names.close();
    }

    fn text(&mut self, text: &str) {
        if let Some(open) = self.open.as_mut().filter(|open| open.depth == self.names.depth()) {
            open.text.push(text);
        } else if let Some((_, broken)) = &mut self.broken {
            broken.push(text);
        }
    }
}

impl Reader<'_> {
    fn close_finding(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        let Some(level) = (self.shape.level)(&open.word) else { return };
        let mut message = open.message;
        if message.trim().is_empty() {
            message = open.text.text();
        }
        let message = if message.trim().is_empty() { open.rule.clone() } else { message.trim().to_owned() };
        let source = tool_of(&open.rule).unwrap_or(self.shape.tool).to_owned();
        let mut clue = Clue::default();
        let mut spot = open.spot.unwrap_or_default();
        if spot.path.is_empty() {
            spot.path.clone_from(&self.file);
        }
        if !spot.path.is_empty() {
            clue.spots.push(spot);
        }
        let rule = (!open.rule.is_empty()).then_some(open.rule);
        self.sink.finding(Finding { level, rule, message, source, ..Finding::default() }, clue);
    }
}

impl Open {
    fn take(&mut self, shape: &Shape, key: &str, value: &str) {
        let Some((_, field)) = shape.attributes.iter().find(|(name, _)| *name == key) else { return };
        let number = value.trim().parse::<u32>().ok().filter(|number| *number > 0);
        let start = || Spot { columns: Columns::Points, ..Spot::new("", None, Trust::Exact) };
        match field {
            Field::Level => self.word = value.to_owned(),
            Field::Rule => self.rule = value.to_owned(),
            Field::Message => self.message = value.to_owned(),
            Field::Path => self.spot.get_or_insert_with(start).path = value.to_owned(),
            Field::Line => self.spot.get_or_insert_with(start).line = number,
            Field::EndLine => self.spot.get_or_insert_with(start).end_line = number,
            Field::Column => self.spot.get_or_insert_with(start).column = number,
            Field::LastColumn => {
                self.spot.get_or_insert_with(start).end_column = number.and_then(|number| number.checked_add(1));
            }
        }
    }
}

/// The tool that a rule belongs to, where its name shows it: many tools write Checkstyle's format.
fn tool_of(rule: &str) -> Option<&'static str> {
    let tools = [
        ("com.puppycrawl.", "checkstyle"),
        ("eslint.", "eslint"),
        ("detekt.", "detekt"),
        ("stylelint.", "stylelint"),
        ("swiftlint.", "swiftlint"),
        ("PHPStan", "phpstan"),
        ("Squiz.", "phpcs"),
        ("PSR", "phpcs"),
        ("Generic.", "phpcs"),
        ("ShellCheck.", "shellcheck"),
        ("SC", "shellcheck"),
        ("DL", "hadolint"),
        ("RuboCop", "rubocop"),
    ];
    tools
        .iter()
        .find(|(start, _)| {
            rule.strip_prefix(start).is_some_and(|rest| start.len() > 2 || rest.bytes().all(|b| b.is_ascii_digit()))
        })
        .map(|(_, tool)| *tool)
}
