//! Reports that are JSON lists of alike entries: where in an entry its file,
//! its line and its message stand is a table, and one reader reads them all.

use serde_json::Value;

use super::clue::{Clue, Columns, Spot, Trust};
use super::json::{Json, Next};
use super::sink::{Sink, level};
use super::source::Source;
use crate::model::finding::{Finding, Level};

/// Where the parts of a finding stand in an entry. Paths have dots; of several paths the first
/// that leads to a usable value counts.
pub struct Shape {
    /// The tool that writes it.
    pub tool: &'static str,
    /// The keys of the lists of entries in the document; empty when the document is the list, or
    /// when each line is an entry.
    pub lists: &'static [&'static str],
    /// Where an entry holds lists of its own whose elements are the findings: the keys of those
    /// lists. The file is then looked for in the entry as well.
    pub inner: &'static [&'static str],
    /// The path of the file.
    pub file: &'static [&'static str],
    /// The line.
    pub line: &'static [&'static str],
    /// The last line.
    pub end_line: &'static [&'static str],
    /// The column.
    pub column: &'static [&'static str],
    /// The column after the last one.
    pub end_column: &'static [&'static str],
    /// What is wrong.
    pub message: &'static [&'static str],
    /// The rule.
    pub rule: &'static [&'static str],
    /// The level: a word.
    pub level: &'static [&'static str],
    /// Words for levels that this tool uses in its own way.
    pub words: &'static [(&'static str, Level)],
    /// The level of a finding without one.
    pub default: Level,
    /// What the tool counts lines from, 0 or 1.
    pub first_line: u32,
    /// What the tool counts columns from, 0 or 1.
    pub first_column: u32,
    /// What the columns count.
    pub columns: Columns,
    /// Completes a finding from its entry; `false` when it is none.
    pub adjust: fn(&Value, &mut Finding, &mut Spot) -> bool,
}

impl Shape {
    /// Nothing anywhere: what a shape does not say.
    pub const NONE: Shape = Shape {
        tool: "",
        lists: &[],
        inner: &[],
        file: &[],
        line: &[],
        end_line: &[],
        column: &[],
        end_column: &[],
        message: &[],
        rule: &[],
        level: &[],
        words: &[],
        default: Level::Warning,
        first_line: 1,
        first_column: 1,
        columns: Columns::Points,
        adjust: |_, _, _| true,
    };

    /// Reads every document of the source.
    pub fn read(&self, source: &mut Source, sink: &mut Sink) {
        entries(source, sink, self.lists, &mut |sink, _, entry| self.entry(&entry, sink));
    }

    /// Reads a source of which each line is an entry, whatever stands between.
    pub fn read_lines(&self, source: &mut Source, sink: &mut Sink) {
        lines(source, sink, &mut |sink, entry| self.entry(&entry, sink));
    }

    /// Hands over the findings of one entry.
    pub fn entry(&self, entry: &Value, sink: &mut Sink) {
        if self.inner.is_empty() {
            self.finding(entry, None, sink);
            return;
        }
        for inner in self.inner.iter().filter_map(|key| at(entry, key).as_array()).flatten() {
            self.finding(inner, Some(entry), sink);
        }
    }

    fn finding(&self, entry: &Value, outer: Option<&Value>, sink: &mut Sink) {
        if let Some((finding, spot)) = self.find(entry, outer) {
            give(finding, spot, sink);
        }
    }

    /// The finding of an entry, or of an element of the list in the entry `outer`.
    pub fn find(&self, entry: &Value, outer: Option<&Value>) -> Option<(Finding, Spot)> {
        let first = |paths: &[&str]| paths.iter().find_map(|path| text(at(entry, path)));
        let place = |paths: &[&str], from: u32| {
            paths.iter().find_map(|path| number(at(entry, path))).and_then(|number| number.checked_add(1 - from))
        };
        let outer = || self.file.iter().find_map(|path| text(at(outer?, path)));
        let file = first(self.file).or_else(outer).unwrap_or_default();
        let message = first(self.message).unwrap_or_default();
        if !entry.is_object() || message.is_empty() && file.is_empty() {
            return None;
        }
        let line = place(self.line, self.first_line);
        let mut spot = Spot::new(file, line, Trust::Exact);
        spot.end_line = place(self.end_line, self.first_line);
        spot.column = place(self.column, self.first_column);
        spot.end_column = place(self.end_column, self.first_column);
        spot.columns = self.columns;
        let word = first(self.level).unwrap_or_default();
        let own = self.words.iter().find(|(known, _)| known.eq_ignore_ascii_case(&word));
        let level = own.map(|(_, level)| *level).or_else(|| level(&word)).unwrap_or(self.default);
        let source = self.tool.to_owned();
        let mut finding = Finding { level, rule: first(self.rule), message, source, ..Finding::default() };
        (self.adjust)(entry, &mut finding, &mut spot).then_some((finding, spot))
    }
}

/// Hands a finding over; a spot without a path is none.
pub fn give(finding: Finding, spot: Spot, sink: &mut Sink) {
    let clue = if spot.path.is_empty() { Clue::default() } else { Clue::at(spot) };
    sink.finding(finding, clue);
}

/// Visits each entry of the lists at `lists` in every document, with the list's key. A document
/// that is a list itself has the key `""`; so has a document that has none of the lists when
/// none are asked for.
pub fn entries(source: &mut Source, sink: &mut Sink, lists: &[&str], visit: &mut dyn FnMut(&mut Sink, &str, Value)) {
    let mut json = Json::new(source);
    loop {
        let mut list = |json: &mut Json, key: &str, sink: &mut Sink| {
            let mut one = |json: &mut Json| match json.peek() {
                Next::Object => match json.value() {
                    Some(entry) => visit(sink, key, entry),
                    None if json.is_broken() => {}
                    None => sink.lost("an entry is too large or no JSON, and left out", None),
                },
                _ => json.skip(),
            };
            match json.peek() {
                Next::Array => {
                    json.array(&mut one);
                }
                _ => one(json),
            }
        };
        if lists.is_empty() || json.peek() == Next::Array {
            list(&mut json, "", sink);
        } else {
            json.object(&mut |json, key| {
                if lists.contains(&key) {
                    list(json, key, sink);
                }
            });
        }
        if !json.next_document() {
            break;
        }
    }
    json.tell(sink);
}

/// Visits each line that is a JSON object; other lines are passed over. A line that begins as one
/// and is none is lost.
pub fn lines(source: &mut Source, sink: &mut Sink, visit: &mut dyn FnMut(&mut Sink, Value)) {
    let mut line = String::new();
    loop {
        let offset = source.offset();
        if !source.line(&mut line) {
            break;
        }
        let Some(start) = line.find(|c: char| !c.is_whitespace()) else { continue };
        let inner = &line[start..];
        if !inner.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with(['"', '}'])) {
            continue;
        }
        match serde_json::Deserializer::from_str(inner).into_iter::<Value>().next() {
            Some(Ok(entry)) => visit(sink, entry),
            Some(Err(error)) => {
                let (what, at) = match error.is_eof() {
                    true => ("cut short", line.len()),
                    false => ("not valid JSON", start + error.column().saturating_sub(1)),
                };
                sink.lost(format!("{what}: a line that begins as JSON"), Some(offset + at as u64));
            }
            None => {}
        }
    }
}

/// The value at a path with dots; null where there is none.
pub fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    path.split('.').fold(value, |value, key| match value {
        Value::Array(list) => key.parse::<usize>().ok().and_then(|index| list.get(index)).unwrap_or(&Value::Null),
        value => &value[key],
    })
}

/// A text: a string that is not empty, or a number as text.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A line or a column: a whole number from 0, or a string that is one.
pub fn number(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => {
            number.as_f64().filter(|number| (0.0..4e9).contains(number)).map(|number| number as u32)
        }
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::Options;

    fn source(text: &str) -> Source {
        Source::new(Box::new(std::io::Cursor::new(text.as_bytes().to_vec())), 1 << 20)
    }

    fn check_entries(text: &str, lists: &[&str], found: &[&str], problem: Option<(&str, u64)>) {
        let mut sink = Sink::new("r", &Options::default());
        let mut entries = Vec::new();
        super::entries(&mut source(text), &mut sink, lists, &mut |_, key, entry| {
            entries.push(format!("{key} {entry}"))
        });
        assert_eq!(entries, found, "{text}");
        check_problem(sink, problem);
    }

    fn check_lines(text: &str, found: &[&str], problem: Option<(&str, u64)>) {
        let mut sink = Sink::new("r", &Options::default());
        let mut entries = Vec::new();
        lines(&mut source(text), &mut sink, &mut |_, entry| entries.push(entry.to_string()));
        assert_eq!(entries, found, "{text}");
        check_problem(sink, problem);
    }

    fn check_problem(sink: Sink, problem: Option<(&str, u64)>) {
        let problems = sink.finish().problems;
        let first = problems.first().map(|trouble| (trouble.message.as_str(), trouble.offset.unwrap_or(u64::MAX)));
        assert_eq!(first, problem);
    }

    #[test]
    fn lists_are_found_in_every_document() {
        check_entries("log\n[{\"a\":1},7,{\"a\":2}]\n> more\n[]\n", &[], &[" {\"a\":1}", " {\"a\":2}"], None);
        check_entries("{\"x\":[{}],\"l\":[{\"a\":1}],\"l2\":null}", &["l", "l2"], &["l {\"a\":1}"], None);
        check_entries("{\"a\":1}\n{\"a\":2}", &[], &[" {\"a\":1}", " {\"a\":2}"], None);
        let cut = "cut short: the file ends inside its JSON";
        check_entries("{\"l\":[{\"a\":1},{\"a\"", &["l"], &["l {\"a\":1}"], Some((cut, 18)));
    }

    #[test]
    fn lines_are_read_whatever_stands_between() {
        check_lines("x\n {\"a\":1}\n{not}\n[1]\n{\"a\":2} tail\n", &["{\"a\":1}", "{\"a\":2}"], None);
        check_lines("{\"a\":1}\n{\"b\":", &["{\"a\":1}"], Some(("cut short: a line that begins as JSON", 13)));
        check_lines("{\"a\" 1}\n{}", &["{}"], Some(("not valid JSON: a line that begins as JSON", 5)));
    }

    #[test]
    fn values_of_wrong_types_lose_only_themselves() {
        let value: Value = serde_json::json!({"a": {"b": [7, {"c": "9"}]}, "n": -1, "e": ""});
        assert_eq!(number(at(&value, "a.b.0")), Some(7));
        assert_eq!(number(at(&value, "a.b.1.c")), Some(9));
        assert_eq!(text(at(&value, "a.b.0")), Some("7".to_owned()));
        assert_eq!((number(at(&value, "n")), text(at(&value, "e"))), (None, None));
        assert!(at(&value, "a.b.5.c.d").is_null() && at(&Value::Null, "a").is_null());
    }
}
