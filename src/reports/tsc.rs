//! TypeScript's compiler, plain and pretty, and those that print its messages:
//! vue-tsc, Angular, ts-loader.

use super::clue::{Columns, Spot};
use super::lines::{Found, Out, Tool, bracket, colon, named_level, recognise};
use super::{Format, Kind, lines};
use crate::model::finding::Level;

/// `path(line,column): error TS1234: text`, and `path:line:column - error TS1234: text` with colours,
/// the source and related places, <https://www.typescriptlang.org/tsconfig/#pretty>.
pub static FORMAT: Format = Format {
    name: "tsc",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 35),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind = lines::Kind { name: "tsc", source: "tsc", tool: || Box::new(Tsc::default()) };

#[derive(Default)]
struct Tsc {
    /// Whether further lines of the message may follow.
    open: bool,
    /// The related place of the lines that follow.
    related: Option<String>,
}

impl Tool for Tsc {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        let start = ["Error: ", "ERROR in ", "[tsl] ERROR in "]
            .iter()
            .find_map(|noise| line.strip_prefix(noise))
            .unwrap_or(line);
        if let Some((level, rule, message, spot)) = header(start) {
            (self.open, self.related) = (true, None);
            out.found(Found {
                level,
                rule: Some(rule.to_owned()),
                message: message.to_owned(),
                spot,
                ..Found::default()
            });
            return true;
        }
        if line.trim().is_empty() {
            self.open = false;
            return true;
        }
        if !line.starts_with("  ") {
            (self.open, self.related) = (false, None);
            return false;
        }
        let inner = line.trim();
        if self.open {
            out.more(line);
            return true;
        }
        if let Some(place) = colon(inner).filter(|place| place.rest.is_empty() && place.column.is_some()) {
            self.related = out.last().map(|_| format!("{}:{}", place.path, place.line));
            return self.related.is_some();
        }
        // The source of the related place, and then what is said of it.
        let source = inner.starts_with(|c: char| c.is_ascii_digit() || c == '~');
        if let Some(place) = self.related.take_if(|_| !source) {
            out.more(&format!("{place}: {inner}"));
            return true;
        }
        self.related.is_some()
    }
}

fn header(line: &str) -> Option<(Level, &str, &str, Spot)> {
    let (spot, text) = if let Some((level, rule, message)) = message(line) {
        return Some((level, rule, message, Spot::default()));
    } else if let Some(place) = bracket(line).filter(|place| place.rest.starts_with(':')) {
        (place.spot(Columns::Utf16), place.rest[1..].trim_start())
    } else {
        let place = colon(line)?;
        (place.spot(Columns::Utf16), place.rest.trim_start().strip_prefix("- ")?)
    };
    let (level, rule, message) = message(text)?;
    Some((level, rule, message, spot))
}

/// `error TS2322: text`
fn message(text: &str) -> Option<(Level, &str, &str)> {
    let (word, rest) = text.split_once(' ')?;
    let (rule, message) = rest.split_once(": ")?;
    let digits =
        rule.strip_prefix("TS").or_else(|| rule.strip_prefix("NG")).unwrap_or_default().trim_start_matches('-');
    let code = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let level = named_level(word).filter(|_| code)?;
    Some((level, rule, message))
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::{check, check_unknown};

    #[test]
    fn plain_lines() {
        let text = "yarn run v1.22.10
tsc.ts(3,13): error TS7006: Parameter 'y' implicitly has an 'any' type.
C:\\a b\\x.ts(5,12): error TS2345: Argument of type 'boolean'.
  Type 'boolean' is not assignable to type 'string'.
error TS18003: No inputs were found.
Error: src/app.ts:1:2 - error NG8001: 'x' is not known
info Visit https://yarnpkg.com/en/docs/cli/run for documentation.
"
        .replace("\\\\", "\\");
        let found = [
            "error tsc.ts:3:13 TS7006: Parameter 'y' implicitly has an 'any' type.",
            "error C:\\a b\\x.ts:5:12 TS2345: Argument of type 'boolean'.\n  Type 'boolean' is not assignable to type 'string'.",
            "error - TS18003: No inputs were found.",
            "error src/app.ts:1:2 NG8001: 'x' is not known",
        ];
        check("tsc", &text, &found);
        check_unknown("x.ts(3) done\nerror TS: x\nFound 0 errors.\n");
    }

    #[test]
    fn pretty_lines() {
        let text = "\u{1B}[96mlint/t.ts\u{1B}[0m:\u{1B}[93m4\u{1B}[0m:\u{1B}[93m18\u{1B}[0m - \u{1B}[91merror\u{1B}[0m\u{1B}[90m TS2322: \u{1B}[0mType 'number'.
  Type 'x'.

\u{1B}[7m4\u{1B}[0m const obj: A = { a: 1 };
\u{1B}[7m \u{1B}[0m \u{1B}[91m                 ~\u{1B}[0m

  \u{1B}[96mlint/t.ts\u{1B}[0m:\u{1B}[93m3\u{1B}[0m:\u{1B}[93m15\u{1B}[0m
    \u{1B}[7m3\u{1B}[0m interface A { a: string }
    \u{1B}[7m \u{1B}[0m \u{1B}[96m              ~\u{1B}[0m
    The expected type comes from here

lint/t.ts:5:1 - error TS2304: Cannot find name 'missing'.

Found 2 errors in the same file, starting at: lint/t.ts:1
";
        let found = [
            "error lint/t.ts:4:18 TS2322: Type 'number'.\n  Type 'x'.\nlint/t.ts:3: The expected type comes from here",
            "error lint/t.ts:5:1 TS2304: Cannot find name 'missing'.",
        ];
        check("tsc", text, &found);
    }
}
