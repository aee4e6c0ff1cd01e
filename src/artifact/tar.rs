//! The one form of tar that an artifact has, so that the same tree is the same
//! bytes: a ustar header of 512 bytes a member, with a PAX header before it
//! only where a name or a link's target is longer than 100 bytes or not ASCII.
//! Owner, time and device are always zero, names of owners empty; a mode is
//! 0644, 0755 or, of a link, 0777. Source: POSIX.1-2024, `pax`.

use super::PackedKind;

/// Everything in a tar begins at a multiple of this.
pub const BLOCK: u64 = 512;
/// The whole is a multiple of this: twenty blocks, as tar has it since tapes.
const RECORD: u64 = 20 * BLOCK;
/// How long a name may be in the header itself.
const NAME: usize = 100;
/// What the header of a PAX header is called, as star and Python have it.
const PAX_NAME: &str = "././@PaxHeader";

/// The parts of a header, with where each begins; the last one ends the block.
pub const FIELDS: [(usize, &str); 14] = [
    (0, "name"),
    (100, "mode"),
    (108, "user"),
    (116, "group"),
    (124, "size"),
    (136, "time"),
    (148, "checksum"),
    (156, "type"),
    (157, "link"),
    (257, "magic"),
    (265, "owner's name"),
    (329, "device"),
    (345, "prefix"),
    (500, "rest"),
];

/// What stands before a member's content.
pub struct Header {
    /// All of it: one block, or three and more with a PAX header.
    pub bytes: Vec<u8>,
    /// Where in it a link's target stands.
    pub target_at: usize,
}

/// The header of a member. A link has no content, so its `size` is not written.
pub fn header(path: &str, kind: &PackedKind, size: u64) -> Header {
    let (flag, mode, size, target) = match kind {
        PackedKind::Plain => (b'0', 0o644, size, ""),
        PackedKind::Executable => (b'0', 0o755, size, ""),
        PackedKind::Link(target) => (b'2', 0o777, 0, target.as_str()),
    };
    let mut records = Vec::new();
    let mut target_at = None;
    if !fits(path) {
        record(&mut records, "path", path);
    }
    if !fits(target) {
        record(&mut records, "linkpath", target);
        target_at = Some(BLOCK as usize + records.len() - 1 - target.len());
    }
    let mut bytes = Vec::new();
    if !records.is_empty() {
        bytes.extend(block(PAX_NAME, 0, records.len() as u64, b'x', ""));
        bytes.append(&mut records);
        bytes.resize(padded(bytes.len() as u64) as usize, 0);
    }
    let target_at = target_at.unwrap_or(bytes.len() + 157);
    bytes.extend(block(path, mode, size, flag, target));
    Header { bytes, target_at }
}

/// The length with what fills its last block.
pub fn padded(length: u64) -> u64 {
    length.next_multiple_of(BLOCK)
}

/// The length of what ends an archive whose members take so many bytes: at
/// least two blocks of zeros.
pub fn end_after(length: u64) -> u64 {
    (length + 2 * BLOCK).next_multiple_of(RECORD) - length
}

/// A number as a header has it: octal digits, ended by a blank or a NUL.
pub fn number(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(field).ok()?.trim_end_matches(['\0', ' ']);
    let is_octal = !text.is_empty() && text.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    if is_octal { u64::from_str_radix(text, 8).ok() } else { None }
}

/// Whether a block's checksum holds.
pub fn checksum_holds(block: &[u8]) -> bool {
    number(&block[148..156]) == Some(sum(block))
}

fn fits(text: &str) -> bool {
    text.is_ascii() && text.len() <= NAME
}

/// A PAX record: its own length in digits, the key and the value.
fn record(records: &mut Vec<u8>, key: &str, value: &str) {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while rest + length.to_string().len() != length {
        length = rest + length.to_string().len();
    }
    records.extend(format!("{length} {key}={value}\n").into_bytes());
}

fn block(name: &str, mode: u32, size: u64, flag: u8, target: &str) -> Vec<u8> {
    let mut block = vec![0; BLOCK as usize];
    put(&mut block[..100], name);
    put(&mut block[100..108], &format!("{mode:07o}"));
    put(&mut block[108..116], "0000000");
    put(&mut block[116..124], "0000000");
    put(&mut block[124..136], &format!("{size:011o}"));
    put(&mut block[136..148], "00000000000");
    block[156] = flag;
    put(&mut block[157..257], target);
    block[257..265].copy_from_slice(b"ustar\x0000");
    let sum = sum(&block);
    put(&mut block[148..156], &format!("{sum:06o}\0 "));
    block
}

/// As much of a text as there is room for; what is not ASCII stands in the PAX header.
fn put(field: &mut [u8], text: &str) {
    let ascii = text.chars().map(|character| if character.is_ascii() { character as u8 } else { b'?' });
    field.iter_mut().zip(ascii).for_each(|(byte, character)| *byte = character);
}

/// The sum of all bytes, those of the checksum itself taken as blanks.
fn sum(block: &[u8]) -> u64 {
    let checked = |(at, &byte): (usize, &u8)| if (148..156).contains(&at) { 32 } else { u64::from(byte) };
    block.iter().enumerate().map(checked).sum()
}
