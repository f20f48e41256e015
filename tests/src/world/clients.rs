//! What the customers, the operator and WhatsApp do: requests and callbacks, repeated until there is a final answer.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use futures::future::{join_all, join3};
use serde_json::Value;
use shared::mutex::lock;
use tokio::time::Instant;

use super::batch_orders::{BatchOrder, batch_orders};
use super::credentials::Credential;
use super::known::Known;
use super::orders::Order;
use super::plan::Plan;
use super::received_events::ReceivedEvents;
use crate::sweep::fixture::Fixture;
use crate::sweep::scenario::{Player, Request, is_over_limit};
use crate::sweep::tenant::Tenant;
use crate::webhook_receiver::WebhookReceiver;

/// The parties outside the stack, and what they know.
pub struct Clients<'a> {
    /// The world.
    pub fixture: &'a Fixture,
    /// The requests, by the message's name.
    orders: HashMap<u32, Order<'a>>,
    /// The batches, by name.
    pub(super) batches: HashMap<u32, BatchOrder<'a>>,
    pub(super) player: Player<'a>,
    known: Mutex<Known>,
    /// Where the webhooks of a crowd lead.
    pub(super) sink: WebhookReceiver,
    /// The events that waited in a queue.
    pub(super) received_events: ReceivedEvents,
}

impl<'a> Clients<'a> {
    /// The parties of a world.
    pub async fn new(fixture: &'a Fixture, plan: &'a Plan) -> Self {
        let orders = plan.steps.iter().filter_map(|step| Order::new(&step.operation));
        let orders = orders.map(|order| (order.message, order)).collect();
        let received_events = ReceivedEvents::record(&fixture.stack.stack.functions["notify"]);
        Self {
            fixture,
            orders,
            batches: batch_orders(plan),
            received_events,
            player: Player::on(fixture),
            known: Mutex::default(),
            sink: WebhookReceiver::start().await,
        }
    }

    /// The requests that were made.
    pub fn requests(&self) -> Vec<Request> {
        self.known().requests.iter().map(|(_, request)| request.clone()).collect()
    }

    /// Makes the request of a message once.
    pub async fn send(&self, message: u32) {
        let Some(order) = self.orders.get(&message).filter(|order| self.is_possible(order)) else { return };
        let began = Instant::now();
        let answer = self.post(order).await;
        let Order { account, instance, key, to, .. } = *order;
        let (reference, to, ended) = (order.reference(), to.to_owned(), Instant::now());
        let request = Request { reference, tenant: account, instance, key, to, began, ended, answer };
        self.known().requests.push((message, request));
    }

    /// Makes the request of a message again, if it has a key.
    pub async fn repeat(&self, message: u32) {
        if self.has_key(message) {
            self.send(message).await;
        }
    }

    /// The messages that were accepted although parsers read them differently.
    pub fn ambiguous(&self) -> Vec<String> {
        let known = self.known();
        let odd = known.requests.iter().filter(|(name, _)| self.orders.get(name).is_some_and(Order::is_ambiguous));
        odd.filter_map(|(_, request)| request.accepted().map(str::to_owned)).collect()
    }

    /// Makes the requests again that have a key and no final answer, and posts the callbacks that are not acknowledged.
    /// Returns how many there were.
    pub async fn repeat_unfinished(&self) -> usize {
        let unfinished: Vec<(usize, u32)> = {
            let known = self.known();
            let numbered = known.requests.iter().enumerate();
            let unfinished =
                numbered.filter(|(_, (message, request))| self.has_key(*message) && !is_final(request.answer.as_ref()));
            unfinished.map(|(number, (message, _))| (number, *message)).collect()
        };
        let count = unfinished.len();
        let requests = unfinished.into_iter().map(|(number, message)| async move {
            let answer = self.post(&self.orders[&message]).await;
            if is_over_limit(answer.as_ref()) {
                return;
            }
            let mut known = self.known();
            let (_, request) = &mut known.requests[number];
            (request.answer, request.ended) = (answer, Instant::now());
        });
        let (_, batches, callbacks) =
            join3(join_all(requests), self.repeat_unfinished_batches(), self.report_again()).await;
        count + batches + callbacks
    }

    /// Cancels a message that is known to be accepted.
    pub async fn cancel(&self, message: u32) {
        let Some((account, id)) = self.known().accepted(message) else { return };
        let key = &self.fixture.tenants[account].keys[0];
        self.player.call(key, &format!("DELETE /v1/messages/{id}"), None, &Value::Null).await;
    }

    /// Revokes a key.
    pub async fn revoke(&self, place: usize, key: usize) {
        let account = &self.fixture.tenants[place];
        let keys = self.fixture.stack.accounts.api_keys(&account.account).await.expect("the table answers");
        let named = keys.into_iter().find(|listed| listed.key.name == Tenant::key_name(key));
        let Some(id) = named.map(|listed| listed.key.id) else { return };
        let admin = self.fixture.stack.stack.secrets.text("AdminKey").unwrap_or_default();
        let path = format!("DELETE /v1/admin/accounts/{}/keys/{}", account.account, id);
        let answer = self.manage(&admin, &path, &Value::Null).await;
        if matches!(answer, Some((204 | 404, _))) {
            self.end(Credential::Key(place, key));
        }
    }

    /// Whether the URL that it goes through, if there is one, was opened.
    fn is_possible(&self, order: &Order<'_>) -> bool {
        order.url.is_none_or(|url| self.known().urls.contains_key(&url))
    }

    fn has_key(&self, message: u32) -> bool {
        self.orders.get(&message).is_some_and(|order| order.number.is_some())
    }

    async fn post(&self, order: &Order<'_>) -> Option<(u16, Value)> {
        let tenant = &self.fixture.tenants[order.account];
        let file = match self.file(order).await {
            Ok(file) => file,
            Err(refused) => return refused,
        };
        let body = order.text(tenant.instances[order.instance].as_str(), file.as_deref());
        let number = order.number.map(|number| format!("order-{number}"));
        let url = order.url.and_then(|url| self.known().urls.get(&url).cloned());
        let (key, request) = match &url {
            Some(url) => ("", format!("POST {}", url.path)),
            None => (tenant.keys[order.key].as_str(), "POST /v1/messages/send".to_owned()),
        };
        let ended = self.ended(order);
        let answer = self.player.call_with_text(key, &request, number.as_deref(), Some(body)).await;
        if let (Some(ended), Some((202, accepted))) = (ended, &answer)
            && !self.repeats_an_earlier_answer(ended, accepted).await
        {
            self.known().trespasses.push(format!("{} was accepted after the end of {ended:?}", order.reference()));
        }
        if let Some((422, refusal)) = &answer
            && !self.shares_its_key(order)
            && !refusal["error"]["message"].as_str().is_some_and(|message| message.contains("erased"))
        {
            self.known().trespasses.push(format!("{} was refused for the key of another key space", order.reference()));
        }
        answer
    }

    /// Whether what is answered was accepted before everybody must have seen the end: a key repeats it when the instance was deleted since.
    async fn repeats_an_earlier_answer(&self, ended: Credential, accepted: &Value) -> bool {
        let Some(id) = accepted["messageId"].as_str().and_then(|id| id.parse().ok()) else { return false };
        let created_at = self.fixture.stack.record(&id).await.created_at;
        matches!(ended, Credential::Instance(..)) && !self.is_over_at(ended, created_at)
    }

    /// Whether another message has the same Idempotency-Key in the same key space: that of an account's keys, or of one URL.
    fn shares_its_key(&self, order: &Order<'_>) -> bool {
        let space = |order: &Order<'_>| (order.account, order.url, order.number);
        self.orders.values().any(|other| other.message != order.message && space(other) == space(order))
    }

    /// What the parties have done and heard.
    pub fn known(&self) -> MutexGuard<'_, Known> {
        lock(&self.known)
    }
}

/// Whether a client with an Idempotency-Key takes this answer for the last one.
pub fn is_final(answer: Option<&(u16, Value)>) -> bool {
    answer.is_some_and(|(status, body)| *status < 500 && body["error"]["code"] != "idempotency_in_progress")
}
