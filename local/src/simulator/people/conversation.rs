//! What a person's phone shows: the messages that it received and those that were written on it.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::super::service_window;
use super::super::state::Simulator;
use super::control_error::ControlError;
use super::missed::Missed;

/// How long a typing indicator is shown, in milliseconds (whatsapp-cloud-api-2026, section 6).
const TYPING: i64 = 25_000;
/// The most messages of an answer; the latest are shown.
const MAX_SHOWN: usize = 1_000;

impl Simulator {
    /// The latest messages of a person, oldest first, with one number or with all.
    pub(super) fn conversation(&self, person: &str, number_id: Option<&str>) -> Result<Value, ControlError> {
        let (profile, now) = (self.people.with(person, |profile| Ok(profile.clone()))?, self.clock.now());
        let is_asked = |number: &str| number_id.is_none_or(|asked| asked == number);
        let taken = self.ledger.taken_by_aliases(&profile.aliases);
        let waiting = profile.inbox.waiting();
        let received = taken.into_iter().filter_map(|taken| {
            // What does not wait has arrived and was read.
            let (has_arrived, is_read) = waiting.get(taken.wamid.as_str()).copied().unwrap_or((true, true));
            let mut shown = json!({ "id": taken.wamid, "number": taken.number_id, "direction": "received",
                "at": taken.at, "isRead": is_read, "message": taken.message });
            if let Some(template) = taken.template {
                shown["template"] = Value::clone(&template);
            }
            has_arrived.then_some((taken.at, taken.number_id, shown))
        });
        let written = profile.written.iter().map(|written| {
            let shown = json!({ "id": written.wamid, "number": written.number_id, "direction": "written",
                "at": written.at, "isDelivered": written.is_delivered, "isRead": written.is_read,
                "message": written.message });
            (written.at, written.number_id.clone(), shown)
        });
        let mut all: Vec<(i64, String, Value)> =
            received.chain(written).filter(|(_, number, _)| is_asked(number)).collect();
        all.sort_by_key(|(at, ..)| *at);
        let latest = all.split_off(all.len().saturating_sub(MAX_SHOWN));
        let messages: Vec<Value> = latest.into_iter().map(|(.., shown)| shown).collect();
        let typing: Vec<&String> =
            profile.typing_at.iter().filter(|(_, at)| now < **at + TYPING).map(|(number, _)| number).collect();
        let windows: HashMap<&String, i64> =
            profile.wrote_at.iter().map(|(number, at)| (number, service_window::end(*at))).collect();
        let missed: Vec<Value> = profile.missed.iter().map(Missed::to_json).collect();
        Ok(json!({
            "messages": messages,
            "typing": typing,
            "unread": profile.inbox.unread(),
            "windowEnds": windows,
            "missed": missed,
            "now": now,
        }))
    }
}
