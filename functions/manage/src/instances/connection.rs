//! `POST /v1/instances/{id}/disconnect` and `GET /v1/instances/{id}/status`.

use serde::{Deserialize, Serialize};
use shared::account_key::ItemKey;
use shared::api_error::{ApiError, ErrorCode};
use shared::change::Change;
use shared::clock;
use shared::conditional_write::Transacted;
use shared::ids::InstanceId;
use shared::instance::{Connection, Instance};
use shared::request_body::{self, bounded};
use utoipa::ToSchema;

use super::{not_found, unavailable};
use crate::answer::Answer;
use crate::router::Manager;

/// Characters of a reason.
const MAX_REASON: usize = 200;

/// The body that is taken.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DisconnectBody)]
pub struct Fields {
    reason: Option<String>,
}

/// How an instance is connected.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InstanceStatus)]
pub struct Status<'a> {
    instance_id: &'a InstanceId,
    status: Connection,
    phone: Option<&'a str>,
    profile_name: Option<&'a str>,
    connected_at: Option<String>,
    disconnected_at: Option<String>,
    /// Until when WhatsApp has stopped it.
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

/// How an instance is connected, from our own records.
pub fn status(instance: &Instance) -> Result<Answer, ApiError> {
    let (number, now) = (instance.number.as_ref(), clock::now());
    Answer::ok(&Status {
        instance_id: &instance.id,
        status: instance.status,
        phone: number.and_then(|number| number.phone.as_deref()),
        profile_name: number.and_then(|number| number.profile_name.as_deref()),
        connected_at: instance.connected_at.map(|at| at.to_string()),
        disconnected_at: instance.disconnected_at.map(|at| at.to_string()),
        paused_until: instance.paused_for(now).map(|wait| now.plus(wait).to_string()),
        reason: instance.disconnect_reason.as_deref(),
    })
}

/// Disconnects an instance: its token is forgotten and its number is free for another.
pub async fn disconnect(manager: &Manager, instance: Instance, body: &[u8]) -> Result<Answer, ApiError> {
    let fields: Fields = if body.is_empty() { Fields::default() } else { request_body::read(body)? };
    let reason = fields.reason.map(|reason| bounded(reason, "reason", MAX_REASON)).transpose()?;
    let not_connected = || ApiError::new(ErrorCode::InstanceNotConnected, "this instance is not connected to WhatsApp");
    let Some(number) = instance.number.as_ref().filter(|_| instance.status == Connection::Connected) else {
        return Err(not_connected());
    };
    let accounts = &manager.books.accounts;
    let mut change = Change::new()
        .set("status", Connection::Disconnected)
        .set("disconnectedAt", clock::now())
        .remove("number")
        .when_equal("status", Connection::Connected);
    change = match &reason {
        Some(reason) => change.set("disconnectReason", reason),
        None => change.remove("disconnectReason"),
    };
    let writes = vec![
        accounts.change_in_transaction(ItemKey::instance(&instance.account_id, &instance.id), &change),
        accounts.delete_in_transaction(ItemKey::number(&number.id)),
    ];
    match accounts.transact(writes).await.map_err(ApiError::internal)? {
        Transacted::Done => {}
        Transacted::Refused(..) => return Err(not_connected()),
    }
    tracing::info!(instance_id = %instance.id, "instance.disconnected");
    let standing = accounts.instance(&instance.account_id, &instance.id).await.map_err(unavailable)?;
    status(&standing.ok_or_else(not_found)?)
}
