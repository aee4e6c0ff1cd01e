use super::*;

#[derive(Default)]
struct Trace(String);

impl Visitor for Trace {
    fn open(&mut self, name: &str, element: &Element) {
        self.0 += &format!("<{name}");
        element.each(|name, value| self.0 += &format!(" {name}={value:?}"));
        self.0 += ">";
    }
    fn close(&mut self, name: &str) {
        self.0 += &format!("</{name}>");
    }
    fn text(&mut self, text: &str) {
        self.0 += text;
    }
}

fn check(xml: &str, pieces: &str, problem: Option<(&str, u64)>) {
    let mut source = Source::new(Box::new(std::io::Cursor::new(xml.as_bytes().to_vec())), 1 << 20);
    let mut trace = Trace::default();
    let ending = read(&mut source, &mut trace);
    assert_eq!(trace.0, pieces, "{xml}");
    let mut sink = Sink::new("", &super::super::Options::default());
    ending.tell(&mut sink);
    let found = sink.finish().problems;
    let found = found.first().map(|trouble| (trouble.message.as_str(), trouble.offset.unwrap_or_default()));
    assert_eq!(found, problem, "{xml}");
}

#[test]
fn documents_are_read_as_they_are_written() {
    check("<n:a x='1' y=\"&lt;&amp;&#x1B;\"/>", "<a x=\"1\" y=\"<&\\u{1b}\"></a>", None);
    check("<a>&gt;&lol;& b<![CDATA[]]]]><![CDATA[>]]></a>", "<a>>&lol;& b]]></a>", None);
    check("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY l \"l\">]><a/><b/>", "<a></a><b></b>", None);
    check("<a><b></a>", "<a><b></a>", Some(("cut short: the file ends inside 1 open element", 10)));
    check(
        "<?xml version='1.0'?><a><b><?xml version='1.0'?><a></a>",
        "<a><b><a></a>",
        Some(("cut short: a new document begins before the one in front of it ends", 27)),
    );
    check("<a x='>'>\u{1}</a></b>", "<a x=\">\">\u{1}</a></b>", None);
}

#[test]
fn names_are_known_from_the_inside() {
    let mut names = Names::default();
    for name in ["a", "bc", "d"] {
        names.open(name);
    }
    assert_eq!([names.at(0), names.at(1), names.at(2), names.at(3)], ["d", "bc", "a", ""]);
    names.close();
    assert_eq!((names.at(0), names.depth()), ("bc", 2));
    (0..200).for_each(|_| names.open("x"));
    assert_eq!((names.at(0), names.depth()), ("", 202));
    (0..300).for_each(|_| names.close());
    assert_eq!(names.depth(), 0);
}

#[test]
fn a_bracket_in_an_attribute_is_said() {
    let mut source = Source::new(Box::new(&b"<a x='<'/>"[..]), 1 << 20);
    assert_eq!(read(&mut source, &mut Trace::default()).bracket, Some(6));
}

#[test]
fn a_cut_file_gives_what_was_read() {
    check("<a><b>te", "<a><b>te", Some(("cut short: the file ends inside 2 open elements", 8)));
    check("<a><![CDATA[te", "<a>te", Some(("cut short: the file ends inside 1 open element", 14)));
    check("<a><b x='", "<a>", Some(("cut short: the file ends inside 1 open element", 9)));
}

#[test]
fn depth_costs_no_stack() {
    let deep = "<a>".repeat(100_000);
    let mut source = Source::new(Box::new(std::io::Cursor::new(deep.into_bytes())), 1 << 20);
    assert_eq!(read(&mut source, &mut Trace::default()).open, 100_000);
}
