//! sqlx: `<version>_<description>.sql`, or `.up.sql` and `.down.sql`. A file that begins with
//! `-- no-transaction` runs in none. <https://docs.rs/sqlx/latest/sqlx/migrate/>

use super::{Faults, Halves, Name, Text};
use crate::migrations::checksum::without_mark;
use crate::migrations::version::plain;
use crate::migrations::{Migration, Transaction};

const WANTED: &str = "a name as `20260131120000_add_users.sql`, with a version of at most 19 digits";

/// Whether the file begins with the mark.
pub fn is_marked(text: &str) -> bool {
    without_mark(text).starts_with("-- no-transaction")
}

/// Reads the folder.
pub fn read(files: &[Text], faults: &mut Faults) -> Vec<Migration> {
    let mut halves = Halves::default();
    for file in files {
        let Some(stem) = file.name().strip_suffix(".sql") else { continue };
        let parts = stem
            .split_once('_')
            .filter(|(version, _)| version.bytes().all(|byte| byte.is_ascii_digit()) && version.parse::<i64>().is_ok());
        let Some((version, rest)) = parts else {
            faults.name(file, WANTED);
            continue;
        };
        match rest.strip_suffix(".down") {
            Some(name) => halves.down(file, Name { version, name }),
            None => halves.up(file, Name { version, name: rest.strip_suffix(".up").unwrap_or(rest) }),
        }
    }
    let script = |file: &Text| {
        let mark = is_marked(&file.text).then_some(file.mark());
        file.script(mark.map_or(Transaction::Unsaid, Transaction::Refused))
    };
    halves.join(faults, &script, &|name| plain(name.version), &|name| name.replace('_', " "))
}
