//! Pylint's text in its forms: `text`, `colorized`, `parseable`, `msvs`, and the
//! oldest; Flake8 and Ruff have a format named after it.

use super::clue::{Columns, Spot, Trust};
use super::flake8;
use super::lines::{Found, Out, Place, Tool, bracket, colon, recognise, rule_at_end};
use super::pylint_json::level;
use super::{Format, Kind, lines};
use crate::model::finding::Level;

/// `path:line:column: C0114: text (symbol)`, `path:line: [C0114(symbol), object] text`,
/// <https://pylint.readthedocs.io/en/latest/user_guide/usage/output.html>.
pub static FORMAT: Format = Format {
    name: "pylint",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 30),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind = lines::Kind { name: "pylint", source: "pylint", tool: || Box::new(Pylint::default()) };

#[derive(Default)]
struct Pylint {
    /// The file of the module that a header named, for messages that have no path.
    module: String,
}

impl Tool for Pylint {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        if let Some(module) = line.strip_prefix("************* Module ") {
            let module = module.trim();
            let path = module.contains('/') || module.ends_with(".py");
            self.module = if path { module.to_owned() } else { format!("{}.py", module.replace('.', "/")) };
            return true;
        }
        let found =
            colon(line).and_then(of_place).or_else(|| bracket(line).and_then(of_place)).or_else(|| self.old(line));
        found.map(|found| out.found(found)).is_some()
    }
}

fn of_place(place: Place) -> Option<Found> {
    let text = place.message()?;
    let (level, rule, message, source) = parseable(text).or_else(|| symbolic(text))?;
    let mut spot = place.spot(Columns::Bytes);
    // Columns count from 0.
    spot.column = place.column.map(|column| column + 1);
    Some(Found { level, rule, message, spot, source, ..Found::default() })
}

type Parts = (Level, Option<String>, String, Option<&'static str>);

/// `C0114: text (symbol)`
fn symbolic(text: &str) -> Option<Parts> {
    let (id, text) = text.split_once(": ")?;
    let (message, symbol) = rule_at_end(text, ['(', ')']);
    is_id(id).then(|| (level(id).unwrap_or_default(), Some(symbol.unwrap_or(id).to_owned()), message.to_owned(), None))
}

/// `[C0114(symbol), object] text`, `[(symbol), ] text`, `[F401] text`
fn parseable(text: &str) -> Option<Parts> {
    let (inner, message) = text.strip_prefix('[')?.split_once(']')?;
    let id = inner.split(['(', ',']).next().unwrap_or_default();
    let symbol = inner.split_once('(').and_then(|(_, rest)| rest.split(')').next());
    if symbol.is_none() && !is_id(id) {
        let level = if id == "invalid-syntax" { Level::Error } else { flake8::code(id)? };
        return Some((level, Some(id.to_owned()), message.trim().to_owned(), Some("flake8")));
    }
    let known = is_id(id) || id.is_empty();
    known.then(|| {
        (level(id).unwrap_or_default(), Some(symbol.unwrap_or(id).to_owned()), message.trim().to_owned(), None)
    })
}

/// One letter and four digits.
fn is_id(id: &str) -> bool {
    id.len() == 5 && id.as_bytes()[0].is_ascii_uppercase() && id[1..].bytes().all(|byte| byte.is_ascii_digit())
}

impl Pylint {
    /// `C: 12, 0: text (symbol)` below the name of its module.
    fn old(&self, line: &str) -> Option<Found> {
        let (letter, rest) = line.split_once(':')?;
        let (numbers, text) = rest.split_once(": ")?;
        let (line, column) = numbers.split_once(',')?;
        let level = level(letter).filter(|_| letter.len() == 1 && !self.module.is_empty())?;
        let (message, symbol) = rule_at_end(text, ['(', ')']);
        let mut spot = Spot::new(self.module.as_str(), Some(line.trim().parse().ok()?), Trust::Exact);
        spot.column = column.trim().parse::<u32>().ok()?.checked_add(1);
        spot.columns = Columns::Bytes;
        Some(Found { level, rule: symbol.map(str::to_owned), message: message.to_owned(), spot, ..Found::default() })
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn every_form() {
        let text = "************* Module pkg.wide
pkg/wide.py:1:0: C0114: Missing module docstring (missing-module-docstring)
pkg/wide.py:2:33: E0602: Undefined variable 'x' (undefined-variable)
************* Module src/none.py
src/none.py:1: [F0001(fatal), ] No module named x
src/a.py:16: [C0326(bad-whitespace), f] Exactly one space
            encoded=encoded + letters[x]
                   ^
src/a.py:34: [(unused-import), ] Unused import deadbeef
src/a.py:35: [Z9999(new-issue), ] no such category
b.py(27): [R0903(too-few)Class.f] Too few
c.py:7: [F401] 'db' imported but unused
c.py:7: [W0611, f] old
c.py:8: [invalid-syntax] Expected
************* Module pkg.mod
C: 12, 4: Old text (old-symbol)

Your code has been rated at -0.40/10 (previous run: -0.40/10, +0.00)
";
        let found = [
            "notice pkg/wide.py:1:1 missing-module-docstring: Missing module docstring",
            "error pkg/wide.py:2:34 undefined-variable: Undefined variable 'x'",
            "error src/none.py:1 fatal: No module named x",
            "notice src/a.py:16 bad-whitespace: Exactly one space",
            "warning src/a.py:34 unused-import: Unused import deadbeef",
            "warning src/a.py:35 new-issue: no such category",
            "notice b.py:27 too-few: Too few",
            "error c.py:7 F401: 'db' imported but unused",
            "warning c.py:7 W0611: old",
            "error c.py:8 invalid-syntax: Expected",
            "notice pkg/mod.py:12:5 old-symbol: Old text",
        ];
        check("pylint", text, &found);
    }
}
