//! Where in a file the server's error lies. The server counts code points from 1 in the text that
//! it was sent, line ends among them; an annotation wants a line, and UTF-16 units from 1.

use std::ops::Range;

use super::split::{Statement, tokens};
use super::{Script, checksum};

/// A place in a script's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The file's path.
    pub path: String,
    /// The byte in the file.
    pub at: usize,
    /// The line, from 1.
    pub line: u32,
    /// The column in UTF-16 units, from 1; a byte order mark is no column.
    pub column: u32,
}

/// What the server says of where an error lies: fields of its ErrorResponse.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pointer<'a> {
    /// Field `P`: code points from 1 in the text that was sent.
    pub position: Option<u32>,
    /// Field `p`: code points from 1 in [`Pointer::internal_query`].
    pub internal_position: Option<u32>,
    /// Field `q`: a query that a function or `DO` block ran.
    pub internal_query: Option<&'a str>,
    /// Field `W`: the functions that were being run, the innermost first.
    pub context: Option<&'a str>,
}

/// What was sent in one message.
#[derive(Clone, Copy, Debug)]
pub enum Sent<'a> {
    /// All of [`Script::sql`]; so many of its statements had completed before the error.
    Whole {
        /// The statements of the script.
        statements: &'a [Statement],
        /// How many had completed.
        completed: usize,
    },
    /// One statement alone.
    One(&'a Statement),
}

/// Where the error lies: at the server's position; else inside of the function or block that the
/// context names, as far as the file holds it; else at the statement's start.
pub fn locate(script: &Script, sent: Sent<'_>, pointer: &Pointer<'_>) -> Spot {
    let (start, statement) = match sent {
        Sent::Whole { statements, completed } => (script.range.start, statements.get(completed)),
        Sent::One(statement) => (statement.range.start, Some(statement)),
    };
    let file = &*script.file;
    let end = script.range.end;
    let at = match (pointer.position, statement) {
        (Some(position), _) => code_point(file, start..end, position),
        (None, Some(statement)) => {
            inner(file, &statement.range, &script.range, pointer).unwrap_or(statement.range.start)
        }
        (None, None) => start,
    };
    spot(script, at)
}

/// A byte of a script's file as a place.
pub fn spot(script: &Script, at: usize) -> Spot {
    let (line, column) = line_and_column(&script.file, at);
    Spot { path: script.path.clone(), at, line, column }
}

/// The byte at which a code point, from 1, begins in a part of a text; never beyond its end.
fn code_point(text: &str, part: Range<usize>, position: u32) -> usize {
    let piece = text.get(part.clone()).unwrap_or_default();
    let back = (position as usize).saturating_sub(1);
    piece.char_indices().nth(back).map_or(part.end, |(at, _)| part.start + at)
}

/// The place inside of a function's or a `DO` block's body.
fn inner(file: &str, statement: &Range<usize>, script: &Range<usize>, pointer: &Pointer<'_>) -> Option<usize> {
    if let (Some(query), Some(position)) = (pointer.internal_query, pointer.internal_position) {
        let within = |range: &Range<usize>| {
            let text = file.get(range.clone())?;
            let at = text.find(query).filter(|at| text.rfind(query) == Some(*at))?;
            Some(code_point(file, range.start + at..range.end, position))
        };
        if !query.trim().is_empty()
            && let Some(at) = within(statement).or_else(|| within(script))
        {
            return Some(at);
        }
    }
    pointer.context?.lines().find_map(|frame| {
        let (name, line) = frame_of(frame)?;
        let body = match name {
            "inline_code_block" => body(file, statement)?,
            name => function(file, script, name)?,
        };
        line_in(file, body, line)
    })
}

/// `PL/pgSQL function app.f(integer) line 3 at RAISE`: the name without arguments, and the line.
fn frame_of(frame: &str) -> Option<(&str, u32)> {
    let rest = frame.trim().strip_prefix("PL/pgSQL function ")?;
    let (name, rest) = rest.rsplit_once(" line ")?;
    let line = rest.split(' ').next()?.parse().ok()?;
    let name = name.split('(').next()?.trim();
    Some((name, line))
}

/// The longest quoted text of a statement, without its quotes: where its body is.
fn body(file: &str, statement: &Range<usize>) -> Option<Range<usize>> {
    use squawk_lexer::{LiteralKind, TokenKind};
    let text = tokens(file, statement.clone())
        .filter(|token| {
            let is_text = matches!(
                token.kind,
                TokenKind::Literal { kind: LiteralKind::DollarQuotedString { .. } | LiteralKind::Str { .. } }
            );
            is_text
        })
        .max_by_key(|token| token.range.len())?;
    let piece = &file[text.range.clone()];
    let quote = match piece.strip_prefix('$') {
        Some(rest) => rest.find('$')? + 2,
        None => 1,
    };
    let range = text.range.start + quote..text.range.end.saturating_sub(quote);
    (range.start <= range.end).then_some(range)
}

/// The body of the last `CREATE FUNCTION` or `PROCEDURE` of this name in the script.
fn function(file: &str, script: &Range<usize>, name: &str) -> Option<Range<usize>> {
    let plain = |text: &str| text.replace('"', "").to_lowercase();
    let wanted = plain(name);
    let wanted = wanted.rsplit('.').next()?;
    let whole = Script {
        path: String::new(),
        file: file.into(),
        range: script.clone(),
        transaction: super::Transaction::Unsaid,
    };
    let statements = super::split::split(&whole).ok()?;
    statements.iter().rev().find_map(|statement| {
        let text = file.get(statement.range.clone())?;
        let head = text.split('(').next()?;
        let lower = head.to_lowercase();
        let is_routine = lower.starts_with("create") && (lower.contains("function") || lower.contains("procedure"));
        let own = head.split_whitespace().last().map(plain)?;
        (is_routine && own.rsplit('.').next() == Some(wanted)).then(|| body(file, &statement.range))?
    })
}

/// Where a line of a body begins, its blanks left out. PL/pgSQL counts from 1 in the line of the
/// opening quote, unless nothing follows the quote there.
fn line_in(file: &str, body: Range<usize>, line: u32) -> Option<usize> {
    let text = file.get(body.clone())?;
    let mut at = 0;
    for _ in 1..line {
        at += text[at..].find('\n')? + 1;
    }
    let rest = &text[at..];
    Some(body.start + at + rest.len() - rest.trim_start_matches([' ', '\t']).len())
}

/// The line and the column, both from 1, of a byte; the column in UTF-16 units.
pub fn line_and_column(text: &str, at: usize) -> (u32, u32) {
    Lines::new(text).at(at)
}

/// Counts lines and columns of places that come in order, in one walk.
pub struct Lines<'a> {
    text: &'a str,
    at: usize,
    start: usize,
    line: u32,
}

impl<'a> Lines<'a> {
    /// From the start of a text; a byte order mark is left out.
    pub fn new(text: &'a str) -> Self {
        let start = text.len() - checksum::without_mark(text).len();
        Lines { text, at: start, start, line: 1 }
    }

    /// The line and the column of a byte. One before the last begins again at the text's start.
    pub fn at(&mut self, at: usize) -> (u32, u32) {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        if at < self.at {
            *self = Lines::new(self.text);
        }
        let at = at.max(self.at);
        let passed = &self.text.as_bytes()[self.at..at];
        for end in memchr::memchr_iter(b'\n', passed) {
            self.line += 1;
            self.start = self.at + end + 1;
        }
        self.at = at;
        let units: usize = self.text[self.start..at].chars().map(char::len_utf16).sum();
        (self.line, units as u32 + 1)
    }
}

#[cfg(test)]
mod tests;
