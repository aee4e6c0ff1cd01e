use super::*;
use crate::migrations::Transaction;
use proptest::prelude::*;
use std::rc::Rc;

fn script(text: &str) -> Script {
    Script {
        path: "1_a.sql".to_owned(),
        file: Rc::from(text),
        range: text.len() - text.trim_start_matches('\u{FEFF}').len()..text.len(),
        transaction: Transaction::Unsaid,
    }
}

fn check(text: &str, expected: &[&str]) {
    let script = script(text);
    let told = match split(&script) {
        Ok(found) => found.iter().map(|one| format!("{}:{} {}", one.line, one.column, one.text(&script))).collect(),
        Err(fault) => vec![fault.problem(&script).to_string()],
    };
    assert_eq!(told, expected, "{text}");
}

#[test]
fn statements_are_told_apart() {
    check("\u{FEFF}select 1;\r\n😀;  ;b", &["1:1 select 1", "2:1 😀", "2:7 b"]);
    check(
        "select ';' , \";\", E'\\';', $$;$$, $a$;$$;$a$ -- ;\n/* ; /* ; */ ; */ ; x",
        &["1:1 select ';' , \";\", E'\\';', $$;$$, $a$;$$;$a$", "2:21 x"],
    );
    check("select 'a\\'; b'';", &["1:1 select 'a\\'", "1:14 b''"]);
    check("select E'a'\n -- note\n '\\';b';c", &["1:1 select E'a'\n -- note\n '\\';b'", "3:9 c"]);
    check("select E'a' '\\';b", &["1:1 select E'a' '\\'", "1:17 b"]);
    check("select a$$b;c$$", &["1:1 select a$$b", "1:13 c$$"]);
    check(
        "create rule r as on insert to t do also (delete from a; delete from b); c",
        &["1:1 create rule r as on insert to t do also (delete from a; delete from b)", "1:73 c"],
    );
    let atomic = "create or replace function f() returns int begin atomic select case when a.end then 1 end as end; select 2; end";
    check(&format!("{atomic}; begin; end"), &[&format!("1:1 {atomic}"), "1:114 begin", "1:121 end"]);
    check("", &[]);
    check(" -- nothing\n", &[]);
}

#[test]
fn what_cannot_be_divided_is_refused() {
    let rows = [
        ("a;\n 'b", "1_a.sql:2:2: wanted a `'` that closes the text, found none up to the file's end"),
        ("$x$ $$", "1_a.sql:1:1: wanted the dollar quote that closes the text, found none up to the file's end"),
        ("/* /* */", "1_a.sql:1:1: wanted a `*/` that closes the comment, found none up to the file's end"),
        ("a (b;c", "1_a.sql:1:3: wanted a `)`, or an `END`, that closes it, found none up to the file's end"),
        (
            "a;\n\\restrict x",
            "1_a.sql:2:1: wanted SQL: commands of psql mean nothing to the server, found `\\restrict`",
        ),
        (
            "copy t (a, b) from stdin;\n1\t2\n\\.\n",
            "1_a.sql:1:1: wanted SQL: rows after `COPY` reach the server in another way than its text, found `COPY … FROM STDIN`",
        ),
    ];
    for (text, expected) in rows {
        check(text, &[expected]);
    }
}

#[test]
fn what_cannot_run_in_a_transaction_is_known() {
    let rows = [
        (
            "create unique index concurrently if not exists \"I x\" on only s.\"T\" (a)",
            "CREATE INDEX CONCURRENTLY I x of s.\"T\"",
        ),
        ("create index concurrently on t (a)", "CREATE INDEX CONCURRENTLY"),
        ("create index i on t (a)", "plain"),
        ("drop index concurrently i", "DROP INDEX CONCURRENTLY"),
        ("reindex table concurrently t", "REINDEX CONCURRENTLY"),
        ("reindex (verbose, concurrently) table t", "REINDEX CONCURRENTLY"),
        ("reindex (concurrently off) table t", "plain"),
        ("reindex schema s", "REINDEX SCHEMA"),
        ("reindex table t", "plain"),
        ("vacuum (full) t", "VACUUM"),
        ("alter table a detach partition b concurrently", "DETACH PARTITION CONCURRENTLY"),
        ("alter table a detach partition b", "plain"),
        ("create database d", "CREATE DATABASE"),
        ("alter system set a = 1", "ALTER SYSTEM"),
        ("create subscription s connection 'x' publication p with (connect = false)", "plain"),
        ("create subscription s connection 'x' publication p", "CREATE SUBSCRIPTION"),
        ("discard all", "DISCARD ALL"),
        ("cluster t", "plain"),
        ("cluster", "CLUSTER"),
        ("alter type t add value 'x'", "plain"),
        ("begin isolation level serializable", "Begin"),
        ("start transaction", "Begin"),
        ("end", "Commit"),
        ("prepare transaction 'x'", "Commit"),
        ("prepare q as select 1", "plain"),
        ("rollback to savepoint s", "plain"),
        ("rollback work to s", "plain"),
        ("abort", "Rollback"),
        ("savepoint s", "plain"),
    ];
    for (text, expected) in rows {
        let told = match split(&script(text)).ok().and_then(|mut found| found.pop()).map(|one| one.kind) {
            Some(Kind::Plain) => "plain".to_owned(),
            Some(Kind::Control(control)) => format!("{control:?}"),
            Some(Kind::Outside(Outside { what, index: None })) => what.to_owned(),
            Some(Kind::Outside(Outside { what, index: Some(index) })) => {
                format!("{what} {} of {}", index.name, index.table)
            }
            None => String::new(),
        };
        assert_eq!(told, expected, "{text}");
    }
}

/// A piece of a statement in which `;` ends nothing.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,4}",
        "'[^'\\\\\0]{0,6}'".prop_map(|text| text),
        "[^$\0]{0,6}".prop_map(|text| format!("$q${text}$q$")),
        "[^\"\0]{1,6}".prop_map(|text| format!("\"{text}\"")),
        "[a-z;]{0,5}".prop_map(|text| format!("/*{text}/*{text}*/*/")),
        "[a-z; ]{0,5}".prop_map(|text| format!("--{text}\n")),
        "[a-z;]{0,5}".prop_map(|text| format!("({text})")),
        "[a-z;]{0,4}".prop_map(|text| format!("E'{text}\\'{text}'")),
        Just("1.5e3".to_owned()),
    ]
}

proptest! {
    #[test]
    fn joined_statements_come_apart_again(list in prop::collection::vec(prop::collection::vec(piece(), 1..6), 1..6)) {
        let list: Vec<String> = list.iter().map(|pieces| format!("select {}", pieces.join(" "))).collect();
        let text = list.join(";\r\n");
        let script = script(&text);
        let found = split(&script).map_err(|fault| TestCaseError::fail(fault.found))?;
        prop_assert_eq!(found.len(), list.len());
        for (one, expected) in found.iter().zip(&list) {
            prop_assert!(expected.starts_with(one.text(&script)));
        }
    }

    #[test]
    fn nothing_panics_and_nothing_is_lost(text in "[ -~\n\r\u{80}-\u{FF}😀]{0,80}") {
        let script = script(&text);
        let whole: usize = tokens(&text, script.range.clone()).map(|token| token.range.len()).sum();
        prop_assert_eq!(whole, script.range.len());
        let _ = (split(&script), depth(&script));
    }
}
