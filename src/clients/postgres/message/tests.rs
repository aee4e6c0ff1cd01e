use super::*;
use proptest::prelude::*;

/// A message as a server sends it.
fn sent(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    bytes.extend((body.len() as u32 + 4).to_be_bytes());
    bytes.extend(body);
    bytes
}

/// Everything that the bytes hold, however they are cut.
fn check(bytes: &[u8], expected: &[Message]) {
    for size in [1, 3, bytes.len().max(1)] {
        let mut incoming = Incoming::default();
        let mut found = Vec::new();
        for piece in bytes.chunks(size) {
            incoming.push(piece);
            while let Some(message) = incoming.next(true).unwrap() {
                found.push(message);
            }
        }
        assert_eq!(found, expected, "in pieces of {size}");
        assert!(incoming.is_empty());
    }
}

#[test]
fn messages_are_read_however_they_are_cut() {
    let row = [&[0, 2, 0, 0, 0, 1][..], b"1", &[255, 255, 255, 255]].concat();
    let error = b"SERROR\0VERROR\0C42601\0Msyntax error\0P19\0p2\0qselect\0Wfunction\0Hmend it\0Xwhat\0\0";
    let bytes = [
        sent(b'R', &[0, 0, 0, 10, b'A', 0, b'B', 0, 0]),
        sent(b'R', &[0, 0, 0, 5, 1, 2, 3, 4]),
        sent(b'S', b"server_version\x0015.18\0"),
        sent(b'K', &[0, 0, 0, 1, 255, 255, 255, 255]),
        sent(b'Z', b"I"),
        sent(b'D', &row),
        sent(b'C', b"CREATE TABLE\0"),
        sent(b'E', error),
        sent(b'Z', b"E"),
    ]
    .concat();
    let expected = [
        Message::Authentication(Authentication::Sasl(vec!["A".to_owned(), "B".to_owned()])),
        Message::Authentication(Authentication::Md5([1, 2, 3, 4])),
        Message::Parameter("server_version".to_owned(), "15.18".to_owned()),
        Message::Key(1, -1),
        Message::Ready(Status::Idle),
        Message::Row(vec![Some("1".to_owned()), None]),
        Message::Complete("CREATE TABLE".to_owned()),
        Message::Error(Box::new(ServerError {
            severity: "ERROR".to_owned(),
            code: "42601".to_owned(),
            message: "syntax error".to_owned(),
            hint: Some("mend it".to_owned()),
            position: Some(19),
            internal_position: Some(2),
            internal_query: Some("select".to_owned()),
            context: Some("function".to_owned()),
            ..ServerError::default()
        })),
        Message::Ready(Status::Failed),
    ];
    check(&bytes, &expected);
}

#[test]
fn rows_that_nobody_wants_take_no_memory() {
    let mut incoming = Incoming::default();
    let mut header = vec![b'D'];
    header.extend((1_u32 << 30).to_be_bytes());
    incoming.push(&header);
    assert_eq!(incoming.next(false), Ok(None));
    let piece = vec![0; 1 << 20];
    for _ in 0..1023 {
        incoming.push(&piece);
        assert!(incoming.bytes.capacity() < 1 << 20);
    }
    incoming.push(&piece[..(1 << 20) - 4]);
    incoming.push(&sent(b'Z', b"T"));
    assert_eq!(incoming.next(false), Ok(Some(Message::Ready(Status::Open))));
}

#[test]
fn a_message_that_is_too_long_is_refused_before_it_comes() {
    for (tag, length) in [(b'E', u32::MAX >> 1), (b'D', 1 << 30), (b'Z', 3), (b'N', u32::MAX)] {
        let mut incoming = Incoming::default();
        incoming.push(&[&[tag][..], &length.to_be_bytes()].concat());
        assert!(incoming.next(true).is_err(), "{tag} {length}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300), tag in any::<u8>()) {
        for bytes in [bytes.clone(), sent(tag, &bytes), sent(b'E', &bytes), sent(b'D', &bytes), sent(b'R', &bytes)] {
            let mut incoming = Incoming::default();
            incoming.push(&bytes);
            while let Ok(Some(_)) = incoming.next(true) {}
        }
    }
}
