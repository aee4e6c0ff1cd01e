//! What rustc, cargo and Clippy show people, and the tools that draw the like:
//! Ruff's `full`, ty, typos, cargo-deny.

use super::cargo_json::is_summary;
use super::clue::{Columns, Spot};
use super::flake8;
use super::lines::{Found, Out, Tool, colon, is_rule, level_word, recognise};
use super::{Format, Kind, lines};
use crate::model::finding::Level;

/// `error[E0308]: text`, ` --> path:line:column`, the source drawn below,
/// <https://rustc-dev-guide.rust-lang.org/diagnostics.html>.
pub static FORMAT: Format = Format {
    name: "rustc",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 32),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind = lines::Kind { name: "rustc", source: "rustc", tool: || Box::new(Rust::default()) };

/// How many lines of a message may stand before its place.
const LINES: usize = 20;

#[derive(Default)]
struct Rust {
    /// The message whose place is still to come, and how many lines of it there were.
    heading: Option<(Found, usize)>,
    /// Whether the drawing of a finding is being passed through.
    block: bool,
}

impl Tool for Rust {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        if line.trim().is_empty() {
            // Ruff leaves no blank line inside a drawing, rustc neither.
            self.drop_heading(out);
            self.block = false;
            return false;
        }
        if !line.starts_with(' ')
            && let Some(found) = heading(line)
        {
            if found.level == Level::Notice && (self.block || self.heading.is_some()) {
                // A note of its own inside the block.
                return true;
            }
            self.drop_heading(out);
            self.block = false;
            self.heading = Some((found, 0));
            return true;
        }
        let inner = line.trim_start();
        if let Some(spot) = arrow(inner) {
            if let Some((mut found, _)) = self.heading.take() {
                found.spot = spot;
                out.found(found);
                self.block = true;
            }
            return true;
        }
        if let Some((found, count)) = &mut self.heading {
            *count += 1;
            if *count > LINES || inner.len() == line.len() {
                self.drop_heading(out);
                return false;
            }
            if let Some(note) = inner.strip_prefix("= ") {
                // Only the compiler itself has notes on what has no place.
                found.message.push_str(&format!("\n{note}"));
                found.source = Some("rustc");
            } else if !inner.starts_with(['=', '|']) {
                found.message.push_str(&format!("\n{inner}"));
            }
            return true;
        }
        if self.block
            && let Some(note) = inner.strip_prefix("= ").or_else(|| inner.strip_prefix("╰ "))
        {
            self.note(note, out);
        }
        self.block
    }
}

impl Rust {
    /// A message without a place is a finding only when the compiler has notes on it.
    fn drop_heading(&mut self, out: &mut Out) {
        if let Some((found, _)) = self.heading.take()
            && found.level == Level::Error
            && found.source == Some("rustc")
            && !is_summary(&found.message)
        {
            out.found(found);
        }
    }

    /// Notes name the rule: `#[warn(unused)] on by default`, `…/index.html#ptr_arg`.
    fn note(&self, note: &str, out: &mut Out) {
        let Some(last) = out.last() else { return };
        let named =
            ["#[warn(", "#[deny(", "#[forbid("].iter().find_map(|start| note.split_once(start)?.1.split(')').next());
        let page = note.split_once("rust-clippy/").and_then(|(_, page)| page.split('#').nth(1)).map(str::trim);
        if last.rule.as_ref().is_none_or(|rule| rule.starts_with("clippy::"))
            && let Some(rule) = page.map(|rule| format!("clippy::{rule}")).or(named.map(str::to_owned))
        {
            if rule.starts_with("clippy::") {
                last.source = Some("clippy");
            }
            last.rule.get_or_insert(rule);
        } else if !note.contains("on by default") && !note.contains(" implied by ") && page.is_none() {
            out.more(note);
        }
    }
}

/// `warning: text`, `error[E0308]: text`, `F401 [*] text`, `invalid-syntax: text`
fn heading(line: &str) -> Option<Found> {
    if let Some((level, code, text)) = level_word(line) {
        let word = line.split([':', '[']).next().unwrap_or_default();
        let known = ["error", "warning", "note", "help", "info", "fatal"].contains(&word)
            || line.starts_with("error: internal");
        let rule = code.map(str::to_owned);
        return known.then(|| Found { level, rule, message: text.to_owned(), ..Found::default() });
    }
    let (rule, text) = line.split_once(' ')?;
    let rule = rule.trim_end_matches(':');
    if flake8::code(rule).is_none() && rule != "invalid-syntax" && rule != "SyntaxError" {
        return None;
    }
    let message = text.strip_prefix("[*] ").or_else(|| text.strip_prefix("[-] ")).unwrap_or(text).to_owned();
    let rule = is_rule(rule).then(|| rule.to_owned());
    Some(Found { level: Level::Error, rule, message, source: Some("ruff"), ..Found::default() })
}

/// `--> path:line:column`, `┌─ path:line:column`
fn arrow(line: &str) -> Option<Spot> {
    let place = ["--> ", "┌─ ", "╭▸ "].iter().find_map(|arrow| line.strip_prefix(arrow))?;
    colon(place.trim()).filter(|place| place.rest.is_empty()).map(|place| place.spot(Columns::Points))
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::{check, check_unknown};

    #[test]
    fn compilers() {
        let text = "    Checking util v0.1.0 (/w/ws/util)
warning: unused import: `std::collections::HashMap`
 --> util/src/lib.rs:1:5
  |
1 | use std::collections::HashMap;
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: `#[warn(unused_imports)]` (part of `#[warn(unused)]`) on by default

warning: writing `&Vec` instead of `&[_]`
  --> util/src/lib.rs:10:20
   |
   = help: for further information visit https://rust-lang.github.io/rust-clippy/rust-1.95.0/index.html#ptr_arg
   = note: `#[warn(clippy::ptr_arg)]` on by default
help: change this to
   |

error[E0308]: mismatched types
   --> src/b.rs:2:18
    |
note: defined here
   --> src/c.rs:9:1
    = help: try this

error: linking with `cc` failed: exit status: 1
  |
  = note: cc -m64

warning: `util` (lib) generated 4 warnings (run `cargo clippy --fix`)
error: could not compile `app` (bin \"app\") due to 1 previous error
For more information about this error, try `rustc --explain E0308`.
";
        let found = [
            "warning util/src/lib.rs:1:5 unused_imports: unused import: `std::collections::HashMap`",
            "warning util/src/lib.rs:10:20 clippy::ptr_arg: writing `&Vec` instead of `&[_]`",
            "error src/b.rs:2:18 E0308: mismatched types\nhelp: try this",
            "error - -: linking with `cc` failed: exit status: 1\nnote: cc -m64",
        ];
        check("rustc", text, &found);
        check_unknown("    Finished `dev` profile\nwarning: something\nerror: could not compile `a`\n\nnote: x\n");
    }

    #[test]
    fn tools_that_draw_the_like() {
        let text = "F401 [*] `os` imported but unused
 --> pkg/bad.py:1:8
  |
1 | import os, sys
  |        ^^
help: Remove unused import

invalid-syntax: Expected `)`, found newline
 --> pkg/s.py:1:13

error: `zeebra` should be `zebra`
  --> a.txt:1:1
  |
warning[unmaintained]: x
   ┌─ /w/Cargo.lock:3:1
   │

Found 3 errors.
";
        let found = [
            "error pkg/bad.py:1:8 F401: `os` imported but unused",
            "error pkg/s.py:1:13 invalid-syntax: Expected `)`, found newline",
            "error a.txt:1:1 -: `zeebra` should be `zebra`",
            "warning /w/Cargo.lock:3:1 unmaintained: x",
        ];
        check("rustc", text, &found);
    }
}
