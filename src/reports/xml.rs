//! XML as writers of reports really write it, read as a stream: no tree, no
//! recursion, no entity but the five of XML, tolerant of control characters,
//! wrong nesting and a missing end.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::errors::{Error, SyntaxError};
use quick_xml::events::{BytesStart, Event};

use super::sink::Sink;
use super::source::Source;

/// A buffer that a huge text has blown up beyond this is given back, in bytes.
const BUFFER: usize = 4 << 20;

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
    start: BytesStart<'a>,
}

impl Element<'_> {
    /// Visits the attributes, by their names without prefix.
    pub fn each(&self, mut visit: impl FnMut(&str, Cow<'_, str>)) {
        for attribute in self.start.html_attributes().with_checks(false).flatten() {
            visit(attribute.key.local_name().into_inner(), unescape(&attribute.value));
        }
    }

    /// One attribute's value.
    pub fn get(&self, name: &str) -> Option<String> {
        let mut found = None;
        self.each(|key, value| {
            if key == name && found.is_none() {
                found = Some(value.into_owned());
            }
        });
        found
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
    broken: Option<String>,
    open: u64,
    offset: u64,
    /// Where a `<` stands in an attribute, which no XML allows.
    bracket: Option<u64>,
    /// Where a document begins inside of another one.
    restart: Option<u64>,
}

impl Ending {
    /// Tells the sink when something is missing.
    pub fn tell(&self, sink: &mut Sink) {
        if self.bracket.is_some() {
            sink.odd("not well-formed XML: `<` in the value of an attribute; read on all the same", self.bracket);
        }
        if self.restart.is_some() {
            sink.lost("cut short: a new document begins before the one in front of it ends", self.restart);
        }
        if let Some(reason) = &self.broken {
            sink.lost(format!("not well-formed XML, the rest is not read: {reason}"), Some(self.offset));
        } else if self.open > 0 {
            let elements = if self.open == 1 { "element" } else { "elements" };
            sink.lost(format!("cut short: the file ends inside {} open {elements}", self.open), Some(self.offset));
        }
    }
}

/// Reads to the end of the source, or as far as it can be read. Several
/// documents in a row, and other text between them, are one stream.
pub fn read(source: &mut Source, visitor: &mut dyn Visitor) -> Ending {
    let mut reader = Reader::from_reader(source);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut buffer = Vec::new();
    let mut open = 0u64;
    let mut broken = None;
    let mut bracket = None;
    let mut restart = None;
    loop {
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(start)) => {
                open += 1;
                let inside = || memchr::memchr(b'<', start.attributes_raw().as_bytes()).is_some();
                if bracket.is_none() && inside() {
                    bracket = Some(reader.get_ref().offset());
                }
                let element = Element { start };
                visitor.open(element.start.local_name().into_inner(), &element);
            }
            Ok(Event::End(end)) => {
                open = open.saturating_sub(1);
                visitor.close(end.local_name().into_inner());
            }
            Ok(Event::Text(text)) => visitor.text(&text.into_inner()),
            Ok(Event::CData(text)) => visitor.text(&text.into_inner()),
            Ok(Event::GeneralRef(reference)) => visitor.text(&unescape(&format!("&{};", reference.into_inner()))),
            Ok(Event::Decl(_)) if open > 0 => {
                open = 0;
                restart.get_or_insert(reader.get_ref().offset());
                visitor.restart();
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => {
                let unclosed = matches!(error, Error::Syntax(_));
                if matches!(error, Error::Syntax(SyntaxError::UnclosedCData)) {
                    let cut = buffer.strip_prefix(b"<![CDATA[").unwrap_or_default();
                    visitor.text(std::str::from_utf8(cut).unwrap_or_default());
                }
                // Inside an element, markup that is not closed only says that the file is cut.
                if !unclosed || open == 0 {
                    broken = Some(error.to_string());
                }
                break;
            }
        }
        buffer.clear();
        if buffer.capacity() > BUFFER {
            buffer = Vec::new();
        }
    }
    Ending { broken, open, offset: reader.into_inner().offset(), bracket, restart }
}

/// Text with the five entities of XML and character references resolved; any
/// other reference stays as it is written.
pub fn unescape(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'&', text.as_bytes()) else { return Cow::Borrowed(text) };
    let mut plain = String::with_capacity(text.len());
    plain.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        match reference(rest) {
            Some((c, length)) => {
                plain.push(c);
                rest = &rest[length..];
            }
            None => {
                plain.push('&');
                rest = &rest[1..];
            }
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// The character that a text starting with `&` refers to, and the reference's length.
fn reference(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(12).position(|byte| byte == b';')?;
    let c = match &text[1..end] {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        name => {
            let digits = name.strip_prefix('#')?;
            let number = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(number).filter(|c| *c != '\0').unwrap_or(char::REPLACEMENT_CHARACTER)
        }
    };
    Some((c, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Trace(String);

    impl Visitor for Trace {
        fn open(&mut self, name: &str, element: &Element) {
            self.0 += &format!("<{name}");
            element.each(|name, value| self.0 += &format!(" {name}={value:?}"));
            self.0 += ">";
        }
        fn close(&mut self, name: &str) {
            self.0 += &format!("</{name}>");
        }
        fn text(&mut self, text: &str) {
            self.0 += text;
        }
    }

    fn check(xml: &str, pieces: &str, problem: Option<(&str, u64)>) {
        let mut source = Source::new(Box::new(std::io::Cursor::new(xml.as_bytes().to_vec())), 1 << 20);
        let mut trace = Trace::default();
        let ending = read(&mut source, &mut trace);
        assert_eq!(trace.0, pieces, "{xml}");
        let mut sink = Sink::new("", &super::super::Options::default());
        ending.tell(&mut sink);
        let found = sink.finish().problems;
        let found = found.first().map(|trouble| (trouble.message.as_str(), trouble.offset.unwrap_or_default()));
        assert_eq!(found, problem, "{xml}");
    }

    #[test]
    fn documents_are_read_as_they_are_written() {
        check("<n:a x='1' y=\"&lt;&amp;&#x1B;\"/>", "<a x=\"1\" y=\"<&\\u{1b}\"></a>", None);
        check("<a>&gt;&lol;& b<![CDATA[]]]]><![CDATA[>]]></a>", "<a>>&lol;& b]]></a>", None);
        check("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY l \"l\">]><a/><b/>", "<a></a><b></b>", None);
        check("<a><b></a>", "<a><b></a>", Some(("cut short: the file ends inside 1 open element", 10)));
        check(
            "<?xml version='1.0'?><a><b><?xml version='1.0'?><a></a>",
            "<a><b><a></a>",
            Some(("cut short: a new document begins before the one in front of it ends", 48)),
        );
        check("<a x='>'>\u{1}</a></b>", "<a x=\">\">\u{1}</a></b>", None);
    }

    #[test]
    fn names_are_known_from_the_inside() {
        let mut names = Names::default();
        for name in ["a", "bc", "d"] {
            names.open(name);
        }
        assert_eq!([names.at(0), names.at(1), names.at(2), names.at(3)], ["d", "bc", "a", ""]);
        names.close();
        assert_eq!((names.at(0), names.depth()), ("bc", 2));
        (0..200).for_each(|_| names.open("x"));
        assert_eq!((names.at(0), names.depth()), ("", 202));
        (0..300).for_each(|_| names.close());
        assert_eq!(names.depth(), 0);
    }

    #[test]
    fn a_bracket_in_an_attribute_is_said() {
        let mut source = Source::new(Box::new(&b"<a x='<'/>"[..]), 1 << 20);
        assert_eq!(read(&mut source, &mut Trace::default()).bracket, Some(10));
    }

    #[test]
    fn a_cut_file_gives_what_was_read() {
        check("<a><b>te", "<a><b>te", Some(("cut short: the file ends inside 2 open elements", 8)));
        check("<a><![CDATA[te", "<a>te", Some(("cut short: the file ends inside 1 open element", 14)));
        check("<a><b x='", "<a>", Some(("cut short: the file ends inside 1 open element", 9)));
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = "<a>".repeat(100_000);
        let mut source = Source::new(Box::new(std::io::Cursor::new(deep.into_bytes())), 1 << 20);
        assert_eq!(read(&mut source, &mut Trace::default()).open, 100_000);
    }
}
