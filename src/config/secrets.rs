//! Secrets among inputs and file: found before anything is checked or printed,
//! so that they can be masked, and refused where they stand literally.

use super::setting::Kind;
use super::value::Complaint;
use super::variables::{self, Written, written};
use super::yaml::{At, Content, Node};
use super::{Sources, Trust};
use crate::codes;
use crate::model::forms::{self, Wrong};
use crate::secret::Secret;

/// The shortest password inside a URL that is worth a mask, in characters: a
/// shorter one would hide ordinary words all over the log.
const SHORTEST_PIECE: usize = 8;

/// Every secret that can be known now, with the passwords inside URLs: to be
/// masked before the first line is printed. Never fails, whatever is wrong with
/// inputs and file.
pub fn secrets(sources: &Sources) -> Vec<Secret> {
    let mut found = Vec::new();
    let settings = sources.catalogue.all();
    for setting in &settings {
        if let Some(value) = sources.inputs.get(setting.name) {
            collect(setting.kind, value, &mut found);
        }
    }
    if let Some(file) = sources.file {
        let kind = |name: &str| settings.iter().find(|setting| setting.name == name).map(|setting| setting.kind);
        // The same walk for a broken file: any key of this name, wherever it stands.
        let mut waiting = vec![file.root()];
        while let Some(node) = waiting.pop() {
            match &node.content {
                Content::Scalar(..) => {}
                Content::List(items) => waiting.extend(items),
                Content::Map(pairs) => {
                    for (key, node) in pairs {
                        match (&node.content, kind(&key.text)) {
                            (Content::Scalar(text, _), Some(kind)) => from_file(sources, kind, text.trim(), &mut found),
                            _ => waiting.push(node),
                        }
                    }
                }
            }
        }
    }
    found
}

/// Adds the secrets of a scalar of the file.
fn from_file(sources: &Sources, kind: Kind, text: &str, found: &mut Vec<Secret>) {
    match written(text) {
        Written::Variable(name) if kind.takes_variable() => {
            if sources.trust == Trust::Own
                && let Ok(value) = variables::value(name, sources.environment)
            {
                collect(kind, value, found);
            }
        }
        _ => collect(kind, text, found),
    }
}

/// Adds a value if it is a secret, and the passwords in it.
fn collect(kind: Kind, value: &str, found: &mut Vec<Secret>) {
    let mut push = |value: &str| {
        let secret = Secret::new(value);
        if !value.is_empty() && !found.contains(&secret) {
            found.push(secret);
        }
    };
    let url = matches!(kind, Kind::HttpUrl(_));
    if kind.is_secret() || (url && forms::has_credentials(value)) {
        push(value);
    }
    if url || matches!(kind, Kind::DatabaseUrl) {
        for piece in forms::url_passwords(value).iter().filter(|piece| piece.chars().count() >= SHORTEST_PIECE) {
            push(piece);
        }
    }
}

/// The variable that a value of the file names; none where it means itself. A
/// literal secret, and a variable where none is read, are complained of.
pub fn reference(kind: Kind, node: &Node) -> Result<Option<&str>, Complaint> {
    let misplaced = |at: Option<At>, under: String| Complaint {
        at,
        under,
        code: &codes::VARIABLE_MISPLACED,
        wrong: Wrong::new("a value that stands in the file", "a variable")
            .hint("only a secret is taken from the environment"),
    };
    match &node.content {
        Content::Scalar(text, _) => scalar_reference(kind, text.trim(), misplaced(None, String::new())),
        Content::List(items) => {
            for (index, item) in items.iter().enumerate() {
                if let Content::Scalar(text, _) = &item.content
                    && matches!(written(text.trim()), Written::Variable(_))
                {
                    return Err(misplaced(Some(item.at), format!("[{index}]")));
                }
            }
            Ok(None)
        }
        Content::Map(_) => Ok(None),
    }
}

/// The same for a scalar.
fn scalar_reference(kind: Kind, text: &str, misplaced: Complaint) -> Result<Option<&str>, Complaint> {
    let complaint = |code, wrong| Complaint { at: None, under: String::new(), code, wrong };
    let wanted = "`${NAME}`, a variable of the step's environment";
    match written(text) {
        Written::Variable(name) if kind.takes_variable() => Ok(Some(name)),
        Written::Variable(_) if !matches!(kind, Kind::Command) => Err(misplaced),
        Written::Mixed if kind.is_secret() && text.starts_with("${{") => {
            let wrong = Wrong::new(wanted, "an expression of GitHub's").hint("it is expanded in a workflow only");
            Err(complaint(&codes::VARIABLE_MISPLACED, wrong))
        }
        Written::Mixed if kind.is_secret() => {
            let wrong =
                Wrong::new(wanted, "something else with a `$` in it").hint("it is the whole value or none of it");
            Err(complaint(&codes::LITERAL_SECRET, wrong))
        }
        _ if kind.is_secret() || (matches!(kind, Kind::HttpUrl(_)) && forms::has_credentials(text)) => {
            let found = if kind.is_secret() { "a literal secret" } else { "a URL with a literal password" };
            let wanted = if kind.takes_variable() { wanted } else { "a URL without user name and password" };
            let wrong = Wrong::new(wanted, found).hint("whoever reads the repository can read it; revoke it");
            Err(complaint(&codes::LITERAL_SECRET, wrong))
        }
        _ => Ok(None),
    }
}
