//! The template's secrets: fixed or generated, stored with the tables if those are kept, and changed at run time as an operator
//! does.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use shared::mutex::lock;

use super::template::Secret;
use crate::clock::Clock;
use crate::files::write_private;

/// The value of a secret.
#[derive(Clone, Debug)]
pub struct Value {
    /// The text.
    pub text: String,
    /// When it was last changed, in milliseconds since the Unix epoch.
    pub changed_at: i64,
}

/// The secrets of a stack.
#[derive(Debug)]
pub struct Secrets {
    clock: Clock,
    file: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// By ARN.
    values: BTreeMap<String, Value>,
    /// How often each function has read each secret, by the names of both.
    reads: BTreeMap<(String, String), usize>,
    /// The functions whose reads fail.
    refused: BTreeSet<String>,
    /// The functions that get values of an earlier time.
    behind: BTreeMap<String, BTreeMap<String, Value>>,
}

impl Secrets {
    /// Opens the template's secrets. Generated ones are read from the file, if there is one, so that data encrypted with
    /// them can still be decrypted after a restart; `fixed` are values by logical id.
    pub fn open(
        secrets: &[Secret],
        fixed: &BTreeMap<String, String>,
        file: Option<PathBuf>,
        clock: &Clock,
    ) -> io::Result<Self> {
        let text = file.as_ref().filter(|file| file.exists()).map(std::fs::read_to_string).transpose()?;
        let mut known: BTreeMap<String, String> =
            text.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default();
        for secret in secrets {
            match fixed.get(id(&secret.arn)).or(secret.text.as_ref()) {
                Some(text) => drop(known.insert(secret.arn.clone(), text.clone())),
                None => drop(known.entry(secret.arn.clone()).or_insert_with(|| generate(secret.length))),
            }
        }
        let changed_at = clock.now();
        let values = known.into_iter().map(|(arn, text)| (arn, Value { text, changed_at })).collect();
        let opened = Self { clock: clock.clone(), file, state: Mutex::new(State { values, ..State::default() }) };
        opened.store()?;
        Ok(opened)
    }

    /// The text of a secret, by its logical id.
    pub fn text(&self, secret: &str) -> Option<String> {
        self.lock().values.iter().find(|(arn, _)| id(arn) == secret).map(|(_, value)| value.text.clone())
    }

    /// The value of a secret, as a function gets it.
    pub fn value(&self, function: &str, arn: &str) -> Option<Value> {
        let state = self.lock();
        state.behind.get(function).unwrap_or(&state.values).get(arn).cloned()
    }

    /// Changes a secret, by its logical id.
    pub fn put(&self, secret: &str, text: &str) -> io::Result<()> {
        let changed_at = self.clock.now();
        for (_, value) in self.lock().values.iter_mut().filter(|(arn, _)| id(arn) == secret) {
            *value = Value { text: text.to_owned(), changed_at };
        }
        self.store()
    }

    /// Has all reads of these functions fail from now on.
    pub fn refuse(&self, functions: &[&str]) {
        self.lock().refused = functions.iter().map(|name| (*name).to_owned()).collect();
    }

    /// Has a function get the present values from now on, as processes do that do not read again; with `None` all functions get
    /// the latest values.
    pub fn keep_behind(&self, function: Option<&str>) {
        let mut state = self.lock();
        state.behind = function.map(|function| (function.to_owned(), state.values.clone())).into_iter().collect();
    }

    /// How often each function has read each secret, by the names of both.
    pub fn reads(&self) -> BTreeMap<(String, String), usize> {
        self.lock().reads.clone()
    }

    /// Counts a read. `false` when it has to fail.
    pub fn note_read(&self, function: &str, arn: &str) -> bool {
        let mut state = self.lock();
        *state.reads.entry((function.to_owned(), id(arn).to_owned())).or_default() += 1;
        !state.refused.contains(function)
    }

    fn store(&self) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let texts: BTreeMap<String, String> =
            self.lock().values.iter().map(|(arn, value)| (arn.clone(), value.text.clone())).collect();
        write_private(Path::new(file), &serde_json::to_string(&texts)?)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

/// The logical id in an ARN.
fn id(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
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

    fn open(text: Option<&str>, file: Option<PathBuf>) -> Secrets {
        let arn = "arn:aws:secretsmanager:r:0:secret:Keys".to_owned();
        let clock = Clock::new();
        let secret = Secret { arn, text: text.map(str::to_owned), length: 64 };
        Secrets::open(&[secret], &BTreeMap::new(), file, &clock).expect("secrets")
    }

    #[test]
    fn a_secret_has_the_template_s_value_or_a_generated_one() {
        assert_eq!(open(Some("s3cret"), None).text("Keys").as_deref(), Some("s3cret"));
        assert_eq!(open(None, None).text("Keys").map(|text| text.len()), Some(64));
        assert_eq!(open(None, None).text("Others"), None);
    }

    #[test]
    fn a_generated_secret_is_the_same_after_a_restart_and_a_changed_one_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = Some(folder.path().join("secrets.json"));
        let first = open(None, file.clone());
        assert_eq!(open(None, file.clone()).text("Keys"), first.text("Keys"));
        first.put("Keys", "another").expect("a file");
        assert_eq!(open(None, file).text("Keys").as_deref(), Some("another"));
    }
}
