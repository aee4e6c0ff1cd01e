//! Anchors: what a site's generator makes of a heading, so that a link lands on
//! the section. The rules are those of github-slugger (GitHub, Docusaurus),
//! mdit-vue's slugify (VitePress) and Python-Markdown's toc (MkDocs).

use std::collections::BTreeMap;

/// Whose anchors the site has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnchorStyle {
    /// GitHub, Docusaurus, Astro.
    GitHub,
    /// VitePress.
    VitePress,
    /// MkDocs.
    MkDocs,
    /// Links lead to the page.
    None,
}

impl AnchorStyle {
    /// The values of the setting `anchor-style`.
    pub const WORDS: &'static [&'static str] = &["github", "vitepress", "mkdocs", "none"];

    /// The style of such a value; GitHub's for any other.
    pub fn of(word: &str) -> AnchorStyle {
        match word {
            "vitepress" => AnchorStyle::VitePress,
            "mkdocs" => AnchorStyle::MkDocs,
            "none" => AnchorStyle::None,
            _ => AnchorStyle::GitHub,
        }
    }
}

/// Letters with a mark that decompose (NFKD), as `plain letter: letters with marks`.
const MARKED: &str = "AÀÁÂÃÄÅĀĂĄ CÇĆĈĊČ DĎ EÈÉÊËĒĔĖĘĚ GĜĞĠĢ HĤ IÌÍÎÏĨĪĬĮİ JĴ KĶ LĹĻĽ NÑŃŅŇ OÒÓÔÕÖŌŎŐ RŔŖŘ \
     SŚŜŞŠ TŢŤ UÙÚÛÜŨŪŬŮŰŲ WŴ YÝŶŸ ZŹŻŽ aàáâãäåāăą cçćĉċč dď eèéêëēĕėęě gĝğġģ hĥ iìíîïĩīĭį jĵ kķ lĺļľ \
     nñńņň oòóôõöōŏő rŕŗř sśŝşš tţť uùúûüũūŭůűų wŵ yýÿŷ zźżž";

/// Gives the anchors of one page: repeated headings are numbered.
pub struct Anchors {
    style: AnchorStyle,
    given: BTreeMap<String, usize>,
}

impl Anchors {
    /// For one page.
    pub fn new(style: AnchorStyle) -> Anchors {
        Anchors { style, given: BTreeMap::new() }
    }

    /// The anchor of the page's next heading; empty where there is none.
    pub fn next(&mut self, title: &str, id: Option<&str>) -> String {
        let base = match (self.style, id) {
            (AnchorStyle::None, _) => return String::new(),
            (_, Some(id)) => id.to_owned(),
            (AnchorStyle::GitHub, None) => github(title),
            (AnchorStyle::VitePress, None) => vitepress(title),
            (AnchorStyle::MkDocs, None) => mkdocs(title),
        };
        let separator = if self.style == AnchorStyle::MkDocs { '_' } else { '-' };
        if base.is_empty() && self.style != AnchorStyle::MkDocs {
            return base;
        }
        let mut anchor = base.clone();
        let mut number = self.given.get(&base).copied().unwrap_or(0);
        // MkDocs calls a heading without a letter `_1`.
        while self.given.contains_key(&anchor) || anchor.is_empty() {
            number += 1;
            anchor = format!("{base}{separator}{number}");
        }
        self.given.insert(base, number);
        self.given.entry(anchor.clone()).or_insert(0);
        anchor
    }
}

/// Lower case; letters, digits, `-` and `_` stay, blanks become `-`, the rest goes.
fn github(title: &str) -> String {
    let keep = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ') || is_mark(c);
    title.to_lowercase().chars().filter(|&c| keep(c)).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Without marks; everything special becomes one `-`; never begins with a digit.
fn vitepress(title: &str) -> String {
    let mut slug = String::new();
    for c in plain_letters(title) {
        let special = c.is_whitespace() || c.is_control() || "~`!@#$%^&*()-_+=[]{}|\\;:\"'“”‘’<>,.?/".contains(c);
        if !special {
            slug.push(c);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_matches('-').to_lowercase();
    if slug.starts_with(|c: char| c.is_ascii_digit()) { format!("_{slug}") } else { slug }
}

/// ASCII alone; blanks and `-` become one `-`, the rest goes.
fn mkdocs(title: &str) -> String {
    let kept: String =
        plain_letters(title).filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ' ' | '\t')).collect();
    let words: Vec<&str> = kept.trim().split(['-', ' ', '\t']).filter(|word| !word.is_empty()).collect();
    let edge = |at_start: bool| {
        let trimmed = kept.trim();
        let dash = if at_start { trimmed.starts_with('-') } else { trimmed.ends_with('-') };
        if dash && !words.is_empty() { "-" } else { "" }
    };
    format!("{}{}{}", edge(true), words.join("-"), edge(false)).to_lowercase()
}

fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// Letters without their marks, as NFKD and then dropping the marks gives them.
fn plain_letters(title: &str) -> impl Iterator<Item = char> + '_ {
    title.chars().filter(|&c| !is_mark(c)).map(|c| match c.is_ascii() {
        true => c,
        false => {
            let row = MARKED.split_ascii_whitespace().find(|row| row.contains(c));
            row.and_then(|row| row.chars().next()).unwrap_or(c)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(title: &str, github: &str, vitepress: &str, mkdocs: &str) {
        for (style, wanted) in
            [(AnchorStyle::GitHub, github), (AnchorStyle::VitePress, vitepress), (AnchorStyle::MkDocs, mkdocs)]
        {
            assert_eq!(Anchors::new(style).next(title, None), wanted, "{style:?} of {title}");
        }
    }

    #[test]
    fn headings_become_what_the_generators_make_of_them() {
        check("What's new in v2.0?", "whats-new-in-v20", "what-s-new-in-v2-0", "whats-new-in-v20");
        check("Ünïcode", "ünïcode", "unicode", "unicode");
        check("日本語", "日本語", "日本語", "_1");
        check("a - b -- c", "a---b----c", "a-b-c", "a-b-c");
        check("2 ways", "2-ways", "_2-ways", "2-ways");
    }

    #[test]
    fn repeated_headings_are_numbered() {
        let mut anchors = Anchors::new(AnchorStyle::GitHub);
        let titles = ["Install", "Install", "Install 1", "Install"];
        let given: Vec<String> = titles.iter().map(|title| anchors.next(title, None)).collect();
        assert_eq!(given, ["install", "install-1", "install-1-1", "install-2"]);
        let mut anchors = Anchors::new(AnchorStyle::MkDocs);
        assert_eq!((anchors.next("A", None), anchors.next("A", None)), ("a".to_owned(), "a_1".to_owned()));
    }

    #[test]
    fn an_id_of_the_heading_s_own_wins() {
        assert_eq!(Anchors::new(AnchorStyle::VitePress).next("Set-up", Some("Start")), "Start");
        assert_eq!(Anchors::new(AnchorStyle::None).next("Set-up", Some("Start")), "");
    }
}
