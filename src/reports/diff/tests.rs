use proptest::prelude::*;

use super::*;

/// `file` with its ranges, `file *` when it is changed as a whole.
fn words(changed: &Changed) -> Vec<String> {
    let word = |(file, ranges): (&String, &Vec<(u32, u32)>)| {
        let list: Vec<String> = ranges.iter().map(|(start, end)| format!("{start}-{end}")).collect();
        if list.is_empty() { format!("{file} *") } else { format!("{file} {}", list.join(" ")) }
    };
    changed.0.iter().map(word).collect()
}

fn check(diff: &str, wanted: &[&str]) {
    assert_eq!(words(&parse(diff)), wanted, "{diff}");
}

#[test]
fn lines_of_the_new_file_are_found() {
    check(
        "diff --git a/x.rs b/x.rs\nindex 1..2 100644\n--- a/x.rs\n+++ b/x.rs\n@@ -1 +1,2 @@ fn f() {\n-old\n+new\n+er\n\
         @@ -9,2 +11,0 @@\n-gone\n-too\n@@ -20,0 +20 @@\n+++ b/trap\n\\ No newline at end of file\n",
        &["x.rs 1-2 20-20"],
    );
    check(
        "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,4 +1,6 @@\n one\n-two\n+2\n+3\n three\n\n+five\n",
        &["x 2-3 6-6"],
    );
    check("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -3,2 +2,0 @@\n-a\n--- a/trap\n", &["x 0-0"]);
}

#[test]
fn files_come_go_and_move() {
    check(
        "diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1,3 @@\n+1\n+2\n+3\n",
        &["n 1-3"],
    );
    check("diff --git a/d b/d\ndeleted file mode 100644\n--- a/d\n+++ /dev/null\n@@ -1 +0,0 @@\n-1\n", &[]);
    check("diff --git a/e b/e\ndeleted file mode 100644\nindex e69..000\n", &[]);
    check("diff --git a/o b/n\nsimilarity index 100%\nrename from o\nrename to n\n", &["n 0-0"]);
    check("diff --git a/o b/n\nrename from o\nrename to n\n--- a/o\n+++ b/n\n@@ -1 +1 @@\n-a\n+b\n", &["n 1-1"]);
    check(
        "diff --git a/a b.png b/a b.png\nindex 1..2\nBinary files a/a b.png and b/a b.png differ\n",
        &["a b.png 0-0"],
    );
    check("diff --git a/s b/s\nold mode 100644\nnew mode 100755\n", &["s 0-0"]);
    check("diff --cc m.rs\nindex 1,2..3\n--- a/m.rs\n+++ b/m.rs\n@@@ -1,1 -1,1 +1,2 @@@\n++x\n", &["m.rs *"]);
}

#[test]
fn names_may_be_odd() {
    check(
        "diff --git \"a/\\303\\244 \\\"q\\\"\\t.rs\" \"b/\\303\\244 \\\"q\\\"\\t.rs\"\n--- \"a/x\"\n\
         +++ \"b/\\303\\244 \\\"q\\\"\\t.rs\"\n@@ -1 +1 @@\n-a\n+b\n",
        &["ä \"q\"\t.rs 1-1"],
    );
    check("diff --git a/a b.rs b/a b.rs\n--- a/a b.rs\t\n+++ b/a b.rs\t\n@@ -0,0 +7 @@\n+b\n", &["a b.rs 7-7"]);
    check("diff --git a/x b/x b/x b/x\n--- a/x b/x\t\n+++ b/x b/x\t\n@@ -0,0 +7 @@\n+b\n", &["x b/x 7-7"]);
}

#[test]
fn a_cut_or_crooked_diff_gives_what_it_has() {
    check("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n+a\n+b", &["x 1-2"]);
    check("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ nonsense @@\n+a\n", &["x 0-0"]);
    check("", &[]);
    check("@@ -1 +1 @@\n+x\n", &[]);
}

#[test]
fn pages_of_the_api_are_read() {
    let mut changed = Changed::default();
    let page = r#"[{"filename":"a","status":"modified","patch":"@@ -1,2 +1,3 @@\n x\n+y\n z\n@@ -9 +10 @@\n-a\n+b"},
        {"filename":"big","status":"added","additions":9},{"filename":"pic","status":"added"},
        {"filename":"gone","status":"removed","patch":"@@ -1 +0,0 @@\n-a"},{"filename":"moved","status":"renamed"}]"#;
    assert_eq!(add_page(&mut changed, page), Some(5));
    assert_eq!(add_page(&mut changed, r#"{"files":[{"filename":"z"}]}"#), Some(1));
    assert_eq!(add_page(&mut changed, r#"{"message":"Not Found"}"#), None);
    assert_eq!(words(&changed), ["a 2-2 10-10", "big *", "moved 0-0", "pic 0-0", "z 0-0"]);
}

#[test]
fn too_many_ranges_are_the_whole_file() {
    let mut diff = String::from("diff --git a/x b/x\n--- a/x\n+++ b/x\n");
    for line in 1..=RANGES + 1 {
        diff += &format!("@@ -0,0 +{} @@\n+x\n", line * 2);
    }
    check(&diff, &["x *"]);
}

#[test]
fn modules_have_paths() {
    for (text, path) in [
        ("module example.com/x\n\ngo 1.22\n", Some("example.com/x")),
        ("// Deprecated: no\nmodule \"example.com/x/v2\" // why\n", Some("example.com/x/v2")),
        ("module (\n\texample.com/x\n)\n", Some("example.com/x")),
        ("module\texample.com/x\r\n", Some("example.com/x")),
        ("modules x\n", None),
        ("go 1.22\n", None),
        ("", None),
    ] {
        assert_eq!(go_module(text).as_deref(), path, "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_survived(text in "(diff --git |[+]{3} |--- |@@ -1,2 [+]3,4 @@|[ab/\"\\\\0-9+@ -]|\n|ü){0,60}") {
        parse(&text);
        add_page(&mut Changed::default(), &text);
        go_module(&text);
    }

    #[test]
    fn every_added_line_is_found(lines in proptest::collection::vec((0u8..3, "[ a+@-]{0,6}"), 1..30)) {
        let (mut old, mut new, mut body) = (0, 0, String::new());
        let mut added = Vec::new();
        for (kind, text) in &lines {
            let mark = match kind {
                0 => { old += 1; '-' }
                1 => { new += 1; added.push(new); '+' }
                _ => { old += 1; new += 1; ' ' }
            };
            body += &format!("{mark}{text}\n");
        }
        let (old_start, new_start) = (u32::from(old > 0), u32::from(new > 0));
        let diff = format!("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -{old_start},{old} +{new_start},{new} @@\n{body}");
        let changed = parse(&diff);
        for line in 1..=new {
            prop_assert_eq!(changed.has_lines("x", line, line), added.contains(&line));
        }
    }
}
