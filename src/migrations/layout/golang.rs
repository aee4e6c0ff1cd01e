//! golang-migrate: `<version>_<title>.up.sql` and `.down.sql`.
//! <https://github.com/golang-migrate/migrate/blob/master/MIGRATIONS.md>

use super::{Faults, Halves, Name, Text};
use crate::migrations::version::plain;
use crate::migrations::{Migration, Transaction};

const WANTED: &str = "a name as `000042_add_users.up.sql` or `000042_add_users.down.sql`";

/// Reads the folder.
pub fn read(files: &[Text], faults: &mut Faults) -> Vec<Migration> {
    let mut halves = Halves::default();
    for file in files {
        let Some(stem) = file.name().strip_suffix(".sql") else { continue };
        let (stem, is_down) = match (stem.strip_suffix(".up"), stem.strip_suffix(".down")) {
            (Some(stem), _) => (stem, false),
            (None, Some(stem)) => (stem, true),
            (None, None) => {
                faults.name(file, WANTED);
                continue;
            }
        };
        match stem.split_once('_').filter(|(version, _)| is_version(version)) {
            Some((version, name)) if is_down => halves.down(file, Name { version, name }),
            Some((version, name)) => halves.up(file, Name { version, name }),
            None => faults.name(file, WANTED),
        }
    }
    let script = |file: &Text| file.script(Transaction::Unsaid);
    halves.join(faults, &script, &|name| plain(name.version), &|name| name.replace('_', " "))
}

/// What fits its column, which is a `bigint`.
fn is_version(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<i64>().is_ok()
}
