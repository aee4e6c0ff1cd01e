//! SQL divided into statements, as the server's own scanner would: quotes, dollar quotes,
//! comments inside comments, `BEGIN ATOMIC` bodies and the parentheses of rules are one each.
//! Written for `standard_conforming_strings = on`, the server's default since 9.1.

mod kind;
mod tokens;

use std::ops::Range;

use squawk_lexer::{LiteralKind, TokenKind};

pub use self::kind::{Control, Index, Kind, Outside};
pub use self::tokens::{Token, tokens};
use super::Script;
use crate::codes::{self, Code};
use crate::problem::{Place, Problem};

/// How many statements one script may have.
const MOST: usize = 200_000;

/// One statement of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Where it lies in the file: from its first word to its last, without `;` and what stands around it.
    pub range: Range<usize>,
    /// The line in the file, from 1.
    pub line: u32,
    /// The column in UTF-16 units, from 1.
    pub column: u32,
    /// What has to be known to run it.
    pub kind: Kind,
}

impl Statement {
    /// Its text, of the script that it was found in.
    pub fn text<'a>(&self, script: &'a Script) -> &'a str {
        script.file.get(self.range.clone()).unwrap_or_default()
    }
}

/// Why a script is not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The stable code.
    pub code: &'static Code,
    /// The byte in the file.
    pub at: usize,
    /// What was wanted there.
    pub wanted: &'static str,
    /// What was found.
    pub found: String,
}

impl Fault {
    /// It as a problem of the script's file.
    pub fn problem(&self, script: &Script) -> Problem {
        let (line, column) = super::locate::line_and_column(&script.file, self.at);
        let place = Place::File { path: script.path.clone(), line, column, key: String::new() };
        Problem { code: self.code, place, wanted: self.wanted.to_owned(), found: self.found.clone(), hint: None }
    }
}

/// The statements of a script, in order; those that are empty are none. Stops at the first thing
/// after which it could not be told where statements end.
pub fn split(script: &Script) -> Result<Vec<Statement>, Fault> {
    let text = &*script.file;
    let mut statements = Vec::new();
    let mut lines = super::locate::Lines::new(text);
    let mut open = Open::default();
    for token in tokens(text, script.range.clone()) {
        check(text, &token)?;
        match token.kind {
            TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. } => {}
            TokenKind::Semi if open.is_closed() => finish(text, &mut lines, &mut open, &mut statements)?,
            _ => open.take(text, token),
        }
    }
    if let Some(at) = open.unclosed() {
        let wanted = "a `)`, or an `END`, that closes it";
        return Err(Fault {
            code: &codes::MIGRATION_SYNTAX,
            at,
            wanted,
            found: "none up to the file's end".to_owned(),
        });
    }
    finish(text, &mut lines, &mut open, &mut statements)?;
    Ok(statements)
}

/// How deep a script nests, as far as a reader of it must recurse: what is in brackets and `CASE`,
/// and how long its longest chain of operators is. Bodies of functions count, too.
pub fn depth(script: &Script) -> usize {
    depth_of(&script.file, script.range.clone(), 2)
}

fn depth_of(text: &str, part: Range<usize>, bodies: usize) -> usize {
    let (mut deepest, mut depth, mut chain, mut longest, mut inner) = (0usize, 0usize, 0usize, 0usize, 0usize);
    let mut follows_as = false;
    for token in tokens(text, part) {
        let word = if token.kind == TokenKind::Ident { text.get(token.range.clone()).unwrap_or_default() } else { "" };
        match token.kind {
            TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. } => continue,
            // Each `[1]` after another holds all before it.
            TokenKind::OpenBracket => (depth, chain) = (depth + 1, chain + 1),
            TokenKind::OpenParen => depth += 1,
            TokenKind::CloseParen | TokenKind::CloseBracket => depth = depth.saturating_sub(1),
            TokenKind::Semi => (depth, chain) = (0, 0),
            TokenKind::Comma if depth == 0 => chain = 0,
            TokenKind::Comma => {}
            TokenKind::Ident if is_chaining(word) => chain += 1,
            TokenKind::Ident if word.eq_ignore_ascii_case("case") => depth += 1,
            TokenKind::Ident if word.eq_ignore_ascii_case("end") => depth = depth.saturating_sub(1),
            TokenKind::Literal { .. } if follows_as && bodies > 0 => {
                let piece = text.get(token.range.clone()).unwrap_or_default();
                let quote = piece.find(['$', '\'']).map_or(0, |at| match piece[at + 1..].find('$') {
                    Some(end) if piece[at..].starts_with('$') => at + end + 2,
                    _ => at + 1,
                });
                let body = token.range.start + quote..token.range.end.saturating_sub(quote);
                inner = inner.max(depth_of(text, body, bodies - 1));
            }
            TokenKind::Ident | TokenKind::QuotedIdent { .. } | TokenKind::Literal { .. } => {}
            _ => chain += 1,
        }
        follows_as = word.eq_ignore_ascii_case("as");
        deepest = deepest.max(depth);
        longest = longest.max(chain);
    }
    deepest + longest + inner
}

/// Words that join two expressions or queries, or stand before one.
fn is_chaining(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "and",
        "or",
        "not",
        "union",
        "except",
        "intersect",
        "is",
        "isnull",
        "notnull",
        "in",
        "like",
        "ilike",
        "similar",
        "collate",
        "between",
        "at",
        "operator",
        "join",
        "explain",
        "prepare",
        "do",
        "declare",
        "create",
    ];
    WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Whether a token can be taken at all.
fn check(text: &str, token: &Token) -> Result<(), Fault> {
    let fault = |code, wanted, found: &str| Err(Fault { code, at: token.range.start, wanted, found: found.to_owned() });
    let unterminated = |wanted| fault(&codes::MIGRATION_SYNTAX, wanted, "none up to the file's end");
    match token.kind {
        TokenKind::BlockComment { terminated: false } => unterminated("a `*/` that closes the comment"),
        TokenKind::QuotedIdent { terminated: false, .. } => unterminated("a `\"` that closes the name"),
        TokenKind::Literal { kind: LiteralKind::DollarQuotedString { terminated: false } } => {
            unterminated("the dollar quote that closes the text")
        }
        TokenKind::Literal {
            kind:
                LiteralKind::Str { terminated: false }
                | LiteralKind::NationalStr { terminated: false }
                | LiteralKind::ByteStr { terminated: false }
                | LiteralKind::BitStr { terminated: false }
                | LiteralKind::UnicodeEscStr { terminated: false }
                | LiteralKind::EscStr { terminated: false },
        } => unterminated("a `'` that closes the text"),
        TokenKind::Unknown if text[token.range.clone()].starts_with('\\') => {
            let word: String = text[token.range.start..].chars().take_while(|c| !c.is_whitespace()).take(20).collect();
            fault(&codes::MIGRATION_REFUSED, "SQL: commands of psql mean nothing to the server", &format!("`{word}`"))
        }
        _ => Ok(()),
    }
}

/// The statement that is being read.
#[derive(Default)]
struct Open {
    tokens: Vec<Token>,
    parentheses: Vec<usize>,
    bodies: Vec<usize>,
    is_routine: bool,
}

impl Open {
    fn is_closed(&self) -> bool {
        self.parentheses.is_empty() && self.bodies.is_empty()
    }

    fn unclosed(&self) -> Option<usize> {
        self.parentheses.first().or(self.bodies.first()).copied()
    }

    fn take(&mut self, text: &str, token: Token) {
        let at = token.range.start;
        match token.kind {
            TokenKind::OpenParen => self.parentheses.push(at),
            TokenKind::CloseParen => {
                self.parentheses.pop();
            }
            TokenKind::Ident => self.word(text, &token),
            _ => {}
        }
        self.tokens.push(token);
    }

    /// `BEGIN ATOMIC … END` holds statements of its own; `CASE … END` stands in them.
    fn word(&mut self, text: &str, token: &Token) {
        let is = |wanted: &str| text[token.range.clone()].eq_ignore_ascii_case(wanted);
        let before = self.tokens.last();
        let follows =
            |wanted: &str| before.is_some_and(|before| text[before.range.clone()].eq_ignore_ascii_case(wanted));
        if (1..5).contains(&self.tokens.len()) && (is("function") || is("procedure")) {
            self.is_routine |= kind::words(text, &self.tokens, 1).first().is_some_and(|first| first == "CREATE");
        }
        if self.is_routine && is("atomic") && follows("begin") {
            self.bodies.push(before.map_or(0, |before| before.range.start));
        } else if !self.bodies.is_empty() && !follows(".") && !follows("as") {
            if is("case") {
                self.bodies.push(token.range.start);
            } else if is("end") {
                self.bodies.pop();
            }
        }
    }
}

fn finish(
    text: &str,
    lines: &mut super::locate::Lines,
    open: &mut Open,
    statements: &mut Vec<Statement>,
) -> Result<(), Fault> {
    let open = std::mem::take(open);
    let (Some(first), Some(last)) = (open.tokens.first(), open.tokens.last()) else { return Ok(()) };
    let range = first.range.start..last.range.end;
    let kind = kind::kind(text, &open.tokens);
    if let Some(found) = kind::data(text, &open.tokens) {
        let wanted = "SQL: rows after `COPY` reach the server in another way than its text";
        return Err(Fault { code: &codes::MIGRATION_REFUSED, at: range.start, wanted, found: found.to_owned() });
    }
    if statements.len() == MOST {
        let wanted = "at most 200000 statements in a file";
        return Err(Fault { code: &codes::MIGRATION_UNREADABLE, at: range.start, wanted, found: "more".to_owned() });
    }
    let (line, column) = lines.at(range.start);
    statements.push(Statement { range, line, column, kind });
    Ok(())
}

#[cfg(test)]
mod tests;
