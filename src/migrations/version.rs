//! Versions in file names: compared as numbers of any length, or part by part.

use std::cmp::Ordering;

/// Compares two runs of digits as numbers, whatever their length; `007` equals `7`.
pub fn numbers(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

/// Compares versions as `1.2.10` or `1_2_10` part by part; `1.0` equals `1`.
pub fn dotted(one: &str, other: &str) -> Ordering {
    let mut left = one.split(['.', '_']);
    let mut right = other.split(['.', '_']);
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (one, other) => numbers(one.unwrap_or("0"), other.unwrap_or("0")),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// The digits that a name begins with, and what follows them; none without digits.
pub fn leading_digits(name: &str) -> Option<(&str, &str)> {
    let end = name.find(|c: char| !c.is_ascii_digit()).unwrap_or(name.len());
    (end > 0).then(|| name.split_at(end))
}

/// The number without leading zeros, as a database column of integers shows it.
pub fn plain(digits: &str) -> String {
    let plain = digits.trim_start_matches('0');
    if plain.is_empty() { "0".to_owned() } else { plain.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn versions_compare_as_their_tools_do() {
        assert_eq!(numbers("007", "7"), Ordering::Equal);
        assert_eq!(numbers("10", "9"), Ordering::Greater);
        assert_eq!(numbers("99999999999999999999999999", "100000000000000000000000000"), Ordering::Less);
        assert_eq!(dotted("1.0", "1"), Ordering::Equal);
        assert_eq!(dotted("1_10", "1.9"), Ordering::Greater);
        assert_eq!(dotted("1.2", "1.2.1"), Ordering::Less);
        assert_eq!(leading_digits("12ab"), Some(("12", "ab")));
        assert_eq!(leading_digits("ab"), None);
        assert_eq!(plain("000"), "0");
    }

    proptest! {
        #[test]
        fn numbers_agree_with_integers(one: u64, other: u64) {
            prop_assert_eq!(numbers(&format!("{one:022}"), &other.to_string()), one.cmp(&other));
        }
    }
}
