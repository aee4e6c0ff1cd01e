//! What a change does to migrations that its base has already, seen from the files alone: one that
//! was merged may be applied somewhere, and is not to be touched any more.

use std::collections::BTreeSet;

use super::checksum::{own, without_mark};
use super::split::tokens;
use super::{Format, Kind, Layout, Migration, read};
use crate::migrations::SourceFile;
use crate::model::finding::{Finding, Level};

/// What became of a file since the base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its path now; of a removed one its former path.
    pub path: String,
    /// What was done.
    pub how: How,
    /// The text that the base has, where it could be had.
    pub before: Option<String>,
}

/// What was done to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// It is new.
    Added,
    /// Its content is another.
    Modified,
    /// It is gone.
    Removed,
    /// It had this path; its content may be another, too.
    Renamed(String),
}

/// What a change does to the migrations.
#[derive(Debug, Default)]
pub struct Drift {
    /// What is wrong with it.
    pub findings: Vec<Finding>,
    /// The paths of the migrations that the base does not have.
    pub new: BTreeSet<String>,
    /// The paths of those that it has in another form.
    pub edited: BTreeSet<String>,
}

/// The names of the rules, each an error unless the settings say otherwise.
pub const RULES: &[&str] = &["edited-migration", "removed-migration", "renumbered-migration", "out-of-order"];

/// Judges a change. `folders` are where the migrations lie.
pub fn drift(layout: &Layout, folders: &[String], changes: &[Change], allow_out_of_order: bool) -> Drift {
    let mut drift = Drift::default();
    for change in changes {
        let now = layout.migrations.iter().find(|one| one.up.path == change.path);
        match (&change.how, now) {
            (How::Added, Some(_)) => {
                drift.new.insert(change.path.clone());
            }
            (How::Modified, Some(one)) => edited(&mut drift, layout.format, one, change),
            (How::Renamed(from), now) => renamed(&mut drift, layout.format, folders, from, now, change),
            (How::Removed, None) if named(layout.format, folders, &change.path).is_some() => {
                let message = "this migration is gone, though databases may have applied it: they would hold one that nobody knows. Instead: keep it, and add a new one that undoes it";
                let finding = finding("removed-migration", Level::Error, None, message);
                drift.findings.push(Finding { place: Some(change.path.clone()), ..finding });
            }
            _ => {}
        }
    }
    if !allow_out_of_order {
        order(&mut drift, layout, folders, changes);
    }
    drift
}

fn edited(drift: &mut Drift, format: Format, one: &Migration, change: &Change) {
    drift.edited.insert(change.path.clone());
    if one.kind == Kind::Repeatable {
        return;
    }
    let now = &*one.up.file;
    let is_strict = matches!(format, Format::Sqlx | Format::Refinery);
    let (level, what) = match &change.before {
        Some(before) if own(&up_of(before, one)) == own(one.up.sql()) && !is_strict => return,
        Some(before) if own(before) == own(now) => {
            (Level::Error, "its line endings differ, which this tool takes for another migration")
        }
        Some(before) if words(before) == words(now) => (Level::Warning, "only its comments and blanks differ"),
        _ => (Level::Error, "databases that have applied it will not apply it again"),
    };
    let message = format!(
        "this migration was merged before, and is changed now: {what}. Instead: take the change back, and add a new migration"
    );
    drift.findings.push(finding("edited-migration", level, Some(&one.up.path), &message));
}

/// The part of a file's former text that applied it: all, but where one file also undoes.
fn up_of(before: &str, one: &Migration) -> String {
    if one.up.range.end == one.up.file.len() && one.up.range.start <= '\u{FEFF}'.len_utf8() {
        return before.to_owned();
    }
    let file = SourceFile { path: one.up.path.clone(), bytes: before.as_bytes().to_vec() };
    match read(None, &[], &[file]) {
        Ok(layout) => layout.migrations.first().map_or(String::new(), |former| former.up.sql().to_owned()),
        Err(_) => before.to_owned(),
    }
}

fn renamed(
    drift: &mut Drift,
    format: Format,
    folders: &[String],
    from: &str,
    now: Option<&Migration>,
    change: &Change,
) {
    let Some(former) = named(format, folders, from) else {
        drift.new.extend(now.map(|one| one.up.path.clone()));
        return;
    };
    let Some(one) = now else {
        let gone = Change { path: from.to_owned(), how: How::Removed, before: None };
        let message = "this migration is moved out of the migrations' folder, though databases may have applied it. Instead: keep it";
        let finding = finding("removed-migration", Level::Error, None, message);
        drift.findings.push(Finding { place: Some(gone.path), ..finding });
        return;
    };
    if former == one.id {
        edited(drift, format, one, change);
        if drift.findings.last().is_none_or(|last| last.file.as_deref() != Some(&one.up.path)) {
            let message =
                format!("this migration was merged as `{from}`: it is the same one for databases, under another name");
            drift.findings.push(finding("renumbered-migration", Level::Warning, Some(&one.up.path), &message));
        }
        return;
    }
    drift.new.insert(one.up.path.clone());
    let message = format!(
        "this migration was merged as `{from}`, and databases that have applied it would apply it again. Instead: give it its old name back"
    );
    drift.findings.push(finding("renumbered-migration", Level::Error, Some(&one.up.path), &message));
}

/// What the format calls a file of this path; none for one that is no migration, or undoes one.
fn named(format: Format, folders: &[String], path: &str) -> Option<String> {
    let text = match format {
        Format::Dbmate => "-- migrate:up\n",
        _ => "",
    };
    let file = SourceFile { path: path.to_owned(), bytes: text.as_bytes().to_vec() };
    read(Some(format), folders, &[file]).ok()?.migrations.into_iter().next().map(|one| one.id)
}

/// New migrations that sort before the newest one of the base.
fn order(drift: &mut Drift, layout: &Layout, folders: &[String], changes: &[Change]) {
    let is_new = |one: &Migration| drift.new.contains(&one.up.path);
    let numbered = || layout.migrations.iter().filter(|one| one.kind == Kind::Versioned);
    // The base also has what the change removes.
    let removed = changes.iter().filter_map(|change| match &change.how {
        How::Removed => named(layout.format, folders, &change.path).map(|id| (id, change.path.as_str())),
        How::Renamed(from) => named(layout.format, folders, from).map(|id| (id, from.as_str())),
        _ => None,
    });
    let kept = numbered().filter(|one| !is_new(one)).map(|one| (one.id.clone(), one.up.path.as_str()));
    let like = |id: &str, one: &Migration| {
        // Names of whole files begin with their version, too.
        let version = match layout.format {
            Format::Prisma | Format::NodePgMigrate => {
                super::version::leading_digits(id).map_or("", |(digits, _)| digits)
            }
            _ => id,
        };
        Migration { version: version.to_owned(), id: id.to_owned(), kind: Kind::Versioned, ..one.clone() }
    };
    let base: Vec<_> = kept.chain(removed).collect();
    let mut found = Vec::new();
    for one in numbered().filter(|one| is_new(one)) {
        let later = |id: &str| Layout::order(layout.format, one, &like(id, one)).is_lt();
        // The newest one, since it is the one to sort after.
        let newest = base
            .iter()
            .filter(|(id, _)| later(id))
            .max_by(|a, b| Layout::order(layout.format, &like(&a.0, one), &like(&b.0, one)));
        if let Some((_, path)) = newest {
            let message = format!(
                "this new migration sorts before `{path}`, which was merged before it: databases that have that one would skip it or run it out of order. Instead: give it a later version"
            );
            found.push(finding("out-of-order", Level::Error, Some(&one.up.path), &message));
        }
    }
    drift.findings.extend(found);
}

/// A text without its comments and blanks.
fn words(text: &str) -> Vec<&str> {
    use squawk_lexer::TokenKind;
    let text = without_mark(text);
    let is_word = |kind: &TokenKind| {
        !matches!(kind, TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. })
    };
    tokens(text, 0..text.len()).filter(|token| is_word(&token.kind)).map(|token| &text[token.range]).collect()
}

fn finding(rule: &str, level: Level, path: Option<&str>, message: &str) -> Finding {
    Finding {
        level,
        file: path.map(str::to_owned),
        line: path.map(|_| 1),
        rule: Some(rule.to_owned()),
        message: message.to_owned(),
        source: "waybill".to_owned(),
        ..Finding::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)], changes: &[(&str, How, Option<&str>)], any: bool, expected: &[&str]) {
        let folders = ["db".to_owned()];
        let files: Vec<_> = files
            .iter()
            .map(|(path, text)| SourceFile { path: format!("db/{path}"), bytes: text.as_bytes().to_vec() })
            .collect();
        let layout = read(None, &folders, &files).expect("the files are migrations");
        let changes: Vec<_> = changes
            .iter()
            .map(|(path, how, before)| Change {
                path: (*path).to_owned(),
                how: how.clone(),
                before: before.map(str::to_owned),
            })
            .collect();
        let drift = drift(&layout, &folders, &changes, any);
        let mut told: Vec<String> = drift
            .findings
            .iter()
            .map(|one| {
                let place = one.file.as_deref().or(one.place.as_deref()).unwrap_or_default();
                format!("{place} {:?} {}", one.level, one.rule.as_deref().unwrap_or_default())
            })
            .collect();
        told.extend(drift.new.iter().map(|path| format!("new {path}")));
        assert_eq!(told, expected);
    }

    #[test]
    fn what_was_merged_is_not_touched() {
        let files = [("1_a.sql", "select 1;"), ("2_b.sql", "b"), ("2_b.down.sql", "c")];
        check(
            &files,
            &[("db/2_b.sql", How::Added, None), ("README.md", How::Modified, None)],
            false,
            &["new db/2_b.sql"],
        );
        let edited = |before| [("db/1_a.sql", How::Modified, before)];
        check(&files, &edited(None), false, &["db/1_a.sql Error edited-migration"]);
        check(&files, &edited(Some("select 2;")), false, &["db/1_a.sql Error edited-migration"]);
        check(&files, &edited(Some("select/* */1; -- x")), false, &["db/1_a.sql Warning edited-migration"]);
        check(&files, &edited(Some("\u{FEFF}select 1;")), false, &[]);
        check(&files, &[("db/2_b.down.sql", How::Modified, None)], false, &[]);
        check(&files, &[("db/3_c.sql", How::Removed, None)], false, &["db/3_c.sql Error removed-migration"]);
        check(&files, &[("db/3_c.down.sql", How::Removed, None)], false, &[]);
    }

    #[test]
    fn numbers_stay_and_grow() {
        let files = [("1_a.sql", "a"), ("2_b.sql", "b")];
        check(&files, &[("db/1_a.sql", How::Added, None)], false, &["db/1_a.sql Error out-of-order", "new db/1_a.sql"]);
        check(&files, &[("db/1_a.sql", How::Added, None)], true, &["new db/1_a.sql"]);
        let renamed = |from: &str| [("db/2_b.sql", How::Renamed(from.to_owned()), Some("b"))];
        check(&files, &renamed("db/0_b.sql"), false, &["db/2_b.sql Error renumbered-migration", "new db/2_b.sql"]);
        check(&files, &renamed("db/002_c.sql"), false, &["db/2_b.sql Warning renumbered-migration"]);
        check(&files, &renamed("notes/b.sql"), false, &["new db/2_b.sql"]);
        let both = [("db/9_z.sql", How::Removed, None), ("db/2_b.sql", How::Added, None)];
        check(
            &files,
            &both,
            false,
            &["db/9_z.sql Error removed-migration", "db/2_b.sql Error out-of-order", "new db/2_b.sql"],
        );
    }

    #[test]
    fn a_block_that_undoes_may_change() {
        let files = [("1_a.sql", "-- migrate:up\na;\n-- migrate:down\nb;\n")];
        let before = "-- migrate:up\na;\n-- migrate:down\nc;\n";
        check(&files, &[("db/1_a.sql", How::Modified, Some(before))], false, &[]);
    }
}
