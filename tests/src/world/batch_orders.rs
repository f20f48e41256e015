//! The requests for batches that operations make.

use std::collections::HashMap;
use std::time::Duration;

use super::operations::Operation;
use super::plan::Plan;

/// A batch that a customer sends.
pub struct BatchOrder<'a> {
    /// The account.
    pub account: usize,
    /// Which of its instances.
    pub instance: usize,
    /// Which of its keys.
    pub key: usize,
    /// The recipients.
    pub recipients: Vec<&'a str>,
    /// Whether it has an Idempotency-Key.
    pub has_order: bool,
    /// How long after its first request it is to begin, if not at once.
    pub begins_in: Option<Duration>,
}

/// The batches of a plan, by name.
pub fn batch_orders(plan: &Plan) -> HashMap<u32, BatchOrder<'_>> {
    let orders = plan.steps.iter().filter_map(|step| match &step.operation {
        Operation::SendBatch { batch, account, instance, key, recipients, has_order, begins_in } => {
            let recipients = recipients.iter().map(String::as_str).collect();
            let (account, instance, key, has_order) = (*account, *instance, *key, *has_order);
            let begins_in = begins_in.map(Duration::from_secs);
            Some((*batch, BatchOrder { account, instance, key, recipients, has_order, begins_in }))
        }
        _ => None,
    });
    orders.collect()
}
