//! A report as lines of text without colours, for the formats that people read.

use crate::reports::ansi;
use crate::reports::source::Source;

/// The lines of a report, one after another.
pub struct Lines<'s> {
    source: &'s mut Source,
    raw: String,
    plain: String,
    offset: u64,
    held: bool,
}

impl<'s> Lines<'s> {
    /// Starts at what is left of the source.
    pub fn new(source: &'s mut Source) -> Self {
        Lines { source, raw: String::new(), plain: String::new(), offset: 0, held: false }
    }

    /// The next line without its end and without colours; `None` at the end of the report.
    pub fn next_line(&mut self) -> Option<&str> {
        if self.held {
            self.held = false;
            return Some(&self.plain);
        }
        self.offset = self.source.offset();
        if !self.source.line(&mut self.raw) {
            return None;
        }
        self.plain.clear();
        self.plain.push_str(&ansi::plain(&self.raw));
        Some(&self.plain)
    }

    /// Gives the same line once more.
    pub fn hold(&mut self) {
        self.held = true;
    }

    /// The line as it stands in the report, colours and cursor movements included.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Where the line begins, in bytes of the file.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Where the report ends, in bytes of the file, once the lines are at their end.
    pub fn end(&self) -> u64 {
        self.source.offset()
    }
}

/// How many blanks a line begins with; a tab counts as four.
pub fn indent(line: &str) -> usize {
    line.bytes()
        .map_while(|byte| match byte {
            b' ' => Some(1),
            b'\t' => Some(4),
            _ => None,
        })
        .sum()
}

/// Digits at the start of a text, and what follows them; not so many that sums could overflow.
pub fn number(text: &str) -> Option<(u64, &str)> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    if end > 15 {
        return None;
    }
    Some((text[..end].parse().ok()?, &text[end..]))
}

/// Milliseconds of `12ms`, `1.5s`, `1.5 s`, `2m 3s`, `00:01:02.5`; `None` for anything else.
pub fn duration(text: &str) -> Option<f64> {
    let text = text.trim();
    if text.contains(':') {
        let parts = text.split(':').map(|part| part.trim().parse::<f64>().ok());
        return parts.into_iter().try_fold(0.0, |sum, part| Some(sum * 60.0 + part?)).map(|seconds| seconds * 1000.0);
    }
    let mut sum = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let value: f64 = rest[..end].parse().ok()?;
        rest = rest[end..].trim_start();
        let unit = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        sum += value
            * match &rest[..unit] {
                "ms" | "msec" | "milliseconds" => 1.0,
                "s" | "sec" | "secs" | "second" | "seconds" => 1000.0,
                "m" | "min" | "minute" | "minutes" => 60_000.0,
                "h" | "hr" | "hour" | "hours" => 3_600_000.0,
                "us" => 0.001,
                _ => return None,
            };
        rest = rest[unit..].trim_start();
    }
    (!text.is_empty()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_plain_and_may_be_held() {
        let mut source = Source::new(Box::new(&b"\x1b[31mred\x1b[0m\r\nlast"[..]), 100);
        let mut lines = Lines::new(&mut source);
        assert_eq!(lines.next_line(), Some("red"));
        lines.hold();
        assert_eq!(lines.next_line(), Some("red"));
        assert_eq!(lines.next_line(), Some("last"));
        assert_eq!((lines.offset(), lines.next_line()), (14, None));
        assert_eq!(lines.end(), 18);
    }

    #[test]
    fn durations_have_their_units() {
        let texts = ["12ms", "1.5 s", "2m 3s", "00:01:02.5", "0:03", "", "x", "3 apples"];
        let found = texts.map(duration);
        assert_eq!(found, [Some(12.0), Some(1500.0), Some(123_000.0), Some(62_500.0), Some(3000.0), None, None, None]);
    }
}
