//! The forms of the model's own fields: dates, digests, paths. What settings
//! share with records (URLs, keys, hashes) is in [`forms`](super::forms).

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use serde_json::Value;

use super::forms::{Wrong, shown};

/// The longest branch, actor or path, in characters.
pub const LONGEST_LINE: usize = 1024;
/// The longest message, in characters.
pub const LONGEST_MESSAGE: usize = 8192;
/// The longest run id in a deployment id, in bytes.
pub const LONGEST_RUN: usize = 64;
/// The most that an event's metadata may hold, in bytes of text, names and punctuation.
pub const LARGEST_METADATA: usize = 64 * 1024;
/// How deep metadata may nest.
pub const DEEPEST_METADATA: usize = 8;
/// The largest whole number that every reader of JSON keeps exactly (RFC 8259, section 6).
pub const LARGEST_NUMBER: u64 = (1 << 53) - 1;

/// A date in the one form that records have: RFC 3339, in UTC with `Z`, with
/// exactly milliseconds. Other spellings of the same moment would not survive a
/// round trip and are refused.
pub fn date(text: &str) -> Result<DateTime<Utc>, Wrong> {
    parse_date(text).ok_or_else(|| Wrong::new("a date as `2026-11-22T10:00:00.000Z`", shown(text)))
}

fn parse_date(text: &str) -> Option<DateTime<Utc>> {
    let form = b"dddd-dd-ddTdd:dd:dd.dddZ";
    let bytes = text.as_bytes();
    let fits = |(&byte, &wanted): (&u8, &u8)| if wanted == b'd' { byte.is_ascii_digit() } else { byte == wanted };
    if bytes.len() != form.len() || !bytes.iter().zip(form).all(fits) {
        return None;
    }
    let number =
        |from: usize, to: usize| bytes[from..to].iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    let day = NaiveDate::from_ymd_opt(number(0, 4) as i32, number(5, 7), number(8, 10))?;
    Some(day.and_hms_milli_opt(number(11, 13), number(14, 16), number(17, 19), number(20, 23))?.and_utc())
}

/// The date as records hold it; [`date`] reads it back. Years beyond 0 to 9999
/// have no such form and give a text that [`date`] refuses.
pub fn date_text(date: DateTime<Utc>) -> String {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let (hour, minute, second) = (date.hour(), date.minute(), date.second());
    let millisecond = date.timestamp_subsec_millis().min(999);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
}

/// The moment without what is finer than a millisecond.
pub fn whole_milliseconds(date: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(date.timestamp_millis()).unwrap_or(date)
}

/// A SHA-256: 64 lower-case hex digits.
pub fn sha256(text: &str) -> Result<(), Wrong> {
    let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() == 64 && text.bytes().all(digit) {
        Ok(())
    } else {
        Err(Wrong::new("a SHA-256 of 64 lower-case hex digits", shown(text)))
    }
}

/// A text that says something, of at most `longest` characters.
pub fn text(text: &str, longest: usize) -> Result<(), Wrong> {
    // The mark of byte order is blank to JSON Schema's readers, though not to Unicode.
    if text.chars().all(|c| c.is_whitespace() || c == '\u{feff}') {
        let found = if text.is_empty() { "an empty text" } else { "nothing but blanks" };
        return Err(Wrong::new("a text that is not empty", found));
    }
    match text.chars().count() {
        length if length > longest => {
            Err(Wrong::new(format!("a text of at most {longest} characters"), format!("{length} characters")))
        }
        _ => Ok(()),
    }
}

/// A path inside a store: relative, with `/`, and the same file on every
/// platform. No part of it is empty or ends in a dot or a blank (which hides
/// `..` from Windows), and none holds a backslash, a colon or a control character.
pub fn store_path(text: &str) -> Result<(), Wrong> {
    let unfit = |c: char| matches!(c, '\\' | ':') || c.is_control();
    let sound = |part: &str| !part.is_empty() && !part.ends_with(['.', ' ']) && !part.contains(unfit);
    if text.chars().count() <= LONGEST_LINE && text.split('/').all(sound) {
        Ok(())
    } else {
        Err(Wrong::new("a relative path that stays inside its store", shown(text)))
    }
}

/// A deployment id: `<run id>-<environment>`. The run id is GitHub's number, or
/// elsewhere a word of lower-case letters, digits, `-` and `_`.
pub fn deployment_id(text: &str, environments: &[&str]) -> Result<(), Wrong> {
    let run = environments.iter().find_map(|name| text.strip_suffix(name)?.strip_suffix('-'));
    let letter = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
    let sound = |run: &str| {
        run.len() <= LONGEST_RUN
            && run.bytes().next().is_some_and(letter)
            && run.bytes().all(|byte| letter(byte) || matches!(byte, b'-' | b'_'))
    };
    if run.is_some_and(sound) {
        Ok(())
    } else {
        Err(Wrong::new("a deployment id as `<run id>-<environment>`", shown(text)))
    }
}

/// An event's metadata: JSON that every reader keeps exactly, so whole numbers
/// only, within [`LARGEST_METADATA`] and [`DEEPEST_METADATA`].
pub fn metadata(value: &Value) -> Result<(), Wrong> {
    let mut left = LARGEST_METADATA;
    weigh(value, DEEPEST_METADATA, &mut left)
}

fn weigh(value: &Value, depth: usize, left: &mut usize) -> Result<(), Wrong> {
    let own = match value {
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.len() + 2,
        Value::Object(map) => map.keys().map(|key| key.len() + 4).sum::<usize>() + 2,
        Value::Number(number) if !whole(number) => {
            return Err(Wrong::new("whole numbers up to 2^53 - 1", format!("`{number}`")));
        }
        _ => 8,
    };
    *left = left.checked_sub(own).ok_or_else(|| Wrong::new("at most 64 KiB", "more"))?;
    let deeper = |value| match depth {
        0 => Err(Wrong::new(format!("at most {DEEPEST_METADATA} levels"), "more")),
        _ => weigh(value, depth - 1, left),
    };
    match value {
        Value::Array(items) => items.iter().try_for_each(deeper),
        Value::Object(map) => map.values().try_for_each(deeper),
        _ => Ok(()),
    }
}

fn whole(number: &serde_json::Number) -> bool {
    number.as_i64().is_some_and(|number| number.unsigned_abs() <= LARGEST_NUMBER)
}
