//! Promise 5: status only moves forward, and each time is set once.

use serde_json::Value;
use shared::message::{MessageEvent, State};

use crate::sweep::evidence::Evidence;

/// In stream order, a rank falls only from `sending` to `queued`, and a time once set is kept, except the failure time
/// of a message of unknown outcome that WhatsApp then reports as sent or delivered.
pub fn only_rises(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    for (id, images) in &evidence.images {
        for pair in images.windows(2) {
            let (old, new) = (state(&pair[0]), state(&pair[1]));
            let (Some(old), Some(new)) = (old, new) else {
                broken
                    .push(format!("{id} has a status that nobody knows: {} {}", pair[0]["status"], pair[1]["status"]));
                continue;
            };
            if new.rank() < old.rank() && (old, new) != (State::Sending, State::Queued) {
                broken.push(format!("{id} went from {old:?} to {new:?}"));
            }
            for attribute in MessageEvent::ALL.map(MessageEvent::time_attribute) {
                let (was, is) = (&pair[0][attribute], &pair[1][attribute]);
                let is_corrected = old == State::Unconfirmed && new.rank() > old.rank();
                let taken_back = attribute == "failedAt" && is_corrected && is.is_null();
                if !was.is_null() && was != is && !taken_back {
                    broken.push(format!("{attribute} of {id} went from {was} to {is}"));
                }
            }
        }
    }
    broken
}

fn state(image: &Value) -> Option<State> {
    serde_json::from_value(image["status"].clone()).ok()
}
