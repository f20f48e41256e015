//! The part of the scenario that its batches are.

use super::batches::{BatchRequest, PATH, REJECTED, body};
use super::scenario::Player;

/// The scenario's batches: one with a recipient that is rejected and one whose message fails, which is requested twice; and one
/// that is cancelled as soon as it is accepted.
pub async fn run_batches(player: &Player<'_>) -> Vec<BatchRequest> {
    let recipients = ["5511955550021", REJECTED, "1555131047"];
    let mut batches = Vec::new();
    for _ in 0..2 {
        batches.push(player.send_batch("b1", &recipients).await);
    }
    let unwanted = player.send_batch("b2", &["5511955550022", "5511955550023"]).await;
    player.cancel_batch(&unwanted).await;
    batches.push(unwanted);
    batches
}

impl Player<'_> {
    /// Sends a batch of the main customer's with a key, and retries until the answer is final.
    async fn send_batch(&self, key: &str, recipients: &[&str]) -> BatchRequest {
        let body = body(self.fixture.tenants[0].instances[0].as_str(), key, recipients);
        let answer = self.post_until_final(0, &format!("POST {PATH}"), Some(key), &body).await;
        BatchRequest { reference: key.to_owned(), tenant: 0, key: 0, recipients: recipients.len(), answer }
    }

    /// Cancels a batch that was accepted, and retries until the answer is final.
    async fn cancel_batch(&self, request: &BatchRequest) {
        let Some(id) = request.batch_id() else { return };
        self.delete_until_final(request.tenant, &format!("DELETE /v1/batches/{id}")).await;
    }
}
