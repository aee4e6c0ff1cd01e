use proptest::prelude::*;

use super::*;

fn packed(name: &str, size: u64, coded_size: u64) -> Packed {
    Packed { name: name.to_owned(), crc32: 7, size, coded_size }
}

/// A zip file whose data is zeros, cut to its end: what a reader of a large file sees.
fn written(members: &[Packed]) -> (Vec<u8>, u64) {
    let offset: u64 = members.iter().map(|member| header(member).len() as u64 + member.coded_size).sum();
    let tail = directory(members);
    let size = offset + tail.len() as u64;
    (tail, size)
}

fn read(tail: &[u8], size: u64) -> Result<Vec<Member>, Torn> {
    let first = size - tail.len() as u64;
    let mut wide = |at: u64| {
        let from = at.checked_sub(first)? as usize;
        Some(tail.get(from..from.checked_add(56)?)?.to_vec())
    };
    let directory = end_of_directory(tail, size, &mut wide)?;
    let from = directory.offset.checked_sub(first).ok_or(Torn("before"))? as usize;
    members(&tail[from..from + directory.size as usize], directory)
}

#[test]
fn what_is_written_is_read() {
    for sizes in [[(5, 7), (0, 2)], [(6 << 30, 5 << 30), (9, 5)], [(5 << 30, 9), (4 << 30, 4 << 30)]] {
        let given: Vec<_> = sizes
            .iter()
            .zip(["a.tar", "a.tar.waybill.json"])
            .map(|(&(size, coded), name)| packed(name, size, coded))
            .collect();
        let (tail, size) = written(&given);
        let found = read(&tail, size).unwrap();
        let mut offset = 0;
        for (given, found) in given.iter().zip(&found) {
            assert_eq!(
                (&given.name, given.size, given.coded_size, given.crc32),
                (&found.name, found.size, found.coded_size, found.crc32)
            );
            assert_eq!((found.offset, found.is_deflated), (offset, true));
            let directory = Directory { offset: u64::MAX, size: 0, count: 0 };
            let start = offset + header(given).len() as u64;
            assert_eq!(data_start(&header(given), found, directory), Ok(start));
            offset = start + given.coded_size;
        }
        assert_eq!(found.len(), given.len());
    }
}

#[test]
fn what_lies_is_refused() {
    let (tail, size) = written(&[packed("a", 5, 7)]);
    for cut in 0..tail.len() {
        assert!(read(&tail[..cut], (size - tail.len() as u64) + cut as u64).is_err(), "cut at {cut}");
    }
    let change = |at: usize, byte: u8| {
        let mut changed = tail.clone();
        changed[at] = byte;
        read(&changed, size).map(|_| ()).map_err(|torn| torn.0)
    };
    assert_eq!(change(8, 1), Err("a member is encrypted"));
    assert_eq!(change(10, 9), Err("a member is compressed by an unknown method"));
    assert_eq!(change(10, 0), Err("a member's two sizes differ"));
    assert_eq!(change(20, 200), Err("a member does not lie within it"));
    assert_eq!(change(0, 0), Err("its directory holds something else"));
    assert_eq!(read(b"PK", 2), Err(Torn("it has no end of a zip file: it is cut or something else")));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6)) {
        let (mut tail, size) = written(&[packed("a.tar", 6 << 30, 5 << 30), packed("b", 1, 3)]);
        for (at, byte) in changes {
            let at = at.index(tail.len());
            tail[at] = byte;
        }
        let _ = read(&tail, size);
    }
}
