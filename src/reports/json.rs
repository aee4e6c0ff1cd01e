//! JSON read as a stream: a report of any size in the memory of its largest
//! element. A reader asks for what it wants; what it does not take is skipped
//! without being built, and a value of the wrong type loses only itself.

mod scan;

use memchr::{memchr, memchr2};
use serde_json::Value;

use super::sink::Sink;
use super::source::Source;

/// The longest string that is kept whole, in bytes; a longer one loses its end.
const TEXT: usize = 256 * 1024;

/// The largest value that [`Json::value`] builds, in bytes of JSON.
const VALUE: usize = 8 * 1024 * 1024;

/// How deep a reader may go by asking; skipping goes to any depth.
const DEPTH: u32 = 200;

/// A streaming reader, standing before a value.
///
/// ```text
/// json.object(&mut |json, key| match key {
///     "name" => name = json.text(),
///     "results" => json.array(&mut |json| results.push(json.value())),
///     _ => {} // skipped
/// });
/// ```
pub struct Json<'s> {
    source: &'s mut Source,
    /// Whether the value before which we stand is still to be taken.
    waiting: bool,
    depth: u32,
    broken: Option<(String, u64)>,
    /// Keys that are done with, for their memory.
    keys: Vec<String>,
}

/// What kind of value comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// `{`
    Object,
    /// `[`
    Array,
    /// `"`
    Text,
    /// A digit or `-`.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null`.
    Null,
    /// Nothing more, or nothing that is JSON.
    Nothing,
}

impl<'s> Json<'s> {
    /// Starts at the first container that begins a line of the rest of the
    /// source, so that a tool's other output in front does no harm.
    pub fn new(source: &'s mut Source) -> Self {
        let mut json = Json { source, waiting: false, depth: 0, broken: None, keys: Vec::new() };
        json.next_document();
        json
    }

    /// Goes on to the next document after one is read; `false` when there is none.
    pub fn next_document(&mut self) -> bool {
        self.waiting = false;
        if self.broken.is_some() {
            return false;
        }
        loop {
            match self.space() {
                Some(b'{' | b'[') if self.opens() => {
                    self.waiting = true;
                    return true;
                }
                Some(_) => self.skip_line(),
                None => return false,
            }
        }
    }

    /// Whether a bracket opens JSON and not a line of a log, `[INFO] …` or `{ …`, as far as can be seen.
    fn opens(&mut self) -> bool {
        let window = self.source.window();
        let inner = window.get(1..).unwrap_or_default().trim_ascii_start();
        match (window.first(), inner.first()) {
            (_, None) => true,
            (Some(b'{'), Some(byte)) => matches!(byte, b'"' | b'}'),
            (_, Some(b'{' | b'[' | b']' | b'"')) => true,
            _ => {
                let end = inner.iter().position(|byte| b",] \r\n\t".contains(byte)).unwrap_or(inner.len());
                serde_json::from_slice::<Value>(&inner[..end]).is_ok()
            }
        }
    }

    /// What comes next.
    pub fn peek(&mut self) -> Next {
        if self.broken.is_some() || !self.waiting {
            return Next::Nothing;
        }
        match self.space() {
            Some(b'{') => Next::Object,
            Some(b'[') => Next::Array,
            Some(b'"') => Next::Text,
            Some(b'-' | b'0'..=b'9') => Next::Number,
            Some(b't' | b'f') => Next::Boolean,
            Some(b'n') => Next::Null,
            _ => Next::Nothing,
        }
    }

    /// Takes an object; `visit` is called before each value with its key. Any
    /// other value is skipped.
    pub fn object(&mut self, visit: &mut dyn FnMut(&mut Self, &str)) -> bool {
        if self.peek() != Next::Object || !self.descend() {
            self.skip();
            return false;
        }
        loop {
            match self.space() {
                Some(b'"') => {
                    let mut key = self.keys.pop().unwrap_or_default();
                    self.string(&mut key, 1024);
                    if self.space() != Some(b':') {
                        self.fail("`:`");
                        break;
                    }
                    self.source.advance(1);
                    self.waiting = true;
                    visit(self, &key);
                    self.keys.push(key);
                    self.skip();
                    if self.broken.is_some() {
                        break;
                    }
                }
                Some(b',') => self.source.advance(1),
                Some(b'}') => {
                    self.source.advance(1);
                    break;
                }
                _ => {
                    self.fail("a key or `}`");
                    break;
                }
            }
        }
        self.ascend();
        true
    }

    /// Takes an array; `visit` is called before each element. Any other value is skipped.
    pub fn array(&mut self, visit: &mut dyn FnMut(&mut Self)) -> bool {
        if self.peek() != Next::Array || !self.descend() {
            self.skip();
            return false;
        }
        loop {
            match self.space() {
                Some(b',') => self.source.advance(1),
                Some(b']') => {
                    self.source.advance(1);
                    break;
                }
                Some(_) => {
                    self.waiting = true;
                    visit(self);
                    self.skip();
                    if self.broken.is_some() {
                        break;
                    }
                }
                None => {
                    self.fail("an element or `]`");
                    break;
                }
            }
        }
        self.ascend();
        true
    }

    /// Takes a string; any other value is skipped.
    pub fn text(&mut self) -> Option<String> {
        if self.peek() != Next::Text {
            self.skip();
            return None;
        }
        self.waiting = false;
        let mut text = String::new();
        self.string(&mut text, TEXT);
        Some(text)
    }

    /// Takes a number, or a string that is one; any other value is skipped.
    pub fn number(&mut self) -> Option<f64> {
        match self.peek() {
            Next::Text => self.text()?.trim().parse().ok(),
            Next::Number => {
                self.waiting = false;
                self.word(&mut [0; 48]).parse().ok()
            }
            _ => {
                self.skip();
                None
            }
        }
    }

    /// Takes a line or a column: a whole number from 0, or a string that is one.
    pub fn place(&mut self) -> Option<u32> {
        if self.peek() == Next::Number {
            self.waiting = false;
            let mut buffer = [0; 48];
            let word = self.word(&mut buffer);
            // Most are plain digits.
            if let Ok(whole) = word.parse() {
                return Some(whole);
            }
            let number = word.parse().ok();
            return number.filter(|number: &f64| (0.0..4e9).contains(number)).map(|number| number as u32);
        }
        self.number().filter(|number| (0.0..4e9).contains(number)).map(|number| number as u32)
    }

    /// Takes `true` or `false`; any other value is skipped.
    pub fn boolean(&mut self) -> Option<bool> {
        if self.peek() != Next::Boolean {
            self.skip();
            return None;
        }
        self.waiting = false;
        match self.word(&mut [0; 48]) {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// Builds the value. One that is too large or not valid is skipped, with a problem noted once
    /// it ends the file. Indexing a [`Value`] never fails: `value["a"][0]["b"].as_str()`.
    pub fn value(&mut self) -> Option<Value> {
        let mut bytes = Vec::new();
        let complete = self.walk(Some(&mut bytes));
        if !complete {
            return None;
        }
        serde_json::from_slice(&bytes).ok()
    }

    /// Skips the value, if it is still to be taken.
    pub fn skip(&mut self) {
        if self.waiting {
            self.walk(None);
        }
    }

    /// Whether the file was found to be cut or no JSON.
    pub fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    /// Tells the sink when the file is cut or is not JSON.
    pub fn tell(&self, sink: &mut Sink) {
        if let Some((message, offset)) = &self.broken {
            sink.lost(message.clone(), Some(*offset));
        }
    }

    fn descend(&mut self) -> bool {
        if self.depth >= DEPTH {
            return false;
        }
        self.depth += 1;
        self.waiting = false;
        self.source.advance(1);
        true
    }

    fn ascend(&mut self) {
        self.depth -= 1;
        self.waiting = false;
    }

    fn fail(&mut self, wanted: &str) {
        let found = match self.source.peek() {
            None => "cut short: the file ends inside its JSON".to_owned(),
            Some(byte) => {
                format!("not valid JSON, the rest is not read: wanted {wanted}, found `{}`", byte.escape_ascii())
            }
        };
        let offset = self.source.offset();
        self.broken.get_or_insert((found, offset));
        self.waiting = false;
    }
}

#[cfg(test)]
mod tests;
