use proptest::prelude::*;

use super::*;

fn render(inline: &Inline, cell: bool) -> String {
    inline.render(&Masks::new(), usize::MAX, cell)
}

fn check(inline: Inline, expected: &str) {
    assert_eq!(render(&inline, true), expected);
}

fn page(limit: usize, write: impl FnOnce(&mut Page)) -> String {
    let masks = Masks::new();
    let mut page = Page::new(&masks, limit);
    write(&mut page);
    page.finish()
}

#[test]
fn text_stays_text() {
    check(
        Inline::text("a|b `c` *d* _e_ ~f~ [g](h) ![i] <b>&amp; \\"),
        "a&#124;b &#96;c&#96; &#42;d&#42; &#95;e&#95; &#126;f&#126; &#91;g&#93;(h) &#33;&#91;i&#93; &lt;b&gt;&amp;amp; &#92;",
    );
    check(
        Inline::text("@octocat #12 a#b GH-7 $x$"),
        "@&#8203;octocat &#35;&#8203;12 a&#35;b GH-&#8203;7 <span>$</span>x<span>$</span>",
    );
    check(Inline::text("https://e.com WWW.e.com"), "https:&#8203;//e.com WWW&#8203;.e.com");
    check(Inline::text("\u{1b}[31m- one\r\ntwo\t3"), "&#45; one<br>two 3");
    check(Inline::text("12. one"), "12&#46; one");
    check(Inline::bold("*"), "<b>&#42;</b>");
    check(Inline::All(vec![Inline::text("a "), Inline::code("b"), Inline::text(" c")]), "a `b` c");
}

#[test]
fn code_and_links_keep_their_bounds() {
    check(Inline::code("a|b"), "`a\\|b`");
    check(Inline::code("a\\|`b`"), "<code>a&#92;&#124;&#96;b&#96;</code>");
    check(Inline::code("`a``b`"), "``` `a``b` ```");
    check(Inline::code("two\nlines @x"), "`two lines @x`");
    check(
        Inline::link(Inline::code("a.ts:3"), "https://e.com/a (b)|c.ts#L3"),
        "[`a.ts:3`](https://e.com/a%20%28b%29%7Cc.ts#L3)",
    );
    check(Inline::link(Inline::text("x"), "javascript:alert(1)"), "x");
}

#[test]
fn a_block_cannot_be_left() {
    let block = page(1000, |page| page.block("```\n<!-- x\r\n````"));
    assert_eq!(block, "`````text\n```\n<!-- x\n````\n`````\n\n");
}

#[test]
fn a_table_is_cut_by_whole_rows() {
    let rows: Vec<_> = (0..50).map(|n| vec![Inline::text(format!("row {n}"))]).collect();
    let text = page(500, |page| page.table(&["a"], &rows, "findings"));
    assert!(text.starts_with("| a |\n| --- |\n| row 0 |\n"), "{text}");
    assert!(text.ends_with(" |\n\n… and 25 more findings, which did not fit here.\n\n"), "{text}");
    assert_eq!(page(500, |page| page.table(&["a"], &[], "findings")), "");
    assert_eq!(
        page(300, |page| page.table(&["a"], &[vec![Inline::text("x".repeat(200))]], "rows")),
        "\n… and 1 more rows, which did not fit here.\n\n"
    );
}

#[test]
fn what_is_left_out_is_said() {
    let text = page(400, |page| {
        page.details("Title", |page| {
            page.paragraph(&[Inline::text("a".repeat(100))]);
            page.block(&"b".repeat(300));
        });
        page.paragraph(&[Inline::text("end")]);
    });
    let expected = format!(
        "<details><summary>Title</summary>\n\n{}\n\n</details>\n\nend\n\n… The rest is left out: there is no more room here.\n\n",
        "a".repeat(100)
    );
    assert_eq!(text, expected);
}

#[test]
fn secrets_are_replaced_before_they_are_escaped() {
    let mut masks = Masks::new();
    masks.add("p@ss_word|1");
    let mut page = Page::new(&masks, 1000);
    page.paragraph(&[Inline::text("p@ss_word|1 "), Inline::code("p@ss_word|1")]);
    page.block("p@ss_word|1");
    assert_eq!(page.finish(), "&#42;&#42;&#42;`***`\n\n```text\n***\n```\n\n");
}

/// The cells of a row, as the specification splits them: an escaped bar is none.
fn cells(row: &str) -> usize {
    let mut bars = 0;
    let mut characters = row.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => drop(characters.next()),
            '|' => bars += 1,
            _ => {}
        }
    }
    bars - 1
}

proptest! {
    #[test]
    fn a_row_has_its_cells(one in "[|\\\\`a\\n\\r<>@&#$ -]{0,20}", two in "\\PC{0,20}") {
        let rows = vec![vec![Inline::text(one.clone()), Inline::code(one), Inline::bold(two.clone()), Inline::code(two)]];
        let text = page(100_000, |page| page.table(&["a", "b", "c", "d"], &rows, "rows"));
        let lines: Vec<_> = text.lines().collect();
        prop_assert_eq!(lines.len(), 4);
        prop_assert_eq!(cells(lines[2]), 4, "{}", lines[2]);
    }

    #[test]
    fn escaped_text_is_the_text(text in "[ -~\\n]{0,60}") {
        let rendered = render(&Inline::text(text.clone()), false);
        let read = rendered.replace("&#8203;", "").replace("<br>", "\n").replace("<span>$</span>", "$");
        prop_assert!(!read.contains(['<', '>', '*', '_', '`', '[', ']', '\\', '|', '!', '~']), "{}", read);
        let read = "#!\\`*_[]|~-+=.)".chars().fold(read, |read, c| read.replace(&format!("&#{};", u32::from(c)), &c.to_string()));
        prop_assert_eq!(read.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), text.trim());
    }

    #[test]
    fn a_page_keeps_its_limit(limit in 400usize..3000, texts in prop::collection::vec("\\PC{0,300}", 0..12)) {
        let rows: Vec<_> = texts.iter().map(|text| vec![Inline::text(text.clone())]).collect();
        let written = page(limit, |page| {
            for text in &texts {
                page.heading(2, text);
                page.details(text, |page| page.block(text));
                page.table(&["x"], &rows, "rows");
                page.list(&rows);
            }
        });
        prop_assert!(written.len() <= limit);
        prop_assert_eq!(written.matches("<details>").count(), written.matches("</details>").count());
    }
}
