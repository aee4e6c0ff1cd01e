//! Durations, sizes, booleans and counts, from text and back.

use std::time::Duration;

/// The units of a duration, the largest first, with their milliseconds.
const TIMES: &[(&str, u64)] = &[("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// The units of a size, with their bytes; the longest name of an ending first.
const SIZES: &[(&str, u64)] = &[
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("kB", 1_000),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("B", 1),
];

/// The longest duration that is read, in milliseconds: a hundred years. Longer
/// ones would leave what a date can hold when they are added to one.
const LONGEST: u64 = 36_525 * 86_400_000;

/// `90s`, `5m`, `1h30m`, `7d`, `250ms`: whole numbers with units, the largest
/// unit first, each unit once.
pub fn duration(text: &str) -> Option<Duration> {
    let mut total: u64 = 0;
    let mut rest = text;
    let mut units = TIMES.iter();
    if text.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit())?;
        let unit_end = rest[number_end..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |at| number_end + at);
        let number: u64 = rest[..number_end].parse().ok()?;
        let unit = &rest[number_end..unit_end];
        // The iterator goes on where the last unit stood, so that order and number are right.
        let (_, milliseconds) = units.by_ref().find(|(name, _)| *name == unit)?;
        total = total.checked_add(number.checked_mul(*milliseconds)?)?;
        rest = &rest[unit_end..];
    }
    (total <= LONGEST).then(|| Duration::from_millis(total))
}

/// A duration as [`duration`] reads it, in whole milliseconds.
pub fn duration_text(time: Duration) -> String {
    let mut left = time.as_millis() as u64;
    let mut text = String::new();
    for (unit, milliseconds) in TIMES {
        if left >= *milliseconds {
            text.push_str(&format!("{}{unit}", left / milliseconds));
            left %= milliseconds;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// `64KiB`, `10MB`, `512B`: a whole number with its unit, a blank between them allowed.
pub fn size(text: &str) -> Option<u64> {
    let (unit, bytes) = SIZES.iter().find(|(unit, _)| text.ends_with(unit))?;
    let number = text[..text.len() - unit.len()].trim_end();
    whole(number)?.checked_mul(*bytes)
}

/// A size as [`size`] reads it, in the largest unit that it is a multiple of.
pub fn size_text(bytes: u64) -> String {
    let fitting = SIZES.iter().filter(|(_, unit)| bytes >= *unit && bytes.is_multiple_of(*unit));
    let (name, unit) = fitting.max_by_key(|(_, unit)| *unit).unwrap_or(&("B", 1));
    format!("{}{name}", bytes / unit)
}

/// The words of YAML 1.2's core schema.
pub fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// A whole number in decimal digits.
pub fn whole(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations() {
        for (text, seconds) in [("90s", 90), ("5m", 300), ("1h30m", 5400), ("7d", 604_800), ("0s", 0), ("1500ms2", 0)] {
            let expected = (text != "1500ms2").then(|| Duration::from_secs(seconds));
            assert_eq!(duration(text), expected, "{text}");
        }
        assert_eq!(duration("1m1500ms"), Some(Duration::from_millis(61_500)));
        for text in [
            "",
            "90",
            "5 m",
            "1.5h",
            "-1s",
            "30m1h",
            "5m5m",
            "1H",
            "s",
            "1h30",
            "99999999999999999999s",
            "36526d",
            "１s",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn sizes() {
        for (text, bytes) in
            [("64KiB", 65_536), ("10MB", 10_000_000), ("512B", 512), ("1 GiB", 1 << 30), ("3kB", 3000), ("0B", 0)]
        {
            assert_eq!(size(text), Some(bytes), "{text}");
        }
        for text in ["", "64", "KiB", "1.5MB", "-1B", "64kib", "64K", "99999999999TB", "１B", "+1B"] {
            assert_eq!(size(text), None, "{text}");
        }
    }

    #[test]
    fn booleans_are_those_of_yaml_1_2() {
        assert_eq!(["true", "True", "TRUE"].map(boolean), [Some(true); 3]);
        assert_eq!(["false", "False", "FALSE"].map(boolean), [Some(false); 3]);
        assert_eq!(["yes", "on", "1", "tRUE", ""].map(boolean), [None; 5]);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(milliseconds in 0..=LONGEST, bytes: u64) {
            let time = Duration::from_millis(milliseconds);
            prop_assert_eq!(duration(&duration_text(time)), Some(time));
            prop_assert_eq!(size(&size_text(bytes)), Some(bytes));
        }

        #[test]
        fn no_text_makes_them_panic(text in "\\PC{0,12}|[0-9]{0,22}[a-zA-Z]{0,4}[0-9]{0,3}") {
            let _ = (duration(&text), size(&text), boolean(&text), whole(&text));
        }
    }
}
