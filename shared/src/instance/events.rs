//! The events that a change of an instance publishes: connected, or disconnected and why.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::event::Event;
use crate::instance::record::{ConnectionStatus, Instance};

/// The data of an event.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InstanceData<'a> {
    instance_id: &'a str,
    status: ConnectionStatus,
    phone: Option<&'a str>,
    reason: Option<&'a str>,
    timestamp: String,
}

/// The event of the time that the new image has and the old one lacks.
pub fn between(old: Option<&Instance>, new: &Instance) -> Option<Event> {
    let (name, time): (_, fn(&Instance) -> Option<Timestamp>) = match new.status {
        ConnectionStatus::Connected => ("instance.connected", |instance| instance.connected_at),
        ConnectionStatus::Disconnected => ("instance.disconnected", |instance| instance.disconnected_at),
    };
    let at = time(new).filter(|at| old.and_then(time) != Some(*at))?;
    let data = InstanceData {
        instance_id: new.id.as_str(),
        status: new.status,
        phone: new.number.as_ref().and_then(|number| number.phone.as_deref()),
        reason: new.disconnect_reason.as_deref(),
        timestamp: at.to_string(),
    };
    Some(Event::new((&new.account_id, &new.id), name, new.id.as_str(), at, data))
}
