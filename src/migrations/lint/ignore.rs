//! The comments by which squawk's users silence a rule: `-- squawk-ignore rule, rule` on the line
//! of a finding or on the one before it, and `-- squawk-ignore-file rule`.
//! <https://squawkhq.com/docs/rules#ignoring-rules-via-comments>

use std::collections::BTreeSet;

use squawk_lexer::TokenKind;

use crate::migrations::Script;
use crate::migrations::locate::Lines;
use crate::migrations::split::tokens;

/// What a script's comments silence.
#[derive(Default)]
pub struct Ignored {
    lines: BTreeSet<(u32, String)>,
    file: BTreeSet<String>,
    is_all: bool,
}

impl Ignored {
    /// Reads the comments of a script.
    pub fn read(script: &Script) -> Ignored {
        let mut ignored = Ignored::default();
        let mut lines = Lines::new(&script.file);
        for token in tokens(&script.file, script.range.clone()) {
            let text = script.file.get(token.range.clone()).unwrap_or_default();
            let body = match token.kind {
                TokenKind::LineComment => text.strip_prefix("--"),
                TokenKind::BlockComment { .. } => text.strip_prefix("/*").and_then(|text| text.strip_suffix("*/")),
                _ => None,
            };
            let Some(rest) = body.and_then(|body| body.trim_start().strip_prefix("squawk-ignore")) else { continue };
            let (is_file, names) = match rest.strip_prefix("-file") {
                Some(names) => (true, names),
                None => (false, rest),
            };
            let names = names.split("--").next().unwrap_or_default();
            ignored.is_all |= is_file && names.trim().is_empty();
            let line = lines.at(token.range.start).0;
            for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                match is_file {
                    true => ignored.file.insert(name.to_owned()),
                    false => ignored.lines.insert((line, name.to_owned())),
                };
            }
        }
        ignored
    }

    /// Whether a rule is silenced for what begins at a byte of the file.
    pub fn has(&self, file: &str, at: usize, rule: &str) -> bool {
        if self.has_file(rule) || self.lines.is_empty() {
            return self.has_file(rule);
        }
        let line = Lines::new(file).at(at).0;
        [line, line.saturating_sub(1)].into_iter().any(|line| self.lines.contains(&(line, rule.to_owned())))
    }

    /// Whether a rule is silenced for the whole file.
    pub fn has_file(&self, rule: &str) -> bool {
        self.is_all || self.file.contains(rule)
    }
}
