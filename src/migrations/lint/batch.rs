//! What a batch of migrations makes itself.

use super::Subject;

/// The tables that scripts before this one make.
#[derive(Default)]
pub struct Created {
    names: Vec<String>,
}

impl Created {
    /// Remembers what a script makes.
    pub fn learn(&mut self, subject: &Subject<'_>) {
        let made = subject.statements.iter().filter_map(|statement| statement.created());
        self.names.extend(made.map(|name| folded(&name)));
    }

    /// Whether a table is made by an earlier script, or by this one before a byte of it.
    pub fn has(&self, table: &str, subject: &Subject<'_>, before: usize) -> bool {
        let table = folded(table);
        let here = subject.statements.iter().filter(|one| one.range.end <= before).filter_map(|one| one.created());
        self.names.iter().any(|name| is_same(name, &table))
            || here.map(|name| folded(&name)).any(|name| is_same(&name, &table))
    }
}

/// Names differ by their schema only where both have one.
fn is_same(one: &str, other: &str) -> bool {
    match (one.contains('.'), other.contains('.')) {
        (true, true) | (false, false) => one == other,
        _ => one.rsplit('.').next() == other.rsplit('.').next(),
    }
}

/// As the catalogue has it.
pub fn folded(name: &str) -> String {
    let part = |part: &str| match part.strip_prefix('"') {
        Some(inner) => inner.trim_end_matches('"').to_owned(),
        None => part.to_lowercase(),
    };
    name.split('.').map(part).collect::<Vec<_>>().join(".")
}
