//! The newest part of a long text.

/// How much a [`Tail`] keeps, in bytes, its own remark included.
pub const LONGEST_TAIL: usize = 64 * 1024;

/// Keeps the newest output of a command, for the job's `logs`.
#[derive(Clone, Debug, Default)]
pub struct Tail {
    bytes: Vec<u8>,
    /// How many bytes are gone.
    gone: u64,
}

impl Tail {
    /// Nothing yet.
    pub fn new() -> Self {
        Tail::default()
    }

    /// Adds at the end.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() > 2 * LONGEST_TAIL {
            let gone = self.bytes.len() - LONGEST_TAIL;
            self.bytes.drain(..gone);
            self.gone += gone as u64;
        }
    }

    /// The newest text, at most 64 KiB of it. Where something is cut off, it
    /// begins with a remark that says how much, and goes on with a whole line
    /// where there is one. What is no UTF-8 is replaced.
    pub fn text(&self) -> String {
        let all = String::from_utf8_lossy(&self.bytes);
        if self.gone == 0 && all.len() <= LONGEST_TAIL {
            return all.into_owned();
        }
        // Room for the remark.
        let mut start = all.len().saturating_sub(LONGEST_TAIL - 64);
        while !all.is_char_boundary(start) {
            start += 1;
        }
        let kept = &all[start..];
        let kept = kept.find('\n').filter(|end| end + 1 < kept.len()).map_or(kept, |end| &kept[end + 1..]);
        format!("… {} earlier bytes are cut off …\n{kept}", self.gone + (all.len() - kept.len()) as u64)
    }
}
