use super::*;
use crate::model::finding::Status;

/// What is known of the checkout in a test.
fn settings(directory: &str) -> Settings {
    Settings {
        workspace: "/home/runner/work/widgets/widgets".into(),
        directory: directory.into(),
        repository: "widgets".into(),
        modules: vec![("example.com/w/gosvc".into(), "gosvc".into())],
        ..Settings::default()
    }
}

fn locate(files: &str, settings: &Settings, classes: &[&str], text: &str) -> String {
    // `+` stands for a blank in a name.
    let tracked: Tracked = files.split(' ').map(|file| file.replace('+', " ")).collect();
    let case = Case { status: Status::Failed, details: Some(text.to_owned()), ..Case::default() };
    let clue = Clue { classes: classes.iter().map(|class| class.to_string()).collect(), ..Clue::default() };
    let found = Locator::new(&tracked, settings).case(&case, &clue, "build/reports/r.xml");
    found.map_or_else(String::new, |found| {
        let numbers = [found.line, found.column].into_iter().flatten().map(|number| format!(":{number}"));
        found.file + &numbers.collect::<String>()
    })
}

/// In a checkout of these files, with a command that ran in the folder, the text lies at the place.
fn check_in(files: &str, directory: &str, classes: &[&str], text: &str, place: &str) {
    assert_eq!(locate(files, &settings(directory), classes, text), place, "{text} in {files}");
}

fn check(files: &str, text: &str, place: &str) {
    check_in(files, "", &[], text, place);
}

#[test]
fn roots_are_taken_off() {
    for text in [
        "/home/runner/work/widgets/widgets/web/a.js:3:7",
        "D:\\a\\widgets\\widgets\\web\\a.js:3:7",
        "d:/a/widgets/widgets/web/a.js:3:7",
        "/__w/widgets/widgets/web/a.js:3:7",
        "/github/workspace/web/a.js:3:7",
        "/Users/runner/work/widgets/widgets/web/a.js:3:7",
        "/app/web/a.js:3:7",
        "/usr/src/app/web/a.js:3:7",
        "/mnt/c/Users/me/web/a.js:3:7",
        "/private/var/folders/x1/T/web/a.js:3:7",
        "/proc/self/cwd/web/a.js:3:7",
        "\\\\?\\C:\\ci\\web\\a.js:3:7",
        "\\\\server\\share\\web\\a.js:3:7",
        "file:///home/runner/work/widgets/widgets/web/a.js:3:7",
        "file:///D:/a/widgets/widgets/web/a.js:3:7",
        "file://localhost/app/web/a.js:3:7",
        "file:///app/web/%61.js:3:7",
        "webpack:///./web/a.js:3:7",
        "webpack://shop/./web/a.js:3:7",
        "webpack-internal:///./web/a.js:3:7",
        "http://localhost:9876/base/web/a.js?8f3a:3:7",
        "f@http://127.0.0.1:3000/web/a.js:3:7",
        "./web/a.js:3:7",
        ".\\web\\a.js:3:7",
        "web//a.js:3:7",
        "lib/../web/a.js:3:7",
    ] {
        check("lib/a.js web/a.js", text, "web/a.js:3:7");
        check("lib/a.js web/a.js", &format!("    at f ({text})"), "web/a.js:3:7");
    }
}

#[test]
fn the_folder_of_the_command_counts() {
    check_in("a/src/x.rs b/src/x.rs", "b", &[], "src/x.rs:3:1", "b/src/x.rs:3:1");
    check_in("lib/a.js x/lib/a.js web/a.js", "web", &[], "../lib/a.js:3", "lib/a.js:3");
    check_in("native/test/t.cpp x/test/t.cpp", "native/build", &[], "../test/t.cpp:6: Failure", "native/test/t.cpp:6");
    check_in(
        "ws/app/src/main.rs ws/util/src/main.rs",
        "ws/app",
        &[],
        "util/src/main.rs:3:1",
        "ws/util/src/main.rs:3:1",
    );
    check_in("a/x.test.js b/x.test.js", "", &[], "x.test.js:3", "");
    check_in("a/x.test.js b/x.test.js", "b", &[], "x.test.js:3", "b/x.test.js:3");
    check_in("ws/app/src/lib.rs ws/util/src/lib.rs", "ws", &["util"], "src/lib.rs:3:1", "ws/util/src/lib.rs:3:1");
}

#[test]
fn other_peoples_code_is_passed_over() {
    for text in [
        "/home/runner/work/widgets/widgets/node_modules/x/src/lib.rs:3",
        "/app/node_modules/y/src/lib.rs:3",
        "node_modules/y/src/lib.rs:3",
        "node:internal/modules/src/lib.rs:3:1",
        "/rustc/1f2e/library/core/src/lib.rs:3:1",
        "/home/u/.cargo/registry/src/index-1/y-1.0/src/lib.rs:3:1",
        "/home/u/.rustup/toolchains/stable/lib/rustlib/src/rust/library/std/src/lib.rs:3:1",
        "/usr/lib/python3.11/src/lib.rs:3",
        "/root/.pyenv/versions/3.11/lib/python3.11/src/lib.rs:3",
        "C:\\hostedtoolcache\\windows\\Python\\3.11\\x64\\Lib\\src\\lib.rs:3",
        "C:\\Python311\\Lib\\src\\lib.rs:3",
        "/usr/local/go/src/lib.rs:3",
        "/root/go/pkg/mod/example.com/y@v1.2.3/src/lib.rs:3",
        "/usr/share/ruby/src/lib.rs:3",
        "/w/vendor/phpunit/src/lib.rs:3",
        "external/com_google/src/lib.rs:3",
        "https://example.com/docs/src/lib.rs:3",
        "../../../etc/lib.rs:3",
        "other/lib.rs:3",
    ] {
        check("src/lib.rs", text, "");
    }
    check("vendor/y/src/lib.rs", "/w/vendor/y/src/lib.rs:3", "vendor/y/src/lib.rs:3");
    check("etc/x.rs", "../etc/y.rs:3", "");
}

#[test]
fn times_and_versions_are_no_places() {
    for text in [
        "2022-06-03 11:02:17 it broke",
        "2022-06-03T11:02:17.123Z a.js failed",
        "[12:34:56] a.js",
        "took 0:12ms",
        "at 10:20",
        "version 1.2.3:4",
        "Foo.Bar:12",
        "127.0.0.1:8080",
        "localhost:3000",
        "line 12 of the text",
    ] {
        check("web/a.js 2022-06-03/11", text, "");
    }
}

#[test]
fn java_and_its_kin_name_packages() {
    let files = "m/src/main/java/com/acme/Calc.java m/src/test/java/com/acme/CalcTest.java k/src/com/acme/Util.kt \
                 k/src/Plain.kt x/org/other/Calc.java";
    let check = |text: &str, place: &str| check(files, text, place);
    check("\tat com.acme.Calc.add(Calc.java:12)", "m/src/main/java/com/acme/Calc.java:12");
    check("at com.acme.Calc$Inner.lambda$add$0(Calc.java:12)", "m/src/main/java/com/acme/Calc.java:12");
    check("at app//com.acme.CalcTest.adds(CalcTest.java:5)", "m/src/test/java/com/acme/CalcTest.java:5");
    check("at mod@1.0/com.acme.CalcTest.adds(CalcTest.java:5)", "m/src/test/java/com/acme/CalcTest.java:5");
    check("at com.acme.UtilKt.help(Util.kt:4)", "k/src/com/acme/Util.kt:4");
    check("at com.acme.deep.PlainKt.help(Plain.kt:4)", "");
    check("at PlainKt.main(Plain.kt:4)", "k/src/Plain.kt:4");
    check("at java.base/java.util.Calc.get(Calc.java:1)", "");
    check("at org.junit.Calc.fail(Calc.java:89)", "");
    check(
        "at org.junit.Assert.fail(Assert.java:89)\nat com.acme.Calc.add(Calc.java:3)\nat com.acme.CalcTest.adds(CalcTest.java:5)",
        "m/src/test/java/com/acme/CalcTest.java:5",
    );
    let two = "a/src/com/acme/T.java b/src/com/acme/T.java";
    check_in(two, "b", &[], "at com.acme.T.x(T.java:5)", "b/src/com/acme/T.java:5");
    check_in(two, "", &[], "at com.acme.T.x(T.java:5)", "");
}

#[test]
fn every_language_has_its_places() {
    check("src/Calc.cs", "   at A.B.C() in /_/src/Calc.cs:line 33", "src/Calc.cs:33");
    check("src/Calc.cs", "   bei A.B.C() in D:\\a\\1\\s\\src\\Calc.cs:Zeile 33", "src/Calc.cs:33");
    check("gosvc/calc/c.go x/c.go", "example.com/w/gosvc/calc/c.go:9", "gosvc/calc/c.go:9");
    check_in("gosvc/calc/c.go x/c.go", "gosvc", &["example.com/w/gosvc/calc"], "c.go:9: no", "gosvc/calc/c.go:9");
    check_in("gosvc/calc/c.go", "gosvc", &["example.com/w/gosvc/other"], "c.go:9: forged", "");
    check("gosvc/calc/c.go", "\t/w/gosvc/calc/c.go:9 +0x1d", "gosvc/calc/c.go:9");
    check("src/lib.rs", "thread 'x' panicked at src\\lib.rs:3:9:", "src/lib.rs:3:9");
    check("spec/x.rb", "# ./spec/x.rb:13:in `block (2 levels) in <top (required)>'", "spec/x.rb:13");
    check("src/A.php", "#0 /w/src/A.php(12): B->c()", "src/A.php:12");
    check("src/A.php", "PHP Fatal error: x in /w/src/A.php on line 5", "src/A.php:5");
    check("apps/c/test/c_test.exs", "     test/c_test.exs:12: (test)", "apps/c/test/c_test.exs:12");
    check("lib/calc.ex", "       (calc 0.1.0) lib/calc.ex:5: Calc.add/2", "lib/calc.ex:5");
    check("Tests/T.swift", "/w/Tests/T.swift:12: error: -[T x] : XCTAssertEqual", "Tests/T.swift:12");
    check("t/t.cpp", "t/t.cpp(6): error: in \"case\"", "t/t.cpp:6");
    check("lib/src/calc.dart x/calc.dart", "package:calc/src/calc.dart 12:5  Calc.add", "lib/src/calc.dart:12:5");
    check("lib/calc.dart x/calc.dart", "package:calc/calc.dart 12:5  Calc.add", "lib/calc.dart:12:5");
    check("src/test.dart", "package:test_api/src/test.dart 12:5  f", "");
    check("t/A.Tests.ps1", "at <ScriptBlock>, C:\\w\\t\\A.Tests.ps1: line 12", "t/A.Tests.ps1:12");
    check("test/T.hs", "  test/T.hs:12:5: ", "test/T.hs:12:5");
    check("t/t.ml", "File \"t/t.ml\", line 3, characters 4-9:", "t/t.ml:3:5");
    check("a+b/x+y.py", "  File \"/w/a b/x y.py\", line 5, in f", "a b/x y.py:5");
    check("web/[id]/(auth)/p.tsx", "at P (/app/web/[id]/(auth)/p.tsx:3:1)", "web/[id]/(auth)/p.tsx:3:1");
    check("web/ünï.js", "at f (file:///app/web/%C3%BCn%C3%AF.js:3:1)", "web/ünï.js:3:1");
}

#[test]
fn the_right_frame_is_taken() {
    let files = "src/calc.py tests/test_calc.py tests/helper.py";
    let python = "  File \"/w/tests/test_calc.py\", line 5, in t\n  File \"/w/src/calc.py\", line 9, in add\n\
                  \x20 File \"/usr/lib/python3.11/json/x.py\", line 1, in y\n";
    check(files, python, "tests/test_calc.py:5");
    let changed = Changed([("src/calc.py".to_owned(), vec![(9, 9)])].into());
    let with = Settings { changed: Some(changed), ..settings("") };
    assert_eq!(locate(files, &with, &[], python), "src/calc.py:9");
    let only = "  File \"/w/src/calc.py\", line 2, in a\n  File \"/w/src/calc.py\", line 9, in b\n";
    check(files, only, "src/calc.py:9");
    check("src/a.js src/b.js", "Error: x\n  at b (src/b.js:2:1)\n  at a (src/a.js:1:1)", "src/b.js:2:1");
    check_in(
        files,
        "",
        &["tests.test_calc.TestX"],
        "tests/helper.py:3: in check\ntests/test_calc.py:8: E",
        "tests/test_calc.py:8",
    );
    check_in(files, "", &["tests.test_calc.TestX"], "nothing", "tests/test_calc.py");
    check_in(
        "web/src/calc.js web/test/calc.test.js",
        "web",
        &["calc"],
        "at (src/calc.js:4:11)\nat (test/calc.test.js:9:5)",
        "web/test/calc.test.js:9:5",
    );
}

#[test]
fn documentation_has_lines_of_its_own() {
    let tracked: Tracked = ["src/lib.rs"].into_iter().collect();
    let settings = settings("");
    let place = |name: &str, suite: Option<&str>| {
        let suite = suite.map(str::to_owned);
        let details = Some("panicked at src/lib.rs:5:1:".to_owned());
        let case = Case { name: name.into(), suite, details, ..Case::default() };
        Locator::new(&tracked, &settings).case(&case, &Clue::default(), "").and_then(|found| found.line)
    };
    assert_eq!(place("src/lib.rs - add (line 9)", None), Some(9));
    assert_eq!(place("add (line 9)", Some("src/lib.rs")), Some(9));
    assert_eq!(place("adds (line 9)", Some("tests")), Some(5));
}

#[test]
fn findings_lie_where_they_are_said_to() {
    let tracked: Tracked = "src/a.py proj/b.cs".split(' ').collect();
    let settings = settings("");
    let place = |spot: Spot| Locator::new(&tracked, &settings).spot(&spot, &Clue::default(), "");
    let at = |path: &str, line| Spot::new(path, Some(line), Trust::Exact);
    assert_eq!(place(at("/w/src/a.py", 3)).and_then(|found| found.line), Some(3));
    assert_eq!(
        place(Spot { base: Some("proj".into()), ..at("b.cs", 3) }).map(|found| found.file).as_deref(),
        Some("proj/b.cs")
    );
    assert_eq!(
        place(Spot { base: Some("file:///w/".into()), ..at("src/a.py", 3) }).map(|found| found.file).as_deref(),
        Some("src/a.py")
    );
    assert_eq!(place(at("src/none.py", 3)), None);
    let upside = place(Spot { end_line: Some(1), column: Some(0), ..at("src/a.py", 3) }).unwrap_or_default();
    assert_eq!((upside.end_line, upside.column), (None, None));
}
