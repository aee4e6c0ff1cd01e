//! Finds a child's `add-mask` among its lines, and passes all else on at once.

/// How long a line that may be a mask is held to read its value, in bytes.
pub const LONGEST_MASK: usize = 64 * 1024;

/// How much of a line's start is held to see what follows its blanks, in bytes.
const LONGEST_START: usize = 1024;

/// The command's name; names have no case.
const NAME: &str = "add-mask";

/// A line that is not passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// `::add-mask::value` or `##[add-mask]value`: the value, unescaped.
    Mask(String),
    /// A mask that is longer than what is held.
    TooLong,
}

/// Where in a line we are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Only blanks and the start of `::add-mask` so far, all of it held.
    #[default]
    Start,
    /// In text; the start of `##[add-mask` may be held.
    Text,
    /// The line is text to its end: the runner looks at its first `##[` only.
    Rest,
    /// A mask, held from its command on.
    Mask,
    /// A mask that is too long, thrown away to its end.
    Endless,
}

/// What the bytes held so far may become.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Guess {
    Undecided,
    Mask,
    Text,
}

/// The lines of a child, cut anywhere. As for the runner, CR, LF and both
/// together end a line.
#[derive(Debug, Default)]
pub struct Lines {
    state: State,
    held: Vec<u8>,
    /// Something of the line was passed on.
    begun: bool,
    /// The line that was not passed on ended with CR: its LF goes the same way.
    skip_feed: bool,
}

impl Lines {
    /// Takes bytes, up to a line's end at most. Gives how many, and the line if
    /// it is one for us; what is not goes to `passed`.
    pub fn take(&mut self, bytes: &[u8], passed: &mut Vec<u8>) -> (usize, Option<Line>) {
        if std::mem::take(&mut self.skip_feed) && bytes.first() == Some(&b'\n') {
            return (1, None);
        }
        let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let before = passed.len();
        self.part(&bytes[..end.unwrap_or(bytes.len())], passed);
        self.begun |= passed.len() > before;
        let Some(end) = end else { return (bytes.len(), None) };
        let line = self.finish(passed);
        match line {
            Some(_) => self.skip_feed = bytes[end] == b'\r',
            None => passed.push(bytes[end]),
        }
        (end + 1, line)
    }

    /// Ends the line, as the output's end does: gives it if it is one for us,
    /// else passes on what is held.
    pub fn finish(&mut self, passed: &mut Vec<u8>) -> Option<Line> {
        if self.state == State::Mask && value(&self.held).is_none() && self.held.first() != Some(&b'#') {
            // No command after all; but the old form may stand further on.
            self.state = State::Text;
            let before = passed.len();
            self.text(&[], passed);
            self.begun |= passed.len() > before;
        }
        let held = std::mem::take(&mut self.held);
        let begun = std::mem::take(&mut self.begun);
        let line = match std::mem::take(&mut self.state) {
            State::Mask => value(&held).map(Line::Mask),
            State::Endless => Some(Line::TooLong),
            State::Start | State::Text | State::Rest => None,
        };
        match line {
            None => passed.extend_from_slice(&held),
            // The text before the old form becomes a line of its own.
            Some(_) if begun => passed.push(b'\n'),
            Some(_) => {}
        }
        line
    }

    #[cfg(test)]
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// Takes a part of a line.
    fn part(&mut self, bytes: &[u8], passed: &mut Vec<u8>) {
        match self.state {
            // Most lines: nothing in them can become a mask.
            State::Start
                if self.held.is_empty() && bytes.first().is_some_and(|b| b.is_ascii_graphic() && *b != b':') =>
            {
                self.state = State::Text;
                self.text(bytes, passed);
            }
            State::Start => {
                self.held.extend_from_slice(bytes);
                match at_start(&self.held) {
                    Guess::Undecided if self.held.len() < LONGEST_START => {}
                    Guess::Mask => self.state = State::Mask,
                    Guess::Undecided | Guess::Text => {
                        self.state = State::Text;
                        self.text(&[], passed);
                    }
                }
            }
            State::Text => self.text(bytes, passed),
            State::Rest => passed.extend_from_slice(bytes),
            State::Mask => self.held.extend_from_slice(bytes),
            State::Endless => {}
        }
        if self.state == State::Mask && self.held.len() > LONGEST_MASK {
            self.state = State::Endless;
            self.held = Vec::new();
        }
    }

    /// Passes text on, up to what may be the old form.
    fn text(&mut self, bytes: &[u8], passed: &mut Vec<u8>) {
        if self.held.is_empty() && !bytes.contains(&b'#') {
            return passed.extend_from_slice(bytes);
        }
        self.held.extend_from_slice(bytes);
        let mut from = 0;
        while let Some(found) = self.held[from..].iter().position(|byte| *byte == b'#') {
            let at = from + found;
            match in_text(&self.held[at..]) {
                None => from = at + 1,
                Some(Guess::Text) => {
                    self.state = State::Rest;
                    break;
                }
                Some(guess) => {
                    passed.extend(self.held.drain(..at));
                    if guess == Guess::Mask {
                        self.state = State::Mask;
                    }
                    return;
                }
            }
        }
        passed.append(&mut self.held);
    }
}

/// What a line with this start is.
fn at_start(held: &[u8]) -> Guess {
    let start = &held[..held.len().min(LONGEST_START)];
    let text = start.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let complete = text.len() == start.len();
    let rest = text.trim_start_matches(is_blank);
    let Some(rest) = rest.strip_prefix("::") else {
        let open = rest.is_empty() && start.len() - text.len() < 4 || rest == ":" && complete;
        return if open { Guess::Undecided } else { Guess::Text };
    };
    name(rest.as_bytes(), b':', complete)
}

/// What the text from this `#` on is; nothing if no `##[` stands there.
fn in_text(rest: &[u8]) -> Option<Guess> {
    match rest.strip_prefix(b"##[") {
        Some(rest) => Some(name(rest, b']', true)),
        None => b"##[".starts_with(rest).then_some(Guess::Undecided),
    }
}

/// What a command is whose name starts here and ends with a blank or `end`.
fn name(rest: &[u8], end: u8, more_may_come: bool) -> Guess {
    let length = rest.len().min(NAME.len());
    if !rest[..length].eq_ignore_ascii_case(&NAME.as_bytes()[..length]) {
        return Guess::Text;
    }
    match rest.get(NAME.len()) {
        None if more_may_come => Guess::Undecided,
        Some(next) if *next == b' ' || *next == end => Guess::Mask,
        None | Some(_) => Guess::Text,
    }
}

/// The unescaped value of a whole line that is, or may be, a mask.
fn value(line: &[u8]) -> Option<String> {
    let line = String::from_utf8_lossy(line);
    if let Some(rest) = line.strip_prefix("##[") {
        let (_, value) = rest.split_once(']')?;
        let value = value.replace("%3B", ";").replace("%0D", "\r").replace("%0A", "\n").replace("%5D", "]");
        return Some(value.replace("%25", "%"));
    }
    let (command, value) = line.trim_start_matches(is_blank).strip_prefix("::")?.split_once("::")?;
    let name = command.split(' ').next()?;
    name.eq_ignore_ascii_case(NAME).then(|| value.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%"))
}

/// What the runner skips before a command; a mark of order is skipped where a
/// stream begins.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}
