use super::*;
use proptest::prelude::*;

fn source(text: &str) -> Source {
    Source::new(Box::new(std::io::Cursor::new(text.as_bytes().to_vec())), 1 << 24)
}

/// Rebuilds a value through the streaming calls alone.
fn rebuild(json: &mut Json) -> Value {
    match json.peek() {
        Next::Object => {
            let mut map = serde_json::Map::new();
            json.object(&mut |json, key| {
                map.insert(key.to_owned(), rebuild(json));
            });
            map.into()
        }
        Next::Array => {
            let mut list = Vec::new();
            json.array(&mut |json| list.push(rebuild(json)));
            list.into()
        }
        Next::Text => json.text().into(),
        Next::Number => json.number().into(),
        Next::Boolean => json.boolean().into(),
        Next::Null | Next::Nothing => Value::Null,
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(|number| f64::from(number).into()),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #[test]
    fn streaming_gives_what_serde_gives(value in any_json(), pretty: bool) {
        let value = Value::from(vec![value]);
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let text = text.unwrap_or_default();
        prop_assert_eq!(rebuild(&mut Json::new(&mut source(&text))), value.clone());
        prop_assert_eq!(Json::new(&mut source(&text)).value(), Some(value));
    }

    #[test]
    fn any_text_is_survived(text in "[\\[\\]{}\",:\\\\u0a \n-]{0,60}") {
        let mut source = source(&text);
        let mut json = Json::new(&mut source);
        loop {
            rebuild(&mut json);
            if !json.next_document() {
                break;
            }
        }
    }
}

fn check_broken(text: &str, message: &str, offset: u64) {
    let mut source = source(text);
    let mut json = Json::new(&mut source);
    rebuild(&mut json);
    assert_eq!(json.broken, Some((message.to_owned(), offset)), "{text}");
}

#[test]
fn what_is_wrong_is_said_with_its_byte() {
    check_broken("[1, {\"a\"", "cut short: the file ends inside its JSON", 8);
    check_broken("[1, {\"a\": \"b", "cut short: the file ends inside its JSON", 12);
    check_broken("[{\"a\" 1}]", "not valid JSON, the rest is not read: wanted `:`, found `1`", 6);
    check_broken("[{\"a\": ?}]", "not valid JSON, the rest is not read: wanted a value, found `?`", 7);
}

#[test]
fn what_is_not_taken_is_skipped() {
    let text = "log {\n[INFO] log\n{ x }\n[12:30] log\n{\"skip\": [{\"x\": \"]\\\"\"}, 1], \"a\": 1, \"b\": 7} tail\n[warn] x\n[\"next\"]";
    let mut source = source(text);
    let mut json = Json::new(&mut source);
    let (mut a, mut b) = (None, None);
    json.object(&mut |json, key| match key {
        "a" => a = json.text(),
        "b" => b = json.place(),
        _ => {}
    });
    assert_eq!((a, b), (None, Some(7)));
    assert!(json.next_document());
    assert_eq!(json.value(), Some(serde_json::json!(["next"])));
    assert!(!json.next_document());
}

#[test]
fn depth_costs_no_stack() {
    let deep = "[".repeat(500_000);
    let mut source = source(&deep);
    let mut json = Json::new(&mut source);
    rebuild(&mut json);
    assert!(json.broken.is_some());
    let strings = serde_json::to_string(&["\u{1F600}\u{20AC}\"\\".repeat(100_000)]).unwrap_or_default();
    assert_eq!(
        Json::new(&mut self::source(&strings)).value().map(|value| value[0].as_str().map(str::len)),
        Some(Some(900_000))
    );
}
