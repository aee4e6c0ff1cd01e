//! References in XML text.

use std::borrow::Cow;

use memchr::memchr;

/// The longest reference that is resolved, from `&` to `;`, in bytes.
pub const LONGEST: usize = 12;

/// Text with the five entities of XML and character references resolved; any
/// other reference stays as it is written.
pub fn unescape(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr(b'&', text.as_bytes()) else { return Cow::Borrowed(text) };
    let mut plain = String::with_capacity(text.len());
    plain.push_str(&text[..first]);
    let mut rest = &text[first..];
    loop {
        let length = match reference(rest) {
            Some((c, length)) => {
                plain.push(c);
                length
            }
            None => {
                plain.push('&');
                1
            }
        };
        rest = &rest[length..];
        let Some(next) = memchr(b'&', rest.as_bytes()) else { break };
        plain.push_str(&rest[..next]);
        rest = &rest[next..];
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// The character that a text starting with `&` refers to, and the reference's length.
fn reference(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let c = match &text[1..end] {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        name => {
            let digits = name.strip_prefix('#')?;
            let number = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(number).filter(|c| *c != '\0').unwrap_or(char::REPLACEMENT_CHARACTER)
        }
    };
    Some((c, end + 1))
}
