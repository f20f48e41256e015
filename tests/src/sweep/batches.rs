//! Requests for batches.

use serde_json::{Value, json};

/// The path of requests for batches.
pub const PATH: &str = "/v1/messages/batch";
/// A recipient that is rejected.
pub const REJECTED: &str = "12";

/// A request for a batch, and its answer.
#[derive(Clone, Debug)]
pub struct BatchRequest {
    /// A unique reference; the metadata of each recipient's message has it with the recipient's position.
    pub reference: String,
    /// The customer.
    pub tenant: usize,
    /// Which of its keys.
    pub key: usize,
    /// How many recipients.
    pub recipients: usize,
    /// The status and body of the last answer, if there was one.
    pub answer: Option<(u16, Value)>,
}

impl BatchRequest {
    /// The answer that it was accepted.
    pub fn accepted(&self) -> Option<&Value> {
        self.answer.as_ref().filter(|(status, _)| *status == 202).map(|(_, body)| body)
    }

    /// The id of the batch that was accepted.
    pub fn batch_id(&self) -> Option<&str> {
        self.accepted()?["batchId"].as_str()
    }
}

/// The body of a batch of texts.
pub fn body(instance_id: &str, reference: &str, recipients: &[&str]) -> Value {
    let each = (0..).zip(recipients).map(|(index, to)| {
        let reference: String = row_reference(reference, index);
        json!({ "to": to, "metadata": { "reference": reference, "note": "PRIVATE-METADATA" } })
    });
    let recipients: Vec<Value> = each.collect();
    json!({ "instanceId": instance_id, "message": "PRIVATE-OFFER", "recipients": recipients })
}

/// The reference of a recipient's message.
pub fn row_reference(reference: &str, index: usize) -> String {
    format!("{reference}.{index}")
}
