//! The check whether an instance may leave the bulk lane.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId, MessageId};

/// An instance of which nothing was seen in the bulk lane.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkLaneCheck {
    /// Its account.
    pub account_id: AccountId,
    /// The instance.
    pub instance_id: InstanceId,
    /// When it last booked a slot in the bulk lane.
    pub booked: Timestamp,
    /// The account's messages that were charged and may not have been recorded by then.
    pub reserved: Vec<MessageId>,
}
