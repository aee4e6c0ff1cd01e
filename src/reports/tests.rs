use super::*;

#[test]
fn formats_have_names_of_their_own() {
    for (at, format) in FORMATS.iter().enumerate() {
        assert!(format.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
        assert!(FORMATS[at + 1..].iter().all(|other| other.name != format.name), "{}", format.name);
    }
}

fn check_problem(bytes: &[u8], message: &str) {
    let report = read(Box::new(std::io::Cursor::new(bytes.to_vec())), "r", None, &Options::default());
    let problem = &report.problems[0];
    assert_eq!((problem.message.as_str(), problem.grave), (message, true));
}

#[test]
fn what_nobody_knows_is_never_green() {
    check_problem(b"", "the file is empty");
    check_problem(b" \n", "the file is blank");
    check_problem(b"<suites/>", "no known report format: it starts with `<suites/>`");
    check_problem(b"\xFF\xFE", "the file is empty");
}
