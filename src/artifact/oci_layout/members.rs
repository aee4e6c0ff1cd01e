//! The members of a tar, read from its headers alone (POSIX.1-1988 ustar,
//! POSIX.1-2001 PAX, GNU's long names). Strict: what two readers could
//! understand in two ways is refused.

use std::collections::BTreeMap;

use super::{Found, Place, ReadAt};
use crate::codes;
use crate::problem::Failure;

/// How many members an archive may have.
const MOST_MEMBERS: usize = 20_000;
/// How long a member's path may be, in bytes.
const LONGEST_PATH: usize = 4096;
/// How large the header of a PAX member may be, in bytes.
const LARGEST_PAX: u64 = 64 * 1024;
/// How much is looked at behind the end of the archive, in bytes. GNU tar
/// fills up to 20 blocks, others to more.
const LARGEST_END: u64 = 4 << 20;
const BLOCK: u64 = 512;

/// What a member of a tar is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Member {
    /// A file, and where its bytes lie.
    File(Place),
    /// A symbolic or a hard link, and where it points.
    Link(String),
}

/// What an extended header says of the member that follows.
#[derive(Default)]
struct Extended {
    path: Option<String>,
    link: Option<String>,
    size: Option<u64>,
}

/// The members of the tar at `path`, of `size` bytes, by their paths without a
/// leading `./`. Folders are left out, links are for the caller to judge.
pub fn members(path: &str, size: u64, read: ReadAt<'_>) -> Found<BTreeMap<String, Member>> {
    let mut members = BTreeMap::new();
    let mut folders = std::collections::BTreeSet::new();
    let mut extended = Extended::default();
    let mut is_extended = false;
    let mut at = 0;
    loop {
        if at + BLOCK > size {
            return Err(broken(format!("it ends at byte {size} without an end of the archive")));
        }
        let header = read(&Place { path: path.to_owned(), from: at, size: BLOCK })?;
        if header.iter().all(|&byte| byte == 0) {
            if is_extended {
                return Err(broken(format!("the header before byte {at} belongs to no member")));
            }
            check_end(path, at, size, read)?;
            return Ok(members);
        }
        let header = Header::read(&header, at)?;
        // What a link or a folder says of its size is not followed by bytes.
        let length = extended.size.filter(|_| matches!(header.kind, b'0' | b'7')).unwrap_or(header.size);
        let from = at + BLOCK;
        let padded = length.checked_next_multiple_of(BLOCK).and_then(|length| from.checked_add(length));
        let next = padded.filter(|&next| next <= size).ok_or_else(|| {
            broken(format!("the member `{}` at byte {at} is longer than what is left of the file", shown(&header.name)))
        })?;
        check_padding(path, from + length, next, read)?;
        let place = Place { path: path.to_owned(), from, size: length };
        at = next;
        match header.kind {
            b'x' => {
                pax(&bounded(&place, read)?, place.from, false, &mut extended)?;
                is_extended = true;
            }
            b'g' => pax(&bounded(&place, read)?, place.from, true, &mut Extended::default())?,
            b'L' => {
                set(&mut extended.path, gnu_name(&bounded(&place, read)?, place.from)?, place.from)?;
                is_extended = true;
            }
            b'K' => {
                set(&mut extended.link, gnu_name(&bounded(&place, read)?, place.from)?, place.from)?;
                is_extended = true;
            }
            kind => {
                let said = std::mem::take(&mut extended);
                is_extended = false;
                let name = clean(&said.path.unwrap_or(header.name))?;
                let member = match kind {
                    b'0' => Some(Member::File(place)),
                    b'5' if length == 0 => None,
                    b'1' | b'2' if length == 0 => Some(Member::Link(said.link.unwrap_or(header.link))),
                    b'1' | b'2' | b'5' => {
                        return Err(broken(format!("`{}` is no file, but has {length} bytes", shown(&name))));
                    }
                    kind => return Err(unsafe_member(&name, what(kind))),
                };
                let is_new = match member {
                    Some(member) if !folders.contains(&name) => members.insert(name.clone(), member).is_none(),
                    // That a folder is named twice changes nothing.
                    None => {
                        folders.insert(name.clone());
                        !members.contains_key(&name)
                    }
                    Some(_) => false,
                };
                if !is_new {
                    let message = format!("there are two members `{}`", shown(&name));
                    return Err(Failure::new(&codes::IMAGE_DUPLICATE_MEMBER, message));
                }
                if members.len() + folders.len() > MOST_MEMBERS {
                    let message = format!("the archive has more than {MOST_MEMBERS} members");
                    return Err(Failure::new(&codes::IMAGE_LIMIT, message));
                }
            }
        }
    }
}

/// Whether a block of 512 bytes has the sum that a tar's header must say.
pub fn is_header(block: &[u8]) -> bool {
    let own = block.get(148..156).unwrap_or_default();
    let sum = |bytes: &[u8]| bytes.iter().map(|&byte| u64::from(byte)).sum::<u64>();
    // The bytes of the sum itself count as blanks.
    octal(own) == Some(sum(block) - sum(own) + 8 * u64::from(b' '))
}

struct Header {
    name: String,
    link: String,
    size: u64,
    kind: u8,
}

impl Header {
    fn read(bytes: &[u8], at: u64) -> Found<Header> {
        let wrong = |what: &str| broken(format!("the header at byte {at} {what}"));
        let field = |from: usize, to: usize| bytes.get(from..to).unwrap_or_default();
        if !is_header(bytes) {
            return Err(wrong("does not have the sum that it says"));
        }
        let is_posix = match field(257, 265) {
            b"ustar\x0000" => true,
            b"ustar  \0" => false,
            _ => return Err(wrong("is neither of POSIX's nor of GNU's form")),
        };
        let text = |from: usize, to: usize| {
            let bytes = field(from, to);
            let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
            if bytes[end..].iter().any(|&byte| byte != 0) {
                return Err(wrong("has bytes behind the end of a name"));
            }
            String::from_utf8(bytes[..end].to_vec()).map_err(|_| wrong("has a name that is no UTF-8"))
        };
        let mut name = text(0, 100)?;
        let prefix = if is_posix { text(345, 500)? } else { String::new() };
        if !prefix.is_empty() {
            name = format!("{prefix}/{name}");
        }
        let size = number(field(124, 136)).ok_or_else(|| wrong("has a size that is no number"))?;
        let kind = match bytes.get(156) {
            None | Some(0) => b'0',
            Some(&kind) => kind,
        };
        // Before there was a kind for it, a name with a slash at its end was a folder.
        if kind == b'0' && name.ends_with('/') {
            return Err(unsafe_member(&name, "a file with the name of a folder"));
        }
        Ok(Header { name, link: text(157, 257)?, size, kind })
    }
}

/// Octal digits, then blanks or zeros; nothing for anything else.
fn octal(field: &[u8]) -> Option<u64> {
    let start = field.iter().position(|&byte| byte != b' ')?;
    let digits = &field[start..];
    let end = digits.iter().position(|byte| !(b'0'..=b'7').contains(byte)).unwrap_or(digits.len());
    let is_ended = digits[end..].iter().all(|&byte| byte == 0 || byte == b' ');
    (end > 0 && is_ended).then(|| digits[..end].iter().fold(0, |sum, digit| sum * 8 + u64::from(digit - b'0')))
}

/// A size: octal, or GNU's base 256 for what has no room otherwise.
fn number(field: &[u8]) -> Option<u64> {
    match field.split_first() {
        Some((0x80, rest)) => rest.iter().try_fold(0u64, |sum, &byte| {
            let sum = sum.checked_mul(256)?.checked_add(u64::from(byte))?;
            (sum < 1 << 53).then_some(sum)
        }),
        _ => octal(field),
    }
}

/// Reads `length key=value\n` again and again.
fn pax(bytes: &[u8], at: u64, is_global: bool, extended: &mut Extended) -> Found<()> {
    let wrong = || broken(format!("the extended header at byte {at} does not hold"));
    let mut left = bytes;
    while !left.is_empty() {
        let blank = left.iter().position(|&byte| byte == b' ').ok_or_else(wrong)?;
        let digits = std::str::from_utf8(&left[..blank]).ok().filter(|digits| digits.len() <= 6);
        let length: usize = digits.and_then(|digits| digits.parse().ok()).ok_or_else(wrong)?;
        let record = left.get(blank + 1..length).ok_or_else(wrong)?;
        left = &left[length..];
        let record = record.strip_suffix(b"\n").ok_or_else(wrong)?;
        let equals = record.iter().position(|&byte| byte == b'=').ok_or_else(wrong)?;
        let key = std::str::from_utf8(&record[..equals]).map_err(|_| wrong())?;
        if !matches!(key, "path" | "linkpath" | "size") && !key.starts_with("GNU.sparse.") {
            // Times, owners, attributes: nothing that changes what the member holds.
            continue;
        }
        let value = std::str::from_utf8(&record[equals + 1..]).map_err(|_| wrong())?;
        if is_global || key.starts_with("GNU.sparse.") {
            return Err(unsafe_member(value, &format!("described by the extended header `{key}`")));
        }
        match key {
            "path" => set(&mut extended.path, value.to_owned(), at)?,
            "linkpath" => set(&mut extended.link, value.to_owned(), at)?,
            _ => {
                let size = value.parse().ok().filter(|size| *size < 1 << 53 && value.as_bytes()[0] != b'+');
                set(&mut extended.size, size.ok_or_else(wrong)?, at)?;
            }
        }
    }
    Ok(())
}

fn set<T>(place: &mut Option<T>, value: T, at: u64) -> Found<()> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(broken(format!("the extended header at byte {at} says something for the second time"))),
    }
}

fn gnu_name(bytes: &[u8], at: u64) -> Found<String> {
    let name = bytes.strip_suffix(b"\0").unwrap_or(bytes);
    String::from_utf8(name.to_vec()).map_err(|_| broken(format!("the long name at byte {at} is no UTF-8")))
}

fn bounded(place: &Place, read: ReadAt<'_>) -> Found<Vec<u8>> {
    if place.size > LARGEST_PAX {
        return Err(broken(format!("the extended header at byte {} is larger than {LARGEST_PAX} bytes", place.from)));
    }
    read(place)
}

/// A path without `./` in front and `/` at the end; refused if it leads anywhere else.
fn clean(name: &str) -> Found<String> {
    let path = name.strip_prefix("./").unwrap_or(name);
    let path = path.strip_suffix('/').unwrap_or(path);
    let is_root = matches!(name, "." | "./");
    let is_plain = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    let is_windows = path.contains('\\') || path.as_bytes().get(1) == Some(&b':');
    if path.len() > LONGEST_PATH || path.chars().any(char::is_control) || is_windows || !(is_plain || is_root) {
        return Err(unsafe_member(name, "a path that is not plainly inside the archive"));
    }
    Ok(path.to_owned())
}

/// After two blocks of zeros there is nothing but zeros.
fn check_end(path: &str, at: u64, size: u64, read: ReadAt<'_>) -> Found<()> {
    let left = size - at;
    if left < 2 * BLOCK {
        return Err(broken(format!("it ends at byte {size} in the middle of its end")));
    }
    if left > LARGEST_END {
        return Err(broken(format!("{left} bytes follow its end at byte {at}")));
    }
    match zeros(path, at, size, read)? {
        true => Ok(()),
        false => Err(broken(format!("it has something behind its end at byte {at}"))),
    }
}

fn check_padding(path: &str, from: u64, to: u64, read: ReadAt<'_>) -> Found<()> {
    match from == to || zeros(path, from, to, read)? {
        true => Ok(()),
        false => Err(broken(format!("something is hidden behind the member that ends at byte {from}"))),
    }
}

fn zeros(path: &str, from: u64, to: u64, read: ReadAt<'_>) -> Found<bool> {
    let bytes = read(&Place { path: path.to_owned(), from, size: to - from })?;
    Ok(bytes.iter().all(|&byte| byte == 0))
}

fn what(kind: u8) -> &'static str {
    match kind {
        b'3' | b'4' => "a device",
        b'6' => "a named pipe",
        b'S' => "a sparse file",
        _ => "of a kind that is not known",
    }
}

fn broken(message: String) -> Failure {
    Failure::new(&codes::IMAGE_ARCHIVE, format!("the image's archive is broken: {message}"))
}

/// A member that no layout may have.
pub fn unsafe_member(name: &str, what: &str) -> Failure {
    Failure::new(&codes::IMAGE_MEMBER, format!("the member `{}` is {what}", shown(name)))
}

/// A name as a message may show it.
fn shown(name: &str) -> String {
    name.chars().take(200).collect::<String>().escape_debug().to_string()
}

#[cfg(test)]
mod tests;
