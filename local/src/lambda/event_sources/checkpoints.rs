//! Checkpoints: how far each function has processed each stream. With a file, a restarted stack continues from there.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::files;
use shared::mutex::lock;

/// The sequence number up to which every record is processed, by stream reader.
#[derive(Debug, Default)]
pub struct Checkpoints {
    file: Option<PathBuf>,
    processed: Mutex<HashMap<String, String>>,
    progress: Mutex<BTreeMap<String, ReaderProgress>>,
    requested_polls: AtomicUsize,
}

/// The progress of a reader.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReaderProgress {
    /// How many polls returned no records.
    pub idle_polls: usize,
    /// Whether it has records that are not processed: in an invocation, or waiting for a retry.
    pub has_pending_records: bool,
}

impl Checkpoints {
    /// Opens the checkpoints in a file, or in memory.
    pub fn open(file: Option<PathBuf>) -> io::Result<Self> {
        let text = file.as_ref().filter(|file| file.exists()).map(std::fs::read_to_string).transpose()?;
        let processed = text.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default();
        Ok(Self {
            file,
            processed: Mutex::new(processed),
            progress: Mutex::default(),
            requested_polls: AtomicUsize::default(),
        })
    }

    /// The sequence number after which a reader continues.
    pub fn get(&self, reader: &str) -> Option<String> {
        lock(&self.processed).get(reader).cloned()
    }

    /// Has a reader without a checkpoint continue where another one was that has read the same and more.
    pub fn inherit(&self, reader: &str, from: &str) {
        if self.get(reader).is_none()
            && let Some(sequence) = self.get(from)
        {
            self.set(reader, &sequence);
        }
    }

    /// Records that everything up to a sequence number is processed.
    pub fn set(&self, reader: &str, sequence: &str) {
        let mut processed = lock(&self.processed);
        if processed.get(reader).is_some_and(|known| known == sequence) {
            return;
        }
        processed.insert(reader.to_owned(), sequence.to_owned());
        let Some(file) = &self.file else { return };
        let text = serde_json::to_string(&*processed).unwrap_or_default();
        if let Err(error) = files::replace(file, |next| std::fs::write(next, text)) {
            eprintln!("{}: writing failed: {error}", file.display());
        }
    }

    /// Records a poll: whether it returned no records, and whether the reader has unprocessed ones.
    pub fn record_poll(&self, reader: &str, is_idle: bool, has_pending_records: bool) {
        let mut progress = lock(&self.progress);
        let progress = progress.entry(reader.to_owned()).or_default();
        progress.idle_polls += usize::from(is_idle);
        progress.has_pending_records = has_pending_records;
    }

    /// Has all readers poll soon, although there may be no records.
    pub fn request_polls(&self) {
        self.requested_polls.fetch_add(1, Ordering::Relaxed);
    }

    /// How often polls were requested.
    pub fn requested_polls(&self) -> usize {
        self.requested_polls.load(Ordering::Relaxed)
    }

    /// The progress of each reader.
    pub fn progress(&self) -> BTreeMap<String, ReaderProgress> {
        lock(&self.progress).clone()
    }
}
