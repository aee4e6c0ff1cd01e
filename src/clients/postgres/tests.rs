use super::*;
use crate::host::fake::{Fake, block_on};
use crate::model::forms::parse_database_url;
use target::{Rules, target};

/// A message as a server sends it.
fn sent(tag: u8, body: &[u8]) -> Vec<u8> {
    [&[tag][..], &(body.len() as u32 + 4).to_be_bytes(), body].concat()
}

fn greeting() -> Vec<u8> {
    let parts = [
        sent(b'R', &[0, 0, 0, 0]),
        sent(b'S', b"server_version\x0015.18\0"),
        sent(b'K', &[0, 0, 0, 7, 0, 0, 0, 9]),
        sent(b'Z', b"I"),
    ];
    parts.concat()
}

fn target_of(url: &str, production: bool) -> Target {
    let rules = Rules { production, application: "test".to_owned(), ..Rules::default() };
    target(&parse_database_url(url).unwrap(), &rules).unwrap()
}

/// Connects; the connection's version, or why there is none.
fn check(fake: &Fake, url: &str, production: bool, expected: Result<&str, ConnectError>) {
    let target = target_of(url, production);
    let found = block_on(Connection::open(fake, &target)).map(|connection| connection.version().to_owned());
    assert_eq!(found, expected.map(str::to_owned), "{url}");
}

#[test]
fn a_server_that_lets_us_in_is_greeted() {
    let greeting = greeting();
    let fake = Fake::new().connection("localhost:5432", &[&greeting]);
    check(&fake, "postgres://u@localhost/d?sslmode=disable", false, Ok("15.18"));
    assert!(fake.written().ends_with(b"user\0u\0database\0d\0client_encoding\0UTF8\0application_name\0test\0\0"));
}

#[test]
fn tls_is_asked_for_and_insisted_on() {
    let greeting = greeting();
    let host = "db.example.com:5432";
    let url = "postgres://u:p@db.example.com/d";
    let fake = Fake::new().connection(host, &[b"N", &greeting]);
    check(&fake, url, false, Ok("15.18"));
    let fake = Fake::new().connection(host, &[b"N"]);
    check(&fake, url, true, Err(ConnectError::PlainInProduction));
    let fake = Fake::new().connection(host, &[b"N"]);
    check(&fake, &format!("{url}?sslmode=require"), false, Err(ConnectError::NoTls));
    let fake = Fake::new().tls_stream(host, &[b"S", &greeting], Ok(b"certificate"));
    check(&fake, url, true, Ok("15.18"));
    // Plain bytes behind the answer would be taken for the server's own.
    let fake = Fake::new().connection(host, &[b"SR"]);
    let strange = "a strange answer to the request for TLS".to_owned();
    check(&fake, url, false, Err(ConnectError::Protocol(strange)));
}

#[test]
fn a_password_goes_only_where_nobody_listens() {
    let cleartext = sent(b'R', &[0, 0, 0, 3]);
    let host = "db.example.com:5432";
    let url = "postgres://u:p@db.example.com/d";
    let fake = Fake::new().connection(host, &[b"N", &cleartext]);
    let target = target_of(url, false);
    let refused = block_on(Connection::open(&fake, &target)).err().unwrap();
    assert!(matches!(refused, ConnectError::Method(_)), "{refused}");
    let greeting = greeting();
    let fake = Fake::new().tls_stream(host, &[b"S", &cleartext, &greeting], Ok(b""));
    check(&fake, url, false, Ok("15.18"));
    let fake = Fake::new().tls_stream(host, &[b"S", &cleartext], Ok(b""));
    let unbound = ConnectError::NoBinding("the server lets in without it");
    check(&fake, &format!("{url}?sslmode=require&channel_binding=require"), false, Err(unbound));
}

#[test]
fn copy_is_answered_and_rows_and_tags_are_told() {
    let greeting = greeting();
    let error = sent(b'E', b"SERROR\0VERROR\0C57014\0MCOPY from stdin failed\0\0");
    let answer = [sent(b'G', &[0, 0, 0]), error, sent(b'Z', b"E")].concat();
    let fake = Fake::new().connection("localhost:5432", &[&greeting, &answer]);
    let target = target_of("postgres://u@localhost/d?sslmode=disable", false);
    let mut connection = block_on(Connection::open(&fake, &target)).unwrap();
    let answer = block_on(connection.query("copy t from stdin")).unwrap();
    assert_eq!(answer.error.unwrap().code, "57014");
    assert_eq!((answer.status, connection.status()), (Some(Status::Failed), Status::Failed));
    assert!(fake.written().windows(5).any(|bytes| bytes[0] == b'f'));
    // Nothing more comes: the stream has ended.
    assert!(matches!(block_on(connection.query("select 1")), Err(Lost::Socket(_))));
}

#[test]
fn a_server_that_ends_the_connection_says_why() {
    let greeting = greeting();
    let fatal = sent(b'E', b"SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0");
    let fake = Fake::new().connection("localhost:5432", &[&greeting, &fatal]);
    let target = target_of("postgres://u@localhost/d?sslmode=disable", false);
    let mut connection = block_on(Connection::open(&fake, &target)).unwrap();
    match block_on(connection.query("select 1")) {
        Err(Lost::Server(error)) => assert_eq!(error.code, "57P01"),
        other => panic!("{other:?}"),
    }
}
