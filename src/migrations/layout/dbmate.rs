//! dbmate: one file with a block after `-- migrate:up` and one after `-- migrate:down`, either
//! with `transaction:false`. <https://github.com/amacneil/dbmate#writing-migrations>

use super::{Faults, Text};
use crate::codes;
use crate::migrations::version::leading_digits;
use crate::migrations::{Kind, Migration, Script, Transaction};

/// A line that begins a block.
struct Mark {
    is_up: bool,
    start: usize,
    end: usize,
    transaction: Transaction,
}

/// Whether a text has such a line.
pub fn has_marks(text: &str) -> bool {
    !marks(text).is_empty()
}

/// Reads the folder.
pub fn read(files: &[Text], faults: &mut Faults) -> Vec<Migration> {
    let mut migrations = Vec::new();
    for file in files {
        let Some(stem) = file.name().strip_suffix(".sql") else { continue };
        let Some((version, rest)) = leading_digits(stem) else {
            faults.name(file, "a name that begins with digits, as `20260131120000_add_users.sql`");
            continue;
        };
        let Some((up, down)) = blocks(file, faults) else { continue };
        migrations.push(Migration {
            version: version.to_owned(),
            name: rest.trim_start_matches('_').replace('_', " "),
            // Its column is text: leading zeros count.
            id: version.to_owned(),
            kind: Kind::Versioned,
            up,
            down,
            is_irreversible: false,
        });
    }
    migrations
}

/// The blocks of a file.
fn blocks(file: &Text, faults: &mut Faults) -> Option<(Script, Option<Script>)> {
    let marks = marks(&file.text);
    let wanted = "one `-- migrate:up` and then at most one `-- migrate:down`";
    let mut refuse = |at: usize, found: &str| {
        faults.add(&codes::MIGRATION_NAME, file, at, wanted, found.to_owned());
        None
    };
    let (up, down) = match marks.as_slice() {
        [up] if up.is_up => (up, None),
        [up, down] if up.is_up && !down.is_up => (up, Some(down)),
        [] => return refuse(0, "neither"),
        [only] => return refuse(only.start, "only `-- migrate:down`"),
        [first, ..] if !first.is_up => return refuse(first.start, "`-- migrate:down` first"),
        [_, second, ..] if second.is_up => return refuse(second.start, "`-- migrate:up` again"),
        [.., last] => return refuse(last.start, "another mark"),
    };
    let is_comment = |line: &str| line.trim().is_empty() || line.trim_start().starts_with("--");
    let before = &file.text[file.mark()..up.start];
    if !before.lines().all(is_comment) {
        return refuse(file.mark(), "statements before `-- migrate:up`");
    }
    let end = down.map_or(file.text.len(), |down| down.start);
    let down = down.map(|down| file.part(down.end..file.text.len(), down.transaction));
    // An empty block undoes nothing: dbmate's own template has one.
    let down = down.filter(|down| !down.sql().lines().all(is_comment));
    Some((file.part(up.end..end, up.transaction), down))
}

fn marks(text: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let rest = line.trim_start_matches('\u{FEFF}').strip_prefix("--").map(|rest| rest.trim());
        if let Some(rest) = rest.and_then(|rest| rest.strip_prefix("migrate:")) {
            let mut words = rest.split_whitespace();
            let block = words.next();
            if matches!(block, Some("up" | "down")) {
                let is_outside = words.any(|word| word == "transaction:false");
                let transaction = if is_outside { Transaction::Refused(start) } else { Transaction::Unsaid };
                marks.push(Mark { is_up: block == Some("up"), start, end, transaction });
            }
        }
        start = end;
    }
    marks
}
