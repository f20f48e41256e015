//! The counters of usage, and the difference of two counts.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::cost::assumptions::BYTES_OF_AN_ITEM;
use crate::cost::queues::Requests;
use crate::cost::units::Consumed;

/// Usage: in total so far, between two moments, or of one message.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    /// DynamoDB's request units.
    pub consumed: Consumed,
    /// SQS's requests that the functions make themselves.
    pub requests: Requests,
    /// S3's requests by operation, also the customer's.
    pub objects: BTreeMap<String, f64>,
    /// The functions by name.
    pub functions: BTreeMap<String, Work>,
    /// Lines of the functions' logs and their bytes.
    pub log: Traffic,
    /// Requests to WhatsApp.
    pub whatsapp: Traffic,
    /// Requests to webhooks.
    pub webhooks: Traffic,
    /// Answers of the API.
    pub api: Traffic,
    /// Answers to WhatsApp's callbacks.
    pub callbacks: Traffic,
}

/// The usage of a function.
#[derive(Clone, Copy, Debug, Default)]
pub struct Work {
    /// Its invocations.
    pub invocations: f64,
    /// Seconds that they took.
    pub busy: f64,
    /// Seconds of processor time that its processes used.
    pub cpu: f64,
    /// The peak memory of any of them, in megabytes.
    pub megabytes: f64,
}

/// A count, and the bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traffic {
    /// How many.
    pub count: f64,
    /// Bytes of all.
    pub bytes: f64,
}

/// What a message leaves in the tables.
#[derive(Clone, Copy, Debug)]
pub struct Stored {
    /// Bytes of its record.
    pub record: f64,
    /// Entries of indexes.
    pub entries: f64,
    /// Bytes of all of them.
    pub entry_bytes: f64,
}

impl Stored {
    /// Bytes of the table as they are billed.
    pub fn in_table(&self) -> f64 {
        self.record + BYTES_OF_AN_ITEM
    }

    /// Bytes of its indexes as they are billed.
    pub fn in_indexes(&self) -> f64 {
        self.entry_bytes + self.entries * BYTES_OF_AN_ITEM
    }
}

impl Work {
    /// From whole counts.
    pub fn new(invocations: usize, busy: Duration, cpu: Duration, kilobytes: u64) -> Self {
        Self {
            invocations: invocations as f64,
            busy: busy.as_secs_f64(),
            cpu: cpu.as_secs_f64(),
            megabytes: kilobytes as f64 / 1024.0,
        }
    }
}

impl Traffic {
    /// From whole counts.
    pub fn new(count: usize, bytes: usize) -> Self {
        Self { count: count as f64, bytes: bytes as f64 }
    }
}

impl Counters {
    /// The usage since an earlier count, divided by a number of messages.
    pub fn per_message(&self, since: &Self, messages: usize) -> Self {
        let each = |now: f64, before: f64| (now - before) / messages as f64;
        let traffic = |now: Traffic, before: Traffic| Traffic {
            count: each(now.count, before.count),
            bytes: each(now.bytes, before.bytes),
        };
        let work = |now: &Work, before: &Work| Work {
            invocations: each(now.invocations, before.invocations),
            busy: each(now.busy, before.busy),
            cpu: each(now.cpu, before.cpu),
            megabytes: now.megabytes,
        };
        Self {
            consumed: differences(&self.consumed, &since.consumed, |now, before| each(*now, *before)),
            requests: differences(&self.requests, &since.requests, |now, before| each(*now, *before)),
            objects: differences(&self.objects, &since.objects, |now, before| each(*now, *before)),
            functions: differences(&self.functions, &since.functions, work),
            log: traffic(self.log, since.log),
            whatsapp: traffic(self.whatsapp, since.whatsapp),
            webhooks: traffic(self.webhooks, since.webhooks),
            api: traffic(self.api, since.api),
            callbacks: traffic(self.callbacks, since.callbacks),
        }
    }
}

fn differences<K: Clone + Ord, V: Default>(
    now: &BTreeMap<K, V>,
    before: &BTreeMap<K, V>,
    difference: impl Fn(&V, &V) -> V,
) -> BTreeMap<K, V> {
    let nothing = V::default();
    now.iter().map(|(key, value)| (key.clone(), difference(value, before.get(key).unwrap_or(&nothing)))).collect()
}
