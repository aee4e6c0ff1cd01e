//! The form that a value must have, whoever asks: the configuration when it is
//! read, a record when it is made. A form says what it wanted and what it found
//! and never shows a secret. What it warns about is worded as
//! something found, too.

mod database_url;
mod host_name;
mod http_url;

pub use database_url::{DatabaseHost, DatabaseUrl, database_url, parse_database_url};
pub use http_url::{has_credentials, http_url, without_credentials};

/// A value that has not the wanted form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// What was wanted, as `an https URL`.
    pub wanted: String,
    /// What was found: the value in backticks, or only a description where it is or may hold a secret.
    pub found: String,
    /// What might help.
    pub hint: Option<String>,
}

impl Wrong {
    /// A wrong value with nothing to add.
    pub fn new(wanted: impl Into<String>, found: impl Into<String>) -> Self {
        Wrong { wanted: wanted.into(), found: found.into(), hint: None }
    }

    /// The same with a hint.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Wrong { hint: Some(hint.into()), ..self }
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "wanted {}, found {}", self.wanted, self.found)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

/// A Vercel token: at least 20 of `[A-Za-z0-9_]`, as Vercel's own command line
/// wants it. Refresh tokens (`vcr_`) and gateway keys (`vck_`) cannot deploy and
/// are refused. Warns about a prefix that Vercel has not announced.
pub fn vercel_token(text: &str) -> Result<Vec<String>, Wrong> {
    let wanted = "a Vercel token of at least 20 letters, digits and `_`";
    if text.len() < 20 || text.bytes().any(|byte| !byte.is_ascii_alphanumeric() && byte != b'_') {
        let found = description(text, |c| c.is_ascii_alphanumeric() || c == '_');
        return Err(with_usual_cause(Wrong::new(wanted, found), text));
    }
    match text.split_once('_').map(|(prefix, _)| prefix) {
        Some("vcr") => {
            Err(Wrong::new(wanted, "a refresh token (`vcr_`)").hint("make an access token in the account's settings"))
        }
        Some("vck") => Err(Wrong::new(wanted, "an API key of the AI gateway (`vck_`)")
            .hint("make an access token in the account's settings")),
        None | Some("vcp" | "vci" | "vca") => Ok(Vec::new()),
        Some(_) => Ok(vec!["a prefix that Vercel has not announced".to_owned()]),
    }
}

/// A Cohere API key: 20 to 256 visible ASCII characters. Cohere documents no
/// form; all known keys are 40 letters and digits, so others are warned about.
pub fn cohere_key(text: &str) -> Result<Vec<String>, Wrong> {
    if !(20..=256).contains(&text.len()) || text.bytes().any(|byte| !byte.is_ascii_graphic()) {
        let found = description(text, |c| c.is_ascii_graphic());
        return Err(with_usual_cause(
            Wrong::new("a Cohere API key of 20 to 256 visible ASCII characters", found),
            text,
        ));
    }
    if text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Ok(Vec::new())
    } else {
        Ok(vec!["a key that is not 40 letters and digits, as Cohere's are".to_owned()])
    }
}

/// A git hash: 40 hex digits (SHA-1) or 64 (SHA-256), in any case.
pub fn commit_hash(text: &str) -> Result<(), Wrong> {
    if matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(())
    } else {
        Err(Wrong::new("a whole git hash of 40 or 64 hex digits", shown(text)))
    }
}

/// A SHA-256 as 64 hex digits in lower case.
pub fn sha256(text: &str) -> Result<(), Wrong> {
    if text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        Ok(())
    } else {
        Err(Wrong::new("a SHA-256 of 64 lower-case hex digits", shown(text)))
    }
}

/// The passwords in a URL, as they stand there and percent-decoded, for masking:
/// in front of the host, however the `@` is read, and as `password` in the query.
/// A user name without a password counts in an `http` URL, where it is a token.
/// Never fails, whatever the text.
pub fn url_passwords(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let Some((scheme, rest)) = text.split_once("://") else { return found };
    let http = scheme.trim().to_ascii_lowercase().starts_with("http");
    // Readers disagree about which `@` ends the password, so each one may.
    let authority = &rest[..rest.find("/").unwrap_or(rest.len())];
    let mut ends: Vec<usize> =
        [authority.find('@'), authority.rfind('@'), rest.rfind('@')].into_iter().flatten().collect();
    ends.dedup();
    for end in ends {
        match rest[..end].split_once(':') {
            Some((_, password)) => push(&mut found, password),
            None if http => push(&mut found, &rest[..end]),
            None => {}
        }
    }
    if let Some((_, query)) = rest.split_once('?') {
        for parameter in query.split('&') {
            if let Some((key, value)) = parameter.split_once('=')
                && matches!(percent_decoded(key).as_str(), "password" | "sslpassword")
            {
                push(&mut found, value);
            }
        }
    }
    found
}

/// Adds a password, raw and decoded, once each.
fn push(found: &mut Vec<String>, raw: &str) {
    for value in [raw.to_owned(), percent_decoded(raw)] {
        if !value.is_empty() && !found.contains(&value) {
            found.push(value);
        }
    }
}

/// The text with every `%HH` decoded; what is no escape, or no UTF-8, stays or is replaced.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], escape_at(bytes, at)) {
            (b'%', Some(byte)) => {
                decoded.push(byte);
                at += 3;
            }
            (byte, _) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// The byte that the escape at this place stands for.
fn escape_at(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |offset: usize| bytes.get(at + offset).and_then(|byte| (*byte as char).to_digit(16));
    Some((digit(1)? * 16 + digit(2)?) as u8)
}

/// Where the first `%` stands that no two hex digits follow, in characters from 1.
fn bad_escape(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let at = (0..bytes.len()).find(|&at| bytes[at] == b'%' && escape_at(bytes, at).is_none())?;
    Some(position(text, at))
}

/// A byte offset as a character's position, from 1.
fn position(text: &str, offset: usize) -> usize {
    text[..offset].chars().count() + 1
}

/// The candidate that a mistyped word was most likely meant to be: at most a
/// third of its letters wrong, or the only one that it abbreviates.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.chars().take(65).map(|c| c.to_ascii_lowercase()).collect();
    if word.len() > 64 {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    let mut longer = Vec::new();
    for candidate in candidates {
        let distance = distance(&word, candidate);
        if distance <= word.len().div_ceil(3) && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
        if word.len() > 2
            && candidate.len() > word.len()
            && candidate.chars().zip(&word).all(|(letter, own)| letter == *own)
        {
            longer.push(candidate);
        }
    }
    match (best, longer.as_slice()) {
        (Some((_, candidate)), _) => Some(candidate),
        (None, [candidate]) => Some(candidate),
        _ => None,
    }
}

/// How many letters must be changed, added, removed or swapped with their
/// neighbour (optimal string alignment).
fn distance(word: &[char], other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, &letter) in word.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, &other_letter) in other.iter().enumerate() {
            let change = last[column] + usize::from(letter != other_letter);
            let mut best = change.min(last[column + 1] + 1).min(next[column] + 1);
            if row > 0 && column > 0 && letter == other[column - 1] && word[row - 1] == other_letter {
                best = best.min(before[column - 1] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut last, next);
    }
    last[other.len()]
}

/// A value in backticks, control characters escaped, cut where it is long.
pub fn shown(text: &str) -> String {
    if text.is_empty() {
        return "nothing".to_owned();
    }
    let mut value = String::from("`");
    for (count, character) in text.chars().enumerate() {
        if count == 200 {
            value.push('…');
            break;
        }
        match character {
            '`' => value.push('\''),
            c if c.is_control() => value.extend(c.escape_default()),
            c => value.push(c),
        }
    }
    value.push('`');
    value
}

/// What a secret looks like from far away: `28 characters, one of them a space at 12`.
fn description(text: &str, fine: impl Fn(char) -> bool) -> String {
    if text.is_empty() {
        return "nothing".to_owned();
    }
    let count = text.chars().count();
    let length = if count == 1 { "1 character".to_owned() } else { format!("{count} characters") };
    match text.chars().position(|c| !fine(c)) {
        Some(at) => format!("{length}, one of them {} at {}", kind(text.chars().nth(at).unwrap_or(' ')), at + 1),
        None => length,
    }
}

/// What sort of character it is, without showing it.
fn kind(character: char) -> &'static str {
    match character {
        ' ' => "a space",
        '\n' | '\r' => "a line break",
        '\t' => "a tab",
        '"' | '\'' | '`' => "a quotation mark",
        c if c.is_control() => "a control character",
        c if !c.is_ascii() => "a character beyond ASCII",
        _ => "a punctuation mark",
    }
}

/// Adds what is most often behind it: an expression nobody expanded, quotes, a line break.
fn with_usual_cause(wrong: Wrong, text: &str) -> Wrong {
    match usual_cause(text) {
        Some(hint) => wrong.hint(hint),
        None => wrong,
    }
}

/// What most often makes a value wrong as a whole.
fn usual_cause(text: &str) -> Option<&'static str> {
    let quoted = |quote: char| text.starts_with(quote) || text.ends_with(quote);
    if text.is_empty() {
        Some("is the secret set, and may this run read it?")
    } else if text.contains("${{") || text.contains("}}") {
        Some("an expression that GitHub did not expand")
    } else if text.starts_with('$') {
        Some("a variable that nobody expanded")
    } else if quoted('"') || quoted('\'') || quoted('`') {
        Some("the quotation marks are part of the value; leave them out")
    } else if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
        Some("blanks or line breaks around the value are part of it; leave them out")
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
