//! Writes a zip file's headers. The data between them is streamed elsewhere.

use super::{CENTRAL, DEFLATED, END, END_64, EXTRA_64, IN_EXTRA, LOCAL, LOCATOR_64};

/// 1980-01-01, the first day that the format knows.
const FIRST_DAY: u16 = (1 << 5) | 1;
/// Made by version 4.5 on Unix, so that the mode below is read.
const MADE_BY: u16 = (3 << 8) | 45;
/// A regular file, mode 0644.
const ATTRIBUTES: u32 = 0o100_644 << 16;
/// Names are UTF-8.
const UTF8: u16 = 1 << 11;

/// A member of the zip file, deflated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Its name, ASCII.
    pub name: String,
    /// CRC-32 of the content.
    pub crc32: u32,
    /// Size of the content in bytes.
    pub size: u64,
    /// Size of what is in the zip file, in bytes.
    pub coded_size: u64,
}

/// What stands before a member's data.
pub fn header(member: &Packed) -> Vec<u8> {
    let mut bytes = Vec::new();
    let extra = extra(&[member.size, member.coded_size]);
    put32(&mut bytes, LOCAL);
    common(&mut bytes, member, extra.len());
    bytes.extend(member.name.as_bytes());
    bytes.extend(extra);
    bytes
}

/// What stands after the data of the last member.
pub fn directory(members: &[Packed]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut offset = 0;
    for member in members {
        let extra = extra(&[member.size, member.coded_size, offset]);
        put32(&mut bytes, CENTRAL);
        put16(&mut bytes, MADE_BY);
        common(&mut bytes, member, extra.len());
        // Comment, disk, internal attributes.
        [0, 0, 0].iter().for_each(|&value| put16(&mut bytes, value));
        put32(&mut bytes, ATTRIBUTES);
        put32(&mut bytes, short(offset));
        bytes.extend(member.name.as_bytes());
        bytes.extend(extra);
        offset += header(member).len() as u64 + member.coded_size;
    }
    let (count, size) = (members.len() as u64, bytes.len() as u64);
    if offset >= u64::from(IN_EXTRA) {
        put32(&mut bytes, END_64);
        put64(&mut bytes, 44);
        put16(&mut bytes, MADE_BY);
        put16(&mut bytes, 45);
        put64(&mut bytes, 0);
        [count, count, size, offset].iter().for_each(|&value| put64(&mut bytes, value));
        put32(&mut bytes, LOCATOR_64);
        put32(&mut bytes, 0);
        put64(&mut bytes, offset + size);
        put32(&mut bytes, 1);
    }
    put32(&mut bytes, END);
    [0, 0, count as u16, count as u16].iter().for_each(|&value| put16(&mut bytes, value));
    put32(&mut bytes, size as u32);
    put32(&mut bytes, short(offset));
    put16(&mut bytes, 0);
    bytes
}

/// The fields that both headers have, from the version to the length of the extra field.
fn common(bytes: &mut Vec<u8>, member: &Packed, extra: usize) {
    let version = if extra > 0 { 45 } else { 20 };
    [version, UTF8, DEFLATED, 0, FIRST_DAY].iter().for_each(|&value| put16(bytes, value));
    put32(bytes, member.crc32);
    // In a local header zip64 wants both sizes in the extra field or none.
    let wide = member.size >= u64::from(IN_EXTRA) || member.coded_size >= u64::from(IN_EXTRA);
    let size = |size: u64| if wide { IN_EXTRA } else { size as u32 };
    put32(bytes, size(member.coded_size));
    put32(bytes, size(member.size));
    put16(bytes, member.name.len() as u16);
    put16(bytes, extra as u16);
}

/// The extra field of zip64 for sizes, and in the directory the offset; nothing
/// where all of them are short. The order is the content's size, the data's, the offset.
fn extra(values: &[u64]) -> Vec<u8> {
    let limit = u64::from(IN_EXTRA);
    let wide_sizes = values[..2].iter().any(|&value| value >= limit);
    let mut data = Vec::new();
    if wide_sizes {
        values[..2].iter().for_each(|&value| put64(&mut data, value));
    }
    values[2..].iter().filter(|&&offset| offset >= limit).for_each(|&offset| put64(&mut data, offset));
    if data.is_empty() {
        return data;
    }
    let mut bytes = Vec::new();
    put16(&mut bytes, EXTRA_64);
    put16(&mut bytes, data.len() as u16);
    bytes.extend(data);
    bytes
}

fn short(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(IN_EXTRA)
}

fn put16(bytes: &mut Vec<u8>, value: u16) {
    bytes.extend(value.to_le_bytes());
}

fn put32(bytes: &mut Vec<u8>, value: u32) {
    bytes.extend(value.to_le_bytes());
}

fn put64(bytes: &mut Vec<u8>, value: u64) {
    bytes.extend(value.to_le_bytes());
}
