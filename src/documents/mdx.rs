//! MDX: Markdown with JSX. Imports, exports, tags, comments and expressions go;
//! the text between tags stays. Everything that goes becomes blanks of the same
//! length, so that Markdown's reader sees the rest in its place.

use std::borrow::Cow;

use super::{BlockKind, Section, Unreadable, lines_of, markdown};

/// How deep braces may lie in one another.
const DEEPEST: usize = 200;
/// How far behind its backticks code in a line may end.
const LONGEST_CODE: usize = 16 << 10;
/// How many empty lines an import or export may have inside its brackets.
const MOST_PARAGRAPHS: usize = 1_000;

/// The sections in order.
pub fn read(text: &str, first_line: u32) -> Result<Vec<Section<'_>>, Unreadable> {
    let masked = mask(text).map_err(|(at, message)| {
        let line_start = text[..at].rfind('\n').map_or(0, |at| at + 1);
        let column = text[line_start..at].chars().count() as u32 + 1;
        Unreadable { line: first_line + lines_of(&text[..at]), column, message }
    })?;
    let sections = markdown::sections(&masked.text, first_line, false);
    Ok(sections.into_iter().map(|section| masked.finish(section)).collect())
}

/// Text with MDX's own syntax made blank.
struct Masked {
    text: String,
    /// Ids of headings, as `{/* #id */}`, by the byte at which they stood.
    ids: Vec<(u32, String)>,
}

impl Masked {
    /// A section that owns its text, with blanks left by what went away tidied up.
    fn finish<'t>(&self, section: Section<'_>) -> Section<'t> {
        let id = self.ids.iter().find(|(line, _)| *line + 1 == section.line).map(|(_, id)| id.clone());
        let blocks = section.blocks.into_iter().filter_map(|block| {
            let text = match block.kind {
                BlockKind::Fence => block.text.into_owned(),
                _ => tidy(&block.text),
            };
            let block = super::Block { text: Cow::Owned(text), ..block };
            (!block.text.is_empty()).then_some(block)
        });
        Section {
            id: section.id.or(id),
            title: section.title,
            level: section.level,
            line: section.line,
            blocks: blocks.collect(),
        }
    }
}

/// Without the indentation that JSX gave, lines that became empty, and the blanks that a tag left.
fn tidy(text: &str) -> String {
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let common = lines().map(indentation).min().unwrap_or(0);
    let mut tidied = String::with_capacity(text.len());
    for line in lines() {
        if !tidied.is_empty() {
            tidied.push('\n');
        }
        let line = line[common..].trim_end();
        let inner = line.trim_start();
        tidied.push_str(&line[..line.len() - inner.len()]);
        tidied.push_str(&inner.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "));
    }
    tidied
}

type Fault = (usize, String);

fn mask(text: &str) -> Result<Masked, Fault> {
    let mut masking = Masking { text, bytes: text.as_bytes().to_vec(), at: 0, line: 0, ids: Vec::new() };
    let mut after_blank = true;
    while masking.at < text.len() {
        let rest = &text[masking.at..];
        let line = rest.split_inclusive('\n').next().unwrap_or_default();
        let trimmed = line.trim_start();
        if let Some(fence) = fence_of(trimmed) {
            masking.skip_fence(fence);
            after_blank = true;
            continue;
        }
        let is_module = ["import ", "export ", "import{", "export{"].iter().any(|word| line.starts_with(word));
        match is_module && after_blank {
            true => masking.module()?,
            false => masking.line_of_prose()?,
        }
        after_blank = trimmed.is_empty() || is_module;
    }
    let text = String::from_utf8(masking.bytes).map_err(|_| (0, "the text could not be read as MDX".to_owned()))?;
    Ok(Masked { text, ids: masking.ids })
}

/// The fence that a line opens: its sign and how often it stands there.
fn fence_of(line: &str) -> Option<(char, usize)> {
    let sign = line.chars().next().filter(|sign| matches!(sign, '`' | '~'))?;
    let count = line.chars().take_while(|c| *c == sign).count();
    let rest = &line[count..];
    (count >= 3 && !(sign == '`' && rest.contains('`'))).then_some((sign, count))
}

struct Masking<'t> {
    text: &'t str,
    bytes: Vec<u8>,
    at: usize,
    /// The line of `at`, from 0.
    line: u32,
    ids: Vec<(u32, String)>,
}

impl Masking<'_> {
    /// On to this byte.
    fn go(&mut self, to: usize) {
        self.line += lines_of(&self.text[self.at..to]);
        self.at = to;
    }

    /// Makes what lies from here to there blank, line ends apart.
    fn blank(&mut self, to: usize) {
        for byte in &mut self.bytes[self.at..to] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        self.go(to);
    }

    fn skip_fence(&mut self, (sign, count): (char, usize)) {
        let mut at = self.at;
        for (index, line) in self.text[self.at..].split_inclusive('\n').enumerate() {
            at += line.len();
            let trimmed = line.trim();
            let closes = trimmed.chars().all(|c| c == sign) && trimmed.len() >= count;
            if index > 0 && closes {
                break;
            }
        }
        self.go(at);
    }

    /// An import or export: up to the first empty line at which its brackets are closed.
    fn module(&mut self) -> Result<(), Fault> {
        let start = self.at;
        let mut at = self.at;
        let mut paragraphs = 0;
        for line in self.text[self.at..].split_inclusive('\n') {
            if line.trim().is_empty() {
                paragraphs += 1;
                if paragraphs > MOST_PARAGRAPHS || is_closed(&self.text[start..at]) {
                    break;
                }
            }
            at += line.len();
        }
        if !is_closed(&self.text[start..at]) {
            return Err((start, "a bracket of this import or export is never closed".to_owned()));
        }
        self.blank(at);
        Ok(())
    }

    /// What stands up to the end of this line, or to the end of a tag or an
    /// expression that goes beyond it.
    fn line_of_prose(&mut self) -> Result<(), Fault> {
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let Some(step) = rest.iter().position(|byte| matches!(byte, b'\n' | b'`' | b'{' | b'<' | b'\\' | b'}'))
            else {
                self.go(self.text.len());
                return Ok(());
            };
            self.go(self.at + step);
            match rest[step] {
                b'\n' => {
                    self.go(self.at + 1);
                    return Ok(());
                }
                b'\\' => {
                    let escaped = self.text[self.at + 1..].chars().next().map_or(0, char::len_utf8);
                    self.go(self.at + 1 + escaped);
                }
                b'`' => self.code(),
                b'{' => self.expression()?,
                b'<' => self.tag()?,
                _ => return Err((self.at, "a `}` closes nothing; write `\\}`".to_owned())),
            }
        }
    }

    /// Code between backticks; ones that nothing closes are themselves.
    fn code(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let rest = &rest[..rest.len().min(LONGEST_CODE)];
        let count = rest.iter().take_while(|byte| **byte == b'`').count();
        let mut at = count;
        while let Some(next) = rest[at..].iter().position(|byte| *byte == b'`') {
            if memchr::memmem::find(&rest[at..at + next], b"\n\n").is_some() {
                break;
            }
            let run = rest[at + next..].iter().take_while(|byte| **byte == b'`').count();
            at += next + run;
            if run == count {
                return self.go(self.at + at);
            }
        }
        self.go(self.at + count);
    }

    /// An expression: nothing is left of it but the text of a literal.
    fn expression(&mut self) -> Result<(), Fault> {
        let end = end_of_braces(self.text, self.at)?;
        let inner = self.text[self.at + 1..end - 1].trim();
        if let Some(comment) = inner.strip_prefix("/*").and_then(|rest| rest.strip_suffix("*/")) {
            if let Some(id) = comment.trim().strip_prefix('#').filter(|id| !id.contains(char::is_whitespace)) {
                self.ids.push((self.line, id.to_owned()));
            }
        } else if let Some(literal) = literal(inner) {
            let from = self.at + 1 + self.text[self.at + 1..end].find(inner).unwrap_or(0) + 1;
            self.blank(from);
            self.go(from + literal.len());
        }
        self.blank(end);
        Ok(())
    }

    /// A tag, opening or closing, with its attributes. A `<` that opens none stays.
    fn tag(&mut self) -> Result<(), Fault> {
        let rest = &self.text[self.at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            let end = comment.find("-->").map_or(rest.len(), |end| 4 + end + 3);
            self.blank(self.at + end);
            return Ok(());
        }
        let name = rest[1..].strip_prefix('/').unwrap_or(&rest[1..]);
        let length = name
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '$' | ':')))
            .unwrap_or(name.len());
        let is_link = name[..length].ends_with(':') || name[length..].starts_with('@');
        let is_tag = name.starts_with(|c: char| c.is_alphabetic() || c == '_') || name.starts_with('>');
        let stands_alone = matches!(name[length..].chars().next(), Some(' ' | '\t' | '\n' | '/' | '>'));
        if !is_tag || !stands_alone || is_link {
            self.go(self.at + 1);
            return Ok(());
        }
        let mut at = self.at + 1;
        loop {
            let rest = &self.text.as_bytes()[at..];
            let Some(step) = rest.iter().position(|byte| matches!(byte, b'>' | b'"' | b'\'' | b'{')) else {
                return Err((self.at, format!("the tag `<{}` is never closed", &name[..length])));
            };
            at += step;
            match rest[step] {
                b'>' => break,
                b'{' => at = end_of_braces(self.text, at)?,
                quote => {
                    let Some(end) = rest[step + 1..].iter().position(|byte| *byte == quote) else {
                        return Err((at, "a quote in a tag is never closed".to_owned()));
                    };
                    at += end + 2;
                }
            }
        }
        self.blank(at + 1);
        Ok(())
    }
}

/// The text of a string literal, if an expression is nothing else.
fn literal(inner: &str) -> Option<&str> {
    let quote = inner.chars().next().filter(|quote| matches!(quote, '"' | '\'' | '`'))?;
    let text = inner[1..].strip_suffix(quote)?;
    (!text.contains(quote) && !text.contains("${") && !text.contains('\\')).then_some(text)
}

/// The byte after the brace that closes the one at `start`. Strings and comments are skipped.
fn end_of_braces(text: &str, start: usize) -> Result<usize, Fault> {
    let unclosed = || (start, "a `{` is never closed; write `\\{` for the sign itself".to_owned());
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0, start);
    while at < bytes.len() {
        match bytes[at] {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Ok(at + 1),
            b'}' => depth -= 1,
            b'/' if bytes[at..].starts_with(b"/*") => {
                at += text[at + 2..].find("*/").ok_or_else(unclosed)? + 3;
            }
            b'/' if bytes[at..].starts_with(b"//") => at += text[at..].find('\n').ok_or_else(unclosed)?,
            // Without an end it is an apostrophe in the text between tags.
            quote @ (b'"' | b'\'' | b'`') => at += string_end(&bytes[at..], quote).unwrap_or(0),
            _ => {}
        }
        if depth > DEEPEST {
            return Err((start, format!("braces lie more than {DEEPEST} deep in one another")));
        }
        at += 1;
    }
    Err(unclosed())
}

/// How far behind its quote a string ends; none if it does not, on its line where it must.
fn string_end(bytes: &[u8], quote: u8) -> Option<usize> {
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'\n' if quote != b'`' => return None,
            byte if byte == quote => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Whether every bracket that opens also closes, strings and comments apart.
fn is_closed(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0i64, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => depth -= 1,
            quote @ (b'"' | b'\'' | b'`') => at += string_end(&bytes[at..], quote).unwrap_or(0),
            b'/' if bytes[at..].starts_with(b"//") => at += text[at..].find('\n').unwrap_or(text.len() - at),
            _ => {}
        }
        at += 1;
    }
    depth <= 0
}
