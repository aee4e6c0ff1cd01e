//! Where tags, texts and the rest of XML begin and end, window by window.

use std::ops::Range;

use memchr::{memchr, memchr2, memrchr};

use super::unescape::{self, unescape};
use super::{Element, Ending, Visitor, local};

/// A tag longer than this, in bytes, loses its end.
const TAG: usize = 4 << 20;

/// How many attributes of one element are kept.
const ATTRIBUTES: usize = 1_000;

/// Where an attribute's name and value lie in the window.
pub struct Attribute {
    name: Range<u32>,
    value: Range<u32>,
}

impl Attribute {
    /// Its name, with its prefix.
    pub fn name(&self) -> Range<usize> {
        self.name.start as usize..self.name.end as usize
    }

    /// Its value, as it is written between the quotes.
    pub fn value(&self) -> Range<usize> {
        self.value.start as usize..self.value.end as usize
    }
}

/// What a call of [`Scanner::scan`] took of the text.
pub struct Taken {
    /// How much.
    pub length: usize,
    /// Where something in it is to be noted.
    pub odd: Option<usize>,
}

/// Takes windows of text apart.
pub struct Scanner<'v> {
    visitor: &'v mut dyn Visitor,
    within: Within,
    attributes: Vec<Attribute>,
    open: u64,
    /// Whether the text ended inside of a tag.
    cut: bool,
    /// What is odd about the token that was taken last.
    odd: Option<(Odd, usize)>,
    bracket: Option<u64>,
    restart: Option<u64>,
}

/// What the next byte belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Text,
    Cdata,
    /// A comment or an instruction, up to its mark, in so many open declarations.
    Skipped(&'static [u8], u32),
    /// So many open declarations, in quotes or not.
    Declaration(u32, Option<u8>),
    /// The end of a tag that is too long, in quotes or not.
    LongTag(Option<u8>),
}

#[derive(Clone, Copy)]
enum Odd {
    Bracket,
    Restart,
}

impl<'v> Scanner<'v> {
    /// Starts a document.
    pub fn new(visitor: &'v mut dyn Visitor) -> Self {
        Scanner {
            visitor,
            within: Within::Text,
            attributes: Vec::new(),
            open: 0,
            cut: false,
            odd: None,
            bracket: None,
            restart: None,
        }
    }

    /// Takes what is whole of a window; `more` says whether more text follows it.
    pub fn scan(&mut self, text: &str, more: bool) -> Taken {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() && self.odd.is_none() {
            let next = match self.within {
                Within::Text if bytes[at] == b'<' => self.markup(text, at, more && (at > 0 || bytes.len() < TAG)),
                Within::Text => self.text(text, at, more),
                Within::Cdata => self.cdata(text, at, more),
                Within::Skipped(mark, declarations) => match find(bytes, at, mark) {
                    Ok(end) => {
                        self.within =
                            if declarations == 0 { Within::Text } else { Within::Declaration(declarations, None) };
                        Some(end)
                    }
                    Err(stop) => Some(if more { stop } else { bytes.len() }),
                },
                Within::Declaration(open, quote) => self.declaration(bytes, at, open, quote, more),
                Within::LongTag(quote) => Some(self.long_tag(bytes, at, quote)),
            };
            match next {
                Some(next) if next > at => at = next,
                _ => break,
            }
        }
        Taken { length: at, odd: self.odd.map(|(_, odd)| odd) }
    }

    /// Says where in the file the odd thing is.
    pub fn note(&mut self, offset: Option<u64>) {
        let Some(offset) = offset else { return };
        match self.odd.take() {
            Some((Odd::Bracket, _)) => self.bracket = self.bracket.or(Some(offset)),
            Some((Odd::Restart, _)) => self.restart = self.restart.or(Some(offset)),
            None => {}
        }
    }

    /// How it ended, at this offset of the file.
    pub fn end(self, offset: u64) -> Ending {
        let inside = self.cut || self.within != Within::Text;
        Ending { open: self.open, inside, offset, bracket: self.bracket, restart: self.restart }
    }

    /// Text up to the next markup. A reference is never taken in pieces.
    fn text(&mut self, text: &str, at: usize, more: bool) -> Option<usize> {
        let bytes = text.as_bytes();
        let end = match memchr(b'<', &bytes[at..]) {
            Some(length) => at + length,
            None => {
                let last = bytes.len().saturating_sub(unescape::LONGEST).max(at);
                let open = memrchr(b'&', &bytes[last..]).filter(|amp| memchr(b';', &bytes[last + amp..]).is_none());
                open.filter(|_| more).map_or(bytes.len(), |amp| last + amp)
            }
        };
        if end > at {
            self.visitor.text(&unescape(&text[at..end]));
        }
        Some(end)
    }

    fn cdata(&mut self, text: &str, at: usize, more: bool) -> Option<usize> {
        let bytes = text.as_bytes();
        let (end, next) = match find(bytes, at, b"]]>") {
            Ok(end) => {
                self.within = Within::Text;
                (end - 3, end)
            }
            Err(stop) if more => (stop, stop),
            Err(_) => (bytes.len(), bytes.len()),
        };
        if end > at {
            self.visitor.text(&text[at..end]);
        }
        Some(next)
    }

    /// What begins with `<`; `None` to see more of it first.
    fn markup(&mut self, text: &str, at: usize, wait: bool) -> Option<usize> {
        let bytes = &text.as_bytes()[at..];
        if wait && bytes.len() < b"<![CDATA[".len() {
            return None;
        }
        match bytes.get(1) {
            Some(b'/') => {
                let Some(end) = memchr(b'>', bytes) else { return self.wait_or_cut(text, wait) };
                self.open = self.open.saturating_sub(1);
                self.visitor.close(local(text[at + 2..at + end].trim_ascii()));
                Some(at + end + 1)
            }
            Some(b'?') => {
                if self.open > 0 && bytes.starts_with(b"<?xml") && !bytes.get(5).is_some_and(u8::is_ascii_alphanumeric)
                {
                    self.open = 0;
                    self.note_once(Odd::Restart, at);
                    self.visitor.restart();
                }
                self.within = Within::Skipped(b"?>", 0);
                Some(at + 2)
            }
            Some(b'!') if bytes.starts_with(b"<!--") => {
                self.within = Within::Skipped(b"-->", 0);
                Some(at + 4)
            }
            Some(b'!') if bytes.starts_with(b"<![CDATA[") => {
                self.within = Within::Cdata;
                Some(at + 9)
            }
            Some(b'!') if bytes.get(2).is_some_and(u8::is_ascii_alphabetic) => {
                self.within = Within::Declaration(1, None);
                Some(at + 2)
            }
            Some(byte) if byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':' | 0x80..) => {
                self.tag(text, at, wait)
            }
            None => self.wait_or_cut(text, wait),
            Some(_) => {
                self.note_once(Odd::Bracket, at);
                self.visitor.text("<");
                Some(at + 1)
            }
        }
    }

    fn tag(&mut self, text: &str, at: usize, wait: bool) -> Option<usize> {
        let bytes = text.as_bytes();
        let name_end = skip_name(bytes, at + 1);
        let ended = self.attributes(bytes, name_end);
        let end = match ended {
            Ok(end) => end,
            Err(_) if wait || bytes.len() < TAG => return self.wait_or_cut(text, wait),
            Err(quote) => {
                self.within = Within::LongTag(quote);
                bytes.len()
            }
        };
        let name = local(&text[at + 1..name_end]);
        self.open += 1;
        self.visitor.open(name, &Element { text, attributes: &self.attributes });
        if ended.is_ok() && bytes[end - 2] == b'/' {
            self.open -= 1;
            self.visitor.close(name);
        }
        Some(end)
    }

    /// The attributes from `at` on, and the end of the tag; without an end, the quote that is open.
    fn attributes(&mut self, bytes: &[u8], mut at: usize) -> Result<usize, Option<u8>> {
        self.attributes.clear();
        loop {
            match bytes.get(at) {
                None => return Err(None),
                Some(b'>') => return Ok(at + 1),
                Some(b'/' | b'=' | b'"' | b'\'') => at += 1,
                Some(byte) if byte.is_ascii_whitespace() => at += 1,
                Some(_) => {
                    let name = at;
                    at = skip_name(bytes, at);
                    let name = name..at;
                    at = skip_blanks(bytes, at);
                    let mut value = at..at;
                    if bytes.get(at) == Some(&b'=') {
                        at = skip_blanks(bytes, at + 1);
                        let start = at + 1;
                        match bytes.get(at) {
                            Some(quote @ (b'"' | b'\'')) => match self.value_end(bytes, start, *quote) {
                                Some(end) => (value, at) = (start..end, end + 1),
                                None => {
                                    self.keep(name, start..bytes.len());
                                    return Err(Some(*quote));
                                }
                            },
                            _ => {
                                let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'>';
                                let rest = bytes.get(at..).unwrap_or_default();
                                let end = at + rest.iter().position(ends).unwrap_or(rest.len());
                                (value, at) = (at..end, end);
                            }
                        }
                    }
                    self.keep(name, value);
                }
            }
        }
    }

    /// Where a value ends, its `<` noted.
    fn value_end(&mut self, bytes: &[u8], start: usize, quote: u8) -> Option<usize> {
        let mut at = start;
        loop {
            let rest = bytes.get(at..)?;
            at += memchr2(quote, b'<', rest)?;
            if bytes[at] == quote {
                return Some(at);
            }
            self.note_once(Odd::Bracket, at);
            at += 1;
        }
    }

    fn keep(&mut self, name: Range<usize>, value: Range<usize>) {
        // Windows are much smaller than 4 GiB.
        let narrow = |range: Range<usize>| range.start as u32..range.end as u32;
        if self.attributes.len() < ATTRIBUTES {
            self.attributes.push(Attribute { name: narrow(name), value: narrow(value) });
        }
    }

    /// The inside of `<!DOCTYPE … [ <!ENTITY …> ]>`; nothing in it is of interest.
    fn declaration(&mut self, bytes: &[u8], at: usize, open: u32, quote: Option<u8>, more: bool) -> Option<usize> {
        let end = at + bytes[at..].iter().position(|byte| b"<>\"'".contains(byte)).unwrap_or(bytes.len() - at);
        let Some(&byte) = bytes.get(end) else { return Some(end) };
        let rest = &bytes[end..];
        self.within = match (quote, byte) {
            (None, b'<') if rest.starts_with(b"<!--") => {
                self.within = Within::Skipped(b"-->", open);
                return Some(end + 4);
            }
            (None, b'<') if more && rest.len() < 4 => return Some(end),
            (None, b'<') if rest.starts_with(b"<?") => Within::Skipped(b"?>", open),
            (None, b'<') => Within::Declaration(open.saturating_add(1), None),
            (None, b'>') if open <= 1 => Within::Text,
            (None, b'>') => Within::Declaration(open - 1, None),
            (None, byte) => Within::Declaration(open, Some(byte)),
            (Some(quote), byte) if quote == byte => Within::Declaration(open, None),
            (Some(_), _) => self.within,
        };
        Some(end + 1)
    }

    /// The rest of a tag whose start was too long to be kept.
    fn long_tag(&mut self, bytes: &[u8], at: usize, quote: Option<u8>) -> usize {
        let found = match quote {
            Some(quote) => memchr(quote, &bytes[at..]),
            None => bytes[at..].iter().position(|byte| b"\"'>".contains(byte)),
        };
        let Some(length) = found else { return bytes.len() };
        let end = at + length;
        self.within = match (quote, bytes[end]) {
            (None, b'>') => Within::Text,
            (None, byte) => Within::LongTag(Some(byte)),
            (Some(_), _) => Within::LongTag(None),
        };
        end + 1
    }

    fn note_once(&mut self, odd: Odd, at: usize) {
        let known = match odd {
            Odd::Bracket => self.bracket.is_some(),
            Odd::Restart => false,
        };
        if !known && self.odd.is_none() {
            self.odd = Some((odd, at));
        }
    }

    /// Nothing more of the text, now or for good.
    fn wait_or_cut(&mut self, text: &str, wait: bool) -> Option<usize> {
        // It will be noted when the whole of it is seen.
        self.odd = None;
        self.cut = !wait;
        (!wait).then_some(text.len())
    }
}

/// Where a name that starts at `at` ends.
fn skip_name(bytes: &[u8], at: usize) -> usize {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'>' | b'/');
    at + bytes[at..].iter().position(ends).unwrap_or(bytes.len() - at)
}

fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(rest.len())
}

/// Where the first `mark` behind `at` ends; without one, where it may begin.
fn find(bytes: &[u8], at: usize, mark: &[u8]) -> Result<usize, usize> {
    let last = mark.last().copied().unwrap_or_default();
    let mut end = at;
    while let Some(length) = memchr(last, &bytes[end..]) {
        end += length + 1;
        if bytes[at..end].ends_with(mark) {
            return Ok(end);
        }
    }
    let rest = &bytes[at..];
    let begun = (1..mark.len()).rev().find(|length| rest.ends_with(&mark[..*length])).unwrap_or(0);
    Err(bytes.len() - begun)
}
