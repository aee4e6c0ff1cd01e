//! Reads a zip file's directory. Only what the directory names counts; a local
//! header is read for where its data begins and for nothing else.

use super::{CENTRAL, DEFLATED, END, END_64, EXTRA_64, IN_EXTRA, LOCAL, LOCATOR_64, STORED};

/// How much of a file's end is read to find its directory's end: the record and the longest comment.
pub const TAIL: u64 = 22 + 65_535;
/// The largest directory that is read, in bytes.
pub const LARGEST_DIRECTORY: u64 = 1 << 20;

/// Where a zip file's directory lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Directory {
    /// Its first byte.
    pub offset: u64,
    /// Its size in bytes.
    pub size: u64,
    /// How many members it names.
    pub count: u64,
}

/// A member, as the directory has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name, not yet checked.
    pub name: String,
    /// CRC-32 of the content.
    pub crc32: u32,
    /// Size of the content in bytes.
    pub size: u64,
    /// Size of the data in bytes.
    pub coded_size: u64,
    /// Whether the data is deflated; otherwise it is the content itself.
    pub is_deflated: bool,
    /// Where its local header begins.
    pub offset: u64,
}

/// What is wrong with a zip file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn(pub &'static str);

impl std::fmt::Display for Torn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// Finds the directory from the file's last bytes, [`TAIL`] of them or all,
/// and its size. `wide` gives the 56 bytes at an offset, for zip64.
pub fn end_of_directory(
    tail: &[u8],
    size: u64,
    wide: &mut dyn FnMut(u64) -> Option<Vec<u8>>,
) -> Result<Directory, Torn> {
    let starts = (0..tail.len().saturating_sub(21)).rev();
    let is_end = |&at: &usize| {
        // The comment reaches to the end: a record inside of another's comment is none.
        number(tail, at, 4) == Some(u64::from(END)) && number(tail, at + 20, 2) == Some((tail.len() - at - 22) as u64)
    };
    let at = starts.into_iter().find(is_end).ok_or(Torn("it has no end of a zip file: it is cut or something else"))?;
    let field = |from: usize, bytes: usize| number(tail, at + from, bytes).unwrap_or_default();
    let mut directory = Directory { offset: field(16, 4), size: field(12, 4), count: field(10, 2) };
    let end = size - tail.len() as u64 + at as u64;
    let mut limit = end;
    if directory.offset == u64::from(IN_EXTRA) || directory.size == u64::from(IN_EXTRA) || directory.count == 0xffff {
        let torn = Torn("its zip64 records do not hold");
        let locator = at.checked_sub(20).filter(|&from| number(tail, from, 4) == Some(u64::from(LOCATOR_64)));
        let record = number(tail, locator.ok_or(torn.clone())? + 8, 8).ok_or(torn.clone())?;
        let bytes = wide(record).filter(|bytes| number(bytes, 0, 4) == Some(u64::from(END_64))).ok_or(torn.clone())?;
        let field = |from: usize| number(&bytes, from, 8).ok_or(torn.clone());
        directory = Directory { count: field(32)?, size: field(40)?, offset: field(48)? };
        limit = record;
    }
    match directory.offset.checked_add(directory.size) {
        Some(stop) if stop <= limit && directory.size <= LARGEST_DIRECTORY => Ok(directory),
        _ => Err(Torn("its directory does not lie within it")),
    }
}

/// The members of a directory's bytes.
pub fn members(bytes: &[u8], directory: Directory) -> Result<Vec<Member>, Torn> {
    let mut members: Vec<Member> = Vec::new();
    let mut at = 0;
    while members.len() as u64 != directory.count {
        let field = |from: usize, length: usize| number(bytes, at + from, length).ok_or(Torn("its directory is cut"));
        if field(0, 4)? != u64::from(CENTRAL) {
            return Err(Torn("its directory holds something else"));
        }
        let (flags, method) = (field(8, 2)?, field(10, 2)? as u16);
        if flags & 1 != 0 {
            return Err(Torn("a member is encrypted"));
        }
        if method != STORED && method != DEFLATED {
            return Err(Torn("a member is compressed by an unknown method"));
        }
        let (name, extra, comment) = (field(28, 2)? as usize, field(30, 2)? as usize, field(32, 2)? as usize);
        let text = bytes.get(at + 46..at + 46 + name).ok_or(Torn("its directory is cut"))?;
        let name_text = std::str::from_utf8(text).map_err(|_| Torn("a member's name is no UTF-8"))?.to_owned();
        let extra_bytes = bytes.get(at + 46 + name..at + 46 + name + extra).ok_or(Torn("its directory is cut"))?;
        let mut wide = wide_values(extra_bytes);
        let mut value = |from: usize| match field(from, 4)? {
            short if short != u64::from(IN_EXTRA) => Ok(short),
            _ => wide.next().ok_or(Torn("a member's size is not said")),
        };
        let (size, coded_size, offset) = (value(24)?, value(20)?, value(42)?);
        let member = Member {
            name: name_text,
            crc32: field(16, 4)? as u32,
            size,
            coded_size,
            is_deflated: method == DEFLATED,
            offset,
        };
        let within = offset.checked_add(30).and_then(|start| start.checked_add(coded_size));
        if within.is_none_or(|end| end > directory.offset) {
            return Err(Torn("a member does not lie within it"));
        }
        if !member.is_deflated && size != coded_size {
            return Err(Torn("a member's two sizes differ"));
        }
        members.push(member);
        at += 46 + name + extra + comment;
    }
    match at == bytes.len() {
        true => Ok(members),
        false => Err(Torn("its directory names more than it says")),
    }
}

/// Where a member's data begins, from the 30 bytes of its local header.
pub fn data_start(local: &[u8], member: &Member, directory: Directory) -> Result<u64, Torn> {
    let wrong = Torn("a member's header does not hold");
    let field = |from: usize, length: usize| number(local, from, length).ok_or(wrong.clone());
    if field(0, 4)? != u64::from(LOCAL) {
        return Err(wrong);
    }
    let start = member.offset + 30 + field(26, 2)? + field(28, 2)?;
    if start + member.coded_size <= directory.offset { Ok(start) } else { Err(wrong) }
}

/// The values of zip64's extra field, in order.
fn wide_values(extra: &[u8]) -> impl Iterator<Item = u64> {
    let mut at = 0;
    let mut found: &[u8] = &[];
    while let (Some(id), Some(length)) = (number(extra, at, 2), number(extra, at + 2, 2)) {
        let end = at + 4 + length as usize;
        if id == u64::from(EXTRA_64) {
            found = extra.get(at + 4..end).unwrap_or_default();
            break;
        }
        at = end;
    }
    found.chunks_exact(8).map(|bytes| number(bytes, 0, 8).unwrap_or_default())
}

fn number(bytes: &[u8], from: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(from..from.checked_add(length)?)?;
    Some(bytes.iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
}
