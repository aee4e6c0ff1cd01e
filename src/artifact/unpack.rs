//! Reading an archive that [`pack`](super::pack) made, and no other: a header
//! that another tar program would write differently is a deviation, and so is
//! anything that packing would have refused. What it gives can be laid out
//! again, to the same bytes.

use super::pack::{Content, MOST_BYTES, MOST_FILES, Member};
use super::tar::{self, BLOCK};
use super::{PackedKind, names};
use crate::codes;
use crate::problem::Failure;

/// Reads bytes of the archive from this one on, as many as asked for.
pub type ReadAt<'a> = &'a mut dyn FnMut(u64, usize) -> Result<Vec<u8>, String>;

/// How many deviations are told.
const MOST_DEVIATIONS: usize = 20;
/// How long a PAX header may be: two names, their keys and their lengths.
const LONGEST_PAX: u64 = 4 * names::LONGEST_PATH as u64;

/// The members of the archive at `path`, in order, each with the part of the
/// archive that its content is; or every deviation, as far as reading came.
pub fn read(path: &str, size: u64, read_at: ReadAt) -> Result<Vec<Member>, Vec<Failure>> {
    let mut reader = Reader { path, size, read_at, at: 0, members: Vec::new(), wrong: Vec::new(), bytes: 0 };
    if let Err(failure) = reader.run() {
        reader.wrong.push(failure);
    }
    if reader.wrong.is_empty() {
        reader.wrong = names::check(&reader.members);
    }
    reader.wrong.truncate(MOST_DEVIATIONS);
    if reader.wrong.is_empty() { Ok(reader.members) } else { Err(reader.wrong) }
}

struct Reader<'a> {
    path: &'a str,
    size: u64,
    read_at: ReadAt<'a>,
    at: u64,
    members: Vec<Member>,
    wrong: Vec<Failure>,
    bytes: u64,
}

impl Reader<'_> {
    fn run(&mut self) -> Result<(), Failure> {
        if self.size == 0 || !self.size.is_multiple_of(BLOCK) {
            return Err(self.deviation("its length is none that an archive has: it was cut, or is something else"));
        }
        loop {
            let start = self.at;
            let mut header = self.take(BLOCK)?;
            if header.iter().all(|&byte| byte == 0) {
                return self.end(start);
            }
            let mut records = Vec::new();
            if header[156] == b'x' && tar::checksum_holds(&header) {
                let length = tar::number(&header[124..136]).filter(|length| *length <= LONGEST_PAX);
                let length = length.ok_or_else(|| self.deviation("a PAX header is too long"))?;
                let mut pax = self.take(tar::padded(length))?;
                header.append(&mut pax);
                records = header[BLOCK as usize..][..length as usize].to_vec();
                header.append(&mut self.take(BLOCK)?);
            }
            self.member(&header, &records)?;
            if self.members.len() > MOST_FILES || self.bytes > MOST_BYTES {
                return Err(self.deviation("it holds more than an artifact may"));
            }
        }
    }

    /// One member: its header is made anew and held against the one that is there.
    fn member(&mut self, header: &[u8], records: &[u8]) -> Result<(), Failure> {
        let block = &header[header.len() - BLOCK as usize..];
        let at = self.at - header.len() as u64;
        if !tar::checksum_holds(block) {
            return Err(self.deviation(&format!("the header at byte {at} does not hold its own checksum")));
        }
        let [path, target] = self.names(block, records)?;
        let size = tar::number(&block[124..136]);
        let size = size.ok_or_else(|| self.deviation(&format!("`{path}` has no readable size")))?;
        let kind = match (block[156], tar::number(&block[100..108])) {
            (b'0', Some(0o755)) => PackedKind::Executable,
            (b'0', _) => PackedKind::Plain,
            (b'2', _) => PackedKind::Link(target),
            (flag, _) => {
                let flag = char::from(flag).escape_default();
                return Err(self.deviation(&format!("`{path}` is neither a file nor a link, but of type `{flag}`")));
            }
        };
        let made = tar::header(&path, &kind, size);
        if made.bytes != header {
            self.differs(&path, &made.bytes, header);
        }
        if self.members.last().is_some_and(|last| last.path >= path) {
            self.note(&format!("`{path}` is out of order, or there twice"));
        }
        let from = self.at;
        let member = match kind {
            PackedKind::Link(target) => Member::link(path, target),
            kind => {
                let end = from.checked_add(size).filter(|end| *end <= self.size);
                let end = end.ok_or_else(|| self.deviation(&format!("`{path}` goes beyond the archive's end")))?;
                self.at = end;
                let padding = self.take(tar::padded(size) - size)?;
                if padding.iter().any(|&byte| byte != 0) {
                    self.note(&format!("something stands behind the end of `{path}`"));
                }
                Member { path, kind, size, content: Content::Part { file: self.path.to_owned(), from } }
            }
        };
        self.bytes = self.bytes.saturating_add(member.size);
        self.members.push(member);
        Ok(())
    }

    /// The path and the link's target, from the PAX header where it has them.
    fn names(&self, block: &[u8], records: &[u8]) -> Result<[String; 2], Failure> {
        let broken = || self.deviation("a name cannot be read");
        let plain = |field: &[u8]| {
            let end = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
            String::from_utf8(field[..end].to_vec()).map_err(|_| broken())
        };
        let mut found = [plain(&block[..100])?, plain(&block[157..257])?];
        let mut rest = records;
        while !rest.is_empty() {
            let blank = rest.iter().position(|&byte| byte == b' ').ok_or_else(broken)?;
            let length = std::str::from_utf8(&rest[..blank]).ok().and_then(|text| text.parse::<usize>().ok());
            let length = length.filter(|length| *length > blank + 1 && *length <= rest.len()).ok_or_else(broken)?;
            let (record, after) = rest.split_at(length);
            let record = std::str::from_utf8(&record[blank + 1..]).map_err(|_| broken())?;
            match record.strip_suffix('\n').and_then(|record| record.split_once('=')) {
                Some(("path", value)) => value.clone_into(&mut found[0]),
                Some(("linkpath", value)) => value.clone_into(&mut found[1]),
                _ => return Err(self.deviation("a PAX header says something else than a name")),
            }
            rest = after;
        }
        Ok(found)
    }

    /// The first part of a header that is not as packing writes it.
    fn differs(&mut self, path: &str, made: &[u8], found: &[u8]) {
        let last = |header: &[u8]| header[header.len() - BLOCK as usize..].to_vec();
        let (made, found) = (last(made), last(found));
        let field = tar::FIELDS.iter().enumerate().find(|(index, (start, name))| {
            let end = tar::FIELDS.get(index + 1).map_or(BLOCK as usize, |(next, _)| *next);
            *name != "checksum" && made[*start..end] != found[*start..end]
        });
        let part = field.map_or("PAX header", |(_, (_, name))| name);
        self.note(&format!("the {part} in the header of `{path}` is not as packing writes it"));
    }

    /// Only zeros may follow, exactly as many as packing writes.
    fn end(&mut self, start: u64) -> Result<(), Failure> {
        let expected = start + tar::end_after(start);
        if self.size != expected {
            let message = format!("it ends at byte {} instead of {expected}", self.size);
            return Err(self.deviation(&message));
        }
        let rest = self.take(self.size - self.at)?;
        match rest.iter().all(|&byte| byte == 0) {
            true => Ok(()),
            false => Err(self.deviation("something stands behind its end")),
        }
    }

    fn take(&mut self, length: u64) -> Result<Vec<u8>, Failure> {
        if length == 0 {
            return Ok(Vec::new());
        }
        if self.size - self.at < length {
            return Err(self.deviation("it was cut: its end is missing"));
        }
        let bytes = (self.read_at)(self.at, length as usize);
        let bytes = bytes.map_err(|error| self.deviation(&format!("it cannot be read: {error}")))?;
        if bytes.len() as u64 != length {
            return Err(self.deviation("it was cut while it was read"));
        }
        self.at += length;
        Ok(bytes)
    }

    fn note(&mut self, what: &str) {
        if self.wrong.len() < MOST_DEVIATIONS {
            let deviation = self.deviation(what);
            self.wrong.push(deviation);
        }
    }

    fn deviation(&self, what: &str) -> Failure {
        Failure::new(&codes::ARCHIVE_BROKEN, what)
    }
}

#[cfg(test)]
mod tests;
