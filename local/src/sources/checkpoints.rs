//! How far each function has read each stream. With a file, a stack that is started again goes on from there.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The last sequence number up to which everything is done, by stream reader.
#[derive(Debug, Default)]
pub struct Checkpoints {
    file: Option<PathBuf>,
    reached: Mutex<HashMap<String, String>>,
    /// How each reader gets on.
    readings: Mutex<BTreeMap<String, Reading>>,
}

/// How a reader gets on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    /// How often it has asked for records and got none.
    pub idle_polls: usize,
    /// Whether it has records that are not done: at work, or waiting to be tried again.
    pub is_behind: bool,
}

impl Checkpoints {
    /// Checkpoints that are kept in a file, or not at all.
    pub fn open(file: Option<PathBuf>) -> io::Result<Self> {
        let text = file.as_ref().filter(|file| file.exists()).map(std::fs::read_to_string).transpose()?;
        let reached = text.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default();
        Ok(Self { file, reached: Mutex::new(reached), readings: Mutex::default() })
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

    /// A reader has asked for records: whether it got any, and whether any that it has got are not done.
    pub fn note_poll(&self, reader: &str, is_idle: bool, is_behind: bool) {
        let mut readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        let reading = readings.entry(reader.to_owned()).or_default();
        reading.idle_polls += usize::from(is_idle);
        reading.is_behind = is_behind;
    }

    /// How each reader gets on.
    pub fn readings(&self) -> BTreeMap<String, Reading> {
        self.readings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.reached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
