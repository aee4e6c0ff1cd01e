//! Biome's own text.

use super::clue::{Columns, Spot};
use super::lines::{Found, Out, Tool, colon, is_file, recognise};
use super::{Format, Kind, lines};
use crate::model::finding::Level;

/// `path:line:column rule  FIXABLE ━━━`, and below it a mark and the text,
/// <https://biomejs.dev/reference/reporters/#default>.
pub static FORMAT: Format = Format {
    name: "biome",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 34),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind = lines::Kind { name: "biome", source: "biome", tool: || Box::new(Biome::default()) };

#[derive(Default)]
struct Biome {
    /// The heading whose text is still to come.
    heading: Option<Found>,
}

impl Tool for Biome {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        if line.ends_with("━━") {
            self.heading = heading(line.trim_end_matches('━').trim_end());
            return true;
        }
        let Some(heading) = &self.heading else { return false };
        let Some((mark, text)) = line.trim().split_once(' ') else { return line.trim().is_empty() };
        let level = match mark {
            "×" | "✖" | "x" => Level::Error,
            "!" | "⚠" => Level::Warning,
            "i" | "ℹ" => Level::Notice,
            _ => return false,
        };
        out.found(Found { level, message: text.trim_start().to_owned(), ..heading.clone() });
        self.heading = None;
        true
    }
}

fn heading(line: &str) -> Option<Found> {
    let words = |rest: &str| rest.split_whitespace().next().map(str::to_owned);
    if let Some(place) = colon(line) {
        return Some(Found { rule: Some(words(place.rest)?), spot: place.spot(Columns::Points), ..Found::default() });
    }
    // Of a file as a whole: `path format ━━━`; `lint ━━━` is the end.
    let (path, rest) = line.split_once(' ')?;
    let spot = Spot { path: path.to_owned(), ..Spot::default() };
    is_file(path).then(|| Some(Found { rule: Some(words(rest)?), spot, ..Found::default() }))?
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn headings_and_texts() {
        let text = "lint/a b.js:1:5 lint/correctness/noUnusedVariables  FIXABLE  ━━━━━━━━

  ! This variable unused is unused.
  
  > 1 │ var unused = 1;
  i Unused variables are often the result of typos.

lint/a.css:1:24 parse ━━━━━━━━━━━━

  × Invalid color

lint/a.css format ━━━━━━━━━━━━

  × Formatter would have printed the following content:

Found 2 errors.
lint ━━━━━━━━━━━━━━━━━━

  × Some errors were emitted while running checks.
";
        let found = [
            "warning lint/a b.js:1:5 lint/correctness/noUnusedVariables: This variable unused is unused.",
            "error lint/a.css:1:24 parse: Invalid color",
            "error lint/a.css format: Formatter would have printed the following content:",
        ];
        check("biome", text, &found);
    }
}
