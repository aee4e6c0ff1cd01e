//! Text of unknown length, kept at its start and its end.

/// Collects text and keeps at most `limit` bytes, half from the start and half
/// from the end, with a line between that says how much is left out.
#[derive(Clone, Debug, Default)]
pub struct Excerpt {
    limit: usize,
    start: String,
    end: String,
    dropped: usize,
}

impl Excerpt {
    /// An empty excerpt of at most about `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Excerpt { limit, ..Excerpt::default() }
    }

    /// Adds text at the end.
    pub fn push(&mut self, text: &str) {
        let half = self.limit / 2;
        let mut text = text;
        if self.end.is_empty() && self.dropped == 0 {
            let room = half.saturating_sub(self.start.len());
            if text.len() <= room {
                self.start.push_str(text);
                return;
            }
            let cut = floor(text, room);
            self.start.push_str(&text[..cut]);
            text = &text[cut..];
        }
        if text.len() >= half {
            let cut = ceil(text, text.len() - half);
            self.dropped += self.end.len() + cut;
            self.end.clear();
            self.end.push_str(&text[cut..]);
            return;
        }
        self.end.push_str(text);
        // Let the end grow to twice its size before it is cut, so that cutting stays linear.
        if self.end.len() > 2 * half {
            self.trim();
        }
    }

    /// Whether nothing but blanks was pushed.
    pub fn is_blank(&self) -> bool {
        self.dropped == 0 && self.end.trim().is_empty() && self.start.trim().is_empty()
    }

    /// Whether it was made with [`Default`] and has no limit yet.
    pub fn is_unset(&self) -> bool {
        self.limit == 0
    }

    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.start.clear();
        self.end.clear();
        self.dropped = 0;
    }

    /// What is kept.
    pub fn text(&mut self) -> String {
        if self.end.len() > self.limit / 2 {
            self.trim();
        }
        match self.dropped {
            0 => format!("{}{}", self.start, self.end),
            dropped => format!("{}\n… {dropped} bytes left out …\n{}", self.start, self.end),
        }
    }

    fn trim(&mut self) {
        let cut = ceil(&self.end, self.end.len() - self.limit / 2);
        self.dropped += cut;
        self.end.drain(..cut);
    }
}

/// The text cut to at most about `limit` bytes, its start and its end kept.
pub fn shorten(text: String, limit: usize) -> String {
    if text.len() <= limit {
        return text;
    }
    let mut excerpt = Excerpt::new(limit);
    excerpt.push(&text);
    excerpt.text()
}

/// The start of the text, at most `limit` bytes, with `…` when it is cut.
pub fn first(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    format!("{}…", &text[..floor(text, limit)])
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn ceil(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(limit: usize, pieces: &[&str], text: &str) {
        let mut excerpt = Excerpt::new(limit);
        pieces.iter().for_each(|piece| excerpt.push(piece));
        assert_eq!(excerpt.text(), text);
    }

    #[test]
    fn start_and_end_are_kept() {
        check(8, &["abc", "de"], "abcde");
        check(8, &["abcdefgh"], "abcdefgh");
        check(8, &["abcd", "efghi", "jk"], "abcd\n… 3 bytes left out …\nhijk");
        check(8, &["abcdefghijk"], "abcd\n… 3 bytes left out …\nhijk");
        check(8, &["abc\u{1F600}defghijk"], "abc\n… 8 bytes left out …\nhijk");
        check(8, &["a", "bcd", "e", "f", "g", "h", "i", "j", "k", "l", "m"], "abcd\n… 5 bytes left out …\njklm");
        assert_eq!(first("a\u{20AC}b", 3), "a…");
        assert_eq!(shorten("abc".into(), 3), "abc");
    }
}
