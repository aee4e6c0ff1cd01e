//! The words, signs and texts of SQL, with their places.

use std::ops::Range;

use squawk_lexer::{LiteralKind, TokenKind};

/// A token and the bytes that it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it lies in the file.
    pub range: Range<usize>,
}

/// The tokens of a part of a text, blanks and comments among them.
pub fn tokens(text: &str, part: Range<usize>) -> impl Iterator<Item = Token> {
    let (mut at, end) = (part.start, part.end.min(text.len()));
    let mut follows = Follows::Nothing;
    std::iter::from_fn(move || {
        let rest = text.get(at..end).filter(|rest| !rest.is_empty())?;
        // One at a time, since a text that goes on has to be read in another way.
        let first = squawk_lexer::tokenize(rest).next()?;
        let (mut kind, mut length) = (first.kind, (first.len as usize).max(1));
        if follows == Follows::NextLine && rest.starts_with('\'') {
            let (end, terminated) = escaped(rest);
            (kind, length) = (TokenKind::Literal { kind: LiteralKind::EscStr { terminated } }, end);
        }
        let piece = rest.get(..length).unwrap_or(rest);
        follows = follows.after(&kind, piece);
        let range = at..at + piece.len();
        at = range.end;
        Some(Token { kind, range })
    })
}

/// `E'…'` goes on in a quote on a later line, with nothing but comments between, and what a
/// backslash means goes on with it (PostgreSQL's `scan.l`, `quotecontinue`).
#[derive(Clone, Copy, PartialEq)]
enum Follows {
    Nothing,
    SameLine,
    NextLine,
}

impl Follows {
    fn after(self, kind: &TokenKind, piece: &str) -> Follows {
        match kind {
            TokenKind::Literal { kind: LiteralKind::EscStr { .. } } => Follows::SameLine,
            TokenKind::Whitespace if self == Follows::SameLine && piece.contains(['\n', '\r']) => Follows::NextLine,
            TokenKind::Whitespace => self,
            TokenKind::LineComment if self != Follows::Nothing => self,
            _ => Follows::Nothing,
        }
    }
}

/// The length of a quoted text in which a backslash escapes, and whether it ends.
fn escaped(text: &str) -> (usize, bool) {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'\'' if bytes.get(at + 1) == Some(&b'\'') => at += 2,
            b'\'' => return (at + 1, true),
            _ => at += 1,
        }
    }
    (bytes.len(), false)
}
