//! Levels, rules and marks as tools write them around a message.

use crate::model::finding::Level;
use crate::reports::sink;

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
pub fn rule_at_end(message: &str, brackets: [char; 2]) -> (&str, Option<&str>) {
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
            level_word(&line);
            rule_at_end(&line, ['(', ')']);
            caret(&line);
        }
    }
}
