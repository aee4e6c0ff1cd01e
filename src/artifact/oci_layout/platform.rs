//! Platforms: `os/architecture` or `os/architecture/variant`, in Go's words.

use std::fmt;

use super::Found;
use crate::codes;
use crate::model::forms::Wrong;
use crate::problem::Failure;

/// What an image runs on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Platform {
    /// As `linux`.
    pub os: String,
    /// As `amd64`.
    pub architecture: String,
    /// As `v8`; empty where there is none.
    pub variant: String,
    /// Of Windows, its build; empty elsewhere.
    pub os_version: String,
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        if self.variant.is_empty() { Ok(()) } else { write!(f, "/{}", self.variant) }
    }
}

/// Whether a text is a platform, for the setting.
pub fn platform_form(text: &str) -> Result<(), Wrong> {
    match Platform::of(text) {
        Some(_) => Ok(()),
        None => Err(Wrong {
            wanted: "a platform as `linux/amd64` or `linux/arm64/v8`".to_owned(),
            found: format!("`{text}`"),
            hint: None,
        }),
    }
}

impl Platform {
    /// The platform of a text; nothing for a text that is none.
    pub fn of(text: &str) -> Option<Platform> {
        let parts: Vec<&str> = text.split('/').collect();
        let is_word = |part: &&str| {
            part.len() <= 32
                && part.starts_with(|c: char| c.is_ascii_alphanumeric())
                && part.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.'))
        };
        if !(2..=3).contains(&parts.len()) || !parts.iter().all(is_word) {
            return None;
        }
        let part = |at: usize| parts.get(at).copied().unwrap_or_default().to_owned();
        Some(Platform { os: part(0), architecture: part(1), variant: part(2), os_version: String::new() })
    }

    /// The variant, spelled out where the architecture has an ordinary one.
    fn whole_variant(&self) -> &str {
        match (self.architecture.as_str(), self.variant.as_str()) {
            ("arm64", "") => "v8",
            ("arm", "") => "v7",
            ("amd64", "v1") => "",
            (_, variant) => variant,
        }
    }

    /// Whether both are the same platform, however they are written.
    pub fn is_same(&self, other: &Platform) -> bool {
        self.is_family(other) && self.whole_variant() == other.whole_variant() && self.os_version == other.os_version
    }

    fn is_family(&self, other: &Platform) -> bool {
        self.os == other.os && self.architecture == other.architecture
    }

    /// Which of the platforms is this one.
    pub fn choose(&self, platforms: &[&Platform]) -> Found<usize> {
        let matching = |fits: &dyn Fn(&Platform) -> bool| -> Vec<usize> {
            let numbered = platforms.iter().enumerate();
            numbered.filter(|(_, platform)| self.is_family(platform) && fits(platform)).map(|(at, _)| at).collect()
        };
        let mut found = matching(&|platform| platform.whole_variant() == self.whole_variant());
        if found.is_empty() && self.variant.is_empty() {
            found = matching(&|_| true);
        }
        let all = || platforms.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ");
        match found.as_slice() {
            [only] => Ok(*only),
            [] => {
                let message = format!(
                    "wanted an image for `{self}`, found {}",
                    if platforms.is_empty() { "none".to_owned() } else { all() }
                );
                Err(Failure::new(&codes::IMAGE_PLATFORM, message))
            }
            _ => {
                let message = format!("{} images are for `{self}`: {}", found.len(), all());
                Err(Failure::new(&codes::IMAGE_AMBIGUOUS, message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_image_is_chosen() {
        let check = |wanted: &str, platforms: &[&str], expected: Result<usize, &str>| {
            let platforms: Vec<Platform> = platforms.iter().filter_map(|text| Platform::of(text)).collect();
            let wanted = Platform::of(wanted).unwrap();
            let found = wanted.choose(&platforms.iter().collect::<Vec<_>>());
            assert_eq!(found.map_err(|failure| failure.code.id), expected, "{wanted}");
        };
        check("linux/amd64", &["linux/arm64", "linux/amd64"], Ok(1));
        check("linux/arm64", &["linux/arm64/v8"], Ok(0));
        check("linux/arm64/v8", &["linux/arm64"], Ok(0));
        check("linux/arm", &["linux/arm/v6", "linux/arm/v7"], Ok(1));
        check("linux/arm", &["linux/arm/v5", "linux/arm/v6"], Err("WB4517"));
        check("linux/arm/v7", &["linux/arm/v6"], Err("WB4516"));
        check("linux/amd64", &["linux/amd64/v3"], Ok(0));
        check("linux/amd64", &["windows/amd64"], Err("WB4516"));
        check("linux/amd64", &[], Err("WB4516"));
    }

    #[test]
    fn a_platform_has_two_or_three_words() {
        for text in ["linux", "linux/", "linux/amd64/v1/x", "Linux/amd64", "linux/amd 64", "../etc", ""] {
            assert_eq!(Platform::of(text), None, "{text}");
        }
        assert_eq!(Platform::of("linux/arm/v7").unwrap().to_string(), "linux/arm/v7");
    }
}
