//! Masks: what the runner is told to hide, and our own replacement of every
//! secret and of the forms that it takes on its way through other programs.
//!
//! The runner masks its log only, and only line by line. What we keep in files
//! (the job's logs, the ledger, the summary) and what a child prints goes
//! through [`Masks`] first.

use crate::secret::HIDDEN;

mod forms;

/// The shortest piece of a secret, in characters, that is masked by itself. A
/// shorter one, as the line `{` of a JSON key, would ruin the log.
pub const SHORTEST_PIECE: usize = 8;

/// How many values are taken before [`Masks::is_full`] says so.
const MOST_VALUES: usize = 1000;

/// How many bytes of patterns are kept before [`Masks::is_full`] says so.
const MOST_BYTES: usize = 8 << 20;

/// The patterns that begin with one byte.
#[derive(Clone, Debug, Default)]
struct Group {
    /// A bit for each second byte that a pattern has.
    seconds: [u64; 4],
    /// Whether one of them is a single byte.
    single: bool,
    /// The patterns, the longest first.
    patterns: Vec<Box<[u8]>>,
}

/// What begins at a place in the text.
enum Found {
    /// No pattern.
    Nothing,
    /// The longest pattern that fits has this many bytes.
    Match(usize),
    /// The text ends inside what may become a longer pattern.
    Undecided,
}

/// Every secret that is known so far, ready to be replaced.
#[derive(Clone, Debug)]
pub struct Masks {
    /// For each first byte the group's place in `groups` plus one; 0 for none.
    starts: [u16; 256],
    groups: Vec<Group>,
    values: usize,
    bytes: usize,
}

impl Default for Masks {
    fn default() -> Self {
        Masks { starts: [0; 256], groups: Vec::new(), values: 0, bytes: 0 }
    }
}

impl Masks {
    /// No secrets.
    pub fn new() -> Self {
        Masks::default()
    }

    /// Takes a secret in and gives what the runner has to be told with
    /// [`add_mask`](crate::reporters::annotations::add_mask), one command each:
    /// the value, or each line of a value of several lines; its URL-encoded
    /// form; the password inside a URL, as it stands and decoded. A blank
    /// value is no secret. Never a user, a host or a database name.
    ///
    /// The runner masks every line of what it is told, however short, so it is
    /// told the lines that are long enough, not the whole.
    pub fn add(&mut self, value: &str) -> Vec<String> {
        let value = value.trim();
        if value.is_empty() {
            return Vec::new();
        }
        self.values += 1;
        let mut told = Vec::new();
        self.add_piece(value, &mut told);
        for piece in forms::pieces(value).iter().filter(|piece| is_long_enough(piece)) {
            self.add_piece(piece, &mut told);
        }
        told
    }

    /// Whether no more values should be taken from outside: a child's own
    /// masks are bounded, so that it cannot fill the memory.
    pub fn is_full(&self) -> bool {
        self.values >= MOST_VALUES || self.bytes >= MOST_BYTES
    }

    /// The text with every secret replaced.
    pub fn mask_text(&self, text: &str) -> String {
        let mut out = Vec::with_capacity(text.len());
        self.replace(text.as_bytes(), true, &mut out);
        match String::from_utf8(out) {
            Ok(text) => text,
            // Patterns are whole characters, so this cannot be; a mark is better than a panic.
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        }
    }

    /// The bytes with every secret replaced; invalid UTF-8 stays as it is.
    pub fn mask_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        self.replace(bytes, true, &mut out);
        out
    }

    fn add_piece(&mut self, piece: &str, told: &mut Vec<String>) {
        self.add_pattern(piece);
        let forms = forms::forms(piece);
        if !piece.contains(['\n', '\r']) {
            tell(told, piece);
            forms.url_encoded.iter().filter(|form| is_long_enough(form)).for_each(|form| tell(told, form));
        }
        for form in forms.url_encoded.iter().chain(&forms.other).filter(|form| is_long_enough(form)) {
            self.add_pattern(form);
        }
    }

    fn add_pattern(&mut self, pattern: &str) {
        let bytes = pattern.as_bytes();
        let Some(&first) = bytes.first() else { return };
        let start = &mut self.starts[usize::from(first)];
        if *start == 0 {
            self.groups.push(Group::default());
            // At most 256 groups, one a byte.
            *start = self.groups.len() as u16;
        }
        let group = &mut self.groups[usize::from(*start) - 1];
        if group.patterns.iter().any(|known| **known == *bytes) {
            return;
        }
        match bytes.get(1) {
            Some(&second) => group.seconds[usize::from(second >> 6)] |= 1 << (second & 63),
            None => group.single = true,
        }
        let place = group.patterns.partition_point(|known| known.len() > bytes.len());
        group.patterns.insert(place, bytes.into());
        self.bytes += bytes.len();
    }

    /// Replaces, leftmost and longest, and gives how many bytes are dealt with:
    /// all of them when they are the `last`, else those before what may be the
    /// start of a secret.
    fn replace(&self, bytes: &[u8], last: bool, out: &mut Vec<u8>) -> usize {
        let (mut copied, mut at) = (0, 0);
        while let Some(&byte) = bytes.get(at) {
            let start = self.starts[usize::from(byte)];
            if start == 0 {
                at += 1;
                continue;
            }
            match self.groups[usize::from(start) - 1].find(&bytes[at..], last) {
                Found::Nothing => at += 1,
                Found::Undecided => break,
                Found::Match(length) => {
                    out.extend_from_slice(&bytes[copied..at]);
                    out.extend_from_slice(HIDDEN.as_bytes());
                    at += length;
                    copied = at;
                }
            }
        }
        out.extend_from_slice(&bytes[copied..at]);
        at
    }

    #[cfg(test)]
    fn patterns(&self) -> Vec<&[u8]> {
        self.groups.iter().flat_map(|group| group.patterns.iter().map(|pattern| &**pattern)).collect()
    }
}

fn is_long_enough(piece: &str) -> bool {
    piece.chars().count() >= SHORTEST_PIECE
}

fn tell(told: &mut Vec<String>, piece: &str) {
    if !told.iter().any(|known| known == piece) {
        told.push(piece.to_owned());
    }
}

impl Group {
    fn find(&self, rest: &[u8], last: bool) -> Found {
        if let Some(&second) = rest.get(1)
            && !self.single
            && self.seconds[usize::from(second >> 6)] & (1 << (second & 63)) == 0
        {
            return Found::Nothing;
        }
        for pattern in &self.patterns {
            if rest.starts_with(pattern) {
                return Found::Match(pattern.len());
            }
            if !last && pattern.starts_with(rest) {
                return Found::Undecided;
            }
        }
        Found::Nothing
    }
}

/// Replaces secrets in a stream that comes in pieces cut anywhere. What it
/// holds back is shorter than the longest pattern.
#[derive(Clone, Debug, Default)]
pub struct MaskStream {
    held: Vec<u8>,
}

impl MaskStream {
    /// At the start of a stream.
    pub fn new() -> Self {
        MaskStream::default()
    }

    /// Takes the next piece and writes what is decided. The masks may have
    /// grown since the last piece.
    pub fn push(&mut self, masks: &Masks, bytes: &[u8], out: &mut Vec<u8>) {
        if self.held.is_empty() {
            let done = masks.replace(bytes, false, out);
            self.held.extend_from_slice(&bytes[done..]);
        } else {
            self.held.extend_from_slice(bytes);
            let done = masks.replace(&self.held, false, out);
            self.held.drain(..done);
        }
    }

    /// Writes what was held back: nothing more comes.
    pub fn flush(&mut self, masks: &Masks, out: &mut Vec<u8>) {
        masks.replace(&self.held, true, out);
        self.held.clear();
    }
}

#[cfg(test)]
mod tests;
