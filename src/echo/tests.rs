use proptest::prelude::*;

use super::line::LONGEST_MASK;
use super::*;
use crate::reporters::runner_model::obey;

/// What comes of this output, in pieces of these sizes.
fn run(output: &[u8], sizes: &[usize], masks: &mut Masks) -> Echoed {
    let mut drawn = 0u8;
    let mut random = || {
        drawn = drawn.wrapping_add(1);
        [drawn; 16]
    };
    let (mut echo, start) = Echo::start(random());
    let mut all = Echoed { print: start, log: Vec::new() };
    let mut add = |echoed: Echoed| {
        all.print.extend(echoed.print);
        all.log.extend(echoed.log);
    };
    let (mut rest, mut sizes) = (output, sizes.iter().cycle());
    while !rest.is_empty() {
        let (piece, after) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
        add(echo.push(piece, masks, &mut random));
        rest = after;
    }
    add(echo.finish(masks, &mut random));
    all
}

fn token(byte: u8) -> String {
    format!("{byte:02x}").repeat(16)
}

/// Checks the log, and that the runner obeys these masks and nothing else.
fn check(output: &[u8], obeyed_masks: &[&str], log: &str) {
    for sizes in [[1, 1], [3, 2], [usize::MAX, 1]] {
        let echoed = run(output, &sizes, &mut Masks::new());
        assert_eq!(String::from_utf8_lossy(&echoed.log), log, "{:?}", String::from_utf8_lossy(output));
        let obeyed = obey(&echoed.print);
        assert!(!obeyed.stopped);
        let found: Vec<_> =
            obeyed.commands.iter().map(|command| (command.name.as_str(), command.data.as_str())).collect();
        assert_eq!(found, obeyed_masks.iter().map(|value| ("add-mask", *value)).collect::<Vec<_>>());
    }
}

#[test]
fn output_is_printed_between_stop_and_resume() {
    let echoed = run(b"one\n::error::two\nno line end", &[7], &mut Masks::new());
    let expected = format!("::stop-commands::{0}\none\n::error::two\nno line end\n::{0}::\n", token(1));
    assert_eq!(String::from_utf8(echoed.print).unwrap(), expected);
    assert_eq!(echoed.log, b"one\n::error::two\nno line end");
}

#[test]
fn a_mask_is_taken_over_and_its_line_is_not_shown() {
    let echoed = run(b"before\n::add-mask::child-secret\nafter child-secret\n", &[4], &mut Masks::new());
    let expected = format!(
        "::stop-commands::{0}\nbefore\n::{0}::\n::add-mask::child-secret\n::stop-commands::{1}\nafter ***\n::{1}::\n",
        token(1),
        token(2)
    );
    assert_eq!(String::from_utf8(echoed.print).unwrap(), expected);
    assert_eq!(echoed.log, b"before\nafter ***\n");
}

#[test]
fn every_way_to_ask_for_a_mask_is_honoured() {
    let asked = b" \t::ADD-mask::value-one\r\n\xe3\x80\x80\xef\xbb\xbf::add-mask a=b::value-two\rvalue-one value-two\n";
    check(asked, &["value-one", "value-two"], "*** ***\n");
    check(
        b"text ##[add-mask]value-one\n##[Add-Mask x=y]va%5Dlue%3B\nva]lue; value-one",
        &["value-one", "va]lue;", "va%5Dlue%3B"],
        "text \n*** ***",
    );
    check(
        b"::add-mask::first line%0Asecond line%25\nfirst line,second line%",
        &["first line", "first%20line", "second line%", "second%20line%25"],
        "***,***",
    );
    check(b"::add-mask::at-the-end", &["at-the-end"], "");
    check(b"#####[add-mask]value-one\nx", &["value-one"], "###\nx");
    check(b"::add-mask ##[add-mask]value-one\nx", &["value-one"], "::add-mask \nx");
}

#[test]
fn what_is_no_mask_is_shown_as_it_is() {
    for text in [
        "::add-mask",
        "::add-mask:value",
        "::add-masks::value\n",
        "x::add-mask::value\n",
        "::error::x ::add-mask::value\n",
        "##[error]##[add-mask]value\n",
        "##[add-mask value\r",
        "##[add-mas",
        "##",
        "\r\n\r\r\n\n",
        ": ::stop-commands::x\n::x::\n",
        "\0::error::\0\n",
    ] {
        check(text.as_bytes(), &[], text);
    }
}

#[test]
fn a_short_or_endless_mask_is_refused_by_name() {
    check(b"::add-mask::abc\nabc\n", &[], &format!("{TOO_SHORT}abc\n"));
    check(b"x ##[add-mask]\r\nabc", &[], &format!("x \n{TOO_SHORT}abc"));
    let long = ["::add-mask::", &"s".repeat(LONGEST_MASK), "\nnext\n"].concat();
    let echoed = run(long.as_bytes(), &[4096], &mut Masks::new());
    assert_eq!(String::from_utf8(echoed.log).unwrap(), format!("{TOO_LONG}next\n"));
    let many: String = (0..1100).map(|n| format!("::add-mask::value-{n}-\n")).collect();
    let echoed = run(many.as_bytes(), &[4096], &mut Masks::new());
    assert_eq!(String::from_utf8(echoed.log).unwrap(), TOO_MANY.repeat(100));
}

#[test]
fn invalid_utf8_reaches_the_log_as_it_is() {
    let output = b"\xff\xfe ::error::x\n\xe3\x80";
    assert_eq!(run(output, &[1], &mut Masks::new()).log, output);
}

#[test]
fn secrets_across_lines_and_masks_are_replaced() {
    let mut masks = Masks::new();
    masks.add("first-line\nsecond-line");
    let echoed = run(b"first-line\nsecond-line\nfirst-line\n::add-mask::value-x\nsecond-line", &[3], &mut masks);
    assert_eq!(String::from_utf8(echoed.log).unwrap(), "***\n***\n***");
}

#[test]
fn a_line_of_any_length_is_not_held() {
    let (mut echo, _) = Echo::start([0; 16]);
    let mut masks = Masks::new();
    let (piece, mut random) = (vec![b' '; 64 * 1024], || [0; 16]);
    let mut printed = 0;
    for _ in 0..100 {
        printed += echo.push(&piece, &mut masks, &mut random).print.len();
        assert!(echo.lines_held() <= LONGEST_MASK);
    }
    assert!(printed >= 99 * piece.len());
}

impl Echo {
    fn lines_held(&self) -> usize {
        self.lines.held() + self.passed.len()
    }
}

fn output() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"::add-mask::".to_vec()),
        Just(b"##[add-mask]".to_vec()),
        Just(b"::error::".to_vec()),
        Just(b"##[warning]".to_vec()),
        Just(b"::stop-commands::abcd".to_vec()),
        Just(b"::set-output name=a::b".to_vec()),
        Just(format!("::{}::", token(1)).into_bytes()),
        Just(b"\r\n".to_vec()),
        prop::collection::vec(prop::sample::select(b"\r\n #:[]%a \t\0\xff\xe3\x80".to_vec()), 0..6),
        "[a-c]{4,9}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn only_masks_take_effect_and_the_cuts_do_not_matter(output in output(), sizes in prop::collection::vec(1usize..20, 1..6)) {
        // The first token is known here so that the model sees a wrong guess: it differs in its last digit.
        let guess = [&token(1)[..31], "2"].concat();
        let output: Vec<u8> = String::from_utf8_lossy(&output).replace(&token(1), &guess).into_bytes();
        let mut masks = Masks::new();
        let whole = run(&output, &[usize::MAX], &mut masks);
        prop_assert_eq!(&run(&output, &sizes, &mut Masks::new()), &whole);
        let obeyed = obey(&whole.print);
        prop_assert!(!obeyed.stopped);
        prop_assert!(obeyed.commands.iter().all(|command| command.name == "add-mask"), "{:?}", obeyed.commands);
        // Without a mask, not a byte is lost.
        if obeyed.commands.is_empty() && !String::from_utf8_lossy(&whole.log).contains("waybill: ") {
            prop_assert_eq!(&whole.log, &output);
        }
    }

    #[test]
    fn every_other_line_is_kept(lines in prop::collection::vec("[a-z:#]{0,3}[A-Z]{0,5}", 0..12), masked in prop::collection::vec(any::<bool>(), 12)) {
        let output: String = lines.iter().zip(&masked).map(|(line, masked)| if *masked { format!("::add-mask::0{line}1234\n") } else { format!("{line}\n") }).collect();
        let kept: String = lines.iter().zip(&masked).filter(|(_, masked)| !**masked).map(|(line, _)| format!("{line}\n")).collect();
        prop_assert_eq!(String::from_utf8(run(output.as_bytes(), &[5], &mut Masks::new()).log).unwrap(), kept);
    }
}
