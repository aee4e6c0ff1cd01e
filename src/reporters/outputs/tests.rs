use proptest::prelude::*;

use super::*;
use crate::reporters::runner_model::read_file_command;

/// Gives these bits, then others.
fn random(first: [u8; 16]) -> impl FnMut() -> [u8; 16] {
    let mut next = first;
    move || {
        let now = next;
        next[15] = next[15].wrapping_add(1);
        now
    }
}

fn check_read(text: &str, end: LineEnd, expected: Result<&[(&str, &str)], (usize, &str)>) {
    let found = read_entries(text.as_bytes(), end).map_err(|broken| (broken.line, broken.wanted));
    let expected =
        expected.map(|entries| entries.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<Vec<_>>());
    assert_eq!(found, expected, "{text:?}");
}

#[test]
fn an_entry_is_written_with_a_random_delimiter() {
    let bytes = entry("status", "line one\nstatus=x", &mut random([0xab; 16])).unwrap();
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        "status<<ghadelimiter_abababab-abab-4bab-abab-abababababab\nline one\nstatus=x\nghadelimiter_abababab-abab-4bab-abab-abababababab\n"
    );
}

#[test]
fn a_delimiter_inside_the_value_is_drawn_anew() {
    let value = "x ghadelimiter_abababab-abab-4bab-abab-abababababab";
    let bytes = entry("a", value, &mut random([0xab; 16])).unwrap();
    assert!(bytes.starts_with(b"a<<ghadelimiter_abababab-abab-4bab-abab-abababababac\n"));
    assert_eq!(entry("a", value, &mut || [0xab; 16]), Err(Refused::Delimiter));
}

#[test]
fn names_and_paths_that_would_be_misread_are_refused() {
    for name in ["", "a=b", "a<<b", "a<", "a\nb", "a\rb", "\0"] {
        assert_eq!(entry(name, "", &mut random([0; 16])), Err(Refused::Name(name.to_owned())));
    }
    for folder in ["", " ", "/a\n/b", "/a\r/b"] {
        assert_eq!(path(folder), Err(Refused::Path(folder.to_owned())));
    }
    assert_eq!(path("/opt/tools/bin"), Ok(b"/opt/tools/bin\n".to_vec()));
}

#[test]
fn entries_are_read_as_the_runner_reads_them() {
    use LineEnd::{Either, Feed};
    check_read("", Feed, Ok(&[]));
    check_read(
        "\u{feff}A=1\n\nB==2<<x\nC<<EOF\n1\n\n2\nEOF\nD=",
        Feed,
        Ok(&[("A", "1"), ("B", "=2<<x"), ("C", "1\n\n2"), ("D", "")]),
    );
    check_read("A<<E\nE", Feed, Ok(&[("A", "")]));
    check_read("A<<E\n\nE\n", Feed, Ok(&[("A", "")]));
    check_read("A<<E=F\n1\nE=F\n", Feed, Ok(&[("A", "1")]));
    check_read(" A =1\r\n", Feed, Ok(&[(" A ", "1\r")]));
    check_read(" A =1\r\n", Either, Ok(&[(" A ", "1")]));
    check_read("A<<E\r\n1\r\n2\r\nE\r\n", Either, Ok(&[("A", "1\r\n2")]));
    check_read("A<<E\n1\nE\r\n", Feed, Err((1, "a value that ends with a line of the delimiter alone")));
    check_read("A=1\nB<<E\n1 E", Feed, Err((2, "a value that ends with a line of the delimiter alone")));
    check_read("A=1\n\nword", Feed, Err((3, "`name=value` or `name<<delimiter`")));
    check_read("=1", Feed, Err((1, "a name before `=`")));
    check_read("<<E\nE", Feed, Err((1, "a name before `<<` and a delimiter after it")));
    check_read("A<<\n\n", Feed, Err((1, "a name before `<<` and a delimiter after it")));
}

#[test]
fn paths_are_read_as_the_runner_reads_them() {
    assert_eq!(read_paths(b"\xef\xbb\xbf/a b\r\n\n/c\r/d"), ["/a b", "/c", "/d"]);
}

#[test]
fn the_runners_own_variables_are_refused() {
    let names = ["PATH_TO_X", "GITHUB_TOKEN", "github_sha", "RUNNER_TEMP", "Node_Options", "GITHUB_PATH"];
    let (allowed, refused) = allowed_variables(names.map(|name| (name.to_owned(), String::new())).to_vec());
    assert_eq!(allowed.into_iter().map(|(name, _)| name).collect::<Vec<_>>(), ["PATH_TO_X", "GITHUB_TOKEN"]);
    assert_eq!(refused, ["github_sha", "RUNNER_TEMP", "Node_Options", "GITHUB_PATH"]);
}

/// Pieces that mean something in the grammar.
fn file() -> impl Strategy<Value = String> {
    let piece =
        prop::sample::select(vec!["A", "B", "=", "<<", "<", "E", "\n", "\r\n", "\r", "E\n", "A<<E\n", "ü", " "]);
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn what_is_written_is_what_the_runner_reads(entries in prop::collection::vec(("[A-Za-z_][A-Za-z_0-9 .<-]{0,6}[a-z]", "(?s).{0,40}|[=<\\nE\\r]{0,12}"), 0..5), bits in any::<[u8; 16]>()) {
        let mut random = random(bits);
        let mut bytes = Vec::new();
        let mut written = Vec::new();
        for (name, value) in entries {
            match entry(&name, &value, &mut random) {
                Ok(entry) => {
                    bytes.extend(entry);
                    written.push((name, value));
                }
                Err(refused) => prop_assert!(name.contains("<<") , "{}", refused),
            }
        }
        prop_assert_eq!(read_file_command(&bytes, false), Some(written.clone()));
        prop_assert_eq!(read_entries(&bytes, LineEnd::Feed), Ok(written));
    }

    #[test]
    fn both_readers_agree(file in file()) {
        prop_assert_eq!(read_entries(file.as_bytes(), LineEnd::Feed).ok(), read_file_command(file.as_bytes(), false));
        prop_assert_eq!(read_entries(file.as_bytes(), LineEnd::Either).ok(), read_file_command(file.as_bytes(), true));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = read_entries(&bytes, LineEnd::Feed);
        let _ = read_entries(&bytes, LineEnd::Either);
        read_paths(&bytes);
    }
}
