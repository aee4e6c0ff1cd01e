//! HTML: the text of a page, by its headings. Scripts, styles, navigation and
//! other furniture are left out; where there is a `<main>` or an `<article>`,
//! only what lies in it is read.

use std::borrow::Cow;

use super::{Block, BlockKind, Section, Unreadable, lines_of};

/// Elements whose content is no text of the page.
const SKIPPED: &[&str] =
    &["script", "style", "template", "noscript", "svg", "head", "nav", "header", "footer", "aside", "form", "iframe"];
/// Elements that end what stands before them, and what stands in them.
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "section",
    "article",
    "main",
    "ul",
    "ol",
    "li",
    "table",
    "tr",
    "pre",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "dl",
    "dt",
    "dd",
    "figure",
    "figcaption",
    "details",
    "summary",
    "hr",
    "br",
    "body",
    "html",
];

/// The sections in order.
pub fn read(text: &str, first_line: u32) -> Result<Vec<Section<'_>>, Unreadable> {
    let (from, to) = content(text);
    let start = Section { line: first_line, ..Section::default() };
    let mut reading =
        Reading { sections: vec![start], words: String::new(), first: 0, last: 0, preformatted: 0, heading: None };
    let mut line = first_line + lines_of(&text[..from]);
    let mut at = from;
    while at < to {
        let rest = &text[at..to];
        let end = match rest.starts_with('<') {
            true => match tag(rest) {
                Some(tag) => {
                    let length = match SKIPPED.contains(&tag.name.as_str()) && !tag.closes {
                        true => end_of_element(rest, &tag),
                        false => {
                            reading.tag(&tag, line);
                            tag.length
                        }
                    };
                    at + length
                }
                None => {
                    reading.text("<", line);
                    at + 1
                }
            },
            false => {
                let length = rest.find('<').unwrap_or(rest.len());
                reading.text(&rest[..length], line);
                at + length
            }
        };
        line += lines_of(&text[at..end]);
        at = end;
    }
    reading.flush();
    reading.sections.retain(|section| section.level > 0 || !section.blocks.is_empty());
    Ok(reading.sections)
}

/// Where the page's own content lies.
fn content(text: &str) -> (usize, usize) {
    let lower = text.to_ascii_lowercase();
    for name in ["main", "article", "body"] {
        let open = lower
            .match_indices(&format!("<{name}"))
            .find(|(at, word)| lower[at + word.len()..].starts_with(|c: char| c == '>' || c.is_ascii_whitespace()));
        if let Some((open, _)) = open {
            let close = lower.rfind(&format!("</{name}")).filter(|close| *close > open);
            return (open, close.unwrap_or(text.len()));
        }
    }
    (0, text.len())
}

/// A tag, a comment or a declaration.
struct Tag {
    name: String,
    closes: bool,
    id: Option<String>,
    length: usize,
}

/// The tag that a text begins with; none where `<` is only a sign.
fn tag(text: &str) -> Option<Tag> {
    let nothing = |length| Tag { name: String::new(), closes: false, id: None, length };
    if text.starts_with("<!--") {
        return Some(nothing(text.find("-->").map_or(text.len(), |end| end + 3)));
    }
    if text.starts_with("<!") || text.starts_with("<?") {
        return Some(nothing(text.find('>').map_or(text.len(), |end| end + 1)));
    }
    let closes = text.starts_with("</");
    let begin = if closes { 2 } else { 1 };
    let name: String = text[begin..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let mut quote = None;
    let end = text.bytes().position(|byte| match (quote, byte) {
        (None, b'>') => true,
        (None, b'"' | b'\'') => {
            quote = Some(byte);
            false
        }
        (Some(open), byte) if open == byte => {
            quote = None;
            false
        }
        _ => false,
    });
    let length = end.map_or(text.len(), |end| end + 1);
    let id = text[begin + name.len()..length].split_once("id=").and_then(|(before, value)| {
        let quoted = value.chars().next().filter(|quote| matches!(quote, '"' | '\''));
        let id = match quoted {
            Some(quote) => value[1..].split(quote).next(),
            None => value.split(|c: char| c.is_whitespace() || c == '>').next(),
        };
        id.filter(|id| before.ends_with(char::is_whitespace) && !id.is_empty()).map(str::to_owned)
    });
    Some(Tag { name: name.to_ascii_lowercase(), closes, id, length })
}

/// The end of an element that is left out, with all that is in it.
fn end_of_element(text: &str, open: &Tag) -> usize {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(next) = text[at..].find('<') {
        at += next;
        let Some(tag) = tag(&text[at..]) else {
            at += 1;
            continue;
        };
        at += tag.length;
        if tag.name == open.name {
            depth = if tag.closes { depth.saturating_sub(1) } else { depth + 1 };
            // A script's content is no HTML: its first end is the end.
            let raw = matches!(open.name.as_str(), "script" | "style") && tag.closes;
            if depth == 0 || raw {
                return at;
            }
        }
    }
    text.len()
}

struct Reading<'t> {
    sections: Vec<Section<'t>>,
    words: String,
    first: u32,
    last: u32,
    preformatted: usize,
    heading: Option<Section<'t>>,
}

impl Reading<'_> {
    fn tag(&mut self, tag: &Tag, line: u32) {
        let name = tag.name.as_str();
        let level =
            name.strip_prefix('h').and_then(|level| level.parse::<u8>().ok()).filter(|level| (1..=6).contains(level));
        if BLOCKS.contains(&name) && self.preformatted == 0 || name == "pre" {
            self.flush();
        }
        match (level, name, tag.closes) {
            (Some(level), _, false) => {
                self.heading = Some(Section { level, id: tag.id.clone(), line, ..Section::default() });
            }
            (Some(_), _, true) => self.sections.extend(self.heading.take()),
            (None, "pre", false) => self.preformatted += 1,
            (None, "pre", true) => self.preformatted = self.preformatted.saturating_sub(1),
            (None, "li", false) => self.words.push_str("- "),
            (None, "td" | "th", true) if !self.words.is_empty() => self.words.push_str(" | "),
            _ => {}
        }
    }

    fn text(&mut self, text: &str, line: u32) {
        if self.words.trim().is_empty() {
            self.first = line + lines_of(&text[..text.len() - text.trim_start().len()]);
        }
        if !text.trim().is_empty() {
            self.last = line + lines_of(text.trim_end());
        }
        let text = unescaped(text);
        if self.preformatted > 0 {
            self.words.push_str(&text);
            return;
        }
        for (index, word) in text.split_whitespace().enumerate() {
            let begins = index > 0 || text.starts_with(char::is_whitespace);
            if begins && !self.words.is_empty() && !self.words.ends_with(' ') {
                self.words.push(' ');
            }
            self.words.push_str(word);
        }
        if text.ends_with(char::is_whitespace) && !self.words.is_empty() && !self.words.ends_with(' ') {
            self.words.push(' ');
        }
    }

    /// What was read so far becomes a block, or the heading's text.
    fn flush(&mut self) {
        let words = std::mem::take(&mut self.words);
        let text = words.trim().trim_end_matches(" |").trim();
        if text.is_empty() || text == "-" {
            return;
        }
        if let Some(heading) = &mut self.heading {
            // Generators put a link sign into headings.
            heading.title = text.trim_end_matches(['¶', '#', '\u{200b}']).trim().to_owned();
            return;
        }
        let (kind, text) = match self.preformatted > 0 {
            true => (BlockKind::Fence, format!("```\n{}\n```", words.trim_matches('\n'))),
            false => (BlockKind::Prose, text.to_owned()),
        };
        let block = Block { kind, text: Cow::Owned(text), first_line: self.first, last_line: self.last };
        if let Some(section) = self.sections.last_mut() {
            section.blocks.push(block);
        }
    }
}

/// Character references that pages really have; others stay as they are.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        let sign = end.and_then(|end| named(&rest[1..end]).map(|sign| (sign, end)));
        match sign {
            Some((sign, end)) => {
                out.push(sign);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn named(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']).map(|hex| u32::from_str_radix(hex, 16));
        return char::from_u32(hex.unwrap_or_else(|| number.parse()).ok()?);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "copy" => '©',
        "mdash" => '—',
        "ndash" => '–',
        "hellip" => '…',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "rarr" => '→',
        "larr" => '←',
        "para" => '¶',
        _ => return None,
    })
}
