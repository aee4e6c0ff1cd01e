//! Checksums of migrations: our own, and those that other tools keep in their
//! histories, each over exactly what that tool takes.

use sha2::{Digest, Sha256, Sha384};

/// Our own: SHA-256 of the text without its byte order mark, each line ending counted as `\n`;
/// 64 hex digits.
pub fn own(text: &str) -> String {
    let mut hash = Sha256::new();
    let mut rest = without_mark(text);
    while let Some(at) = rest.find('\r') {
        hash.update(&rest.as_bytes()[..at]);
        hash.update(b"\n");
        rest = &rest[at + 1..];
        rest = rest.strip_prefix('\n').unwrap_or(rest);
    }
    hash.update(rest.as_bytes());
    hex(&hash.finalize())
}

/// sqlx: SHA-384 of the file as it is, 48 bytes.
pub fn sqlx(text: &str) -> [u8; 48] {
    Sha384::digest(text.as_bytes()).into()
}

/// Whether Prisma would take the row's checksum for the file's: SHA-256 in hex of the text as it
/// is, or with its line endings made the other kind. Rows of old versions lack leading zeros.
pub fn is_prisma(text: &str, row: &str) -> bool {
    let unix = text.replace("\r\n", "\n");
    let windows = unix.replace('\n', "\r\n");
    let row = row.trim_start_matches('0');
    [text, &unix, &windows].iter().any(|text| hex(&Sha256::digest(text.as_bytes())).trim_start_matches('0') == row)
}

/// refinery: SipHash-1-3 with the key 0 over the name, the version and the text, each as Rust
/// hashes it. `wide` is its feature `int8-versions`. None for a version that does not fit.
pub fn refinery(name: &str, version: &str, text: &str, wide: bool) -> Option<u64> {
    let mut hash = SipHash13::new();
    hash.write(name.as_bytes());
    hash.write(&[0xFF]);
    match wide {
        true => hash.write(&version.parse::<i64>().ok()?.to_le_bytes()),
        false => hash.write(&version.parse::<i32>().ok()?.to_le_bytes()),
    }
    hash.write(text.as_bytes());
    hash.write(&[0xFF]);
    Some(hash.finish())
}

/// Flyway: CRC-32 of the lines without their ends, the byte order mark left out; as its column
/// holds it, signed.
pub fn flyway(text: &str) -> i32 {
    let mut crc = !0;
    let mut rest = without_mark(text);
    while !rest.is_empty() {
        let end = rest.find(['\r', '\n']).unwrap_or(rest.len());
        crc = crc32(crc, &rest.as_bytes()[..end]);
        let after = &rest[end..];
        rest = after.strip_prefix("\r\n").or_else(|| after.get(1..)).unwrap_or_default();
    }
    (!crc).cast_signed()
}

/// The text without a byte order mark.
pub fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{FEFF}').unwrap_or(text)
}

/// Adds bytes to an inverted CRC-32 of zlib's polynomial.
pub fn crc32(crc: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(crc, |mut crc, &byte| {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
        crc
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SipHash-1-3 with the key 0. Rust's own hasher is the same today, but does not promise it.
struct SipHash13 {
    v: [u64; 4],
    tail: Vec<u8>,
    length: u64,
}

impl SipHash13 {
    fn new() -> Self {
        let v = [0x736f_6d65_7073_6575, 0x646f_7261_6e64_6f6d, 0x6c79_6765_6e65_7261, 0x7465_6462_7974_6573];
        SipHash13 { v, tail: Vec::with_capacity(8), length: 0 }
    }

    fn round(&mut self) {
        let v = &mut self.v;
        v[0] = v[0].wrapping_add(v[1]);
        v[1] = v[1].rotate_left(13) ^ v[0];
        v[0] = v[0].rotate_left(32);
        v[2] = v[2].wrapping_add(v[3]);
        v[3] = v[3].rotate_left(16) ^ v[2];
        v[0] = v[0].wrapping_add(v[3]);
        v[3] = v[3].rotate_left(21) ^ v[0];
        v[2] = v[2].wrapping_add(v[1]);
        v[1] = v[1].rotate_left(17) ^ v[2];
        v[2] = v[2].rotate_left(32);
    }

    fn word(&mut self, word: u64) {
        self.v[3] ^= word;
        self.round();
        self.v[0] ^= word;
    }

    fn write(&mut self, bytes: &[u8]) {
        self.length = self.length.wrapping_add(bytes.len() as u64);
        for &byte in bytes {
            self.tail.push(byte);
            if let Ok(whole) = <[u8; 8]>::try_from(self.tail.as_slice()) {
                self.tail.clear();
                self.word(u64::from_le_bytes(whole));
            }
        }
    }

    fn finish(mut self) -> u64 {
        let mut last = [0; 8];
        last[..self.tail.len()].copy_from_slice(&self.tail);
        last[7] = self.length as u8;
        self.word(u64::from_le_bytes(last));
        self.v[2] ^= 0xFF;
        for _ in 0..3 {
            self.round();
        }
        self.v.iter().fold(0, |all, word| all ^ word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::hash::{DefaultHasher, Hash};

    #[test]
    fn each_tool_gets_its_own() {
        // From refinery-core 0.10.1.
        assert_eq!(refinery("init_t", "1", "create table t(i int);\n", false), Some(12_188_529_046_979_568_840));
        // Of zlib's `crc32("select 1;select 2;")`.
        assert_eq!(flyway("\u{FEFF}select 1;\r\nselect 2;\n"), !crc32(!0, b"select 1;select 2;") as i32);
        assert_eq!(!crc32(!0, b"123456789"), 0xCBF4_3926);
        assert_eq!(hex(&sqlx(""))[..16], *"38b060a751ac9638");
        assert_eq!(own(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert!(is_prisma("a\r\nb", &hex(&Sha256::digest(b"a\nb"))));
        assert!(is_prisma("a\nb", &hex(&Sha256::digest(b"a\r\nb"))));
        assert!(!is_prisma("a b", &hex(&Sha256::digest(b"a\nb"))));
    }

    proptest! {
        #[test]
        fn line_endings_and_the_mark_do_not_count(lines in prop::collection::vec("[^\r\n\u{FEFF}]{0,9}", 1..6)) {
            let unix = lines.join("\n");
            let windows = format!("\u{FEFF}{}", lines.join("\r\n"));
            prop_assert_eq!(own(&unix), own(&windows));
            prop_assert_eq!(own(&unix), own(&lines.join("\r")));
            prop_assert_eq!(flyway(&unix), flyway(&windows));
        }

        #[test]
        fn the_hash_is_the_standard_librarys(name: String, version: i32, text: String) {
            let mut hasher = DefaultHasher::new();
            name.hash(&mut hasher);
            version.hash(&mut hasher);
            text.hash(&mut hasher);
            let expected = std::hash::Hasher::finish(&hasher);
            prop_assert_eq!(refinery(&name, &version.to_string(), &text, false), Some(expected));
        }
    }
}
