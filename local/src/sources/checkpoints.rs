//! How far each function has read each stream. With a file, a stack that is started again goes on from there.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The last sequence number up to which everything is done, by stream reader.
#[derive(Debug, Default)]
pub struct Checkpoints {
    file: Option<PathBuf>,
    reached: Mutex<HashMap<String, String>>,
    /// The readers with records that are read and not done.
    behind: Mutex<BTreeSet<String>>,
}

impl Checkpoints {
    /// Checkpoints that are kept in a file, or not at all.
    pub fn open(file: Option<PathBuf>) -> io::Result<Self> {
        let text = file.as_ref().filter(|file| file.exists()).map(std::fs::read_to_string).transpose()?;
        let reached = text.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default();
        Ok(Self { file, reached: Mutex::new(reached), behind: Mutex::default() })
    }

    /// Where a reader goes on after.
    pub fn get(&self, reader: &str) -> Option<String> {
        self.lock().get(reader).cloned()
    }

    /// Everything up to this sequence number is done.
    pub fn set(&self, reader: &str, sequence: &str) {
        let mut reached = self.lock();
        if reached.get(reader).is_some_and(|known| known == sequence) {
            return;
        }
        reached.insert(reader.to_owned(), sequence.to_owned());
        let Some(file) = &self.file else { return };
        let fresh = file.with_extension("next");
        let text = serde_json::to_string(&*reached).unwrap_or_default();
        if let Err(error) = std::fs::write(&fresh, text).and_then(|()| std::fs::rename(&fresh, file)) {
            eprintln!("{} can't be written: {error}", file.display());
        }
    }

    /// Whether a reader has records that are read and not done.
    pub fn note_behind(&self, reader: &str, is_behind: bool) {
        let mut behind = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        if is_behind {
            behind.insert(reader.to_owned());
        } else {
            behind.remove(reader);
        }
    }

    /// The readers with records that are read and not done: at work, or waiting to try again.
    pub fn behind(&self) -> BTreeSet<String> {
        self.behind.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.reached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
