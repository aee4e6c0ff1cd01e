//! What has to be known of a statement to run it: whether it begins or ends a transaction, and
//! whether it can run in one.

use squawk_lexer::TokenKind;

use super::Token;

/// What a statement is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing special.
    Plain,
    /// It begins or ends a transaction.
    Control(Control),
    /// The server refuses it inside of a transaction.
    Outside(Outside),
}

/// A statement that begins or ends a transaction. Savepoints do neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// `BEGIN`, `START TRANSACTION`.
    Begin,
    /// `COMMIT`, `END`, `PREPARE TRANSACTION`, `COMMIT PREPARED`.
    Commit,
    /// `ROLLBACK`, `ABORT`, `ROLLBACK PREPARED`.
    Rollback,
}

/// A statement that cannot run in a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// Its words, as `CREATE INDEX CONCURRENTLY`.
    pub what: &'static str,
    /// The index, where it builds one and the statement names it.
    pub index: Option<Index>,
}

/// An index that `CREATE INDEX CONCURRENTLY` builds: after a failure it is there, and invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name, as the catalogue has it; it lies in its table's schema.
    pub name: String,
    /// Its table as the statement writes it, with quotes and schema.
    pub table: String,
}

/// The first words of a statement in upper case, at most `most`: signs and texts are words too.
pub fn words(text: &str, tokens: &[Token], most: usize) -> Vec<String> {
    tokens.iter().take(most).map(|token| word(text, token)).collect()
}

fn word(text: &str, token: &Token) -> String {
    let piece = text.get(token.range.clone()).unwrap_or_default();
    match token.kind {
        TokenKind::Ident => piece.to_ascii_uppercase(),
        TokenKind::Literal { .. } => String::new(),
        _ => piece.to_owned(),
    }
}

/// The kind of a statement.
pub fn kind(text: &str, tokens: &[Token]) -> Kind {
    let words = words(text, tokens, 8);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["BEGIN", ..] | ["START", "TRANSACTION", ..] => Kind::Control(Control::Begin),
        ["COMMIT" | "END", ..] | ["PREPARE", "TRANSACTION", ..] => Kind::Control(Control::Commit),
        ["ROLLBACK", "TO" | "SAVEPOINT", ..] => Kind::Plain,
        ["ROLLBACK", "WORK" | "TRANSACTION", "TO", ..] => Kind::Plain,
        ["ROLLBACK" | "ABORT", ..] => Kind::Control(Control::Rollback),
        _ => match outside(text, tokens, &words) {
            Some(what) => Kind::Outside(Outside { what, index: index(text, tokens, what) }),
            None => Kind::Plain,
        },
    }
}

/// Why the server refuses it inside of a transaction, in its words.
fn outside(text: &str, tokens: &[Token], words: &[&str]) -> Option<&'static str> {
    match words {
        ["CREATE", "INDEX", "CONCURRENTLY", ..] | ["CREATE", "UNIQUE", "INDEX", "CONCURRENTLY", ..] => {
            Some("CREATE INDEX CONCURRENTLY")
        }
        ["DROP", "INDEX", "CONCURRENTLY", ..] => Some("DROP INDEX CONCURRENTLY"),
        ["REINDEX", rest @ ..] => reindex(text, tokens, rest),
        ["REFRESH", ..] => None,
        ["VACUUM", ..] => Some("VACUUM"),
        ["ALTER", "TABLE", ..] if ends_so(text, tokens, &["DETACH", "PARTITION"], "CONCURRENTLY") => {
            Some("DETACH PARTITION CONCURRENTLY")
        }
        ["CREATE", "DATABASE", ..] => Some("CREATE DATABASE"),
        ["DROP", "DATABASE", ..] => Some("DROP DATABASE"),
        ["ALTER", "DATABASE", _, "SET", "TABLESPACE", ..] => Some("ALTER DATABASE SET TABLESPACE"),
        ["CREATE", "TABLESPACE", ..] => Some("CREATE TABLESPACE"),
        ["DROP", "TABLESPACE", ..] => Some("DROP TABLESPACE"),
        ["ALTER", "SYSTEM", ..] => Some("ALTER SYSTEM"),
        ["CREATE", "SUBSCRIPTION", ..] => {
            (!is_off(text, tokens, &["connect", "create_slot"])).then_some("CREATE SUBSCRIPTION")
        }
        ["ALTER", "SUBSCRIPTION", _, "REFRESH", ..] => Some("ALTER SUBSCRIPTION REFRESH"),
        ["ALTER", "SUBSCRIPTION", _, "SET" | "ADD" | "DROP", "PUBLICATION", ..] => {
            (!is_off(text, tokens, &["refresh"])).then_some("ALTER SUBSCRIPTION SET PUBLICATION")
        }
        ["DROP", "SUBSCRIPTION", ..] => Some("DROP SUBSCRIPTION"),
        ["DISCARD", "ALL"] => Some("DISCARD ALL"),
        ["CLUSTER"] | ["CLUSTER", "VERBOSE"] => Some("CLUSTER"),
        _ => None,
    }
}

/// `REINDEX [(options)] {INDEX | TABLE | SCHEMA | DATABASE | SYSTEM} [CONCURRENTLY] name`.
fn reindex(text: &str, tokens: &[Token], rest: &[&str]) -> Option<&'static str> {
    let close = tokens.iter().position(|token| token.kind == TokenKind::CloseParen).unwrap_or(0);
    let (options, after) = match rest {
        ["(", ..] => (&tokens[1..close], words(text, &tokens[close + 1..], 2)),
        _ => (&tokens[..0], words(text, &tokens[1..], 2)),
    };
    let options = words(text, options, 32);
    let at = options.iter().position(|word| word == "CONCURRENTLY");
    let is_off = |value: Option<&String>| value.is_some_and(|value| matches!(value.as_str(), "FALSE" | "OFF" | "0"));
    let is_concurrent = at.is_some_and(|at| !is_off(options.get(at + 1)));
    let after: Vec<&str> = after.iter().map(String::as_str).collect();
    match after.as_slice() {
        ["SCHEMA", ..] => Some("REINDEX SCHEMA"),
        ["DATABASE", ..] => Some("REINDEX DATABASE"),
        ["SYSTEM", ..] => Some("REINDEX SYSTEM"),
        [_, "CONCURRENTLY"] => Some("REINDEX CONCURRENTLY"),
        _ => is_concurrent.then_some("REINDEX CONCURRENTLY"),
    }
}

/// Whether two words stand together somewhere in the statement, which ends in a third.
fn ends_so(text: &str, tokens: &[Token], pair: &[&str; 2], last: &str) -> bool {
    let is = |token: &Token, wanted: &str| token.kind == TokenKind::Ident && word(text, token) == wanted;
    tokens.last().is_some_and(|token| is(token, last))
        && tokens.windows(2).any(|two| is(&two[0], pair[0]) && is(&two[1], pair[1]))
}

/// Whether one of the options is given as false.
fn is_off(text: &str, tokens: &[Token], options: &[&str]) -> bool {
    tokens.windows(3).any(|three| {
        let (name, value) = (&text[three[0].range.clone()], &text[three[2].range.clone()]);
        options.iter().any(|option| name.eq_ignore_ascii_case(option))
            && three[1].kind == TokenKind::Eq
            && ["false", "off", "0", "'false'", "'off'", "'0'"].iter().any(|off| value.eq_ignore_ascii_case(off))
    })
}

/// The index that is built.
fn index(text: &str, tokens: &[Token], what: &str) -> Option<Index> {
    if what != "CREATE INDEX CONCURRENTLY" {
        return None;
    }
    let words = words(text, tokens, 16);
    let mut at = words.iter().position(|word| word == "CONCURRENTLY")? + 1;
    if words.get(at..at + 3).is_some_and(|three| three == ["IF", "NOT", "EXISTS"]) {
        at += 3;
    }
    let name = (words.get(at)? != "ON").then(|| name_of(text, &tokens[at]))?;
    let mut at = at + 2;
    if words.get(at).is_some_and(|word| word == "ONLY") {
        at += 1;
    }
    let first = tokens.get(at)?.range.start;
    let mut last = tokens.get(at)?.range.end;
    while tokens.get(at + 1).is_some_and(|token| token.kind == TokenKind::Dot) {
        at += 2;
        last = tokens.get(at)?.range.end;
    }
    Some(Index { name, table: text.get(first..last)?.to_owned() })
}

/// A name as the catalogue has it: folded to lower case unless it is quoted.
fn name_of(text: &str, token: &Token) -> String {
    let piece = text.get(token.range.clone()).unwrap_or_default();
    match piece.strip_prefix('"').and_then(|piece| piece.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => piece.to_lowercase(),
    }
}

/// `COPY … FROM STDIN` and `COPY … TO STDOUT`: data goes where no file is.
pub fn data(text: &str, tokens: &[Token]) -> Option<&'static str> {
    let first = tokens.first().map(|token| word(text, token))?;
    if first != "COPY" {
        return None;
    }
    let pair = |one: &str, other: &str| {
        tokens.windows(2).any(|two| {
            two.iter().all(|token| token.kind == TokenKind::Ident)
                && word(text, &two[0]) == one
                && word(text, &two[1]) == other
        })
    };
    match (pair("FROM", "STDIN"), pair("TO", "STDOUT")) {
        (true, _) => Some("`COPY … FROM STDIN`"),
        (_, true) => Some("`COPY … TO STDOUT`"),
        _ => None,
    }
}
