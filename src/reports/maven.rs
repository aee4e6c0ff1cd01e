//! Maven's and sbt's log, in which compilers and checkers speak.

use std::collections::HashSet;

use super::clue::{Columns, Spot, Trust};
use super::lines::{Found, Out, Tool, caret, colon, is_rule, level_word, recognise, rule_at_end};
use super::sink::level;
use super::{Format, Kind, lines};

/// `[ERROR] /w/A.java:[4,20] text`, `[warn] /w/A.scala:4:20: text`.
pub static FORMAT: Format = Format {
    name: "maven",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 30),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind = lines::Kind { name: "maven", source: "maven", tool: || Box::new(Maven::default()) };

/// How many findings are remembered: at its end Maven repeats the errors.
const KNOWN: usize = 10_000;

#[derive(Default)]
struct Maven {
    known: HashSet<String>,
    /// Whether further lines of the message may follow.
    open: bool,
}

impl Tool for Maven {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        let tagged = line.strip_prefix('[').and_then(|line| line.split_once("] "));
        let Some((level, text)) = tagged.and_then(|(word, text)| Some((level(word)?, text))) else {
            self.open &= line.starts_with("  ");
            if self.open {
                out.more(line);
            }
            return self.open;
        };
        if self.open && text.starts_with("  ") {
            // sbt shows the source and a caret, Maven further lines of the message.
            match caret(text) {
                Some(column) => {
                    self.open = false;
                    if let Some(last) = out.last() {
                        last.spot.column.get_or_insert(column + 1);
                    }
                }
                None if line[1..].starts_with(|c: char| c.is_ascii_uppercase()) => out.more(text),
                None => {}
            }
            return true;
        }
        // Between sbt's message and its caret there may be more.
        self.open &= line[1..].starts_with(|c: char| c.is_ascii_lowercase());
        let Some((spot, text)) = bracketed(text).or_else(|| kotlin(text)).or_else(|| plain(text)) else { return false };
        // scalac names the level once more.
        let (level, text) = level_word(text).map_or((level, text), |(level, _, text)| (level, text));
        if !self.known.contains(line) && self.known.len() < KNOWN {
            self.known.insert(line.to_owned());
        } else if self.known.contains(line) {
            out.close();
            return true;
        }
        let (rule, message) = rule(text);
        out.found(Found {
            level,
            rule: rule.map(str::to_owned),
            message: message.to_owned(),
            spot,
            ..Found::default()
        });
        self.open = true;
        true
    }
}

/// `/w/A.java:[4,20] text`
fn bracketed(text: &str) -> Option<(Spot, &str)> {
    let (path, rest) = text.split_once(":[")?;
    let (numbers, rest) = rest.split_once(']')?;
    let mut numbers = numbers.split(',').map(|number| number.trim().parse().ok());
    let mut spot = Spot::new(path, Some(numbers.next()??), Trust::Exact);
    spot.column = numbers.next().flatten();
    spot.columns = Columns::Utf16;
    Some((spot, rest.trim_start_matches(':').trim_start()))
}

/// `/w/A.kt: (4, 20) text`
fn kotlin(text: &str) -> Option<(Spot, &str)> {
    let (path, rest) = text.split_once(": (")?;
    let (numbers, rest) = rest.split_once(") ")?;
    let (line, column) = numbers.split_once(", ")?;
    let mut spot = Spot::new(path, Some(line.parse().ok()?), Trust::Exact);
    spot.column = Some(column.parse().ok()?);
    spot.columns = Columns::Utf16;
    Some((spot, rest))
}

/// `/w/A.scala:4:20: text`
fn plain(text: &str) -> Option<(Spot, &str)> {
    let place = colon(text).filter(|place| place.is_plain() || place.path.starts_with('/'))?;
    let extension = place.path.rsplit('.').next().unwrap_or_default();
    let known = ["java", "scala", "kt", "kts", "groovy", "xml", "proto", "sbt"].contains(&extension);
    known.then(|| Some((place.spot(Columns::Utf16), place.message()?)))?
}

/// `[deprecation] text`, `(javadoc) Rule: text`, `text [Rule]`
fn rule(text: &str) -> (Option<&str>, &str) {
    if let Some((rule, rest)) = text.strip_prefix('[').and_then(|text| text.split_once("] "))
        && is_rule(rule)
    {
        return (Some(rule), rest);
    }
    if let Some((_, rest)) = text.strip_prefix('(').and_then(|text| text.split_once(") "))
        && let Some((rule, rest)) = rest.split_once(": ")
        && is_rule(rule)
    {
        return (Some(rule), rest);
    }
    let (message, rule) = rule_at_end(text, ['[', ']']);
    (rule, message)
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::{check, check_unknown};

    #[test]
    fn errors_are_repeated_at_the_end() {
        let text = "[INFO] Compiling 2 source files to /w/target/classes
[WARNING] /w/src/A.java:[5,3] [deprecation] stop() has been deprecated
[ERROR] COMPILATION ERROR :
[ERROR] /w/src/B C.java:[4,20] cannot find symbol
  symbol:   class X
[ERROR]   location: class B
[INFO] 1 error
[ERROR] /w/src/B C.java:[4,20] cannot find symbol
[ERROR]   symbol:   class X
[WARN] src/A.java:10:5: Missing a Javadoc comment. [MissingJavadoc]
[ERROR] src/A.java:[12] (sizes) LineLength: Line is longer
[warn] /w/Main.scala:4:18: implicit numeric widening
[error] /w/Main.scala:5: warning: x
[error] You can make it explicit.
[error]   foo(1)
[error]       ^
[WARNING] /w/P.kt: (214, 35) Unchecked cast
[error] Total time: 1 s, completed 9:11:30 AM
[ERROR] CalcTest.adds:12 expected";
        let found = [
            "warning /w/src/A.java:5:3 deprecation: stop() has been deprecated",
            "error /w/src/B C.java:4:20 -: cannot find symbol\n  symbol:   class X\n  location: class B",
            "warning src/A.java:10:5 MissingJavadoc: Missing a Javadoc comment.",
            "error src/A.java:12 LineLength: Line is longer",
            "warning /w/Main.scala:4:18 -: implicit numeric widening",
            "warning /w/Main.scala:5:7 -: x",
            "warning /w/P.kt:214:35 -: Unchecked cast",
        ];
        check("maven", text, &found);
        check_unknown("[INFO] Scanning for projects...\n[WARNING] The POM is missing\n[ERROR] BUILD FAILURE 1:2: x\n");
    }
}
