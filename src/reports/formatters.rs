//! What formatters say when they only check: Prettier, Black, Ruff, rustfmt,
//! isort. They name files, few of them lines.

use super::clue::{Columns, Spot, Trust};
use super::lines::{Found, Out, Tool, colon, is_file, recognise};
use super::{Format, Kind, lines};
use crate::model::finding::Level;

/// `[warn] path`, `would reformat path`, `Diff in path:12:`, `ERROR: path Imports are …`.
pub static FORMAT: Format = Format {
    name: "formatters",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 18),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind = lines::Kind { name: "formatters", source: "", tool: || Box::new(Formatters) };

/// What is said of a file that has no message of its own.
const UNFORMATTED: &str = "not formatted";

struct Formatters;

impl Tool for Formatters {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        let found = prettier(line).or_else(|| python(line)).or_else(|| rust(line)).or_else(|| isort(line));
        found.map(|found| out.found(found)).is_some()
    }
}

/// `[warn] path`, `[error] path: SyntaxError: text (1:11)`
fn prettier(line: &str) -> Option<Found> {
    if let Some(path) = line.strip_prefix("[warn] ") {
        return unformatted(path, "prettier");
    }
    let (path, text) = line.strip_prefix("[error] ")?.split_once(": ")?;
    let (text, place) = text.strip_suffix(')')?.rsplit_once(" (")?;
    let mut found = unformatted(path, "prettier")?;
    found.spot = placed(path, place)?;
    (found.level, found.message) = (Level::Error, text.to_owned());
    Some(found)
}

/// `would reformat path`, `Would reformat: path`, `error: cannot format path: Cannot parse: 1:3: text`
fn python(line: &str) -> Option<Found> {
    if let Some(path) = line.strip_prefix("would reformat ") {
        return unformatted(path, "black");
    }
    if let Some(path) = line.strip_prefix("Would reformat: ") {
        return unformatted(path, "ruff");
    }
    let (path, text) = line.strip_prefix("error: cannot format ")?.split_once(": ")?;
    let mut found = unformatted(path, "black")?;
    (found.level, found.message) = (Level::Error, text.to_owned());
    if let Some((place, message)) =
        text.strip_prefix("Cannot parse").and_then(|text| text.split_once(": ")?.1.split_once(": "))
        && let Some(spot) = placed(path, place)
    {
        (found.spot, found.message) = (spot, message.to_owned());
    }
    Some(found)
}

/// `Diff in path:12:`, before 1.73 `Diff in path at line 12:`
fn rust(line: &str) -> Option<Found> {
    let rest = line.strip_prefix("Diff in ")?.strip_suffix(':')?;
    let spot = match rest.rsplit_once(" at line ") {
        Some((path, number)) => Spot::new(path, Some(number.parse().ok()?), Trust::Exact),
        None => colon(rest)?.spot(Columns::Points),
    };
    Some(Found { spot, message: UNFORMATTED.to_owned(), source: Some("rustfmt"), ..Found::default() })
}

/// `ERROR: path Imports are incorrectly sorted and/or formatted.`
fn isort(line: &str) -> Option<Found> {
    let (path, text) = line.strip_prefix("ERROR: ")?.split_once(" Imports are ")?;
    let found = unformatted(path, "isort")?;
    Some(Found { level: Level::Error, message: format!("Imports are {text}"), ..found })
}

fn unformatted(path: &str, source: &'static str) -> Option<Found> {
    let spot = Spot { path: path.to_owned(), ..Spot::default() };
    let found = Found { spot, message: UNFORMATTED.to_owned(), source: Some(source), ..Found::default() };
    is_file(&path.replace(' ', "_")).then_some(found)
}

/// A place that stands apart from its path: `1:11`.
fn placed(path: &str, place: &str) -> Option<Spot> {
    let (line, column) = place.split_once(':')?;
    let mut spot = Spot::new(path, Some(line.parse().ok()?), Trust::Exact);
    spot.column = column.parse().ok().filter(|column| *column > 0);
    Some(spot)
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::{check, check_unknown};

    #[test]
    fn files_and_places() {
        let text = "Checking formatting...
[warn] lint/a b.css
[error] lint/broken.js: SyntaxError: Unexpected token (1:11)
[error] > 1 | const x = ;
[warn] Code style issues found in 2 files. Run Prettier with --write to fix.
would reformat /w/a.py
Would reformat: b.py
error: cannot format /w/c.py: Cannot parse: 1:3: jan~20
error: cannot format d.py: Cannot parse for target version Python 3.13: 5:1: x
Oh no! 💥 💔 💥
2 files would be reformatted.
Diff in /w/src/main.rs:12:
 fn main() {
Diff in /w/src/old.rs at line 3:
ERROR: /app/main.py Imports are incorrectly sorted and/or formatted.
";
        let found = [
            "warning lint/a b.css -: not formatted",
            "error lint/broken.js:1:11 -: SyntaxError: Unexpected token",
            "warning /w/a.py -: not formatted",
            "warning b.py -: not formatted",
            "error /w/c.py:1:3 -: jan~20",
            "error d.py:5:1 -: x",
            "warning /w/src/main.rs:12 -: not formatted",
            "warning /w/src/old.rs:3 -: not formatted",
            "error /app/main.py -: Imports are incorrectly sorted and/or formatted.",
        ];
        check("formatters", text, &found);
        check_unknown("[warn] deprecated option\nDiff in time:\nERROR: x\n");
    }
}
