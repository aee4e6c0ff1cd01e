//! mypy's text.

use super::clue::{Columns, Spot};
use super::lines::{Found, Out, Tool, colon, is_rule, level_word, recognise};
use super::{Format, Kind, lines};
use crate::model::finding::Level;

/// `path:line:column:end:end: error: text  [code]`,
/// <https://mypy.readthedocs.io/en/stable/command_line.html#configuring-error-messages>.
pub static FORMAT: Format = Format {
    name: "mypy",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 30),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind = lines::Kind { name: "mypy", source: "mypy", tool: || Box::new(Mypy::default()) };

#[derive(Default)]
struct Mypy {
    /// How many more lines `--pretty` may wrap the message into, and the lines so far.
    wrapped: u32,
    more: String,
}

impl Tool for Mypy {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        if self.finds(line, out) {
            return true;
        }
        if self.wrapped == 0 || line.starts_with([' ', '\t']) || line.is_empty() {
            self.wrapped = 0;
            return false;
        }
        // A wrapped message ends with its code, or it was none.
        self.wrapped -= 1;
        self.more.push(' ');
        self.more.push_str(line);
        let (message, rule) = coded(&self.more);
        let Some(last) = out.last().filter(|_| rule.is_some()) else { return false };
        (last.message, last.rule) = (message.to_owned(), rule.map(str::to_owned));
        self.wrapped = 0;
        true
    }
}

impl Mypy {
    fn finds(&mut self, line: &str, out: &mut Out) -> bool {
        let place = colon(line).filter(|place| is_python(place.path));
        let (spot, text) = match place.and_then(|place| Some((place.spot(Columns::Bytes), place.message()?))) {
            Some(found) => found,
            // Of a file as a whole; the notes among them only say where the next lines are.
            None => match line.split_once(": ") {
                Some((path, text)) if is_python(path) => (Spot { path: path.to_owned(), ..Spot::default() }, text),
                Some(("mypy", text)) => (Spot::default(), text),
                _ => return false,
            },
        };
        let Some((level, _, text)) = level_word(text) else { return false };
        let note = level == Level::Notice && line.contains(": note: ");
        self.wrapped = 0;
        if note && spot.line.is_none() {
            out.close();
            return true;
        }
        // A note at the place of the error before belongs to it.
        if note && out.last().is_some_and(|last| last.spot.path == spot.path && last.spot.line == spot.line) {
            out.more(&format!("note: {text}"));
            return true;
        }
        let (message, rule) = coded(text);
        self.wrapped = if rule.is_none() { 4 } else { 0 };
        message.trim_end().clone_into(&mut self.more);
        let rule = rule.map(str::to_owned);
        out.found(Found { level, rule, message: message.to_owned(), spot, ..Found::default() });
        true
    }
}

fn is_python(path: &str) -> bool {
    [".py", ".pyi", ".pyx", ".ipynb"].iter().any(|extension| path.ends_with(extension))
}

/// `text  [code]`
fn coded(text: &str) -> (&str, Option<&str>) {
    let found = text.trim_end().strip_suffix(']').and_then(|text| text.rsplit_once(" ["));
    match found {
        Some((message, rule)) if is_rule(rule) => (message.trim_end(), Some(rule)),
        _ => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn notes_belong_to_the_error_before() {
        let text = "pkg/a.py: note: In function \"f\":
pkg/a.py:1:10:1:12: error: Incompatible types in assignment  [assignment]
pkg/a.py:23:5:24:33: error: Function is missing an annotation  [no-untyped-def]
pkg/a.py:23:5:24:33: note: Use \"-> None\"
pkg/a.py:30: note: Revealed type is \"int\"
b.pyi:3: warning: unused 'type: ignore' comment
c.py: error: Source file found twice
pkg/wide.py:1: error: Function is missing a return type annotation 
[no-untyped-def]
    def wide():
    ^~~~~~~~~~~
pkg/wide.py:9: error: Name \"x\"
is not defined  [name-defined]
Found 10 errors in 3 files (checked 3 source files)
";
        let found = [
            "error pkg/a.py:1:10-1:13 assignment: Incompatible types in assignment",
            "error pkg/a.py:23:5-24:34 no-untyped-def: Function is missing an annotation\nnote: Use \"-> None\"",
            "notice pkg/a.py:30 -: Revealed type is \"int\"",
            "warning b.pyi:3 -: unused 'type: ignore' comment",
            "error c.py -: Source file found twice",
            "error pkg/wide.py:1 no-untyped-def: Function is missing a return type annotation",
            "error pkg/wide.py:9 name-defined: Name \"x\" is not defined",
        ];
        check("mypy", text, &found);
    }
}
