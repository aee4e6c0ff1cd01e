//! ShellCheck's own text.

use super::clue::{Spot, Trust};
use super::lines::{Found, Out, Tool, recognise};
use super::sink::level;
use super::{Format, Kind, lines};
use crate::model::finding::Level;

/// `In path line 2:`, the source, and `^-- SC2086 (info): text` below it,
/// <https://www.shellcheck.net/wiki/Integration>.
pub static FORMAT: Format = Format {
    name: "shellcheck",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 34),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind =
    lines::Kind { name: "shellcheck", source: "shellcheck", tool: || Box::new(Shellcheck::default()) };

#[derive(Default)]
struct Shellcheck {
    spot: Option<Spot>,
}

impl Tool for Shellcheck {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        if let Some((path, number)) =
            line.strip_prefix("In ").and_then(|line| line.strip_suffix(':')?.rsplit_once(" line "))
        {
            self.spot = number.parse().ok().map(|number| Spot::new(path, Some(number), Trust::Exact));
            return self.spot.is_some();
        }
        let Some(spot) = &self.spot else { return false };
        let Some((column, level, rule, text)) = comment(line) else { return false };
        let spot = Spot { column, ..spot.clone() };
        out.found(Found { level, rule: Some(rule.to_owned()), message: text.to_owned(), spot, ..Found::default() });
        true
    }
}

/// `   ^--^ SC2045 (error): text`; before 0.7 the level was left out.
fn comment(line: &str) -> Option<(Option<u32>, Level, &str, &str)> {
    let start = line.find('^')?;
    let (mark, rest) = line[start..].split_once(' ')?;
    let (head, text) = rest.split_once(": ")?;
    let rule = head.split(' ').next().unwrap_or_default();
    let digits = rule.strip_prefix("SC")?;
    let whole = line[..start].trim().is_empty() && mark.bytes().all(|byte| matches!(byte, b'^' | b'-'));
    if !whole || digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let word = head.split_once('(').and_then(|(_, word)| word.strip_suffix(')')).unwrap_or_default();
    Some((u32::try_from(start + 1).ok(), level(word).unwrap_or(Level::Warning), rule, text))
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn comments_below_the_source() {
        let text = "
In scripts/a b.sh line 2:
for f in $(ls *.txt); do
         ^---------^ SC2045 (error): Iterating over ls output is fragile.
              ^-- SC2035 (info): Use ./*glob* so: names.

Did you mean:
  echo \"$f\"

In b.sh line 5:
cd $1
^-- SC2164: Use 'cd ... || exit'.

For more information:
  https://www.shellcheck.net/wiki/SC2045 -- Iterating over ls output is fragi...
";
        let found = [
            "error scripts/a b.sh:2:10 SC2045: Iterating over ls output is fragile.",
            "notice scripts/a b.sh:2:15 SC2035: Use ./*glob* so: names.",
            "warning b.sh:5:1 SC2164: Use 'cd ... || exit'.",
        ];
        check("shellcheck", text, &found);
    }
}
