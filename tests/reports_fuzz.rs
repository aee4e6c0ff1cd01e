//! Throws damaged reports at every reader: each truncation of each file, and
//! mutations by a seeded generator. Nothing may panic, hang or keep memory.
//!
//! `npm run fuzz` runs all of it; `cargo test` runs a small slice. The files are
//! the fixtures and, where `WAYBILL_CORPUS` names a folder, those in it.
//! `WAYBILL_FUZZ_MUTATIONS` and `WAYBILL_FUZZ_SEED` are numbers; a case that
//! fails is printed with its seed and kept in `target/fuzz-cases/`.
#![allow(clippy::disallowed_methods, reason = "a test reads its own files, environment and clock")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a test says how far it is")]

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use waybill::reports::choose::{Annotate, choose};
use waybill::reports::locate::{Locator, Settings};
use waybill::reports::tracked::Tracked;
use waybill::reports::{FORMATS, Options, read, read_output};

/// How long one case may take of the processor's time, where the system tells it; else of the clock's.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long one case may take before the whole run is given up, however busy the machine is.
const HANGS: Duration = Duration::from_secs(600);

/// How much the process may hold, in KiB, whatever it has read.
const MEMORY: u64 = 256 * 1024;

/// How large a damaged report may grow, in bytes.
const LARGEST: usize = 512 * 1024;

/// What breaks readers: marks of all formats, numbers at the edge, wide and broken characters.
const TOKENS: &[&str] = &[
    "<",
    ">",
    "</",
    "/>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?xml version='1.0'?>",
    "<!DOCTYPE a [",
    "&#x1B;",
    "&lol;",
    "<testcase name='",
    "<failure message=\"",
    "<testsuite tests='9' failures='",
    "<stackTrace>",
    "=\"",
    "'",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "null",
    "\"line\":",
    "\"column\":",
    "{\"a\":[",
    "\\u0000",
    "\\ud800",
    "-1",
    "0",
    "4294967296",
    "18446744073709551616",
    "1e999",
    "NaN",
    "\u{1b}[31m",
    "\u{0}",
    "\u{feff}",
    "€",
    "\u{1F600}",
    "e\u{301}",
    "\r\n",
    "\n\n",
    "\t",
    " ",
    "    ",
    "::error file=a::",
    "##[error]",
    "not ok 1 - ",
    "ok 2",
    "1..9",
    "Bail out!",
    "  ---\n",
    "  ...\n",
    "test a ... FAILED",
    "test result: ok. ",
    "running 9 tests",
    "--- FAIL: ",
    "panicked at src/a.rs:1:2:",
    "a.rs:1:2: ",
    "(12,3): error ",
    "%00",
    "%",
    "file:///C:/",
    "../",
    "|",
    "##teamcity[testFailed name='",
    "=== FAILURES ===",
    "E   ",
];

/// SplitMix64: small, and the same everywhere (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, or 0.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

struct Seed {
    path: String,
    bytes: Vec<u8>,
}

fn seeds() -> Vec<Seed> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reports")];
    folders.extend(std::env::var_os("WAYBILL_CORPUS").map(PathBuf::from));
    let mut seeds = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                seeds.push(Seed { path: path.display().to_string(), bytes });
            }
        }
    }
    seeds.sort_by(|one, other| one.path.cmp(&other.path));
    seeds
}

fn damage(seeds: &[Seed], chance: &mut Chance) -> (String, Vec<u8>) {
    let seed = &seeds[chance.below(seeds.len())];
    let mut bytes = seed.bytes.clone();
    for _ in 0..=chance.below(8) {
        let at = chance.below(bytes.len() + 1);
        let end = (at + 1 + chance.below(40)).min(bytes.len());
        match chance.below(12) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let most = if chance.below(50) == 0 { 5_000 } else { 4 };
                let again = bytes[at..end].repeat(1 + chance.below(most));
                drop(bytes.splice(at..at, again));
            }
            3 | 4 if at < bytes.len() => bytes[at] = chance.next() as u8,
            5 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
            6 => {
                let other = &seeds[chance.below(seeds.len())].bytes;
                let start = chance.below(other.len());
                let piece = other[start..(start + chance.below(2_000)).min(other.len())].to_vec();
                drop(bytes.splice(at..at, piece));
            }
            7 => {
                // A line, moved or doubled.
                let start = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
                let length =
                    bytes[start..].iter().position(|byte| *byte == b'\n').map_or(bytes.len() - start, |end| end + 1);
                let line = bytes[start..start + length].to_vec();
                let to = chance.below(bytes.len() + 1);
                drop(bytes.splice(to..to, line));
            }
            8 => {
                // Another number in the place of one.
                let digit = bytes[at..].iter().position(u8::is_ascii_digit).map_or(bytes.len(), |digit| at + digit);
                let length = bytes[digit..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                let number = ["0", "1", "2147483648", "4294967295", "99999999999999999999", "0.1e-7"][chance.below(6)];
                drop(bytes.splice(digit..digit + length, number.bytes()));
            }
            _ => {
                let token = TOKENS[chance.below(TOKENS.len())];
                let upto = if chance.below(2) == 0 { at } else { end };
                drop(bytes.splice(at..upto, token.bytes()));
            }
        }
        bytes.truncate(LARGEST);
    }
    (seed.path.clone(), bytes)
}

/// Does with a report all that is done with one.
fn digest(bytes: Vec<u8>, forced: Option<&str>, keep_all: bool) {
    let options = Options { keep_all, ..Options::default() };
    let listed =
        "src/lib.rs\0src/a.js\0tests/test_a.py\0web/test/calc.test.js\0go/calc_test.go\0java/src/test/java/T.java";
    let tracked = Tracked::new(listed);
    let settings = Settings { workspace: "/w".to_owned(), repository: "widgets".to_owned(), ..Settings::default() };
    let heard = forced.is_none().then(|| read_output(bytes.clone().into(), &options)).flatten();
    let file = read(Box::new(Cursor::new(bytes)), "report", forced, &options);
    let mut source = |_: &str| Some("let x = 1;\n€ wide\n".repeat(20));
    let files = std::iter::once(file).chain(heard).collect();
    let report = Locator::new(&tracked, &settings).report(files, 10, &mut source);
    let shown = choose(&report, None, Annotate::All);
    drop(shown);
    serde_json::to_string(&report).expect("a report can be written");
}

/// One line of `/proc/self/status`, in KiB; 0 where there is none.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().find_map(|word| word.parse().ok()).unwrap_or(0)
}

/// How long this thread has run on a processor; nothing where the system does not say.
fn processor_time() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(told.split(' ').next()?.parse().ok()?))
}

/// Watches the clock over the cases of one run.
struct Watch {
    begun: Instant,
    /// When the case that runs began, in milliseconds since the start; 0 between cases.
    since: Arc<AtomicU64>,
    failures: Vec<String>,
    slowest: Duration,
    count: u64,
}

impl Watch {
    fn new() -> Self {
        let (begun, since) = (Instant::now(), Arc::new(AtomicU64::new(0)));
        let watched = since.clone();
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(Duration::from_millis(500));
                let started = watched.load(Ordering::Relaxed);
                let taken = (begun.elapsed().as_millis() as u64).saturating_sub(started);
                if started > 0 && taken > HANGS.as_millis() as u64 {
                    println!("HANGS: a case that began {} s ago", taken / 1_000);
                    std::process::exit(1);
                }
            }
        });
        let _ = std::fs::create_dir_all(kept());
        Watch { begun, since, failures: Vec::new(), slowest: Duration::ZERO, count: 0 }
    }

    /// Runs one case; what comes of it, when it is nothing good.
    fn run(&mut self, name: &str, bytes: &[u8], forced: Option<&str>, keep_all: bool) {
        let (started, used) = (Instant::now(), processor_time());
        self.since.store(self.begun.elapsed().as_millis() as u64 + 1, Ordering::Relaxed);
        let copy = bytes.to_vec();
        let done = catch_unwind(AssertUnwindSafe(|| digest(copy, forced, keep_all)));
        self.since.store(0, Ordering::Relaxed);
        let taken = match (used, processor_time()) {
            (Some(before), Some(after)) => after.saturating_sub(before),
            _ => started.elapsed(),
        };
        self.slowest = self.slowest.max(taken);
        let held = self.held();
        let trouble = match done {
            Err(_) => "panics",
            Ok(()) if taken > PATIENCE => "is too slow",
            Ok(()) if held > MEMORY => "takes too much memory",
            Ok(()) => return,
        };
        let _ = std::fs::write(kept().join(format!("{}", self.failures.len())), bytes);
        self.failures.push(format!("{name} ({} bytes, as {forced:?}) {trouble}", bytes.len()));
        println!("{}", self.failures[self.failures.len() - 1]);
        assert!(self.failures.len() < 20, "too many failures: {:#?}", self.failures);
    }

    /// What the process holds, asked for rarely: it costs more than most cases.
    fn held(&mut self) -> u64 {
        self.count += 1;
        if self.count % 256 == 1 { memory("VmRSS:") } else { 0 }
    }

    fn end(self, what: &str, cases: u64) {
        println!(
            "{what}: {cases} cases in {:.0} s, the slowest {} ms, memory {} MiB now and {} MiB at most",
            self.begun.elapsed().as_secs_f64(),
            self.slowest.as_millis(),
            memory("VmRSS:") >> 10,
            memory("VmHWM:") >> 10,
        );
        assert!(self.failures.is_empty(), "{:#?}", self.failures);
    }
}

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/fuzz-cases")
}

fn mutate(first: u64, mutations: u64) {
    let seeds = seeds();
    let mut watch = Watch::new();
    for number in 0..mutations {
        let seed = first.wrapping_add(number);
        let mut chance = Chance(seed);
        let (path, bytes) = damage(&seeds, &mut chance);
        let forced = (chance.below(4) == 0).then(|| FORMATS[chance.below(FORMATS.len())].name);
        watch.run(&format!("seed {seed} of {path}"), &bytes, forced, chance.below(8) == 0);
        if number % 100_000 == 99_999 {
            println!(
                "{} mutations in {:.0} s, {} MiB",
                number + 1,
                watch.begun.elapsed().as_secs_f64(),
                memory("VmRSS:") >> 10
            );
        }
    }
    watch.end("mutations", mutations);
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn a_few_mutations_are_survived() {
    mutate(1, 300);
}

#[test]
#[ignore = "long: npm run fuzz"]
fn every_truncation_is_survived() {
    let mut watch = Watch::new();
    let mut cases = 0;
    for seed in seeds() {
        for end in 0..seed.bytes.len() {
            watch.run(&format!("the first {end} bytes of {}", seed.path), &seed.bytes[..end], None, false);
            cases += 1;
        }
    }
    watch.end("truncations", cases);
}

#[test]
#[ignore = "long: npm run fuzz"]
fn many_mutations_are_survived() {
    mutate(number("WAYBILL_FUZZ_SEED").unwrap_or(1), number("WAYBILL_FUZZ_MUTATIONS").unwrap_or(1_000_000));
}
