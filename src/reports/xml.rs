//! XML as writers of reports really write it, read as a stream: no tree, no
//! recursion, no entity but the five of XML, tolerant of control characters,
//! wrong nesting and a missing end.

mod scan;
mod unescape;

use std::borrow::Cow;

use self::scan::{Attribute, Scanner};
use super::sink::Sink;
use super::source::Source;

pub use self::unescape::unescape;

/// How many names of open elements are kept; no format nests deeper.
const DEPTH: usize = 100;

/// Takes the pieces of a document, in order.
pub trait Visitor {
    /// A start tag, by its name without prefix; an empty element is a start and an end.
    fn open(&mut self, name: &str, element: &Element);
    /// An end tag, by its name without prefix.
    fn close(&mut self, name: &str);
    /// A piece of text, references resolved; one text may come in several pieces.
    fn text(&mut self, text: &str);
    /// A new document begins although elements of the one before are open: its writer died, and
    /// the next one wrote on. Everything that is open is to be settled as at the end.
    fn restart(&mut self) {}
}

/// A start tag.
pub struct Element<'a> {
    text: &'a str,
    attributes: &'a [Attribute],
}

impl Element<'_> {
    /// Visits the attributes, by their names without prefix.
    pub fn each(&self, mut visit: impl FnMut(&str, Cow<'_, str>)) {
        for attribute in self.attributes {
            visit(local(&self.text[attribute.name()]), unescape(&self.text[attribute.value()]));
        }
    }

    /// One attribute's value.
    pub fn get(&self, name: &str) -> Option<String> {
        let attribute = self.attributes.iter().find(|attribute| local(&self.text[attribute.name()]) == name)?;
        Some(unescape(&self.text[attribute.value()]).into_owned())
    }
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    match name.bytes().position(|byte| byte == b':') {
        Some(colon) => &name[colon + 1..],
        None => name,
    }
}

/// The names of the open elements, outermost first.
#[derive(Default)]
pub struct Names {
    text: String,
    starts: Vec<usize>,
    /// How many more are open than are kept.
    deeper: u64,
}

impl Names {
    /// An element opens.
    pub fn open(&mut self, name: &str) {
        if self.starts.len() >= DEPTH {
            self.deeper += 1;
            return;
        }
        self.starts.push(self.text.len());
        self.text.push_str(name);
    }

    /// The innermost element closes.
    pub fn close(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else if let Some(start) = self.starts.pop() {
            self.text.truncate(start);
        }
    }

    /// The name of the element that is open at this distance from the innermost one, which is at
    /// 0; nothing when there is none, or when elements are open deeper than any format nests.
    pub fn at(&self, distance: usize) -> &str {
        if self.deeper > 0 || distance >= self.starts.len() {
            return "";
        }
        let at = self.starts.len() - 1 - distance;
        let end = self.starts.get(at + 1).copied().unwrap_or(self.text.len());
        &self.text[self.starts[at]..end]
    }

    /// How many elements are open.
    pub fn depth(&self) -> u64 {
        self.starts.len() as u64 + self.deeper
    }
}

/// How reading ended.
#[must_use]
pub struct Ending {
    /// How many elements are open.
    open: u64,
    /// Whether the file ends inside of markup.
    inside: bool,
    offset: u64,
    /// Where a `<` stands that no XML allows: in an attribute, or in text.
    bracket: Option<u64>,
    /// Where a document begins inside of another one.
    restart: Option<u64>,
}

impl Ending {
    /// Tells the sink when something is missing.
    pub fn tell(&self, sink: &mut Sink) {
        if self.bracket.is_some() {
            sink.odd("not well-formed XML: a `<` that is no markup; read on all the same", self.bracket);
        }
        if self.restart.is_some() {
            sink.lost("cut short: a new document begins before the one in front of it ends", self.restart);
        }
        if self.open > 0 {
            let elements = if self.open == 1 { "element" } else { "elements" };
            sink.lost(format!("cut short: the file ends inside {} open {elements}", self.open), Some(self.offset));
        } else if self.inside {
            sink.lost("cut short: the file ends inside of markup that is not closed", Some(self.offset));
        }
    }
}

/// Reads to the end of the source. Several documents in a row, and other text between them, are
/// one stream.
pub fn read(source: &mut Source, visitor: &mut dyn Visitor) -> Ending {
    let mut scanner = Scanner::new(visitor);
    loop {
        let more = !source.is_short();
        let taken = scanner.scan(source.head(), more);
        let odd = taken.odd.unwrap_or_default();
        source.advance(odd);
        scanner.note(taken.odd.map(|_| source.offset()));
        source.advance(taken.length - odd);
        let stuck = taken.length == 0 && !more;
        if taken.odd.is_none() && !source.grow() && (stuck || source.head().is_empty()) {
            break;
        }
    }
    scanner.end(source.offset())
}

#[cfg(test)]
mod tests;
