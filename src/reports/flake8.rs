//! Flake8's text, Ruff's `concise`, pycodestyle's and pydocstyle's.

use super::clue::{Columns, Spot, Trust};
use super::lines::{Found, Out, Tool, colon, recognise};
use super::{Format, Kind, lines};
use crate::model::finding::Level;

/// `path:line:column: E501 text`, <https://flake8.pycqa.org/en/latest/user/options.html>.
pub static FORMAT: Format = Format {
    name: "flake8",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 30),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind = lines::Kind { name: "flake8", source: "flake8", tool: || Box::new(Flake8::default()) };

#[derive(Default)]
struct Flake8 {
    /// The place of the message on the next line: pydocstyle's.
    heading: Option<Spot>,
}

impl Tool for Flake8 {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        if let Some(spot) = self.heading.take().filter(|_| line.starts_with(' '))
            && let Some((rule, message)) = line.trim().split_once(": ")
            && let Some(level) = code(rule)
        {
            let (rule, message) = (Some(rule.to_owned()), message.to_owned());
            out.found(Found { level, rule, message, spot, source: Some("pydocstyle"), ..Found::default() });
            return true;
        }
        let Some(place) = colon(line).filter(|place| place.is_plain() || place.path.ends_with(".py")) else {
            return false;
        };
        if place.rest.ends_with(':') && (place.rest.starts_with(" at ") || place.rest.starts_with(" in ")) {
            self.heading = Some(Spot::new(place.path, Some(place.line), Trust::Exact));
            return true;
        }
        let Some(mut found) = place.message().and_then(coded) else { return false };
        // Pyflakes takes its columns from Python's syntax tree, which counts bytes.
        let bytes = found.source.is_none() && found.rule.as_ref().is_some_and(|rule| rule.starts_with('F'));
        found.spot = place.spot(if bytes { Columns::Bytes } else { Columns::Points });
        out.found(found);
        true
    }
}

/// `E501 text`, `F401 [*] text`, `invalid-syntax: text`
fn coded(text: &str) -> Option<Found> {
    if let Some(message) = text.strip_prefix("invalid-syntax: ").or_else(|| text.strip_prefix("SyntaxError: ")) {
        let rule = Some("invalid-syntax".to_owned());
        let message = message.to_owned();
        return Some(Found { level: Level::Error, rule, message, source: Some("ruff"), ..Found::default() });
    }
    let (rule, text) = text.split_once(' ')?;
    let mut level = code(rule)?;
    let mut source = None;
    let mut message = text;
    if let Some(fixable) = text.strip_prefix("[*] ") {
        (level, message, source) = (Level::Error, fixable, Some("ruff"));
    }
    Some(Found { level, rule: Some(rule.to_owned()), message: message.to_owned(), source, ..Found::default() })
}

/// The level of a code, if it is one: letters and digits. Errors of style are errors, too, as
/// Flake8 has no levels and fails for all of them alike; other plugins' findings are warnings.
pub fn code(word: &str) -> Option<Level> {
    let letters = word.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = word.len() - letters;
    let whole = word[letters..].bytes().all(|byte| byte.is_ascii_digit());
    let shape = (1..=6).contains(&letters) && (1..=5).contains(&digits) && whole;
    shape.then(|| if matches!(&word[..letters], "E" | "F") { Level::Error } else { Level::Warning })
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::{check, check_unknown};

    #[test]
    fn every_tool_with_codes() {
        let text = "./a b.py:1:1: F401 'os' imported but unused
import os
^
pkg/bad.py:27:80: E501 line too long (126 > 79 characters)
pkg/bad.py:2:16: W291 trailing whitespace
a.py:1:8: F401 [*] `os` imported but unused
a.py:1:12: invalid-syntax: Expected `)`
pkg/__init__.py:1 at module level:
        D104: Missing docstring in public package
1     E231 missing whitespace after ','
Found 17 errors.
";
        let found = [
            "error ./a b.py:1:1 F401: 'os' imported but unused",
            "error pkg/bad.py:27:80 E501: line too long (126 > 79 characters)",
            "warning pkg/bad.py:2:16 W291: trailing whitespace",
            "error a.py:1:8 F401: `os` imported but unused",
            "error a.py:1:12 invalid-syntax: Expected `)`",
            "warning pkg/__init__.py:1 D104: Missing docstring in public package",
        ];
        check("flake8", text, &found);
        check_unknown("Found 17 errors.\n1     E231 missing\n");
    }
}
