//! The events that a change of an instance publishes: connected, disconnected and why, or what else WhatsApp says of it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::event::Event;
use crate::http::EventDescription;
use crate::instance::account_state::AccountState;
use crate::instance::record::{ConnectionStatus, Instance};
use crate::whatsapp::PauseReason;

/// The data of an event.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InstanceConnectionData)]
struct InstanceData<'a> {
    /// The instance.
    instance_id: &'a str,
    /// Whether it can send now.
    status: ConnectionStatus,
    /// Its phone number, as WhatsApp shows it.
    phone: Option<&'a str>,
    /// Why it was disconnected.
    reason: Option<&'a str>,
    /// When that happened.
    #[schema(format = DateTime)]
    timestamp: String,
}

/// The data of an event about what WhatsApp says of an instance.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InstanceUpdateData)]
struct UpdateData<'a> {
    /// The instance.
    instance_id: &'a str,
    /// Whether it can send.
    status: ConnectionStatus,
    /// Its phone number, as WhatsApp shows it.
    phone: Option<&'a str>,
    /// WhatsApp's rating of the number's quality, such as `GREEN`.
    quality: Option<&'a str>,
    /// How many people may be written to first in a day, by WhatsApp's word, such as `TIER_2K`.
    messaging_limit: Option<&'a str>,
    /// Messages a second, sent and received, that WhatsApp accepts from the number.
    throughput: Option<u32>,
    /// Until when a condition of its number or its business account pauses it.
    #[schema(format = DateTime)]
    paused_until: Option<String>,
    /// Which condition that is.
    pause_reason: Option<PauseReason>,
    /// What happened last to its business account.
    account_state: Option<&'a AccountState>,
    /// When that changed.
    #[schema(format = DateTime)]
    timestamp: String,
}

/// The event of the time that the new image has and the old one lacks.
pub fn between(old: Option<&Instance>, new: &Instance) -> Option<Event> {
    let (name, time): (_, fn(&Instance) -> Option<Timestamp>) = match new.status {
        ConnectionStatus::Connected => ("instance.connected", |instance| instance.connected_at),
        ConnectionStatus::Disconnected => ("instance.disconnected", |instance| instance.disconnected_at),
    };
    let is_new = |at: &Timestamp, time: fn(&Instance) -> Option<Timestamp>| old.and_then(time) != Some(*at);
    let Some(at) = time(new).filter(|at| is_new(at, time)) else {
        let at = new.updated_at.filter(|at| is_new(at, |instance| instance.updated_at))?;
        return Some(updated(new, at));
    };
    let data = InstanceData {
        instance_id: new.id.as_str(),
        status: new.status,
        phone: new.number.as_ref().and_then(|number| number.phone.as_deref()),
        reason: new.disconnect_reason.as_deref(),
        timestamp: at.to_string(),
    };
    Some(Event::new((&new.account_id, &new.id), name, new.id.as_str(), at, data))
}

fn updated(instance: &Instance, at: Timestamp) -> Event {
    let number = instance.number.as_ref();
    let until = instance.condition_until();
    let paused = instance.condition().filter(|_| until.is_some());
    let data = UpdateData {
        instance_id: instance.id.as_str(),
        status: instance.status,
        phone: number.and_then(|number| number.phone.as_deref()),
        quality: instance.quality.as_deref(),
        messaging_limit: instance.messaging_limit.as_deref(),
        throughput: number.map(|number| number.rate),
        paused_until: until.filter(|_| paused.is_some()).map(|until| until.to_string()),
        pause_reason: paused,
        account_state: instance.account_state.as_ref(),
        timestamp: at.to_string(),
    };
    Event::new((&instance.account_id, &instance.id), "instance.updated", instance.id.as_str(), at, data)
}

/// The descriptions of the events.
pub fn descriptions() -> Vec<EventDescription> {
    vec![
        EventDescription::new::<InstanceData<'_>>("instance.connected", "An instance was connected to its number"),
        EventDescription::new::<InstanceData<'_>>("instance.disconnected", "An instance can send no longer"),
        EventDescription::new::<UpdateData<'_>>("instance.updated", "WhatsApp says something new about a number"),
    ]
}
