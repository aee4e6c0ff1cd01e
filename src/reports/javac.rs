//! javac's text, also through ant and Gradle; scalac and groovyc write alike.

use super::clue::Columns;
use super::lines::{Found, Out, Tool, caret, colon, is_rule, level_word, recognise};
use super::{Format, Kind, lines};
use crate::model::finding::Level;

/// `Path.java:line: error: text`, the line of the source and a caret,
/// <https://docs.oracle.com/en/java/javase/21/docs/specs/man/javac.html>.
pub static FORMAT: Format = Format {
    name: "javac",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 30),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind = lines::Kind { name: "javac", source: "javac", tool: || Box::new(Javac::default()) };

/// How many lines may stand between a message and its caret.
const LINES: usize = 12;

#[derive(Default)]
struct Javac {
    /// Lines since the message whose caret has not come yet.
    waiting: Option<Vec<String>>,
    /// Whether the caret has come: details follow.
    details: bool,
    found: bool,
}

impl Tool for Javac {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        if self.finds(line, out) {
            self.found = true;
            self.details = false;
            return true;
        }
        if let Some(column) = caret(line)
            && let Some(mut waiting) = self.waiting.take()
        {
            // Before the source come further lines of the message.
            waiting.pop();
            waiting.iter().for_each(|text| out.more(text));
            if let Some(last) = out.last() {
                last.spot.column = Some(column + 1);
            }
            self.details = true;
            return true;
        }
        let other = colon(line).is_some_and(|place| place.is_plain() && place.rest.starts_with(':'));
        if let Some(waiting) = self.waiting.as_mut().filter(|waiting| waiting.len() < LINES && !other) {
            waiting.push(line.to_owned());
            return true;
        }
        self.waiting = None;
        self.details &= line.starts_with("  ");
        if self.details && !line.trim_start().starts_with("where ") && !line.starts_with("    ") {
            out.more(line);
        }
        self.details
    }
}

impl Javac {
    fn finds(&mut self, line: &str, out: &mut Out) -> bool {
        let place = colon(line).filter(|place| {
            [".java", ".scala", ".groovy"].iter().any(|extension| place.path.ends_with(extension))
                && place.rest.starts_with(": ")
        });
        let text = place.and_then(|place| place.message()).unwrap_or(line);
        let (level, text) = match level_word(text) {
            Some((Level::Notice, ..)) => return place.is_some(),
            Some((level, _, text)) => (level, text),
            // Before Java 7 an error had no word.
            None if place.is_some() => (Level::Error, text),
            None => return false,
        };
        let (rule, message) = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
            Some((rule, text)) if is_rule(rule) => (Some(rule.to_owned()), text.trim_start()),
            _ => (None, text),
        };
        // Warnings and errors about no file come only with others, or with a name of javac's own.
        if place.is_none() && !(line.starts_with(|c: char| c.is_alphabetic()) && (self.found || rule.is_some())) {
            return false;
        }
        let spot = place.map(|place| place.spot(Columns::Utf16)).unwrap_or_default();
        self.waiting = (place.is_some() && spot.column.is_none()).then(Vec::new);
        out.found(Found { level, rule, message: message.to_owned(), spot, ..Found::default() });
        true
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn the_caret_gives_the_column() {
        let text = "> Task :compileJava
warning: [options] bootstrap class path not set
src/Bad.java:4: error: incompatible types: int
    required: String
    int f() { String s = 1; }
                         ^
  symbol:   variable undefined
  location: class Bad
  where E is a type-variable:
    E extends Object
    [javac] B.java:5: warning: [rawtypes] found raw type: List
    [javac]     List l;
    [javac]     ^
Note: Some input files use unchecked operations.
Note.java:1: エラー: 見つかりません
error: warnings found and -Werror specified
2 errors
2 warnings
";
        let found = [
            "warning - options: bootstrap class path not set",
            "error src/Bad.java:4:26 -: incompatible types: int\n    required: String\n  symbol:   variable undefined\n  location: class Bad",
            "warning B.java:5:5 rawtypes: found raw type: List",
            "error Note.java:1 -: 見つかりません",
            "error - -: warnings found and -Werror specified",
        ];
        check("javac", text, &found);
    }
}
