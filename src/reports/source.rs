//! A report's bytes as UTF-8 text, in windows: the encoding found out and
//! normalised, the offset in the file known, the size capped. Readers never see
//! other text than this.

use std::io::{BufRead, Read};

use memchr::memchr;

/// How much is read and decoded at a time, in bytes.
pub const WINDOW: usize = 128 * 1024;

/// The longest line that is kept whole, in bytes; what is longer loses its end.
pub const LINE: usize = 4 * 1024 * 1024;

/// The text of one report. Also a [`BufRead`] whose bytes are always UTF-8, and
/// a window never ends inside a character.
pub struct Source {
    input: Box<dyn Read>,
    encoding: Encoding,
    /// Bytes of the file that are not decoded yet: an unfinished character.
    raw: Vec<u8>,
    /// The decoded window.
    text: String,
    /// What is consumed of the window.
    at: usize,
    /// Where the window starts, in bytes of the file.
    window: u64,
    /// How much of the file was read.
    taken: u64,
    limit: u64,
    ended: bool,
    /// The first byte that is no text in the file's encoding.
    bad: Option<u64>,
    /// Why reading stopped before the end.
    stopped: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    /// UTF-8 or Latin-1, as the XML declaration claims: bytes that are no UTF-8 are Latin-1.
    Latin1,
    Utf16 {
        big: bool,
    },
}

impl Source {
    /// Opens a report; of a larger one than `limit` bytes only the start is read.
    pub fn new(input: Box<dyn Read>, limit: u64) -> Self {
        let mut source = Source {
            input,
            encoding: Encoding::Utf8,
            raw: Vec::new(),
            text: String::new(),
            at: 0,
            window: 0,
            taken: 0,
            limit,
            ended: false,
            bad: None,
            stopped: None,
        };
        source.load(0);
        source.guess_encoding();
        source.decode();
        source
    }

    /// The start of the text, at most one window, when nothing is consumed yet.
    pub fn head(&self) -> &str {
        &self.text[self.at..]
    }

    /// Whether [`Source::head`] is the whole text.
    pub fn is_short(&self) -> bool {
        self.ended && self.raw.is_empty()
    }

    /// Where the next byte lies in the file.
    pub fn offset(&self) -> u64 {
        match self.encoding {
            Encoding::Utf16 { .. } => self.window + 2 * self.text[..self.at].encode_utf16().count() as u64,
            _ => self.window + self.at as u64,
        }
    }

    /// The first byte that is no text in the file's encoding, if any was met.
    pub fn first_bad(&self) -> Option<u64> {
        self.bad
    }

    /// Why the rest could not be read, with the offset.
    pub fn stopped(&self) -> Option<(&str, u64)> {
        self.stopped.as_deref().map(|reason| (reason, self.taken))
    }

    /// What is left of the window; the next window when nothing is left; empty at the end.
    #[inline(always)]
    pub fn window(&mut self) -> &[u8] {
        if self.at == self.text.len() {
            self.refill();
        }
        &self.text.as_bytes()[self.at..]
    }

    /// Consumes `count` bytes of the window.
    #[inline(always)]
    pub fn advance(&mut self, count: usize) {
        self.at = (self.at + count).min(self.text.len());
    }

    /// Puts more text behind what is left of the window, at least as much again; `false` at the end.
    pub fn grow(&mut self) -> bool {
        if self.is_short() {
            return false;
        }
        let origin = self.offset();
        let mut rest = std::mem::take(&mut self.text);
        rest.drain(..self.at);
        if matches!(self.encoding, Encoding::Utf16 { .. }) {
            self.window = self.taken - self.raw.len() as u64;
            self.load(rest.len());
            self.decode();
            self.text.insert_str(0, &rest);
        } else {
            let length = rest.len();
            let mut raw = rest.into_bytes();
            raw.append(&mut self.raw);
            self.raw = raw;
            self.load(length);
            self.window = origin;
            self.decode();
        }
        self.window = origin;
        true
    }

    /// The next byte, not consumed.
    pub fn peek(&mut self) -> Option<u8> {
        self.window().first().copied()
    }

    /// Reads the next line into `line`, without its end; `false` at the end of
    /// the text. The end of a line longer than [`LINE`] is dropped.
    pub fn line(&mut self, line: &mut String) -> bool {
        line.clear();
        let mut bytes = std::mem::take(line).into_bytes();
        let mut any = false;
        loop {
            let window = self.window();
            if window.is_empty() {
                break;
            }
            any = true;
            let end = memchr(b'\n', window);
            let piece = &window[..end.unwrap_or(window.len())];
            let room = LINE.saturating_sub(bytes.len());
            bytes.extend_from_slice(&piece[..piece.len().min(room)]);
            let consumed = piece.len() + usize::from(end.is_some());
            self.advance(consumed);
            if end.is_some() {
                break;
            }
        }
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        *line = String::from_utf8(bytes).unwrap_or_else(|cut| {
            // Only the cap can end a line inside a character.
            let valid = cut.utf8_error().valid_up_to();
            let mut bytes = cut.into_bytes();
            bytes.truncate(valid);
            String::from_utf8(bytes).unwrap_or_default()
        });
        any
    }

    fn refill(&mut self) {
        while self.at == self.text.len() && !(self.ended && self.raw.is_empty()) {
            self.window = self.taken - self.raw.len() as u64;
            self.load(0);
            self.decode();
        }
    }

    /// Reads a window into `raw`, or `least` bytes where that is more, or what there is.
    fn load(&mut self, least: usize) {
        let mut filled = self.raw.len();
        let full = filled + least.max(WINDOW);
        self.raw.resize(full, 0);
        while !self.ended && filled < full {
            match self.input.read(&mut self.raw[filled..]) {
                Ok(0) => self.ended = true,
                Ok(count) => {
                    filled += count;
                    self.taken += count as u64;
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.stopped = Some(format!("reading stopped: {error}"));
                    self.ended = true;
                }
            }
            if self.taken > self.limit {
                self.stopped = Some(format!("larger than {} MiB, the rest is left out", self.limit >> 20));
                self.ended = true;
            }
        }
        self.raw.truncate(filled);
    }

    fn guess_encoding(&mut self) {
        let raw = &self.raw;
        let (encoding, skip) = match raw.as_slice() {
            [0xEF, 0xBB, 0xBF, ..] => (Encoding::Utf8, 3),
            [0xFF, 0xFE, ..] => (Encoding::Utf16 { big: false }, 2),
            [0xFE, 0xFF, ..] => (Encoding::Utf16 { big: true }, 2),
            [one, 0, two, 0, ..] if *one != 0 && *two != 0 => (Encoding::Utf16 { big: false }, 0),
            [0, one, 0, two, ..] if *one != 0 && *two != 0 => (Encoding::Utf16 { big: true }, 0),
            _ if claims_latin1(raw) => (Encoding::Latin1, 0),
            _ => (Encoding::Utf8, 0),
        };
        self.encoding = encoding;
        self.raw.drain(..skip);
        self.window = skip as u64;
    }

    /// Decodes `raw` into the window, keeping an unfinished character back.
    fn decode(&mut self) {
        self.text.clear();
        self.at = 0;
        match self.encoding {
            Encoding::Utf16 { big } => self.decode_utf16(big),
            encoding => self.decode_utf8(encoding == Encoding::Latin1),
        }
    }

    fn decode_utf8(&mut self, latin1: bool) {
        let spare = std::mem::take(&mut self.text).into_bytes();
        let raw = match String::from_utf8(std::mem::replace(&mut self.raw, spare)) {
            // The usual case: the bytes are the text.
            Ok(text) => {
                self.text = text;
                return;
            }
            Err(error) => error.into_bytes(),
        };
        let mut at = 0;
        for piece in raw.utf8_chunks() {
            self.text.push_str(piece.valid());
            at += piece.valid().len();
            let bad = piece.invalid();
            if bad.is_empty() {
                break;
            }
            let unfinished = std::str::from_utf8(bad).is_err_and(|error| error.error_len().is_none());
            if unfinished && !self.ended && at + bad.len() == raw.len() {
                self.raw.extend_from_slice(bad);
                break;
            }
            if latin1 {
                self.text.extend(bad.iter().map(|byte| western(*byte)));
            } else {
                self.bad.get_or_insert(self.window + at as u64);
                self.text.push(char::REPLACEMENT_CHARACTER);
            }
            at += bad.len();
        }
    }

    fn decode_utf16(&mut self, big: bool) {
        let unit = |pair: &[u8]| match big {
            true => u16::from_be_bytes([pair[0], pair[1]]),
            false => u16::from_le_bytes([pair[0], pair[1]]),
        };
        let mut end = self.raw.len() & !1;
        if !self.ended && end >= 2 && matches!(unit(&self.raw[end - 2..end]), 0xD800..=0xDBFF) {
            end -= 2;
        }
        let mut offset = self.window;
        for decoded in char::decode_utf16(self.raw[..end].chunks_exact(2).map(unit)) {
            let c = decoded.unwrap_or_else(|_| {
                self.bad.get_or_insert(offset);
                char::REPLACEMENT_CHARACTER
            });
            offset += 2 * c.len_utf16() as u64;
            self.text.push(c);
        }
        self.raw.drain(..end);
        if self.ended && !self.raw.is_empty() {
            self.bad.get_or_insert(offset);
            self.raw.clear();
        }
    }
}

/// A byte as windows-1252 has it, which is also what those mean who write `iso-8859-1` (WHATWG,
/// "Encoding").
fn western(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9F => HIGH[usize::from(byte - 0x80)],
        byte => char::from(byte),
    }
}

/// Whether the XML declaration names a one-byte encoding of Western Europe.
fn claims_latin1(raw: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&raw[..raw.len().min(200)]).to_ascii_lowercase();
    let Some(end) = start.find("?>") else { return false };
    start.starts_with("<?xml")
        && ["iso-8859-1", "latin1", "latin-1", "windows-1252", "us-ascii"]
            .iter()
            .any(|name| start[..end].contains(name))
}

impl Read for Source {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let window = self.window();
        let count = window.len().min(into.len());
        into[..count].copy_from_slice(&window[..count]);
        self.advance(count);
        Ok(count)
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        Ok(self.window())
    }

    fn consume(&mut self, count: usize) {
        self.advance(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, as a slow pipe would.
    struct Slow(std::io::Cursor<Vec<u8>>);

    impl Read for Slow {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let end = into.len().min(1);
            self.0.read(&mut into[..end])
        }
    }

    fn check(bytes: &[u8], text: &str, bad: Option<u64>) {
        for slow in [false, true] {
            let cursor = std::io::Cursor::new(bytes.to_vec());
            let input: Box<dyn Read> = if slow { Box::new(Slow(cursor)) } else { Box::new(cursor) };
            let mut source = Source::new(input, 1 << 30);
            let mut found = String::new();
            source.read_to_string(&mut found).unwrap_or_default();
            assert_eq!(found, text);
            assert_eq!(source.first_bad(), bad);
        }
    }

    #[test]
    fn every_encoding_becomes_utf8() {
        check(b"", "", None);
        check("a\u{20AC}".as_bytes(), "a\u{20AC}", None);
        check(b"\xEF\xBB\xBFab", "ab", None);
        check(b"a\xE4b", "a\u{FFFD}b", Some(1));
        check(b"ab\xE2\x82", "ab\u{FFFD}", Some(2));
        check(
            b"<?xml version='1.0' encoding='ISO-8859-1'?>\xE4",
            "<?xml version='1.0' encoding='ISO-8859-1'?>\u{E4}",
            None,
        );
        let smart = "<?xml version='1.0' encoding='windows-1252'?>";
        check(&[smart.as_bytes(), b"\x93a\x94\x80"].concat(), &format!("{smart}\u{201C}a\u{201D}\u{20AC}"), None);
        check(b"\xFF\xFE<\0\x3D\xD8\x00\xDE", "<\u{1F600}", None);
        check(b"\xFE\xFF\0<\0a", "<a", None);
        check(b"<\0a\0", "<a", None);
        check(b"\xFF\xFE<\0\x3D\xD8", "<\u{FFFD}", Some(4));
        check(b"\xFF\xFE<\0a", "<", Some(4));
    }

    #[test]
    fn characters_survive_the_end_of_a_window() {
        let long = "x".repeat(WINDOW - 1) + "\u{20AC}\u{1F600}" + &"y".repeat(WINDOW);
        check(long.as_bytes(), &long, None);
        let wide: Vec<u8> = b"\xFF\xFE".iter().copied().chain(long.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        check(&wide, &long, None);
        let mut source = Source::new(Box::new(std::io::Cursor::new(wide)), 1 << 30);
        source.advance(7);
        assert_eq!(source.offset(), 16);
    }

    #[test]
    fn a_window_grows_behind_what_is_left_of_it() {
        let long = "x".repeat(WINDOW - 1) + "\u{20AC}" + &"y".repeat(2 * WINDOW);
        let wide: Vec<u8> = b"\xFF\xFE".iter().copied().chain(long.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        for (bytes, start) in [(long.clone().into_bytes(), 100), (wide, 202)] {
            let mut source = Source::new(Box::new(std::io::Cursor::new(bytes)), 1 << 30);
            source.advance(100);
            while source.grow() {}
            assert_eq!(source.head(), &long[100..]);
            assert_eq!(source.offset(), start);
        }
    }

    #[test]
    fn size_and_lines_are_capped() {
        let mut source = Source::new(Box::new(std::io::repeat(b'x')), 5 << 20);
        let mut line = String::new();
        assert!(source.line(&mut line));
        assert_eq!(line.len(), LINE);
        assert!(!source.line(&mut line));
        assert!(source.stopped().is_some_and(|(reason, _)| reason.starts_with("larger than 5 MiB")));
    }

    #[test]
    fn lines_end_as_they_like() {
        let mut source = Source::new(Box::new(&b"a\r\n\nb"[..]), 1 << 20);
        let mut lines = Vec::new();
        let mut line = String::new();
        while source.line(&mut line) {
            lines.push(line.clone());
        }
        assert_eq!(lines, ["a", "", "b"]);
    }
}
