//! The end of an output that may be endless.

/// The most that a job's `logs` hold, in bytes of UTF-8, the note of a cut included.
pub const LARGEST: usize = 64 * 1024;

/// Room for the note of a cut.
const NOTE: usize = 64;

/// Keeps the newest part of what it is given, in bounded memory. Secrets are
/// masked by whoever pushes: a cut could split one.
#[derive(Clone, Debug, Default)]
pub struct Tail {
    kept: Vec<u8>,
    dropped: u64,
}

impl Tail {
    /// Nothing yet.
    pub fn new() -> Self {
        Tail::default()
    }

    /// Takes a piece of output, cut anywhere, in any encoding.
    pub fn push(&mut self, bytes: &[u8]) {
        let skipped = bytes.len().saturating_sub(LARGEST);
        if skipped > 0 {
            self.dropped += (self.kept.len() + skipped) as u64;
            self.kept.clear();
        }
        self.kept.extend_from_slice(&bytes[skipped..]);
        // Moving the rest only now and then keeps many small pushes cheap.
        if self.kept.len() > 2 * LARGEST {
            let surplus = self.kept.len() - LARGEST;
            self.kept.drain(..surplus);
            self.dropped += surplus as u64;
        }
    }

    /// The newest text, at most [`LARGEST`] bytes. Where the beginning is cut off
    /// it starts with a note of how many bytes were, at a character's boundary.
    /// What is no UTF-8 is replaced by U+FFFD.
    pub fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.kept);
        if self.dropped == 0 && text.len() <= LARGEST {
            return text.into_owned();
        }
        let mut start = text.len().saturating_sub(LARGEST - NOTE);
        while !text.is_char_boundary(start) {
            start += 1;
        }
        let cut = self.dropped + start as u64;
        format!("[the first {cut} bytes are cut off]\n{}", &text[start..])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(pieces: &[&[u8]]) -> String {
        let mut tail = Tail::new();
        pieces.iter().for_each(|piece| tail.push(piece));
        assert!(tail.kept.len() <= 2 * LARGEST);
        tail.text()
    }

    #[test]
    fn what_fits_is_kept_whole() {
        assert_eq!(check(&[]), "");
        assert_eq!(check(&[b"one\n", "zw\u{f6}lf".as_bytes()]), "one\nzw\u{f6}lf");
        let all = "x".repeat(LARGEST);
        assert_eq!(check(&[all.as_bytes()]), all);
        // A character split over two pieces is one character.
        assert_eq!(check(&[b"\xc3", b"\xb6"]), "\u{f6}");
        assert_eq!(check(&[b"a\xffb"]), "a\u{fffd}b");
    }

    #[test]
    fn a_cut_says_how_much() {
        let long = "\u{f6}".repeat(LARGEST);
        let text = check(&[long.as_bytes()]);
        let (note, rest) = text.split_once('\n').unwrap();
        assert_eq!(note, format!("[the first {} bytes are cut off]", long.len() - rest.len()));
        assert!(rest.chars().all(|c| c == '\u{f6}') && rest.len() > LARGEST - 80);
    }

    #[test]
    fn a_huge_line_and_endless_drops_stay_bounded() {
        let huge = vec![b'y'; 10 * LARGEST];
        let text = check(&[b"first", &huge, b"last"]);
        assert!(text.len() <= LARGEST && text.ends_with("yyylast") && text.starts_with("[the first 5"));
        assert!(check(&[&[0xff; 2 * LARGEST]]).len() <= LARGEST);
    }

    proptest! {
        #[test]
        fn the_text_is_the_end_of_all_that_came(runs in proptest::collection::vec(("[a-z\u{e4}\u{1f600}\n]", 0..9000_usize), 0..40)) {
            let pieces: Vec<String> = runs.iter().map(|(unit, count)| unit.repeat(*count)).collect();
            let all = pieces.concat();
            let text = check(&pieces.iter().map(|piece| piece.as_bytes()).collect::<Vec<_>>());
            prop_assert!(text.len() <= LARGEST);
            if all.len() <= LARGEST {
                prop_assert_eq!(text, all);
            } else {
                let (note, rest) = text.split_once('\n').unwrap();
                prop_assert!(all.ends_with(rest));
                // Dropping may split a character, which then counts as its replacement.
                let named: usize = note.split(' ').nth(2).unwrap().parse().unwrap();
                prop_assert!((all.len() - rest.len()).abs_diff(named) <= 9);
            }
        }
    }
}
