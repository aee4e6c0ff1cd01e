use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Checks the value of a text and everything that is wrong with it.
fn check(text: impl AsRef<[u8]>, value: Value, flaws: &[&str]) {
    let (node, found) = read(text.as_ref());
    let line = |flaw: &Flaw| {
        let key = if flaw.key.is_empty() { String::new() } else { format!(" {}", flaw.key) };
        format!("{}:{}{key}: {} {}", flaw.at.line, flaw.at.column, flaw.code.id, flaw.wrong)
    };
    let name = String::from_utf8_lossy(&text.as_ref()[..text.as_ref().len().min(200)]).into_owned();
    assert_eq!(found.iter().map(line).collect::<Vec<_>>(), flaws, "{name}");
    assert_eq!(node.to_json(), value, "{name}");
}

#[test]
fn values_follow_the_core_schema() {
    check("", json!({}), &[]);
    check("# only a comment\n", json!({}), &[]);
    check("\u{feff}a: 1", json!({"a": 1}), &[]);
    check(
        "a: [1, -2, +3, 1.5, 1e3, .5, true, False, null, ~, yes, 'true', \"1\", x1, .inf, 0x1f, 1.2.3, x-, '']",
        json!({"a": [
            1, -2, 3, 1.5, 1000.0, 0.5, true, false, null, null, "yes", "true", "1", "x1", ".inf", "0x1f", "1.2.3", "x-", ""
        ]}),
        &[],
    );
    check("a: |\n  x\n  y\nb:\n- c: !!str d\n", json!({"a": "x\ny\n", "b": [{"c": "d"}]}), &[]);
    check(
        "a: &x {k: v}\nb: *x\nc: [*x, *x]\n",
        json!({"a": {"k": "v"}, "b": {"k": "v"}, "c": [{"k": "v"}, {"k": "v"}]}),
        &[],
    );
    check("12345678901234567890: 12345678901234567890", json!({"12345678901234567890": "12345678901234567890"}), &[]);
}

#[test]
fn places_count_from_one() {
    let (node, _) = read("ä:\n  b: c\n".as_bytes());
    let Content::Map(pairs) = node.content else { panic!("a map") };
    assert_eq!(pairs[0].0.at, At { line: 1, column: 1 });
    let Content::Map(inner) = &pairs[0].1.content else { panic!("a map") };
    assert_eq!((inner[0].0.at, inner[0].1.at), (At { line: 2, column: 3 }, At { line: 2, column: 6 }));
}

#[test]
fn what_is_wrong_is_told_at_its_place() {
    check(
        "a:\n\tb: 1\n",
        json!({}),
        &["2:2: WB1103 wanted YAML, found tabs disallowed within this context (block indentation) (indent by spaces)"],
    );
    check("a: [1,\n", json!({}), &["2:1: WB1103 wanted YAML, found no node content"]);
    check("a: 'x\n", json!({}), &["1:4: WB1103 wanted YAML, found unexpected end of stream"]);
    check("a: b: c\n", json!({}), &["1:5: WB1103 wanted YAML, found mapping values are not allowed in this context"]);
    check("a: *x\n", json!({}), &["1:4: WB1103 wanted YAML, found unknown anchor"]);
    check("a: 1\n---\nb: 2\n", json!({"a": 1}), &["2:1: WB1104 wanted one document, found a second one"]);
    check(
        "a: &x [*x]\n",
        json!({}),
        &["1:8: WB1104 wanted an anchor that is complete, found an alias inside its own anchor"],
    );
    check("a: !secret b\n", json!({}), &["1:4: WB1104 wanted a value without a tag, found `!secret`"]);
    check("? [a]\n: b\n", json!({}), &["1:3: WB1104 wanted a text as key, found a map or a list"]);
    check("a: &x [1]\n*x : b\n", json!({}), &["2:1: WB1104 wanted a text as key, found a map or a list"]);
    check(b"a: b\nc: d\xff\n", json!({}), &["2:5: WB1102 wanted UTF-8 text, found a byte that is none"]);
    check(
        b"\xff\xfea\0",
        json!({}),
        &["1:1: WB1102 wanted UTF-8 text, found a byte that is none (it seems to be UTF-16; save it as UTF-8)"],
    );
    check(
        "a: 1\nb: {c: 1, c: 2}\na: 2\nd: [{e: 1, e: 2}]\n",
        json!({"a": 2, "b": {"c": 2}, "d": [{"e": 2}]}),
        &[
            "2:11 b.c: WB1105 wanted each key once, found `c` again (first at line 2)",
            "3:1 a: WB1105 wanted each key once, found `a` again (first at line 1)",
            "4:12 d[0].e: WB1105 wanted each key once, found `e` again (first at line 4)",
        ],
    );
}

#[test]
fn what_is_too_much_is_refused() {
    let flaw = |text: &str| {
        let (_, flaws) = read(text.as_bytes());
        assert_eq!(flaws.len(), 1);
        format!("{} {}", flaws[0].code.id, flaws[0].wrong)
    };
    let many = "WB1102 wanted a configuration of ordinary size, found too many values, aliases written out";
    assert_eq!(flaw(&" ".repeat(LARGEST + 1)), "WB1102 wanted at most 1 MiB, found 1048577 bytes");
    let deep = "WB1102 wanted a configuration of ordinary depth, found more than 64 maps and lists in one another";
    assert_eq!(flaw(&"- ".repeat(65)), deep);
    assert_eq!(flaw(&"[".repeat(100_000)), "WB1103 wanted YAML, found recursion limit exceeded");
    assert_eq!(
        flaw(&format!("a: &x {}1{}\nb: {}*x{}\n", "[".repeat(40), "]".repeat(40), "[".repeat(40), "]".repeat(40))),
        deep
    );
    assert_eq!(flaw(&"- x\n".repeat(100_001)), many);
    let laughs: String = (1..20).map(|n| format!("a{n}: &a{n} [*a{m}, *a{m}]\n", m = n - 1)).collect();
    assert_eq!(flaw(&format!("a0: &a0 [x, x]\n{laughs}")), many);
    assert_eq!(flaw(&format!("a: &x {}\nb: [{}]\n", "y".repeat(1 << 19), "*x,".repeat(20))), many);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[-?:,\\[\\]{}#&*!|>'\"%@` \t\na-c0]{0,60}|\\PC{0,40}") {
        read(text.as_bytes());
    }

    #[test]
    fn no_cut_and_no_broken_byte_makes_it_panic(cut in 0usize..400, byte: u8) {
        let whole = "defaults: &d\n  timeout: 5m\n  run: |\n    npm ci\n    npm test\nenvironments:\n  production:\n    backend-url: \"https://ä.example\"\n    lint: {fail-on: 'warning', reports: [a, b]}\n  staging: *d\n";
        let mut bytes = whole.as_bytes().to_vec();
        let cut = cut % bytes.len();
        read(&bytes[..cut]);
        bytes[cut] = byte;
        read(&bytes);
    }
}
