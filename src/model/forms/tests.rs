use proptest::prelude::*;

use super::*;

/// Checks that a form answers every value as the table says: `ok`, `ok` with
/// warnings, or the complaint.
fn check(form: impl Fn(&str) -> Result<Vec<String>, Wrong>, table: &[(&str, &str)]) {
    for (text, expected) in table {
        let found = match form(text) {
            Ok(warnings) if warnings.is_empty() => "ok".to_owned(),
            Ok(warnings) => format!("ok: {}", warnings.join("; ")),
            Err(wrong) => match wrong.hint {
                Some(hint) => format!("{} ({hint})", wrong.found),
                None => wrong.found,
            },
        };
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn http_urls() {
    check(
        |text| http_url(text, false),
        &[
            ("https://api.example.com", "ok"),
            ("http://localhost:3000/", "ok"),
            ("HTTPS://EXAMPLE.com./a?b=c", "ok"),
            ("https://[::1]:6333/x", "ok"),
            ("http://my_service:80", "ok"),
            ("https://bücher.example/ä", "ok"),
            ("https://user:pw@example.com/a@b", "ok"),
            ("https://example.com/#top", "ok: a fragment (`#…`), which is never sent"),
            ("", "nothing (is the secret set, and may this run read it?)"),
            ("api.example.com:80/a", "`api.example.com:80/a` (did you mean `https://api.example.com:80/a`?)"),
            ("ftp://example.com", "`ftp://example.com`"),
            ("https:/example.com", "`https:/example.com` (did you mean `https://https:/example.com`?)"),
            ("https://", "`https://` (it has no host)"),
            (
                "https://a..b",
                "`https://a..b` (it has a host with an empty, an overlong or a dashed end between its dots)",
            ),
            ("https://a b", "`https://a b` (a space at 10 must be percent-encoded)"),
            ("https://1.2.3", "`https://1.2.3` (it has a host that ends like an address and is none)"),
            ("https://h:0", "`https://h:0` (after the host comes a port from 1 to 65535, or none)"),
            ("https://h:65536", "`https://h:65536` (after the host comes a port from 1 to 65535, or none)"),
            ("https://h:+80", "`https://h:+80` (after the host comes a port from 1 to 65535, or none)"),
            ("https://[::1", "`https://[::1` (the `[` of the host is never closed)"),
            ("https://[::g]", "`https://[::g]` (it has a host in brackets that is no IPv6 address)"),
            ("https://h/%zz", "`https://h/%zz` (the `%` at 11 begins no escape; a `%` itself is written `%25`)"),
            ("https://h\\x", "`https://h\\x` (a punctuation mark at 10 must be percent-encoded)"),
            ("'https://h'", "`'https://h'` (the quotation marks are part of the value; leave them out)"),
            ("${{ vars.URL }}", "`${{ vars.URL }}` (an expression that GitHub did not expand)"),
            ("$URL", "`$URL` (a variable that nobody expanded)"),
            ("https://u:p@ss@h", "`https://***@h` (an `@` in a user name or a password is written `%40`)"),
            ("https://u:p/ss@h?key=k", "`https://***@h?***` (after the host comes a port from 1 to 65535, or none)"),
            ("u:pw@h", "`***@h`"),
            ("https://a\u{7}", "`https://a\\u{7}` (a control character at 10 must be percent-encoded)"),
        ],
    );
    let wrong = http_url("http://api.example.com", true).unwrap_err();
    assert_eq!(wrong.to_string(), "wanted an https URL, found `http://api.example.com`");
    assert!(http_url(&format!("https://h/{}", "a".repeat(2048)), false).unwrap_err().found.len() < 220);
}

#[test]
fn credentials_are_taken_out_of_a_url() {
    for (text, without, has) in [
        ("https://u:p@h/a@b?c", "https://h/a@b?c", true),
        ("https://h/a@b", "https://h/a@b", false),
        ("https://token@h", "https://h", true),
        ("nothing", "nothing", false),
    ] {
        assert_eq!((without_credentials(text).as_str(), has_credentials(text)), (without, has), "{text}");
    }
}

#[test]
fn database_urls() {
    check(
        database_url,
        &[
            (
                "postgresql://user:pw@ep-cool-1-pooler.us-east-2.aws.neon.tech/neondb?sslmode=require&channel_binding=require",
                "ok",
            ),
            ("postgres://u@localhost/db", "ok"),
            ("postgres://u:p@[::1]:5433/db", "ok"),
            ("postgres://u:p@a:1,b,[::1]:3/db?target_session_attrs=read-write", "ok"),
            ("postgres://u:p@%2Fvar%2Frun/db", "ok"),
            ("postgres:///db?host=/var/run/postgresql&user=u", "ok"),
            ("postgres://u:p@h/db?host=a,b&port=1,2", "ok"),
            ("postgres://u:p@h/db?hostaddr=127.0.0.1", "ok"),
            ("postgres://u:p%40ss%2F@h/db", "ok"),
            ("postgres://u:p:w@h/db", "ok"),
            ("postgres://u:p?w@h/db", "ok"),
            ("postgres://u:@h/db", "ok"),
            ("postgres://u:p@h/db?", "ok"),
            ("postgres://u:p@h/db?sslmode=require&", "ok"),
            ("postgres://u:p@h/db?ssl=true", "ok"),
            ("postgres://u:p@h/db?options=-c%20search_path%3Da", "ok"),
            ("postgres://u:p#x@h/db", "ok: a `#`, which other tools read differently (`%23` is read alike by all)"),
            (
                "postgres://u:p@h/db?schema=a&pgbouncer=true&sslcert=x",
                "ok: parameters without effect here: `pgbouncer`, `schema`, `sslcert`",
            ),
            ("", "nothing (is the secret set, and may this run read it?)"),
            (
                " postgres://u:p@h/db",
                "20 characters, one of them a space at 1 (blanks or line breaks around the value are part of it; leave them out)",
            ),
            (
                "postgres://u:p@h/db\n",
                "20 characters, one of them a line break at 20 (blanks or line breaks around the value are part of it; leave them out)",
            ),
            ("\"postgres://u:p@h/db\"", "21 characters (the quotation marks are part of the value; leave them out)"),
            (
                "psql 'postgres://u:p@h/db'",
                "26 characters, one of them a space at 5 (that is a whole command; give the URL between its quotes)",
            ),
            ("DATABASE_URL=postgres://u:p@h/db", "32 characters (give the value alone, without the variable's name)"),
            (
                "jdbc:postgresql://h/db",
                "22 characters (leave `jdbc:` out, and put user and password in front of the host)",
            ),
            ("postgresql+asyncpg://u:p@h/db", "29 characters (leave the driver out: `postgresql://`)"),
            ("prisma+postgres://x", "19 characters (that leads to Prisma's own service; give the database's own URL)"),
            ("POSTGRES://u:p@h/db", "19 characters (the scheme is written in lower case)"),
            (
                "host=h dbname=db",
                "16 characters, one of them a space at 7 (libpq's `key=value` form is not read here; write it as a URL)",
            ),
            ("mysql://u:p@h/db", "16 characters (it begins with `postgresql://` or `postgres://`)"),
            ("$DATABASE_URL", "13 characters (a variable that nobody expanded)"),
            (
                "postgres://${{ secrets.A }}",
                "27 characters, one of them a space at 15 (an expression that GitHub did not expand)",
            ),
            ("postgres://u:p w@h/db", "21 characters, one of them a space at 15 (a space is written `%20`)"),
            ("postgres://u:p%zz@h/db", "a `%` at 15 that begins no escape (a `%` itself is written `%25`)"),
            ("postgres://u:p%00@h/db", "a zero byte (`%00`) at 15"),
            (
                "postgres://u@h/db?sslmode",
                "a parameter without `=`, number 1 behind the `?` (in a user name or a password `@ : / ? # %` are written `%40 %3A %2F %3F %23 %25`)",
            ),
            ("postgres://u@h/db?a=1", "a parameter that libpq does not know, number 1 behind the `?`"),
            (
                "postgres://u@h/db?ssl_mode=require",
                "a parameter that libpq does not know, number 1 behind the `?` (did you mean `sslmode`?)",
            ),
            (
                "postgres://u@h/db?application_name=a=b",
                "a second `=` in a parameter, number 1 behind the `?` (an `=` in a value is written `%3D`)",
            ),
            (
                "postgres://u@h/db?sslmode=no-verify",
                "a `sslmode` that libpq does not know (`no-verify` is node-postgres's own; `require` is the nearest here)",
            ),
            (
                "postgres://u@h/db?channel_binding=on",
                "a `channel_binding` that libpq does not know (it is one of `disable`, `prefer`, `require`)",
            ),
            ("postgres://u@h/db?connect_timeout=5s", "a `connect_timeout` that is no number of seconds"),
            ("postgres://u@h/db?user=a&&dbname=b", "an empty parameter, number 2 behind the `?`"),
            ("postgres://u@h/db?port=1,2", "2 ports for 1 hosts"),
            ("postgres://u@a:1,b:2/db?host=x", "2 ports for 1 hosts"),
            (
                "postgres://u@h:0/db",
                "a port that is none from 1 to 65535 (in a user name or a password `@ : / ? # %` are written `%40 %3A %2F %3F %23 %25`)",
            ),
            (
                "postgres://u@h:65536/db",
                "a port that is none from 1 to 65535 (in a user name or a password `@ : / ? # %` are written `%40 %3A %2F %3F %23 %25`)",
            ),
            (
                "postgres://u@a,,b/db",
                "no host (in a user name or a password `@ : / ? # %` are written `%40 %3A %2F %3F %23 %25`)",
            ),
            (
                "postgres://u@[::1/db",
                "a `[` in front of a host and no `]` behind it (in a user name or a password `@ : / ? # %` are written `%40 %3A %2F %3F %23 %25`)",
            ),
            (
                "postgres://u@[::1]x/db",
                "something other than a port behind a host in brackets (in a user name or a password `@ : / ? # %` are written `%40 %3A %2F %3F %23 %25`)",
            ),
            ("postgres://h/db", "no user"),
            ("postgres://u@h", "no database (libpq would take the user's name for it)"),
            ("postgres://u@h/?sslmode=require", "no database (libpq would take the user's name for it)"),
            ("postgres://", "no host (a Unix socket's folder is given as `?host=/var/run/postgresql`)"),
            ("postgres://u@/db", "no host (a Unix socket's folder is given as `?host=/var/run/postgresql`)"),
        ],
    );
    let trap = "more than one `@`, or one behind a `/` (in a user name or a password `@ : / ? # %` are written `%40 %3A %2F %3F %23 %25`)";
    check(database_url, &[("postgres://u:p@ss@h/db", trap), ("postgres://u:p/w@h/db", trap)]);
}

#[test]
fn a_database_url_is_taken_apart() {
    let url =
        parse_database_url("postgres://us%65r:p%40s@a:1,[::1]/d%62?sslmode=prefer&sslmode=require&user=other").unwrap();
    let hosts = [("a", 1), ("::1", 5432)].map(|(host, port)| DatabaseHost { host: host.to_owned(), port });
    assert_eq!(url.hosts, hosts);
    assert_eq!((url.user.as_str(), url.database.as_str()), ("other", "db"));
    assert_eq!(url.password.as_ref().map(|password| password.expose()), Some("p@s"));
    assert_eq!(url.parameters, [("sslmode", "require".to_owned())]);
    assert_eq!((url.parameter("sslmode"), url.parameter("options")), (Some("require"), None));
    assert!(!format!("{url:?}").contains("p@s"));
    let url = parse_database_url("postgres://u@h:7/db?host=a,b").unwrap();
    assert_eq!(url.hosts.iter().map(|host| (host.host.as_str(), host.port)).collect::<Vec<_>>(), [("a", 7), ("b", 7)]);
}

#[test]
fn tokens_and_keys() {
    let of = |start: &str, length: usize| {
        format!("{start}{}", "aB3".repeat(200).chars().take(length - start.len()).collect::<String>())
    };
    let gap = format!("{} {}", of("vcp_", 11), of("", 16));
    check(
        vercel_token,
        &[
            (&of("", 24), "ok"),
            (&of("vcp_", 30), "ok"),
            (&of("abc_", 30), "ok: a prefix that Vercel has not announced"),
            (&of("vcr_", 30), "a refresh token (`vcr_`) (make an access token in the account's settings)"),
            (&of("vck_", 30), "an API key of the AI gateway (`vck_`) (make an access token in the account's settings)"),
            (&of("", 19), "19 characters"),
            (&gap, "28 characters, one of them a space at 12"),
            ("", "nothing (is the secret set, and may this run read it?)"),
        ],
    );
    let unusual = "ok: a key that is not 40 letters and digits, as Cohere's are";
    let end = format!("{}\n", of("", 40));
    check(
        cohere_key,
        &[
            (&of("", 40), "ok"),
            (&of("-", 40), unusual),
            (&of("", 20), unusual),
            (&of("", 256), unusual),
            (&of("", 19), "19 characters"),
            (&of("", 257), "257 characters"),
            (
                &end,
                "41 characters, one of them a line break at 41 (blanks or line breaks around the value are part of it; leave them out)",
            ),
        ],
    );
}

#[test]
fn passwords_are_found_for_masking_even_in_wrong_urls() {
    for (text, expected) in [
        ("postgres://u:p%40w@h/db", &["p%40w", "p@w"][..]),
        ("postgres://u:p@ss@h/db", &["p", "p@ss"]),
        ("postgres://u:p/w@h/db", &["p/w"]),
        ("postgres://u@h/db?password=x%20y", &["x%20y", "x y"]),
        ("postgres://u@h/db", &[]),
        ("https://token@h", &["token"]),
        ("https://u:pw@h", &["pw"]),
        ("no url", &[]),
    ] {
        assert_eq!(url_passwords(text), expected, "{text}");
    }
}

#[test]
fn commit_hashes() {
    assert_eq!(commit_hash(&"0aF9".repeat(10)), Ok(()));
    assert_eq!(commit_hash(&"0af9".repeat(16)), Ok(()));
    for text in ["", "main", &"0af9".repeat(11), &"0ag9".repeat(10)] {
        assert!(commit_hash(text).is_err(), "{text}");
    }
}

#[test]
fn near_words_are_found() {
    let words = ["backend-url", "frontend-url", "path", "config"];
    let near = |word: &str| nearest(word, words.into_iter());
    assert_eq!(near("backendurl"), Some("backend-url"));
    assert_eq!(near("BACKEND_URL"), Some("backend-url"));
    assert_eq!(near("pahts"), Some("path"));
    assert_eq!(near("something-else"), None);
    assert_eq!(near(&"a".repeat(1000)), None);
}

/// Percent-encodes every byte that is no letter and no digit.
fn encoded(text: &str) -> String {
    let plain =
        |byte: u8| if byte.is_ascii_alphanumeric() { (byte as char).to_string() } else { format!("%{byte:02x}") };
    text.bytes().map(plain).collect()
}

proptest! {
    #[test]
    fn what_was_encoded_is_read_back(user in "[^\0]{1,20}", password in "[^\0]{1,20}", database in "[^\0]{1,20}", port in 1u16..) {
        let text = format!("postgres://{}:{}@h:{port}/{}", encoded(&user), encoded(&password), encoded(&database));
        let url = parse_database_url(&text).unwrap();
        prop_assert_eq!(&url.user, &user);
        prop_assert_eq!(url.password.as_ref().map(|it| it.expose()), Some(password.as_str()));
        prop_assert_eq!(&url.database, &database);
        prop_assert_eq!(url.hosts[0].port, port);
        prop_assert!(url_passwords(&text).contains(&password));
    }

    #[test]
    fn no_complaint_shows_a_password(front in "(postgres|postgresql|https|x)(://)?[a-z:@/?%\\[,]{0,6}", secret in "[A-Z]{8}", back in "[@:/?#a-z%,=&\\]]{0,12}") {
        let text = format!("{front}:{secret}{back}@h");
        for form in [database_url as fn(&str) -> Result<Vec<String>, Wrong>, |text| http_url(text, true), vercel_token, cohere_key] {
            if let Err(wrong) = form(&text) {
                prop_assert!(!wrong.to_string().contains(&secret), "{}", wrong);
            }
        }
    }

    #[test]
    fn no_text_makes_a_form_panic(text in "\\PC{0,40}|(postgres|https)://.{0,40}") {
        let _ = (database_url(&text), http_url(&text, false), vercel_token(&text), cohere_key(&text), url_passwords(&text));
        let _ = (without_credentials(&text), shown(&text));
    }
}
