use super::*;

fn file(path: &str, text: &str) -> SourceFile {
    SourceFile { path: path.to_owned(), bytes: text.as_bytes().to_vec() }
}

/// Reads files below `db`; each as its path and its text.
fn check(format: Option<Format>, files: &[(&str, &str)], expected: &[&str]) {
    let files: Vec<_> = files.iter().map(|(path, text)| file(&format!("db/{path}"), text)).collect();
    let told = match read(format, &["./db/".to_owned()], &files) {
        Err(problems) => problems.iter().map(|problem| format!("{} {problem}", problem.code.id)).collect(),
        Ok(layout) => {
            let could_be = layout.could_be.iter().map(|format| format!(" or {}", format.word())).collect::<String>();
            let mut told = vec![format!("{}{could_be}", layout.format.word())];
            let script = |script: &Script| {
                let mark = if script.transaction == Transaction::Unsaid { "" } else { " outside" };
                format!("{}[{}]{mark}", script.path.trim_start_matches("db/"), script.sql().trim())
            };
            for one in &layout.migrations {
                let kind = match one.kind {
                    Kind::Versioned => "",
                    Kind::Unordered => " unordered",
                    Kind::Repeatable => " repeatable",
                };
                let down = one.down.as_ref().map(|down| format!(" down {}", script(down))).unwrap_or_default();
                let never = if one.is_irreversible { " irreversible" } else { "" };
                told.push(format!("{} = {}{kind}: {}{down}{never}", one.id, one.title(), script(&one.up)));
            }
            told.extend(layout.notes);
            told
        }
    };
    assert_eq!(told, expected);
}

#[test]
fn our_own_layout() {
    check(
        None,
        &[
            ("10_b.sql", "\u{FEFF}-- waybill:irreversible\nb"),
            ("2_a_table.sql", "-- no-transaction\na"),
            ("2_a_table.down.sql", "c"),
            ("README.md", "x"),
            ("sub/3_c.sql", "d"),
        ],
        &[
            "own",
            "2 = 2 a table: 2_a_table.sql[-- no-transaction\na] outside down 2_a_table.down.sql[c]",
            "10 = 10 b: 10_b.sql[-- waybill:irreversible\nb] irreversible",
            "`db/sub/3_c.sql` lies in a folder below, which own does not read",
        ],
    );
    check(None, &[("1_a.sql", "a")], &["own or sqlx", "1 = 1 a: 1_a.sql[a]"]);
    check(
        None,
        &[("1_a.sql", "-- a note\n-- waybill:no-transaction because\na")],
        &["own or sqlx", "1 = 1 a: 1_a.sql[-- a note\n-- waybill:no-transaction because\na] outside"],
    );
}

#[test]
fn layouts_of_two_files() {
    let files = [("000002_b.up.sql", "b"), ("000001_a.up.sql", "a"), ("000001_a.down.sql", "c")];
    let rows = ["1 = 000001 a: 000001_a.up.sql[a] down 000001_a.down.sql[c]", "2 = 000002 b: 000002_b.up.sql[b]"];
    check(None, &files, &["golang-migrate or sqlx", rows[0], rows[1]]);
    check(Some(Format::Sqlx), &files, &["sqlx", rows[0], rows[1]]);
    check(
        None,
        &[("1_a.up.sql", "-- no-transaction\r\na")],
        &["sqlx", "1 = 1 a: 1_a.up.sql[-- no-transaction\r\na] outside"],
    );
}

#[test]
fn dbmate_has_blocks() {
    check(
        None,
        &[
            ("01_a.sql", "-- note\n-- migrate:up transaction:false\na;\n\n-- migrate:down\nb;\n"),
            ("02_b.sql", "-- migrate:up\r\na;\r\n-- migrate:down\r\n"),
        ],
        &["dbmate", "01 = 01 a: 01_a.sql[a;] outside down 01_a.sql[b;]", "02 = 02 b: 02_b.sql[a;]"],
    );
    check(
        Some(Format::Dbmate),
        &[("1_a.sql", "a"), ("2_b.sql", "x;\n-- migrate:up\n"), ("x.sql", "")],
        &[
            "WB6002 db/1_a.sql:1:1: wanted one `-- migrate:up` and then at most one `-- migrate:down`, found neither",
            "WB6002 db/2_b.sql:1:1: wanted one `-- migrate:up` and then at most one `-- migrate:down`, found statements before `-- migrate:up`",
            "WB6002 db/x.sql:1:1: wanted a name that begins with digits, as `20260131120000_add_users.sql`, found `x.sql`",
        ],
    );
}

#[test]
fn node_pg_migrate_has_halves() {
    check(
        None,
        &[("17_a-b.sql", "--  up migration\na\n---- Down Migration x\nb"), ("18_c.sql", "c")],
        &[
            "node-pg-migrate",
            "17_a-b = 17 a b: 17_a-b.sql[--  up migration\na] down 17_a-b.sql[---- Down Migration x\nb]",
            "18_c = 18 c: 18_c.sql[c]",
        ],
    );
    check(
        None,
        &[("17_a.js", "x"), ("18_b.sql", "b\n-- Down Migration\nc")],
        &[
            "WB6002 db/17_a.js:1:1: wanted a migration in SQL: one in JavaScript cannot be run here, found `17_a.js`",
            "WB6002 db/18_b.sql:2:1: wanted `-- Up Migration` above what applies it: the tool would run all of the file, found `-- Down Migration` alone",
        ],
    );
}

#[test]
fn capital_letters() {
    check(
        None,
        &[("V10__b.sql", "b"), ("V9__a.sql", "a")],
        &["flyway or refinery", "9 = 9 a: V9__a.sql[a]", "10 = 10 b: V10__b.sql[b]"],
    );
    check(
        None,
        &[("V1__a.sql", "a"), ("U2__b.sql", "b")],
        &["refinery", "1 = 1 a: V1__a.sql[a]", "2 = 2 b unordered: U2__b.sql[b]"],
    );
    check(
        None,
        &[
            ("R__views.sql", "v"),
            ("deep/V1_10__c_d.sql", "c"),
            ("V1.9__a.sql", "a"),
            ("V1.9__a.sql.conf", "executeInTransaction = false"),
            ("U1.9.0__a.sql", "z"),
        ],
        &[
            "flyway",
            "1.9 = 1.9 a: V1.9__a.sql[a] outside down U1.9.0__a.sql[z]",
            "1.10 = 1.10 c d: deep/V1_10__c_d.sql[c]",
            "views = views repeatable: R__views.sql[v]",
        ],
    );
    check(
        Some(Format::Flyway),
        &[("V1__a.sql", "a\nb ${name}"), ("beforeMigrate.sql", "")],
        &[
            "WB6006 db/V1__a.sql:2:3: wanted the text as it is run: Flyway's placeholders are not replaced here, found `${name}`",
            "WB6002 db/beforeMigrate.sql:1:1: wanted a name as `V1.2__add_users.sql`, `U1.2__add_users.sql` or `R__views.sql`, found `beforeMigrate.sql`",
        ],
    );
}

#[test]
fn prisma_has_folders() {
    check(
        None,
        &[
            ("2_b/migration.sql", "b"),
            ("1_a_c/migration.sql", "a"),
            ("1_a_c/down.sql", "d"),
            ("migration_lock.toml", ""),
        ],
        &["prisma", "1_a_c = 1 a c: 1_a_c/migration.sql[a] down 1_a_c/down.sql[d]", "2_b = 2 b: 2_b/migration.sql[b]"],
    );
}

#[test]
fn what_is_wrong_is_said() {
    check(
        None,
        &[("1_a.sql", "a"), ("01_b.sql", "b"), ("x.sql", ""), ("2_c.down.sql", ""), ("3_d.sql", "a\0")],
        &[
            "WB6004 db/3_d.sql:1:1: wanted UTF-8 text of at most 16 MiB, without NUL, found a NUL",
            "WB6002 db/x.sql:1:1: wanted a name as `0042_add_users.sql` or `0042_add_users.down.sql`, found `x.sql`",
            "WB6002 db/2_c.down.sql:1:1: wanted a file to apply beside the one to undo, found `2_c.down.sql`",
            "WB6003 db/1_a.sql:1:1: wanted a version of its own, found that of `db/01_b.sql` again",
        ],
    );
    let latin = SourceFile { path: "db/1_a.sql".to_owned(), bytes: b"a\xFF".to_vec() };
    let problems = read(None, &["db".to_owned()], &[latin]).map(|_| ()).map_err(|problems| problems[0].found.clone());
    assert_eq!(problems, Err("something else at byte 1".to_owned()));
}
