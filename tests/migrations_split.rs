//! The division of SQL into statements against npm's `libpg-query`, which is the server's own
//! parser. Needs Node and the package in `node_modules`.
#![allow(clippy::disallowed_methods, reason = "a test starts Node and reads what it wrote")]
#![allow(clippy::print_stdout, reason = "a test says that it is skipped")]

use std::path::Path;
use std::process::Command;
use std::rc::Rc;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use waybill::migrations::split::split;
use waybill::migrations::{Script, Transaction};

/// Parses each text of a list: the first byte of each statement's first word, and the byte after its
/// last; `null` for a text that is no SQL.
const SCRIPT: &str = r#"
import fs from 'node:fs';
const { loadModule, parseSync } = await import('libpg-query');
await loadModule();
const texts = JSON.parse(fs.readFileSync(process.argv.at(-1), 'utf8'));
const places = (text) => {
  try {
    return (parseSync(text).stmts ?? []).map(({ stmt_location: at = 0, stmt_len: length }) =>
      [at, length ? at + length : Buffer.byteLength(text)]);
  } catch {
    return null;
  }
};
console.log(JSON.stringify(texts.map(places)));
"#;

/// SQL that the parser takes, in which a `;` stands wherever it may.
fn statement() -> impl Strategy<Value = String> {
    let text = "[a-z;' \\n\u{e9}\u{1f600}(]{0,8}".prop_map(|text| text.replace('\'', "''"));
    let comment = prop_oneof![
        Just(" ".to_owned()),
        Just("\r\n".to_owned()),
        "[a-z;'(]{0,5}".prop_map(|text| format!(" -- {text}\n")),
        "[a-z;'(]{0,5}".prop_map(|text| format!(" /* {text} /* {text} */ ; */ ")),
    ];
    let value = prop_oneof![
        text.clone().prop_map(|text| format!("'{text}'")),
        text.clone().prop_map(|text| format!("E'\\'{text}\\\\'")),
        text.clone().prop_map(|text| format!("e'{text}'\n  '\\';{text}'")),
        "[a-z;' $]{0,8}".prop_map(|text| format!("$q${}$q$", text.replace('$', ""))),
        "[a-z;' ]{0,8}".prop_map(|text| format!("$${text}$$")),
        "[a-z;' ]{1,8}".prop_map(|text| format!("\"{text}\"")),
        Just("U&'\\0061;'".to_owned()),
        Just("1.5e3".to_owned()),
        Just("a$b$c".to_owned()),
        Just("(select case when a then 1 else 2 end)".to_owned()),
    ];
    let select = (comment.clone(), prop::collection::vec((value.clone(), comment), 1..4)).prop_map(|(gap, values)| {
        let values: Vec<String> = values.into_iter().map(|(value, gap)| format!("{value}{gap}")).collect();
        format!("select{gap}{}", values.join(","))
    });
    let body = value.prop_map(|value| value.replace('$', "x"));
    prop_oneof![
        4 => select,
        1 => body.clone().prop_map(|value| format!("do $body$ begin perform {value}; end; $body$")),
        1 => body.clone().prop_map(|value| {
            format!("create function f(a int) returns int begin atomic select {value}; select case when a > 1 then 2 end as end; end")
        }),
        1 => Just("create procedure p() language sql begin atomic insert into t values (1); delete from t; end".to_owned()),
        1 => Just("create or replace rule r as on insert to t do also (delete from a; insert into b values (';'))".to_owned()),
        1 => Just("begin".to_owned()),
        1 => Just("end".to_owned()),
        1 => Just("create index concurrently if not exists i on t (a)".to_owned()),
        1 => Just("".to_owned()),
    ]
}

#[test]
fn statements_end_where_the_servers_parser_ends_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !root.join("node_modules/libpg-query/package.json").exists() {
        assert!(std::env::var_os("WAYBILL_STRICT").is_none(), "npm's libpg-query is not installed");
        println!("SKIPPED: npm's libpg-query is not installed");
        return;
    }
    let mut runner = TestRunner::deterministic();
    let list = prop::collection::vec(statement(), 1..6).prop_map(|list| list.join(";"));
    let texts: Vec<String> = (0..3_000).map(|_| list.new_tree(&mut runner).expect("it is made").current()).collect();
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("statements.json");
    std::fs::write(&file, serde_json::to_string(&texts).expect("texts are JSON")).expect("the file is written");
    let output = Command::new("node")
        .args(["--input-type=module", "-e", SCRIPT, "--"])
        .arg(&file)
        .current_dir(root)
        .output()
        .expect("Node is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let parsed: Vec<Option<Vec<(usize, usize)>>> = serde_json::from_slice(&output.stdout).expect("it prints JSON");
    let mut compared = 0;
    for (text, expected) in texts.iter().zip(&parsed) {
        let Some(expected) = expected else { continue };
        let script = Script {
            path: "1_a.sql".to_owned(),
            file: Rc::from(text.as_str()),
            range: 0..text.len(),
            transaction: Transaction::Unsaid,
        };
        let found: Vec<_> = match split(&script) {
            Ok(found) => found.into_iter().map(|one| one.range).collect(),
            Err(fault) => panic!("{fault:?} in {text:?}"),
        };
        assert_eq!(found.len(), expected.len(), "{text:?}");
        for (one, (from, to)) in found.iter().zip(expected) {
            // Its places have blanks and comments around the statement.
            assert!(*from <= one.start && one.end <= *to, "{text:?}: {one:?} is not in {from}..{to}");
            assert!(!text[one.end..*to].contains(';') || text[one.end..*to].contains(['-', '*']), "{text:?}");
        }
        compared += 1;
    }
    assert!(compared > texts.len() / 2, "only {compared} of {} texts are SQL", texts.len());
}
