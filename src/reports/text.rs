//! Text that no tool's own format claims, in which lines begin with a place:
//! the last resort.

use super::clue::{Columns, Spot, Trust};
use super::lines::{Found, Out, Place, Tool, bracket, colon, is_rule, level_word, named_level, recognise, rule_at_end};
use super::{Format, Kind, lines};
use crate::model::finding::Level;

/// `path:line:column: text`, `path:line: text` and their kin.
pub static FORMAT: Format = Format {
    name: "text",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 14),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind = lines::Kind { name: "text", source: "", tool: || Box::new(Text) };

struct Text;

impl Tool for Text {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        let found = plain(line)
            .or_else(|| level_first(line))
            .or_else(|| brackets(line))
            .or_else(|| kotlin(line))
            .or_else(|| php(line));
        found.map(|found| out.found(found)).is_some()
    }
}

/// `path:1:2: text`, also a little to the right, as lists of them may stand.
fn plain(line: &str) -> Option<Found> {
    let inner = line.trim_start_matches(' ');
    if line.len() - inner.len() > 2 {
        return None;
    }
    let place = colon(inner).filter(is_sure)?;
    let text = match place.rest.strip_prefix(':') {
        Some(text) => text,
        // Without a colon there must be a level.
        None => place.rest.strip_prefix([' ', '\t']).filter(|text| worded(text.trim_start()).is_some())?,
    };
    if text.starts_with(['/', ':']) || text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    describe(place.spot(Columns::Points), text.trim())
}

/// `ERROR: path:1:2 - text`, `[path:1:2] text`
fn level_first(line: &str) -> Option<Found> {
    if let Some((place, text)) = line.strip_prefix('[').and_then(|line| line.split_once("] ")) {
        let place = colon(place).filter(|place| place.rest.is_empty() && is_sure(place))?;
        return describe(place.spot(Columns::Points), text);
    }
    let (level, _, rest) = level_word(line)?;
    let place = colon(rest).filter(is_sure)?;
    let text = place.rest.strip_prefix(" - ").or_else(|| place.rest.strip_prefix(": "))?;
    Some(Found { level, ..describe(place.spot(Columns::Points), text)? })
}

/// `path[1, 2]: text`, `path(1,2): text`
fn brackets(line: &str) -> Option<Found> {
    if let Some(place) = bracket(line).filter(is_sure) {
        return describe(place.spot(Columns::Points), place.message()?);
    }
    let (path, rest) = line.split_once('[')?;
    let (numbers, text) = rest.split_once("]: ")?;
    let line = format!("{path}({numbers})");
    let place = bracket(&line).filter(|place| place.rest.is_empty() && is_sure(place) && place.column.is_some())?;
    describe(place.spot(Columns::Utf16), text)
}

/// `e: file:///path:1:2 text`, and before Kotlin 1.8 `e: /path: (1, 2): text`
fn kotlin(line: &str) -> Option<Found> {
    let (letter, rest) = line.split_once(": ")?;
    let level = match letter {
        "e" => Level::Error,
        "w" => Level::Warning,
        "i" => Level::Notice,
        _ => return None,
    };
    if let Some((path, rest)) = rest.split_once(": (") {
        let (numbers, text) = rest.split_once("): ")?;
        let (number, column) = numbers.split_once(", ")?;
        let mut spot = Spot::new(path, Some(number.parse().ok()?), Trust::Exact);
        spot.column = column.parse().ok();
        return Some(Found { level, message: text.to_owned(), spot, source: Some("kotlinc"), ..Found::default() });
    }
    let place = colon(rest).filter(|place| place.column.is_some())?;
    let message = place.rest.trim_start_matches(':').trim().to_owned();
    Some(Found { level, message, spot: place.spot(Columns::Utf16), source: Some("kotlinc"), ..Found::default() })
}

/// `PHP Parse error:  text in path on line 3`; without `PHP` PHP says it once more.
fn php(line: &str) -> Option<Found> {
    let (word, rest) = line.strip_prefix("PHP ")?.split_once(": ")?;
    let (rest, number) = rest.rsplit_once(" on line ")?;
    let (text, path) = rest.rsplit_once(" in ")?;
    let level = match word {
        "Notice" | "Deprecated" => Level::Notice,
        "Warning" => Level::Warning,
        _ => Level::Error,
    };
    let spot = Spot::new(path, Some(number.trim().parse().ok()?), Trust::Exact);
    Some(Found { level, message: text.trim().to_owned(), spot, source: Some("php"), ..Found::default() })
}

/// Whether it is a file and not a host or an hour: nothing around it says that it is a place.
fn is_sure(place: &Place) -> bool {
    let drive = place.path.get(1..3).is_some_and(|part| part == ":\\" || part == ":/");
    let rest = if drive { &place.path[2..] } else { place.path };
    place.is_plain() && !rest.contains(':') && !rest.starts_with('-')
}

/// What a tool may wrap around a message: the level in front, in brackets or behind; the rule behind.
fn describe(spot: Spot, text: &str) -> Option<Found> {
    // Ruby's frames.
    if text.is_empty() || text.starts_with("in `") || text.starts_with("in '") {
        return None;
    }
    let mut found = Found { spot, ..Found::default() };
    let mut text = text;
    if let Some((level, rule, rest)) = worded(text) {
        (found.level, found.rule, text) = (level, rule.map(str::to_owned), rest);
    }
    // `text [Error/rule]`, `text (rule) [error]`
    let (rest, last) = rule_at_end(text, ['[', ']']);
    let (word, rule) = last.map_or(("", None), |last| match last.split_once('/') {
        Some((word, rule)) => (word, Some(rule)),
        None => (last, None),
    });
    if let Some(level) = named_level(word) {
        (found.level, text) = (level, rest);
        found.rule = found.rule.or(rule.map(str::to_owned));
    } else if last.is_some() && found.rule.is_none() {
        (found.rule, text) = (last.map(str::to_owned), rest);
    }
    // `text [Warning/plugin(rule)]` has brackets in its brackets.
    if let Some((rest, inner)) = text.strip_suffix(']').and_then(|text| text.rsplit_once(" ["))
        && let Some((word, rule)) = inner.split_once('/')
        && let Some(level) = named_level(word)
    {
        (found.level, found.rule, text) = (level, Some(rule.to_owned()), rest);
    }
    // `text (rule) (warning)`
    let (rest, word) = rule_at_end(text, ['(', ')']);
    if let Some(level) = word.and_then(named_level) {
        (found.level, text) = (level, rest);
    }
    if found.rule.is_none() {
        let (rest, rule) = rule_at_end(text, ['(', ')']);
        (found.rule, text) = (rule.map(str::to_owned), rest);
    }
    found.message = text.trim().to_owned();
    (!found.message.is_empty()).then_some(found)
}

/// `error: text`, `[error] text`, `error - text`, `error[rule] text`, `error text`
fn worded(text: &str) -> Option<(Level, Option<&str>, &str)> {
    if let Some((word, rest)) = text.strip_prefix('[').and_then(|text| text.split_once("] ")) {
        return match named_level(word) {
            Some(level) => Some((level, None, rest)),
            None => is_rule(word).then_some((Level::Warning, Some(word), rest)),
        };
    }
    if let Some((level, code, rest)) = level_word(text) {
        return Some((level, code, rest));
    }
    let (word, rest) = text.split_once(' ')?;
    if let Some((word, code)) = word.strip_suffix(']').and_then(|word| word.split_once('[')) {
        return Some((named_level(word)?, Some(code), rest));
    }
    let level = named_level(word)?;
    Some((level, None, rest.strip_prefix("- ").unwrap_or(rest)))
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::{check, check_unknown};

    #[test]
    fn places_in_front() {
        let text = "Checking 5 files
lint/b.js:1:11: Unexpected token [Error]
lint/t.ts:2:10: 'g' is declared. [Warning/eslint(no-unused-vars)]
/w/a.css:1:3: Too many, maximum 1 (declaration-max) [error]
conf/a.yml:7:81: [error] line too long (101 > 80 characters) (line-length)
.github/x.yml:7: plain text
  /w/a.js:1:1: Unexpected var. (no-var) (warning)
src/Calc.hs:11:18: Suggestion: Redundant bracket
a.php:258:4:error - InvalidGlobal: Cannot use
a/b.php:63:Call to static method
ERROR: src/a.ts:4:2 - Missing semicolon
[a.proto:11:5] Found an incorrect indentation
a.cpp(824):  Tab found  [whitespace/tab] [1]
path/to/file1.ts[418, 38]: ' should be \"
e: file:///w/App.kt:12:5 Unresolved reference
w: /w/Old.kt: (214, 35): deprecated
PHP Parse error:  syntax error in /w/x.php on line 3
main.py:1:2: error[unresolved-import] Cannot resolve
C:\\w\\a.lua:5:17: trailing whitespace
";
        let found = [
            "error lint/b.js:1:11 -: Unexpected token",
            "warning lint/t.ts:2:10 eslint(no-unused-vars): 'g' is declared.",
            "error /w/a.css:1:3 declaration-max: Too many, maximum 1",
            "error conf/a.yml:7:81 line-length: line too long (101 > 80 characters)",
            "warning .github/x.yml:7 -: plain text",
            "warning /w/a.js:1:1 no-var: Unexpected var.",
            "notice src/Calc.hs:11:18 -: Redundant bracket",
            "error a.php:258:4 -: InvalidGlobal: Cannot use",
            "warning a/b.php:63 -: Call to static method",
            "error src/a.ts:4:2 -: Missing semicolon",
            "warning a.proto:11:5 -: Found an incorrect indentation",
            "warning a.cpp:824 -: Tab found  [whitespace/tab] [1]",
            "warning path/to/file1.ts:418:38 -: ' should be \"",
            "error file:///w/App.kt:12:5 -: Unresolved reference",
            "warning /w/Old.kt:214:35 -: deprecated",
            "error /w/x.php:3 -: syntax error",
            "error main.py:1:2 unresolved-import: Cannot resolve",
            "warning C:\\w\\a.lua:5:17 -: trailing whitespace",
        ];
        check("text", text, &found);
    }

    #[test]
    fn what_only_looks_like_a_place() {
        let text = "2022-06-03 11:02:17: started
2022-06-03T11:02:17 INFO x
11:02:17.123: x
http://localhost:8080: listening
localhost:8080: listening
example.com:443: connected
127.0.0.1:80: x
    at Object.<anonymous> (src/a.js:1:2)
src/a.rs:10:5
lib/calc.rb:7:in `div'
thread 'main' panicked at src/main.rs:2:5:
  File \"x.py\", line 3
Error in foo.c:12: nothing
image: repo/app:1.2.3: pulled
INFO:root:12: x
a.js:12:30:45: time
";
        check_unknown(text);
    }
}
