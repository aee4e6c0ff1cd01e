use super::*;
use crate::migrations::{Transaction, split::split};
use proptest::prelude::*;
use std::rc::Rc;

fn script(text: &str, start: usize) -> Script {
    Script {
        path: "1_a.sql".to_owned(),
        file: Rc::from(text),
        range: start..text.len(),
        transaction: Transaction::Unsaid,
    }
}

fn check(text: &str, start: usize, completed: usize, pointer: Pointer, expected: (u32, u32)) {
    let script = script(text, start);
    let statements = split(&script).unwrap_or_default();
    let spot = locate(&script, Sent::Whole { statements: &statements, completed }, &pointer);
    assert_eq!((spot.line, spot.column), expected, "{text}");
    if let (Some(statement), None) = (statements.get(completed), pointer.position) {
        let alone = locate(&script, Sent::One(statement), &pointer);
        assert_eq!(alone, spot, "{text}");
    }
}

fn at(position: u32) -> Pointer<'static> {
    Pointer { position: Some(position), ..Pointer::default() }
}

#[test]
fn positions_count_code_points_and_carriage_returns() {
    // What the server answers to these, with `nope` unknown.
    check("select 1;\r\nselect nope", 0, 1, at(19), (2, 8));
    check("select '😀', nope", 0, 0, at(13), (1, 14));
    check("\u{FEFF}select nope", 3, 0, at(8), (1, 8));
    check("-- migrate:up\nselect nope", 14, 0, at(8), (2, 8));
    check("select", 0, 0, at(900), (1, 7));
}

#[test]
fn without_a_position_the_count_of_statements_tells() {
    check("select 1;\n\nselect 1/0;", 0, 1, Pointer::default(), (3, 1));
    check("select 1;", 0, 7, Pointer::default(), (1, 1));
}

#[test]
fn errors_inside_of_functions_are_found_in_the_file() {
    let text = "select 1;\ndo $$\nbegin\n  perform 1;\n  raise 'no';\nend $$;\n";
    let context =
        Pointer { context: Some("PL/pgSQL function inline_code_block line 4 at RAISE"), ..Pointer::default() };
    check(text, 0, 1, context, (5, 3));
    let query = Pointer {
        internal_query: Some("select nope"),
        internal_position: Some(8),
        context: Some("PL/pgSQL function inline_code_block line 2 at SQL statement"),
        ..Pointer::default()
    };
    check("do $$ begin\n  select nope; end $$", 0, 0, query, (2, 10));
    let text = "create function app.f(a int) returns int language plpgsql as $f$\nbegin\n  return 1/a;\nend $f$;\nselect app.f(0)";
    let context = Pointer {
        context: Some("SQL expression \"1/a\"\nPL/pgSQL function app.f(integer) line 3 at RETURN"),
        ..Pointer::default()
    };
    check(text, 0, 1, context, (3, 3));
    let elsewhere = Pointer { context: Some("PL/pgSQL function g() line 3 at RETURN"), ..Pointer::default() };
    check(text, 0, 1, elsewhere, (5, 1));
}

proptest! {
    #[test]
    fn a_marked_place_is_found(before in "[a-z😀é\r\n ]{0,40}", mark: bool, after in "[a-z ]{0,9}") {
        let mark = if mark { "\u{FEFF}" } else { "" };
        let text = format!("{mark}{before}@{after}");
        let position = before.chars().count() as u32 + 1;
        let script = script(&text, mark.len());
        let spot = locate(&script, Sent::Whole { statements: &[], completed: 0 }, &at(position));
        prop_assert_eq!(&text[spot.at..=spot.at], "@");
        let line = before.split('\n').next_back().unwrap_or_default();
        prop_assert_eq!(spot.line as usize, before.matches('\n').count() + 1);
        prop_assert_eq!(spot.column as usize, line.encode_utf16().count() + 1);
    }

    #[test]
    fn no_pointer_makes_it_panic(text in "[a-z$';( é\n]{0,40}", position: Option<u32>, inner: Option<u32>, query in "[a-z é]{0,3}", line in 0u32..9) {
        let script = script(&text, 0);
        let statements = split(&script).unwrap_or_default();
        let context = format!("PL/pgSQL function inline_code_block line {line} at X");
        let pointer =
            Pointer { position, internal_position: inner, internal_query: Some(&query), context: Some(&context) };
        let spot = locate(&script, Sent::Whole { statements: &statements, completed: 0 }, &pointer);
        prop_assert!(text.is_char_boundary(spot.at));
    }
}
