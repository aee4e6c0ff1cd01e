//! oxlint's own text, and that of other tools that draw with miette.

use super::clue::Columns;
use super::lines::{Found, Out, Tool, colon, recognise};
use super::{Format, Kind, lines};
use crate::model::finding::Level;

/// `  × rule: text`, and `   ╭─[path:line:column]` below it, <https://docs.rs/miette>.
pub static FORMAT: Format = Format {
    name: "oxlint",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 33),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind = lines::Kind { name: "oxlint", source: "oxlint", tool: || Box::new(Oxlint::default()) };

#[derive(Default)]
struct Oxlint {
    /// The message whose place is still to come.
    heading: Option<Found>,
}

impl Tool for Oxlint {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        let inner = line.trim();
        let place = ["╭─[", ",-[", "╭────["].iter().find_map(|start| inner.strip_prefix(start));
        if let Some(place) =
            place.and_then(|place| place.trim_end_matches(['─', '-']).strip_suffix(']')).and_then(colon)
        {
            if let Some(mut found) = self.heading.take() {
                found.spot = place.spot(Columns::Points);
                out.found(found);
            }
            return true;
        }
        if let Some(found) = heading(line) {
            self.heading = Some(found);
            return true;
        }
        let Some(heading) = self.heading.as_mut() else { return false };
        match inner.strip_prefix("│ ").or_else(|| inner.strip_prefix("| ")) {
            Some(text) => heading.message.push_str(&format!("\n{text}")),
            None => self.heading = None,
        }
        true
    }
}

fn heading(line: &str) -> Option<Found> {
    let inner = line.strip_prefix("  ").filter(|inner| !inner.starts_with(' '))?;
    let (mark, text) = inner.split_once(' ')?;
    let level = match mark {
        "×" | "x" => Level::Error,
        "⚠" | "!" => Level::Warning,
        "☞" | ">" => Level::Notice,
        _ => return None,
    };
    let named =
        text.split_once(": ").filter(|(rule, _)| rule.ends_with(')') && rule.contains('(') && !rule.contains(' '));
    let (rule, message) = named.map_or((None, text), |(rule, message)| (Some(rule.to_owned()), message));
    Some(Found { level, rule, message: message.to_owned(), ..Found::default() })
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn messages_and_places() {
        let text = "
  x Unexpected token
   ,-[lint/broken.js:1:11]
 1 | const x = ;
   :           ^
   `----

  ⚠ eslint(no-unused-vars): Variable 'obj' is declared
  │ but never used.
   ╭─[lint/t.ts:4:7]
 4 │ const obj: A = {};
   ╰────
  help: Consider removing this declaration.

Found 1 warning and 1 error.
";
        let found = [
            "error lint/broken.js:1:11 -: Unexpected token",
            "warning lint/t.ts:4:7 eslint(no-unused-vars): Variable 'obj' is declared\nbut never used.",
        ];
        check("oxlint", text, &found);
    }
}
