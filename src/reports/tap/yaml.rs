//! The diagnostic block of a test point: YAML as test runners write it, of
//! which only the keys that matter here are looked at. The text itself is kept
//! for people, and for the stack frames in it.

use crate::reports::clue::{Spot, Trust};
use crate::reports::excerpt::Excerpt;
use crate::reports::lines::{duration, indent};
use crate::reports::sink::DETAILS;

/// What a diagnostic block says.
#[derive(Default)]
pub struct Diagnostics {
    /// What failed, in short.
    pub message: String,
    /// The places that it names.
    pub spots: Vec<Spot>,
    /// `type`: node says `suite` of what is no test.
    pub kind: String,
    /// How long the test took.
    pub duration_ms: Option<f64>,
    /// Whether node wrote it.
    pub node: bool,
    text: Option<Excerpt>,
    /// The block scalar that is being read: its key's indent and what it is for.
    block: Option<(usize, Part)>,
    /// The map that is being read: its key's indent and its name.
    map: Option<(usize, String)>,
    place: Spot,
    /// The message comes from a key that says less than others.
    vague: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Message,
    Other,
}

impl Diagnostics {
    /// One line of the block, the block's indent taken away.
    pub fn push(&mut self, line: &str) {
        let depth = indent(line);
        let content = line.trim();
        if let Some((key, part)) = self.block {
            if content.is_empty() || depth > key {
                if part == Part::Message && !(content.is_empty() && self.message.is_empty()) {
                    self.message.push_str(content);
                    self.message.push('\n');
                }
                self.keep(line);
                return;
            }
            self.block = None;
        }
        if self.map.as_ref().is_some_and(|(key, _)| depth <= *key) && !content.is_empty() {
            self.map = None;
            self.close_place();
        }
        if content.starts_with('{') && self.text.is_none() && self.json(content) {
            return;
        }
        let Some((key, value)) = split(content) else { return self.keep(line) };
        let value = value.trim();
        let inner = self.map.as_ref().map_or("", |(_, name)| name.as_str()).to_owned();
        match (inner.as_str(), key) {
            ("at", "file" | "fileName") => self.place.path = scalar(value),
            ("at", "line" | "lineNumber") => self.place.line = scalar(value).parse().ok(),
            ("at", "column" | "columnNumber") => self.place.column = scalar(value).parse().ok(),
            ("", "at") if !value.is_empty() => self.spot(&scalar(value), Trust::Exact),
            ("", "location") => {
                // Where the test is defined: among the frames it would be taken for one.
                self.node = true;
                self.spot(&scalar(value), Trust::Definition);
                return;
            }
            ("", "type") => self.kind = scalar(value),
            ("", "duration_ms" | "duration") => {
                self.node |= key == "duration_ms";
                let plain = scalar(value);
                self.duration_ms = plain.parse().ok().or_else(|| duration(&plain)).or(self.duration_ms);
            }
            ("", "message" | "error") | ("error", "message") if self.message.is_empty() || self.vague => {
                self.vague &= scalar(value).is_empty();
                match value {
                    "" => {}
                    value if value.starts_with(['|', '>']) => {
                        self.message.clear();
                        self.block = Some((depth, Part::Message));
                    }
                    value if scalar(value).is_empty() => {}
                    value => self.message = scalar(value),
                }
            }
            ("", "name" | "operator" | "failureType") if self.message.is_empty() => {
                self.message = scalar(value);
                self.vague = true;
            }
            _ => {}
        }
        if value.is_empty() && inner != "at" {
            self.map = Some((depth, key.to_owned()));
        } else if value.starts_with(['|', '>']) && self.block.is_none() {
            self.block = Some((depth, Part::Other));
        }
        self.keep(line);
    }

    /// Ends the block.
    pub fn end(&mut self) {
        self.block = None;
        self.map = None;
        self.close_place();
        self.message.truncate(self.message.trim_end().len());
    }

    /// The text of the block.
    pub fn text(&mut self) -> String {
        self.text.as_mut().map(Excerpt::text).unwrap_or_default()
    }

    /// Deno's block is one line of JSON; its place is where the test is defined.
    fn json(&mut self, content: &str) -> bool {
        let Ok(block) = serde_json::from_str::<serde_json::Value>(content) else { return false };
        let Some(message) = block["message"].as_str() else { return false };
        self.message = message.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned();
        if let Some(file) = block["at"]["file"].as_str() {
            let line = block["at"]["line"].as_u64().and_then(|line| u32::try_from(line).ok());
            self.spots.push(Spot::new(file, line, Trust::Definition));
        }
        self.keep(message);
        true
    }

    fn keep(&mut self, line: &str) {
        let text = self.text.get_or_insert_with(|| Excerpt::new(DETAILS));
        text.push(line);
        text.push("\n");
    }

    fn close_place(&mut self) {
        let place = std::mem::take(&mut self.place);
        if !place.path.is_empty() && self.spots.len() < 20 {
            self.spots.push(place);
        }
    }

    /// `path:line:column`, whole: what has more in it is left to the search for frames.
    fn spot(&mut self, text: &str, trust: Trust) {
        if text.ends_with(')') || self.spots.len() >= 20 {
            return;
        }
        let mut path = text;
        let mut numbers = Vec::new();
        while let Some((before, tail)) = path.rsplit_once(':')
            && let Ok(value) = tail.parse::<u32>()
            && numbers.len() < 2
        {
            numbers.insert(0, value);
            path = before;
        }
        if let Some(line) = numbers.first() {
            let mut spot = Spot::new(path, Some(*line), trust);
            spot.column = numbers.get(1).copied();
            self.spots.push(spot);
        }
    }
}

/// The key and the value of `key: value`.
fn split(content: &str) -> Option<(&str, &str)> {
    let (key, value) = content.split_once(':')?;
    let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (plain && !key.is_empty() && (value.is_empty() || value.starts_with(' '))).then_some((key, value))
}

/// A scalar without its quotes.
fn scalar(value: &str) -> String {
    let value = value.trim();
    if let Some(inner) = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return inner.replace("''", "'");
    }
    if value.starts_with('"')
        && let Ok(text) = serde_json::from_str(value)
    {
        return text;
    }
    value.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(block: &str, message: &str, spots: &[(&str, u32, Option<u32>, Trust)]) {
        let mut found = Diagnostics::default();
        block.lines().for_each(|line| found.push(line));
        found.end();
        let places: Vec<_> =
            found.spots.iter().map(|s| (s.path.as_str(), s.line.unwrap_or(0), s.column, s.trust)).collect();
        assert_eq!((found.message.as_str(), places.as_slice()), (message, spots), "{block}");
    }

    #[test]
    fn every_runner_has_its_keys() {
        check(
            "message: 'it''s'\nat:\n  line: 8\n  column: 5\n  file: a.js\nstack: |\n  x (b.js:1:1)",
            "it's",
            &[("a.js", 8, Some(5), Trust::Exact)],
        );
        check(
            "error:\n    name: \"E\"\n    message: \"a \\\"b\\\"\"\nat: \"/w/a.ts:1:2\"",
            "a \"b\"",
            &[("/w/a.ts", 1, Some(2), Trust::Exact)],
        );
        check(
            "location: 'C:\\a.mjs:7:1'\nerror: |-\n  two\n\n  lines\ncode: 'E'",
            "two\n\nlines",
            &[("C:\\a.mjs", 7, Some(1), Trust::Definition)],
        );
        check(
            "{\"message\":\"Error: no\\n at f\",\"at\":{\"file\":\"a.ts\",\"line\":4}}",
            "Error: no",
            &[("a.ts", 4, None, Trust::Definition)],
        );
        check("operator: equal\nat: f (/w/a.js:1:2)", "equal", &[]);
        check("name: AssertionError\nmessage: ''\nat: 'x'", "AssertionError", &[]);
        check(
            "  message: |\n    (in test file a.bats, line 5)\n      `x' failed",
            "(in test file a.bats, line 5)\n`x' failed",
            &[],
        );
    }
}
