//! Reports that are text: what drives the readers of all tools line by line,
//! and the ways in which tools write places and levels.

use crate::model::finding::{Finding, Level};
use crate::reports::clue::{Clue, Columns, Spot, Trust};
use crate::reports::sink::{self, Sink};
use crate::reports::source::Source;
use crate::reports::{Head, LIKELY, ansi, text};

/// The longest message that is put together of lines, in bytes.
const MESSAGE: usize = 16 * 1024;

/// Every kind of text: what one command prints may hold several.
static KINDS: &[&Kind] = &[
    &crate::reports::biome_text::KIND,
    &crate::reports::compact::KIND,
    &crate::reports::flake8::KIND,
    &crate::reports::gcc::KIND,
    &crate::reports::github::KIND,
    &crate::reports::go_text::KIND,
    &crate::reports::golangci_text::KIND,
    &crate::reports::javac::KIND,
    &crate::reports::markdownlint_text::KIND,
    &crate::reports::maven::KIND,
    &crate::reports::msbuild::KIND,
    &crate::reports::mypy_text::KIND,
    &crate::reports::oxlint_text::KIND,
    &crate::reports::pylint_text::KIND,
    &crate::reports::pyright_text::KIND,
    &crate::reports::rubocop_text::KIND,
    &crate::reports::rust_text::KIND,
    &crate::reports::shellcheck_text::KIND,
    &crate::reports::stylish::KIND,
    &crate::reports::tsc::KIND,
    &crate::reports::text::KIND,
];

/// Reads one tool's text.
pub trait Tool {
    /// Takes a line without colours; `true` when it is one of the tool's own.
    fn line(&mut self, line: &str, out: &mut Out<'_>) -> bool;
}

/// A finding that more lines may be added to.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// How grave it is.
    pub level: Level,
    /// The rule.
    pub rule: Option<String>,
    /// What is wrong.
    pub message: String,
    /// Where, as the tool says; an empty path is no place.
    pub spot: Spot,
    /// Places to take instead when that one is not in the repository, best first.
    pub instead: Vec<Spot>,
    /// The tool, where it is not the reader's own.
    pub source: Option<&'static str>,
}

/// A kind of text in the table of those that may stand mixed.
pub struct Kind {
    /// The name of its format.
    pub name: &'static str,
    /// The tool that its findings come from, where they do not say themselves.
    pub source: &'static str,
    /// A reader at its start.
    pub tool: fn() -> Box<dyn Tool>,
}

/// Where readers put what they find.
pub struct Out<'s> {
    sink: Option<&'s mut Sink>,
    /// The tool whose turn it is, and its place in the list of tools.
    source: &'static str,
    turn: usize,
    last: Option<Found>,
    /// Whose the last finding is.
    owner: usize,
    count: u32,
}

impl<'s> Out<'s> {
    fn new(sink: Option<&'s mut Sink>) -> Self {
        Out { sink, source: "", turn: 0, last: None, owner: 0, count: 0 }
    }

    /// Begins a finding.
    pub fn found(&mut self, found: Found) {
        self.end();
        self.count += 1;
        self.owner = self.turn;
        self.last = Some(Found { source: found.source.or(Some(self.source)), ..found });
    }

    /// The tool's finding that was begun last and not closed since.
    pub fn last(&mut self) -> Option<&mut Found> {
        let own = self.owner == self.turn;
        self.last.as_mut().filter(|_| own)
    }

    /// Adds a line to the message of the last finding.
    pub fn more(&mut self, text: &str) {
        if let Some(last) = self.last()
            && last.message.len() + text.len() < MESSAGE
        {
            if !last.message.is_empty() {
                last.message.push('\n');
            }
            last.message.push_str(text);
        }
    }

    /// Ends the tool's last finding: what follows does not belong to it.
    pub fn close(&mut self) {
        if self.owner == self.turn {
            self.end();
        }
    }

    fn end(&mut self) {
        if let (Some(found), Some(sink)) = (self.last.take(), self.sink.as_deref_mut()) {
            let source = found.source.unwrap_or_default().to_owned();
            let message = found.message.trim_end().to_owned();
            let finding = Finding { level: found.level, rule: found.rule, message, source, ..Finding::default() };
            let mut clue = Clue { spots: vec![found.spot], ..Clue::default() };
            clue.spots.extend(found.instead);
            clue.spots.retain(|spot| !spot.path.is_empty());
            sink.finding(finding, clue);
        }
    }
}

/// Reads the source to its end as the text of `kind`. One command may run several tools: lines that
/// are not of that kind are offered to the others that the head shows.
pub fn read(source: &mut Source, sink: &mut Sink, kind: &Kind) {
    let head = Head::new(source.head(), source.is_short());
    let mut tools: Vec<(&Kind, Box<dyn Tool>)> = vec![(kind, (kind.tool)())];
    for other in KINDS.iter().filter(|other| other.name != kind.name) {
        if hits(&head, &mut *(other.tool)(), 1) > 0 {
            tools.push((other, (other.tool)()));
        }
    }
    // What takes every place comes last, and only where it finds more than those that know more.
    if kind.name == text::KIND.name {
        tools.rotate_left(1);
    } else if let Some(at) = tools.iter().position(|(kind, _)| kind.name == text::KIND.name) {
        let last = tools.remove(at);
        if any_place(&head, &tools) {
            tools.push(last);
        }
    }
    let mut out = Out::new(Some(sink));
    let mut line = String::new();
    while source.line(&mut line) {
        let plain = ansi::plain(&line);
        offer(overwritten(&plain), &mut tools, &mut out);
    }
    out.end();
}

/// Offers a line to one tool after the other; `false` when none takes it.
fn offer(line: &str, tools: &mut [(&Kind, Box<dyn Tool>)], out: &mut Out) -> bool {
    tools.iter_mut().enumerate().any(|(turn, (kind, tool))| {
        (out.turn, out.source) = (turn, kind.source);
        tool.line(line, out)
    })
}

/// Whether most places in the head are none of the tools'.
fn any_place(head: &Head, tools: &[(&Kind, Box<dyn Tool>)]) -> bool {
    let mut tools: Vec<_> = tools.iter().map(|(kind, _)| (*kind, (kind.tool)())).collect();
    let (mut known, mut other) = (Out::new(None), Out::new(None));
    let mut last = (text::KIND.tool)();
    for line in head.lines().map(overwritten) {
        if !offer(line, &mut tools, &mut known) {
            last.line(line, &mut other);
        }
    }
    other.count > known.count
}

/// How sure a kind of text is: `base` when it finds anything in the head, more when it finds more,
/// never as much as a test runner's own marks.
pub fn recognise(head: &Head, kind: &Kind, base: u8) -> u8 {
    match hits(head, &mut *(kind.tool)(), u32::MAX) {
        0 => 0,
        hits => (base + 3 * hits.ilog2() as u8).min(LIKELY - 1),
    }
}

/// How many findings there are in the head, `enough` at most.
fn hits(head: &Head, tool: &mut dyn Tool, enough: u32) -> u32 {
    let mut out = Out::new(None);
    for line in head.lines() {
        tool.line(overwritten(line), &mut out);
        if out.count >= enough {
            break;
        }
    }
    out.count
}

/// What is left on the terminal of a line that was overwritten, as by progress bars.
fn overwritten(line: &str) -> &str {
    let line = line.trim_end_matches('\r');
    line.rsplit('\r').next().unwrap_or(line)
}

/// A place at the start of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'l> {
    /// The path as it stands there.
    pub path: &'l str,
    /// The line, from 1.
    pub line: u32,
    /// The column.
    pub column: Option<u32>,
    /// The last line.
    pub end_line: Option<u32>,
    /// The last column itself.
    pub end_column: Option<u32>,
    /// What follows, from the first character that is no digit on.
    pub rest: &'l str,
}

impl<'l> Place<'l> {
    /// As a spot, columns from 1.
    pub fn spot(&self, columns: Columns) -> Spot {
        let mut spot = Spot::new(self.path, Some(self.line), Trust::Exact);
        spot.column = self.column.filter(|column| *column > 0);
        spot.end_line = self.end_line;
        spot.end_column = self.end_column.and_then(|column| column.checked_add(1));
        spot.columns = columns;
        spot
    }

    /// What follows `: ` or `:`.
    pub fn message(&self) -> Option<&'l str> {
        Some(self.rest.strip_prefix(':')?.trim())
    }

    /// Whether nothing but a file would be written so: no blanks, and an extension or a folder.
    pub fn is_plain(&self) -> bool {
        is_file(self.path)
    }
}

/// `path:12`, `path:12:3`, `path:12:3:12:9`, `path:12:3-9`, `path:12:3-14:9` at the start.
pub fn colon(line: &str) -> Option<Place<'_>> {
    let mut from = 0;
    while let Some(at) = line[from..].find(':').map(|at| from + at) {
        from = at + 1;
        let Some((number, after)) = number(&line[at + 1..]) else { continue };
        let path = &line[..at];
        if number == 0 || !may_be_path(path) {
            continue;
        }
        let mut place = Place { path, line: number, column: None, end_line: None, end_column: None, rest: after };
        if let Some((column, after)) = after.strip_prefix(':').and_then(self::number) {
            (place.column, place.rest) = (Some(column), after);
            if let Some((end, after)) = after.strip_prefix(':').and_then(self::number)
                && let Some((end_column, after)) = after.strip_prefix(':').and_then(self::number)
            {
                (place.end_line, place.end_column, place.rest) = (Some(end), Some(end_column), after);
            } else if let Some((end, after)) = after.strip_prefix('-').and_then(self::number) {
                (place.end_line, place.end_column, place.rest) = (Some(number), Some(end), after);
                if let Some((end_column, after)) = after.strip_prefix(':').and_then(self::number) {
                    (place.end_line, place.end_column, place.rest) = (Some(end), Some(end_column), after);
                }
            }
        }
        if ends(place.rest) {
            return Some(place);
        }
    }
    None
}

/// Whether a place may end before this.
fn ends(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with([':', ' ', '\t'])
}

/// `path(12)`, `path(12,3)`, `path(12,3-9)`, `path(12,3,12,9)`, `path (12, 3)` at the start; `rest`
/// follows the bracket.
pub fn bracket(line: &str) -> Option<Place<'_>> {
    let mut from = 0;
    while let Some(at) = line[from..].find('(').map(|at| from + at) {
        from = at + 1;
        let path = line[..at].trim_end_matches(' ');
        let Some(end) = line[at..].find(')').map(|end| at + end) else { return None };
        let mut numbers = [None; 4];
        let mut count = 0;
        let whole = line[at + 1..end].split([',', '-', ':']).all(|part| {
            let value = number(part.trim()).filter(|(_, rest)| rest.is_empty()).map(|(value, _)| value);
            if count < 4 {
                numbers[count] = value;
            }
            count += 1;
            value.is_some() && count <= 4
        });
        let Some(first) = numbers[0].filter(|first| whole && *first > 0 && may_be_path(path) && ends(&line[end + 1..]))
        else {
            continue;
        };
        let mut place =
            Place { path, line: first, column: None, end_line: None, end_column: None, rest: &line[end + 1..] };
        // `(12-14)` is two lines, `(12,3-9)` one line, `(12,3-14,9)` and `(12,3,14,9)` two.
        if line[at + 1..end].find('-').is_some_and(|dash| !line[at + 1..at + 1 + dash].contains(',')) {
            (place.end_line, place.column) = (numbers[1], None);
        } else {
            place.column = numbers[1];
            (place.end_line, place.end_column) =
                if numbers[3].is_some() { (numbers[2], numbers[3]) } else { (None, numbers[2]) };
        }
        return Some(place);
    }
    None
}

/// Digits at the start and what follows; a line or a column has few of them.
fn number(text: &str) -> Option<(u32, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let value = text[..length].parse().ok().filter(|_| length <= 8)?;
    Some((value, &text[length..]))
}

/// Whether the text can be a path, with blanks or without.
fn may_be_path(path: &str) -> bool {
    let date = path.len() >= 10 && path.as_bytes()[..4].iter().all(u8::is_ascii_digit) && path.as_bytes()[4] == b'-';
    !path.is_empty()
        && path.len() < 1_000
        && path.trim() == path
        && path.contains(|c: char| c.is_alphabetic() || c == '_')
        && !path.ends_with(['/', '\\', ':'])
        && !path.contains(": ")
        && !path.contains("] ")
        && !path.contains("::")
        && (!path.contains("://") || path.starts_with("file://"))
        && !(date && !path.contains(['/', '\\']))
}

/// Whether nothing but a file would be written so.
pub fn is_file(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let blank = path.contains(|c: char| c.is_whitespace() || "\"'`<>|()=,;*?".contains(c));
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let host = ["com", "org", "net", "io", "local", "internal"].contains(&extension) && name.len() == path.len();
    let known =
        ["Makefile", "GNUmakefile", "makefile", "Dockerfile", "Containerfile", "Jenkinsfile", "Gemfile", "Rakefile"];
    let extended = extension.starts_with(|c: char| c.is_ascii_alphabetic()) && extension.len() <= 12;
    !blank && !host && (extended || path.len() > name.len() && !name.is_empty() || known.contains(&name))
}

/// The level that a text begins with, as in `error: text`, `fatal error: text`, `Fehler: text`,
/// `error[E0308]: text`; with the code in brackets, and the text after the colon.
pub fn level_word(text: &str) -> Option<(Level, Option<&str>, &str)> {
    let (at, colon) = text.char_indices().take(48).find(|(_, c)| matches!(c, ':' | '：'))?;
    let word = text[..at].trim_end();
    let (word, code) = match word.strip_suffix(']').and_then(|word| word.rsplit_once('[')) {
        Some((word, code)) => (word, Some(code)),
        None => (word, None),
    };
    let level = named_level(word)?;
    Some((level, code, text[at + colon.len_utf8()..].trim_start()))
}

/// The level that compilers' words stand for in any language that they speak.
pub fn named_level(word: &str) -> Option<Level> {
    let word = word.trim().to_lowercase();
    if word.is_ascii()
        && let Some(level) = sink::level(&word)
    {
        return Some(level);
    }
    let is = |words: &str| words.split('|').any(|known| known == word);
    if is(ERRORS) {
        Some(Level::Error)
    } else if is(WARNINGS) {
        Some(Level::Warning)
    } else if is(NOTICES) {
        Some(Level::Notice)
    } else {
        None
    }
}

/// Translations of `error` and `fatal error` in GCC, javac, MSVC and others.
const ERRORS: &str = "internal compiler error|sorry, unimplemented|erreur|erreur fatale|fehler|schwerwiegender fehler|\
    fataler fehler|interner compilerfehler|errore|errore fatale|error fatal|erro|erro fatal|fout|fatale fout|fel|ödesdigert fel|\
    virhe|hiba|chyba|błąd|błąd krytyczny|hata|ölümcül hata|ошибка|фатальная ошибка|помилка|エラー|致命的エラー|错误|致命错误|\
    錯誤|嚴重錯誤|오류|치명적 오류";

/// Translations of `warning`.
const WARNINGS: &str = "attention|avertissement|warnung|attenzione|avviso|aviso|atenção|advertencia|waarschuwing|let op|varning|\
    varoitus|figyelmeztetés|varování|ostrzeżenie|uyarı|предупреждение|попередження|警告|경고";

/// Translations of `note`.
const NOTICES: &str = "remark|anmerkung|bemerkung|hinweis|remarque|nota|opmerking|anm|huomio|megjegyzés|poznámka|uwaga|\
    bilgi|примечание|замечание|примітка|備考|ノート|メモ|附注|附註|备注|참고";

/// Takes the rule off the end of a message: `text (rule)`, `text [rule]`. A rule is one word
/// of letters, digits and `-_./:@`.
pub fn rule_at_end<'m>(message: &'m str, brackets: [char; 2]) -> (&'m str, Option<&'m str>) {
    let message = message.trim_end();
    let found = message.strip_suffix(brackets[1]).and_then(|inner| inner.rsplit_once(brackets[0]));
    match found {
        Some((text, rule)) if text.ends_with(' ') && is_rule(rule) => (text.trim_end(), Some(rule)),
        _ => (message, None),
    }
}

/// Whether the word may name a rule.
pub fn is_rule(word: &str) -> bool {
    word.len() < 120
        && word.contains(|c: char| c.is_ascii_alphabetic())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:@#+=,".contains(c))
}

/// The number of characters before the caret of a line that has nothing else: ` ^`, `   ~~^~~`.
pub fn caret(line: &str) -> Option<u32> {
    let at = line.find('^')?;
    let only = line.trim().chars().all(|c| matches!(c, '^' | '~' | '-'));
    only.then(|| line[..at].chars().count() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(found: Option<Place>, wanted: Option<(&str, &str)>) {
        let show = |number: Option<u32>| number.map_or("-".to_owned(), |number| number.to_string());
        let found = found.map(|place| {
            let end = format!("{}:{}", show(place.end_line), show(place.end_column));
            (format!("{} {}:{} {end}", place.path, place.line, show(place.column)), place.rest.to_owned())
        });
        assert_eq!(found, wanted.map(|(place, rest)| (place.to_owned(), rest.to_owned())));
    }

    #[test]
    fn places_with_colons() {
        check(colon("a.c:4: x"), Some(("a.c 4:- -:-", ": x")));
        check(colon("fo:oo.cpp:4:39: error: x"), Some(("fo:oo.cpp 4:39 -:-", ": error: x")));
        check(colon("C:\\a b\\x.c:4:3: x"), Some(("C:\\a b\\x.c 4:3 -:-", ": x")));
        check(colon("a.py:1:10:2:12: error"), Some(("a.py 1:10 2:12", ": error")));
        check(colon("a.py:1:10-12: x"), Some(("a.py 1:10 1:12", ": x")));
        check(colon("a.py:1:10-3:12 x"), Some(("a.py 1:10 3:12", " x")));
        check(colon("a.js:1:2"), Some(("a.js 1:2 -:-", "")));
        for none in ["2022-06-03 11:02:17: x", "http://h:80/x:1:2: x", "11:02:17 x", "a.c:0: x", "a.c:4x", "", ":1: x"]
        {
            check(colon(none), None);
        }
    }

    #[test]
    fn places_with_brackets() {
        check(bracket("a.cs(4,3): x"), Some(("a.cs 4:3 -:-", ": x")));
        check(bracket("a b (4): x"), Some(("a b 4:- -:-", ": x")));
        check(bracket("a(1)/x.c(4,3,5,6) : x"), Some(("a(1)/x.c 4:3 5:6", " : x")));
        check(bracket("x.c(4,3-9): x"), Some(("x.c 4:3 -:9", ": x")));
        check(bracket("x.c(4-9): x"), Some(("x.c 4:- 9:-", ": x")));
        check(bracket("f(x) is (1)"), Some(("f(x) is 1:- -:-", "")));
        check(bracket("x.c(4"), None);
        check(bracket("x.c(4,,5): x"), None);
    }

    #[test]
    fn files_are_known_by_their_names() {
        for file in ["a.c", "src/a", "./Makefile", "C:\\a\\b.cs", ".env", "Dockerfile", "a.b/c.d.e"] {
            assert!(is_file(file), "{file}");
        }
        for other in ["localhost", "example.com", "127.0.0.1", "2022-06-03", "make a.c", "Error", "a=b.c", "x."] {
            assert!(!is_file(other), "{other}");
        }
    }

    #[test]
    fn levels_are_words_of_any_language() {
        let text = |text| level_word(text).map(|(level, code, rest)| (level, code.unwrap_or("-"), rest));
        assert_eq!(text("error: a: b"), Some((Level::Error, "-", "a: b")));
        assert_eq!(text("fatal error : x"), Some((Level::Error, "-", "x")));
        assert_eq!(text("error[E0308]: x"), Some((Level::Error, "E0308", "x")));
        assert_eq!(text("Warnung: x"), Some((Level::Warning, "-", "x")));
        assert_eq!(text("警告：x"), Some((Level::Warning, "-", "x")));
        assert_eq!(text("noted: x"), None);
        assert_eq!(text("error"), None);
    }

    #[test]
    fn rules_stand_at_the_end() {
        assert_eq!(rule_at_end("a b (no-x)", ['(', ')']), ("a b", Some("no-x")));
        assert_eq!(rule_at_end("a b [-Wx=]", ['[', ']']), ("a b", Some("-Wx=")));
        assert_eq!(rule_at_end("call f(x)", ['(', ')']), ("call f(x)", None));
        assert_eq!(rule_at_end("has (a comment)", ['(', ')']), ("has (a comment)", None));
        assert_eq!(caret("    ~~^~~"), Some(6));
        assert_eq!(caret("  a ^"), None);
    }

    proptest! {
        #[test]
        fn any_line_is_survived(line in "[a-z:(),.0-9 \u{e9}：/\\\\\\[\\]-]{0,40}") {
            colon(&line);
            bracket(&line);
            level_word(&line);
            rule_at_end(&line, ['(', ')']);
            caret(&line);
        }
    }
}
