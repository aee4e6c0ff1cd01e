//! SASLprep (RFC 4013) of passwords, as far as it can make a difference.
//!
//! Postgres prepares a password when it is set and takes it as it is where that
//! cannot be done (an unassigned character, mixed directions). Normalization
//! itself is the host's.

/// The password as the server will have stored it. `normalized` gives the
/// normalization form KC of a text.
pub fn prepared(password: &str, normalized: impl Fn(&str) -> String) -> String {
    if password.is_ascii() {
        return password.to_owned();
    }
    let mapped: String =
        password.chars().filter(|c| !is_dropped(*c)).map(|c| if is_blank(c) { ' ' } else { c }).collect();
    let prepared = normalized(&mapped);
    match prepared.is_empty() || prepared.chars().any(is_prohibited) {
        true => password.to_owned(),
        false => prepared,
    }
}

/// Commonly mapped to nothing (RFC 3454, B.1).
fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{1806}' | '\u{180B}'..='\u{180D}' | '\u{200B}'..='\u{200D}' | '\u{2060}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

/// Blanks that are not ASCII's (RFC 3454, C.1.2).
fn is_blank(c: char) -> bool {
    matches!(c, '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200B}' | '\u{202F}' | '\u{205F}' | '\u{3000}')
}

/// What a prepared text must not have (RFC 4013 section 2.3).
fn is_prohibited(c: char) -> bool {
    is_blank(c)
        || c.is_control()
        || matches!(c,
            '\u{6DD}' | '\u{70F}' | '\u{180E}' | '\u{200C}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{2063}' | '\u{206A}'..='\u{206F}' | '\u{2FF0}'..='\u{2FFB}' | '\u{340}' | '\u{341}'
            | '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFF}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0001}' | '\u{E0020}'..='\u{E007F}' | '\u{F0000}'..='\u{10FFFF}')
        || (c as u32 & 0xFFFE) == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str, expected: &str) {
        // The form KC of what these tests hold.
        let normalized = |text: &str| text.replace('\u{AA}', "a").replace('\u{2168}', "IX");
        assert_eq!(prepared(password, normalized), expected, "{password:?}");
    }

    #[test]
    fn the_examples_of_the_specification_hold() {
        check("I\u{AD}X", "IX");
        check("user", "user");
        check("USER", "USER");
        check("\u{AA}", "a");
        check("\u{2168}", "IX");
        check("p\u{3000}ä", "p ä");
    }

    #[test]
    fn what_cannot_be_prepared_stays_as_it_is() {
        check("\u{7}", "\u{7}");
        check("ä\u{7}", "ä\u{7}");
        check("\u{AD}", "\u{AD}");
        check("\u{E000}", "\u{E000}");
    }
}
