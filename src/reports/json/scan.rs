//! The bytes of JSON: blanks, strings, numbers, and what is passed over.

use super::*;

impl Json<'_> {
    /// The first byte that is no blank, not consumed.
    #[inline(always)]
    pub(super) fn space(&mut self) -> Option<u8> {
        match self.source.window().first() {
            Some(byte) if *byte > b' ' => Some(*byte),
            _ => self.spaces(),
        }
    }

    pub(super) fn spaces(&mut self) -> Option<u8> {
        loop {
            let window = self.source.window();
            let byte = *window.first()?;
            let blanks = window.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count();
            if blanks == 0 {
                return Some(byte);
            }
            self.source.advance(blanks);
        }
    }

    pub(super) fn skip_line(&mut self) {
        loop {
            let window = self.source.window();
            let length = window.len();
            match memchr(b'\n', window) {
                Some(end) => return self.source.advance(end + 1),
                None if length == 0 => return,
                None => self.source.advance(length),
            }
        }
    }

    /// A number or a literal; one that is too long to be either is cut.
    pub(super) fn word<'b>(&mut self, buffer: &'b mut [u8; 48]) -> &'b str {
        let mut length = 0;
        loop {
            let window = self.source.window();
            let inside = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
            let end = window.iter().position(|byte| !inside(byte)).unwrap_or(window.len());
            let piece = &window[..end.min(buffer.len() - length)];
            buffer[length..length + piece.len()].copy_from_slice(piece);
            length += piece.len();
            let goes_on = end == window.len() && end > 0;
            self.source.advance(end);
            if !goes_on {
                return std::str::from_utf8(&buffer[..length]).unwrap_or_default();
            }
        }
    }

    /// A string, standing at its first quote, at most about `limit` bytes of it, instead of what is
    /// in `text`.
    pub(super) fn string(&mut self, text: &mut String, limit: usize) {
        text.clear();
        // Most strings lie in the window and have no escapes.
        let inner = self.source.window().get(1..).unwrap_or_default();
        if let Some(end) = memchr2(b'"', b'\\', inner).filter(|end| inner[*end] == b'"' && *end <= limit) {
            text.push_str(std::str::from_utf8(&inner[..end]).unwrap_or_default());
            self.source.advance(end + 2);
            return;
        }
        let mut raw = Vec::new();
        if !self.raw_string(&mut Some((&mut raw, limit))) {
            self.fail("`\"`");
        }
        let raw = String::from_utf8(raw).unwrap_or_default();
        *text = if raw.contains('\\') { unescape(&raw) } else { raw };
    }

    /// Passes over a string, quotes included, copying what is between them.
    /// `false` when the file ends in it.
    pub(super) fn raw_string(&mut self, copy: &mut Option<(&mut Vec<u8>, usize)>) -> bool {
        self.source.advance(1);
        // Backslashes at the end of what was passed: an odd number of them escapes a quote.
        let mut slashes = 0;
        loop {
            let window = self.source.window();
            if window.is_empty() {
                return false;
            }
            let quote = memchr(b'"', window);
            let piece = quote.unwrap_or(window.len());
            let run = window[..piece].iter().rev().take_while(|byte| **byte == b'\\').count();
            slashes = if run == piece { slashes + run } else { run };
            let escaped = slashes % 2 == 1;
            let piece = piece + usize::from(escaped && quote.is_some());
            if let Some((bytes, limit)) = copy
                && bytes.len() < *limit
            {
                bytes.extend_from_slice(&window[..piece]);
            }
            let ends = quote.is_some() && !escaped;
            self.source.advance(piece + usize::from(ends));
            if ends {
                return true;
            }
            if quote.is_some() {
                slashes = 0;
            }
        }
    }

    /// Passes over one value of any depth, copying it where wanted. `false`
    /// when it is not complete or larger than [`VALUE`].
    pub(super) fn walk(&mut self, mut copy: Option<&mut Vec<u8>>) -> bool {
        if self.peek() == Next::Nothing {
            if self.waiting {
                self.fail("a value");
            }
            return false;
        }
        self.waiting = false;
        let mut depth = 0u64;
        let mut fits = true;
        loop {
            let window = self.source.window();
            if window.is_empty() {
                if depth > 0 {
                    self.fail("`}` or `]`");
                    return false;
                }
                return fits;
            }
            let mut stop = window.len();
            let mut quote = false;
            let mut done = false;
            for (at, byte) in window.iter().enumerate() {
                match byte {
                    b'"' => {
                        (stop, quote) = (at, true);
                        break;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' if depth <= 1 => {
                        // A bare word ends before the bracket of its container.
                        (stop, done) = (at + depth as usize, true);
                        break;
                    }
                    b'}' | b']' => depth -= 1,
                    b',' | b'\n' if depth == 0 => {
                        (stop, done) = (at, true);
                        break;
                    }
                    _ => {}
                }
            }
            if let Some(bytes) = copy.as_deref_mut() {
                fits &= bytes.len() + stop <= VALUE;
                if fits {
                    bytes.extend_from_slice(&window[..stop]);
                }
            }
            self.source.advance(stop);
            if done {
                return fits;
            }
            if quote {
                let mut target = match copy.as_deref_mut() {
                    Some(bytes) if fits => {
                        bytes.push(b'"');
                        Some((bytes, VALUE))
                    }
                    _ => None,
                };
                if !self.raw_string(&mut target) {
                    self.fail("`\"`");
                    return false;
                }
                if let Some((bytes, limit)) = target {
                    fits = bytes.len() < limit;
                    bytes.push(b'"');
                }
                if depth == 0 {
                    return fits;
                }
            }
        }
    }
}

/// The text of a JSON string's inside; an escape that is none stays as it is.
fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(c) = rest.chars().next() else { break };
        rest = &rest[c.len_utf8()..];
        match c {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{C}'),
            'u' => match unit(rest) {
                Some(high @ 0xD800..=0xDBFF) => {
                    let low =
                        rest[4..].strip_prefix("\\u").and_then(unit).filter(|low| (0xDC00..=0xDFFF).contains(low));
                    let code = low.map(|low| 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
                    text.push(code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER));
                    rest = &rest[if low.is_some() { 10 } else { 4 }..];
                }
                Some(code) => {
                    text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    rest = &rest[4..];
                }
                None => text.push_str("\\u"),
            },
            c => text.push(c),
        }
    }
    text.push_str(rest);
    text
}

/// Four hexadecimal digits.
fn unit(text: &str) -> Option<u32> {
    let digits = text.get(..4)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}
