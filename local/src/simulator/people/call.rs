//! A person calls a number. Nobody takes the call, since the simulator has none of the calls that the Calling API needs; it
//! opens the service window all the same (whatsapp-cloud-api-2026, section 11).

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::message_id;
use super::super::state::Simulator;
use super::control_error::ControlError;
use super::inbound_callback::{InboundEvent, InboundUpdate, callback_body};
use super::inbound_message::{DISPLAY_PHONE_NUMBER, number_id};
use super::profile::Profile;

/// A call.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCall {
    to: Value,
}

impl Simulator {
    /// Calls a number, and returns the call's id and how the callback of its end was answered.
    pub(super) async fn call(&self, person: &str, call: NewCall) -> Result<Value, ControlError> {
        let (number_id, now) = (number_id(Some(&call.to))?, self.clock.now());
        let id = message_id::generate().replacen("wamid.", "wacid.", 1);
        let updates = self.people.change(person, |profile| {
            profile.require_contact(&number_id)?;
            let called_at = profile.wrote_at.entry(number_id.clone()).or_default();
            *called_at = now.max(*called_at);
            Ok([begins(profile, &id, now / 1_000), ends(profile, &id, now / 1_000)].map(|call| InboundUpdate {
                number_id: number_id.clone(),
                contact: Some(profile.contact()),
                event: InboundEvent::Call(call),
            }))
        })?;
        let mut callback = None;
        for update in updates {
            callback = self.callbacks.send_whole(callback_body(vec![update]), &self.clock).await;
        }
        Ok(json!({ "id": id, "callback": callback }))
    }
}

/// An element of `calls` (whatsapp-cloud-api-2026, section 12).
fn event(caller: &Profile, id: &str, event: &str, seconds: i64) -> Value {
    let mut call = caller.sender();
    for (name, value) in [
        ("id", id),
        ("to", DISPLAY_PHONE_NUMBER),
        ("event", event),
        ("direction", "USER_INITIATED"),
        ("timestamp", &seconds.to_string()),
    ] {
        call.insert(name.to_owned(), json!(value));
    }
    call.into()
}

fn begins(caller: &Profile, id: &str, seconds: i64) -> Value {
    let mut call = event(caller, id, "connect", seconds);
    call["session"] = json!({ "sdp_type": "offer", "sdp": "v=0" });
    call
}

fn ends(caller: &Profile, id: &str, seconds: i64) -> Value {
    let mut call = event(caller, id, "terminate", seconds);
    call["status"] = json!("FAILED");
    call
}
