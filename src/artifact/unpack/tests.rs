use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::artifact::pack::layout;
use crate::host::Piece;

/// A tree, as its paths with kind and content.
type Tree = BTreeMap<String, (PackedKind, Vec<u8>)>;

/// The archive of a tree, each content taken from a file of its own.
fn archive(tree: &Tree) -> (Vec<Member>, Vec<u8>) {
    let members: Vec<Member> = tree
        .iter()
        .map(|(path, (kind, content))| match kind {
            PackedKind::Link(target) => Member::link(path, target.clone()),
            kind => Member {
                path: path.clone(),
                kind: kind.clone(),
                size: content.len() as u64,
                content: Content::Part { file: path.clone(), from: 0 },
            },
        })
        .collect();
    let files = tree.iter().map(|(path, (_, content))| (path.clone(), content.clone())).collect();
    let bytes = written(&members, &files);
    (members, bytes)
}

/// What the host would write.
fn written(members: &[Member], files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for piece in layout(members).pieces {
        match piece {
            Piece::Bytes(piece) => bytes.extend(piece),
            Piece::Range { path, from, length, .. } => bytes.extend(&files[&path][from as usize..][..length as usize]),
        }
    }
    bytes
}

fn unpack(bytes: &[u8]) -> Result<Vec<Member>, Vec<Failure>> {
    let mut read_at = |at: u64, length: usize| {
        let rest = bytes.get(at as usize..).unwrap_or_default();
        Ok(rest[..length.min(rest.len())].to_vec())
    };
    read("archive.tar", bytes.len() as u64, &mut read_at)
}

fn small() -> Tree {
    let file = |text: &str| (PackedKind::Plain, text.as_bytes().to_vec());
    BTreeMap::from([
        ("a/run.sh".to_owned(), (PackedKind::Executable, b"#!/bin/sh\n".to_vec())),
        ("b".to_owned(), (PackedKind::Link("a/run.sh".to_owned()), Vec::new())),
        (format!("c/{}/ä.txt", "long".repeat(40)), file("far away")),
        ("empty".to_owned(), file("")),
    ])
}

/// Changes one thing, and compares what is told of it.
fn check(change: impl FnOnce(&mut Vec<u8>), expected: &str) {
    let (_, mut bytes) = archive(&small());
    change(&mut bytes);
    let told = match unpack(&bytes) {
        Ok(_) => "taken".to_owned(),
        Err(wrong) => wrong.iter().map(|failure| failure.message.as_str()).collect::<Vec<_>>().join("; "),
    };
    assert_eq!(told, expected);
}

/// Writes a field of the first header, and its checksum anew.
fn set(bytes: &mut [u8], at: usize, field: &[u8]) {
    bytes[at..at + field.len()].copy_from_slice(field);
    bytes[148..156].copy_from_slice(b"        ");
    let sum: u64 = bytes[..512].iter().map(|&byte| u64::from(byte)).sum();
    bytes[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

#[test]
fn every_deviation_is_named() {
    let header = |what: &str| format!("the {what} in the header of `a/run.sh` is not as packing writes it");
    check(|_| {}, "taken");
    check(|bytes| bytes.truncate(700), "its length is none that an archive has: it was cut, or is something else");
    check(|bytes| bytes.truncate(1024), "it was cut: its end is missing");
    check(|bytes| bytes.extend([0; 512]), "it ends at byte 10752 instead of 10240");
    check(|bytes| bytes[5] ^= 1, "the header at byte 0 does not hold its own checksum");
    check(|bytes| set(bytes, 100, b"0000777"), &header("mode"));
    check(|bytes| set(bytes, 108, b"0001750"), &header("user"));
    check(|bytes| set(bytes, 136, b"00000000001"), &header("time"));
    check(|bytes| set(bytes, 265, b"root"), &header("owner's name"));
    check(|bytes| set(bytes, 156, b"3"), "`a/run.sh` is neither a file nor a link, but of type `3`");
    check(|bytes| set(bytes, 124, b"77777777777"), "`a/run.sh` goes beyond the archive's end");
    let dangling = "the link `b` leads nowhere, to `a/run.sh`: there is no `a` in what is packed";
    check(|bytes| set(bytes, 0, b"../ru.sh"), &format!("`../ru.sh` is no plain path; {dangling}"));
    check(|bytes| set(bytes, 0, b"z/run.sh"), "`b` is out of order, or there twice");
    check(|bytes| bytes[600] = 1, "something stands behind the end of `a/run.sh`");
    check(|bytes| *bytes.last_mut().unwrap() = 1, "something stands behind its end");
}

#[test]
fn an_end_is_written_however_much_is_in_it() {
    for size in [0, 1, 511, 512, 513, 8191, 8192, 8193, 20_000] {
        let (members, bytes) = archive(&Tree::from([("a".to_owned(), (PackedKind::Plain, vec![7; size]))]));
        assert_eq!((bytes.len() % 10_240, bytes.len() as u64), (0, layout(&members).size), "{size}");
        assert_eq!(unpack(&bytes).map(|members| members[0].size), Ok(size as u64));
    }
}

fn trees() -> impl Strategy<Value = Tree> {
    let name = prop_oneof!["[a-z.\\-_ ]{0,8}[a-z]", "[a-z]{90,110}", "[a-zäöü漢😀]{1,40}"];
    let path = proptest::collection::vec(name, 1..4).prop_map(|names| names.join("/"));
    let content = proptest::collection::vec(any::<u8>(), 0..1500);
    let file = (any::<bool>(), content).prop_map(|(executable, content)| {
        let kind = if executable { PackedKind::Executable } else { PackedKind::Plain };
        (kind, content)
    });
    proptest::collection::btree_map(path, file, 0..12).prop_map(|tree| {
        // No file is a folder as well, and a link leads to the first file.
        let paths: Vec<String> = tree.keys().cloned().collect();
        let is_folder = |path: &String| paths.iter().any(|other| other.starts_with(&format!("{path}/")));
        let mut tree: Tree = tree.into_iter().filter(|(path, _)| !is_folder(path)).collect();
        if let Some(first) = tree.keys().find(|path| !path.contains('/')).cloned() {
            tree.insert("zz-link".to_owned(), (PackedKind::Link(first), Vec::new()));
        }
        tree
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_was_packed_is_read_back_and_packed_again_to_the_same_bytes(tree in trees()) {
        let (members, bytes) = archive(&tree);
        prop_assert_eq!(layout(&members).size, bytes.len() as u64);
        let back = unpack(&bytes).unwrap();
        let kinds = |members: &[Member]| -> Vec<_> {
            members.iter().map(|member| (member.path.clone(), member.kind.clone(), member.size)).collect()
        };
        prop_assert_eq!(kinds(&back), kinds(&members));
        let files = BTreeMap::from([("archive.tar".to_owned(), bytes.clone())]);
        prop_assert_eq!(written(&back, &files), bytes);
    }

    #[test]
    fn a_changed_byte_is_another_archive_or_none(tree in trees(), place in any::<prop::sample::Index>(), bit in 0..8u8) {
        let (_, mut bytes) = archive(&tree);
        let at = place.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(members) = unpack(&bytes) {
            // Only content may differ, which its digests tell.
            let files = BTreeMap::from([("archive.tar".to_owned(), bytes.clone())]);
            prop_assert_eq!(written(&members, &files), bytes);
        }
    }

    #[test]
    fn no_bytes_at_all_make_the_reader_fail_otherwise(bytes in proptest::collection::vec(any::<u8>(), 0..4096)) {
        let _ = unpack(&bytes);
    }
}
