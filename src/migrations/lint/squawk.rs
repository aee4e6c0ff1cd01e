//! Squawk's linter behind an interface of our own. <https://squawkhq.com/docs/rules>

use std::ops::Range;

use squawk_linter::{Linter, LinterSettings, Rule, Version};
use squawk_syntax::SourceFile;

use super::{Rules, Subject};
use crate::migrations::running::Running;
use crate::model::finding::Level;

/// What it found.
pub struct Found {
    /// The rule's name.
    pub rule: String,
    /// The bytes in the file.
    pub range: Range<usize>,
    /// What is wrong, and what to write instead.
    pub message: String,
}

use Level::{Error, Notice, Warning};

/// Every rule of it: its level, and whether it is harmless on a table that the same batch makes.
/// Those without a level are off by default: squawk's own opt-in rules, and the two that ask for
/// timeouts, which the job sets itself.
const TABLE: &[(&str, Option<Level>, bool)] = &[
    ("require-concurrent-index-creation", Some(Error), true),
    ("require-concurrent-index-deletion", Some(Error), false),
    ("constraint-missing-not-valid", Some(Error), true),
    ("adding-field-with-default", Some(Error), true),
    ("adding-foreign-key-constraint", Some(Error), true),
    ("changing-column-type", Some(Error), true),
    ("adding-not-nullable-field", Some(Error), true),
    ("adding-serial-primary-key-field", Some(Error), true),
    ("renaming-column", Some(Warning), true),
    ("renaming-table", Some(Warning), true),
    ("disallowed-unique-constraint", Some(Error), true),
    ("ban-drop-database", Some(Error), false),
    ("prefer-bigint-over-int", Some(Notice), false),
    ("prefer-bigint-over-smallint", Some(Notice), false),
    ("prefer-identity", Some(Notice), false),
    ("prefer-repack", Some(Warning), true),
    ("prefer-robust-stmts", Some(Notice), false),
    ("prefer-text-field", Some(Notice), false),
    ("prefer-timestamp-tz", Some(Notice), false),
    ("ban-char-field", Some(Notice), false),
    ("ban-drop-column", Some(Warning), true),
    ("ban-drop-table", Some(Warning), true),
    ("ban-drop-not-null", Some(Warning), true),
    ("transaction-nesting", Some(Error), false),
    ("adding-required-field", Some(Error), true),
    ("ban-concurrent-index-creation-in-transaction", Some(Error), false),
    ("unused-ignore", Some(Notice), false),
    ("ban-create-domain-with-constraint", Some(Warning), false),
    ("ban-alter-domain-with-add-constraint", Some(Warning), false),
    ("ban-truncate-cascade", Some(Error), true),
    ("require-timeout-settings", None, false),
    ("ban-uncommitted-transaction", Some(Error), false),
    ("require-enum-value-ordering", Some(Notice), false),
    ("require-table-schema", None, false),
    ("identifier-too-long", Some(Warning), false),
    ("require-concurrent-partition-detach", Some(Error), true),
    ("require-concurrent-reindex", Some(Error), true),
    ("require-lock-timeout", None, false),
    ("require-statement-timeout", None, false),
    ("ban-duplicate-column-assignments", Some(Error), false),
    ("ban-drop-view", Some(Warning), false),
    ("ban-drop-function", Some(Warning), false),
    ("ban-drop-type", Some(Warning), false),
    ("ban-drop-default", Some(Warning), true),
    ("ban-drop-trigger", None, true),
    ("ban-drop-schema", Some(Error), false),
    ("ban-drop-sequence", Some(Warning), false),
    ("ban-drop-domain", Some(Warning), false),
    ("ban-drop-constraint", Some(Warning), true),
    ("ban-drop-generated-expression", Some(Warning), true),
    ("renaming-object", Some(Warning), true),
    ("ban-set-schema", Some(Warning), true),
    ("ban-alter-identity", Some(Warning), true),
    ("ban-drop-extension", Some(Warning), false),
    ("ban-alter-generated-expression", None, true),
    ("ban-drop-index", None, false),
    ("ban-set-default", None, true),
    ("ban-disable-trigger", None, true),
    ("ban-replica-identity", None, true),
    ("ban-drop-policy", None, true),
    ("ban-revoke", None, false),
    ("ban-replace-view-function", None, false),
    ("ban-alter-policy-condition", None, true),
    ("ban-alter-policy-roles", None, true),
    ("ban-create-policy", None, true),
    ("ban-alter-function-options", None, false),
    ("ban-alter-view-options", None, false),
    ("ban-alter-role-options", None, false),
    ("ban-alter-database-options", None, false),
    ("ban-alter-row-level-security", None, true),
    ("ban-new-write-restriction", None, true),
    ("ban-add-enum-value", None, false),
    ("ban-add-composite-attribute", None, false),
    ("ban-add-column", None, true),
    ("ban-detach-inheritance", None, true),
    ("ban-alter-sequence-values", None, false),
    ("ban-alter-system-options", None, false),
    ("ban-alter-extension", None, false),
];

/// The level of a rule where the settings say nothing.
pub fn default_level(id: &str) -> Option<Level> {
    TABLE.iter().find(|(name, ..)| *name == id).and_then(|(_, level, _)| *level)
}

/// Whether it is a rule of squawk's.
pub fn is_rule(id: &str) -> bool {
    TABLE.iter().any(|(name, ..)| *name == id)
}

/// The names of its rules.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, ..)| *name)
}

/// Whether a rule is about who waits or breaks, which nobody does for a table that is new.
pub fn is_about_locks(id: &str) -> bool {
    TABLE.iter().any(|(name, _, about_locks)| *name == id && *about_locks)
}

/// What squawk finds in a script, by the rules that are not off. It recurses: how deep the script
/// nests has to be known before.
pub fn lint(subject: &Subject<'_>, rules: &Rules) -> Vec<Found> {
    let script = subject.script;
    let text = script.sql();
    let start = script.range.start;
    let on = TABLE.iter().filter(|(name, ..)| rules.level(name).is_some());
    let mut linter = Linter::from(on.filter_map(|(name, ..)| Rule::try_from(*name).ok()));
    linter.settings = LinterSettings {
        pg_version: rules.postgres.to_string().parse::<Version>().unwrap_or_default(),
        assume_in_transaction: subject.running == Running::Together,
    };
    let parsed = SourceFile::parse(text);
    let mut found: Vec<Found> = Vec::new();
    let mut broken = None;
    for error in parsed.errors() {
        let range = error.range();
        // After the first one of a statement the parser only guesses.
        let statement = subject.statement_at(start + usize::from(range.start())).map(|one| one.range.start);
        if statement.is_some() && statement == broken {
            continue;
        }
        broken = statement;
        found.push(Found {
            rule: "syntax-error".to_owned(),
            range: start + usize::from(range.start())..start + usize::from(range.end()),
            message: format!("{}. Instead: SQL that Postgres reads", error.message()),
        });
    }
    for violation in linter.lint(&parsed, text) {
        let range = start + usize::from(violation.text_range.start())..start + usize::from(violation.text_range.end());
        // The name of a rule of ours is not unknown.
        if violation.code == Rule::UnusedIgnore
            && script.file.get(range.clone()).is_some_and(|name| super::is_rule(name.trim()))
        {
            continue;
        }
        let help = violation.help.as_deref().map(|help| format!(" {help}")).unwrap_or_default();
        found.push(Found { rule: violation.code.to_string(), range, message: format!("{}{help}", violation.message) });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_rule_of_the_linter() {
        // `Rule` can be walked only by a crate that we do not name: its default rules can be asked for.
        for rule in Linter::with_default_rules().rules {
            assert!(is_rule(&rule.to_string()), "{rule}");
        }
        // It cannot be asked for by its name.
        for (name, level, _) in TABLE.iter().filter(|(name, ..)| *name != "unused-ignore") {
            let rule = Rule::try_from(*name).ok();
            assert_eq!(rule.map(|rule| rule.to_string()).as_deref(), Some(*name));
            let is_ours_to_set = name.contains("timeout");
            assert_eq!(
                rule.is_some_and(|rule| rule.is_opt_in()),
                level.is_none() && !is_ours_to_set || *name == "require-timeout-settings",
                "{name}"
            );
        }
    }
}
