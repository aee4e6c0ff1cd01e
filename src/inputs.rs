//! The action's inputs, as the runner hands them over: `INPUT_` and the name in
//! capitals, dashes kept (GitHub's metadata syntax, `inputs`).

use std::collections::BTreeMap;

/// The inputs that were given, trimmed. An empty one counts as not given, since
/// the runner passes every declared input.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Inputs {
    values: BTreeMap<String, String>,
}

impl Inputs {
    /// Takes the inputs out of the environment.
    pub fn read(environment: &BTreeMap<String, String>) -> Self {
        let mut values = BTreeMap::new();
        for (variable, value) in environment {
            if let Some(name) = variable.strip_prefix("INPUT_")
                && !value.trim().is_empty()
            {
                values.insert(name.to_ascii_lowercase(), value.trim().to_owned());
            }
        }
        Inputs { values }
    }

    /// The value of an input. Its name may also have come with `_` for `-`, as
    /// from a shell, which cannot export a name with a dash.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.values.get(name).or_else(|| self.values.get(&name.replace('-', "_")));
        value.map(String::as_str)
    }

    /// The names as they came, in lower case, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }
}

impl std::fmt::Debug for Inputs {
    /// Names the inputs without their values, which may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_trimmed_and_empty_ones_not_given() {
        let environment = [
            ("INPUT_JOB-TYPE", " lint\n"),
            ("INPUT_BACKEND_URL", "https://a"),
            ("INPUT_RUN", "  "),
            ("INPUT_PATH", "a\n b"),
            ("PATH", "/bin"),
        ];
        let inputs = Inputs::read(&environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        let get = |name| inputs.get(name);
        assert_eq!((get("job-type"), get("backend-url"), get("run")), (Some("lint"), Some("https://a"), None));
        assert_eq!(get("path"), Some("a\n b"));
        assert_eq!(format!("{inputs:?}"), r#"{"backend_url", "job-type", "path"}"#);
    }
}
