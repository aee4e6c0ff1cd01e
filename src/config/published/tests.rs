use super::*;
use crate::config::common::COMMON;
use crate::config::{File, Sources, Trust, resolve};
use crate::inputs::Inputs;

/// Hands on the whole catalogue.
fn with_catalogue<T>(use_catalogue: impl FnOnce(&Catalogue) -> T) -> T {
    let jobs = crate::plan::catalogue();
    use_catalogue(&Catalogue { common: COMMON, jobs: &jobs })
}

/// Compares a committed file with what the tables give; writes it anew if asked to.
#[expect(clippy::disallowed_methods, reason = "a test of committed files has no Host")]
fn check(path: &str, wanted: impl FnOnce(&str) -> Option<String>) {
    let whole = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    let found = std::fs::read_to_string(&whole).unwrap_or_default().replace("\r\n", "\n");
    let Some(wanted) = wanted(&found) else { return };
    if std::env::var("WAYBILL_UPDATE").is_ok_and(|value| value == "1") {
        std::fs::write(&whole, wanted).unwrap();
    } else {
        assert!(found == wanted, "{path} is not what the tables give; run the tests with WAYBILL_UPDATE=1");
    }
}

#[test]
fn what_is_committed_is_what_the_tables_give() {
    with_catalogue(|catalogue| {
        check("action.yml", |_| Some(action(catalogue)));
        check("schema/waybill.schema.json", |_| Some(format!("{:#}\n", schema(catalogue))));
        check("docs/settings.md", |_| Some(settings_page(catalogue)));
        // The README is written by hand but for what stands between its marks.
        check("README.md", |text| fill(text, "inputs", &inputs_table(catalogue)));
        check("README.md", |text| fill(text, "outputs", &outputs_table()));
    });
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test of committed files has no Host")]
fn the_examples_configuration_has_no_problem() {
    let text = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/shop/.github/waybill.yml")).unwrap();
    let file = File::read(".github/waybill.yml", &text);
    for environment in ENVIRONMENTS {
        let variables =
            [("INPUT_JOB-TYPE", "lint"), ("INPUT_ENVIRONMENT", environment)].map(|(a, b)| (a.to_owned(), b.to_owned()));
        let variables = variables.into();
        let inputs = Inputs::read(&variables);
        let result = with_catalogue(|catalogue| {
            let trust = Trust::Own;
            resolve(
                &Sources { inputs: &inputs, file: Some(&file), environment: &variables, trust, catalogue },
                &["run"],
            )
        });
        assert_eq!(result.map(|resolved| resolved.warnings), Ok(Vec::new()), "{environment}");
    }
}

#[test]
fn the_tables_are_sound() {
    assert_eq!(with_catalogue(faults), [] as [String; 0]);
    for (index, (name, about)) in OUTPUTS.iter().enumerate() {
        assert!(OUTPUTS[..index].iter().all(|(other, _)| other != name), "{name}");
        assert!(!about.is_empty() && !about.ends_with('.'), "{name}");
    }
}

#[test]
fn faults_are_found() {
    const fn bad(name: &'static str, kind: Kind, default: Option<&'static str>, about: &'static str) -> Setting {
        Setting { name, kind, source: Source::Anywhere, default, about }
    }
    static BAD: [Setting; 4] = [
        bad("Bad_name", Kind::Text, None, "x"),
        bad("lint", Kind::Text, None, "x."),
        bad("a-api-url", Kind::Duration, Some("5"), "x"),
        bad("timeout", Kind::Text, None, "x"),
    ];
    let own: Vec<&'static Setting> = BAD.iter().collect();
    let jobs = [("lint", own.as_slice())];
    assert_eq!(
        faults(&Catalogue { common: COMMON, jobs: &jobs }),
        [
            "timeout: `lint` has another `timeout`",
            "Bad_name: the name is not in kebab-case",
            "lint: the name is a job type's",
            "lint: its meaning is a phrase without a full stop",
            "a-api-url: where secrets are sent is an input only",
            "a-api-url: its default is not of its kind",
        ]
    );
}

#[test]
fn only_what_stands_between_the_marks_is_replaced() {
    let text = "a\n<!-- begin x -->\nold\n<!-- end x -->\nb\n";
    let filled = fill(text, "x", "new\n").unwrap();
    assert_eq!(filled, "a\n<!-- begin x -->\n\nnew\n\n<!-- end x -->\nb\n");
    assert_eq!(fill(&filled, "x", "new\n").as_ref(), Some(&filled));
    assert_eq!((fill(text, "y", ""), fill("<!-- begin x -->\n", "x", "")), (None, None));
}
