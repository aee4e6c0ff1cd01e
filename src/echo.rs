//! What becomes of a child's output: it is printed between `stop-commands` and
//! its end, so that the runner takes all of it for text, with every secret
//! replaced. One command of the child's is honoured, by us: `add-mask`.

use crate::masks::{MaskStream, Masks};
use crate::reporters::annotations::{StopToken, add_mask};

mod line;

use line::{Line, Lines};

/// The shortest value, in characters, that a child may have masked. A shorter
/// one would ruin the log.
const SHORTEST_MASK: usize = 4;

const TOO_SHORT: &str = "waybill: the command asked to mask fewer than four characters; this was not done\n";
const TOO_LONG: &str =
    "waybill: the command asked to mask more than 64 KiB; this was not done, and the line is not shown\n";
const TOO_MANY: &str =
    "waybill: the command asked for too many masks; this one was not made, and the line is not shown\n";

/// What comes of a piece of a child's output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Echoed {
    /// For the runner: the output and our own commands.
    pub print: Vec<u8>,
    /// For the job's logs: the output alone.
    pub log: Vec<u8>,
}

/// A child's output on its way to the runner. Memory is bounded, however long
/// its lines are.
pub struct Echo {
    token: StopToken,
    lines: Lines,
    stream: MaskStream,
    /// Passed, but not yet given to `stream`.
    passed: Vec<u8>,
    /// Whether the runner is at the start of a line.
    fresh_line: bool,
    echoed: Echoed,
}

impl Echo {
    /// The filter for one child, with 128 bits of chance, and what to print
    /// before its first byte.
    pub fn start(random: [u8; 16]) -> (Self, Vec<u8>) {
        let token = StopToken::new(random);
        let echo = Echo {
            token,
            lines: Lines::default(),
            stream: MaskStream::new(),
            passed: Vec::new(),
            fresh_line: true,
            echoed: Echoed::default(),
        };
        (echo, token.stop())
    }

    /// Takes the next piece, cut anywhere. A mask that the child asks for goes
    /// into `masks`; `random` gives 128 new bits for the token that follows it.
    pub fn push(&mut self, bytes: &[u8], masks: &mut Masks, random: &mut dyn FnMut() -> [u8; 16]) -> Echoed {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (taken, line) = self.lines.take(rest, &mut self.passed);
            rest = &rest[taken..];
            self.obey(line, masks, random);
        }
        self.give(masks);
        std::mem::take(&mut self.echoed)
    }

    /// The child has ended: gives what was held back, ends the last line, and
    /// has the runner obey commands again. Must be called, whatever happened.
    pub fn finish(mut self, masks: &mut Masks, random: &mut dyn FnMut() -> [u8; 16]) -> Echoed {
        let line = self.lines.finish(&mut self.passed);
        self.obey(line, masks, random);
        self.flush(masks);
        self.echoed.print.extend(self.token.resume());
        self.echoed
    }

    fn obey(&mut self, line: Option<Line>, masks: &mut Masks, random: &mut dyn FnMut() -> [u8; 16]) {
        let value = match line {
            None => return,
            Some(Line::TooLong) => return self.passed.extend_from_slice(TOO_LONG.as_bytes()),
            Some(Line::Mask(value)) => value,
        };
        if value.trim().chars().count() < SHORTEST_MASK {
            return self.passed.extend_from_slice(TOO_SHORT.as_bytes());
        }
        if masks.is_full() {
            return self.passed.extend_from_slice(TOO_MANY.as_bytes());
        }
        // What came before is decided by the masks that there were.
        self.flush(masks);
        let told = masks.add(&value);
        self.echoed.print.extend(self.token.resume());
        told.iter().for_each(|value| self.echoed.print.extend(add_mask(value)));
        self.token = StopToken::new(random());
        self.echoed.print.extend(self.token.stop());
    }

    /// Gives what has passed to the stream and takes what is decided.
    fn give(&mut self, masks: &Masks) {
        let start = self.echoed.log.len();
        self.stream.push(masks, &self.passed, &mut self.echoed.log);
        self.passed.clear();
        self.print_from(start);
    }

    /// As [`Echo::give`], to the last byte, ending on a fresh line.
    fn flush(&mut self, masks: &Masks) {
        self.give(masks);
        let start = self.echoed.log.len();
        self.stream.flush(masks, &mut self.echoed.log);
        self.print_from(start);
        if !self.fresh_line {
            self.echoed.print.push(b'\n');
            self.fresh_line = true;
        }
    }

    fn print_from(&mut self, start: usize) {
        let new = &self.echoed.log[start..];
        self.echoed.print.extend_from_slice(new);
        if let Some(last) = new.last() {
            self.fresh_line = *last == b'\n';
        }
    }
}

#[cfg(test)]
mod tests;
