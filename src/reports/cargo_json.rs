//! The JSON Lines of cargo and rustc, Clippy's among them.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use serde_json::Value;

use super::clue::{Clue, Spot, Trust};
use super::shape::{at, lines, number, text};
use super::sink::Sink;
use super::source::Source;
use super::{Format, Head, Kind, SURE};
use crate::model::finding::{Finding, Level};

/// cargo's and rustc's JSON, <https://doc.rust-lang.org/rustc/json.html>.
pub static FORMAT: Format = Format { name: "cargo-json", kind: Kind::Lint, recognise, read };

/// How many messages are remembered to tell the ones of another target of the same sources.
const KNOWN: usize = 100_000;

/// How far out of macros their callers are followed.
const EXPANSIONS: usize = 16;

fn recognise(head: &Head) -> u8 {
    let cargo = head.has("reason") && (head.has("package_id") || head.has("message.spans") || head.has("success"));
    let rustc = head.has_all(&["message", "level", "spans", "children"]);
    if cargo || rustc { SURE } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    // Of each message the target that it was first said of.
    let mut known: HashMap<u64, u64> = HashMap::new();
    let hash = |value: &Value| BuildHasherDefault::<DefaultHasher>::default().hash_one(value.to_string());
    lines(source, sink, &mut |sink, entry| {
        let message = match entry["reason"].as_str() {
            Some("compiler-message") => &entry["message"],
            Some(_) => return,
            None => &entry,
        };
        let Some((finding, clue)) = finding(message) else { return };
        // The tests of a library are compiled from its sources once more, with the same messages.
        let target = hash(&entry["target"]);
        if !entry["target"].is_null() && known.len() < KNOWN {
            let first = *known.entry(hash(&message["rendered"]) ^ hash(&message["spans"])).or_insert(target);
            if first != target {
                return;
            }
        }
        sink.finding(finding, clue);
    });
}

fn finding(message: &Value) -> Option<(Finding, Clue)> {
    let spans = message["spans"].as_array()?;
    let mut said = text(&message["message"])?;
    let level = match message["level"].as_str()? {
        "warning" => Level::Warning,
        word if word.starts_with("error") => Level::Error,
        "failure-note" => return None,
        _ => Level::Notice,
    };
    if spans.is_empty() && (level != Level::Error || is_summary(&said)) {
        return None;
    }
    for child in message["children"].as_array().into_iter().flatten() {
        let note = child["message"].as_str().unwrap_or_default();
        let common = note.contains("on by default") || note.starts_with("for further information visit");
        if !note.is_empty() && !common {
            said.push_str(&format!("\n{}: {note}", child["level"].as_str().unwrap_or("note")));
        }
    }
    let mut clue = Clue::default();
    // Out of the macros of other crates to the place where they are called.
    let mut span = spans.iter().find(|span| span["is_primary"] == true).or(spans.first()).unwrap_or(&Value::Null);
    while clue.spots.len() < EXPANSIONS
        && let Some(file) = text(&span["file_name"])
    {
        let mut spot = Spot::new(file, number(&span["line_start"]), Trust::Exact);
        spot.column = number(&span["column_start"]);
        spot.end_line = number(&span["line_end"]);
        spot.end_column = number(&span["column_end"]);
        clue.spots.push(spot);
        span = at(span, "expansion.span");
    }
    let source = if at(message, "code.code").as_str().is_some_and(|code| code.starts_with("clippy::")) {
        "clippy"
    } else {
        "rustc"
    };
    let rule = text(at(message, "code.code"));
    Some((Finding { level, rule, message: said, source: source.to_owned(), ..Finding::default() }, clue))
}

/// What the compiler says at the end, of what it has said before.
pub fn is_summary(message: &str) -> bool {
    message.starts_with("aborting due to ")
        || message.starts_with("could not compile ")
        || message.starts_with("build failed")
        || message.ends_with(" emitted") && message.contains(" warning")
        || message.contains("` (") && message.contains(") generated ")
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    const UNUSED: &str = r#"{"rendered":"r","$message_type":"diagnostic","children":[{"children":[],"code":null,"level":"note","message":"`#[warn(unused_imports)]` on by default","spans":[]},{"level":"help","message":"remove it","spans":[{"file_name":"z.rs","line_start":9}]}],"level":"warning","message":"unused import: `x`","spans":[{"file_name":"b.rs","is_primary":false,"line_start":9,"line_end":9,"column_start":1,"column_end":2},{"column_end":30,"column_start":5,"expansion":null,"file_name":"util/src/lib.rs","is_primary":true,"line_end":1,"line_start":1}],"code":{"code":"unused_imports","explanation":null}}"#;

    #[test]
    fn rustc_alone() {
        let macros = r#"{"message":"mismatched","code":{"code":"clippy::E"},"level":"error: internal compiler error","spans":[{"file_name":"/rustc/1/lib.rs","is_primary":true,"line_start":5,"column_start":1,"line_end":5,"column_end":9,"expansion":{"span":{"file_name":"src/a.rs","line_start":7,"line_end":7,"column_start":3,"column_end":8,"expansion":null}}}],"children":[],"rendered":""}"#;
        let link = r#"{"message":"linking with `cc` failed","code":null,"level":"error","spans":[],"children":[],"rendered":"e"}"#;
        let end = r#"{"message":"aborting due to 2 previous errors; 1 warning emitted","code":null,"level":"error","spans":[],"children":[],"rendered":"e"}"#;
        let found = [
            "warning util/src/lib.rs:1:5-1:30 unused_imports: unused import: `x`\nhelp: remove it",
            "error /rustc/1/lib.rs:5:1-5:9 src/a.rs:7:3-7:8 clippy::E: mismatched",
            "error - -: linking with `cc` failed",
        ];
        check("cargo-json", &format!("{UNUSED}\n{macros}\n{link}\n{end}\n"), &found);
    }

    #[test]
    fn cargo_says_it_for_every_target() {
        let wrap = |kind: &str| {
            format!(
                "{{\"reason\":\"compiler-message\",\"package_id\":\"p\",\"target\":{{\"kind\":[\"{kind}\"]}},\"message\":{UNUSED}}}"
            )
        };
        let artifact = r#"{"reason":"compiler-artifact","package_id":"p","target":{},"message":null}"#;
        let text = format!(
            "   Compiling p\n{artifact}\n{}\nnoise\n{}\n{{\"reason\":\"build-finished\",\"success\":true}}\n",
            wrap("lib"),
            wrap("test")
        );
        check(
            "cargo-json",
            &text,
            &["warning util/src/lib.rs:1:5-1:30 unused_imports: unused import: `x`\nhelp: remove it"],
        );
    }
}
