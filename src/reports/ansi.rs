//! Colours and cursor movements in a program's output, taken out.

use std::borrow::Cow;

/// The text without escape sequences (CSI, OSC and the two-character ones), as
/// ECMA-48 has them. Other control characters stay.
pub fn plain(text: &str) -> Cow<'_, str> {
    // 0xC2 begins U+009B, and only a few other characters.
    let bytes = text.as_bytes();
    let is_control = |at: &usize| bytes[*at] == 0x1B || bytes.get(at + 1) == Some(&0x9B);
    let Some(first) = memchr::memchr2_iter(0x1B, 0xC2, bytes).find(is_control) else { return Cow::Borrowed(text) };
    let mut kept = String::with_capacity(text.len());
    kept.push_str(&text[..first]);
    let mut rest = text[first..].chars();
    while let Some(c) = rest.next() {
        match c {
            '\u{1B}' => match rest.clone().next() {
                Some('[') => {
                    rest.next();
                    skip_csi(&mut rest);
                }
                Some(']') => {
                    rest.next();
                    skip_osc(&mut rest);
                }
                Some('(' | ')' | '#' | '%') => {
                    rest.next();
                    rest.next();
                }
                Some('@'..='_' | '7' | '8' | '=' | '>' | 'c') => {
                    rest.next();
                }
                _ => {}
            },
            '\u{9B}' => skip_csi(&mut rest),
            c => kept.push(c),
        }
    }
    Cow::Owned(kept)
}

/// Parameters, then one final character.
fn skip_csi(rest: &mut std::str::Chars) {
    loop {
        match rest.clone().next() {
            Some('\u{20}'..='\u{3F}') => {
                rest.next();
            }
            Some('\u{40}'..='\u{7E}') => {
                rest.next();
                return;
            }
            _ => return,
        }
    }
}

/// Up to BEL or ESC `\`; a line's end also ends what was never closed.
fn skip_osc(rest: &mut std::str::Chars) {
    while let Some(c) = rest.clone().next() {
        if c == '\n' {
            return;
        }
        rest.next();
        if c == '\u{7}' {
            return;
        }
        if c == '\u{1B}' && rest.clone().next() == Some('\\') {
            rest.next();
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, kept: &str) {
        assert_eq!(plain(text), kept, "{text:?}");
    }

    #[test]
    fn sequences_go_and_text_stays() {
        check("plain", "plain");
        check("\u{1B}[1;31mred\u{1B}[0m [0m", "red [0m");
        check("\u{1B}]8;;https://example.com\u{1B}\\link\u{1B}]8;;\u{7}!", "link!");
        check("a\u{1B}(Bb\u{1B}[", "ab");
        check("\u{9B}31mx\u{1B}[3\nnext", "x\nnext");
    }
}
