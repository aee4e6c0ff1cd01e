//! JSON read as a stream: a report of any size in the memory of its largest
//! element. A reader asks for what it wants; what it does not take is skipped
//! without being built, and a value of the wrong type loses only itself.

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

    /// The first byte that is no blank, not consumed.
    #[inline(always)]
    fn space(&mut self) -> Option<u8> {
        match self.source.window().first() {
            Some(byte) if *byte > b' ' => Some(*byte),
            _ => self.spaces(),
        }
    }

    fn spaces(&mut self) -> Option<u8> {
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

    fn skip_line(&mut self) {
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
    fn word<'b>(&mut self, buffer: &'b mut [u8; 48]) -> &'b str {
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
    fn string(&mut self, text: &mut String, limit: usize) {
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
    fn raw_string(&mut self, copy: &mut Option<(&mut Vec<u8>, usize)>) -> bool {
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
    fn walk(&mut self, mut copy: Option<&mut Vec<u8>>) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn source(text: &str) -> Source {
        Source::new(Box::new(std::io::Cursor::new(text.as_bytes().to_vec())), 1 << 24)
    }

    /// Rebuilds a value through the streaming calls alone.
    fn rebuild(json: &mut Json) -> Value {
        match json.peek() {
            Next::Object => {
                let mut map = serde_json::Map::new();
                json.object(&mut |json, key| {
                    map.insert(key.to_owned(), rebuild(json));
                });
                map.into()
            }
            Next::Array => {
                let mut list = Vec::new();
                json.array(&mut |json| list.push(rebuild(json)));
                list.into()
            }
            Next::Text => json.text().into(),
            Next::Number => json.number().into(),
            Next::Boolean => json.boolean().into(),
            Next::Null | Next::Nothing => Value::Null,
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(|number| f64::from(number).into()),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn streaming_gives_what_serde_gives(value in any_json(), pretty: bool) {
            let value = Value::from(vec![value]);
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            let text = text.unwrap_or_default();
            prop_assert_eq!(rebuild(&mut Json::new(&mut source(&text))), value.clone());
            prop_assert_eq!(Json::new(&mut source(&text)).value(), Some(value));
        }

        #[test]
        fn any_text_is_survived(text in "[\\[\\]{}\",:\\\\u0a \n-]{0,60}") {
            let mut source = source(&text);
            let mut json = Json::new(&mut source);
            loop {
                rebuild(&mut json);
                if !json.next_document() {
                    break;
                }
            }
        }
    }

    fn check_broken(text: &str, message: &str, offset: u64) {
        let mut source = source(text);
        let mut json = Json::new(&mut source);
        rebuild(&mut json);
        assert_eq!(json.broken, Some((message.to_owned(), offset)), "{text}");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_byte() {
        check_broken("[1, {\"a\"", "cut short: the file ends inside its JSON", 8);
        check_broken("[1, {\"a\": \"b", "cut short: the file ends inside its JSON", 12);
        check_broken("[{\"a\" 1}]", "not valid JSON, the rest is not read: wanted `:`, found `1`", 6);
        check_broken("[{\"a\": ?}]", "not valid JSON, the rest is not read: wanted a value, found `?`", 7);
    }

    #[test]
    fn what_is_not_taken_is_skipped() {
        let text = "log {\n[INFO] log\n{ x }\n[12:30] log\n{\"skip\": [{\"x\": \"]\\\"\"}, 1], \"a\": 1, \"b\": 7} tail\n[warn] x\n[\"next\"]";
        let mut source = source(text);
        let mut json = Json::new(&mut source);
        let (mut a, mut b) = (None, None);
        json.object(&mut |json, key| match key {
            "a" => a = json.text(),
            "b" => b = json.place(),
            _ => {}
        });
        assert_eq!((a, b), (None, Some(7)));
        assert!(json.next_document());
        assert_eq!(json.value(), Some(serde_json::json!(["next"])));
        assert!(!json.next_document());
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = "[".repeat(500_000);
        let mut source = source(&deep);
        let mut json = Json::new(&mut source);
        rebuild(&mut json);
        assert!(json.broken.is_some());
        let strings = serde_json::to_string(&["\u{1F600}\u{20AC}\"\\".repeat(100_000)]).unwrap_or_default();
        assert_eq!(
            Json::new(&mut self::source(&strings)).value().map(|value| value[0].as_str().map(str::len)),
            Some(Some(900_000))
        );
    }
}
