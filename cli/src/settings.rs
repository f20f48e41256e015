//! The address, the keys and the instance: from flags, else the environment, else a profile. A profile that a flag names is taken
//! instead of the environment, which may have the address or the keys of another deployment.

use secrecy::SecretString;
use url::Url;

use crate::arguments::Connection;
use crate::profiles::{self, ProfileError, profile, variable};

const PROFILE: &str = "POMBO_PROFILE";

/// What a call needs beside its arguments.
pub struct Settings {
    /// The address, and what has it.
    url: Option<(String, &'static str)>,
    key: Option<SecretString>,
    admin_key: Option<SecretString>,
    instance: Option<String>,
    /// The profile that a flag names.
    named: Option<String>,
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
    #[error("{0} is missing: {1}")]
    Missing(&'static str, String),
    /// The address is none. It is not shown: it may be a key in a wrong place.
    #[error("{0} is not the address of an API: it starts with http:// or https://")]
    Url(&'static str),
    /// The file of profiles.
    #[error(transparent)]
    Profile(#[from] ProfileError),
}

impl Settings {
    /// Collects the settings.
    pub fn find(flags: &Connection) -> Result<Self, SettingsError> {
        let named = flags.profile.clone();
        let environment = |name| if named.is_some() { None } else { variable(name) };
        let profile = profile(named.clone().or_else(|| variable(PROFILE)))?;
        let secret = |name, stored: Option<String>| environment(name).or(stored).map(SecretString::from);
        let flag = flags.url.clone().map(|url| (url, "--url"));
        let variable = || environment("POMBO_URL").map(|url| (url, "POMBO_URL"));
        Ok(Self {
            url: flag.or_else(variable).or_else(|| profile.url.map(|url| (url, "`url` of the profile"))),
            key: flags.key.clone().or_else(|| secret("POMBO_API_KEY", profile.key)),
            admin_key: flags.admin_key.clone().or_else(|| secret("POMBO_ADMIN_KEY", profile.admin_key)),
            instance: environment("POMBO_INSTANCE").or(profile.instance),
            named,
        })
    }

    /// The address of the API, without `/v1`.
    pub fn url(&self) -> Result<Url, SettingsError> {
        let missing = || self.missing("the address of the API", "pass --url", "POMBO_URL", "url");
        let (text, place) = self.url.as_ref().ok_or_else(missing)?;
        let base = text.trim_end_matches('/');
        let url = Url::parse(base.strip_suffix("/v1").unwrap_or(base)).ok();
        url.filter(|url| matches!(url.scheme(), "http" | "https")).ok_or(SettingsError::Url(place))
    }

    /// The key of that kind.
    pub fn key(&self, kind: Key) -> Result<&SecretString, SettingsError> {
        match kind {
            Key::Customer => {
                self.key.as_ref().ok_or_else(|| self.missing("the API key", "pass --key", "POMBO_API_KEY", "key"))
            }
            Key::Admin => {
                let missing = || self.missing("the admin key", "pass --admin-key", "POMBO_ADMIN_KEY", "admin_key");
                self.admin_key.as_ref().ok_or_else(missing)
            }
        }
    }

    /// The instance that a command is about, unless it names one itself, as `how` says.
    pub fn instance(&self, named: Option<&String>, how: &'static str) -> Result<String, SettingsError> {
        let missing = || self.missing("the instance", how, "POMBO_INSTANCE", "instance");
        named.or(self.instance.as_ref()).cloned().ok_or_else(missing)
    }

    fn missing(&self, what: &'static str, how: &str, variable: &str, field: &str) -> SettingsError {
        let file = profiles::file().display().to_string();
        let places = match &self.named {
            Some(profile) => format!("{how}, or put `{field}` into the profile `{profile}` of {file}"),
            None => format!("{how}, set {variable}, or put `{field}` into a profile of {file}"),
        };
        SettingsError::Missing(what, places)
    }
}
