//! The Node port against a real Node: the one part of the crate that native
//! tests cannot reach. Runs in WebAssembly, through `js-shim/host.mjs` itself.
#![cfg(target_arch = "wasm32")]

use std::collections::BTreeMap;
use std::io::Read;
use std::time::Duration;

use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use waybill::host::node::{Node, Shim};
use waybill::host::{
    ChildEvent, Coding, Command, Entry, EntryKind, ExitStatus, FileError, Host, Piece, Platform, RangeDigest, Signal,
    StartError, StreamError, Wanted, Writing,
};
use waybill::http::{Body, Method, Reply, Request, Saved, SendError};

#[wasm_bindgen(inline_js = r#"
const builtin = (name) => process.getBuiltinModule?.(name) ?? require(name);
export const load = (file) => import(builtin('url').pathToFileURL(file).href);
export function folder() {
  const fs = builtin('fs');
  const made = fs.mkdtempSync(builtin('path').join(builtin('os').tmpdir(), 'waybill-wasm-'));
  process.on('exit', () => fs.rmSync(made, { recursive: true, force: true }));
  return fs.realpathSync(made).replaceAll('\\', '/');
}
export const symlink = (to, from) => builtin('fs').symlinkSync(to, from, 'junction');
export const program = () => process.execPath;
export function serve() {
  const server = builtin('http').createServer((request, response) => {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      if (request.url === '/silent') return;
      if (request.url === '/drop') return request.socket.destroy();
      if (request.url === '/redirect') return response.writeHead(302, { location: '/' }).end();
      response.setHeader('X-Seen', `${request.method} ${request.headers['x-ask']}`);
      response.writeHead(201).end(Buffer.concat([...pieces, Buffer.from([0, 255])]));
    });
  });
  server.unref();
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => {
    resolve({ url: `http://127.0.0.1:${server.address().port}`, close: () => server.closeAllConnections() });
  }));
}
"#)]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn load(file: &str) -> Result<JsValue, JsValue>;
    fn folder() -> String;
    fn symlink(to: &str, from: &str);
    fn program() -> String;
    async fn serve() -> JsValue;

    type Server;
    #[wasm_bindgen(method, getter)]
    fn url(this: &Server) -> String;
    #[wasm_bindgen(method)]
    fn close(this: &Server);
}

async fn host() -> Node {
    let shim = load(concat!(env!("CARGO_MANIFEST_DIR"), "/js-shim/host.mjs")).await.expect("the shim loads");
    Node::new(shim.unchecked_into::<Shim>())
}

fn read(host: &Node, path: &str) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    host.open(path)?.read_to_end(&mut bytes).expect("an open file can be read");
    Ok(bytes)
}

#[wasm_bindgen_test]
async fn files_are_written_each_way_and_read_back() {
    let (host, folder) = (host().await, folder());
    let path = format!("{folder}/new/folder/é.txt");
    assert_eq!(host.open(&path).err(), Some(FileError::Missing));
    assert_eq!(host.write(&path, b"one", Writing::New), Ok(()));
    assert_eq!(host.write(&path, b"two", Writing::New), Err(FileError::Exists));
    assert_eq!(host.write(&path, b"\xff\n", Writing::Append), Ok(()));
    assert_eq!(read(&host, &path), Ok(b"one\xff\n".to_vec()));
    assert_eq!(host.write(&path, b"", Writing::Replace), Ok(()));
    assert_eq!(read(&host, &path), Ok(Vec::new()));
    assert_eq!(host.open(&folder).err(), Some(FileError::WrongKind));
    assert_eq!(host.remove(&path), Ok(()));
    assert_eq!(host.remove(&path), Ok(()));
    assert_eq!(host.open(&path).err(), Some(FileError::Missing));
}

#[wasm_bindgen_test]
async fn a_folder_is_listed_by_name_and_links_are_not_followed() {
    let (host, folder) = (host().await, folder());
    for (name, bytes) in [("b", &b"12345"[..]), ("a/inner", b""), ("C", b"1")] {
        host.write(&format!("{folder}/{name}"), bytes, Writing::New).expect("it can be written");
    }
    symlink(&format!("{folder}/a"), &format!("{folder}/link"));
    let entry = |name: &str, kind, size| Entry { name: name.to_owned(), kind, size, modified: 0, executable: false };
    let wanted = vec![
        entry("C", EntryKind::File, 1),
        entry("a", EntryKind::Directory, 0),
        entry("b", EntryKind::File, 5),
        entry("link", EntryKind::Link, 0),
    ];
    let mut found = host.list(&folder).expect("it can be listed");
    let made = host.now().timestamp_micros() as u64;
    for entry in &mut found {
        let file = entry.kind == EntryKind::File;
        assert_eq!(made.abs_diff(entry.modified) < 60_000_000, file, "{entry:?}");
        entry.modified = 0;
    }
    assert_eq!(found, wanted);
    assert_eq!(host.real_path(&format!("{folder}/link/inner")), Ok(format!("{folder}/a/inner")));
    assert_eq!(host.list(&format!("{folder}/nowhere")), Err(FileError::Missing));
}

fn script(text: &str, environment: &[(&str, &str)]) -> Command {
    Command {
        program: program(),
        arguments: vec!["-e".to_owned(), text.to_owned(), "an argument".to_owned()],
        directory: folder(),
        environment: environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    }
}

async fn finish(host: &Node, command: &Command, stop: Option<Signal>) -> (Vec<u8>, ExitStatus) {
    let mut child = host.start(command).await.expect("the child starts");
    let mut printed = Vec::new();
    loop {
        match child.next().await {
            ChildEvent::Output(piece) => {
                assert!(piece.len() <= 64 * 1024, "a piece of {} bytes", piece.len());
                printed.extend(piece);
                if let Some(signal) = stop {
                    child.signal(signal);
                }
            }
            ChildEvent::Exited(status) => {
                child.signal(Signal::Kill);
                return (printed, status);
            }
        }
    }
}

#[wasm_bindgen_test]
async fn a_child_gets_what_it_is_given_and_its_output_arrives_whole() {
    let host = host().await;
    let told = "console.log(process.argv[1], process.env.GIVEN, process.env.HOME ?? 'no home'); process.exitCode = 7";
    let finished = finish(&host, &script(told, &[("GIVEN", "ä=b")]), None).await;
    assert_eq!(finished, ("an argument ä=b no home\n".as_bytes().to_vec(), ExitStatus::Code(7)));

    let much = "process.stdout.write(Buffer.alloc(3e6, 'x')); process.stderr.write(Buffer.alloc(1e6, 'y'))";
    let (printed, status) = finish(&host, &script(much, &[]), None).await;
    let count = |wanted: u8| printed.iter().filter(|byte| **byte == wanted).count();
    assert_eq!(
        (count(b'x'), count(b'y'), printed.len(), status),
        (3_000_000, 1_000_000, 4_000_000, ExitStatus::Code(0))
    );
}

#[wasm_bindgen_test]
async fn a_child_is_stopped_by_a_signal() {
    let host = host().await;
    if host.platform() == Platform::Windows {
        return;
    }
    let waits = script("console.log('here'); setTimeout(() => {}, 60000)", &[]);
    for (signal, number) in [(Signal::Interrupt, 2), (Signal::Terminate, 15), (Signal::Kill, 9)] {
        let finished = finish(&host, &waits, Some(signal)).await;
        assert_eq!(finished, (b"here\n".to_vec(), ExitStatus::Signal(number)));
    }
}

#[wasm_bindgen_test]
async fn a_child_that_cannot_start_says_why() {
    let host = host().await;
    let missing = Command { program: "no-such-program".to_owned(), ..script("", &[]) };
    assert_eq!(host.start(&missing).await.err(), Some(StartError::NoProgram));
    let nowhere = Command { directory: format!("{}/nowhere", folder()), ..script("", &[]) };
    assert_eq!(host.start(&nowhere).await.err(), Some(StartError::NoDirectory));
}

fn request(method: Method, url: String) -> Request {
    let headers = vec![("x-ask".to_owned(), "yes".to_owned())];
    Request { method, url, headers, body: Vec::new().into(), timeout: Duration::from_secs(10), limit: 4096, save: None }
}

#[wasm_bindgen_test]
async fn a_request_is_sent_once_and_its_answer_read() {
    let (host, server) = (host().await, serve().await.unchecked_into::<Server>());
    let base = server.url();
    let seen = |reply: Result<Reply, SendError>| {
        reply.map(|reply| (reply.status, reply.header("x-seen").map(str::to_owned), reply.body))
    };
    let got = seen(host.send(&request(Method::Get, format!("{base}/"))).await);
    assert_eq!(got, Ok((201, Some("GET yes".to_owned()), vec![0, 255])));
    let patch = Request { body: b"\x00body\xff".to_vec().into(), ..request(Method::Patch, format!("{base}/")) };
    let got = seen(host.send(&patch).await);
    assert_eq!(got, Ok((201, Some("PATCH yes".to_owned()), b"\x00body\xff\x00\xff".to_vec())));
    let moved = host.send(&request(Method::Get, format!("{base}/redirect"))).await.expect("a redirect is an answer");
    assert_eq!((moved.status, moved.header("location")), (302, Some("/")));

    let folder = folder();
    let (sent, saved) = (format!("{folder}/sent"), format!("{folder}/new/saved"));
    host.write(&sent, b"0123456789", Writing::New).expect("it can be written");
    let part = Body::File { path: sent.clone(), from: 2, length: 3 };
    let put = Request { body: part, save: Some(saved.clone()), ..request(Method::Put, format!("{base}/")) };
    let reply = host.send(&put).await.expect("a file is sent");
    let digest = sha256(b"234\x00\xff");
    assert_eq!((reply.body, reply.saved), (Vec::new(), Some(Saved { size: 5, sha256: digest })));
    assert_eq!(read(&host, &saved), Ok(b"234\x00\xff".to_vec()));
    let small = Request { limit: 4, save: Some(format!("{folder}/small")), ..put.clone() };
    assert_eq!(host.send(&small).await, Err(SendError::TooLarge));
    assert_eq!(host.list(&folder).map(|entries| entries.len()), Ok(2));
    let long = Request { body: Body::File { path: sent, from: 8, length: 3 }, ..put };
    assert!(matches!(host.send(&long).await, Err(SendError::NotSent(_))));
    server.close();
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[wasm_bindgen_test]
async fn a_stream_is_written_whole_and_its_digests_are_right() {
    let (host, folder) = (host().await, folder());
    let (source, result) = (format!("{folder}/source"), format!("{folder}/new/result"));
    let content: Vec<u8> = (0..3_500_000u32).flat_map(|number| [(number / 7 % 251) as u8]).collect();
    host.write(&source, &content, Writing::New).expect("it can be written");
    let length = content.len() as u64;
    let pieces =
        [Piece::Bytes(b"head".to_vec()), Piece::range(&source, 10, length - 10), Piece::Bytes(b"foot".to_vec())];
    let all = Wanted { whole: true, sha256: true, sha1: true, crc32: true, text: None };
    let streamed = host.stream(&pieces, Some(&result), all).await.expect("it streams");
    let wanted = [b"head", &content[10..], b"foot"].concat();
    assert_eq!((streamed.size, &streamed.sha256), (length + 2 - 4, &sha256(&wanted)));
    assert_eq!(read(&host, &result), Ok(wanted));
    let plain = sha256(&content[10..]);
    assert_eq!((&streamed.ranges[0].sha256, &streamed.ranges[0].coded_sha256), (&plain, &plain));

    let small = format!("{folder}/deflated");
    let deflate = [Piece::Range { path: source.clone(), from: 10, length: length - 10, coding: Coding::Deflate }];
    let deflated = host.stream(&deflate, Some(&small), all).await.expect("it deflates");
    assert_eq!(
        (deflated.ranges[0].crc32, &deflated.ranges[0].sha1),
        (streamed.ranges[0].crc32, &streamed.ranges[0].sha1)
    );
    assert!(deflated.size < length / 20, "{} bytes", deflated.size);
    let inflate = |limit| {
        [Piece::Range { path: small.clone(), from: 0, length: deflated.size, coding: Coding::Inflate { limit } }]
    };
    let inflated = host.stream(&inflate(length), None, all).await.expect("it inflates").ranges.remove(0);
    let expected = RangeDigest {
        sha256: deflated.sha256.clone(),
        sha1: inflated.sha1.clone(),
        crc32: streamed.ranges[0].crc32,
        coded_size: length - 10,
        coded_sha256: plain,
        has_text: false,
    };
    assert_eq!(inflated, expected);
    assert_eq!(host.stream(&inflate(length - 11), None, all).await, Err(StreamError::TooLarge(small.clone())));
}

#[wasm_bindgen_test]
async fn a_text_is_found_in_a_file_wherever_blocks_are_cut() {
    let (host, folder) = (host().await, folder());
    let text = "NEEDLE-IN-IT";
    // A stream is cut into blocks of 1 MiB, whatever is in them.
    for (number, before) in [0, 1000, (1 << 20) - 5, (1 << 20) - 1, 1 << 20, (2 << 20) - 12].into_iter().enumerate() {
        let path = format!("{folder}/{number}");
        let mut content = vec![b'N'; before];
        content.extend(text.as_bytes());
        content.resize(content.len() + 100, b'x');
        host.write(&path, &content, Writing::New).expect("it can be written");
        let length = content.len() as u64;
        let pieces = [Piece::range(&path, 0, length), Piece::range(&path, 0, before as u64 + 11)];
        let wanted = Wanted { text: Some(text), ..Wanted::default() };
        let ranges = host.stream(&pieces, None, wanted).await.expect("it streams").ranges;
        assert_eq!((ranges[0].has_text, ranges[1].has_text), (true, false), "{before}");
    }
}

#[wasm_bindgen_test]
async fn a_stream_that_breaks_says_where_and_leaves_nothing() {
    let (host, folder) = (host().await, folder());
    let (source, result) = (format!("{folder}/source"), format!("{folder}/result"));
    host.write(&source, b"no gzip at all", Writing::New).expect("it can be written");
    let stream = async |piece| host.stream(&[piece], Some(&result), Wanted::default()).await.err();
    assert_eq!(stream(Piece::range(&source, 1, 14)).await, Some(StreamError::Short(source.clone())));
    let missing = format!("{folder}/missing");
    assert_eq!(stream(Piece::range(&missing, 0, 1)).await, Some(StreamError::File(missing, FileError::Missing)));
    let gzip = Piece::Range { path: source.clone(), from: 0, length: 14, coding: Coding::Gunzip { limit: 100 } };
    assert!(matches!(stream(gzip).await, Some(StreamError::Corrupt(path, _)) if path == source));
    assert_eq!(host.list(&folder).map(|entries| entries.len()), Ok(1));
}

#[wasm_bindgen_test]
async fn a_request_that_fails_says_how_far_it_came() {
    let (host, server) = (host().await, serve().await.unchecked_into::<Server>());
    let base = server.url();
    let small = Request { limit: 1, ..request(Method::Get, format!("{base}/")) };
    assert_eq!(host.send(&small).await, Err(SendError::TooLarge));
    let hasty = Request { timeout: Duration::from_millis(50), ..request(Method::Get, format!("{base}/silent")) };
    assert_eq!(host.send(&hasty).await, Err(SendError::TimedOut));
    let dropped = host.send(&request(Method::Post, format!("{base}/drop"))).await;
    assert!(matches!(dropped, Err(SendError::Unknown(_))), "{dropped:?}");
    let refused = host.send(&request(Method::Get, "http://127.0.0.1:1/".to_owned())).await;
    assert!(matches!(refused, Err(SendError::NotSent(_))), "{refused:?}");
    server.close();
}

#[wasm_bindgen_test]
async fn the_clock_runs_and_chance_is_not_constant() {
    let host = host().await;
    let before = host.now();
    host.sleep(Duration::from_millis(30)).await;
    let passed = host.now() - before;
    assert!(passed.num_milliseconds() >= 29, "{passed}");
    assert_ne!(host.random(), host.random());
    let environment: BTreeMap<String, String> = host.environment();
    assert!(environment.keys().any(|name| name.eq_ignore_ascii_case("path")));
}
