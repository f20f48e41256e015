//! Read receipts and typing indicators, which a business posts where it posts messages (whatsapp-cloud-api-2026, section 6).

use serde_json::{Value, json};

use super::graph_error::GraphError;
use super::state::Simulator;

impl Simulator {
    /// The answer to a read receipt; `None` if the body is none.
    pub(super) fn read_receipt(&self, number: &str, body: &[u8]) -> Option<Result<Value, GraphError>> {
        let receipt: Value = serde_json::from_slice(body).ok()?;
        (receipt["status"] == "read").then(|| self.mark_read(number, &receipt))
    }

    fn mark_read(&self, number: &str, receipt: &Value) -> Result<Value, GraphError> {
        if receipt["messaging_product"] != "whatsapp" {
            return Err(GraphError::invalid_parameter("messaging_product must be whatsapp"));
        }
        let shows_typing = match receipt.get("typing_indicator") {
            None => false,
            Some(indicator) if indicator["type"] == "text" => true,
            Some(_) => return Err(GraphError::new(131_009, "typing_indicator.type must be text")),
        };
        let wamid = receipt["message_id"].as_str().unwrap_or_default();
        if self.people.mark_read(number, wamid, shows_typing.then(|| self.clock.now())) {
            Ok(json!({ "success": true }))
        } else {
            Err(GraphError::new(131_009, "message_id is not the id of a message to this number"))
        }
    }
}
