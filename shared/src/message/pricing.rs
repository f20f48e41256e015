//! What a message costs at WhatsApp, as WhatsApp reports it (whatsapp-cloud-api-2026, section 8).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How WhatsApp bills a message, in WhatsApp's own words.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pricing {
    /// Such as `marketing`, `utility`, `authentication` or `service`.
    pub category: Option<String>,
    /// `regular`, `free_customer_service` or `free_entry_point`.
    pub r#type: Option<String>,
    /// Whether WhatsApp bills it. WhatsApp will stop reporting this.
    pub billable: Option<bool>,
}
