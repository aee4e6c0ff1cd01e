//! Our own layout: `<version>_<name>.sql`, and `<version>_<name>.down.sql` to undo it.

use super::{Faults, Halves, Name, Text};
use crate::migrations::version::{leading_digits, plain};
use crate::migrations::{Migration, Transaction};

const WANTED: &str = "a name as `0042_add_users.sql` or `0042_add_users.down.sql`";

/// Reads the folder.
pub fn read(files: &[Text], faults: &mut Faults) -> Vec<Migration> {
    let mut halves = Halves::default();
    for file in files {
        let Some(stem) = file.name().strip_suffix(".sql") else { continue };
        let (stem, is_down) = match stem.strip_suffix(".down") {
            Some(stem) => (stem, true),
            None => (stem.strip_suffix(".up").unwrap_or(stem), false),
        };
        let name = leading_digits(stem).and_then(|(version, rest)| Some((version, rest.strip_prefix('_')?)));
        match name {
            Some((version, name)) if is_down => halves.down(file, Name { version, name }),
            Some((version, name)) => halves.up(file, Name { version, name }),
            None => faults.name(file, WANTED),
        }
    }
    let script = |file: &Text| {
        let mark = super::sqlx::is_marked(&file.text).then_some(file.mark());
        file.script(mark.map_or(Transaction::Unsaid, Transaction::Refused))
    };
    halves.join(faults, &script, &|name| plain(name.version), &|name| name.replace('_', " "))
}
