//! The address, the keys and the instance: from flags, else the environment, else a profile.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs, io};

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::arguments::Connection;

/// A file of another name than `~/.config/pombo/config.toml`.
const CONFIG: &str = "POMBO_CONFIG";
const PROFILE: &str = "POMBO_PROFILE";
/// The profile without `--profile`.
const DEFAULT: &str = "default";

/// What a call needs beside its arguments.
pub struct Settings {
    url: Option<String>,
    key: Option<SecretString>,
    admin_key: Option<SecretString>,
    instance: Option<String>,
}

/// A table of the file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    url: Option<String>,
    key: Option<String>,
    admin_key: Option<String>,
    instance: Option<String>,
}

/// Whose key a call is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A customer's API key.
    Customer,
    /// The deployment's admin key.
    Admin,
}

/// A setting that is missing or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// No place has it.
    #[error("{0} is missing: pass {1}, set {2}, or put `{3}` into a profile of {4}")]
    Missing(&'static str, &'static str, &'static str, &'static str, String),
    /// The address is none.
    #[error("`{0}` is not the address of an API: it starts with http:// or https://")]
    Url(String),
    /// The file is there and cannot be read.
    #[error("cannot read {0}: {1}")]
    Unreadable(String, io::Error),
    /// The file is not as it should be.
    #[error("{0} is not a file of profiles: {1}")]
    Invalid(String, Box<toml::de::Error>),
    /// The file has no such profile.
    #[error("there is no profile `{0}` in {1}")]
    NoProfile(String, String),
}

impl Settings {
    /// Collects the settings: a flag wins over the environment, and the environment over the profile.
    pub fn find(flags: &Connection) -> Result<Self, SettingsError> {
        let profile = profile(flags.profile.clone().or_else(|| variable(PROFILE)))?;
        let secret = |name, stored: Option<String>| variable(name).or(stored).map(SecretString::from);
        Ok(Self {
            url: flags.url.clone().or_else(|| variable("POMBO_URL")).or(profile.url),
            key: flags.key.clone().or_else(|| secret("POMBO_API_KEY", profile.key)),
            admin_key: flags.admin_key.clone().or_else(|| secret("POMBO_ADMIN_KEY", profile.admin_key)),
            instance: variable("POMBO_INSTANCE").or(profile.instance),
        })
    }

    /// The address of the API, without `/v1`.
    pub fn url(&self) -> Result<Url, SettingsError> {
        let missing = || missing("the address of the API", "--url", "POMBO_URL", "url");
        let text = self.url.as_deref().ok_or_else(missing)?;
        let base = text.trim_end_matches('/');
        let url = Url::parse(base.strip_suffix("/v1").unwrap_or(base)).ok();
        url.filter(|url| matches!(url.scheme(), "http" | "https")).ok_or_else(|| SettingsError::Url(text.to_owned()))
    }

    /// The key of that kind.
    pub fn key(&self, kind: Key) -> Result<&SecretString, SettingsError> {
        match kind {
            Key::Customer => self.key.as_ref().ok_or_else(|| missing("the API key", "--key", "POMBO_API_KEY", "key")),
            Key::Admin => self
                .admin_key
                .as_ref()
                .ok_or_else(|| missing("the admin key", "--admin-key", "POMBO_ADMIN_KEY", "admin_key")),
        }
    }

    /// The instance that a command is about, unless it names one itself.
    pub fn instance(&self, named: Option<&String>) -> Result<String, SettingsError> {
        let missing = || missing("the instance", "--instance", "POMBO_INSTANCE", "instance");
        named.or(self.instance.as_ref()).cloned().ok_or_else(missing)
    }
}

fn missing(what: &'static str, flag: &'static str, variable: &'static str, field: &'static str) -> SettingsError {
    SettingsError::Missing(what, flag, variable, field, file().display().to_string())
}

/// A profile of the file. Without a file, the default one is empty.
fn profile(name: Option<String>) -> Result<Profile, SettingsError> {
    let file = file();
    let shown = file.display().to_string();
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(SettingsError::Unreadable(shown, error)),
    };
    let mut profiles: BTreeMap<String, Profile> =
        toml::from_str(&text).map_err(|error| SettingsError::Invalid(shown.clone(), Box::new(error)))?;
    match (profiles.remove(name.as_deref().unwrap_or(DEFAULT)), name) {
        (Some(profile), _) => Ok(profile),
        (None, None) => Ok(Profile::default()),
        (None, Some(name)) => Err(SettingsError::NoProfile(name, shown)),
    }
}

fn file() -> PathBuf {
    let folder = || match variable("XDG_CONFIG_HOME") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(variable("HOME").unwrap_or_default()).join(".config"),
    };
    variable(CONFIG).map_or_else(|| folder().join("pombo/config.toml"), PathBuf::from)
}

/// A variable of the environment; an empty one is not there.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
