//! golangci-lint's text, and staticcheck's and revive's, which is the same.

use super::clue::Columns;
use super::lines::{Found, Out, Tool, colon, recognise, rule_at_end};
use super::{Format, Kind, lines};
use crate::model::finding::Level;

/// `path:line:column: text (linter)`, then the source and a caret,
/// <https://golangci-lint.run/docs/configuration/file/#output-configuration>.
pub static FORMAT: Format = Format {
    name: "golangci-lint",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 28),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind =
    lines::Kind { name: "golangci-lint", source: "golangci-lint", tool: || Box::new(Golangci) };

struct Golangci;

impl Tool for Golangci {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        let Some(place) = colon(line).filter(|place| place.path.ends_with(".go") || place.path.ends_with("go.mod"))
        else {
            return false;
        };
        let Some(text) = place.message() else { return false };
        let (message, rule) = rule_at_end(text, ['(', ')']);
        let Some(rule) = rule else { return false };
        let checks = rule.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        out.found(Found {
            level: Level::Error,
            rule: Some(rule.to_owned()),
            message: message.to_owned(),
            spot: place.spot(Columns::Bytes),
            source: checks.then_some("staticcheck"),
            ..Found::default()
        });
        true
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn the_linter_at_the_end() {
        let text = "level=warning msg=\"[runner] x\"
fmts/fmt_test.go:42:21: Error return value of `f` is not checked (errcheck)
\t\tbufout.WriteString(s)
\t\t                  ^
a.go:7: SA9003: empty branch (staticcheck)
test.go:9:13: identical expressions (SA4000)
2 issues:
* errcheck: 1
";
        let found = [
            "error fmts/fmt_test.go:42:21 errcheck: Error return value of `f` is not checked",
            "error a.go:7 staticcheck: SA9003: empty branch",
            "error test.go:9:13 SA4000: identical expressions",
        ];
        check("golangci-lint", text, &found);
    }
}
