//! Secrets Manager: the template's secrets, fixed or generated, and stored with the tables if those are kept.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde_json::Value;

use super::template::Secret;
use crate::files::write_private;

/// The start of a dynamic reference to a secret.
const REFERENCE: &str = "{{resolve:secretsmanager:";
/// What separates the secret from a JSON key in a reference.
const MEMBER: &str = ":SecretString:";

/// The values of the secrets by ARN.
#[derive(Debug)]
pub struct Secrets(BTreeMap<String, String>);

impl Secrets {
    /// Opens the template's secrets. Generated ones are read from the file, if there is one, so that data encrypted with
    /// them can still be decrypted after a restart.
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

    /// The value of a secret, by its logical id.
    pub fn text(&self, id: &str) -> Option<&str> {
        self.0.iter().find(|(arn, _)| arn.ends_with(&format!(":{id}"))).map(|(_, text)| text.as_str())
    }

    /// Replaces references to secrets in a variable's value.
    pub fn resolve(&self, value: &str) -> Result<String, String> {
        let Some((before, rest)) = value.split_once(REFERENCE) else {
            return Ok(value.to_owned());
        };
        let unknown = || format!("{value} does not name a secret of the template");
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

/// Generates a secret of letters and digits, as Secrets Manager does with `ExcludePunctuation`.
fn generate(length: usize) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    // Rejects bytes that would make some letters likelier than others.
    let fair = (256 / LETTERS.len()) * LETTERS.len();
    let bytes = std::iter::repeat_with(|| usize::from(shared::ids::random::<1>()[0])).filter(|byte| *byte < fair);
    bytes.take(length).map(|byte| char::from(LETTERS[byte % LETTERS.len()])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(id: &str, text: Option<&str>) -> Secret {
        Secret { arn: format!("arn:aws:secretsmanager:r:0:secret:{id}"), text: text.map(str::to_owned), length: 64 }
    }

    #[test]
    fn a_reference_is_replaced_by_the_secret_that_it_names() {
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
