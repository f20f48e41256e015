//! What the feeder of this process has enqueued. A message is in the table until it is claimed, and is left alone meanwhile,
//! for longer and longer.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use shared::clock::Timestamp;
use shared::ids::MessageId;
use shared::message::WaitingMessage;
use shared::mutex::lock;

/// How long a message is left alone that was enqueued, at first: longer than a queue remembers it.
const FEED_AGAIN_AFTER: Duration = Duration::from_secs(15 * 60);
/// How long a message is left alone whose enqueue was scheduled: two minutes until its time, two until its slot, and one in which it is claimed.
const SCHEDULE_AGAIN_AFTER: Duration = Duration::from_secs(5 * 60);
/// The most messages that are remembered.
const MAX_REMEMBERED: usize = 200_000;

/// What this process has enqueued.
#[derive(Default)]
pub struct FedMessages(Mutex<HashMap<MessageId, Rest>>);

/// How long a message is left alone.
struct Rest {
    due: String,
    until: Timestamp,
    length: Duration,
}

impl FedMessages {
    /// Whether a message was not enqueued for this place in the table, or so long ago that it may be lost.
    pub fn may_enqueue(&self, message: &WaitingMessage, now: Timestamp) -> bool {
        self.lock().get(&message.id).is_none_or(|rest| rest.due != message.due || rest.until <= now)
    }

    /// Notes that messages were enqueued.
    pub fn remember_enqueued(&self, messages: &[WaitingMessage], now: Timestamp) {
        self.remember(messages, now, |before| before.map_or(FEED_AGAIN_AFTER, |length| length.saturating_mul(2)));
    }

    /// Notes that the enqueue of messages was scheduled. That of those that find no slot then is scheduled again.
    pub fn remember_scheduled(&self, messages: &[WaitingMessage], now: Timestamp) {
        self.remember(messages, now, |_| SCHEDULE_AGAIN_AFTER);
    }

    /// The length of the rest follows from that of the last one.
    fn remember(&self, messages: &[WaitingMessage], now: Timestamp, length: impl Fn(Option<Duration>) -> Duration) {
        let mut fed = self.lock();
        if fed.len() > MAX_REMEMBERED {
            fed.clear();
        }
        for message in messages {
            let before = fed.get(&message.id).filter(|rest| rest.due == message.due);
            let length = length(before.map(|rest| rest.length));
            let rest = Rest { due: message.due.clone(), until: now.plus(length), length };
            fed.insert(message.id.clone(), rest);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<MessageId, Rest>> {
        lock(&self.0)
    }
}
