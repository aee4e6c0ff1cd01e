//! What we write for the runner, byte for byte against npm's `@actions/core`,
//! for all that both write. Needs Node and the package in `node_modules`.
#![allow(clippy::disallowed_methods, reason = "a test starts Node and reads what it wrote")]
#![allow(clippy::print_stdout, reason = "a test says that it is skipped")]

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use waybill::masks::Masks;
use waybill::reporters::annotations::{self, Annotation, Level};
use waybill::reporters::outputs;

/// Calls `@actions/core` as it is told, with the runner's files in a folder.
const SCRIPT: &str = r#"
import fs from 'node:fs';
import path from 'node:path';
const [folder, calls] = process.argv.slice(-2);
for (const name of ['OUTPUT', 'STATE', 'ENV', 'PATH']) {
  process.env[`GITHUB_${name}`] = path.join(folder, name);
  fs.writeFileSync(process.env[`GITHUB_${name}`], '');
}
const core = await import('@actions/core');
for (const [name, ...values] of JSON.parse(fs.readFileSync(calls, 'utf8'))) core[name](...values);
"#;

/// What `@actions/core` wrote.
struct Written {
    printed: String,
    files: [String; 4],
}

/// Nothing where the package is not there; in a build service that is a failure.
fn core(name: &str, calls: &Value) -> Option<Written> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !root.join("node_modules/@actions/core/package.json").exists() {
        assert!(std::env::var_os("WAYBILL_STRICT").is_none(), "npm's @actions/core is not installed");
        println!("SKIPPED {name}: npm's @actions/core is not installed");
        return None;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("calls.json");
    std::fs::write(&file, calls.to_string()).unwrap();
    let mut node = Command::new("node");
    let output = node
        .args(["--input-type=module", "-e", SCRIPT, "--"])
        .args([&folder, &file])
        .current_dir(root)
        .output()
        .expect("Node is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        // It ends lines as the system does; we never do.
        if cfg!(windows) { text.replace("\r\n", "\n") } else { text }
    };
    let files = ["OUTPUT", "STATE", "ENV", "PATH"].map(|name| text(std::fs::read(folder.join(name)).unwrap()));
    Some(Written { printed: text(output.stdout), files })
}

/// Texts of all the characters that mean something, the same in every run.
fn texts(count: usize) -> Vec<String> {
    const PIECES: &[&str] = &[
        "%",
        "%25",
        "%0A",
        "\n",
        ":",
        "::",
        ",",
        "=",
        "##[",
        "]",
        ";",
        "a",
        "ü",
        "😀",
        " x",
        "::error::",
        "<<",
        "'\"",
    ];
    let mut state = 1_u32;
    let mut next = || {
        // A linear congruential generator: its high bits are random enough.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as usize
    };
    (0..count)
        .map(|_| {
            let length = next() % 8;
            let middle: String = (0..length).map(|_| PIECES[next() % PIECES.len()]).collect();
            format!("s{middle}e")
        })
        .collect()
}

#[test]
fn annotations_and_masks_are_the_same() {
    let texts = texts(120);
    let mut calls = Vec::new();
    let mut ours = Vec::new();
    for (at, message) in texts.iter().enumerate() {
        let level = [Level::Error, Level::Warning, Level::Notice][at % 3];
        let mut annotation = Annotation::new(level, "", message.clone());
        let mut properties = json!({});
        if at % 2 == 0 {
            annotation.title = texts[(at + 7) % texts.len()].replace('\n', " ");
            properties["title"] = json!(annotation.title);
        }
        if at % 4 > 1 {
            let path = format!("src/{}.ts", texts[(at + 13) % texts.len()].replace(['\n', '/'], "-"));
            properties["file"] = json!(path);
            annotation.file = Some(path);
            annotation.line = Some(3);
            annotation.end_line = Some(if at % 3 == 0 { 3 } else { 9 });
            properties["startLine"] = json!(3);
            properties["endLine"] = json!(annotation.end_line);
            if at % 3 == 0 {
                annotation.column = Some(5);
                annotation.end_column = Some(12);
                properties["startColumn"] = json!(5);
                properties["endColumn"] = json!(12);
            }
        }
        calls.push(json!([annotations::name(level), message, properties]));
        ours.extend(annotation.command(&Masks::new()));
        calls.push(json!(["setSecret", message]));
        ours.extend(annotations::add_mask(message));
        calls.push(json!(["startGroup", message]));
        ours.extend(annotations::group(message, &Masks::new()));
        calls.push(json!(["endGroup"]));
        ours.extend(annotations::end_group());
        calls.push(json!(["debug", message]));
        ours.extend(annotations::debug(message, &Masks::new()));
    }
    if let Some(core) = core("annotations_and_masks_are_the_same", &calls.into()) {
        assert_eq!(String::from_utf8(ours).unwrap(), core.printed);
    }
}

#[test]
fn files_are_the_same() {
    let entries: Vec<_> = texts(60).into_iter().enumerate().map(|(at, text)| (format!("NAME_{at}"), text)).collect();
    let mut calls = Vec::new();
    for (name, value) in &entries {
        for function in ["setOutput", "saveState", "exportVariable"] {
            calls.push(json!([function, name, value]));
        }
        calls.push(json!(["addPath", value.replace('\n', "/")]));
    }
    let Some(core) = core("files_are_the_same", &calls.into()) else { return };
    let [output, state, environment, path] = core.files;
    for file in [output, state, environment] {
        // The same chance gives the same delimiters.
        let mut drawn = file.split("ghadelimiter_").skip(1).step_by(2).map(|rest| uuid(&rest[..36]));
        let mut random = || drawn.next().expect("a delimiter for each entry");
        let ours: Vec<_> =
            entries.iter().flat_map(|(name, value)| outputs::entry(name, value, &mut random).unwrap()).collect();
        assert_eq!(String::from_utf8(ours).unwrap(), file);
        assert_eq!(outputs::read_entries(file.as_bytes(), outputs::LineEnd::Feed), Ok(entries.clone()));
    }
    let ours: Vec<_> =
        entries.iter().flat_map(|(_, value)| outputs::path(&value.replace('\n', "/")).unwrap()).collect();
    assert_eq!(String::from_utf8(ours).unwrap(), path);
}

fn uuid(text: &str) -> [u8; 16] {
    let digits = text.replace('-', "");
    let byte = |at: usize| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).expect("a UUID");
    std::array::from_fn(byte)
}
