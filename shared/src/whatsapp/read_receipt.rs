//! Marks a received message as read, and shows that an answer is being typed (whatsapp-cloud-api-2026, section 6).

use reqwest::header;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::whatsapp::client::WhatsAppClient;
use crate::whatsapp::management::{ManagementError, call};

#[derive(Serialize)]
struct ReadReceipt<'a> {
    messaging_product: &'static str,
    status: &'static str,
    message_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    typing_indicator: Option<TypingIndicator>,
}

#[derive(Serialize)]
struct TypingIndicator {
    r#type: &'static str,
}

#[derive(Deserialize)]
struct ReadResponse {
    success: bool,
}

impl WhatsAppClient {
    /// Marks a message to a number, by WhatsApp's id of it, and all earlier ones of its conversation as read; and shows that
    /// an answer is being typed, until it comes or for 25 seconds. `false` when WhatsApp declines.
    pub async fn mark_read(
        &self,
        number_id: &str,
        token: &SecretString,
        provider_id: &str,
        typing: bool,
    ) -> Result<bool, ManagementError> {
        let receipt = ReadReceipt {
            messaging_product: "whatsapp",
            status: "read",
            message_id: provider_id,
            typing_indicator: typing.then_some(TypingIndicator { r#type: "text" }),
        };
        let body = serde_json::to_string(&receipt).expect("a receipt of texts serializes");
        let request = self.client().post(self.url(&format!("{number_id}/messages")));
        let request = request.header(header::CONTENT_TYPE, "application/json").body(body);
        let response: ReadResponse = call(request, token).await?;
        Ok(response.success)
    }
}
