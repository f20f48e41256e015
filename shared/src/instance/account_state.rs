//! What WhatsApp says of the business account of an instance's number.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What happened last to the business account of an instance's number.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountState {
    /// WhatsApp's word for it, such as `ACCOUNT_RESTRICTION`.
    pub event: String,
    /// WhatsApp's words for the details.
    pub reason: Option<String>,
    /// When it happened.
    #[schema(format = DateTime)]
    pub timestamp: String,
}

impl fmt::Display for AccountState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WhatsApp reports {}", self.event)?;
        self.reason.as_ref().map_or(Ok(()), |reason| write!(f, ": {reason}"))
    }
}
