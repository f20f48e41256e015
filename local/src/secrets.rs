//! Secrets Manager on this machine: what the template says or has generated, kept beside the tables if they are kept.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde_json::Value;

use crate::template::Secret;

/// How a variable of the template names a secret.
const REFERENCE: &str = "{{resolve:secretsmanager:";
/// What stands between a secret and one of its members.
const MEMBER: &str = ":SecretString:";

/// The secrets' texts by ARN.
#[derive(Debug)]
pub struct Secrets(BTreeMap<String, String>);

impl Secrets {
    /// The template's secrets. Generated ones are read from the file, if there is one, so that what they sealed still
    /// opens after a restart.
    pub fn open(secrets: &[Secret], file: Option<&Path>) -> io::Result<Self> {
        let text = file.filter(|file| file.exists()).map(std::fs::read_to_string).transpose()?;
        let mut known: BTreeMap<String, String> =
            text.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default();
        for secret in secrets {
            match &secret.text {
                Some(text) => drop(known.insert(secret.arn.clone(), text.clone())),
                None => drop(known.entry(secret.arn.clone()).or_insert_with(|| generate(secret.length))),
            }
        }
        if let Some(file) = file {
            write_private(file, &serde_json::to_string(&known)?)?;
        }
        Ok(Self(known))
    }

    /// A secret by the end of its ARN, which is its logical id.
    pub fn text(&self, id: &str) -> Option<&str> {
        self.0.iter().find(|(arn, _)| arn.ends_with(&format!(":{id}"))).map(|(_, text)| text.as_str())
    }

    /// A variable's value with the secret that it names in its place.
    pub fn resolve(&self, value: &str) -> Result<String, String> {
        let Some((before, rest)) = value.split_once(REFERENCE) else {
            return Ok(value.to_owned());
        };
        let unknown = || format!("{value} names no secret of the template");
        let (name, after) = rest.split_once("}}").ok_or_else(unknown)?;
        let (arn, member) = name.split_once(MEMBER).map_or((name, None), |(arn, member)| (arn, Some(member)));
        let text = self.0.get(arn).ok_or_else(unknown)?;
        let text = match member {
            None => text.clone(),
            Some(member) => {
                let json: Value = serde_json::from_str(text).map_err(|_| unknown())?;
                json[member].as_str().ok_or_else(unknown)?.to_owned()
            }
        };
        Ok(format!("{before}{text}{}", self.resolve(after)?))
    }
}

/// Letters and digits, as Secrets Manager makes them without punctuation.
fn generate(length: usize) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    // Bytes at or above the greatest multiple would make the first letters likelier.
    let fair = (256 / LETTERS.len()) * LETTERS.len();
    let bytes = std::iter::repeat_with(|| usize::from(shared::ids::random::<1>()[0])).filter(|byte| *byte < fair);
    bytes.take(length).map(|byte| char::from(LETTERS[byte % LETTERS.len()])).collect()
}

/// Writes a file that only its owner may read.
pub fn write_private(file: &Path, text: &str) -> io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(id: &str, text: Option<&str>) -> Secret {
        Secret { arn: format!("arn:aws:secretsmanager:r:0:secret:{id}"), text: text.map(str::to_owned), length: 64 }
    }

    #[test]
    fn a_variable_gets_the_secret_that_it_names() {
        let secrets = [secret("Keys", None), secret("App", Some(r#"{"appSecret":"s3cret"}"#))];
        let secrets = Secrets::open(&secrets, None).expect("no file");
        let keys = secrets.resolve("{{resolve:secretsmanager:arn:aws:secretsmanager:r:0:secret:Keys}}").expect("Keys");
        assert_eq!((keys.len(), Some(keys.as_str())), (64, secrets.text("Keys")));
        let member = "{{resolve:secretsmanager:arn:aws:secretsmanager:r:0:secret:App:SecretString:appSecret}}";
        assert_eq!(secrets.resolve(member).as_deref(), Ok("s3cret"));
        assert_eq!(secrets.resolve("plain").as_deref(), Ok("plain"));
        assert!(secrets.resolve("{{resolve:secretsmanager:arn:nobody}}").is_err());
    }

    #[test]
    fn a_generated_secret_is_the_same_after_a_restart() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("secrets.json");
        let open = || Secrets::open(&[secret("Keys", None)], Some(&file)).expect("a file");
        let first = open().text("Keys").map(str::to_owned);
        assert!(first.is_some());
        assert_eq!(open().text("Keys").map(str::to_owned), first);
    }
}
