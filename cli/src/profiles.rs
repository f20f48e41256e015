//! The file of profiles. It has secrets, so that no error quotes what stands in it: it names the line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use serde::Deserialize;

/// A file of another name than `~/.config/pombo/config.toml`.
const CONFIG: &str = "POMBO_CONFIG";
/// The profile without `--profile` and `POMBO_PROFILE`.
const DEFAULT: &str = "default";

/// A table of the file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub url: Option<String>,
    pub key: Option<String>,
    pub admin_key: Option<String>,
    pub instance: Option<String>,
}

/// A file or a profile that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The file is there and cannot be read.
    #[error("cannot read {0}: {1}")]
    Unreadable(String, io::Error),
    /// The file is not as it should be, at a line.
    #[error("{0}, line {1}: {2}")]
    Invalid(String, usize, String),
    /// The file has no such profile.
    #[error("there is no profile `{0}` in {1}")]
    NoProfile(String, String),
}

/// A profile of the file. Without a file, the default one is empty.
pub fn profile(name: Option<String>) -> Result<Profile, ProfileError> {
    let file = file();
    let shown = file.display().to_string();
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(ProfileError::Unreadable(shown, error)),
    };
    let mut profiles = parse(&text).map_err(|(line, problem)| ProfileError::Invalid(shown.clone(), line, problem))?;
    match (profiles.remove(name.as_deref().unwrap_or(DEFAULT)), name) {
        (Some(profile), _) => Ok(profile),
        (None, None) => Ok(Profile::default()),
        (None, Some(name)) => Err(ProfileError::NoProfile(name, shown)),
    }
}

/// The profiles by their names, or the line that is wrong and why. What TOML's parser says of the syntax quotes nothing, unlike what
/// serde says of a field and its value.
fn parse(text: &str) -> Result<BTreeMap<String, Profile>, (usize, String)> {
    let line = |error: &toml::de::Error| {
        let start = error.span().map_or(0, |span| span.start);
        text.bytes().take(start).filter(|&byte| byte == b'\n').count() + 1
    };
    toml::from_str::<toml::Table>(text).map_err(|error| (line(&error), format!("no TOML: {}", error.message())))?;
    let fields = "a profile is a table such as [default], and has `url`, `key`, `admin_key` and `instance`, each a text in quotes";
    toml::from_str(text).map_err(|error| (line(&error), fields.to_owned()))
}

/// Where the file is.
pub fn file() -> PathBuf {
    let folder = || match variable("XDG_CONFIG_HOME") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(&variable("HOME").unwrap_or_default()).join(".config"),
    };
    variable(CONFIG).map_or_else(|| folder().join("pombo/config.toml"), PathBuf::from)
}

/// A variable of the environment; an empty one is not there.
pub fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_in_the_file_is_named_by_its_line_and_no_key_is_quoted() {
        let key = "pombo_0123456789abcdef";
        let mistakes = [
            (2, format!("[default]\nkey = {key}\n")),
            (2, format!("[default]\nkey = \"{key}\n")),
            (3, format!("[default]\nkey = \"a\"\nkey = \"{key}\"\n")),
            (2, format!("[default]\nkey: \"{key}\"\n")),
            (2, format!("[default]\n{key}\n")),
            (2, format!("[default]\nkey = \"{key}\" {key}\n")),
            (3, format!("[default]\nurl = \"http://127.0.0.1\"\napi_key = \"{key}\"\n")),
            (2, format!("[default]\n{key} = \"key\"\n")),
            (2, format!("[default]\nkey = [\"{key}\"]\n")),
            (2, format!("[default]\nkey.{key} = \"key\"\n")),
            (1, format!("key = \"{key}\"\n")),
            (4, "[default]\n\n\nkey = 12345678\n".to_owned()),
        ];
        for (line, text) in mistakes {
            let (found, problem) = parse(&text).err().unwrap_or_else(|| panic!("{text:?} is accepted"));
            assert_eq!(found, line, "{text:?}: {problem}");
            assert!(!problem.contains(key) && !problem.contains("12345678"), "{text:?}: {problem}");
        }
        assert!(parse("[default]\nkey = \"a\"\n").is_ok_and(|profiles| profiles.contains_key("default")));
    }
}
