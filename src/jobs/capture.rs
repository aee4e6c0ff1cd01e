//! What a command prints, kept in bounded memory so that it can be read as a report.

/// How much is kept of the start, and how much of the end, in bytes.
const KEPT: usize = 8 << 20;

/// The start and the end of an output. What stands between is dropped: the
/// counts of tests stand at the end, and what did not compile at the start.
#[derive(Debug, Default)]
pub struct Capture {
    start: Vec<u8>,
    end: Vec<u8>,
    dropped: u64,
}

impl Capture {
    /// Takes the next piece.
    pub fn push(&mut self, bytes: &[u8]) {
        let room = (KEPT - self.start.len()).min(bytes.len());
        self.start.extend_from_slice(&bytes[..room]);
        self.end.extend_from_slice(&bytes[room..]);
        // It grows to twice its size before it is cut, so that cutting stays linear.
        if self.end.len() >= 2 * KEPT {
            self.cut();
        }
    }

    /// Whether nothing was printed.
    pub fn is_empty(&self) -> bool {
        self.start.is_empty()
    }

    /// What is kept, in whole lines, and how many bytes are missing in the middle.
    pub fn finish(mut self) -> (Vec<u8>, u64) {
        if self.end.len() > KEPT {
            self.cut();
        }
        if self.dropped > 0 {
            let line = self.start.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
            let rest = self.end.iter().position(|byte| *byte == b'\n').map_or(self.end.len(), |newline| newline + 1);
            self.dropped += (self.start.len() - line + rest) as u64;
            self.start.truncate(line);
            self.end.drain(..rest);
        }
        self.start.append(&mut self.end);
        (self.start, self.dropped)
    }

    fn cut(&mut self) {
        let surplus = self.end.len() - KEPT;
        self.dropped += surplus as u64;
        self.end.drain(..surplus);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_and_the_end_are_kept_in_lines() {
        let mut short = Capture::default();
        short.push(b"a\nb");
        short.push(b"c\n");
        assert_eq!(short.finish(), (b"a\nbc\n".to_vec(), 0));

        let mut long = Capture::default();
        let (line, count) = (b"123456789\n", 5 * KEPT / 10);
        (0..count).for_each(|_| long.push(line));
        long.push(b"the end\n");
        let (kept, dropped) = long.finish();
        assert_eq!(kept.len() as u64 + dropped, (10 * count + 8) as u64);
        assert!(kept.len() <= 2 * KEPT && kept.len() > 2 * KEPT - 20);
        assert!(kept.starts_with(line) && kept.ends_with(b"\nthe end\n"));
        assert!(kept.split(|byte| *byte == b'\n').all(|line| matches!(line.len(), 0 | 7 | 9)));
    }
}
