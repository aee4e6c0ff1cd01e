//! A statement as its words, which is all that most rules look at.

use std::ops::Range;

use squawk_lexer::TokenKind;

use crate::migrations::split::{Kind, Statement, tokens};

/// How many words of a statement are kept: longer ones hold data.
const MOST: usize = 4_000;

/// A word, a sign or a quoted text.
#[derive(Clone, Debug)]
pub struct Word<'a> {
    /// As it stands there.
    pub text: &'a str,
    /// Where it lies in the file.
    pub range: Range<usize>,
    /// How many parentheses it stands in.
    pub depth: u32,
    kind: TokenKind,
}

impl Word<'_> {
    /// Whether it is this word, not quoted, in any case.
    pub fn is(&self, word: &str) -> bool {
        !matches!(self.kind, TokenKind::Literal { .. } | TokenKind::QuotedIdent { .. })
            && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether it is a quoted text.
    pub fn is_text(&self) -> bool {
        matches!(self.kind, TokenKind::Literal { .. }) && self.text.contains(['\'', '$'])
    }
}

/// A statement.
#[derive(Clone, Debug)]
pub struct Words<'a> {
    /// Its words, without blanks and comments.
    pub words: Vec<Word<'a>>,
    /// Where it lies in the file.
    pub range: Range<usize>,
    /// What the splitter knows of it.
    pub kind: Kind,
}

impl<'a> Words<'a> {
    /// The words of a statement of a file.
    pub fn new(file: &'a str, statement: &Statement) -> Words<'a> {
        let mut depth = 0u32;
        let mut words = Vec::new();
        for token in tokens(file, statement.range.clone()) {
            match token.kind {
                TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. } => continue,
                TokenKind::CloseParen => depth = depth.saturating_sub(1),
                _ => {}
            }
            let text = file.get(token.range.clone()).unwrap_or_default();
            words.push(Word { text, range: token.range, depth, kind: token.kind });
            if token.kind == TokenKind::OpenParen {
                depth += 1;
            }
            if words.len() == MOST {
                break;
            }
        }
        Words { words, range: statement.range.clone(), kind: statement.kind.clone() }
    }

    /// Whether it begins with these words.
    pub fn starts(&self, wanted: &[&str]) -> bool {
        starts(&self.words, wanted)
    }

    /// Whether these words stand together somewhere outside of parentheses.
    pub fn has(&self, wanted: &[&str]) -> bool {
        has(&self.words, wanted)
    }

    /// The actions of `ALTER TABLE`, each its words; none for another statement.
    pub fn actions(&self) -> Vec<&[Word<'a>]> {
        let Some((_, after)) = self.starts(&["ALTER", "TABLE"]).then(|| self.name_at(2)).flatten() else {
            return Vec::new();
        };
        let rest = self.words.get(after..).unwrap_or_default();
        rest.split(|word| word.text == "," && word.depth == 0).filter(|action| !action.is_empty()).collect()
    }

    /// The table that it changes or locks, as it writes it; the first where it names several.
    pub fn target(&self) -> Option<String> {
        self.targets().into_iter().next()
    }

    /// All tables that it changes or locks.
    pub fn targets(&self) -> Vec<String> {
        let at = |wanted: &[&str]| self.starts(wanted).then_some(wanted.len());
        let listed = at(&["DROP", "TABLE"])
            .or(at(&["TRUNCATE", "TABLE"]))
            .or(at(&["TRUNCATE"]))
            .or(at(&["LOCK", "TABLE"]))
            .or(at(&["LOCK"]));
        if let Some(from) = listed {
            let rest = self.words.get(from..).unwrap_or_default();
            let starts = rest.iter().enumerate().filter(|(_, word)| word.text == "," && word.depth == 0);
            let starts = std::iter::once(from).chain(starts.map(|(at, _)| from + at + 1));
            return starts.filter_map(|at| self.name_at(at)).map(|(name, _)| name).collect();
        }
        let single = at(&["ALTER", "TABLE"])
            .or(at(&["UPDATE"]))
            .or(at(&["DELETE", "FROM"]))
            .or(at(&["INSERT", "INTO"]))
            .or(at(&["CLUSTER", "VERBOSE"]))
            .or(at(&["CLUSTER"]))
            .or(at(&["REINDEX", "TABLE"]))
            .or_else(|| self.after_on())
            .or_else(|| self.created_at());
        single.and_then(|at| self.name_at(at)).map(|(name, _)| name).into_iter().collect()
    }

    /// The table that it makes.
    pub fn created(&self) -> Option<String> {
        self.created_at().and_then(|at| self.name_at(at)).map(|(name, _)| name)
    }

    fn created_at(&self) -> Option<usize> {
        let is_made = |word: &Word| word.is("TABLE") || word.is("VIEW");
        let at = self.words.iter().take(5).position(is_made).filter(|_| self.starts(&["CREATE"]))?;
        let between = self.words.get(1..at)?;
        const KINDS: &[&str] = &["TEMP", "TEMPORARY", "UNLOGGED", "GLOBAL", "LOCAL", "MATERIALIZED", "FOREIGN"];
        between.iter().all(|word| KINDS.iter().any(|kind| word.is(kind))).then_some(at + 1)
    }

    /// Where the table of `CREATE INDEX … ON` and `CREATE TRIGGER … ON` stands.
    fn after_on(&self) -> Option<usize> {
        let is_made = |word: &Word| word.is("INDEX") || word.is("TRIGGER") || word.is("POLICY") || word.is("RULE");
        let is_on_table = self.starts(&["CREATE"]) && self.words.iter().take(5).any(is_made);
        let at = self.words.iter().position(|word| word.is("ON") && word.depth == 0);
        at.filter(|_| is_on_table).map(|at| at + 1)
    }

    /// A name that stands there, after `IF EXISTS` and `ONLY`, and where the words after it begin.
    pub fn name_at(&self, at: usize) -> Option<(String, usize)> {
        let mut at = at;
        for optional in ["IF", "NOT", "EXISTS", "ONLY"] {
            if self.words.get(at).is_some_and(|word| word.is(optional)) {
                at += 1;
            }
        }
        let mut name = self.words.get(at)?.text.to_owned();
        at += 1;
        while self.words.get(at).is_some_and(|word| word.text == ".") {
            name = format!("{name}.{}", self.words.get(at + 1)?.text);
            at += 2;
        }
        if self.words.get(at).is_some_and(|word| word.text == "*") {
            at += 1;
        }
        Some((name, at))
    }
}

/// Whether words begin so.
pub fn starts(words: &[Word], wanted: &[&str]) -> bool {
    words.len() >= wanted.len() && words.iter().zip(wanted).all(|(word, wanted)| word.is(wanted))
}

/// Whether words stand together somewhere outside of parentheses.
pub fn has(words: &[Word], wanted: &[&str]) -> bool {
    words.windows(wanted.len()).any(|some| some[0].depth == 0 && starts(some, wanted))
}
