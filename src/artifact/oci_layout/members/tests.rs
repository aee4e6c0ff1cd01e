//! Tars made by hand, whole and hostile.

use proptest::prelude::*;

use super::*;

/// A member: its header with the sum made right, its content and the padding.
fn member(name: &str, kind: u8, content: &[u8], change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[100..108].copy_from_slice(b"0000644\0");
    block[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    change(&mut block);
    block[148..156].copy_from_slice(b"        ");
    let sum: u64 = block.iter().map(|&byte| u64::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block.extend(content);
    block.resize(block.len().next_multiple_of(512), 0);
    block
}

fn file(name: &str, content: &[u8]) -> Vec<u8> {
    member(name, b'0', content, |_| {})
}

fn read(bytes: &[u8]) -> Found<BTreeMap<String, Member>> {
    members("a.tar", bytes.len() as u64, &mut |place| {
        let range = place.from as usize..(place.from + place.size) as usize;
        Ok(bytes.get(range).expect("nothing is read that is not there").to_vec())
    })
}

/// The paths with their sizes, or the code.
fn check(parts: &[Vec<u8>], expected: &str) {
    let mut bytes = parts.concat();
    bytes.extend([0; 1024]);
    check_bytes(&bytes, expected);
}

fn check_bytes(bytes: &[u8], expected: &str) {
    let found = match read(bytes) {
        Ok(members) => {
            let shown = members.iter().map(|(name, member)| match member {
                Member::File(place) => format!("{name}:{}", place.size),
                Member::Link(target) => format!("{name}>{target}"),
            });
            shown.collect::<Vec<_>>().join(" ")
        }
        Err(failure) => failure.code.id.to_owned(),
    };
    assert_eq!(found, expected);
}

#[test]
fn members_are_found_by_their_paths() {
    check(&[], "");
    check(&[file("a", b"1"), file("./b/c", b""), member("b/", b'5', b"", |_| {})], "a:1 b/c:0");
    check(&[member("./", b'5', b"", |_| {}), member("d", b'5', b"", |_| {}), file("d/e", b"12")], "d/e:2");
    check(&[member("l", b'2', b"", |block| block[157..160].copy_from_slice(b"a/b"))], "l>a/b");
    let gnu = |block: &mut [u8]| block[257..265].copy_from_slice(b"ustar  \0");
    let long = "n".repeat(300);
    check(&[member("././@LongLink", b'L', format!("{long}\0").as_bytes(), gnu), file("x", b"1")], &format!("{long}:1"));
    let pax = |text: &str| member("PaxHeaders/x", b'x', text.as_bytes(), |_| {});
    check(&[pax("11 path=yz\n20 mtime=1234567890\n"), file("x", b"1")], "yz:1");
    check(&[member("g", b'g', b"15 comment=x\n\n", |_| {}), file("x", b"1")], "WB4502");
    check(&[member("g", b'g', b"13 comment=x\n", |_| {}), file("x", b"1")], "x:1");
    check(&[pax("9 size=3\n"), file("x", b"123")], "x:3");
    check(&[member("p", b'0', b"1", |block| block[345..347].copy_from_slice(b"qq"))], "qq/p:1");
    let large = |block: &mut [u8]| block[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    check(&[member("p", b'0', b"1", large)], "p:1");
}

#[test]
fn hostile_members_are_refused() {
    for name in ["/a", "../a", "a/../b", "a//b", "a/./b", "C:/a", "a\\b", "a\nb", ""] {
        check(&[file(name, b"1")], "WB4503");
    }
    for kind in [b'3', b'4', b'6', b'7', b'S', b'M', b'z'] {
        check(&[member("a", kind, b"", |_| {})], "WB4503");
    }
    check(&[file("a", b"1"), file("./a", b"2")], "WB4504");
    check(&[file("a", b"1"), member("a/", b'5', b"", |_| {})], "WB4504");
    check(&[member("a/", b'5', b"", |_| {}), file("a", b"1")], "WB4504");
    check(&[file("a/", b"")], "WB4503");
    check(&[member("a", b'2', b"1", |_| {})], "WB4502");
    let pax = |text: &str| member("PaxHeaders/x", b'x', text.as_bytes(), |_| {});
    check(&[pax("22 GNU.sparse.major=1\n"), file("x", b"1")], "WB4503");
    check(&[pax("11 path=yz\n11 path=ab\n"), file("x", b"1")], "WB4502");
    check(&[pax("12 path=yz\n"), file("x", b"1")], "WB4502");
    check(&[pax("999999 path=yz\n"), file("x", b"1")], "WB4502");
    check(&[pax("10 size=-3\n"), file("x", b"123")], "WB4502");
    check(&[pax("11 path=yz\n")], "WB4502");
    check(&[member("g", b'g', b"11 path=yz\n", |_| {}), file("x", b"1")], "WB4503");
    check(&[member("p", b'0', b"1", |block| block[257] = b'x')], "WB4502");
    check(&[member("p", b'0', b"1", |block| block[124] = 0xff)], "WB4502");
    check(&[member("p", b'0', b"1", |block| block[50] = b'x')], "WB4502");
    check(&[member("p", b'0', b"1", |block| block[124..136].copy_from_slice(b"77777777777\0"))], "WB4502");
}

#[test]
fn nothing_hides_before_or_behind_the_end() {
    let good = [file("a", b"1"), vec![0; 1024]].concat();
    check_bytes(&good, "a:1");
    check_bytes(&good[..good.len() - 512], "WB4502");
    check_bytes(&good[..good.len() - 1024], "WB4502");
    check_bytes(&[good.clone(), file("b", b"1"), vec![0; 1024]].concat(), "WB4502");
    check_bytes(&[good.clone(), vec![0; 8192]].concat(), "a:1");
    check_bytes(&[good.clone(), vec![0; 5 << 20]].concat(), "WB4502");
    let mut hidden = good;
    hidden[600] = 1;
    check_bytes(&hidden, "WB4502");
    check_bytes(b"", "WB4502");
    check_bytes(&[b'x'; 2048], "WB4502");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        let _ = read(&bytes);
    }
}
