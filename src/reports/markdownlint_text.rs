//! markdownlint's text, and hadolint's, which has no colon after the place either.

use super::clue::{Columns, Spot, Trust};
use super::lines::{Found, Out, Tool, colon, is_file, named_level, recognise};
use super::{Format, Kind, lines};
use crate::model::finding::Level;

/// `path:line:column error MD001/rule-name text`, <https://github.com/igorshubovych/markdownlint-cli>.
pub static FORMAT: Format = Format {
    name: "markdownlint",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 30),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind =
    lines::Kind { name: "markdownlint", source: "markdownlint", tool: || Box::new(Markdownlint) };

struct Markdownlint;

impl Tool for Markdownlint {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        let found = colon(line).and_then(|place| {
            let text = place.rest.strip_prefix(' ').or_else(|| place.rest.strip_prefix(": "))?;
            Some((place.spot(Columns::Utf16), text))
        });
        let Some((spot, text)) = found.or_else(|| old(line)) else { return false };
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let (level, text) = named_level(word).map_or((None, text), |level| (Some(level), rest));
        let Some((rule, text)) = text.split_once(' ') else { return false };
        let rule = rule.split('/').next().unwrap_or(rule);
        let (markdown, docker) = (is_code(rule, "MD"), is_code(rule, "DL") || is_code(rule, "SC"));
        if !markdown && !docker {
            return false;
        }
        let (said, text) = match text.split_once(": ").and_then(|(word, text)| Some((named_level(word)?, text))) {
            Some((level, text)) if docker => (Some(level), text),
            _ => (None, text),
        };
        out.found(Found {
            level: level.or(said).unwrap_or(Level::Error),
            rule: Some(rule.to_owned()),
            message: text.to_owned(),
            spot,
            source: docker.then_some("hadolint"),
            ..Found::default()
        });
        true
    }
}

/// `path: 12: MD009/…`, as the first versions wrote.
fn old(line: &str) -> Option<(Spot, &str)> {
    let (path, rest) = line.split_once(": ")?;
    let (number, text) = rest.split_once(": ")?;
    Some((Spot::new(path, Some(number.parse().ok()?), Trust::Exact), text)).filter(|_| is_file(path))
}

fn is_code(rule: &str, prefix: &str) -> bool {
    let digits = rule.strip_prefix(prefix).unwrap_or_default();
    digits.len() >= 3 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn both_tools() {
        let text = "markdownlint-cli2 v0.22.1 (markdownlint v0.40.0)
Linting: 1 file(s)
lint/a b.md:1:1 error MD018/no-missing-space-atx No space after hash [Context: \"#Bad\"]
lint/a.md:3 warning MD012/no-multiple-blanks Multiple blank lines
old.md:7:1 MD042/no-empty-links No empty links
older.md: 9: MD009/no-trailing-spaces Trailing spaces
Dockerfile:3 DL3008 warning: Pin versions
Dockerfile:5 SC2046 style: Quote this
";
        let found = [
            "error lint/a b.md:1:1 MD018: No space after hash [Context: \"#Bad\"]",
            "warning lint/a.md:3 MD012: Multiple blank lines",
            "error old.md:7:1 MD042: No empty links",
            "error older.md:9 MD009: Trailing spaces",
            "warning Dockerfile:3 DL3008: Pin versions",
            "notice Dockerfile:5 SC2046: Quote this",
        ];
        check("markdownlint", text, &found);
    }
}
