//! RuboCop's text, and that of its kin: Standard, haml-lint, slim-lint.

use super::clue::{Columns, Spot, Trust};
use super::lines::{Found, Out, Tool, colon, is_rule, recognise};
use super::{Format, Kind, lines};
use crate::model::finding::Level;

/// `path:line:column: C: [Correctable] Cop/Name: text`, <https://docs.rubocop.org/rubocop/formatters.html>.
pub static FORMAT: Format = Format {
    name: "rubocop",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 30),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind =
    lines::Kind { name: "rubocop", source: "rubocop", tool: || Box::new(Rubocop::default()) };

#[derive(Default)]
struct Rubocop {
    /// The file that the `simple` format names in a heading.
    path: String,
}

impl Tool for Rubocop {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        if let Some(path) = line.strip_prefix("== ").and_then(|line| line.strip_suffix(" ==")) {
            path.clone_into(&mut self.path);
            return true;
        }
        let Some((spot, level, text)) = placed(line).or_else(|| self.simple(line)) else { return false };
        let text =
            ["[Correctable] ", "[Corrected] ", "[Todo] "].iter().find_map(|tag| text.strip_prefix(tag)).unwrap_or(text);
        let cop =
            text.split_once(": ").filter(|(cop, _)| is_rule(cop) && cop.starts_with(|c: char| c.is_ascii_uppercase()));
        let (rule, message) = cop.map_or((None, text), |(cop, message)| (Some(cop.to_owned()), message));
        out.found(Found { level, rule, message: message.to_owned(), spot, ..Found::default() });
        true
    }
}

/// `path:1:2: C: text`, `path:1 [W] text`, and Standard's `  path:1:2: Cop/Name: text`.
fn placed(line: &str) -> Option<(Spot, Level, &str)> {
    let place = colon(line.trim_start())?;
    let spot = place.spot(Columns::Points);
    let rest = place.rest.trim_start();
    if let Some((letter, text)) = rest.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        return Some((spot, letter_level(letter)?, text));
    }
    let text = place.message()?;
    let (word, rest) = text.split_once(": ")?;
    if let Some(level) = letter_level(word) {
        return Some((spot, level, rest));
    }
    let cop = word.contains('/') && word.starts_with(|c: char| c.is_ascii_uppercase()) && line.starts_with("  ");
    cop.then_some((spot, Level::Error, text))
}

impl Rubocop {
    /// `C:  1:  5: text` below the file's heading.
    fn simple<'l>(&self, line: &'l str) -> Option<(Spot, Level, &'l str)> {
        let (letter, rest) = line.split_once(':')?;
        let level = letter_level(letter).filter(|_| !self.path.is_empty())?;
        let (line, rest) = rest.split_once(':')?;
        let (column, text) = rest.split_once(": ")?;
        let mut spot = Spot::new(self.path.as_str(), Some(line.trim().parse().ok()?), Trust::Exact);
        spot.column = column.trim().parse().ok();
        Some((spot, level, text.trim_start()))
    }
}

fn letter_level(letter: &str) -> Option<Level> {
    match letter {
        "F" | "E" => Some(Level::Error),
        "W" => Some(Level::Warning),
        "C" | "R" | "I" => Some(Level::Notice),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn progress_and_kin() {
        let text = "Inspecting 4 files
CC.W

Offenses:

lib/calc.rb:1:1: C: [Correctable] Style/FrozenStringLiteralComment: Missing.
# Calculator
^
Gemfile:4:1: W: Extra blank line detected.
a.haml:33 [W] ImplicitDiv: `%div` can be
  app/models/order.rb:45:5: Style/TrailingComma: Put a comma.
== lib/b.rb ==
E: 12:  3: Lint/Syntax: unexpected token

4 files inspected, 13 offenses detected
";
        let found = [
            "notice lib/calc.rb:1:1 Style/FrozenStringLiteralComment: Missing.",
            "warning Gemfile:4:1 -: Extra blank line detected.",
            "warning a.haml:33 ImplicitDiv: `%div` can be",
            "error app/models/order.rb:45:5 Style/TrailingComma: Put a comma.",
            "error lib/b.rb:12:3 Lint/Syntax: unexpected token",
        ];
        check("rubocop", text, &found);
    }
}
