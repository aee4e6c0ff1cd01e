//! Pyright's and basedpyright's text.

use super::clue::{Columns, Spot, Trust};
use super::lines::{Found, Out, Tool, colon, is_file, named_level, recognise, rule_at_end};
use super::{Format, Kind, lines};

/// `  path:line:column - error: text (rule)` below the path,
/// <https://microsoft.github.io/pyright/#/command-line>.
pub static FORMAT: Format = Format {
    name: "pyright",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 30),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind =
    lines::Kind { name: "pyright", source: "pyright", tool: || Box::new(Pyright::default()) };

#[derive(Default)]
struct Pyright {
    /// The path of the heading, for lines that have none.
    path: String,
    open: bool,
}

impl Tool for Pyright {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        if !line.starts_with([' ', '\u{A0}']) {
            self.open = false;
            if is_file(line) || line.starts_with('/') && line.ends_with(".py") {
                line.clone_into(&mut self.path);
            }
            if !line.contains(" - ") {
                return false;
            }
        }
        if let Some((spot, level, text)) = self.header(line.trim()) {
            out.found(Found { level, message: text.to_owned(), spot, ..Found::default() });
            self.open = true;
        } else if self.open {
            out.more(line.trim_start_matches([' ', '\u{A0}']));
        } else {
            return false;
        }
        // The rule comes at the end of the last line.
        if let Some(last) = out.last() {
            let (text, rule) = rule_at_end(&last.message, ['(', ')']);
            if let Some(rule) = rule.filter(|rule| rule.starts_with("report")).map(str::to_owned) {
                (last.message, last.rule) = (text.to_owned(), Some(rule));
            }
        }
        true
    }
}

impl Pyright {
    fn header<'l>(&self, line: &'l str) -> Option<(Spot, crate::model::finding::Level, &'l str)> {
        let (spot, rest) = match colon(line) {
            Some(place) => (place.spot(Columns::Utf16), place.rest),
            // Older versions: `12:5 - error: text`.
            None => {
                let (line, rest) = line.split_once(':')?;
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                let mut spot = Spot::new(self.path.as_str(), Some(line.parse().ok()?), Trust::Exact);
                spot.column = Some(rest[..digits].parse().ok()?);
                spot.columns = Columns::Utf16;
                (spot, &rest[digits..])
            }
        };
        let (word, text) = rest.strip_prefix(" - ")?.split_once(": ")?;
        Some((spot, named_level(word).filter(|_| !word.contains(' '))?, text))
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn further_lines_and_the_rule_at_the_end() {
        let text = "/w/pkg/bad.py
  /w/pkg/bad.py:9:16 - error: \"x\" is not defined (reportUndefinedVariable)
  /w/pkg/bad.py:21:16 - warning: Type \"Literal['text']\" is not assignable
  \u{A0}\u{A0}\"Literal['text']\" is not assignable to \"int\" (reportReturnType)
/w/b.py
  2:5 - information: old
3 errors, 1 warning, 0 informations
";
        let found = [
            "error /w/pkg/bad.py:9:16 reportUndefinedVariable: \"x\" is not defined",
            "warning /w/pkg/bad.py:21:16 reportReturnType: Type \"Literal['text']\" is not assignable\n\"Literal['text']\" is not assignable to \"int\"",
            "notice /w/b.py:2:5 -: old",
        ];
        check("pyright", text, &found);
    }
}
