use proptest::prelude::*;

use super::*;
use crate::codes;
use crate::reporters::runner_model::{Parsed, obey};

fn at(line: Option<u32>, end_line: Option<u32>, column: Option<u32>, end_column: Option<u32>) -> Annotation {
    Annotation {
        file: Some("src/a.ts".into()),
        line,
        end_line,
        column,
        end_column,
        ..Annotation::new(Level::Error, "", "m")
    }
}

fn finding(level: Level, number: usize) -> Annotation {
    Annotation::new(level, "rule", format!("finding {number}"))
}

fn findings(level: Level, count: usize) -> Vec<Annotation> {
    (1..=count).map(|number| finding(level, number)).collect()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn check(annotation: &Annotation, expected: &str) {
    assert_eq!(text(annotation.command(&Masks::new())), format!("{expected}\n"));
}

#[test]
fn an_annotation_is_one_escaped_line() {
    let mut annotation = Annotation::new(Level::Warning, "no-eval: 100%, really", "first\r\nsecond: 5% , ::error::x");
    check(&annotation, "::warning title=no-eval%3A 100%25%2C really::first%0D%0Asecond: 5%25 , ::error::x");
    annotation.file = Some(".\\src\\a, b:c.ts".into());
    annotation.line = Some(3);
    check(
        &annotation,
        "::warning title=no-eval%3A 100%25%2C really,file=src/a%2C b%3Ac.ts,line=3::first%0D%0Asecond: 5%25 , ::error::x",
    );
    check(&Annotation::new(Level::Notice, " \n", "\u{1b}[1mm\0"), "::notice::m");
    check(&Annotation::new(Level::Notice, "two\nlines", ""), "::notice title=two lines::two lines");
    check(&Annotation::new(Level::Notice, "", "\n "), "::notice::no message");
}

#[test]
fn a_place_holds_only_what_the_runner_accepts_together() {
    check(&at(Some(3), Some(3), Some(2), Some(9)), "::error file=src/a.ts,line=3,endLine=3,col=2,endColumn=9::m");
    check(&at(Some(3), None, Some(2), None), "::error file=src/a.ts,line=3,col=2::m");
    check(&at(Some(3), Some(4), Some(2), Some(9)), "::error file=src/a.ts,line=3,endLine=4::m");
    check(&at(Some(3), Some(2), Some(9), Some(2)), "::error file=src/a.ts,line=3,col=9::m");
    check(&at(None, Some(2), None, Some(2)), "::error file=src/a.ts,line=2,endLine=2,col=2,endColumn=2::m");
    check(&at(None, None, Some(2), Some(2)), "::error file=src/a.ts::m");
    check(&at(Some(0), Some(u32::MAX), Some(0), Some(0)), "::error file=src/a.ts::m");
    check(&Annotation { file: None, ..at(Some(3), None, Some(2), None) }, "::error::m");
}

#[test]
fn a_path_out_of_the_repository_is_said_in_the_message() {
    for (file, expected) in [
        ("/etc/passwd", "::error::/etc/passwd:3: m"),
        ("C:\\src\\a.ts", "::error::C:\\src\\a.ts:3: m"),
        ("../a.ts", "::error::../a.ts:3: m"),
        ("", "::error::m"),
        ("src//./a.ts", "::error file=src/a.ts,line=3::m"),
    ] {
        check(&Annotation { file: Some(file.into()), ..at(Some(3), None, None, None) }, expected);
    }
}

#[test]
fn a_long_message_says_that_it_was_cut() {
    let line = text(Annotation::new(Level::Error, "t".repeat(300), "😀".repeat(3000)).command(&Masks::new()));
    let command = &obey(line.as_bytes()).commands[0];
    assert!((4095..=4096).contains(&command.data.encode_utf16().count()));
    assert!(command.data.ends_with("😀… (cut: 6000 characters in all)"), "{}", command.data);
    assert_eq!(command.properties["title"], format!("{}…", "t".repeat(254)));
}

#[test]
fn a_problem_is_annotated_at_its_place() {
    let mut problem = Problem {
        code: &codes::MISSING,
        place: Place::File { path: ".github/waybill.yml".into(), line: 12, column: 5, key: "defaults.run".into() },
        wanted: "a command".into(),
        found: "nothing".into(),
        hint: None,
    };
    check(
        &Annotation::of_problem(&problem),
        "::error title=WB1001,file=.github/waybill.yml,line=12,col=5::.github/waybill.yml:12:5 defaults.run: wanted a command, found nothing",
    );
    problem.place = Place::Input("run".into());
    check(&Annotation::of_problem(&problem), "::error title=WB1001::input run: wanted a command, found nothing");
}

#[test]
fn secrets_are_replaced_before_they_are_escaped() {
    let mut masks = Masks::new();
    masks.add("100%: secret,\nsecond-line");
    let annotation = Annotation::new(Level::Error, "second-line", "is 100%: secret,\nsecond-line");
    assert_eq!(text(annotation.command(&masks)), "::error title=***::is ***\n");
    assert_eq!(text(group("second-line", &masks)), "::group::***\n");
    assert_eq!(text(debug("second-line", &masks)), "::debug::***\n");
}

#[test]
fn nothing_is_left_out_while_there_is_room() {
    let mut writer = Writer::new();
    let out = text(writer.findings(&findings(Level::Error, 9), &Masks::new()));
    assert_eq!(out.lines().count(), 9);
    assert!(!out.contains("summary"));
    assert_eq!(
        text(writer.event(Level::Error, "job-failed", "lint failed", &Masks::new())),
        "::error title=job-failed::lint failed\n"
    );
    assert_eq!(text(writer.event(Level::Error, "job-failed", "::error::x", &Masks::new())), "job-failed: ::error::x\n");
}

#[test]
fn what_is_left_out_is_said() {
    let mut writer = Writer::new();
    let mut ranked = findings(Level::Error, 10);
    ranked.splice(5..5, findings(Level::Warning, 2));
    let out = text(writer.findings(&ranked, &Masks::new()));
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 11);
    assert_eq!(lines[5], "::warning title=rule::finding 1");
    assert_eq!(lines[9], "::error title=rule::finding 8");
    assert_eq!(lines[10], "::error::2 more errors, see the summary");
}

#[test]
fn earlier_events_count() {
    let (mut writer, masks) = (Writer::new(), Masks::new());
    writer.event(Level::Notice, "pipeline-started", "started", &masks);
    writer.event(Level::Notice, "job-started", "started", &masks);
    let out = text(writer.findings(&findings(Level::Notice, 100), &masks));
    assert_eq!(out.lines().count(), 7);
    assert!(out.ends_with("::notice::94 more notices, see the summary\n"));
    assert!(text(writer.event(Level::Notice, "job-completed", "done", &masks)).starts_with("::notice"));
}

#[test]
fn other_commands_are_as_documented() {
    assert_eq!(text(add_mask("a%\nb")), "::add-mask::a%25%0Ab\n");
    assert_eq!(text(end_group()), "::endgroup::\n");
    assert_eq!(text(remove_matcher("tsc")), "::remove-matcher owner=tsc::\n");
    let token = StopToken::new(*b"0123456789abcdef");
    assert_eq!(text(token.stop()), "::stop-commands::30313233343536373839616263646566\n");
    assert_eq!(text(token.resume()), "::30313233343536373839616263646566::\n");
}

#[test]
fn plain_text_is_never_a_command() {
    for (text, expected) in [
        ("", "\n"),
        ("std::fs is ::fine::", "std::fs is ::fine::\n"),
        ("::error::x\n \t::error::x", ": :error::x\n \t: :error::x\n"),
        ("a\r::error::x\r\n", "a\r: :error::x\r\n"),
        ("\u{feff}\0:\u{200b}:error::x\n", "\u{feff}\0:\u{200b} :error::x\n"),
        ("x ##[error]y ###[group]", "x ## [error]y ### [group]\n"),
        (":: ##[", ": : ## [\n"),
    ] {
        assert_eq!(String::from_utf8(plain(text)).unwrap(), expected, "{text:?}");
    }
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("::error::".to_owned()),
        Just("::stop-commands::x".to_owned()),
        Just("##[error]".to_owned()),
        Just("::set-output name=a::b".to_owned()),
        "[:#\\[\\]%,;= \\t\\r\\n\u{ad}\u{200b}\u{feff}\\x00\u{85}A0üe-]{0,6}",
        "\\PC{0,6}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn the_runner_reads_what_was_meant(title in hostile(), message in hostile(), file in hostile(), numbers in any::<[Option<u32>; 4]>()) {
        let [line, end_line, column, end_column] = numbers;
        let annotation = Annotation {
            level: Level::Error, title: title.clone(), message: message.clone(), file: Some(file.clone()),
            line, end_line, column, end_column,
        };
        let obeyed = obey(&annotation.command(&Masks::new()));
        prop_assert_eq!((obeyed.commands.len(), &obeyed.text, obeyed.stopped), (1, &Vec::new(), false));
        let Parsed { name, properties, data } = &obeyed.commands[0];
        prop_assert_eq!(name, "error");
        for key in properties.keys() {
            prop_assert!(["title", "file", "line", "endLine", "col", "endColumn"].contains(&key.as_str()), "{}", key);
        }
        let shown = |text: &str| visible(&without_controls(text));
        if !message.trim().is_empty() && !properties.is_empty() {
            prop_assert!(visible(data).contains(shown(&message).trim()), "{:?} {:?}", data, message);
        }
    }

    #[test]
    fn the_runner_takes_plain_text_for_text(hostile in hostile()) {
        let obeyed = obey(&plain(&hostile));
        prop_assert_eq!((obeyed.commands, obeyed.stopped), (Vec::new(), false));
        let without_blanks = |text: &str| text.replace([' ', '\n', '\r'], "");
        prop_assert_eq!(without_blanks(&obeyed.text.concat()), without_blanks(&hostile));
    }

    #[test]
    fn a_level_is_never_printed_more_than_ten_times(
        before in prop::collection::vec(0usize..3, 0..14), counts in [0usize..30, 0..30, 0..30], after in prop::collection::vec(0usize..3, 0..14),
    ) {
        const LEVELS: [Level; 3] = [Level::Notice, Level::Warning, Level::Error];
        let (mut writer, masks, mut out) = (Writer::new(), Masks::new(), Vec::new());
        for level in &before {
            out.extend(writer.event(LEVELS[*level], "event", "before", &masks));
        }
        let ranked: Vec<_> = LEVELS.iter().flat_map(|level| findings(*level, counts[*level as usize])).collect();
        let chosen = writer.choose(&ranked).iter().filter(|chosen| **chosen).count();
        let printed = writer.findings(&ranked, &masks);
        let obeyed = obey(&printed);
        let shown = obeyed.commands.iter().filter(|command| command.properties.contains_key("title")).count();
        prop_assert_eq!(shown, chosen);
        let said: usize = obeyed.commands.iter().map(|command| &command.data).chain(&obeyed.text)
            .filter_map(|text| text.split_once(" more ")?.0.parse::<usize>().ok()).sum();
        prop_assert_eq!(said, ranked.len() - chosen);
        out.extend(printed);
        for level in &after {
            out.extend(writer.event(LEVELS[*level], "event", "after", &masks));
        }
        let obeyed = obey(&out);
        for level in LEVELS {
            let of_level = obeyed.commands.iter().filter(|command| command.name == name(level)).count();
            prop_assert!(of_level <= 10);
            // One event after the findings still finds its place.
            let events_before = before.iter().filter(|before| **before == level as usize).count();
            if events_before < 10 && after.contains(&(level as usize)) {
                prop_assert!(obeyed.commands.iter().any(|command| command.name == name(level) && command.data == "after"));
            }
        }
    }
}

/// What a comparison by culture sees of the text.
fn visible(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')).collect()
}
