//! ESLint's and stylelint's `compact`, and JSHint's text.

use super::clue::{Columns, Spot, Trust};
use super::lines::{Found, Out, Tool, named_level, recognise, rule_at_end};
use super::{Format, Kind, lines};
use crate::model::finding::Level;

/// `path: line 1, col 2, Error - text (rule)`.
pub static FORMAT: Format = Format {
    name: "compact",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 30),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind = lines::Kind { name: "compact", source: "eslint", tool: || Box::new(Compact) };

struct Compact;

impl Tool for Compact {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        found(line).map(|found| out.found(found)).is_some()
    }
}

fn found(line: &str) -> Option<Found> {
    let (path, rest) = line.split_once(": line ")?;
    let (number, rest) = rest.split_once(", ")?;
    let (column, rest) = rest.strip_prefix("col ")?.split_once(", ")?;
    let mut spot = Spot::new(path, Some(number.parse().ok()?), Trust::Exact);
    spot.column = column.parse().ok().filter(|column| *column > 0);
    spot.columns = Columns::Utf16;
    let worded = rest.split_once(" - ").and_then(|(word, text)| Some((named_level(word)?, text)));
    let (level, text) = worded.unwrap_or((Level::Error, rest));
    let (message, rule) = rule_at_end(text, ['(', ')']);
    Some(Found { level, rule: rule.map(str::to_owned), message: message.to_owned(), spot, ..Found::default() })
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::{check, check_unknown};

    #[test]
    fn every_tool() {
        let text = "/path/to/a b.js: line 2, col 10, Error - 'f' is defined but never used. (no-unused-vars)
C:\\x.css: line 1, col 3, warning - Too many, maximum 1 (declaration-max)
c.js: line 7, col 20, Missing semicolon. (W033)

3 problems
";
        let found = [
            "error /path/to/a b.js:2:10 no-unused-vars: 'f' is defined but never used.",
            "warning C:\\x.css:1:3 declaration-max: Too many, maximum 1",
            "error c.js:7:20 W033: Missing semicolon.",
        ];
        check("compact", text, &found);
        check_unknown("bash: line 12: foo: command not found\n");
    }
}
