//! The batches of customers: requested once, again, or cancelled.

use futures::future::join_all;
use serde_json::Value;

use super::batch_orders::BatchOrder;
use super::clients::{Clients, is_final};
use crate::sweep::batches::{BatchRequest, PATH, body};
use crate::sweep::scenario::is_over_limit;

impl Clients<'_> {
    /// The requests for batches that were made.
    pub fn batch_requests(&self) -> Vec<BatchRequest> {
        self.known().batches.iter().map(|(_, request)| request.clone()).collect()
    }

    /// Makes the request for a batch once.
    pub async fn send_batch(&self, batch: u32) {
        let Some(order) = self.batches.get(&batch) else { return };
        let answer = self.post_batch(batch, order).await;
        let BatchOrder { account, key, .. } = *order;
        let recipients = order.recipients.len();
        let request = BatchRequest { reference: reference(batch), tenant: account, key, recipients, answer };
        self.known().batches.push((batch, request));
    }

    /// Makes the request for a batch again, if it has a key.
    pub async fn repeat_batch(&self, batch: u32) {
        if self.has_batch_key(batch) {
            self.send_batch(batch).await;
        }
    }

    /// Cancels a batch that is known to be accepted.
    pub async fn cancel_batch(&self, batch: u32) {
        let accepted = self.known().batches.iter().filter(|(name, _)| *name == batch).find_map(|(_, request)| {
            let id = request.batch_id()?.to_owned();
            Some((request.tenant, id))
        });
        let Some((account, id)) = accepted else { return };
        let key = &self.fixture.tenants[account].keys[0];
        self.player.call(key, &format!("DELETE /v1/batches/{id}"), None, &Value::Null).await;
    }

    /// Makes the requests for batches again that have a key and no final answer. Returns how many there were.
    pub async fn repeat_unfinished_batches(&self) -> usize {
        let unfinished: Vec<(usize, u32)> = {
            let known = self.known();
            let numbered = known.batches.iter().enumerate();
            let unfinished = numbered
                .filter(|(_, (batch, request))| self.has_batch_key(*batch) && !is_final(request.answer.as_ref()));
            unfinished.map(|(number, (batch, _))| (number, *batch)).collect()
        };
        let requests = unfinished.iter().map(|(number, batch)| async move {
            let answer = self.post_batch(*batch, &self.batches[batch]).await;
            if !is_over_limit(answer.as_ref()) {
                self.known().batches[*number].1.answer = answer;
            }
        });
        join_all(requests).await;
        unfinished.len()
    }

    fn has_batch_key(&self, batch: u32) -> bool {
        self.batches.get(&batch).is_some_and(|order| order.has_order)
    }

    async fn post_batch(&self, batch: u32, order: &BatchOrder<'_>) -> Option<(u16, Value)> {
        let tenant = &self.fixture.tenants[order.account];
        let begin = order.begins_in.map(|begins_in| self.fixture.stack.now().plus(begins_in).to_string());
        // A repeat has the body of the first request.
        let first_body = || {
            let mut body = body(tenant.instances[order.instance].as_str(), &reference(batch), &order.recipients);
            if let Some(begin) = begin {
                body["sendAt"] = begin.into();
            }
            body.to_string()
        };
        let text = self.known().batch_bodies.entry(batch).or_insert_with(first_body).clone();
        let key = order.has_order.then(|| reference(batch));
        self.player.call_with_text(&tenant.keys[order.key], &format!("POST {PATH}"), key.as_deref(), Some(text)).await
    }
}

fn reference(batch: u32) -> String {
    format!("batch-{batch}")
}
