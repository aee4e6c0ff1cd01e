//! Text with a heading for each file: ESLint's and oxlint's `stylish`,
//! stylelint's `string`, yamllint's `standard`, Ruff's `grouped`, remark's.

use super::clue::{Columns, Spot, Trust};
use super::flake8;
use super::lines::{Found, Out, Tool, colon, is_file, is_rule, named_level, recognise};
use super::{Format, Kind, lines};
use crate::model::finding::Level;

/// `  line:column  error  text  rule` below the file's path,
/// <https://eslint.org/docs/latest/use/formatters/#stylish>.
pub static FORMAT: Format = Format {
    name: "stylish",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 30),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind = lines::Kind { name: "stylish", source: "eslint", tool: || Box::new(Stylish::default()) };

#[derive(Default)]
struct Stylish {
    path: String,
    /// Whether a further line of a wrapped message may follow.
    open: bool,
}

impl Tool for Stylish {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        let inner = line.trim();
        if !line.starts_with([' ', '\t']) {
            self.open = false;
            if !inner.is_empty() {
                let path = inner.strip_suffix(':').unwrap_or(inner);
                self.path = if is_path(path) { path.to_owned() } else { String::new() };
            }
            return !self.path.is_empty();
        }
        if self.path.is_empty() || inner.is_empty() {
            self.open = false;
            return false;
        }
        let Some(mut found) = entry(inner) else {
            // stylelint wraps what is wider than the terminal.
            let wrapped = self.open && line.starts_with("          ");
            if let Some(last) = out.last().filter(|_| wrapped) {
                last.message.push(' ');
                last.message.push_str(inner);
            }
            return wrapped;
        };
        found.spot.path.clone_from(&self.path);
        self.open = true;
        out.found(found);
        true
    }
}

fn is_path(line: &str) -> bool {
    if colon(line).is_some() {
        return false;
    }
    let bytes = line.as_bytes();
    let drive =
        bytes.len() > 3 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && matches!(bytes[2], b'\\' | b'/');
    is_file(line) || drive || line.starts_with('/') || is_file(&line.replace(' ', "_")) && line.contains('/')
}

fn entry(line: &str) -> Option<Found> {
    let (number, rest) = position(line);
    let (word, after) = split(rest);
    let mut found = Found { level: Level::Error, ..Found::default() };
    let text = if let Some(level) = symbol(word) {
        found.source = Some("stylelint");
        found.level = level;
        after
    } else {
        // Without a position only symbols are marks enough.
        number?;
        match named_level(word) {
            Some(level) => {
                found.level = level;
                after
            }
            None if flake8::code(word).is_some() || word == "invalid-syntax:" => {
                found.source = Some("ruff");
                found.rule = Some(word.trim_end_matches(':').to_owned());
                after.strip_prefix("[*] ").unwrap_or(after)
            }
            None => return None,
        }
    };
    if let Some((line, column)) = number {
        found.spot = Spot::new("", Some(line), Trust::Exact);
        found.spot.column = column.filter(|column| *column > 0);
    }
    found.spot.columns = if found.source == Some("ruff") { Columns::Points } else { Columns::Utf16 };
    let mut text = text.trim();
    if found.rule.is_none() {
        let (message, rule) = rule(text);
        text = message;
        if number.is_none() && rule.is_none() {
            return None;
        }
        let bare = rule.and_then(|rule| rule.strip_prefix('(')).and_then(|rule| rule.strip_suffix(')'));
        found.source = found.source.or(match rule {
            _ if bare.is_some() => Some("yamllint"),
            Some(rule) if rule.contains('(') => Some("oxlint"),
            _ => None,
        });
        found.rule = bare.or(rule).map(str::to_owned);
        if rule.is_none() && text.ends_with(')') {
            // yamllint's errors of syntax.
            let (message, rule) = lines::rule_at_end(text, ['(', ')']);
            (text, found.rule) = (message, rule.map(str::to_owned));
        } else if text.is_empty() {
            return None;
        }
    }
    found.message = text.to_owned();
    Some(found)
}

/// `12:5`, `12:5-13:1`, `12` in front.
fn position(line: &str) -> (Option<(u32, Option<u32>)>, &str) {
    let (word, rest) = split(line);
    let start = word.split('-').next().unwrap_or_default();
    let mut numbers = start.split(':').map(|number| number.parse::<u32>().ok());
    match (numbers.next().flatten(), numbers.next()) {
        (Some(line), column) if column != Some(None) => (Some((line, column.flatten())), rest),
        _ => (None, line),
    }
}

fn split(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
    (word, rest.trim_start())
}

fn symbol(word: &str) -> Option<Level> {
    match word.trim_end_matches('\u{FE0F}') {
        "✖" | "×" | "✘" | "❌" => Some(Level::Error),
        "⚠" | "‼" => Some(Level::Warning),
        "ℹ" => Some(Level::Notice),
        _ => None,
    }
}

/// The rule after two blanks or more, with its brackets: `text  rule`, `text  (rule)`,
/// `text  rule  remark-lint`.
fn rule(text: &str) -> (&str, Option<&str>) {
    let named = |text: &str| -> Option<(usize, usize)> {
        let start = text.rfind("  ")? + 2;
        let word = &text[start..];
        let bare = word.strip_prefix('(').and_then(|word| word.strip_suffix(')')).unwrap_or(word);
        is_rule(&bare.replace(['(', ')'], "")).then_some((start, text.len()))
    };
    let Some((start, end)) = named(text) else { return (text, None) };
    let mut rule = &text[start..end];
    let mut message = text[..start].trim_end();
    if rule.starts_with("remark-") || rule.starts_with("retext-") {
        if let Some((start, _)) = named(message) {
            (rule, message) = (&message[start..], message[..start].trim_end());
        } else if let Some((before, inner)) = message.rsplit_once(' ') {
            (rule, message) = (inner, before);
        }
    }
    (message, Some(rule))
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::{check, check_unknown};

    #[test]
    fn every_tool_with_headings() {
        let text = "
/w/web/a b.js
  1:5   warning  'unused' is assigned a value but  never used  no-unused-vars
  1:11  error    Parsing error: Unexpected token ;
  0:0   error    Whole file                                    @x/y-z

renderer/style.css
  46:3   ✖  Unexpected longhand value '0px' instead of            shorthand-no-redundant
            '0px 5px 0'
  46:12  ⚠  Unexpected unit                                       length-zero-no-unit   
         ✖  Unknown rule foo                                      foo

conf/broken.yml
  1:1       warning  missing document start \"---\"  (document-start)
  2:2       error    syntax error: expected ',' (syntax)

pkg/bad.py:
   1:8  F401 [*] `os` imported but unused
   5:22 B006 Do not use

docs/README.md
  26:5-26:9  warning  Incorrect indent  list-item-indent  remark-lint

✖ 12 problems (7 errors, 5 warnings)
  1 error and 0 warnings potentially fixable with the `--fix` option.
";
        let found = [
            "warning /w/web/a b.js:1:5 no-unused-vars: 'unused' is assigned a value but  never used",
            "error /w/web/a b.js:1:11 -: Parsing error: Unexpected token ;",
            "error /w/web/a b.js @x/y-z: Whole file",
            "error renderer/style.css:46:3 shorthand-no-redundant: Unexpected longhand value '0px' instead of '0px 5px 0'",
            "warning renderer/style.css:46:12 length-zero-no-unit: Unexpected unit",
            "error renderer/style.css foo: Unknown rule foo",
            "warning conf/broken.yml:1:1 document-start: missing document start \"---\"",
            "error conf/broken.yml:2:2 syntax: syntax error: expected ','",
            "error pkg/bad.py:1:8 F401: `os` imported but unused",
            "error pkg/bad.py:5:22 B006: Do not use",
            "warning docs/README.md:26:5 list-item-indent: Incorrect indent",
        ];
        check("stylish", text, &found);
        check_unknown("src/a.js\n  1 passing\n  2:3 is the time\n");
    }
}
