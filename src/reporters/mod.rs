//! What a job tells the world: workflow commands, files for the runner, and
//! the summary. Values in, bytes out; who prints and writes them is `run`.

pub mod annotations;
pub mod findings;
pub mod markdown;
pub mod matchers;
pub mod outputs;
#[cfg(test)]
pub(crate) mod runner_model;
pub mod sarif;
pub mod sections;
pub mod summary;
pub mod tables;

/// The text without what only a terminal understands: escape sequences (ECMA-48)
/// and control characters other than tab and line ends.
pub fn without_controls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\u{1b}' => match characters.peek() {
                // A control sequence ends with its first character from `@` to `~`.
                Some('[') => {
                    characters.next();
                    while characters.next_if(|c| matches!(c, ' '..='?')).is_some() {}
                    characters.next_if(|c| matches!(c, '@'..='~'));
                }
                // An operating system command ends with BEL or ESC `\`.
                Some(']') => {
                    while characters.next_if(|c| !matches!(c, '\u{7}' | '\u{1b}' | '\n' | '\r')).is_some() {}
                    if characters.next_if_eq(&'\u{1b}').is_some() {
                        characters.next_if_eq(&'\\');
                    }
                }
                _ => {}
            },
            '\t' | '\n' | '\r' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// The longest start of the text with at most this many UTF-16 units.
pub fn utf16_start(text: &str, most: usize) -> &str {
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > most
    });
    end.map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_left_out_and_text_stays() {
        for (text, cleaned) in [
            ("\u{1b}[31mred\u{1b}[0m\n", "red\n"),
            ("\u{1b}[38;5;1mx\u{1b}[K", "x"),
            ("\u{1b}]8;;https://example.com\u{1b}\\link\u{1b}]8;;\u{7}", "link"),
            ("\u{1b}]never ended\nnext", "\nnext"),
            ("a\0b\u{7f}c\u{9b}d\te\r\nü😀", "abcd\te\r\nü😀"),
            ("\u{1b}", ""),
            ("\u{1b}[", ""),
        ] {
            assert_eq!(without_controls(text), cleaned, "{text:?}");
        }
    }

    #[test]
    fn units_are_counted_as_the_runner_does() {
        assert_eq!(utf16_start("aü😀b", 3), "aü");
        assert_eq!(utf16_start("aü😀b", 4), "aü😀");
        assert_eq!(utf16_start("aü😀b", 9), "aü😀b");
    }
}
