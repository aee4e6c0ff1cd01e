use proptest::prelude::*;

use super::*;

fn chunking(tokens: usize) -> Chunking {
    let base_url = Some("https://docs.example.com".to_owned());
    Chunking { source: "docs".to_owned(), tokens, anchors: AnchorStyle::GitHub, base_url, root: "docs".to_owned() }
}

fn chunks(path: &str, text: &str, tokens: usize) -> Vec<Chunk> {
    let document = read(text.as_bytes()).expect("it can be read");
    let sections = sections(path, &document).expect("it can be read");
    chunk(path, &document, sections, &chunking(tokens))
}

/// Each chunk as `lines|headings|address|text`.
fn check(path: &str, text: &str, tokens: usize, wanted: &[&str]) {
    let shown = |chunk: &Chunk| {
        let Chunk { first_line, last_line, headings, url, text, .. } = chunk;
        let address = url.trim_start_matches("https://docs.example.com");
        format!("{first_line}-{last_line}|{}|{address}|{text}", headings.join(" > "))
    };
    let found: Vec<String> = chunks(path, text, tokens).iter().map(shown).collect();
    assert_eq!(found, wanted);
}

fn refused(path: &str, bytes: &[u8], line: u32, column: u32, words: &str) {
    let found = read(bytes).and_then(|document| sections(path, &document).map(|sections| sections.len()));
    let error = found.expect_err("it cannot be read");
    assert_eq!((error.line, error.column), (line, column), "{error:?}");
    assert!(error.message.contains(words), "{error:?}");
}

#[test]
fn a_section_is_a_chunk_with_its_own_heading() {
    let text = "---\ntitle: Guide\n---\nHello.\n\n# Set-up\n\n## Install {#get}\n\nRun it.\n\n```bash\n# not a heading\n```\n\nOptions\n-------\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";
    check(
        "docs/guide/index.md",
        text,
        200,
        &[
            "4-4||/guide/|# Guide\n\nHello.",
            "8-14|Set-up > Install|/guide/#get|## Install\n\nRun it.\n\n```bash\n# not a heading\n```",
            "16-21|Set-up > Options|/guide/#options|## Options\n\n| a | b |\n|---|---|\n| 1 | 2 |",
        ],
    );
}

#[test]
fn what_is_too_long_is_cut_where_it_hurts_least() {
    let rows: String = (0..40).map(|row| format!("| row {row} | some words here |\n")).collect();
    let found = chunks("docs/a.md", &format!("# T\n\n| name | text |\n|---|---|\n{rows}"), 100);
    assert!(found.len() > 2);
    for chunk in &found {
        assert!(chunk.text.starts_with("# T\n\n| name | text |\n|---|---|\n| row "), "{}", chunk.text);
        assert!(chunk.text.ends_with('|') && chunk.tokens <= 110, "{}", chunk.text);
    }
    let code: String =
        (0..120).map(|line| format!("let x{line} = {line};\n{}", if line % 4 == 3 { "\n" } else { "" })).collect();
    let found = chunks("docs/a.md", &format!("# T\n\n```rust\n{code}```\n"), 100);
    assert!(found.len() > 2);
    for chunk in &found {
        assert!(chunk.text.starts_with("# T\n\n```rust\nlet x") && chunk.text.ends_with("\n```"), "{}", chunk.text);
        assert!(chunk.text.matches("let").count() % 4 == 0, "cut inside a paragraph of code: {}", chunk.text);
    }
    assert_eq!(found[0].first_line, 1);
    assert!(found.windows(2).all(|pair| pair[0].last_line < pair[1].first_line), "{found:?}");
}

#[test]
fn mdx_keeps_the_text_between_its_tags() {
    let text = "import { Tabs } from './x'\nexport const y = {\n  a: 1,\n\n  b: '}',\n}\n\n# Title {/* #own-id */}\n\n<Tabs items={['a', \"}\"]}>\n    <Tab title=\"x > y\">\n    Text in *a tab* with {props.x} and {'a literal'}.\n    </Tab>\n</Tabs>\n\n{/* gone */}\n\nUse `{braces}` and `<Tag>` in code, 1 < 2, and \\{ too.\n\n```jsx\n<Kept attr={1} />\n```\n";
    check(
        "docs/page.mdx",
        text,
        300,
        &[
            "8-22|Title|/page#own-id|# Title\n\nText in *a tab* with and a literal .\n\nUse `{braces}` and `<Tag>` in code, 1 < 2, and \\{ too.\n\n```jsx\n<Kept attr={1} />\n```",
        ],
    );
}

#[test]
fn what_cannot_be_read_says_where() {
    refused("a.md", b"# T\n\nab\xffc", 3, 3, "not UTF-8");
    refused("a.md", b"\xff\xfea\0", 1, 1, "UTF-16");
    refused("a.md", b"---\ntitle: [a\n---\n", 3, 1, "front matter");
    refused("a.mdx", b"# T\n\nSee {open\n", 3, 5, "never closed");
    refused("a.mdx", b"# T\n\nSee <Open a=\"1\n", 3, 13, "quote");
    refused("a.mdx", b"import {\n\nx\n", 1, 1, "bracket");
}

#[test]
fn html_is_read_by_its_headings() {
    let text = "<!doctype html><html><head><title>No</title></head><body><nav><a>menu</a></nav>\n<main>\n<h1 id='top'>Guide<a href=#>¶</a></h1>\n<p>Fish &amp; <b>chips</b>,\ntoday.</p><script>if (a < b) {}</script>\n<pre><code>a\n  b &lt; c</code></pre>\n<ul><li>one</li><li>two</li></ul>\n</main><footer>No</footer></body></html>";
    check(
        "docs/x.html",
        text,
        200,
        &["3-8|Guide|/x#top|# Guide\n\nFish & chips, today.\n\n```\na\n  b < c\n```\n\n- one\n\n- two"],
    );
}

#[test]
fn the_same_chunk_has_the_same_id_wherever_it_moves_in_its_file() {
    let before = chunks("docs/a.md", "# A\n\none\n\n## B\n\ntwo\n", 200);
    let after = chunks("docs/a.md", "# A\n\none\n\n## New\n\nmore\n\n## B\n\ntwo\n", 200);
    assert_eq!((&before[0].id, &before[1].id), (&after[0].id, &after[2].id));
    assert_ne!(before[1].id, chunks("docs/b.md", "# A\n\none\n\n## B\n\ntwo\n", 200)[1].id);
    let twice = chunks("docs/a.md", "# A\n\nsame\n\n# A\n\nsame\n", 200);
    assert_ne!(twice[0].id, twice[1].id);
    assert_eq!(twice[0].text_hash, twice[1].text_hash);
    assert_eq!(&before[0].id[14..15], "8");
}

#[test]
fn line_ends_and_a_byte_order_mark_change_nothing() {
    let plain = "---\ntitle: T\n---\n# A\n\none\ntwo\n\n- a\n- b\n";
    let windows = format!("\u{feff}{}", plain.replace('\n', "\r\n"));
    assert_eq!(chunks("docs/a.md", plain, 50), chunks("docs/a.md", &windows, 50));
}

proptest! {
    #[test]
    fn no_text_breaks_a_reader(text in "[a-z #`{}<>/\\-|\n\"'=é日*!\\[\\]()~.:]{0,400}", tokens in 10usize..80) {
        for path in ["a.md", "a.mdx", "a.html", "a.txt"] {
            let Ok(document) = read(text.as_bytes()) else { continue };
            let Ok(sections) = sections(path, &document) else { continue };
            let made = chunk(path, &document, sections, &chunking(tokens));
            let lines = text.matches('\n').count() as u32 + 1;
            for chunk in &made {
                prop_assert!(chunk.first_line >= 1 && chunk.first_line <= chunk.last_line, "{chunk:?}");
                prop_assert!(chunk.last_line <= lines, "{chunk:?} of {lines} lines");
            }
            let mut ids: Vec<&String> = made.iter().map(|chunk| &chunk.id).collect();
            ids.sort();
            ids.dedup();
            prop_assert_eq!(ids.len(), made.len());
        }
    }

    #[test]
    fn no_word_of_prose_is_lost(words in proptest::collection::vec("[a-z]{1,9}[.,]?", 1..300), tokens in 34usize..120) {
        let text = format!("# T\n\n{}\n", words.join(" "));
        let made = chunks("docs/a.md", &text, tokens);
        let kept: Vec<String> = made.iter().flat_map(|chunk| chunk.text.trim_start_matches("# T").split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect();
        prop_assert_eq!(kept, words);
    }
}
