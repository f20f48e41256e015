//! What a change of an instance tells: that it was connected, or disconnected and why.

use crate::clock::Timestamp;
use crate::instance::{Connection, Instance};
use serde::Serialize;

use crate::event::Event;

/// What is told of an instance.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Connected<'a> {
    instance_id: &'a str,
    status: Connection,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    timestamp: String,
}

/// The times of connecting that the new image has and the old one had not.
pub fn of_change(old: Option<&Instance>, new: &Instance) -> Option<Event> {
    let (name, at) = match new.status {
        Connection::Connected => ("instance.connected", changed(old, new, |instance| instance.connected_at)?),
        Connection::Disconnected => ("instance.disconnected", changed(old, new, |instance| instance.disconnected_at)?),
    };
    let data = Connected {
        instance_id: new.id.as_str(),
        status: new.status,
        phone: new.number.as_ref().and_then(|number| number.phone.as_deref()),
        reason: new.disconnect_reason.as_deref(),
        timestamp: at.to_string(),
    };
    Some(Event::new((&new.account_id, &new.id), name, new.id.as_str(), at, data))
}

fn changed(old: Option<&Instance>, new: &Instance, time: impl Fn(&Instance) -> Option<Timestamp>) -> Option<Timestamp> {
    time(new).filter(|at| old.and_then(&time) != Some(*at))
}
